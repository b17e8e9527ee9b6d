"""MTOM: a SOAP message with its documents beside it, written as a stream whose length is known before it begins.

Sources: W3C, SOAP Message Transmission Optimization Mechanism and XML-binary Optimized Packaging (2005); RFC 2387
(multipart/related); RFC 2392 (`cid:`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from dui_bridge.connectors.wire.net_errors import PartChanged
from dui_bridge.errors import os_reasons

ROOT_ID: Final = "root@dui-bridge"
"""Content-ID of the message itself."""

_BLOCK: Final = 65536
_WRITTEN: Final = 4 * _BLOCK
_ID: Final = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9._-]+", re.ASCII)
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+", re.ASCII)
_BOUNDARY: Final = re.compile(r"[A-Za-z0-9._-]{16,70}", re.ASCII)
_ACTION: Final = re.compile(r"[!#-\[\]-~]+", re.ASCII)
"""What stands in quotes as it is (RFC 9110 §5.6.4); an action is an ASCII URI."""


@dataclass(frozen=True, slots=True)
class Part:
    """A document beside the message.

    Args:
        content_id: what the `cid:` of the message names, without brackets: letters, digits, `.`, `_`, `-` and one `@`,
            so that it is the same in a URL.
        media_type: `text/xml`, without parameters.
        size: bytes.
        open: gives the bytes, from their beginning; what it gives is closed here.
    """

    content_id: str
    media_type: str
    size: int
    open: Callable[[], BinaryIO]

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.content_id):
            raise ValueError("not a Content-ID that may be written")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ValueError("not a media type")


class MtomRequest:
    """The body of a request, which may be sent again: each iteration reads the documents anew.

    Args:
        envelope: the SOAP 1.2 message, UTF-8.
        parts: in the order they are written, after the message.
        action: of WS-Addressing.
        boundary: 16 to 70 letters, digits, `.`, `_` or `-`, with enough chance in it that no document holds it: a UUID.
    Attributes:
        envelope: as given.
        headers: Content-Type and Content-Length of the request.
    Raises:
        ValueError: two parts have the same id, or something could not be written in a header.
    """

    def __init__(self, envelope: bytes, parts: Sequence[Part], *, action: str, boundary: str) -> None:
        if not _BOUNDARY.fullmatch(boundary) or not _ACTION.fullmatch(action):
            raise ValueError("not a boundary or an action that may be written")
        if len({ROOT_ID, *(part.content_id for part in parts)}) != len(parts) + 1:
            raise ValueError("two parts have the same Content-ID")
        self.envelope = envelope
        self._parts = [(_head(boundary, part.content_id, part.media_type), part) for part in parts]
        root_type = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
        self._first = _head(boundary, ROOT_ID, root_type).removeprefix(b"\r\n")
        self._last = f"\r\n--{boundary}--\r\n".encode()
        length = len(self._first) + len(envelope) + len(self._last)
        length += sum(len(head) + part.size for head, part in self._parts)
        self.headers = {
            "Content-Type": f'multipart/related; type="application/xop+xml"; start="<{ROOT_ID}>"; '
            f'start-info="application/soap+xml"; action="{action}"; boundary="{boundary}"',
            "Content-Length": str(length),
        }

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of 256 kB and a little more: small pieces go together, for each costs a turn of TLS.

        Raises:
            PartChanged: a document cannot be read, or is not of its size; the body is not whole then.
        """
        gathered: list[bytes] = []
        for piece in self._pieces():
            gathered.append(piece)
            if sum(map(len, gathered)) >= _WRITTEN:
                yield b"".join(gathered)
                gathered.clear()
        if gathered:
            yield b"".join(gathered)

    def around_first(self) -> tuple[bytes, bytes]:
        """What stands before the content of the first document, and after it: for who keeps that document already.

        Raises:
            PartChanged: another document cannot be read.
        """
        first, *others = self._parts
        after = b"".join(piece for head, part in others for piece in (head, *_content(part)))
        return self._first + self.envelope + first[0], after + self._last

    def _pieces(self) -> Iterator[bytes]:
        yield self._first
        yield self.envelope
        for head, part in self._parts:
            yield head
            yield from _content(part)
        yield self._last


def _head(boundary: str, content_id: str, media_type: str) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode()


def _content(part: Part) -> Iterator[bytes]:
    """The last block of a part is held back until its end is seen: a whole body of other bytes never leaves."""
    left = part.size
    try:
        with part.open() as stream:
            while left:
                block = stream.read(min(_BLOCK, left))
                left -= len(block)
                if not block or (not left and stream.read(1)):
                    raise PartChanged(reason="its size has changed", reason_fr="sa taille a changé")
                yield block
            if not part.size and stream.read(1):
                raise PartChanged(reason="its size has changed", reason_fr="sa taille a changé")
    except OSError as error:
        raise PartChanged(**os_reasons(error)) from None
