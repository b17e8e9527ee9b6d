"""Just enough of XPath's grammar to cut an expression at its tokens (XPath 3.1, A.2.1): never inside a string."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:[^"]|"")*"|'(?:[^']|'')*')
      | (?P<space>\s+|\(:.*?:\))
      | (?P<name>\$?[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)
      | (?P<symbol>::|//|!=|<=|>=|<<|>>|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def tokens(expression: str) -> list[str]:
    """The tokens; blanks and comments become one blank each."""
    return [" " if m.lastgroup == "space" else m[0] for m in _TOKEN.finditer(expression)]


def meaningful(parts: Sequence[str]) -> list[str]:
    """The tokens without the blanks."""
    return [part for part in parts if part != " "]


def split(parts: Sequence[str], separators: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    """Cuts at the separators that stand outside of every bracket: (the separator before, the tokens)."""
    depth, before, current = 0, "", list[str]()
    for part in parts:
        depth += (part in _OPEN) - (part in _CLOSE)
        if depth == 0 and part in separators:
            yield before, current
            before, current = part, []
        else:
            current.append(part)
    yield before, current


def closing(parts: Sequence[str], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`; -1 when none does."""
    depth = 0
    for index in range(opening, len(parts)):
        depth += (parts[index] in _OPEN) - (parts[index] in _CLOSE)
        if depth == 0:
            return index
    return -1


def is_string(part: str) -> bool:
    """Whether a token is a string literal."""
    return part[:1] in {"'", '"'}


def unquoted(literal: str) -> str:
    """The value of a string literal."""
    return literal[1:-1].replace(literal[0] * 2, literal[0])


def quoted(text: str) -> str:
    """A string literal of a text."""
    return "'" + text.replace("'", "''") + "'"


def variables(expression: str) -> set[str]:
    """The names of the variables that an expression uses and does not bind itself (`for $x in`, `let $x :=`)."""
    parts = meaningful(tokens(expression))
    used = {part[1:] for part in parts if part.startswith("$") and len(part) > 1}
    bound = {part[1:] for part, after in pairwise(parts) if part.startswith("$") and after in {"in", ":"}}
    return used - bound
