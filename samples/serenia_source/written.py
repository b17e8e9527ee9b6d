"""Writes the answers of the API as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from serenia_source.resident import Json


def write_export(folder: Path, residents: Sequence[Json], documents: Sequence[Json]) -> None:
    """Writes residents.json, documents.json and then the end marker, in UTF-8 with LF."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "residents.json", {"residents": residents})
    _write(folder / "documents.json", {"documents": documents})
    _write(folder / "complet.json", {"residents": len(residents), "documents": len(documents)})


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
