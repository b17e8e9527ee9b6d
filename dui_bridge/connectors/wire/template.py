"""Paths with `{column}` in them: the file, or the address, of what belongs to one object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from dui_bridge.model.exchange import Cell

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Unfillable(Exception):
    """The object has no value of a column that can stand in a path."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(column)


def columns_of(template: str) -> tuple[str, ...] | None:
    """The columns between braces; None when the braces do not match or one is empty."""
    rest = _BRACES.sub("", template)
    columns = tuple(_BRACES.findall(template))
    return None if "{" in rest or "}" in rest or not all(columns) else columns


def fill(template: str, cells: Mapping[str, Cell], encode: Callable[[str], str] = str) -> str:
    """The path of an object; a value never adds a level to it nor leads out of it.

    Args:
        encode: what a value becomes in the path.
    Raises:
        Unfillable: a value is missing, blank, no plain text, `.` or `..`, or holds a separator that `encode` leaves.
    """

    def value(found: re.Match[str]) -> str:
        cell = cells.get(found[1])
        text = encode(cell.strip()) if isinstance(cell, str) else ""
        if not text.strip(".") or "/" in text or "\\" in text or "\0" in text:
            raise Unfillable(found[1])
        return text

    return _BRACES.sub(value, template)
