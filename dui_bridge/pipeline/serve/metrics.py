"""What monitoring reads, in the text format 0.0.4 of Prometheus. Names, states and numbers; never a person.

Written by hand: a dozen gauges do not pay for a library that keeps its own state beside the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dui_bridge import __version__
from dui_bridge.journal.control_records import Circuit
from dui_bridge.journal.store import Journal
from dui_bridge.site.forms import seconds
from dui_bridge.site.settings import Site

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Process:
    """What the journal does not know.

    Args:
        ready: as `/ready` says.
        started_at: aware.
        overdue: the sources whose export did not come in time.
        purge_failed: files that the last purge could not remove.
    """

    ready: bool
    started_at: datetime
    overdue: frozenset[str]
    purge_failed: int


def metrics(site: Site, journal: Journal, process: Process, now: datetime) -> str:
    """All of them. Raises JournalUnusable."""
    with journal.overview.snapshot() as seen:
        items, readings = seen.counts(), seen.last_readings()
    numbers, brakes = journal.gauges.numbers(), {brake.destination: brake for brake in journal.brakes.all()}
    counted: dict[tuple[str, str, str], int] = {}
    for one in items:
        key = (one.source, one.kind, one.shown)
        counted[key] = counted.get(key, 0) + one.number
    destinations = sorted({*site.destinations, *brakes, *(name for name, _ in numbers.deliveries)})
    depth = {name: sum(one.number for one in numbers.queues if one.destination == name) for name in destinations}
    oldest = {name: _oldest([q.oldest for q in numbers.queues if q.destination == name], now) for name in destinations}
    late = {name: urgent_late(site, journal, name, now) for name in site.destinations}
    paused = {name: name in brakes and brakes[name].paused(now) for name in destinations}
    circuit = {name: name in brakes and brakes[name].circuit is Circuit.OPEN for name in destinations}
    success = {name: at.timestamp() for name, brake in brakes.items() if (at := brake.last_success_at) is not None}
    parts = [
        _gauge("info", "The version that runs.", [({"version": __version__, "profile": site.profile.value}, 1)]),
        _gauge("ready", "1 when it works, as /ready says.", [({}, process.ready)]),
        _gauge("start_timestamp_seconds", "When the process started.", [({}, process.started_at.timestamp())]),
        _gauge("restored", "1 until `reconcile` has asked what left.", [({}, journal.restoration.is_open())]),
        _gauge(
            "source_last_success_timestamp_seconds",
            "When the last reading that came to its end began.",
            _by("source", {name: at.timestamp() for name, at in readings.items()}),
        ),
        _gauge("source_overdue", "1 when no export came by its time.", _flags("source", site.sources, process.overdue)),
        _gauge("destination_last_success_timestamp_seconds", "The last success.", _by("destination", success)),
        _gauge(
            "mailbox_last_success_timestamp_seconds",
            "When a mailbox was last read to its end.",
            _by("mailbox", _mailboxes(journal)),
        ),
        _gauge(
            "mails",
            "Mails that came, by state.",
            _by("state", {state.value: number for state, (number, _) in journal.inbox.counts().items()}),
        ),
        _gauge(
            "items",
            "What the last readings gave, each in one state.",
            [({"source": s, "kind": k, "state": t}, number) for (s, k, t), number in sorted(counted.items())],
        ),
        _gauge(
            "deliveries",
            "Deliveries by state.",
            [({"destination": d, "state": s}, number) for (d, s), number in sorted(numbers.deliveries.items())],
        ),
        _gauge("queue_depth", "Deliveries that are about to leave.", _by("destination", depth)),
        _gauge("oldest_waiting_seconds", "Age of the oldest of them.", _by("destination", oldest)),
        _gauge("urgent_late", "Urgent deliveries that wait longer than allowed.", _by("destination", late)),
        _gauge("destination_paused", "1 while it is paused.", _by("destination", paused)),
        _gauge("destination_circuit_open", "1 while it is left alone.", _by("destination", circuit)),
        _gauge(
            "runs",
            "Readings by state.",
            [({"source": s, "state": t}, number) for (s, t), number in sorted(numbers.runs.items())],
        ),
        _gauge(
            "outcome_rows_waiting",
            "Rows that the DUI was not given yet.",
            _by("source", {name: number for name, (number, _) in numbers.outcomes.items()}),
        ),
        _gauge("purge_failed_files", "Files that the last purge could not remove.", [({}, process.purge_failed)]),
    ]
    return "".join(parts)


def urgent_late(site: Site, journal: Journal, destination: str, now: datetime) -> int:
    """How many urgent deliveries wait for a destination longer than `urgent_within`. Raises JournalUnusable."""
    limit = timedelta(seconds=seconds(site.destinations[destination].urgent_within))
    with journal.overview.snapshot() as seen:
        return seen.urgent_waiting(destination, now - limit)[0]


def _mailboxes(journal: Journal) -> dict[str, float]:
    """Address of an establishment → when it was last read."""
    known = journal.inbox.mailboxes()
    return {one.address: one.success_at.timestamp() for one in known if one.success_at is not None}


def _oldest(times: Iterable[datetime], now: datetime) -> float:
    return max((max(0.0, (now - at).total_seconds()) for at in times), default=0.0)


def _by(label: str, values: Mapping[str, float]) -> list[Sample]:
    return [({label: name}, value) for name, value in sorted(values.items())]


def _flags(label: str, names: Iterable[str], raised: frozenset[str]) -> list[Sample]:
    return [({label: name}, name in raised) for name in sorted(names)]


def _gauge(name: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP dui_bridge_{name} {text}\n# TYPE dui_bridge_{name} gauge\n"]
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(given)}"' for label, given in labels.items())
        shown = str(int(value)) if float(value).is_integer() else repr(float(value))
        lines.append(f"dui_bridge_{name}{f'{{{inside}}}' if inside else ''} {shown}\n")
    return "".join(lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
