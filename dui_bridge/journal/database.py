"""The database itself: how it is made, opened and migrated, and what its errors mean to a person.

SQLite in the data folder by default, PostgreSQL when an address is given; what is particular to each stands in `sqlite`
and `postgresql`, and `queries` and `schema` know no dialect.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dui_bridge.journal import migrations, postgresql, sqlite
from dui_bridge.journal.errors import (
    JournalDamaged,
    JournalLocked,
    JournalMissing,
    JournalNewer,
    JournalOvertaken,
    JournalUnwritable,
)
from dui_bridge.journal.lock import AdvisoryLocks, FileLocks, Locks, number
from dui_bridge.journal.queries import locks, settings
from dui_bridge.journal.queries.prepared import raised
from dui_bridge.journal.schema import HEAD, revisions

FILE_NAME = sqlite.FILE_NAME
WRITES = sqlite.WRITES
COMMIT: Final = "COMMIT"


@dataclass(frozen=True)
class Database:
    """A database that was opened.

    Args:
        name: how it is named to a person: the file, or the server and the base; no account, no password.
        reader: its transactions see one moment.
        glance: for statements that only read; on a server no transaction stands around them.
        writer: its transactions may write.
        locks: those that keep other processes out.
        on_server: True on PostgreSQL.
    """

    name: str
    reader: Engine = field(repr=False)
    glance: Engine = field(repr=False)
    writer: Engine = field(repr=False)
    locks: Locks = field(repr=False)
    on_server: bool = False

    @contextmanager
    def at_once(self, connection: Connection) -> Iterator[None]:
        """A transaction that writes, of statements that the driver itself is given; a server is sent them together.

        The connection is one of `glance`; after an error it is to be closed.
        """
        self.locks.check()
        driver = connection.connection
        try:
            with postgresql.together(driver) if self.on_server else nullcontext():
                _say(driver, "BEGIN" if self.on_server else "BEGIN IMMEDIATE")
                yield
                _say(driver, COMMIT)
        except connection.dialect.loaded_dbapi.Error as error:
            raise raised(error, connection.dialect) from None

    def close(self) -> None:
        self.reader.dispose()
        self.locks.close()


def _say(driver: PoolProxiedConnection, words: str) -> None:
    connection: Any = driver.driver_connection  # what it lends would be wrapped
    connection.execute(words)


def open_database(folder: Path, wait: float, url: str | None = None) -> Database:
    """The database of the journal of this data folder, which exists; not migrated yet.

    Args:
        wait: seconds to wait for another process that writes.
        url: of PostgreSQL; None for SQLite in the folder.
    Raises:
        AddressUnusable, DriverMissing; OSError, to be translated.
    """
    if url is None:
        path = sqlite.make_file(folder)
        engine = sqlite.open_engine(path, wait)
        return Database(str(path), engine, engine, engine.execution_options(**{WRITES: True}), FileLocks(folder))
    parsed, name = postgresql.parse(url)
    engine = postgresql.open_engine(parsed, name, wait)
    held = AdvisoryLocks(postgresql.open_engine(parsed, name, wait, pooled=False), name)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    glance = engine.execution_options(isolation_level="AUTOCOMMIT")
    writer = engine.execution_options(**{WRITES: True})

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES, False):
            held.check()

    return Database(name, reader, glance, writer, held, on_server=True)


def check_there(folder: Path, url: str | None = None) -> None:
    """Raises JournalMissing when there is no data folder, or on SQLite no file in it."""
    if not folder.is_dir() or (url is None and not (folder / FILE_NAME).exists()):
        raise JournalMissing(file=str(folder))


def migrate(database: Database, *, make: bool = True) -> None:
    """Brings a fresh or older journal to the tables of this version.

    Raises:
        JournalMissing: it has no table, and `make` is False.
        JournalNewer: a later version of the bridge was here.
        JournalDamaged: it holds other tables.
    """
    with database.reader.begin() as connection:
        revision = _revision(connection, database.name)
    if revision == HEAD:
        return
    if revision is None and not make:
        raise JournalMissing(file=database.name)
    # One transaction for the whole migration: a process killed in between leaves the journal as it was.
    with database.writer.begin() as connection:
        locks.alone(connection, number("migrate"))
        revision = _revision(connection, database.name)
        if revision is None:
            # The tables as they are, not as they became: it takes a tenth of the time.
            settings.make_tables(connection)
        elif revision != HEAD:
            _upgrade(connection, revision, database.name)


def _revision(connection: Connection, name: str) -> str | None:
    tables = settings.table_names(connection)
    if not tables:
        return None
    revision = settings.revision(connection) if revisions.name in tables else None
    if revision is None:
        raise JournalDamaged(file=name, reason="other tables")
    return revision


def _upgrade(connection: Connection, revision: str, name: str) -> None:
    # Imported here: only an older journal pays for Alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(Path(str(migrations.__file__)).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise JournalNewer(file=name, revision=revision)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def translated(name: str | Path) -> Iterator[None]:
    """Turns what the database and the machine raise into errors that a person can read, without values.

    Args:
        name: `Database.name`.
    Raises:
        JournalLocked, JournalDamaged, JournalUnwritable, JournalOvertaken, JournalUnreachable, JournalRefused:
            according to the cause.
    """
    try:
        yield
    except IntegrityError:
        raise JournalOvertaken(file=str(name)) from None
    except DBAPIError as error:
        raise _meaning(error.orig, str(name)) or error from None
    except sqlite3.Error as error:  # raised while a connection is being made ready
        raise sqlite.meaning(error, str(name)) or error from None
    except PoolTimeout:
        raise JournalLocked(file=str(name)) from None
    except BrokenPipeError:
        raise  # of standard output, to which is written while the journal is read
    except OSError as error:
        raise JournalUnwritable(file=str(name), reason=error.strerror or "I/O error") from None


def _meaning(error: BaseException | None, name: str) -> Exception | None:
    if error is None or isinstance(error, sqlite3.Error):
        return None if error is None else sqlite.meaning(error, name)
    return postgresql.meaning(error, name)
