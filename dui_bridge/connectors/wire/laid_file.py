"""Lays a file in a folder that another program watches: whole or not at all, never over another."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Final

from dui_bridge.connectors.wire.durable import sync_folder, write_through
from dui_bridge.errors import FileUnusable, os_reasons

_MOST_NUMBERS: Final = 10_000
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def lay(folder: Path, name: str, data: bytes, *, owner: str) -> Path:
    """Writes the file, waits until it is on the disk, then gives it its name, or the next free one (`name-2.csv`).

    The folder must be there: one that is made on the mount point of a share that is down is seen by nobody.

    Args:
        owner: who lays it, one process at a time: what a killed one left half written is written over.
    Raises:
        FileUnusable: nothing was laid.
    """
    part = folder / f".{owner}.part"
    try:
        part.unlink(missing_ok=True)
        try:
            write_through(part, data, over=False)
            laid = _named(part, folder, name)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        sync_folder(folder)
    except OSError as error:
        raise FileUnusable(file=str(folder), **os_reasons(error)) from None
    return laid


def _named(part: Path, folder: Path, name: str) -> Path:
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, f"{dot}{suffix}") if stem else (name, "")
    for number in range(1, _MOST_NUMBERS):
        target = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        try:
            # Unlike a rename, a link is refused where a file is already there.
            os.link(part, target, follow_symlinks=False)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if target.exists():
                continue
            part.rename(target)
        return target
    raise OSError(errno.EEXIST, "no free name")
