"""`status`: what did not leave and why, where each source and destination stands, and what asks for a person now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

from dui_bridge.connectors.ports import Rest
from dui_bridge.findings import Language
from dui_bridge.journal.overview import EXAMPLES, Snapshot, WaitingGroup
from dui_bridge.journal.records import Brake, KnownRun
from dui_bridge.journal.restoration import RESTORED_AT
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import ARRIVED, SETTLED, DeliveryState, RunState
from dui_bridge.pipeline.delivery.destinations import OpenDestination, open_destinations
from dui_bridge.pipeline.delivery.rules import HIDDEN_THERE
from dui_bridge.pipeline.dmp.hidden import Hidden, hidden_there
from dui_bridge.pipeline.policy.defaults import CHANNELS
from dui_bridge.pipeline.reports.causes import Cause, explain_cause
from dui_bridge.pipeline.reports.holds import acting_holds, told_hold
from dui_bridge.pipeline.reports.inbox import KIND as MAIL_KIND
from dui_bridge.pipeline.reports.inbox import late_mails, mail_alerts
from dui_bridge.site.declaration import DestinationSettings, SourceSettings
from dui_bridge.site.forms import seconds
from dui_bridge.site.settings import Site

DOSSIER_HELD: Final = "dossier_held"
STILL: Final = frozenset({DeliveryState.READY, DeliveryState.PLANNED})
"""States in which a delivery only waits for its destination to be open."""
_SETTLED_ITEMS: Final = frozenset({"mapped", "left_out", "would_differ", "built", *(state.value for state in SETTLED)})
_REMOVED_WITHIN: Final = timedelta(hours=1)
"""A file is removed right after its row says that it is purged."""


@dataclass(frozen=True)
class Group:
    """What waits for one cause."""

    waiting: WaitingGroup
    cause: Cause


@dataclass(frozen=True)
class SourceStatus:
    """One source: when it was last read, and how many items of its last reading are in each state."""

    name: str
    read_at: datetime | None
    last: KnownRun | None
    usagers: Counter[str]
    documents: Counter[str]

    @property
    def read(self) -> int:
        return self.usagers.total() + self.documents.total()


@dataclass(frozen=True)
class DestinationStatus:
    """One destination: how many deliveries are in each state, and what stops it.

    `not_kept`: documents that stand, that it never received, and whose bytes are not kept any more. `rest`: until when
    it takes nothing more, although nothing is wrong. `by_mail`: receipts come back of what it took.
    """

    name: str
    states: Mapping[DeliveryState, int]
    brake: Brake
    not_kept: int = 0
    rest: Rest | None = None
    by_mail: bool = False

    @property
    def confirmed(self) -> int | None:
        """Of how many that were delivered a receipt came; None where none does."""
        return self.states.get(DeliveryState.ACKNOWLEDGED, 0) if self.by_mail else None

    @property
    def delivered(self) -> int:
        return sum(self.states.get(state, 0) for state in ARRIVED)

    @property
    def waiting(self) -> int:
        return sum(number for state, number in self.states.items() if state not in SETTLED)


@dataclass(frozen=True)
class Alert:
    """What asks for a person now: `alert_<kind>` and `do_alert_<kind>` are its texts; the printer shows the times, and
    the first of the deliveries that it is about."""

    kind: str
    values: Mapping[str, str | datetime] = field(default_factory=dict)
    deliveries: tuple[int, ...] = ()


@dataclass(frozen=True)
class Status:
    """All of it, at one moment."""

    site: str
    at: datetime
    sources: tuple[SourceStatus, ...]
    destinations: tuple[DestinationStatus, ...]
    groups: tuple[Group, ...]
    alerts: tuple[Alert, ...]
    since: datetime | None = None
    hidden: tuple[Hidden, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)

    @property
    def states(self) -> Counter[str]:
        """State → how many items; their sum is what was read."""
        return sum((source.usagers + source.documents for source in self.sources), Counter())

    @property
    def read(self) -> int:
        return self.states.total()

    @property
    def waiting(self) -> int:
        """How many items of the last readings wait."""
        return sum(number for state, number in self.states.items() if state not in _SETTLED_ITEMS)

    @property
    def all_well(self) -> bool:
        """Nothing waits, listed or not, and nothing asks for a person."""
        waiting = self.waiting or any(one.waiting for one in self.destinations)
        return not (waiting or self.groups or self.alerts)


def gather(
    site: Site, journal: Journal, seen: Snapshot, now: datetime, language: Language, since: datetime | None = None
) -> Status:
    """How everything stands. Raises JournalUnusable."""
    brakes = {brake.destination: brake for brake in journal.brakes.all()}
    destinations = tuple(_destinations(site, journal, seen, brakes, now))
    held_back = closed_destinations(destinations, now, language)
    sources = tuple(_sources(site, journal, seen))
    holds = acting_holds(journal, now)
    hidden = tuple(hidden_there(site, journal, now, seen.scope.finess))
    return Status(
        site=site.id,
        at=now,
        sources=sources,
        destinations=destinations,
        groups=(*_groups(site, seen, held_back, holds, language), *_hidden_groups(hidden, since, language)),
        alerts=(*_alerts(site, journal, seen, brakes, sources, now), *_late(hidden)),
        since=since,
        hidden=hidden,
        holds=holds,
    )


def items(
    site: Site,
    seen: Snapshot,
    held_back: Mapping[str, Cause],
    holds: Mapping[str, str],
    language: Language,
    *,
    others: bool = False,
) -> Iterator[dict[str, str]]:
    """What waits, for machines: one an item; `others`: the deliveries that no item of the last readings tells."""

    @cache
    def explained(code: str, state: str, who: str, destination: str | None) -> Cause:
        if destination is not None and destination in held_back and state in STILL:
            return held_back[destination]
        values = {**_values(site, () if destination is None else (destination,)), **holds}
        return told_hold(code, explain_cause(code, values, language, state=state, who=who), values, language)

    for one in seen.others() if others else seen.open_items():
        cause = explained(one.cause, one.state, one.who, one.destination)
        yield {
            "id": one.id,
            "kind": one.kind,
            "state": one.state,
            "cause": cause.message,
            "action": cause.action,
            "who": str(cause.who),
            "since": one.since.isoformat(),
        }


def closed_destinations(
    destinations: Iterable[DestinationStatus], now: datetime, language: Language
) -> dict[str, Cause]:
    """Destination → why nothing leaves for it now."""
    found = {}
    for one in destinations:
        if one.brake.gate(now) == "shut":
            state = "paused" if one.brake.paused(now) else "circuit"
            found[one.name] = explain_cause("", None, language, state=state)
        elif one.rest is not None:
            reason = one.rest.reason
            found[one.name] = Cause(reason.message(language), reason.action(language), reason.who)
    return found


def destination_status(
    opened: OpenDestination | None, journal: Journal, brake: Brake, states: Mapping[DeliveryState, int], now: datetime
) -> DestinationStatus:
    """How one destination stands; `opened` None: the site does not name it any more."""
    return DestinationStatus(
        brake.destination,
        states,
        brake,
        rest=None if opened is None else opened.rest(journal, now),
        by_mail=opened is not None and opened.kind == MAIL_KIND,
    )


def _values(site: Site, destinations: Iterable[str]) -> dict[str, str]:
    """What the messages of policy say of destinations; the journal keeps no values of a delivery's cause."""
    found: dict[str, dict[str, None]] = {}
    opened = open_destinations(site)
    for name in sorted(destinations):
        found.setdefault("destination", {})[name] = None
        if name in opened:
            for key, words in zip(("channel", "channel_fr"), CHANNELS[opened[name].channel], strict=True):
                found.setdefault(key, {})[words] = None
    return {key: ", ".join(words) for key, words in found.items()}


def _groups(
    site: Site, seen: Snapshot, held_back: Mapping[str, Cause], holds: Mapping[str, str], language: Language
) -> Iterator[Group]:
    """The documents of dossiers that are held come last: they follow by themselves."""
    groups = seen.groups()
    for group in sorted(groups, key=lambda one: one.cause == DOSSIER_HELD):
        values = {**_values(site, group.destinations), **holds}
        cause = explain_cause(group.cause, values, language, state=group.state, who=group.who)
        cause = told_hold(group.cause, cause, values, language)
        if group.state in STILL and group.destinations and set(group.destinations) <= set(held_back):
            cause = held_back[next(iter(group.destinations))]
        yield Group(group, cause)


def _hidden_groups(hidden: tuple[Hidden, ...], since: datetime | None, language: Language) -> Iterator[Group]:
    """What the patients do not see yet in the DMP: it arrived, and waits for who undertook to release it."""
    found = [one for one in hidden if since is None or one.since >= since]
    if found:
        group = WaitingGroup(
            kind="document",
            state="hidden",
            cause=HIDDEN_THERE.id,
            who=HIDDEN_THERE.who.value,
            number=len(found),
            oldest=min(one.since for one in found),
            destinations=dict(Counter(one.destination for one in found)),
            examples=tuple(one.document for one in found[:EXAMPLES]),
        )
        yield Group(group, explain_cause(group.cause, None, language, state=group.state, who=group.who))


def _late(hidden: tuple[Hidden, ...]) -> Iterator[Alert]:
    late = [one for one in hidden if one.late]
    if late:
        yield Alert("hidden", {"number": str(len(late)), "oldest": min(one.since for one in late)})


def _sources(site: Site, journal: Journal, seen: Snapshot) -> Iterator[SourceStatus]:
    """Those of the site file, and those that only the journal still knows."""
    read_at = seen.last_readings()
    counts: dict[tuple[str, str], Counter[str]] = {}
    for count in seen.counts():
        counts.setdefault((count.source, count.kind), Counter())[count.shown] += count.number
    for name in dict.fromkeys([*site.sources, *(source for source, _ in counts)]):
        yield SourceStatus(
            name,
            read_at.get(name),
            journal.last_run(name),
            counts.get((name, "usager"), Counter()),
            counts.get((name, "document"), Counter()),
        )


def _destinations(
    site: Site, journal: Journal, seen: Snapshot, brakes: Mapping[str, Brake], now: datetime
) -> Iterator[DestinationStatus]:
    states, opened = seen.destinations(), open_destinations(site)
    for name in dict.fromkeys([*site.destinations, *states]):
        brake = brakes.get(name) or Brake(name)
        stands = destination_status(opened.get(name), journal, brake, states.get(name, {}), now)
        not_kept = journal.deliveries.not_kept(name) if name in site.destinations else 0
        yield replace(stands, not_kept=not_kept)


def _alerts(
    site: Site,
    journal: Journal,
    seen: Snapshot,
    brakes: Mapping[str, Brake],
    sources: tuple[SourceStatus, ...],
    now: datetime,
) -> Iterator[Alert]:
    if (restored := seen.setting(RESTORED_AT)) is not None:
        yield Alert("restored", {"at": datetime.fromisoformat(restored)})
    for run in journal.runs(state=RunState.HELD):
        yield Alert("held", {"run": run.id, "name": run.source, "reason": run.cause})
    for name, settings in site.destinations.items():
        yield from _urgent(seen, name, settings, now)
    for name, brake in brakes.items():
        if brake.paused(now):
            yield Alert("paused", {"name": name, "reason": brake.reason})
        elif brake.gate(now) == "shut":
            yield Alert("circuit", {"name": name})
    for (name, finess), brake in journal.brakes.of_establishments().items():
        if brake.gate(now) == "shut" and brake.retry_at is not None:
            yield Alert("refusal", {"name": name, "finess": finess, "reason": brake.last_code, "at": brake.retry_at})
    for source in sources:
        if source.name in site.sources:
            yield from _unread(site, source, site.sources[source.name], now)
    for kind, values in mail_alerts(site, journal, now):
        yield Alert(kind, values)
    for late in late_mails(site, journal, now):
        yield Alert(*late)
    if failed := journal.overview.unremoved(now - _REMOVED_WITHIN):
        yield Alert("purge", {"number": str(failed)})


def _urgent(seen: Snapshot, name: str, settings: DestinationSettings, now: datetime) -> Iterator[Alert]:
    limit = settings.urgent_within
    number, oldest = seen.urgent_waiting(name, now - timedelta(seconds=seconds(limit)))
    if number and oldest is not None:
        yield Alert("urgent", {"number": str(number), "name": name, "limit": limit, "oldest": oldest})


def _unread(site: Site, source: SourceStatus, settings: SourceSettings, now: datetime) -> Iterator[Alert]:
    """An export is expected by this time on each day of its schedule, in the zone of the first establishment."""
    if settings.expected_by is None:
        return
    zone = site.zone
    hour, minute = map(int, settings.expected_by.split(":"))

    def due_on(day: date) -> datetime:
        return datetime.combine(day, time(hour, minute), zone)

    if settings.schedule is not None and source.read_at is not None:
        from dui_bridge.pipeline.serve.clock import cron  # APScheduler: only for a source that needs it

        following = cron(settings.schedule, zone).get_next_fire_time(None, source.read_at + timedelta(seconds=1))
        due = None if following is None else due_on(following.date())
        if due is not None and following is not None and due < following:
            due = due_on(following.date() + timedelta(days=1))
        late = due is not None and due <= now
    else:
        today = now.astimezone(zone).date()
        due = due_on(today) if due_on(today) <= now else due_on(today - timedelta(days=1))
        late = source.read_at is None or source.read_at < datetime.combine(due.date(), time(), zone)
    if late and due is not None:
        yield Alert("unread", {"name": source.name, "at": due.astimezone(UTC)})
