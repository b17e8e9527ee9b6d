"""What the DUI was not told yet, and what it was told last.

Each question is one pass over the rows of a source, joined to the latest of its outcome rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from dui_bridge.journal.schema import delivery, dossier, item, outbox


def deliveries(
    connection: Connection, source: str, states: Collection[str], afterwards: Collection[str]
) -> list[tuple[int, int]]:
    """`id, dossier_id` of the deliveries in these states since after their last outcome row, by id; in the states of
    `afterwards` only those that have one."""
    last = (
        select(outbox.c.delivery_id, func.max(outbox.c.created_at).label("at"))
        .where(outbox.c.source == source, outbox.c.delivery_id.is_not(None))
        .group_by(outbox.c.delivery_id)
        .subquery("last")
    )
    statement = (
        select(delivery.c.id, delivery.c.dossier_id)
        .select_from(
            delivery.join(dossier, dossier.c.id == delivery.c.dossier_id).outerjoin(
                last, last.c.delivery_id == delivery.c.id
            )
        )
        .where(
            delivery.c.source == source,
            dossier.c.wrapped_key.is_not(None),
            or_(
                and_(delivery.c.state.in_(states), or_(last.c.at.is_(None), last.c.at < delivery.c.since)),
                and_(delivery.c.state.in_(afterwards), last.c.at < delivery.c.since),
            ),
        )
        .order_by(delivery.c.id)
    )
    return [(row.id, row.dossier_id) for row in connection.execute(statement)]


def documents(connection: Connection, source: str, states: Collection[str]) -> list[tuple[int, int]]:
    """`id, dossier_id` of the documents in these states since after the last outcome row of their dossier that is of no
    delivery, by dossier."""
    last = (
        select(outbox.c.dossier_id, func.max(outbox.c.created_at).label("at"))
        .where(outbox.c.source == source, outbox.c.delivery_id.is_(None))
        .group_by(outbox.c.dossier_id)
        .subquery("last")
    )
    statement = (
        select(item.c.id, item.c.dossier_id)
        .select_from(
            item.join(dossier, dossier.c.id == item.c.dossier_id).outerjoin(
                last, last.c.dossier_id == item.c.dossier_id
            )
        )
        .where(
            item.c.source == source,
            item.c.kind == "document",
            item.c.gone_at.is_(None),
            item.c.state.in_(states),
            dossier.c.wrapped_key.is_not(None),
            or_(last.c.at.is_(None), last.c.at < item.c.since),
        )
        .order_by(item.c.dossier_id, item.c.id)
    )
    return [(row.id, row.dossier_id) for row in connection.execute(statement)]


def rows(connection: Connection, dossiers: Collection[int]) -> Sequence[RowMapping]:
    """The outcome rows of dossiers that are still kept, the first first: `dossier_id, delivery_id, created_at, row`."""
    statement = (
        select(outbox.c.dossier_id, outbox.c.delivery_id, outbox.c.created_at, outbox.c.row)
        .where(outbox.c.dossier_id.in_(dossiers), func.length(outbox.c.row) > 0)
        .order_by(outbox.c.id)
    )
    return connection.execute(statement).mappings().all()
