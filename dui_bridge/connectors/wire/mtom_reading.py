"""Reads an answer in MTOM while it comes: the message in memory, the documents in files without a name.

A document that is in a temporary file belongs to nobody yet: whoever asked verifies its size and digest before it is
kept anywhere. Sources: as of `mtom`.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Final, Self
from urllib.parse import unquote

import httpx

from dui_bridge.connectors.wire.http import Answer
from dui_bridge.connectors.wire.multipart import IncomingPart, media_type, read_parts
from dui_bridge.connectors.wire.net_errors import NotSoap
from dui_bridge.connectors.wire.spool import SpoolFailed
from dui_bridge.errors import os_reasons

MAX_MESSAGE: Final = 20_000_000
"""Bytes of the message itself; what a service answers beside its documents is small."""
MAX_PARTS: Final = 64

_IN_MEMORY: Final = 65_536
_MULTIPART: Final = "multipart/related"
_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary"})
_SPACES: Final = re.compile(rb"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document beside a message.

    Args:
        content_id: without brackets; empty when the part has none.
        media_type: as the part says, without parameters; empty when it does not.
        size: bytes.
        sha1: lower-case hexadecimal, as the metadata of XDS have it.
        file: at its beginning, closed with the answer.
    """

    content_id: str
    media_type: str
    size: int
    sha1: str
    file: IO[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MtomAnswer(Answer):
    """An answer whose `body` is the SOAP message. It is closed by whoever gets it: its files then vanish.

    Args:
        attachments: by Content-ID.
    """

    attachments: Mapping[str, Attachment] = field(default_factory=dict)

    def attachment(self, href: str) -> Attachment | None:
        """What an `xop:Include` names, None when it is not there. The URL may be percent-encoded, or not."""
        if not href.startswith("cid:"):
            return None
        name = href.removeprefix("cid:")
        return self.attachments.get(name) or self.attachments.get(unquote(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drops the documents."""
        for one in self.attachments.values():
            one.file.close()


def read_answer(status: int, headers: httpx.Headers, blocks: Iterable[bytes]) -> MtomAnswer:
    """An answer in MTOM, or a plain one: services answer some faults so. A `Reader` of `http.exchange`.

    Raises:
        NotSoap: a multipart that is none, is cut, is ambiguous, or is beyond its bounds.
        SpoolFailed: the temporary files cannot be written.
    """
    kind = media_type(headers.get("Content-Type", ""))
    if kind.name != _MULTIPART:
        return MtomAnswer(status, headers, _bounded(blocks))
    start = _bare(kind.parameters.get("start", ""))
    try:
        with ExitStack() as opened:
            found: list[Attachment] = []
            for part in read_parts(blocks, kind.parameters.get("boundary", "")):
                if len(found) == MAX_PARTS:
                    raise _refused("with too many of them", "trop nombreuses")
                found.append(_kept(part, opened))
            root = next((one for one in found if start and one.content_id == start), found[0])
            body = _bounded(iter(lambda: root.file.read(_IN_MEMORY), b""))
            answer = MtomAnswer(status, headers, body, _named(found, root))
            opened.pop_all()
    except OSError as error:
        raise SpoolFailed(**os_reasons(error)) from None
    root.file.close()
    return answer


def _named(found: Iterable[Attachment], root: Attachment) -> dict[str, Attachment]:
    """The documents by their names."""
    named: dict[str, Attachment] = {}
    for one in found:
        if one is root:
            continue
        if one.content_id in named:
            raise _refused("of which two have the same name", "dont deux ont le même nom")
        named[one.content_id] = one
    return named


def _kept(part: IncomingPart, opened: ExitStack) -> Attachment:
    size, digest = 0, hashlib.sha1(usedforsecurity=False)
    file = opened.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the stack closes it
    for block in _decoded(part):
        file.write(block)
        size += len(block)
        digest.update(block)
    file.seek(0)
    kind = media_type(part.headers.get("content-type", ""))
    return Attachment(_bare(part.headers.get("content-id", "")), kind.name, size, digest.hexdigest(), file)


def _decoded(part: IncomingPart) -> Iterator[bytes]:
    encoding = part.headers.get("content-transfer-encoding", "").lower()
    if encoding == "base64":
        return _from_base64(part.blocks)
    if encoding not in _IDENTITY:
        raise _refused("of which one is in an unknown encoding", "dont une est dans un codage inconnu")
    return part.blocks


def _from_base64(blocks: Iterable[bytes]) -> Iterator[bytes]:
    left = b""
    try:
        for block in blocks:
            left += _SPACES.sub(b"", block)
            whole = len(left) // 4 * 4
            yield b64decode(left[:whole], validate=True)
            left = left[whole:]
        if left:
            raise NotBase64
    except NotBase64:
        raise _refused("of which one is not base64", "dont une n'est pas en base64") from None


def _bounded(blocks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > MAX_MESSAGE:
            raise NotSoap(reason="it is too large", reason_fr="elle est trop volumineuse")
    return bytes(data)


def _bare(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")


def _refused(reason: str, reason_fr: str) -> NotSoap:
    return NotSoap(reason=f"a message in parts {reason}", reason_fr=f"un message en parties {reason_fr}")
