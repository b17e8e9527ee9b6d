"""Outcome rows as a JSON file: one array, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dui_bridge.connectors.wire.outcome_text import Cells, Encoded, writable


def encode(rows: Iterable[Cells], *, lines: bool) -> Encoded:
    """The file, in UTF-8; every line ends with LF."""
    replaced = 0
    objects: list[str] = []
    for row in rows:
        made: dict[str, str | int | None] = {}
        for name, value in row.items():
            made[name] = value
            if isinstance(value, str):
                made[name], count = writable(value, "utf-8")
                replaced += count
        objects.append(json.dumps(made, ensure_ascii=False))
    text = "".join(f"{one}\n" for one in objects) if lines else "[{}\n]\n".format(",".join(f"\n{o}" for o in objects))
    return Encoded(text.encode("utf-8", "replace"), replaced)
