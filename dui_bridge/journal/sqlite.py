"""What is particular to SQLite: the file in the data folder, WAL, synchronous FULL, and what its codes mean."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

from dui_bridge.errors import JournalUnusable
from dui_bridge.journal.errors import JournalDamaged, JournalLocked, JournalUnwritable

FILE_NAME: Final = "journal.sqlite"
WRITES: Final = "journal_writes"
"""Execution option of an engine whose transactions write: they take the write lock at once, not halfway."""

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_MACHINE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
}
# secure_delete: the wrapped key of an erased dossier must not stay in a free page.
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


def make_file(folder: Path) -> Path:
    """The journal's file, made empty when it is not there: 0600. Raises OSError."""
    path = folder / FILE_NAME
    # An existing file is not opened here: closing it would drop the locks that SQLite holds on it in this process.
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def open_engine(path: Path, wait: float) -> Engine:
    """An engine on this file; a locked database is waited for, up to `wait` seconds."""
    # hide_parameters: a parameter must never stand in the text of an exception.
    engine = create_engine(
        URL.create("sqlite", database=str(path)), hide_parameters=True, connect_args={"timeout": wait}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions begin too late (not before a SELECT or a CREATE): `begin` below opens them.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        # Straight to the driver: SQLAlchemy would spend longer on this than SQLite on a small transaction.
        cursor = connection.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        cursor.close()

    return engine


def copy(engine: Engine, target: Path) -> bool:
    """Copies the database as it is at one moment, while others write; whether the copy is sound.

    Args:
        target: an empty file.
    """
    source = engine.raw_connection()
    try:
        driver = source.driver_connection
        if driver is None:
            raise TypeError("the pool gave no connection")
        with closing(sqlite3.connect(target)) as copied:
            # In one step: with several, each commit of another process would make it begin again.
            driver.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE").close()
            return bool(copied.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    finally:
        source.close()


def shorten_log(engine: Engine) -> None:
    """Moves the write-ahead log into the database and empties it: what was erased stands in neither."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()


def meaning(error: sqlite3.Error, name: str) -> JournalUnusable | None:
    """What an error of the driver means to a person; None when it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # The driver itself refused what it read (text that is not UTF-8).
        return JournalDamaged(file=name, reason="a value") if isinstance(error, sqlite3.OperationalError) else None
    # An extended code holds the primary one in its low byte (sqlite.org/rescode.html).
    primary, text = code & 0xFF, str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
    if primary in _LOCKED:
        return JournalLocked(file=name)
    if primary in _MACHINE:
        return JournalUnwritable(file=name, reason=text)
    return JournalDamaged(file=name, reason=text)
