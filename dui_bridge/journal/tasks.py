"""Replays and backfills: made, paused, cancelled. Their deliveries are ordinary ones that name their task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from dui_bridge.findings import Who
from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import KnownTask, TaskState
from dui_bridge.journal.queries import tasks as queries

if TYPE_CHECKING:
    from dui_bridge.journal.records import Json

CANCELLED_WITH_TASK: Final = "DLV-012"
"""The cause of a delivery that was cancelled because a person cancelled its task."""

_ENDED = {TaskState.CANCELLED, TaskState.DONE}


class Tasks:
    """Times are aware. Parameters and progress stand in clear: they must hold no personal data."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def add(self, kind: str, parameters: Mapping[str, Json], by: str, at: datetime) -> int:
        """A new task, `running`; its id.

        Args:
            kind: `replay` or `backfill`, at most 20 characters.
        """
        with self._access.writing() as connection:
            return queries.add(connection, kind, parameters, by, at)

    def get(self, task_id: int) -> KnownTask | None:
        """None when there is no such task."""
        with self._access.reading() as connection:
            return queries.get(connection, task_id)

    def all(self) -> list[KnownTask]:
        """Every task, the latest first."""
        with self._access.reading() as connection:
            return queries.all_tasks(connection)

    def set_state(self, task_id: int, state: TaskState, at: datetime) -> bool:
        """Pauses, goes on with, cancels or ends a task. Cancelled, its deliveries that have not left are so as well.

        Returns:
            False when there is no such task, or it has ended: then nothing is changed.
        """
        state = TaskState(state)
        with self._access.writing() as connection:
            if not queries.set_state(connection, task_id, state, at if state in _ENDED else None):
                return False
            if state is TaskState.CANCELLED:
                queries.cancel_deliveries(connection, task_id, CANCELLED_WITH_TASK, Who.NOBODY, at)
        return True

    def progress(self, task_id: int, progress: Mapping[str, Json]) -> None:
        """Says how far a task has come."""
        with self._access.writing() as connection:
            queries.set_progress(connection, task_id, progress)
