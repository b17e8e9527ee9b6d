"""What version the journal is at, and its named values."""

from __future__ import annotations

from sqlalchemy import Connection, column, delete, insert, inspect, select, table, update

from dui_bridge.journal.schema import REVISION_TABLE, setting


def table_names(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def revision(connection: Connection) -> str | None:
    """The migration that the journal is at; None when none is written."""
    return connection.execute(select(column("version_num")).select_from(table(REVISION_TABLE))).scalar()


def value(connection: Connection, name: str) -> str | None:
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def add(connection: Connection, name: str, text: str) -> None:
    connection.execute(insert(setting).values(name=name, value=text))


def put(connection: Connection, name: str, text: str) -> None:
    if connection.execute(update(setting).where(setting.c.name == name).values(value=text)).rowcount == 0:
        add(connection, name, text)


def remove(connection: Connection, name: str) -> None:
    connection.execute(delete(setting).where(setting.c.name == name))
