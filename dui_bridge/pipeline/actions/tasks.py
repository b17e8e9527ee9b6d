"""Replays and backfills under way: listed, paused, gone on with, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from dui_bridge.journal.records import Json, KeptBack, KnownTask, TaskState
from dui_bridge.journal.selections import Selection
from dui_bridge.model.states import NOT_LEFT, SETTLED, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.errors import TaskUnknown
from dui_bridge.pipeline.delivery.backfill import scope_of
from dui_bridge.pipeline.policy.rules import ADDED

Kind = Literal["replay", "backfill"]
Step = Literal["pause", "resume", "cancel"]

_LEADS_TO: Final[Mapping[Step, TaskState]] = {
    "pause": TaskState.PAUSED,
    "resume": TaskState.RUNNING,
    "cancel": TaskState.CANCELLED,
}
_LIVE: Final = (TaskState.RUNNING, TaskState.PAUSED)
_UNDER_WAY: Final = frozenset({*NOT_LEFT, DeliveryState.SENDING, DeliveryState.DOUBTFUL})


def steer(desk: Desk, kind: Kind, task_id: int, step: Step) -> Done:
    """Pauses a task, goes on with it, or cancels it.

    Cancelled, what has not left of a replay is cancelled; of a backfill, it is kept back again by what kept it before.

    Raises:
        TaskUnknown: there is none of this kind under way.
    """
    task = desk.journal.tasks.get(task_id)
    if task is None or task.kind != kind or task.state not in _LIVE:
        raise TaskUnknown(task=str(task_id))
    waiting = _waiting(_states(desk, task))
    if kind == "backfill" and step == "cancel":
        # Paused first: nothing is taken any more.
        desk.journal.tasks.set_state(task_id, TaskState.PAUSED, desk.now)
        came_later = KeptBack(ADDED.id, ADDED.who.value) if scope_of(task).destination is not None else None
        desk.journal.selections.let_go(task_id, desk.now, came_later)
    if not desk.journal.tasks.set_state(task_id, _LEADS_TO[step], desk.now):
        raise TaskUnknown(task=str(task_id))
    desk.audit(f"{kind} {step}", f"task-{task_id}", waiting=waiting)
    desk.ask_policy()
    return Done(f"{kind}_{step}", {"task": task_id, "number": waiting})


def tasks(desk: Desk, kind: Kind) -> Done:
    """Every task of a kind, the latest first, with what became of its deliveries. A replay that has ended is closed."""
    rows = []
    for task in desk.journal.tasks.all():
        if task.kind != kind:
            continue
        states = _states(desk, task)
        state = task.state
        if kind == "replay" and state in _LIVE and not any(one in _UNDER_WAY for one in states):
            desk.journal.tasks.set_state(task.id, TaskState.DONE, desk.now)
            state = TaskState.DONE
        rows.append(_row(task, state, states))
    return Done("tasks", {"number": len(rows)}, tuple(rows))


def _states(desk: Desk, task: KnownTask) -> dict[DeliveryState, int]:
    return desk.journal.selections.counts(Selection(task=task.id))


def _waiting(states: Mapping[DeliveryState, int]) -> int:
    return sum(number for state, number in states.items() if state in NOT_LEFT)


def _row(task: KnownTask, state: TaskState, states: Mapping[DeliveryState, int]) -> dict[str, Json]:
    return {
        "task": task.id,
        "state": state.value,
        "deliveries": sum(states.values()),
        "settled": sum(number for one, number in states.items() if one in SETTLED),
        "waiting": _waiting(states),
        "by": task.by,
        "at": task.created_at.isoformat(timespec="minutes"),
        "asked": {name: value for name, value in task.parameters.items() if value is not None},
    }
