"""Backfills: so many documents a day that the start date or the baseline of a destination keeps back, oldest first.

So is what stood before a destination was added or put back and waits for a person's word, when the backfill names that
destination. A document that a backfill has taken is an ordinary delivery under its task: the gate no longer asks it for
any of these, and asks all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from dui_bridge.journal.records import Json, KnownTask, TaskState
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import NOT_LEFT, DeliveryState
from dui_bridge.pipeline.policy.facts import DocumentFacts
from dui_bridge.pipeline.policy.rules import ADDED, BASELINE, BEFORE_START
from dui_bridge.site.settings import Site

KIND: Final = "backfill"
KEPT_BACK: Final = (BEFORE_START.id, BASELINE.id)
"""Causes that any backfill lifts."""
_UNDER_WAY: Final = frozenset({*NOT_LEFT, DeliveryState.SENDING, DeliveryState.DOUBTFUL})
_LOCK: Final = "backfills"


@dataclass(frozen=True, slots=True)
class BackfillScope:
    """What a backfill brings; None: any."""

    doc_type: str | None
    finess: str | None
    destination: str | None

    def selection(self) -> Selection:
        """What is kept back of it now."""
        return Selection(
            states=(DeliveryState.BLOCKED,),
            # One that began before a destination came, for all of them, says nothing of that one.
            causes=KEPT_BACK if self.destination is None else (*KEPT_BACK, ADDED.id),
            doc_type=self.doc_type,
            finess=self.finess,
            destination=self.destination,
        )


def advance_backfills(site: Site, journal: Journal, now: datetime) -> int:
    """Lets each running backfill take what it may still take today; how many documents were taken.

    The day is that of the first establishment of the site. A backfill that finds nothing any more, and of which all has
    left, is done. Where another process is at it, nothing is done here.

    Raises:
        JournalUnusable: the next call goes on.
    """
    running = [task for task in journal.tasks.all() if task.kind == KIND and task.state is TaskState.RUNNING]
    if not running:
        return 0
    today = now.astimezone(site.zone).date()
    with journal.lock(_LOCK) as held:
        # The oldest first; read again, since another process may have taken today's share meanwhile.
        known = (journal.tasks.get(task.id) for task in reversed(running)) if held else ()
        return sum(_advance(journal, task, today, now) for task in known if task is not None)


def kept_back(journal: Journal, scope: BackfillScope) -> list[int]:
    """What is kept back, in the order of the dates of the documents; those without a date come last."""
    dated = sorted(_dated(journal, scope))
    return [delivery_id for _, delivery_id in dated]


def _advance(journal: Journal, task: KnownTask, today: date, now: datetime) -> int:
    per_day = task.parameters.get("per_day")
    if task.state is not TaskState.RUNNING or not isinstance(per_day, int):
        return 0
    taken, total = _number(task, "today"), _number(task, "total")
    if task.progress.get("day") != today.isoformat():
        taken = 0
    if taken >= per_day:
        return 0
    waiting = kept_back(journal, scope_of(task))[: per_day - taken]
    if not waiting:
        states = journal.selections.counts(Selection(task=task.id))
        if not any(state in _UNDER_WAY for state in states):
            journal.tasks.set_state(task.id, TaskState.DONE, now)
        return 0
    progress: dict[str, Json] = {
        "day": today.isoformat(),
        "today": taken + len(waiting),
        "total": total + len(waiting),
    }
    return journal.selections.adopt(waiting, task.id, progress)


def scope_of(task: KnownTask) -> BackfillScope:
    """What the task was asked to bring."""
    found = {name: task.parameters.get(name) for name in ("type", "establishment", "destination")}
    texts = {name: value if isinstance(value, str) else None for name, value in found.items()}
    return BackfillScope(texts["type"], texts["establishment"], texts["destination"])


def _dated(journal: Journal, scope: BackfillScope) -> Iterator[tuple[date, int]]:
    # What a backfill has taken is blocked until policy is asked again: it is not taken twice.
    backfills = {task.id for task in journal.tasks.all() if task.kind == KIND}
    for delivery_id in journal.selections.ids(scope.selection()):
        case = journal.deliveries.case(delivery_id)
        if case is None or case.delivery.task in backfills:
            continue
        day = DocumentFacts.from_json(case.document).dated
        if day is not None or case.delivery.cause == ADDED.id:
            yield day or date.max, delivery_id


def _number(task: KnownTask, name: str) -> int:
    value = task.progress.get(name, 0)
    return value if isinstance(value, int) else 0
