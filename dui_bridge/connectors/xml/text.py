"""The characters of an XML file: which encoding it is in, and its text, a block at a time."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from dui_bridge.connectors.wire.encodings import canonical
from dui_bridge.connectors.xml import errors

ENCODINGS: Final = (
    *("utf-8", "cp1252", "iso8859-1", "iso8859-15", "utf-16", "utf-16-le", "utf-16-be"),
    *("cp850", "cp858", "cp437", "mac-roman", "ascii"),
)
_BLOCK: Final = 1 << 16
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WITHOUT_MARK: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_SAID: Final = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")


def encoding_named(name: str) -> str | None:
    """Python's canonical name of an encoding that is read here, or None."""
    return canonical(name, ENCODINGS)


def said_of_itself(start: bytes) -> str:
    """The encoding that a file shows by its first bytes or its XML declaration; UTF-8 by default (XML 1.0 §4.3.3)."""
    for mark, name in (*_MARKS, *_WITHOUT_MARK):
        if start.startswith(mark):
            return name
    found = _SAID.match(start)
    said = found[1].decode("ascii") if found is not None else "utf-8"
    # A declaration that could be read byte by byte is in no 16-bit encoding, whatever it says.
    return "utf-8" if (encoding_named(said) or "").startswith("utf-16") else said


def blocks(stream: BinaryIO, encoding: str, file: str) -> Iterator[str]:
    """The text with line ends as `\\n`. A byte that is no character is the half of a surrogate pair.

    Raises:
        XmlEncoding: the file is no 16-bit text although it should be.
    """
    name, handler = ("utf-8-sig" if encoding == "utf-8" else encoding), "surrogateescape"
    if encoding.startswith("utf-16"):
        handler = "strict"
    text = io.TextIOWrapper(stream, name, handler, newline=None)
    line = 1
    try:
        while block := text.read(_BLOCK):
            line += block.count("\n")
            yield block
    except UnicodeError:
        raise errors.XmlEncoding(file=file, line=str(line), encoding=encoding, byte="") from None
    finally:
        if not stream.closed:
            text.detach()
