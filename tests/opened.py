"""What a file holds, whatever it is wrapped in: mails, zips, base64 and the streams and texts of PDF are opened."""

from __future__ import annotations

import base64
import binascii
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from hashlib import sha256
from io import BytesIO

import pikepdf

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{200}[A-Za-z0-9+/\r\n\t ]*={0,2}")
_SHOWN = re.compile(rb"/(\S+)\s+[\d.]+\s+Tf|\(((?:\\.|[^\\)])*)\)\s*Tj|<([0-9A-Fa-f\s]*)>\s*Tj", re.DOTALL)
_ESCAPE = re.compile(rb"\\(\r\n|[0-7]{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b""}
_PAIR = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s")


def opened(data: bytes, seen: set[bytes]) -> Iterator[bytes]:
    """The bytes, then all that is in them; nothing of what is in `seen`, which receives the hash of each.

    Raises:
        AssertionError, pikepdf.PdfError, zipfile.BadZipFile: what looks like a PDF or a zip cannot be opened.
    """
    known = sha256(data).digest()
    if known in seen:
        return
    seen.add(known)
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for one in archive.infolist():
                yield from opened(archive.read(one), seen)
    elif data.startswith(b"%PDF"):
        yield from _pdf(data)
    elif b"\nMessage-ID: " in data[:8192]:
        for part in message_from_bytes(data).walk():
            inner = part.get_payload(decode=True)
            if isinstance(inner, bytes):
                yield from opened(inner, seen)
    elif data.lstrip()[:1] in (b"<", b"{", b"["):
        for found in _BASE64.finditer(data):
            try:
                inner = base64.b64decode(b"".join(found[0].split()), validate=True)
            except binascii.Error:
                continue
            yield from opened(inner, seen)


def _pdf(data: bytes) -> Iterator[bytes]:
    """Each stream of a PDF, and the text that its pages show, in UTF-8."""
    with pikepdf.open(BytesIO(data)) as document:
        for one in document.objects:
            # Fonts, colour profiles and images say nothing.
            if isinstance(one, pikepdf.Stream) and not {"/Length1", "/N", "/Width"} & set(one.keys()):
                yield one.read_bytes()
        yield "".join(_page(page) for page in document.pages).encode()


def _page(page: pikepdf.Page) -> str:
    fonts = {name.lstrip("/"): _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    contents = page.obj["/Contents"]
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    letters: dict[int, str] | None = None
    shown = []
    for found in _SHOWN.finditer(b"\n".join(one.read_bytes() for one in parts)):
        if found[1] is not None:
            letters = fonts[found[1].decode()]
            continue
        codes = bytes.fromhex(found[3].decode()) if found[2] is None else _ESCAPE.sub(_unescaped, found[2])
        if letters is None:
            shown.append(codes.decode("cp1252", "replace"))
        else:
            shown += [letters.get(int.from_bytes(codes[at : at + 2], "big"), "") for at in range(0, len(codes), 2)]
    return "".join(shown)


def _letters(font: pikepdf.Object) -> dict[int, str] | None:
    """The letter of each code of two bytes; None for a font with codes of one."""
    if "/ToUnicode" not in font:
        return None
    pairs = _PAIR.findall(font["/ToUnicode"].read_bytes())
    return {int(code, 16): chr(int(letter, 16)) for code, letter in pairs}


def _unescaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what.isdigit():
        return bytes([int(what, 8) & 255])
    return _NAMED.get(what, what)
