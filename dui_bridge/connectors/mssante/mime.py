"""Reads the structure of a mail (RFC 5322, 2045 to 2047, 2231) within bounds, whatever it holds.

Not `email.parser`: some mails of a few kilobytes keep it busy for a minute or overflow its stack, and a mail of 25 MB
costs it ten times its size. Here no time grows faster than the mail, a content is a view of the mail's own bytes until
somebody asks for it, and nothing is raised.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final
from urllib.parse import unquote_to_bytes

from dui_bridge.connectors.wire.multipart import MediaType, media_type

MOST_PARTS: Final = 250
DEEPEST: Final = 8
_LONGEST_HEAD: Final = 262_144
_LONGEST_INNER_HEAD: Final = 16_384
_MOST_FIELDS: Final = 5_000
"""Headers of a whole mail, those of its parts included."""
_LONGEST_VALUE: Final = 4_096
"""Characters of a header that are read; a longer list of recipients is no concern of ours."""

_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,20}:([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_BLANK: Final = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_MBOX: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?[\r\n]{0,100}(?:>?From [^\n]*\n)?")
_DELIMITER_END: Final = re.compile(rb"(--)?(?:\xe2\x80\x93|\xe2\x80\x94)?[ \t]*\r?(?:\n|\Z)")
"""What ends the line of a delimiter. The official example of a report closes with an em dash: it closes nothing."""
_CONTINUED: Final = re.compile(r"\*(\d{1,3})?(\*)?\Z")
_TEXT: Final = MediaType("text/plain")
Headers = Mapping[str, tuple[str, ...]]
"""Name in lower case → its values, unfolded, RFC 2047 not decoded, in the order of the mail."""


@dataclass(frozen=True)
class Section:
    """A mail, or a part of one.

    Args:
        headers: its own; `value` and `text` read one.
        media: its Content-Type.
        body: after its headers, as it stands in the mail.
        parts: of a multipart.
        defects: what is wrong with its form: `no_blank_line`, `long_head`, `no_boundary`, `not_closed`, `too_many`,
            `too_deep`.
    """

    headers: Headers
    media: MediaType
    body: memoryview = field(repr=False)
    parts: tuple[Section, ...] = ()
    defects: tuple[str, ...] = ()

    def value(self, name: str) -> str:
        """The first header of that name, as written; empty when there is none."""
        return self.headers.get(name, ("",))[0]

    def text(self, name: str) -> str:
        """The first header of that name with its encoded words in clear."""
        return in_clear(self.value(name))

    @property
    def name(self) -> str:
        """The name of the attached file, empty without one."""
        disposition = media_type(self.value("content-disposition"))
        return _parameter(disposition, "filename") or _parameter(self.media, "name")

    def data(self) -> bytes:
        """The content, its transfer encoding undone, however damaged."""
        # The second spelling is that of the official example of a report.
        encoding = self.value("content-transfer-encoding") or self.value("content-transfert-encoding")
        match encoding.strip().lower():
            case "base64":
                return _base64(self.body)
            case "quoted-printable":
                return binascii.a2b_qp(self.body)
        return bytes(self.body)

    def start(self, most: int) -> bytes:
        """The first bytes of the content."""
        return Section(self.headers, self.media, self.body[: 4 * most]).data()[:most]

    def in_words(self, most: int) -> str:
        """The content as text, at most so many bytes of it."""
        return decoded(self.start(most), self.media.parameters.get("charset", "utf-8"))

    def leaves(self) -> Iterator[Section]:
        """The parts that hold something, those of inner multiparts too; itself when it is no multipart."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def all_defects(self) -> Iterator[str]:
        """Its defects and those of its parts."""
        yield from self.defects
        for part in self.parts:
            yield from part.all_defects()


def read_section(data: bytes) -> Section:
    """A mail, from its bytes: CRLF or LF, with or without the separator of an mbox."""
    start = _MBOX.match(data)
    return _Reader(data).read(start.end() if start is not None else 0, len(data), _LONGEST_HEAD, DEEPEST)


def read_fields(data: bytes) -> list[dict[str, str]]:
    """The blocks of fields of a report, blank lines between: name in lower case → the first value, in clear."""
    blocks: list[dict[str, str]] = []
    reader, at = _Reader(data), 0
    while at < len(data) and len(blocks) < MOST_PARTS:
        headers, end, _ = reader.head(at, len(data), _LONGEST_HEAD)
        if headers:
            blocks.append({name: in_clear(values[0]) for name, values in headers.items()})
        at = end if end > at else (data.find(b"\n", at) + 1) or len(data)
    return blocks


def in_clear(value: str) -> str:
    """A header with its encoded words (RFC 2047) in clear; as it is when they cannot be read."""
    if "=?" not in value:
        return value
    try:
        pieces = (
            one if isinstance(one, str) else one.decode(charset or "raw-unicode-escape", "replace")
            for one, charset in decode_header(value)
        )
        return _whole("".join(pieces))
    except (HeaderParseError, LookupError, ValueError):
        return value


def decoded(data: bytes, charset: str) -> str:
    """Text of a charset that may be unknown or wrong."""
    for one in (charset, "utf-8", "cp1252"):
        try:
            return _whole(data.decode(one))
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _whole(text: str) -> str:
    """A text without half characters, which some charsets leave and nothing can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class _Reader:
    """Reads between positions of one mail, and counts its parts and headers."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parts, self._fields = MOST_PARTS, _MOST_FIELDS

    def read(self, start: int, end: int, longest: int, depth: int) -> Section:
        """The section that stands there; its headers take at most `longest` bytes."""
        headers, at, defects = self.head(start, end, longest)
        kind = headers.get("content-type", ("",))[0]
        media = media_type(kind) if kind else _TEXT
        spans: list[tuple[int, int]] = []
        if media.name.startswith("multipart/"):
            boundary = media.parameters.get("boundary", "").rstrip()
            if not boundary:
                defects.append("no_boundary")
            elif not depth:
                defects.append("too_deep")
            else:
                spans, closed = self._spans(at, end, b"--" + boundary.encode("latin-1", "replace"))
                if not closed:
                    defects.append("not_closed" if self._parts else "too_many")
        parts = tuple(self.read(*span, _LONGEST_INNER_HEAD, depth - 1) for span in spans)
        return Section(headers, media, memoryview(self._data)[at:end], parts, tuple(defects))

    def head(self, start: int, end: int, longest: int) -> tuple[dict[str, tuple[str, ...]], int, list[str]]:
        """The headers, where the body begins, and what is wrong with them."""
        found: dict[str, list[str]] = {}
        defects, at, last = ["long_head"] if end - start > longest else [], start, min(end, start + longest)
        while at < last and self._fields:
            blank = _BLANK.match(self._data, at, last)
            one = None if blank is not None else _FIELD.match(self._data, at, last)
            if one is None:
                defects = [] if blank is not None else ["no_blank_line"]
                at = at if blank is None else blank.end()
                break
            self._fields -= 1
            found.setdefault(one[1].decode("ascii").lower(), []).append(_value(one[2]))
            at = one.end()
        return {name: tuple(values) for name, values in found.items()}, at, defects

    def _spans(self, at: int, end: int, dashes: bytes) -> tuple[list[tuple[int, int]], bool]:
        """Where the parts begin and end, and whether the last is closed."""
        data, start = self._data, -1
        spans: list[tuple[int, int]] = []
        found = at if data.startswith(dashes, at, end) else self._next(dashes, at, end)
        while found >= 0:
            line_end = _DELIMITER_END.match(data, found + len(dashes), end)
            if line_end is not None:
                if start >= 0:
                    if not self._parts:
                        return spans, False
                    self._parts -= 1
                    spans.append((start, self._before(start, found)))
                if line_end[1]:
                    return spans, True
                start = line_end.end()
            # A delimiter may stand right after another: its line begins where that one ended.
            found = self._next(dashes, found + len(dashes), end)
        if start >= 0 and self._parts:
            self._parts -= 1
            spans.append((start, end))
        return spans, False

    def _next(self, dashes: bytes, at: int, end: int) -> int:
        found = self._data.find(b"\n" + dashes, at, end)
        return found + 1 if found >= 0 else -1

    def _before(self, start: int, end: int) -> int:
        """The end of a part: the line end before a delimiter belongs to the delimiter."""
        if end > start and self._data[end - 1 : end] == b"\n":
            end -= 1
        if end > start and self._data[end - 1 : end] == b"\r":
            end -= 1
        return end


def _value(raw: bytes) -> str:
    return _FOLD.sub(" ", decoded(raw[:_LONGEST_VALUE], "utf-8")).strip()


def _parameter(media: MediaType, name: str) -> str:
    """A parameter, its pieces and its charset (RFC 2231) put together."""
    plain = media.parameters.get(name)
    if plain is not None:
        return in_clear(plain)
    pieces: dict[int, tuple[str, bool]] = {}
    for key, value in media.parameters.items():
        form = _CONTINUED.fullmatch(key, len(name)) if key.startswith(name) else None
        if form is not None:
            pieces[int(form[1] or 0)] = (value, bool(form[2]) or form[1] is None)
    charset, found = "utf-8", b""
    for number, (value, escaped) in sorted(pieces.items()):
        if escaped and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        found += unquote_to_bytes(value) if escaped else value.encode()
    return decoded(found, charset or "utf-8")


def _base64(body: memoryview) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        # Cut: what is whole of it.
        digits = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(digits[: len(digits) // 4 * 4])
