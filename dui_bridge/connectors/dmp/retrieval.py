"""A retrieved document, kept in a file only when it is the one that was registered."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dui_bridge.connectors.dmp.errors import DocumentAltered, DocumentNotGiven
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.retrieving import DocumentResponse

_BLOCK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A document.

    Args:
        path: where it was written; readable by this user only.
        size: bytes. sha1: lower-case hexadecimal.
        media_type: as the repository says.
        verified: what was found to be as registered: `sha1`, `size`; the registry may tell neither.
    """

    path: Path
    unique_id: str
    media_type: str
    size: int
    sha1: str
    verified: tuple[str, ...]


def keep(given: DocumentResponse, answer: MtomAnswer, entry: DocumentEntry, into: Path) -> Retrieved:
    """Writes the document of an answer to a file.

    Args:
        into: must not exist; while it is written, it is `<name>.part` beside.
    Raises:
        DocumentNotGiven: the answer names it, and does not have its bytes.
        DocumentAltered: size or SHA-1 are not those of the entry; no file is left.
        FileUnusable: it cannot be written.
    """
    blocks = _blocks(given, answer)
    part = into.with_name(f"{into.name}.part")
    try:
        if into.exists():
            raise FileExistsError(17, "exists")
        size, sha1 = _write(part, blocks)
        verified = _compare(entry, size, sha1)
        part.rename(into)
    except OSError as error:
        raise FileUnusable(file=str(into), **os_reasons(error)) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return Retrieved(into, given.unique_id, given.mime_type, size, sha1, verified)


def _blocks(given: DocumentResponse, answer: MtomAnswer) -> Iterator[bytes]:
    if given.content.data is not None:
        return iter((given.content.data,))
    name = given.content.content_id
    found = None if name is None else answer.attachment(f"cid:{name}")
    if found is None:
        raise DocumentNotGiven
    return iter(lambda: found.file.read(_BLOCK), b"")


def _write(part: Path, blocks: Iterator[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha1(usedforsecurity=False)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o600), "wb") as stream:
        for block in blocks:
            stream.write(block)
            size += len(block)
            digest.update(block)
        stream.flush()
        os.fsync(stream.fileno())
    return size, digest.hexdigest()


def _compare(entry: DocumentEntry, size: int, sha1: str) -> tuple[str, ...]:
    """What the entry tells of the document, and is so. Raises DocumentAltered."""
    if entry.size is not None and entry.size != size:
        raise DocumentAltered(reason="its size", reason_fr="sa taille")
    if entry.hash is not None and entry.hash.lower() != sha1:
        raise DocumentAltered(reason="its SHA-1", reason_fr="son SHA-1")
    told = {"sha1": entry.hash, "size": entry.size}
    return tuple(name for name, value in told.items() if value is not None)
