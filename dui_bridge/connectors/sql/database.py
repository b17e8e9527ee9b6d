"""A read-only session on a database: one transaction, one moment for all queries, rows a block at a time."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from dui_bridge.connectors.sql import errors
from dui_bridge.connectors.sql.settings import UrlFrom
from dui_bridge.errors import FileUnusable, os_reasons

SCRIPT: Final = "database.sql"
"""The export of a golden case: a script for SQLite, so that a case can be read and compared."""

_BLOCK: Final = 200
_LONGEST_URL: Final = 4_096
_SECONDS: Final = 10
_ONLY_READS: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_POSTGRESQL: Final = frozenset({"postgresql", "postgresql+psycopg"})
# SQLSTATE classes whose messages name tables, columns and words of the query, never a value (PostgreSQL appendix A).
_SHOWN_CLASSES: Final = ("42",)
_BROKEN_OFF: Final = ("08", "57", "53", "40")
_REASONS: Final = {"25": "it would change something", "22": "a value cannot be converted"}

Rows: TypeAlias = tuple[tuple[str, ...], Iterator[tuple[object, ...]]]


class Database:
    """A database that can only be read; `session` asks it."""

    def __init__(self, engine: Engine, set_read_only: Callable[[Connection], bool]) -> None:
        self._engine, self._set_read_only = engine, set_read_only

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One read-only transaction.

        Raises:
            DatabaseUnreachable: it does not answer.
            NotReadOnly: the session could not be made read-only.
        """
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise _unreachable(error) from None
        try:
            try:
                is_read_only = self._set_read_only(connection)
            except SQLAlchemyError as error:
                raise _unreachable(error) from None
            if not is_read_only:
                raise errors.NotReadOnly
            yield Session(connection)
        finally:
            _close(connection)


class Session:
    """Queries on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, alias: str, text: str) -> Rows:
        """The columns of a query and its rows.

        Raises:
            QueryRefused, DatabaseUnreachable: at once, or while the rows are read.
        """
        with _reported(alias):
            result = self._connection.execution_options(
                stream_results=True, max_row_buffer=_BLOCK, no_parameters=True
            ).exec_driver_sql(text)
            columns = tuple(result.keys())

        def rows() -> Iterator[tuple[object, ...]]:
            with _reported(alias):
                for block in result.partitions(_BLOCK):
                    yield from map(tuple, block)

        return columns, rows()


def open_database(url: UrlFrom, folder: Path) -> Database:
    """The database at an address; relative paths start at `folder`. Nothing is asked of it yet.

    Raises:
        UrlUnusable: there is no address, or none that can be read only.
    """
    where = url.env or url.file or ""
    parsed = _parsed(_address(url, folder), where)
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if not parsed.database:
            raise errors.UrlUnusable(where=where, reason="no file", reason_fr="pas de fichier")
        path = quote(str(folder / parsed.database))
        return _sqlite(lambda: sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_SECONDS))
    if parsed.drivername not in _POSTGRESQL:
        reason = {"reason": "neither PostgreSQL nor SQLite", "reason_fr": "ni PostgreSQL ni SQLite"}
        raise errors.UrlUnusable(where=where, **reason)
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            json_deserializer=partial(json.loads, parse_float=str, parse_int=str),
            connect_args={"client_encoding": "utf8", "connect_timeout": _SECONDS, "application_name": "dui-bridge"},
        )
    except ImportError:
        reason = {"reason": "psycopg is not installed", "reason_fr": "psycopg n'est pas installé"}
        raise errors.UrlUnusable(where=where, **reason) from None
    return Database(engine.execution_options(postgresql_readonly=True), _is_read_only)


def open_script(folder: Path) -> Database:
    """The database that the script of a golden case makes in memory. Raises FileUnusable, ScriptRefused."""
    path = folder / SCRIPT
    try:
        script = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    except UnicodeDecodeError:
        raise errors.ScriptRefused(file=SCRIPT, reason="UTF-8 ?") from None

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:")
        connection.set_authorizer(_no_other_file)
        try:
            connection.executescript(script)
        except sqlite3.Error as error:
            raise errors.ScriptRefused(file=SCRIPT, reason=str(error)) from None
        return connection

    return _sqlite(connect)


def _address(url: UrlFrom, folder: Path) -> str:
    if url.env is not None:
        return os.environ.get(url.env, "").strip()
    try:
        with (folder / (url.file or "")).open(encoding="utf-8") as stream:
            return stream.read(_LONGEST_URL).strip()
    except OSError as error:
        raise errors.UrlUnusable(where=url.file or "", **os_reasons(error)) from None
    except UnicodeDecodeError:
        return ""


def _parsed(address: str, where: str) -> URL:
    try:
        return make_url(address)
    except (SQLAlchemyError, ValueError):
        reason = (
            {"reason": "it is no address of a database", "reason_fr": "ce n'est pas l'adresse d'une base"}
            if address
            else {"reason": "it is not there, or empty", "reason_fr": "elle manque, ou est vide"}
        )
        raise errors.UrlUnusable(where=where, **reason) from None


def _sqlite(connect: Callable[[], sqlite3.Connection]) -> Database:
    def connected() -> sqlite3.Connection:
        connection = connect()
        # A byte that is no character is a fault of its value, not of the whole query.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return connection

    def read_only(connection: Connection) -> bool:
        raw = connection.connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            return False
        raw.set_authorizer(None)
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()  # the moment that all queries see
        raw.set_authorizer(_reads)
        return True

    return Database(create_engine("sqlite://", creator=connected, poolclass=NullPool), read_only)


def _reads(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ONLY_READS else sqlite3.SQLITE_DENY


def _no_other_file(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK


def _is_read_only(connection: Connection) -> bool:
    connection.exec_driver_sql("SELECT 1 FROM pg_catalog.pg_class LIMIT 1").all()  # from here on nothing lifts it
    return connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def _close(connection: Connection) -> None:
    """Rolls back and lets go; a connection that is already broken has nothing to roll back."""
    try:
        if not connection.invalidated:
            raw = connection.connection.driver_connection
            if isinstance(raw, sqlite3.Connection):
                raw.set_authorizer(None)
        connection.close()
    except SQLAlchemyError:
        connection.invalidate()


@contextmanager
def _reported(alias: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if error.connection_invalidated or state.startswith(_BROKEN_OFF) or _is_busy(error):
            raise _unreachable(error) from None
        raise errors.QueryRefused(alias=alias, reason=_reason(error, state)) from None
    except SQLAlchemyError as error:
        raise errors.QueryRefused(alias=alias, reason=type(error).__name__) from None


def _reason(error: DBAPIError, state: str) -> str:
    if isinstance(error.orig, sqlite3.OperationalError | sqlite3.DatabaseError):
        return str(error.orig)
    if state.startswith(_SHOWN_CLASSES):
        diagnosis = getattr(error.orig, "diag", None)
        return f"{getattr(diagnosis, 'message_primary', None) or 'not allowed'} ({state})"
    return f"{_REASONS.get(state[:2], type(error.orig).__name__)} ({state or '-'})"


def _is_busy(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
    )


def _unreachable(error: SQLAlchemyError) -> errors.DatabaseUnreachable:
    """Says what kind of trouble; the driver's own words hold the address and the account."""
    original = error.orig if isinstance(error, DBAPIError) else error
    words = str(original).casefold()
    for mark, reason, reason_fr in (
        ("authentication", "it refuses the account or the password", "elle refuse le compte ou le mot de passe"),
        ("does not exist", "it knows no such account or base", "elle ne connaît pas ce compte ou cette base"),
        ("timeout", "it does not answer in time", "elle ne répond pas à temps"),
        ("refused", "nothing listens at its address", "rien n'écoute à son adresse"),
        ("resolve", "its host is unknown", "son hôte est inconnu"),
        ("unable to open", "its file cannot be opened", "son fichier ne peut pas être ouvert"),
        ("not a database", "its file is no SQLite database", "son fichier n'est pas une base SQLite"),
        ("locked", "it is locked", "elle est verrouillée"),
    ):
        if mark in words:
            return errors.DatabaseUnreachable(reason=reason, reason_fr=reason_fr)
    return errors.DatabaseUnreachable(reason="the connection broke off", reason_fr="la connexion s'est rompue")
