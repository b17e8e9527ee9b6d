"""What must never be seen: tokens and secrets are held here, and shown by nothing."""

from __future__ import annotations

from typing import NoReturn


class Token:
    """A text that `reveal` alone gives: no repr, no format, no copy on a disk."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text, for the header or the form in which it leaves."""
        return self._value

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not written anywhere")
