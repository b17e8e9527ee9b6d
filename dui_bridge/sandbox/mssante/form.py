"""Whether a mail has the form that an operator and the software of a recipient count on.

Written for the stand-in alone, from RFC 5321, RFC 5322 and the headers that the ANS asks for (référentiel socle
MSSanté #2, ECO.2.1 to ECO.2.4, as quoted in public): a fault of the bridge is refused here, and not only not noticed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final

_FIELD: Final = re.compile(rb"([!-9;-~]+):([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)\r\n")
_BLANK_LINE: Final = re.compile(rb"\r\n[ \t]+(?=\r\n)")
_FOLD: Final = re.compile(r"\r\n(?=[ \t])")
_LONGEST: Final = 998
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_ARCHIVE: Final = re.compile(rb'name="?IHE_XDM\.zip', re.IGNORECASE)
_PART_HEAD: Final = 2_000
_SUBJECT: Final = re.compile(r"(?:\[Annule et remplace\] )?XDM/1\.0/DDM\+\S.*")
_ID: Final = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_AT_MOST_ONCE: Final = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "disposition-notification-to",
)
_WITH_DOCUMENTS: Final = ("From", "To", "Subject", "Date", "Message-ID", "X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS")
"""Of a mail that brings documents, each once."""


def fault(content: bytes) -> str:
    """What is wrong with a mail, in words of ASCII; empty when nothing is."""
    return next(_faults(content), "")


def _faults(content: bytes) -> Iterator[str]:
    if len({content.count(end) for end in (b"\r", b"\n", b"\r\n")}) > 1:
        yield "CR ou LF isole"
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n"
    fields: list[tuple[str, str]] = []
    at = 0
    while at < len(head):
        found = _FIELD.match(head, at)
        if found is None:
            yield "En-tetes mal formes"
            return
        fields.append((found[1].decode("ascii"), found[2].decode("utf-8", "replace")))
        at = found.end()
    if not head.isascii() or _BLANK_LINE.search(head) is not None:
        yield "En-tetes mal formes"
    if max(map(len, head.split(b"\r\n"))) > _LONGEST:
        yield "Ligne d'en-tete trop longue"
    names = Counter(name.lower() for name, _ in fields)
    for name in (*_AT_MOST_ONCE, *(one for one in names if one.startswith("x-mss-"))):
        if names[name] > 1:
            yield f"En-tete {name} en double"
    if any(value.startswith("\r\n") for value in (one.lstrip(" \t") for _, one in fields)):
        yield "Premiere ligne d'en-tete vide"
    values = {name.lower(): _FOLD.sub("", value).strip() for name, value in fields}
    if "message-id" in values and _ID.fullmatch(values["message-id"]) is None:
        yield "Message-ID mal forme"
    if _brings_documents(content, values.get("content-type", "")):
        yield from _with_documents(values)


def _with_documents(values: dict[str, str]) -> Iterator[str]:
    for name in _WITH_DOCUMENTS:
        if not values.get(name.lower()):
            yield f"En-tete {name} absent"
    if values.get("x-mss-ins") not in {"O", "N"}:
        yield "X-MSS-INS : O ou N attendu"
    if values.get("x-mss-mes", "FIN") != "FIN":
        yield "X-MSS-MES : FIN attendu"
    if _SUBJECT.fullmatch(_in_clear(values.get("subject", ""))) is None:
        yield "Objet hors de la forme XDM/1.0/DDM+"


def _brings_documents(content: bytes, kind: str) -> bool:
    """Whether a part of its own, and not of a mail that it brings back, is an archive of documents."""
    found = _BOUNDARY.search(kind)
    if found is None or not kind.lower().startswith("multipart/mixed"):
        return False
    parts = content.split(b"\r\n--" + found[1].encode("utf-8"))[1:]
    return any(_ARCHIVE.search(part[:_PART_HEAD].partition(b"\r\n\r\n")[0]) is not None for part in parts)


def _in_clear(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value
