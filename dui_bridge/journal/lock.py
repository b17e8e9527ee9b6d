"""Locks on work: a run of a source, a destination, the opening of the journal.

Whoever holds one dies with it: the kernel lets go of a `flock` when its process ends, PostgreSQL of an advisory lock
when its connection ends. Two locks of one name exclude one another within a process as well.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from dui_bridge.journal.errors import LocksLost
from dui_bridge.journal.queries import locks as queries

_PAUSE = 0.05
_IDLE: Final = 4
"""So many connections that hold no lock are kept at hand."""


class Lock(Protocol):
    """An exclusive lock with a name."""

    def acquire(self, wait: float = 0.0) -> bool:
        """True once the lock is held; False when another holder kept it for `wait` seconds."""
        ...

    def holder(self) -> str:
        """The process that holds it, or `?`."""
        ...

    def release(self) -> None:
        """Lets go; nothing when it is not held."""
        ...


class Locks(Protocol):
    """Where the locks of a journal stand."""

    def lock(self, name: str) -> Lock:
        """The lock of this name, not taken yet."""
        ...

    def check(self) -> None:
        """Raises LocksLost when a lock that is held here may have gone to another process."""
        ...

    def close(self) -> None:
        """Lets go of what the locks themselves need."""
        ...


@contextmanager
def held(locks: Locks, name: str, wait: float = 0.0) -> Iterator[bool]:
    """True while the lock is held; False when another holder kept it for `wait` seconds: nothing is held then."""
    lock = locks.lock(name)
    taken = lock.acquire(wait)
    try:
        yield taken
    finally:
        if taken:
            lock.release()


def number(name: str) -> int:
    """The 64 bits, signed, that stand for the name of a lock on PostgreSQL."""
    return int.from_bytes(hashlib.sha256(f"dui-bridge {name}".encode()).digest()[:8], signed=True)


class FileLock:
    """A lock on a file of the data folder. The file stays; it holds the process id of the last holder."""

    def __init__(self, folder: Path, name: str) -> None:
        # A digest: the name comes from a configuration and may hold characters that no file name can.
        self._path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
        self._file: int | None = None

    def acquire(self, wait: float = 0.0) -> bool:
        """As `Lock.acquire`.

        Raises:
            OSError: the file cannot be made, or the file system knows no locks.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            taken = _patiently(lambda: _flock(file), wait)
        except OSError:
            os.close(file)
            raise
        if not taken:
            os.close(file)
            return False
        os.truncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file
        return True

    def holder(self) -> str:
        try:
            text = self._path.read_text("ascii", "replace")
        except OSError:
            return "?"
        return text if text.isdigit() else "?"

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class FileLocks:
    """Locks of one machine, in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lock(self, name: str) -> FileLock:
        return FileLock(self._folder, name)

    def check(self) -> None:
        """The kernel takes no lock away."""

    def close(self) -> None:
        """Nothing is kept."""


class AdvisoryLock:
    """A lock that PostgreSQL keeps for a connection of its own."""

    def __init__(self, locks: AdvisoryLocks, name: str) -> None:
        self._locks = locks
        self._key: Final = number(name)
        self._connection: Connection | None = None

    def acquire(self, wait: float = 0.0) -> bool:
        """As `Lock.acquire`. Raises DBAPIError when the server does not answer."""
        connection = self._locks.connection()
        try:
            taken = _patiently(lambda: queries.try_lock(connection, self._key), wait)
        except BaseException:
            connection.close()
            raise
        if not taken:
            self._locks.keep(connection)
            return False
        self._connection = connection
        self._locks.add(connection)
        return True

    def holder(self) -> str:
        with self._locks.engine.connect() as connection:
            return queries.holder(connection, self._key) or "?"

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._locks.remove(connection)
        try:
            let_go = queries.unlock(connection, self._key)
        except DBAPIError:
            let_go = False
        if let_go:
            self._locks.keep(connection)
        else:
            # The server lets go of what a connection held when it ends.
            connection.close()


class AdvisoryLocks:
    """Locks of all that use one PostgreSQL database. `engine` gives connections of their own, in autocommit.

    A few that hold nothing any more are kept for the next lock: to make one takes as long as dozens of statements.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self._name = name
        self._held: frozenset[Connection] = frozenset()
        self._idle: list[Connection] = []
        self._changing = threading.Lock()

    def lock(self, name: str) -> AdvisoryLock:
        return AdvisoryLock(self, name)

    def connection(self) -> Connection:
        """One that holds nothing. Raises DBAPIError when the server does not answer."""
        with suppress(IndexError):
            while _is_broken(connection := self._idle.pop()):
                connection.close()
            return connection
        return self.engine.connect()

    def keep(self, connection: Connection) -> None:
        """For the next lock, if few are kept; it holds nothing."""
        if len(self._idle) < _IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def add(self, connection: Connection) -> None:
        with self._changing:
            self._held |= {connection}

    def remove(self, connection: Connection) -> None:
        with self._changing:
            self._held -= {connection}

    def check(self) -> None:
        """Looks, without a round trip, whether a server that keeps one of the locks has broken its connection off."""
        # Not while another thread lets go of one: it is no longer held before it is closed.
        with self._changing:
            for connection in self._held:
                if _is_broken(connection):
                    raise LocksLost(file=self._name)

    def close(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        self.engine.dispose()


def _is_broken(connection: Connection) -> bool:
    """Whether the server has broken it off, without a round trip."""
    driver = connection.connection.driver_connection
    if driver is None or driver.closed:
        return True
    # Nothing is asked on this connection: whatever comes is the server's farewell, or the stream's end.
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _patiently(take: Callable[[], bool], wait: float) -> bool:
    until = time.monotonic() + wait
    while not take():
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE)
    return True


def _flock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return False
    return True
