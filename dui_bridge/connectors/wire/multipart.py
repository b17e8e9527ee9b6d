"""Reads the parts of a multipart body (RFC 2046 §5.1) while it comes, within bounds, whatever it holds.

Lines end with CRLF as RFC 2046 wants, or all of them with LF, as messages do that were kept as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.wire.net_errors import NotSoap

_LONGEST_HEAD: Final = 16_384
"""Bytes of the headers of a part, and of what stands before the first part."""
_PADDING: Final = 100
"""Bytes after a boundary that are looked at for the end of its line."""
_PARAMETER: Final = re.compile(r';\s*([!#-\'*+.0-9A-Z^_`a-z|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s"]*))')
"""A quote that is not closed runs to the end: to look for its end from each of many would take their square."""
_FOLDED: Final = re.compile(r"\r?\n[ \t]+")
_ESCAPED: Final = re.compile(r"\\(.)")
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
_LINE_END: Final = re.compile(rb"[ \t]{0,90}(\r\n|\n)")
_CLOSE: Final = re.compile(rb"--[ \t]{0,90}(?:\r\n|\n|\Z)")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type: `name` in lower case, and its parameters by their names in lower case."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def media_type(header: str) -> MediaType:
    """The Content-Type that a header gives; of a parameter given twice, the first."""
    name, _, _ = header.partition(";")
    parameters: dict[str, str] = {}
    for key, quoted, token in _PARAMETER.findall(header[len(name) :]):
        parameters.setdefault(key.lower(), _ESCAPED.sub(r"\1", quoted) if quoted else token)
    return MediaType(name.strip().lower(), parameters)


@dataclass(frozen=True, slots=True)
class IncomingPart:
    """A part: its headers by their names in lower case, and the blocks of its content, to be read before the next."""

    headers: Mapping[str, str]
    blocks: Iterator[bytes]


def read_parts(blocks: Iterable[bytes], boundary: str) -> Iterator[IncomingPart]:
    """The parts, in their order.

    Raises:
        NotSoap: it is no multipart with that boundary, it is cut, or its headers are too long or stand twice.
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise _broken("without a boundary", "sans délimiteur")
    return _Multipart(iter(blocks), boundary.encode()).parts()


class _Multipart:
    """The buffer begins, before headers and before a content, with the end of the line before: both may be empty."""

    def __init__(self, blocks: Iterator[bytes], boundary: bytes) -> None:
        self._blocks = blocks
        self._buffer = bytearray()
        self._over = self._closed = False
        self._dashes = b"--" + boundary
        self._line_end = b""
        self._delimiter = b""

    def parts(self) -> Iterator[IncomingPart]:
        self._skip_preamble()
        while not self._closed:
            headers, content = self._headers(), self._content()
            yield IncomingPart(headers, content)
            for _ in content:  # what was not read
                continue
        for _ in self._blocks:  # the connection can be used again only when all is read
            continue

    def _skip_preamble(self) -> None:
        found = self._buffer.find(self._dashes)
        while found < 0 or (found > 0 and self._buffer[found - 1 : found] != b"\n"):
            if found >= 0:
                found = self._buffer.find(self._dashes, found + 1)
            elif len(self._buffer) > _LONGEST_HEAD or not self._fill():
                raise _broken("without its boundary", "sans son délimiteur")
            else:
                found = self._buffer.find(self._dashes)
        self._need(found + len(self._dashes) + _PADDING)
        end = _LINE_END.match(self._buffer, found + len(self._dashes))
        if end is None:
            raise _broken("without its boundary", "sans son délimiteur")
        self._line_end = end[1]
        self._delimiter = self._line_end + self._dashes
        del self._buffer[: end.start(1)]

    def _headers(self) -> dict[str, str]:
        stop = self._line_end * 2
        while (found := self._buffer.find(stop)) < 0 and len(self._buffer) <= _LONGEST_HEAD:
            if not self._fill():
                raise _cut()
        if not 0 <= found <= _LONGEST_HEAD:
            raise _broken("with endless headers", "avec des en-têtes sans fin")
        text = self._buffer[:found].decode("latin-1")
        del self._buffer[: found + len(self._line_end)]
        headers: dict[str, str] = {}
        for line in _FOLDED.sub(" ", text).split("\n"):
            name, colon, value = line.partition(":")
            key = name.strip().lower()
            if key and (not colon or key in headers):
                raise _broken("with headers that are none", "avec des en-têtes qui n'en sont pas")
            headers[key] = value.strip()
        return headers

    def _content(self) -> Iterator[bytes]:
        self._need(len(self._delimiter) + _PADDING)
        if not (self._buffer.startswith(self._delimiter) and self._is_boundary(0)):
            del self._buffer[: len(self._line_end)]
        while True:
            found = self._buffer.find(self._delimiter)
            if found < 0:
                yield self._take(len(self._buffer) - len(self._delimiter) + 1)
                if not self._fill():
                    raise _cut()
            elif self._is_boundary(found):
                yield self._take(found)
                after = len(self._delimiter)
                end = _LINE_END.match(self._buffer, after)
                self._closed = end is None
                if end is not None:
                    del self._buffer[: end.start(1)]
                return
            else:
                yield self._take(found + len(self._delimiter))

    def _is_boundary(self, found: int) -> bool:
        """Whether the line of a delimiter holds nothing else: else it belongs to the content."""
        after = found + len(self._delimiter)
        self._need(after + _PADDING)
        return any(form.match(self._buffer, after) for form in (_LINE_END, _CLOSE))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[: max(0, size)])
        del self._buffer[: len(taken)]
        return taken

    def _need(self, size: int) -> None:
        while len(self._buffer) < size and self._fill():
            continue

    def _fill(self) -> bool:
        """One block more; False when there is none."""
        block = None if self._over else next(self._blocks, None)
        self._over = block is None
        self._buffer += block or b""
        return not self._over


def _cut() -> NotSoap:
    return _broken("that is cut", "coupé avant sa fin")


def _broken(reason: str, reason_fr: str) -> NotSoap:
    return NotSoap(
        reason=f"a message in several parts {reason}", reason_fr=f"un message en plusieurs parties {reason_fr}"
    )
