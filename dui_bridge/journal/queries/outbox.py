"""Rows that the DUI is to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import dossier, outbox


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(insert(outbox), [{"tries": 0, "file": "", **row} for row in rows])


def waiting(connection: Connection, source: str, now: datetime, limit: int) -> Sequence[RowMapping]:
    """The rows of a source that may be written now, by id, with what opens them."""
    query = (
        select(
            outbox.c.id,
            outbox.c.row,
            outbox.c.tries,
            outbox.c.dossier_id,
            outbox.c.created_at,
            dossier.c.usager_key,
            dossier.c.source.label("dossier_source"),
            dossier.c.wrapped_key,
        )
        .select_from(outbox.join(dossier, dossier.c.id == outbox.c.dossier_id))
        .where(
            outbox.c.source == source,
            outbox.c.written_at.is_(None),
            or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        )
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def written(connection: Connection, ids: Collection[int], file: str, at: datetime) -> None:
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.written_at.is_(None))
        .values(written_at=at, file=fitted(outbox.c.file, file), not_before=None)
    )


def failed(connection: Connection, ids: Collection[int], not_before: datetime) -> None:
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.written_at.is_(None))
        .values(tries=outbox.c.tries + 1, not_before=not_before)
    )
