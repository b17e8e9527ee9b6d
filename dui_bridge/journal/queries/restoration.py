"""What a journal that was put back knows of the time since."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from dui_bridge.journal.schema import attempt, run
from dui_bridge.model.states import RunKind, RunState

_READ: Final = [state.value for state in (RunState.DONE, RunState.HELD, RunState.RELEASED, RunState.DISCARDED)]
"""States of a run that came to the end of its export."""


def is_after(connection: Connection, run_id: str, since: datetime) -> bool:
    """Whether a run began after the first full reading of its source that began at `since` or later."""
    full = run.alias("full")
    first = (
        select(func.min(full.c.started_at))
        .where(
            full.c.source == run.c.source,
            full.c.kind == RunKind.FULL.value,
            full.c.state.in_(_READ),
            full.c.started_at >= since,
        )
        .scalar_subquery()
    )
    query = select(run.c.id).where(run.c.id == run_id, run.c.started_at > first)
    return connection.execute(query).scalar() is not None


def was_tried(connection: Connection, delivery_id: int, since: datetime) -> bool:
    """Whether a try of a delivery began since then."""
    query = select(attempt.c.id).where(attempt.c.delivery_id == delivery_id, attempt.c.started_at >= since).limit(1)
    return connection.execute(query).scalar() is not None


def read_since(connection: Connection, since: datetime) -> list[str]:
    """The sources of which a full reading that began since then came to its end."""
    query = (
        select(run.c.source)
        .where(run.c.kind == RunKind.FULL.value, run.c.state.in_(_READ), run.c.started_at >= since)
        .distinct()
        .order_by(run.c.source)
    )
    return list(connection.execute(query).scalars())
