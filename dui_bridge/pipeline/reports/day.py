"""`report --day`: what was read and what left on one day, and what did not leave and why, as one HTML page.

No script, no outside resource; it shows ids and causes, no person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from html import escape

from dui_bridge.findings import Language
from dui_bridge.journal.overview import Snapshot
from dui_bridge.journal.records import KnownRun
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.html import STYLE
from dui_bridge.pipeline.reports.moments import age, moment
from dui_bridge.pipeline.reports.status import Group, Status, gather
from dui_bridge.pipeline.reports.status_print import alert_action, alert_words, stopped_words
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site


@dataclass(frozen=True)
class Day:
    """One day of a site.

    Args:
        delivered: destination, type of document, number.
        attempts: destination → how tries ended → number.
        status: how everything stands now; its groups hold only what already waited at the end of the day.
    """

    day: date
    runs: tuple[KnownRun, ...]
    delivered: tuple[tuple[str, str, int], ...]
    attempts: dict[str, dict[str | None, int]]
    status: Status


def bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a day begins and ends there; 23 or 25 hours when the clocks change."""
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def day_of(site: Site, journal: Journal, seen: Snapshot, day: date, now: datetime, language: Language) -> Day:
    """`seen`: of what waits since before the end of the day. Raises JournalUnusable."""
    begin, end = bounds(day, site.zone)
    runs = (journal.run(run) for run in seen.runs_between(begin, end))
    return Day(
        day,
        tuple(run for run in runs if run is not None),
        tuple(seen.delivered(begin, end)),
        seen.attempts(begin, end),
        gather(site, journal, seen, now, language),
    )


def as_html(day: Day, zone: tzinfo, language: Language) -> str:
    """The page."""
    return "\n".join(_Page(day, zone, language).parts()) + "\n"


class _Page:
    def __init__(self, day: Day, zone: tzinfo, language: Language) -> None:
        self._day, self._zone, self._language = day, zone, language

    def parts(self) -> Iterator[str]:
        day, status = self._day, self._day.status
        shown = day.day.strftime("%d/%m/%Y") if self._language == "fr" else day.day.isoformat()
        yield f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8"><title>dui-bridge</title>'
        yield f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        yield f"<h1>{escape(status.site)}, {shown}</h1>"
        yield f"<p>{self._text('day_intro', at=moment(status.at, self._zone, self._language))}</p>"
        yield from self._alerts(status)
        yield f"<h2>{self._text('section_waiting')}</h2>"
        yield from self._table(
            ("label_why", "label_todo", "label_who", "documents", "label_ids"), map(self._group, status.groups)
        )
        yield f"<h2>{self._text('day_read')}</h2>"
        yield from self._table(("source", "export", "day_began", "state", "numbers"), map(self._run, day.runs))
        yield f"<h2>{self._text('day_left')}</h2>"
        yield from self._table(("destination", "type", "delivered"), map(self._delivered, day.delivered))
        yield f"<h2>{self._text('section_destinations')}</h2>"
        yield from self._table(
            ("destination", "delivered", "waiting_count", "state", "day_attempts"), self._destinations()
        )
        yield "</body></html>"

    def _alerts(self, status: Status) -> Iterator[str]:
        if not status.alerts:
            return
        yield f"<h2>{self._text('section_alerts')}</h2><ul>"
        for alert in status.alerts:
            words = escape(alert_words(alert, status.at, self._zone, self._language))
            yield f'<li><span class="error">{words}</span><br>{escape(alert_action(alert, self._language))}</li>'
        yield "</ul>"

    def _group(self, group: Group) -> list[str]:
        waiting = group.waiting
        code = f' <span class="small">{escape(waiting.cause)}</span>' if waiting.cause else ""
        number = f"{waiting.number} {self._text(waiting.kind if waiting.number == 1 else waiting.kind + 's')}"
        to = f"<br>{escape(', '.join(f'{name} ({count})' for name, count in sorted(waiting.destinations.items())))}"
        old = self._text("oldest", age=age(waiting.oldest, self._day.status.at, self._language))
        ids = " ".join(f"<code>{escape(one)}</code>" for one in waiting.examples)
        more = waiting.number - len(waiting.examples)
        return [
            f"{escape(group.cause.message)}{code}",
            escape(group.cause.action),
            self._text(f"who_{group.cause.who}"),
            f'{number}{to if waiting.destinations else ""}<br><span class="small">{old}</span>',
            ids + (f' <span class="small">{self._text("and_others", number=more)}</span>' if more > 0 else ""),
        ]

    def _run(self, run: KnownRun) -> list[str]:
        state = self._text(f"ended_{run.state}")
        if run.cause:
            state += f"<br>{escape(explain_cause(run.cause, None, self._language, state=run.state).message)}"
        numbers = ", ".join(f"{number} {self._text(name)}" for name, number in run.counts.items() if number)
        began = moment(run.started_at, self._zone, self._language)
        return [escape(run.source), f"<code>{escape(run.export)}</code>", began, state, numbers]

    def _delivered(self, line: tuple[str, str, int]) -> list[str]:
        destination, kind, number = line
        return [escape(destination), escape(kind), str(number)]

    def _destinations(self) -> Iterator[list[str]]:
        status = self._day.status
        for one in status.destinations:
            results = self._day.attempts.get(one.name, {}).items()
            tries = ", ".join(f"{number} {self._result(result)}" for result, number in results)
            stopped = escape(stopped_words(one, status.at, self._zone, self._language))
            yield [escape(one.name), str(one.delivered), str(one.waiting), stopped, tries]

    def _table(self, heads: Iterable[str], rows: Iterable[list[str]]) -> Iterator[str]:
        """`rows`: cells in HTML."""
        found = list(rows)
        if not found:
            yield f"<p>{self._text('none')}</p>"
            return
        yield "<table><tr>" + "".join(f"<th>{self._text(head)}</th>" for head in heads) + "</tr>"
        for row in found:
            yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        yield "</table>"

    def _result(self, result: str | None) -> str:
        if result is None:
            return self._text("no_answer")
        return self._text(f"result_{result}").removeprefix("result_")

    def _text(self, key: str, **values: object) -> str:
        found = text(key, self._language)
        return escape(found.format(**values) if values else found)
