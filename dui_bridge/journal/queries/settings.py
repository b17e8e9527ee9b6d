"""What version the journal is at, and its named values."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, inspect, select, update
from sqlalchemy.schema import CreateIndex, CreateTable

import dui_bridge.journal.inbox_schema  # noqa: F401 - its tables stand beside those of `schema`
from dui_bridge.journal.queries.prepared import Prepared
from dui_bridge.journal.schema import HEAD, metadata, revisions, setting

POLICY_MARK: Final = "policy_mark"
"""The named value that changes with what policy asks of every delivery (`journal.policy_mark`)."""

_VALUE = Prepared(select(setting.c.value).where(setting.c.name == bindparam("name")))


def table_names(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def revision(connection: Connection) -> str | None:
    """The migration that the journal is at; None when none is written."""
    found: str | None = connection.execute(select(revisions.c.version_num)).scalar()
    return found


def make_tables(connection: Connection) -> None:
    """Makes the tables of this version in an empty database, as its migrations would."""
    for table in (*metadata.sorted_tables, revisions):
        connection.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda one: int(one.info["place"])):
            connection.execute(CreateIndex(index))
    connection.execute(insert(revisions).values(version_num=HEAD))


def value(connection: Connection, name: str) -> str | None:
    found: str | None = _VALUE.scalar(connection, name=name)
    return found


def add(connection: Connection, name: str, text: str) -> None:
    connection.execute(insert(setting).values(name=name, value=text))


def put(connection: Connection, name: str, text: str) -> None:
    if connection.execute(update(setting).where(setting.c.name == name).values(value=text)).rowcount == 0:
        add(connection, name, text)


def remove(connection: Connection, name: str) -> None:
    connection.execute(delete(setting).where(setting.c.name == name))
