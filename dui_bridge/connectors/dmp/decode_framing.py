"""What a captured file holds around a message: headers of HTTP, chunks, parts of MIME."""

from __future__ import annotations

import re
from typing import Final

import httpx

from dui_bridge.connectors.wire.mtom_reading import MtomAnswer, read_answer
from dui_bridge.connectors.wire.net_errors import NotSoap

_START_LINE: Final = re.compile(rb"(?:[A-Z]+ \S+ HTTP/\d|HTTP/\d|[A-Za-z][A-Za-z-]*: )")
_BLANK: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_DELIMITER: Final = re.compile(rb"\s*--([^\s]{1,70})[ \t]*\r?\n")


def unframed(data: bytes) -> MtomAnswer:
    """The message of a captured file, with its documents; close it. The status means nothing here.

    Args:
        data: a message alone, a multipart body, or either with its headers of HTTP.
    Raises:
        NotSoap: a multipart that is cut or broken.
        SpoolFailed: the temporary files cannot be written.
    """
    headers, body = _split(data)
    found = _DELIMITER.match(body)
    if found is not None:
        kind = headers.get("Content-Type", "")
        if not kind.lower().startswith("multipart/"):
            headers["Content-Type"] = f'multipart/related; boundary="{found[1].decode("latin-1")}"'
        return read_answer(0, headers, [body[found.start() :].lstrip()])
    return MtomAnswer(0, headers, body)


def _split(data: bytes) -> tuple[httpx.Headers, bytes]:
    if not _START_LINE.match(data):
        return httpx.Headers(), data
    blank = _BLANK.search(data)
    if blank is None:
        raise NotSoap(reason="headers without a body", reason_fr="des en-têtes sans corps")
    headers = httpx.Headers()
    for line in data[: blank.start()].decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon and " " not in name:
            headers[name] = value.strip()
    body = data[blank.end() :]
    return headers, _joined(body) if headers.get("Transfer-Encoding", "").lower() == "chunked" else body


def _joined(body: bytes) -> bytes:
    """The chunks of a body (RFC 9112 §7.1), as far as they go: captures are often cut or re-wrapped."""
    found, at = bytearray(), 0
    while (head := _CHUNK.match(body, at)) is not None and (size := int(head[1], 16)):
        found += body[head.end() : head.end() + size]
        at = head.end() + size
        while body[at : at + 1] in {b"\r", b"\n"}:
            at += 1
    return bytes(found) or body
