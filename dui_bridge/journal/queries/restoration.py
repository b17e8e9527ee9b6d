"""What a journal that was put back knows of the time since."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, select

from dui_bridge.journal.schema import attempt, delivery, run
from dui_bridge.model.states import REGULAR, RunState

_READ: Final = [state.value for state in (RunState.DONE, RunState.HELD, RunState.RELEASED, RunState.DISCARDED)]
"""States of a run that came to the end of its export."""
_reading = run.alias("reading")


def is_after(connection: Connection, run_id: str, since: datetime) -> bool:
    """Whether a run began after the first regular reading of its source that began at `since` or later."""
    first = _first(_reading.c.started_at, run.c.source, since)
    query = select(run.c.id).where(run.c.id == run_id, run.c.started_at > first)
    return connection.execute(query).scalar() is not None


def is_made_after(connection: Connection, delivery_id: int, since: datetime) -> bool:
    """Whether a delivery was planned after the end of the first regular reading of its source since then.

    Whatever the site sent to was given its deliveries at every pass before: this one is of a destination that came
    later.
    """
    first = _first(_reading.c.ended_at, delivery.c.source, since)
    query = select(delivery.c.id).where(delivery.c.id == delivery_id, delivery.c.created_at > first)
    return connection.execute(query).scalar() is not None


def was_tried(connection: Connection, delivery_id: int, since: datetime) -> bool:
    """Whether a try of a delivery began since then."""
    query = select(attempt.c.id).where(attempt.c.delivery_id == delivery_id, attempt.c.started_at >= since).limit(1)
    return connection.execute(query).scalar() is not None


def read_since(connection: Connection, since: datetime) -> list[str]:
    """The sources of which a regular reading that began since then came to its end."""
    query = select(_reading.c.source).where(_read_in_full(since)).distinct().order_by(_reading.c.source)
    return list(connection.execute(query).scalars())


def _first(time: ColumnElement[datetime], source: ColumnElement[str], since: datetime) -> ScalarSelect[datetime]:
    """The earliest time of the regular readings of a source since then."""
    return select(func.min(time)).where(_reading.c.source == source, _read_in_full(since)).scalar_subquery()


def _read_in_full(since: datetime) -> ColumnElement[bool]:
    """Whether `_reading` is a regular one that began since then and came to its end."""
    return and_(_reading.c.kind.in_(sorted(REGULAR)), _reading.c.state.in_(_READ), _reading.c.started_at >= since)
