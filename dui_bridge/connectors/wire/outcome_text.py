"""Values of outcome rows as text that their file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Cells: TypeAlias = "Mapping[str, str | int | None]"
"""One row: name → value; a value that is a number is not text from outside."""

UNWRITABLE: Final = "?"
_KEPT: Final = frozenset("\t\r\n")


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a file.

    Args:
        replaced: characters that became `?`, because the encoding has none for them or they are control characters.
        neutralised: cells that a spreadsheet would have taken for a formula.
    """

    data: bytes
    replaced: int = 0
    neutralised: int = 0


def writable(text: str, encoding: str) -> tuple[str, int]:
    """The text with what cannot be written as `?`, and how many characters that were."""
    if text.isprintable() and _can_encode(text, encoding):
        return text, 0
    made = [character if _is_writable(character, encoding) else UNWRITABLE for character in text]
    return "".join(made), sum(new != old for new, old in zip(made, text, strict=True))


def _is_writable(character: str, encoding: str) -> bool:
    if (character < " " and character not in _KEPT) or character == "\x7f":
        return False
    return _can_encode(character, encoding)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True
