"""Statements that are compiled once for each kind of database and then handed to its driver.

SQLAlchemy spends ten times longer on preparing an execution than SQLite on executing it, and these statements are run
for each document and each delivery. The types of the columns are applied here as they are everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
)
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from dui_bridge.journal.schema import UtcDateTime

Row: TypeAlias = Mapping[str, Any]
"""One row, by the names of its columns."""

Statement: TypeAlias = Select[Any] | Insert | Update | ReturningInsert[Any] | ReturningUpdate[Any]
_Process: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """A statement in the words of one driver.

    Args:
        constants: parameters that the statement itself gives, as the driver takes them.
        binds: name → what makes a parameter what the driver takes, for those that need it.
        order: the names of the parameters by place.
        names: of the columns that it gives; `results`: place of a column → what makes its value.
    """

    text: str
    constants: Mapping[str, Any]
    binds: tuple[tuple[str, _Process], ...]
    order: tuple[str, ...]
    names: tuple[str, ...]
    results: tuple[tuple[int, _Process], ...]

    def parameters(self, values: dict[str, Any]) -> list[Any]:
        """The values as the driver takes them, by place."""
        try:
            for name, process in self.binds:
                values[name] = process(values[name])
        except (TypeError, ValueError) as error:
            # A mistake of ours, as SQLAlchemy would raise it; without the values.
            raise StatementError(str(error), self.text, None, error, hide_parameters=True) from None
        values |= self.constants
        return [values[name] for name in self.order]

    def cells(self, given: Sequence[Any]) -> list[Any]:
        cells = list(given)
        for place, process in self.results:
            cells[place] = process(cells[place])
        return cells


class Prepared:
    """A statement whose parameters are all `bindparam`s or constants; a list of values must be written as literals."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **values: Any) -> int:
        """Executes it; the number of rows that it changed."""
        cursor = self._execute(connection, values)[1]
        try:
            return cursor.rowcount
        finally:
            cursor.close()

    def run_each(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> int:
        """Executes it for each; the number of rows that all of them changed."""
        compiled = self._compiled_for(connection.dialect)
        cursor = _cursor(connection)
        try:
            cursor.executemany(compiled.text, [compiled.parameters(dict(one)) for one in values])
            return cursor.rowcount
        except connection.dialect.loaded_dbapi.Error as error:
            raise raised(error, connection.dialect) from None
        finally:
            cursor.close()

    def send(self, connection: Connection, **values: Any) -> DBAPICursor:
        """Executes it; the `rowcount` of what is given is right once the transaction is over."""
        return self._execute(connection, values)[1]

    def rows(self, connection: Connection, **values: Any) -> list[dict[str, Any]]:
        """Executes it; the rows that it gives, by the names of their columns."""
        compiled, cursor = self._execute(connection, values)
        try:
            return [dict(zip(compiled.names, compiled.cells(cells), strict=True)) for cells in cursor.fetchall()]
        finally:
            cursor.close()

    def first(self, connection: Connection, **values: Any) -> dict[str, Any] | None:
        """Executes it; the first row, None when there is none."""
        found = self._first(connection, values)
        return None if found is None else dict(zip(found[0].names, found[1], strict=True))

    def asked(self, connection: Connection, **values: Any) -> Callable[[], dict[str, Any] | None]:
        """Executes it; what is given gives the first row: a server is not waited for before.

        In `Access.writing_at_once`; it may be called after the block, too.
        """
        compiled, cursor = self._execute(connection, values)
        # An unread answer would keep SQLite from committing.
        found = None if connection.dialect.driver == _PSYCOPG else cursor.fetchone()

        def first() -> dict[str, Any] | None:
            cells = cursor.fetchone() if connection.dialect.driver == _PSYCOPG else found
            cursor.close()
            return None if cells is None else dict(zip(compiled.names, compiled.cells(cells), strict=True))

        return first

    def one(self, connection: Connection, **values: Any) -> dict[str, Any]:
        """Executes it; the row that it gives in any case."""
        found = self._first(connection, values)
        if found is None:
            raise LookupError("no row")
        return dict(zip(found[0].names, found[1], strict=True))

    def scalar(self, connection: Connection, **values: Any) -> Any:
        """Executes it; the first cell of the first row, None when there is none."""
        found = self._first(connection, values)
        return None if found is None else found[1][0]

    def _first(self, connection: Connection, values: dict[str, Any]) -> tuple[_Compiled, list[Any]] | None:
        compiled, cursor = self._execute(connection, values)
        try:
            cells = cursor.fetchone()
        finally:
            cursor.close()
        return None if cells is None else (compiled, compiled.cells(cells))

    def _execute(self, connection: Connection, values: dict[str, Any]) -> tuple[_Compiled, DBAPICursor]:
        dialect = connection.dialect
        compiled = self._compiled_for(dialect)
        cursor = _cursor(connection)
        try:
            cursor.execute(compiled.text, compiled.parameters(values))
        except dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise raised(error, dialect) from None
        return compiled, cursor

    def _compiled_for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return compiled


def raised(error: Exception, dialect: Dialect) -> Exception:
    """What the driver raised, as SQLAlchemy would raise it, and without the values."""
    return DBAPIError.instance("", None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


def adding(table: Table, *left_out: str) -> Insert:
    """An insert of all columns of a table but its own id and those left out, from parameters of their names."""
    names = [column.name for column in table.columns if column.name not in {"id", *left_out}]
    return insert(table).values({name: bindparam(name) for name in names})


def one_of(column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column has one of a few constants, as literals: so partial indexes are known to fit."""
    literals: list[ColumnElement[str]] = [literal_column(f"'{value}'") for value in values]
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


_PSYCOPG: Final = "psycopg"


@lru_cache(1)
def _numbered() -> Dialect:
    """Statements with `$1`, as the server itself writes them."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    made: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    return made


def _cursor(connection: Connection) -> DBAPICursor:
    """Of psycopg one that takes such statements: the other kind reads a long one again each time, for its names."""
    if connection.dialect.driver != _PSYCOPG:
        return connection.connection.cursor()
    made, binary = _raw_cursor()
    cursor = made(connection.connection.driver_connection)
    # As text the bytes of a document take twice their size, and time on both sides.
    cursor.format = binary
    return cursor  # type: ignore[no-any-return]


@lru_cache(1)
def _raw_cursor() -> tuple[Any, Any]:
    """The kind of cursor, and the format of what it gives. Only who has a server has the driver."""
    from psycopg import RawCursor
    from psycopg.pq import Format

    return RawCursor, Format.BINARY


def _compile(statement: Statement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=_numbered() if dialect.driver == _PSYCOPG else dialect)
    columns = list(statement.exported_columns)
    constants: dict[str, Any] = {}
    binds: list[tuple[str, _Process]] = []
    for name, bind in compiled.binds.items():
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            constants[name] = bind.value if process is None else process(bind.value)
        elif process is not None:
            # One moment is given to several statements of a transaction.
            binds.append((name, lru_cache(16)(process) if isinstance(bind.type, UtcDateTime) else process))
    results = [
        (place, process)
        for place, column in enumerate(columns)
        # A number comes as one; SQLAlchemy would ask which one, and only the driver knows.
        if not isinstance(column.type, Float)
        and (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    return _Compiled(
        text=str(compiled),
        constants=constants,
        binds=tuple(binds),
        order=tuple(compiled.positiontup or ()),
        names=tuple(column.name for column in columns),
        results=tuple(results),
    )
