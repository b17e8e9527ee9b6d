"""What FETCH answers of one mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from dui_bridge.sandbox.mssante.imap_words import BadCommand, Word, plain
from dui_bridge.sandbox.mssante.store import Mail

SEEN: Final = "\\Seen"

_FAST: Final = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
_BODY: Final = re.compile(
    r"BODY(?:\.PEEK)?\[(?P<section>[^\]]*)\](?:<(?P<start>\d+)\.(?P<length>\d+)>)?", re.IGNORECASE
)
_FIELDS: Final = re.compile(r"HEADER\.FIELDS(?P<but>\.NOT)? \((?P<names>[^)]*)\)", re.IGNORECASE)
_ALIASES: Final = {"RFC822": "BODY[]", "RFC822.HEADER": "BODY.PEEK[HEADER]", "RFC822.TEXT": "BODY[TEXT]"}


def items(asked: Word, *, by_uid: bool) -> list[str]:
    """The items of a FETCH, UID among them when it is by UID.

    Raises:
        BadCommand: an item that the stand-in does not know.
    """
    listed = [plain(word) for word in asked] if isinstance(asked, list) else [asked]
    named = [part for one in listed for part in (_FAST if one.upper() == "FAST" else (one,))]
    if by_uid and "UID" not in {one.upper() for one in named}:
        named = ["UID", *named]
    for one in named:
        if one.upper() not in {"UID", *_FAST, *_ALIASES} and _BODY.fullmatch(one) is None:
            raise BadCommand("BAD Element que le bac a sable ne connait pas")
    return named


def marks_seen(asked: Iterable[str]) -> bool:
    """Whether a mail is read by that, and not only looked at."""
    return any(_ALIASES.get(one.upper(), one.upper()).startswith("BODY[") for one in asked)


def answer(sequence: int, mail: Mail, asked: Iterable[str]) -> bytes:
    """The line of one mail, its literals included."""
    parts = [_part(mail, one) for one in asked]
    return b"* %d FETCH (%s)\r\n" % (sequence, b" ".join(parts))


def flags(mail: Mail) -> bytes:
    """The flags of a mail."""
    return "FLAGS ({})".format(" ".join(sorted(mail.flags))).encode("latin-1")


def _part(mail: Mail, item: str) -> bytes:
    name = item.upper()
    if name == "UID":
        return b"UID %d" % mail.uid
    if name == "FLAGS":
        return flags(mail)
    if name == "INTERNALDATE":
        return b'INTERNALDATE "%s"' % mail.at.strftime("%d-%b-%Y %H:%M:%S %z").encode("ascii")
    if name == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(mail.content)
    body = _BODY.fullmatch(_ALIASES.get(name, item))
    if body is None:
        raise BadCommand("BAD Element que le bac a sable ne connait pas")
    data = _section(mail.content, body["section"])
    told = name if name in _ALIASES else f"BODY[{body['section']}]"
    if body["start"] is not None:
        start = int(body["start"])
        data, told = data[start : start + int(body["length"])], f"{told}<{start}>"
    return b"%s {%d}\r\n%s" % (told.encode("latin-1"), len(data), data)


def _section(content: bytes, section: str) -> bytes:
    head, _, text = content.partition(b"\r\n\r\n")
    fields = _FIELDS.fullmatch(section)
    if section == "":
        return content
    if section.upper() == "HEADER":
        return head + b"\r\n\r\n"
    if section.upper() == "TEXT":
        return text
    if fields is None:
        raise BadCommand("BAD Partie que le bac a sable ne connait pas")
    wanted = {name.strip('"').lower().encode("latin-1") for name in fields["names"].split()}
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if (line.partition(b":")[0].lower() in wanted) is not bool(fields["but"])]
    return b"".join(line + b"\r\n" for line in kept) + b"\r\n"
