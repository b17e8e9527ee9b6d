"""The words of an IMAP command (RFC 3501): atoms, strings and lists; sequence sets; what SEARCH asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import policy
from email.parser import BytesHeaderParser
from typing import Final

from dui_bridge.sandbox.mssante.store import Mail

Word = str | list["Word"]
"""An atom or a string, or a list of words."""


class BadCommand(ValueError):
    """A command that the stand-in cannot read, or does not know; its text is the answer."""


_DEEPEST: Final = 20
_WORD: Final = re.compile(
    r'\s*(?:"(?P<string>(?:[^"\\]|\\.)*)"|(?P<mark>[()])|(?P<atom>[^\s()"\[]+(?:\[[^\]]*\])?(?:<[\d.]+>)?))',
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LITERAL: Final = re.compile(rb"\{(\d{1,9})(\+?)\}\r?\n\Z")
_CONTENTS: Final = frozenset({"HEADER", "SUBJECT", "FROM", "TO", "LARGER", "SMALLER"})
_FLAGS: Final = {
    "SEEN": "\\Seen",
    "ANSWERED": "\\Answered",
    "FLAGGED": "\\Flagged",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
}


def literal(line: bytes) -> tuple[int, bool] | None:
    """The length of the literal that a line announces, and whether it comes without being asked for; None for none."""
    found = _LITERAL.search(line)
    return None if found is None else (int(found[1]), bool(found[2]))


def with_literal(line: bytes, data: bytes) -> bytes:
    """A line with its literal as a quoted string."""
    return line[: line.rindex(b"{")] + b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def words(text: str) -> list[Word]:
    """The words of a text.

    Raises:
        BadCommand: it is not made of words.
    """
    lists: list[list[Word]] = [[]]
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _WORD.match(text, position)
        if found is None or len(lists) > _DEEPEST:
            raise BadCommand("BAD Commande illisible")
        position = found.end()
        if found["mark"] == "(":
            lists[-1].append([])
            lists.append(lists[-1][-1])  # type: ignore[arg-type]
        elif found["mark"] == ")":
            if len(lists) == 1:
                raise BadCommand("BAD Parenthese de trop")
            lists.pop()
        elif found["string"] is not None:
            lists[-1].append(_ESCAPED.sub(r"\1", found["string"]))
        else:
            lists[-1].append(found["atom"])
    if len(lists) > 1:
        raise BadCommand("BAD Parenthese ouverte")
    return lists[0]


def plain(word: Word) -> str:
    """A word that is no list.

    Raises:
        BadCommand: it is one.
    """
    if isinstance(word, str):
        return word
    raise BadCommand("BAD Liste inattendue")


def numbered(mails: Iterable[tuple[int, Mail]], numbers: str, *, by_uid: bool) -> list[tuple[int, Mail]]:
    """The mails, with their sequence numbers, that a sequence set means; `*` is the last one.

    Raises:
        BadCommand: it is none.
    """
    keyed = [(mail.uid if by_uid else sequence, (sequence, mail)) for sequence, mail in mails]
    ranges = list(_ranges(numbers, max((number for number, _ in keyed), default=0)))
    return [one for number, one in keyed if any(number in some for some in ranges)]


def found(mails: Iterable[tuple[int, Mail]], asked: list[Word]) -> list[tuple[int, Mail]]:
    """The mails, by sequence number, for which all that SEARCH asks is true.

    Raises:
        BadCommand: a key that the stand-in does not know.
    """
    there = list(mails)
    hits = _all(there, asked)
    return [one for one in there if one[0] in hits]


def _all(mails: list[tuple[int, Mail]], asked: list[Word]) -> set[int]:
    hits = {sequence for sequence, _ in mails}
    left = list(asked)
    while left:
        hits &= _next(mails, left)
    return hits


def _next(mails: list[tuple[int, Mail]], left: list[Word]) -> set[int]:
    """The mails for which the first key is true, which is taken away."""
    if not left:
        raise BadCommand("BAD Il manque un critere")
    word = left.pop(0)
    if isinstance(word, list):
        return _all(mails, word)
    key = word.upper()
    if key == "CHARSET":
        _argument(left)
    if key in {"ALL", "CHARSET"}:
        return _all(mails, [])
    if key == "NOT":
        return _all(mails, []) - _next(mails, left)
    if key == "OR":
        return _next(mails, left) | _next(mails, left)
    if key == "UID" or key[:1].isdecimal() or key[:1] == "*":
        meant = numbered(mails, _argument(left) if key == "UID" else key, by_uid=key == "UID")
    elif key in _CONTENTS:
        meant = _by_content(mails, key, left)
    else:
        meant = _by_flag(mails, key, left)
    return {sequence for sequence, _ in meant}


def _by_content(mails: list[tuple[int, Mail]], key: str, left: list[Word]) -> list[tuple[int, Mail]]:
    name = _argument(left) if key == "HEADER" else key
    wanted = _argument(left)
    if key not in {"LARGER", "SMALLER"}:
        return [one for one in mails if _header_has(one[1], name, wanted)]
    size = int(wanted)
    return [
        one for one in mails if (length := one[1].path.stat().st_size) != size and (length > size) is (key == "LARGER")
    ]


def _header_has(mail: Mail, name: str, wanted: str) -> bool:
    values = BytesHeaderParser(policy=policy.default).parsebytes(mail.content).get_all(name, [])
    return any(wanted.lower() in str(value).lower() for value in values)


def _by_flag(mails: list[tuple[int, Mail]], key: str, left: list[Word]) -> list[tuple[int, Mail]]:
    name = key.removeprefix("UN")
    flag = _argument(left) if name == "KEYWORD" else _FLAGS.get(name)
    if flag is None:
        raise BadCommand("BAD Critere que le bac a sable ne connait pas")
    return [one for one in mails if (flag in one[1].flags) is (name == key)]


def _argument(left: list[Word]) -> str:
    if not left:
        raise BadCommand("BAD Il manque un mot")
    return plain(left.pop(0))


def _ranges(numbers: str, largest: int) -> Iterator[range]:
    for part in numbers.split(","):
        first, colon, last = part.partition(":")
        ends = [
            largest if end == "*" else int(end) if end.isascii() and end.isdecimal() else -1
            for end in (first, last or first)
        ]
        if min(ends) < 0 or (colon and not last):
            raise BadCommand("BAD Suite de numeros illisible")
        yield range(min(ends), max(ends) + 1)
