"""Writes the headers of a mail, so that no value becomes one.

Not `email`: what is set in its headers is decoded (RFC 2047) and written out again, so that an encoded line end in the
name of a person is a header of ours. Pure. Sources: RFC 5322 §2.2 and §3.4, RFC 2047 §5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.header import Header
from typing import Final

from dui_bridge.cda.xml import clean
from dui_bridge.connectors.mssante.errors import HeadersWrong
from dui_bridge.connectors.mssante.wording import plain

_LINE: Final = 76
_LONGEST_LINE: Final = 998
"""Bytes of a line, without its end (RFC 5322 §2.1.1)."""
_LONGEST_TEXT: Final = 900
_LONGEST_NAME: Final = 200
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_FIELD: Final = re.compile(r"(?:[ -~]+(?:\r\n [!-~][ -~]*)*)?")
"""A value on one line, or folded on lines of which none is empty."""


def unstructured(text: str, name: str = "Subject") -> str:
    """A text as the value of a header: as it is on one line when it is plain ASCII, else encoded.

    Args:
        name: of the header.
    """
    told = _printable(text)
    if told.isascii() and "=?" not in told and len(told) <= _LONGEST_TEXT:
        return told
    return _encoded(told, name)


def address(mailbox: str, name: str = "", header: str = "To") -> str:
    """A mailbox with the name shown beside it.

    Args:
        mailbox: ASCII, as `trusted.is_address` has it.
        header: in which it stands.
    """
    shown = _printable(name)[:_LONGEST_NAME].strip()
    if not shown:
        return mailbox
    if not shown.isascii() or "=?" in shown:
        return f"{_encoded(shown, header)} <{mailbox}>"
    if _ATOMS.fullmatch(shown) is None:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{escaped}"'
    return f"{shown} <{mailbox}>"


def addresses(values: Iterable[str]) -> str:
    """Several of `address`, one a line."""
    return ",\r\n ".join(values)


def token(text: str) -> str:
    """A value that a machine wrote: ASCII on one line, that nobody decodes."""
    return _printable(plain(text)).replace("=?", "")[:_LONGEST_TEXT]


def block(fields: Sequence[tuple[str, str]], allowed: frozenset[str]) -> bytes:
    """The headers, each line with its end.

    Args:
        fields: name and value, in their order.
        allowed: names that may stand there, each once.
    Raises:
        HeadersWrong: they would be read as others than these.
    """
    names = [name for name, _ in fields]
    if not allowed.issuperset(names) or len(set(names)) != len(names):
        raise HeadersWrong
    lines = []
    for name, value in fields:
        line = f"{name}: {value}\r\n"
        if _FIELD.fullmatch(value) is None or max(map(len, line.split("\r\n"))) > _LONGEST_LINE:
            raise HeadersWrong
        lines.append(line)
    return "".join(lines).encode("ascii")


def _printable(text: str) -> str:
    return "".join(one for one in clean(text) if one.isprintable())


def _encoded(text: str, name: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
