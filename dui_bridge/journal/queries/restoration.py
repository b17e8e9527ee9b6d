"""What a journal that was put back knows of the time since."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from dui_bridge.journal.schema import attempt, delivery, run
from dui_bridge.model.states import REGULAR, RunState

_READ: Final = [state.value for state in (RunState.DONE, RunState.HELD, RunState.RELEASED, RunState.DISCARDED)]
"""States of a run that came to the end of its export."""


def is_after(connection: Connection, run_id: str, since: datetime) -> bool:
    """Whether a run began after the first regular reading of its source that began at `since` or later."""
    full = run.alias("full")
    first = (
        select(func.min(full.c.started_at))
        .where(
            full.c.source == run.c.source,
            full.c.kind.in_(sorted(REGULAR)),
            full.c.state.in_(_READ),
            full.c.started_at >= since,
        )
        .scalar_subquery()
    )
    query = select(run.c.id).where(run.c.id == run_id, run.c.started_at > first)
    return connection.execute(query).scalar() is not None


def is_made_after(connection: Connection, delivery_id: int, since: datetime) -> bool:
    """Whether a delivery was planned after the end of the first regular reading of its source since then.

    Whatever the site sent to was given its deliveries at every pass before: this one is of a destination that came
    later.
    """
    first = (
        select(func.min(run.c.ended_at))
        .where(
            run.c.source == delivery.c.source,
            run.c.kind.in_(sorted(REGULAR)),
            run.c.state.in_(_READ),
            run.c.started_at >= since,
        )
        .scalar_subquery()
    )
    query = select(delivery.c.id).where(delivery.c.id == delivery_id, delivery.c.created_at > first)
    return connection.execute(query).scalar() is not None


def was_tried(connection: Connection, delivery_id: int, since: datetime) -> bool:
    """Whether a try of a delivery began since then."""
    query = select(attempt.c.id).where(attempt.c.delivery_id == delivery_id, attempt.c.started_at >= since).limit(1)
    return connection.execute(query).scalar() is not None


def read_since(connection: Connection, since: datetime) -> list[str]:
    """The sources of which a regular reading that began since then came to its end."""
    query = (
        select(run.c.source)
        .where(run.c.kind.in_(sorted(REGULAR)), run.c.state.in_(_READ), run.c.started_at >= since)
        .distinct()
        .order_by(run.c.source)
    )
    return list(connection.execute(query).scalars())
