"""The audit: rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import audit


def last_id(connection: Connection) -> int:
    """0 when there is no row."""
    return int(connection.execute(select(func.coalesce(func.max(audit.c.id), 0))).scalar_one())


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(audit).values(dict(values)))


def after(connection: Connection, after_id: int, limit: int) -> Sequence[RowMapping]:
    """The next rows by id."""
    query = select(audit).where(audit.c.id > after_id).order_by(audit.c.id).limit(limit)
    return connection.execute(query).mappings().all()


def count_since(connection: Connection, action: str, at: datetime) -> int:
    """How many rows an action has since then."""
    query = select(func.count()).where(audit.c.action == action, audit.c.at >= at)
    return int(connection.execute(query).scalar_one())


def about(connection: Connection, subject: str) -> Sequence[RowMapping]:
    """The rows of one subject, by id."""
    return connection.execute(select(audit).where(audit.c.subject == subject).order_by(audit.c.id)).mappings().all()


def fitting(column: str, text: str) -> str:
    """The text as the column will hold it."""
    return fitted(audit.c[column], text)
