"""`queue`: what is about to leave for one destination, in that order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from dui_bridge.findings import Language
from dui_bridge.journal.overview import Queued
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.errors import check_destination
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.status import DestinationStatus, destination_status
from dui_bridge.pipeline.reports.status_print import stopped_words
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site


@dataclass(frozen=True)
class Queue:
    """What waits for a destination: the first `limit` in the order in which they leave."""

    destination: DestinationStatus
    queued: tuple[Queued, ...]
    limit: int
    at: datetime


def queue_of(site: Site, journal: Journal, name: str, limit: int, now: datetime) -> Queue:
    """Raises UnknownDestination."""
    check_destination(site, name)
    with journal.overview.snapshot() as seen:
        states = seen.destinations().get(name, {})
    opened = open_destinations(site).get(name)
    destination = destination_status(opened, journal, journal.brakes.get(name), states, now)
    return Queue(destination, tuple(journal.overview.queue(name, limit)), limit, now)


def as_dict(queue: Queue, language: Language) -> dict[str, Any]:
    """For machines."""
    return {
        "destination": queue.destination.name,
        "gate": queue.destination.brake.gate(queue.at),
        "states": {str(state): number for state, number in queue.destination.states.items()},
        "queue": [
            {
                "delivery": f"delivery-{one.id}",
                "document": f"document-{one.item}" if one.item is not None else None,
                "type": one.kind,
                "establishment": one.finess,
                "state": one.state,
                "urgent": one.urgent,
                "tries": one.tries,
                "not_before": one.not_before.isoformat() if one.not_before is not None else None,
                "since": one.since.isoformat(),
                "code": one.cause,
                "cause": explain_cause(one.cause, None, language, state=one.state, who=one.who).message,
            }
            for one in queue.queued
        ],
    }


def as_text(queue: Queue, zone: tzinfo, language: Language) -> str:
    """One line a delivery."""
    return "\n".join(_lines(queue, zone, language))


def _lines(queue: Queue, zone: tzinfo, language: Language) -> Iterator[str]:
    name, states = queue.destination.name, queue.destination.states
    if stop := stopped_words(queue.destination, queue.at, zone, language):
        yield f"{name} : {stop}"
    if not queue.queued:
        yield text("queue_none", language).format(name=name)
    for place, one in enumerate(queue.queued, start=1):
        waits = one.not_before is not None and one.not_before > queue.at
        when = moment(one.not_before, zone, language) if waits and one.not_before else text("now", language)
        subject = f"document-{one.item}" if one.item is not None else f"delivery-{one.id}"
        parts = [text(f"one_{one.state}", language), text("urgent", language) if one.urgent else "", when, one.cause]
        yield f"{place:>5}  {subject:<18}{one.kind:<28}{'  '.join(filter(None, parts))}"
    if len(queue.queued) == queue.limit:
        yield text("queue_more", language).format(limit=queue.limit)
    others = {
        state: number
        for state, number in states.items()
        if state.value in ("blocked", "doubtful", "refused", "returned")
    }
    if others:
        words = ", ".join(f"{number} {text(state.value, language)}" for state, number in others.items())
        yield text("queue_others", language).format(number=sum(others.values()), states=words)
