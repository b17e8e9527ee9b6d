"""`status` as lines for a terminal, and as JSON written piece by piece."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final, TextIO

from dui_bridge.findings import Language
from dui_bridge.journal.overview import EXAMPLES, Snapshot
from dui_bridge.model.states import SETTLED
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.moments import age, moment
from dui_bridge.pipeline.reports.status import (
    Alert,
    DestinationStatus,
    Group,
    SourceStatus,
    Status,
    closed_destinations,
    items,
)
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site

_WIDTH: Final = 110
_LABEL: Final = 12


def as_text(status: Status, zone: tzinfo, language: Language) -> str:
    """Everything on one page; `zone`: in which times are shown."""
    return "\n".join(_Page(status, zone, language).lines())


class _Page:
    def __init__(self, status: Status, zone: tzinfo, language: Language) -> None:
        self._status, self._zone, self._language = status, zone, language

    def lines(self) -> Iterator[str]:
        status = self._status
        yield self._text("status_title", site=status.site, at=self._moment(status.at))
        yield from self._headline()
        yield from self._section("alerts", (line for alert in status.alerts for line in self._alert(alert)))
        yield from self._section("waiting", (line for group in status.groups for line in self._group(group)))
        yield from self._section("sources", (line for source in status.sources for line in self._source(source)))
        yield from self._section(
            "destinations", (line for destination in status.destinations for line in self._destination(destination))
        )
        yield from self._section("next", self._next())

    def _headline(self) -> Iterator[str]:
        status = self._status
        if not status.read and not status.groups:
            yield self._text("status_never")
            return
        usagers = sum(source.usagers.total() for source in status.sources)
        yield self._text(
            "status_waits" if status.waiting else "status_fine",
            read=status.read,
            usagers=usagers,
            documents=status.read - usagers,
            fine=status.read - status.waiting,
            waiting=status.waiting,
        )
        if status.since is not None:
            yield self._text("status_since", day=self._moment(status.since).split()[0])

    def _section(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        """A title and its lines; nothing when there are none."""
        found = list(lines)
        if found:
            yield from ("", self._text(f"section_{name}").upper(), *found)

    def _alert(self, alert: Alert) -> Iterator[str]:
        yield from self._wrapped(f"  ! {alert_words(alert, self._status.at, self._zone, self._language)}", 4)
        yield from self._wrapped(f"    → {alert_action(alert, self._language)}", 6)

    def _group(self, group: Group) -> Iterator[str]:
        waiting = group.waiting
        one = waiting.number == 1
        what = self._text(waiting.kind if one else f"{waiting.kind}s")
        parts = [f"{waiting.number} {what}", self._text(f"one_{waiting.state}" if one else waiting.state)]
        if waiting.destinations:
            names = sorted(waiting.destinations.items())
            to = ", ".join(name if len(names) == 1 else f"{name} ({number})" for name, number in names)
            parts.append(self._text("for_destination", name=to))
        parts.append(self._text("oldest", age=age(waiting.oldest, self._status.at, self._language)))
        if waiting.next_at is not None and waiting.next_at > self._status.at:
            parts.append(self._text("next_try", at=self._moment(waiting.next_at)))
        yield f"  {', '.join(parts)}"
        code = f" [{waiting.cause}]" if waiting.cause else ""
        yield from self._labelled("why", f"{group.cause.message}{code}")
        yield from self._labelled("todo", group.cause.action)
        yield from self._labelled("who", text(f"who_{group.cause.who}", self._language))
        ids = ", ".join(waiting.examples)
        if (more := waiting.number - len(waiting.examples)) > 0:
            ids += f" {self._text('and_others', number=more)}"
        yield from self._labelled("ids", ids)

    def _source(self, source: SourceStatus) -> Iterator[str]:
        if source.read_at is None:
            yield f"  {source.name}  {self._text('never_read')}"
        else:
            yield f"  {source.name}  {self._text('last_read', at=self._moment(source.read_at))}"
        if source.last is not None and source.last.started_at != source.read_at:
            yield f"    {source.last.id}  {self._text(f'ended_{source.last.state}')}"
        for name, counts in (("usagers", source.usagers), ("documents", source.documents)):
            if counts:
                yield from self._wrapped(f"    {counts.total()} {self._text(name)} : {self._counts(counts)}", 8)

    def _destination(self, destination: DestinationStatus) -> Iterator[str]:
        delivered = f"{destination.delivered} {self._text('delivered')}"
        if destination.confirmed is not None and destination.delivered:
            delivered += f", {self._text('confirmed', number=destination.confirmed)}"
        parts = [
            delivered,
            f"{destination.waiting} {self._text('waiting_count')}",
        ]
        unsettled = Counter({state.value: n for state, n in destination.states.items() if state not in SETTLED})
        if unsettled:
            parts[-1] += f" ({self._counts(unsettled)})"
        last = destination.brake.last_success_at
        if last is not None:
            parts.append(self._text("last_success", at=self._moment(last)))
        yield from self._wrapped(f"  {destination.name}  {', '.join(parts)}", 6)
        if destination.not_kept:
            words = self._text("delivery_not_kept", count=destination.not_kept, name=destination.name)
            yield from self._wrapped(f"    {words}", 6)
        if stop := stopped_words(destination, self._status.at, self._zone, self._language):
            yield from self._wrapped(f"    {stop}", 6)

    def _next(self) -> Iterator[str]:
        """Commands that fit what waits."""
        groups = [group.waiting for group in self._status.groups]
        one = next((group.examples[0] for group in groups if group.examples), None)
        if one is None:
            if not self._status.read:
                yield from self._command("run", "run")
            return
        yield from self._command(f"trace {one}", "trace")
        ruled = next((group.examples[0] for group in groups if group.destinations and group.examples), None)
        if ruled is not None:
            yield from self._command(f"explain {ruled}", "explain")
        states = {group.state for group in groups}
        if "quarantined" in states or "invalid" in states:
            yield from self._command("quarantine", "quarantine")
        if states & {"blocked", "doubtful"}:
            yield from self._command("review list", "review")
        if states & {"refused", "returned"}:
            cause = next(group.cause for group in groups if group.state in ("refused", "returned"))
            yield from self._command(f"replay --cause {cause}", "replay")
        if "hidden" in states:
            yield from self._command("dmp hidden", "hidden")
        if states & {"ready", "planned", "sending"}:
            waiting = next(group for group in groups if group.state in ("ready", "planned", "sending"))
            yield from self._command(f"queue {min(waiting.destinations)}", "queue")

    def _command(self, words: str, key: str) -> Iterator[str]:
        yield f"  dui-bridge {words:<28} {self._text(f'next_{key}')}"

    def _counts(self, counts: Mapping[str, int]) -> str:
        largest_first = sorted(counts.items(), key=lambda one: -one[1])
        return ", ".join(f"{number} {self._text(state)}" for state, number in largest_first)

    def _labelled(self, label: str, words: str) -> Iterator[str]:
        yield from self._wrapped(f"    {self._text(f'label_{label}'):<{_LABEL}}{words}", 4 + _LABEL)

    def _text(self, key: str, **values: object) -> str:
        found = text(key, self._language)
        return found.format(**values) if values else found

    def _moment(self, at: datetime) -> str:
        return moment(at, self._zone, self._language)

    @staticmethod
    def _wrapped(line: str, indent: int) -> list[str]:
        return textwrap.wrap(
            line, _WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
        )


def alert_words(alert: Alert, now: datetime, zone: tzinfo, language: Language) -> str:
    """What an alert says."""
    values: dict[str, str] = {}
    for name, value in alert.values.items():
        values[name] = moment(value, zone, language) if isinstance(value, datetime) else value
    named = [f"delivery-{one}" for one in alert.deliveries]
    values["which"] = ", ".join(named[:EXAMPLES])
    if (more := len(named) - EXAMPLES) > 0:
        values["which"] += f" {text('and_others', language).format(number=more)}"
    if isinstance(oldest := alert.values.get("oldest"), datetime):
        values["age"] = age(oldest, now, language)
    if alert.kind in ("held", "refusal"):
        values["reason"] = explain_cause(values["reason"], None, language, state="held").message
    elif "reason" in values:
        values["reason"] = values["reason"] or text("no_reason", language)
    return text(f"alert_{alert.kind}", language).format(**values)


def alert_action(alert: Alert, language: Language) -> str:
    """What to do about an alert."""
    first = f"delivery-{alert.deliveries[0]}" if alert.deliveries else ""
    return text(f"do_alert_{alert.kind}", language).format(**alert.values, first=first)


def stopped_words(destination: DestinationStatus, now: datetime, zone: tzinfo, language: Language) -> str:
    """What stops or slows a destination; empty when nothing does."""
    brake = destination.brake
    if brake.paused_at is not None and brake.paused(now):
        words = text("paused", language).format(
            at=moment(brake.paused_at, zone, language),
            by=brake.paused_by,
            reason=brake.reason or text("no_reason", language),
        )
        until = text("paused_until", language).format(at=moment(brake.until, zone, language)) if brake.until else ""
        return f"{words}, {until}" if until else words
    if brake.gate(now) == "shut" and brake.retry_at is not None:
        return text("circuit_open", language).format(
            number=brake.failures, code=brake.last_code, at=moment(brake.retry_at, zone, language)
        )
    if destination.rest is not None:
        return f"{destination.rest.reason.message(language)} [{destination.rest.reason.code}]"
    return text("probing", language) if brake.gate(now) == "probe" else ""


def write_json(out: TextIO, site: Site, status: Status, seen: Snapshot, language: Language) -> None:
    """One JSON document; what waits is written as it is read, so that its number does not matter."""
    zone = site.zone
    held_back = closed_destinations(status.destinations, status.at, language)
    head = {"read": status.read, "states": dict(sorted(status.states.items()))}
    out.write(json.dumps(head, ensure_ascii=False)[:-1])
    for name, others in (("items", False), ("others", True)):
        out.write(f', "{name}": [')
        for number, one in enumerate(items(site, seen, held_back, status.holds, language, others=others)):
            out.write(("," if number else "") + "\n" + json.dumps(one, ensure_ascii=False))
        out.write("]")
    tail: dict[str, Any] = {
        "sources": [_source(source) for source in status.sources],
        "destinations": [_destination(one, status.at, zone, language) for one in status.destinations],
        "hidden": [one.row(language) for one in status.hidden],
        "alerts": [
            {
                "alert": alert.kind,
                "message": alert_words(alert, status.at, zone, language),
                "action": alert_action(alert, language),
                "deliveries": [f"delivery-{one}" for one in alert.deliveries],
            }
            for alert in status.alerts
        ],
    }
    out.write(",\n" + json.dumps(tail, ensure_ascii=False, indent=1)[1:] + "\n")


def _source(source: SourceStatus) -> dict[str, Any]:
    return {
        "source": source.name,
        "read_at": source.read_at.isoformat() if source.read_at is not None else None,
        "export": source.last.export if source.last is not None else None,
        "run": source.last.id if source.last is not None else None,
        "run_state": str(source.last.state) if source.last is not None else None,
        "read": source.read,
        "usagers": dict(source.usagers),
        "documents": dict(source.documents),
    }


def _destination(destination: DestinationStatus, now: datetime, zone: tzinfo, language: Language) -> dict[str, Any]:
    brake = destination.brake
    return {
        "destination": destination.name,
        "delivered": destination.delivered,
        "confirmed": destination.confirmed,
        "waiting": destination.waiting,
        "not_kept": destination.not_kept,
        "states": {str(state): number for state, number in destination.states.items()},
        "gate": brake.gate(now),
        "stopped_by": stopped_words(destination, now, zone, language) or None,
        "last_success_at": brake.last_success_at.isoformat() if brake.last_success_at is not None else None,
    }
