"""Where the values of a built document came from: told in the run's report, and kept for `cda validate`.

The journal keeps digests only, so a run writes `<data>/origins/<unique id>.json`: XPath → export file, row, column and
place in the mapping. No value of a dossier is in it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from dui_bridge.cda.origins import model_paths
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Finding, Origin, Place
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.pipeline.build import Made, Subject

Origins: TypeAlias = Mapping[str, Origin]
"""XPath, without prefixes and without `[1]` → where the value there came from."""

_OID: Final = re.compile(r"[0-9.]{1,64}", re.ASCII)
_FIRST: Final = "[1]"


def document_origins(mapped: Mapped, subject: Subject, made: Made) -> Origins:
    """The origins of what a document says, as the mapping knows them; a summary is made of the last synthèse."""
    item = subject.item if subject.item is not None else subject.dossier.syntheses[-1]
    paths = {**model_paths(subject.dossier, item, subject.path, made.header), **made.body_paths}
    found = ((xpath, mapped.origin(path)) for xpath, path in paths.items())
    return {xpath: origin for xpath, origin in found if origin is not None}


def located(findings: Iterable[Finding], origins: Origins) -> tuple[Finding, ...]:
    """The findings, those at an XPath with the origin of the nearest value that holds it, when there is one."""
    return tuple(
        replace(finding, at=origin)
        if finding.at is None and (origin := _nearest(finding.path, origins)) is not None
        else finding
        for finding in findings
    )


def _nearest(path: str, origins: Origins) -> Origin | None:
    path = path.replace(_FIRST, "")
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition("/")[0]
    return None


def write_origins(data: Path, unique_id: str, origins: Origins) -> None:
    """Keeps the origins of a document, for the site's user only. Raises FileUnusable."""
    path = _file(data, unique_id)
    part = path.with_suffix(".part")
    text = json.dumps({xpath: _as_json(origin) for xpath, origin in origins.items()}, ensure_ascii=False)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(part, flags, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        part.replace(path)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None


def read_origins(data: Path, unique_id: str) -> Origins:
    """The origins of a document that this site built; empty when it did not, or when they cannot be read."""
    if _OID.fullmatch(unique_id) is None:
        return {}
    try:
        kept = json.loads(_file(data, unique_id).read_text(encoding="utf-8"))
        return {xpath: _from_json(origin) for xpath, origin in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # An aid only: the findings stand without it.
        return {}


def kept_origins(data: Path) -> list[str]:
    """The unique ids of the documents whose origins are kept. Raises OSError."""
    folder = data / "origins"
    if not folder.is_dir():
        return []
    return sorted(path.stem for path in folder.glob("*.json") if _OID.fullmatch(path.stem) is not None)


def remove_origins(data: Path, unique_id: str) -> None:
    """Forgets the origins of a document. Raises OSError."""
    _file(data, unique_id).unlink(missing_ok=True)


def _file(data: Path, unique_id: str) -> Path:
    return data / "origins" / f"{unique_id}.json"


def _as_json(origin: Origin) -> list[Any]:
    at = origin.mapping
    place = [at.file, at.line, at.column] if at is not None else None
    return [origin.file, origin.row, origin.column, place]


def _from_json(kept: list[Any]) -> Origin:
    file, row, column, place = kept
    return Origin(str(file), int(row), column, Place(*place) if place else None)
