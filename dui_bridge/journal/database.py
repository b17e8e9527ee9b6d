"""The database itself: how it is made, opened and migrated, and what its errors mean to a person.

SQLite in the data folder: WAL, synchronous FULL, so that what was committed survives a power cut. Everything that is
particular to SQLite stands here; `queries` and `schema` know no dialect.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from dui_bridge.journal import migrations, queries
from dui_bridge.journal.errors import (
    JournalDamaged,
    JournalLocked,
    JournalNewer,
    JournalOvertaken,
    JournalUnwritable,
)
from dui_bridge.journal.schema import HEAD, REVISION_TABLE

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


def make_file(folder: Path) -> Path:
    """The journal's file, made empty when it is not there: 0600, in a folder that is made 0700. Raises OSError."""
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
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(reader: Engine, writer: Engine, path: Path) -> None:
    """Brings a fresh or older journal to the tables of this version.

    Raises:
        JournalNewer: a later version of the bridge was here.
        JournalDamaged: it holds other tables.
    """
    with reader.connect() as connection:
        if _revision(connection, path) == HEAD:
            return
    # One transaction for the whole migration: a process killed in between leaves the journal as it was.
    with writer.begin() as connection:
        if (revision := _revision(connection, path)) != HEAD:
            _upgrade(connection, revision, path)


def _revision(connection: Connection, path: Path) -> str | None:
    tables = queries.table_names(connection)
    if not tables:
        return None
    revision = queries.revision(connection) if REVISION_TABLE in tables else None
    if revision is None:
        raise JournalDamaged(file=str(path), reason="other tables")
    return revision


def _upgrade(connection: Connection, revision: str | None, path: Path) -> None:
    # Imported here: only a journal that is not at HEAD pays for Alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(Path(str(migrations.__file__)).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise JournalNewer(file=str(path), revision=revision)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what the database and the machine raise into errors that a person can read, without values.

    Raises:
        JournalLocked, JournalDamaged, JournalUnwritable, JournalOvertaken: according to the cause.
    """
    try:
        yield
    except IntegrityError:
        raise JournalOvertaken(file=str(path)) from None
    except DBAPIError as error:
        raise _meaning(error.orig, path) or error from None
    except sqlite3.Error as error:  # raised while a connection is being made ready
        raise _meaning(error, path) or error from None
    except OSError as error:
        raise JournalUnwritable(file=str(path), reason=error.strerror or "I/O error") from None


def _meaning(error: BaseException | None, path: Path) -> Exception | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # The driver itself refused what it read (text that is not UTF-8); any other class is a mistake of ours.
        return JournalDamaged(file=str(path), reason="a value") if isinstance(error, sqlite3.OperationalError) else None
    # An extended code holds the primary one in its low byte (sqlite.org/rescode.html).
    primary, name = code & 0xFF, str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
    if primary in _LOCKED:
        return JournalLocked(file=str(path))
    if primary in _MACHINE:
        return JournalUnwritable(file=str(path), reason=name)
    return JournalDamaged(file=str(path), reason=name)
