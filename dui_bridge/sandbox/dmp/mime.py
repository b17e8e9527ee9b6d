"""Multipart messages, read where they lie in a file and written in blocks (RFC 2046, RFC 2387; SOAP MTOM)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from mmap import mmap
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

_BLOCK: Final = 65536
_LONGEST_HEAD: Final = 8192
_MOST_PARTS: Final = 100
_ROOT: Final = "root@bac-a-sable.test"
_AS_IS: Final = frozenset({"", "binary", "8bit", "7bit"})


class NotMultipart(ValueError):
    """The body is not the MTOM message that its header announces; the text says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Span:
    """The content of a part: from `start` to before `end`, in the body."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Multipart:
    """Where the message is, and its parts by their Content-ID without brackets."""

    root: Span
    parts: Mapping[str, Span]


def header(text: str) -> Message:
    """A Content-Type, to be asked for its parameters."""
    made = Message()
    made["Content-Type"] = text
    return made


def read_multipart(content_type: str, body: mmap | bytes) -> Multipart:
    """Finds the parts of an MTOM message.

    Raises:
        NotMultipart: it is none.
    """
    announced = header(content_type)
    for name, value in (("type", "application/xop+xml"), ("start-info", "application/soap+xml")):
        if _parameter(announced, name) != value:
            raise NotMultipart(f"Content-Type: {name} is not {value}")
    boundary = _parameter(announced, "boundary")
    if not boundary:
        raise NotMultipart("Content-Type: no boundary")
    found = list(_parts(body, b"--" + boundary.encode("ascii", "replace")))
    if not found:
        raise NotMultipart("no part")
    ids = [_content_id(head) for head, _ in found]
    if len(set(ids)) != len(ids):
        raise NotMultipart("two parts of the same Content-ID")
    start = _parameter(announced, "start").strip("<>") or ids[0]
    parts = dict(zip(ids, found, strict=True))
    if start not in parts:
        raise NotMultipart("no part of the Content-ID that start names")
    head, root = parts.pop(start)
    if head.get_content_type() != "application/xop+xml" or _parameter(head, "type") != "application/soap+xml":
        raise NotMultipart("the root part is not application/xop+xml of application/soap+xml")
    return Multipart(root, {name: span for name, (_, span) in parts.items()})


def content_id(href: str) -> str | None:
    """The Content-ID that an `xop:Include` means; None when it means none."""
    return unquote(href.removeprefix("cid:")) if href.startswith("cid:") else None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document beside an answer: `content` is a file, or the bytes."""

    content_id: str
    media_type: str
    content: Path | bytes

    @property
    def href(self) -> str:
        """What the answer refers to it by; `:` is escaped, as the DMP does."""
        return "cid:" + quote(self.content_id, safe="@.-_")


class MultipartAnswer:
    """An MTOM answer; `length` is known before it is written."""

    def __init__(self, envelope: bytes, attachments: Sequence[Attachment], boundary: str) -> None:
        root_type = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
        self.content_type = (
            f'multipart/related; type="application/xop+xml"; start="<{_ROOT}>"; '
            f'start-info="application/soap+xml"; boundary="{boundary}"'
        )
        first: tuple[bytes, Path | bytes] = (_head(boundary, root_type, _ROOT), envelope)
        rest = [(_head(boundary, one.media_type, one.content_id), one.content) for one in attachments]
        self._pieces = [first, *rest]
        self._end = f"\r\n--{boundary}--\r\n".encode("ascii")
        self.length = sum(len(head) + _size(content) for head, content in self._pieces) + len(self._end)

    def __iter__(self) -> Iterator[bytes]:
        for head, content in self._pieces:
            yield head
            if isinstance(content, bytes):
                yield content
                continue
            with content.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    yield block
        yield self._end


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _head(boundary: str, media_type: str, identifier: str) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{identifier}>\r\n\r\n"
    ).encode("ascii")


def _parameter(message: Message, name: str) -> str:
    found = message.get_param(name)
    return found if isinstance(found, str) else ""


def _content_id(head: Message) -> str:
    found = str(head.get("Content-ID", "")).strip()
    if not (found.startswith("<") and found.endswith(">") and len(found) > 2):
        raise NotMultipart("a part without a Content-ID in brackets")
    return found[1:-1]


def _parts(body: mmap | bytes, delimiter: bytes) -> Iterator[tuple[Message, Span]]:
    position = 0 if body[: len(delimiter)] == delimiter else body.find(b"\r\n" + delimiter)
    if position < 0:
        raise NotMultipart("the boundary is not in the body")
    position += len(delimiter) + (0 if position == 0 else 2)
    for _ in range(_MOST_PARTS):
        if body[position : position + 2] == b"--":
            return
        end_of_line = body.find(b"\r\n", position)
        end_of_head = body.find(b"\r\n\r\n", position)
        if end_of_line < 0 or end_of_head < 0 or end_of_head - end_of_line > _LONGEST_HEAD:
            raise NotMultipart("a part without headers")
        if body[position:end_of_line].strip(b" \t"):
            raise NotMultipart("something else stands after a boundary")
        end = body.find(b"\r\n" + delimiter, end_of_head + 2)
        if end < 0:
            raise NotMultipart("the last boundary is missing")
        head = BytesHeaderParser().parsebytes(body[end_of_line + 2 : end_of_head + 4])
        if str(head.get("Content-Transfer-Encoding", "")).strip().lower() not in _AS_IS:
            raise NotMultipart("a Content-Transfer-Encoding that changes the bytes")
        yield head, Span(end_of_head + 4, max(end, end_of_head + 4))
        position = end + 2 + len(delimiter)
    raise NotMultipart("too many parts")
