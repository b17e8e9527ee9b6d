"""Lays files that belong together in a folder that another program watches: each whole, none over something else."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

_FILE_MODE = 0o640
_FOLDER_MODE = 0o750


def has_content(folder: Path, name: str, data: bytes) -> bool | None:
    """Whether the file of that name has this content; None when there is no such file. Raises OSError."""
    try:
        with (folder / name).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256")
    except FileNotFoundError:
        return None
    return found.digest() == hashlib.sha256(data).digest()


def lay_set(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes every file in full under a temporary name and on the disk; only then do they take their names, in order.

    The folder is made when there is none. Names must be free, or hold the same content: see `has_content`.

    Raises:
        OSError: no file is half written.
    """
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # A fixed temporary name: what a crash left is written over by the next try instead of staying for ever.
    temporary = {name: folder / f".{name}.part" for name in files}
    try:
        for name, data in files.items():
            _write_through(temporary[name], data)
        for name, part in temporary.items():
            part.replace(folder / name)
    finally:
        for part in temporary.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    _sync_folder(folder)


def _write_through(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, _FILE_MODE), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
