"""Asks policy about what is planned or blocked: what it lets go becomes ready, the rest is blocked with its cause."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dui_bridge.journal.records import DeliveryCase, Finished
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunState
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.worker import Gatekeeper, OnSettled

_PAGE: Final = 200

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
    on_settled: OnSettled | None = None,
) -> Planned:
    """Rules on deliveries page by page, each page one commit.

    What stays blocked for the same cause is not written again: it keeps the time since when. What a run records that is
    still under way stays planned: only at its end is it known whether a guard holds it.

    Args:
        source, destination, dossier: of these only; None: of all.
        states: `EVERYTHING`, `NEW` when nothing that policy reads has changed, or `ALSO_READY`.
        on_settled: called after the commit for each delivery that was newly blocked.
    """
    planned, after = Planned(), 0
    while True:
        page = journal.deliveries.cases(
            destination=destination, states=tuple(states), after=after, limit=_PAGE, source=source, dossier=dossier
        )
        if not page:
            return planned
        after = page[-1].delivery.id
        changes, blocked = [], []
        for case in page:
            if case.run_state is RunState.RUNNING:
                planned.too_early += 1
                continue
            change = _change(case, gate, now)
            if change is None:
                planned.unchanged += 1
                continue
            changes.append(change)
            if change[1] is DeliveryEvent.BLOCK:
                blocked.append((case, Finished(change[0], change[1], now, change[2], change[3])))
        if changes:
            reached("plan.before")
            journal.deliveries.change(changes, now)
            reached("plan.after")
        planned.ready += len(changes) - len(blocked)
        planned.blocked += len(blocked)
        if on_settled is not None:
            for case, finished in blocked:
                on_settled(case, finished.event, finished)


def _change(case: DeliveryCase, gate: Gatekeeper, now: datetime) -> tuple[int, DeliveryEvent, str, str] | None:
    delivery, ruling = case.delivery, gate.ruling(case, now)
    if ruling.allows:
        if delivery.state is DeliveryState.READY:
            return None
        return delivery.id, DeliveryEvent.ALLOW, "", ""
    if delivery.state is DeliveryState.BLOCKED and (delivery.cause, delivery.who) == (ruling.cause, ruling.who):
        return None
    return delivery.id, DeliveryEvent.BLOCK, ruling.cause, ruling.who.value
