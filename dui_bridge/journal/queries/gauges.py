"""Numbers for monitoring, each one walk of an index or of a small table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select

from dui_bridge.journal.schema import delivery, outbox, run
from dui_bridge.model.states import DeliveryState

_QUEUED: Final = [state.value for state in (DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING)]


def runs(connection: Connection) -> Sequence[RowMapping]:
    """`source, state, number`."""
    query = select(run.c.source, run.c.state, func.count().label("number")).group_by(run.c.source, run.c.state)
    return connection.execute(query.order_by(run.c.source, run.c.state)).mappings().all()


def deliveries(connection: Connection) -> Sequence[RowMapping]:
    """`destination, state, number`."""
    query = select(delivery.c.destination, delivery.c.state, func.count().label("number"))
    grouped = query.group_by(delivery.c.destination, delivery.c.state)
    return connection.execute(grouped.order_by(delivery.c.destination, delivery.c.state)).mappings().all()


def queued(connection: Connection) -> Sequence[RowMapping]:
    """`destination, urgent, number, oldest`: what nothing but its turn or a passing failure keeps from leaving."""
    query = (
        select(
            delivery.c.destination,
            delivery.c.urgent,
            func.count().label("number"),
            func.min(delivery.c.created_at).label("oldest"),
        )
        .where(delivery.c.state.in_(_QUEUED))
        .group_by(delivery.c.destination, delivery.c.urgent)
        .order_by(delivery.c.destination, delivery.c.urgent)
    )
    return connection.execute(query).mappings().all()


def outcome_rows(connection: Connection) -> Sequence[RowMapping]:
    """`source, number, oldest`: rows that the DUI was not given yet."""
    query = (
        select(outbox.c.source, func.count().label("number"), func.min(outbox.c.created_at).label("oldest"))
        .where(outbox.c.written_at.is_(None))
        .group_by(outbox.c.source)
        .order_by(outbox.c.source)
    )
    return connection.execute(query).mappings().all()
