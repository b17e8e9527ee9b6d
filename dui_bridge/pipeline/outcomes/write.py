"""Gives the DUI what waits in the outbox: a file at a time, whole or not at all, or its API.

A row is marked after it was given: a process killed in between gives it again, with the same `row_id`, and never loses
one. What fails is tried again, later and later; nothing of it stops a delivery.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from dui_bridge.connectors.csv import report as csv_report
from dui_bridge.connectors.json import report as json_report
from dui_bridge.connectors.rest import RestReport, Timing, open_report
from dui_bridge.connectors.rest.errors import ReportRefused
from dui_bridge.connectors.wire.laid_file import lay
from dui_bridge.connectors.wire.outcome_text import Encoded
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Rule
from dui_bridge.journal.records import OutboxRow
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.outcomes import Fact, OutcomePlan, Told
from dui_bridge.pipeline.assemble import AssembledMapping
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.outcomes import rules
from dui_bridge.pipeline.outcomes.collect import collect_outcomes
from dui_bridge.site.settings import Site

_ROWS: Final = 5_000
"""Of one file."""

_LONGEST_DELAY: Final = timedelta(hours=6)


@dataclass
class Written:
    """What one pass did.

    Args:
        rows: given to the DUI.
        left_out: that a table of the mapping leaves out.
        failed: that wait for another try.
        files: their names, in the order in which they were laid.
        findings: what a person should know.
    """

    rows: int = 0
    left_out: int = 0
    failed: int = 0
    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    """A row that waits, as the mapping wants it."""

    waiting: OutboxRow
    facts: dict[str, Fact]
    told: Told


def plan_of(site: Site, source: str, mapping: AssembledMapping) -> OutcomePlan | None:
    """What a source is told by; None when its mapping has no `outcomes`, or the site gives no folder for the files."""
    plan = mapping.plan.outcomes if mapping.plan is not None else None
    is_placed = plan is not None and (plan.kind == "rest" or site.sources[source].outcomes is not None)
    return plan if is_placed else None


def write_outcomes(
    site: Site,
    journal: Journal,
    source: str,
    mapping: AssembledMapping,
    now: datetime,
    *,
    run: str = "",
    timing: Timing | None = None,
) -> Written:
    """Collects what the DUI was not told yet, and gives it what waits.

    Args:
        mapping: of the source.
        now: aware.
        run: stands for `{run}` in the name of a file; by default the time.
        timing: the clock of the API's client.
    Returns:
        nothing done when the source is told nothing, or another process is at it.
    Raises:
        JournalUnusable: what was not marked is given again.
    """
    written = Written()
    plan = plan_of(site, source, mapping)
    if plan is None:
        return written
    with journal.lock(f"outcomes {source}") as held:
        if held:
            collect_outcomes(site, journal, source, now)
            _Pass(site, journal, source, mapping, plan, now, run or f"{now:%Y%m%dT%H%M%S}", written).work(timing)
    return written


@dataclass(frozen=True)
class _Pass:
    """One pass over what waits for one source."""

    site: Site
    journal: Journal
    source: str
    mapping: AssembledMapping
    plan: OutcomePlan
    now: datetime
    run: str
    written: Written
    unmapped: Counter[str] = field(default_factory=Counter)
    settled: set[int] = field(default_factory=set)
    """Rows of this pass that were given, or failed."""

    def work(self, timing: Timing | None) -> None:
        give = self._lay if self.plan.kind != "rest" else lambda rows: self._post(rows, timing)
        while waiting := self.journal.outbox.waiting(self.source, self.now, _ROWS):
            rows = self._rows(waiting)
            if rows and not give(rows):
                break
        for column, count in self.unmapped.items():
            self._note(rules.UNMAPPED, count, column=column)

    def _rows(self, waiting: Sequence[OutboxRow]) -> list[_Row]:
        """The rows as the mapping wants them; those that it leaves out are done with."""
        rows, left_out = [], []
        for one in waiting:
            facts = {name: value if isinstance(value, str | int) else None for name, value in one.row.items()}
            told = self.plan.told(facts)
            if told is None:
                left_out.append(one.id)
                continue
            self.unmapped.update(told.unmapped)
            rows.append(_Row(one, facts, told))
        if left_out:
            self.written.left_out += len(left_out)
            self.journal.outbox.written(left_out, "", self.now)
        return rows

    def _lay(self, rows: Sequence[_Row]) -> bool:
        """One file; False when it could not be laid."""
        encoded = self._encoded(rows)
        folder = self.site.sources[self.source].outcomes or Path()
        try:
            reached("lay.before")
            laid = lay(folder, self._name(), encoded.data, owner=self.source)
            reached("lay.after")
        except DuiBridgeError as error:
            self._failed(rows, error)
            return False
        self._done(rows, laid.name)
        self.written.files.append(laid.name)
        if encoded.replaced:
            self._note(rules.REPLACED, encoded.replaced, encoding=self.plan.encoding)
        if encoded.neutralised:
            self._note(rules.NEUTRALISED, encoded.neutralised)
        return True

    def _encoded(self, rows: Sequence[_Row]) -> Encoded:
        cells = (row.told.cells for row in rows)
        if self.plan.kind == "json":
            return json_report.encode(cells, lines=self.plan.lines)
        names = [column.name for column in self.plan.fields]
        return csv_report.encode(cells, names, self.plan.encoding, self.plan.separator)

    def _name(self) -> str:
        local = self.now.astimezone(self.site.zone)
        return self.plan.file.format(run=self.run, date=f"{local:%Y%m%d}", time=f"{local:%H%M%S}")

    def _post(self, rows: Sequence[_Row], timing: Timing | None) -> bool:
        """Requests to the API; False when it cannot be told anything now."""
        rest: Sequence[_Row] = rows
        try:
            if self.mapping.source is None:
                raise ValueError("a plan without a source")
            settings, path = self.mapping.source.settings, self.site.sources[self.source].path
            report = open_report(settings, path, self.plan.post, timing=timing)
        except DuiBridgeError as error:
            self._failed(rows, error)
            return False
        size = self.plan.batch or 1
        send = self._object if self.plan.batch is None else self._array
        try:
            for start in range(0, len(rows), size):
                rest = rows[start:]
                self._batch(report, send, rest[:size])
        except DuiBridgeError as error:
            self._failed(rest, error)
            return False
        finally:
            report.close()
        return True

    def _batch(
        self, report: RestReport, send: Callable[[RestReport, Sequence[_Row]], None], rows: Sequence[_Row]
    ) -> None:
        try:
            send(report, rows)
        except ReportRefused as error:
            if len(rows) == 1:
                self._failed(rows, error)
                return
            # One that the DUI does not want must not keep back the others.
            for row in rows:
                self._batch(report, send, [row])
            return
        self._done(rows, "")

    def _object(self, report: RestReport, rows: Sequence[_Row]) -> None:
        (row,) = rows
        facts = {name: str(value) for name, value in row.facts.items() if value is not None}
        report.post(row.told.cells, facts, _key(row))

    def _array(self, report: RestReport, rows: Sequence[_Row]) -> None:
        report.post_all([row.told.cells for row in rows], [_key(row) for row in rows])

    def _done(self, rows: Sequence[_Row], file: str) -> None:
        ids = [row.waiting.id for row in rows]
        reached("told.before")
        self.journal.outbox.written(ids, file, self.now)
        reached("told.after")
        self.settled.update(ids)
        self.written.rows += len(rows)

    def _failed(self, rows: Sequence[_Row], error: DuiBridgeError) -> None:
        """Each row waits as long as its own tries ask for."""
        rows = [row for row in rows if row.waiting.id not in self.settled]
        self.written.failed += len(rows)
        by_tries: dict[int, list[int]] = {}
        for row in rows:
            by_tries.setdefault(row.waiting.tries, []).append(row.waiting.id)
        for tries, ids in by_tries.items():
            self.journal.outbox.failed(ids, self.now + delay(tries))
            self.settled.update(ids)
        first = self.now + delay(min(by_tries))
        self._note(
            rules.NOT_WRITTEN,
            len(rows),
            code=error.code,
            reason=error.message("en"),
            reason_fr=error.message("fr"),
            action=error.action("en"),
            action_fr=error.action("fr"),
            until=f"{first.astimezone(self.site.zone):%Y-%m-%d %H:%M}",
        )

    def _note(self, rule: Rule, count: int, **values: str) -> None:
        self.written.findings.append(Finding(rule, None, {"count": str(count), "source": self.source, **values}))


def delay(tries: int) -> timedelta:
    """How long a row waits after a failure, when it failed so often before."""
    return min(_LONGEST_DELAY, timedelta(minutes=1 << min(tries, 20)))


def _key(row: _Row) -> str:
    return str(row.facts.get("row_id") or row.waiting.id)
