"""Lays files that belong together in a folder that another program watches: each whole, none over something else."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.wire.durable import sync_folder, write_through

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
            write_through(temporary[name], data, over=True)
        for name, part in temporary.items():
            part.replace(folder / name)
    finally:
        for part in temporary.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    sync_folder(folder)
