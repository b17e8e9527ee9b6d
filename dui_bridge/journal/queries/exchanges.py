"""Exchanges about documents, kept as they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from dui_bridge.journal.schema import document_version, payload

ROLE: Final = "exchange"


def dossier_of(connection: Connection, unique_id: str) -> int | None:
    """The row id of the dossier of a version; None when there is none of this id."""
    query = select(document_version.c.dossier_id).where(document_version.c.unique_id == unique_id)
    return connection.execute(query).scalar_one_or_none()


def of_dossier(connection: Connection, dossier_id: int) -> Sequence[RowMapping]:
    """The payloads of the exchanges of a dossier under `exchange_…`, the oldest first."""
    columns = [column.label(f"{ROLE}_{column.name}") for column in payload.c]
    query = select(*columns).where(payload.c.dossier_id == dossier_id, payload.c.role == ROLE).order_by(payload.c.id)
    return connection.execute(query).mappings().all()


def spent(connection: Connection, *, before: datetime, after: int, limit: int) -> Sequence[int]:
    """Row ids of the next payloads of exchanges that took place before this time and still have their bytes."""
    query = (
        select(payload.c.id)
        .where(
            payload.c.id > after,
            payload.c.role == ROLE,
            payload.c.purged_at.is_(None),
            payload.c.created_at <= before,
        )
        .order_by(payload.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
