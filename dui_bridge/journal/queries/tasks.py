"""Replays and backfills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, RowMapping, insert, select, update

from dui_bridge.journal.control_records import KnownTask, TaskState
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import delivery, task
from dui_bridge.model.states import NOT_LEFT, DeliveryState

if TYPE_CHECKING:
    from dui_bridge.journal.records import Json

_LIVE = task.c.state.in_([TaskState.RUNNING.value, TaskState.PAUSED.value])
_NOT_LEFT = [state.value for state in sorted(NOT_LEFT)]


def add(connection: Connection, kind: str, parameters: Mapping[str, Json], by: str, at: datetime) -> int:
    added = connection.execute(
        insert(task)
        .values(
            kind=kind,
            state=TaskState.RUNNING.value,
            parameters=dict(parameters),
            progress={},
            by=fitted(task.c.by, by),
            created_at=at,
        )
        .returning(task.c.id)
    )
    return int(added.scalar_one())


def get(connection: Connection, task_id: int) -> KnownTask | None:
    row = connection.execute(select(task).where(task.c.id == task_id)).mappings().first()
    return None if row is None else _known(row)


def all_tasks(connection: Connection) -> list[KnownTask]:
    return [_known(row) for row in connection.execute(select(task).order_by(task.c.id.desc())).mappings()]


def set_state(connection: Connection, task_id: int, state: TaskState, ended_at: datetime | None) -> bool:
    """False when there is no such task, or it has ended."""
    changed = connection.execute(
        update(task).where(task.c.id == task_id, _LIVE).values(state=state.value, ended_at=ended_at)
    )
    return changed.rowcount == 1


def set_progress(connection: Connection, task_id: int, progress: Mapping[str, Json]) -> None:
    connection.execute(update(task).where(task.c.id == task_id).values(progress=dict(progress)))


def cancel_deliveries(connection: Connection, task_id: int, cause: str, who: str, at: datetime) -> int:
    """Cancels the deliveries of a task that have not left; how many."""
    cancelled = connection.execute(
        update(delivery)
        .where(delivery.c.task_id == task_id, delivery.c.state.in_(_NOT_LEFT))
        .values(state=DeliveryState.CANCELLED.value, cause=cause, who=who, since=at, settled_at=at, not_before=None)
    )
    return cancelled.rowcount


def _known(row: RowMapping) -> KnownTask:
    return KnownTask(
        id=row["id"],
        kind=row["kind"],
        state=TaskState(row["state"]),
        parameters=row["parameters"],
        progress=row["progress"],
        by=row["by"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )
