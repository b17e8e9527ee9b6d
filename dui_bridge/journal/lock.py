"""Locks of the whole machine, by `flock`: the kernel lets go of them when their process dies, however it dies."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from pathlib import Path

_PAUSE = 0.05


class FileLock:
    """An exclusive lock on a file of the data folder. The file stays; it holds the process id of the last holder."""

    def __init__(self, folder: Path, name: str) -> None:
        # A digest: the name comes from a configuration and may hold characters that no file name can.
        self._path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
        self._file: int | None = None

    def acquire(self, wait: float = 0.0) -> bool:
        """True once the lock is held; False when another holder kept it for `wait` seconds.

        Raises:
            OSError: the file cannot be made, or the file system knows no locks.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    os.close(file)
                    raise
                if time.monotonic() >= until:
                    os.close(file)
                    return False
                time.sleep(_PAUSE)
            else:
                break
        os.truncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file
        return True

    def holder(self) -> str:
        """The process id that the holder wrote, or `?`."""
        try:
            text = self._path.read_text("ascii", "replace")
        except OSError:
            return "?"
        return text if text.isdigit() else "?"

    def release(self) -> None:
        """Lets go; nothing when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
