"""Asks policy about what is planned or blocked: what it lets go becomes ready, the rest is blocked with its cause."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from dui_bridge.journal.records import DeliveryCase, KnownRun
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import JUDGED, REGULAR, UNGUARDED, DeliveryEvent, DeliveryState, RunKind, RunState
from dui_bridge.pipeline.delivery.backfill import KEPT_BACK
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.rules import DAMAGED
from dui_bridge.pipeline.delivery.worker import Gatekeeper
from dui_bridge.pipeline.policy.recipient_rules import NOBODY_LEFT
from dui_bridge.pipeline.policy.rules import ADDED, RUN_HELD

_PAGE: Final = 200

_DOUBTED: Final = frozenset({RunState.RUNNING, RunState.INTERRUPTED, RunState.HELD, RunState.DISCARDED})
_RUNS: Final = 1_000
"""How far back one looks for the run that judged another."""

EVERYTHING: Final = (DeliveryState.PLANNED, DeliveryState.BLOCKED)
NEW: Final = (DeliveryState.PLANNED,)
ALSO_READY: Final = (*EVERYTHING, DeliveryState.READY)
"""When something may hold back what was let go: a hold, a decision."""


@dataclass
class Planned:
    """How many were let go, blocked (newly or for another cause), blocked as before, and not ruled on yet."""

    ready: int = 0
    blocked: int = 0
    unchanged: int = 0
    too_early: int = 0


def plan(
    journal: Journal,
    gate: Gatekeeper,
    now: datetime,
    *,
    source: str | None = None,
    destination: str | None = None,
    dossier: int | None = None,
    states: Collection[DeliveryState] = EVERYTHING,
) -> Planned:
    """Rules on deliveries page by page, each page one commit.

    What stays blocked for the same cause is not written again: it keeps the time since when. What a run records that is
    still under way stays planned, and what one left behind that was cut short: no guard has looked at it before a run
    of the same source ends.

    What is for those only who did not get it with another is cancelled when nobody of them is to get it any more.

    Args:
        source, destination, dossier: of these only; None: of all.
        states: `EVERYTHING`, `NEW` when nothing that policy reads has changed, or `ALSO_READY`.
    """
    planned, after, judged = Planned(), 0, Judged(journal)
    while True:
        page = journal.deliveries.cases(
            destination=destination, states=tuple(states), after=after, limit=_PAGE, source=source, dossier=dossier
        )
        if not page:
            return planned
        after = page[-1].delivery.id
        changes = []
        for case in page:
            if not judged(case):
                planned.too_early += 1
                continue
            change = change_of(journal, case, gate, now)
            if change is None:
                planned.unchanged += 1
                continue
            changes.append(change)
        if changes:
            reached("plan.before")
            journal.deliveries.change(changes, now)
            reached("plan.after")
        planned.ready += sum(event is DeliveryEvent.ALLOW for _, event, _, _ in changes)
        planned.blocked += sum(event is DeliveryEvent.BLOCK for _, event, _, _ in changes)


class Judged:
    """Whether a guard has looked at what a case's run recorded."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._runs: dict[str, list[KnownRun]] = {}

    def __call__(self, case: DeliveryCase) -> bool:
        state = case.delivery.state
        if state is DeliveryState.PLANNED and case.run_state in UNGUARDED:
            runs = self._of(case.delivery.source)
            own = next((run for run in runs if run.id == case.delivery.run), None)
            later = takewhile(lambda run: run is not own, runs)  # the latest first
            # An urgent file says nothing of what a whole reading recorded before it was cut short.
            regular = own is not None and own.kind in REGULAR
            return any(run.state in JUDGED and (run.kind in REGULAR or not regular) for run in later)
        if state is DeliveryState.BLOCKED and not _just_released(case):
            # What such a reading says of a person may be an accident: it frees nothing, while what forbids counts.
            # Changes do not tell again what a whole one told; they are themselves told again by the next ones.
            runs = self._of(case.delivery.source)
            latest = (next((run for run in runs if run.kind in kinds), None) for kinds in ((RunKind.FULL,), REGULAR))
            return not any(run is not None and run.state in _DOUBTED for run in latest)
        return True

    def _of(self, source: str) -> list[KnownRun]:
        if source not in self._runs:
            read = (run for run in self._journal.runs(source, limit=_RUNS) if run.state is not RunState.WAITING)
            self._runs[source] = list(read)
        return self._runs[source]


def _just_released(case: DeliveryCase) -> bool:
    """A person has let its run leave, and nothing but that run's being held was in the way."""
    return case.run_state is RunState.RELEASED and case.delivery.cause == RUN_HELD.id


def change_of(
    journal: Journal, case: DeliveryCase, gate: Gatekeeper, now: datetime
) -> tuple[int, DeliveryEvent, str, str] | None:
    """What policy makes of a delivery (id, event, cause, who); None: it stays as it is."""
    delivery, ruling = case.delivery, gate.ruling(case, now)
    if ruling.allows:
        if delivery.state is DeliveryState.READY:
            return None
        if delivery.cause == DAMAGED.id and journal.deliveries.sendable(delivery.id) is None:
            # Only the worker opens its bytes: it would find them as they were.
            return None
        return delivery.id, DeliveryEvent.ALLOW, "", ""
    if delivery.cause == ADDED.id and delivery.task is None and ruling.cause not in KEPT_BACK:
        # It would leave unasked once whatever else keeps it back is gone.
        return None
    if ruling.cause == NOBODY_LEFT.id:
        return delivery.id, DeliveryEvent.CANCEL, ruling.cause, ruling.who.value
    if delivery.state is DeliveryState.BLOCKED and (delivery.cause, delivery.who) == (ruling.cause, ruling.who):
        return None
    return delivery.id, DeliveryEvent.BLOCK, ruling.cause, ruling.who.value
