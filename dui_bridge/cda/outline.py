"""A document without the file in it: the base64 of a level 1 body is most of its bytes, and is the same in every form.

To parse it and to write its canonical form again costs more than all the rest of the document, character by character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dui_bridge.cda.reader import MAX_BYTES, parse_cda
from dui_bridge.cda.xml import Element

MARK: Final = b"dui-bridge:file"
"""What stands in the place of the file."""

_UTF_8: Final = re.compile(rb"""<\?xml\s+version=["']1\.0["']\s+encoding=["'](?i:UTF-8)["']""")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n\t "
"""What XML neither escapes nor changes, wherever it stands; a carriage return it does."""
_LEAST: Final = 1024
"""Bytes of a file that is worth it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document that is parsed.

    Args:
        root: with `MARK` instead of the file, or whole.
        file: the base64 as it is written; None when `root` is whole.
    """

    root: Element
    file: bytes | None = None


def parse_outline(data: bytes, *, max_bytes: int = MAX_BYTES) -> Outline:
    """As `parse_cda`; it refuses what that refuses, and nothing else.

    Raises:
        NotCda.
    """
    place = _place(data) if len(data) <= max_bytes else None
    if place is None:
        return Outline(parse_cda(data, max_bytes=max_bytes))
    root = parse_cda(data[: place.start] + MARK + data[place.stop :], max_bytes=max_bytes)
    return Outline(root, data[place])


def _place(data: bytes) -> slice | None:
    """Where the text of the first element of base64 stands; None when it cannot be told apart without parsing."""
    found = data.find(b'representation="B64"')
    if found < 0 or not _UTF_8.match(data):
        return None
    start = data.find(b">", found) + 1
    stop = data.find(b"<", start)
    if not 0 < start < stop - _LEAST or data[start:stop].translate(None, _BASE64):
        return None
    if MARK in data[:start] or MARK in data[stop:]:
        return None
    return slice(start, stop)
