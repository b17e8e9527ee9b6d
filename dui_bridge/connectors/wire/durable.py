"""Writes that are on the disk when they return."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o640


def write_through(path: Path, data: bytes, *, over: bool, mode: int = _MODE) -> None:
    """Writes a file, never through a link. Raises OSError.

    Args:
        over: what is there is written over; else it must not be there.
        mode: of a file that is made.
    """
    if_there = os.O_TRUNC if over else os.O_EXCL
    flags = os.O_WRONLY | os.O_CREAT | if_there | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
