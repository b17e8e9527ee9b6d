"""A run: reads each source of a site, maps, decides what changed, builds, hands over, and counts.

One dossier goes through `SourceRun.dossier`: record → mapped dossier → its documents → `DocumentRun` → outcome.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from dui_bridge.connectors.ports import Incremental, Ready, Waiting
from dui_bridge.declared import Problems
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Finding, Origin
from dui_bridge.journal.keys import derive
from dui_bridge.journal.records import RunState
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.model.exchange import Record
from dui_bridge.pipeline.assemble import AssembledMapping, assemble_mapping, digest_of
from dui_bridge.pipeline.documents import DocumentRun, distinct
from dui_bridge.pipeline.duplicates import Duplicates
from dui_bridge.pipeline.errors import UnknownEstablishment, UnknownSource
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.ids import run_id
from dui_bridge.pipeline.reports.html import as_html
from dui_bridge.pipeline.results import RunResult, SourceResult, SourceState
from dui_bridge.pipeline.rules import LEFT_OUT, SAME_PERSON
from dui_bridge.site.settings import Site
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.official_rules import NO_PACK

DOSSIER_HELD = "dossier_held"
OTHER_ESTABLISHMENT = "other_establishment"


@dataclass(frozen=True)
class RunOptions:
    """What was asked: nothing written, only one establishment (FINESS), only one source."""

    dry_run: bool = False
    establishment: str | None = None
    source: str | None = None


def run_site(site: Site, options: RunOptions, steps: Steps) -> RunResult:
    """Runs the sources of a site one after the other, and writes the report.

    Raises:
        DuiBridgeError: a mapping does not check, an export cannot be read, a folder or the journal cannot be used. What
            was handed over before stays handed over, and the next run goes on from there.
    """
    _check(site, options)
    # Every mapping is checked before anything of any export is read.
    assembled = {name: _assembled(site, name) for name in site.sources if options.source in (None, name)}
    result = RunResult(site.id, options.dry_run)
    with ExitStack() as stack:
        journal = None
        if not options.dry_run or (site.data / "journal.sqlite").exists():
            journal = stack.enter_context(Journal.open(site.data, site.key()))
        for name, mapping in assembled.items():
            outcome = SourceResult(name)
            result.sources.append(outcome)
            SourceRun(site, name, mapping, options, journal, outcome, steps).run()
    if not options.dry_run:
        write_report(site.report, as_html(result, site.language))
    return result


def _check(site: Site, options: RunOptions) -> None:
    if options.establishment is not None and site.establishment(options.establishment) is None:
        raise UnknownEstablishment(finess=options.establishment, known=", ".join(e.finess for e in site.establishments))
    if options.source is not None and options.source not in site.sources:
        raise UnknownSource(source=options.source, known=", ".join(site.sources))


def _assembled(site: Site, name: str) -> AssembledMapping:
    path = site.sources[name].mapping
    problems = Problems(path.name)
    assembled = assemble_mapping(path, problems, every_column=False)
    problems.check()
    return assembled


class SourceRun:
    """The run of one source. `journal` is None for a dry run of a site that never ran."""

    def __init__(
        self,
        site: Site,
        name: str,
        mapping: AssembledMapping,
        options: RunOptions,
        journal: Journal | None,
        result: SourceResult,
        steps: Steps,
    ) -> None:
        if mapping.plan is None:
            raise ValueError("the mapping has errors")
        self._site, self._name, self._options, self._steps = site, name, options, steps
        self._journal, self._result = journal, result
        self._mapping, self._plan = mapping, mapping.plan
        self._source = mapping.open_source(site.sources[name].path)
        self._key = derive(site.key(), "fingerprints")
        self._duplicates = Duplicates(self._key)

    def run(self) -> None:
        """Reads the newest complete export, or says for what it waits."""
        now = datetime.now(UTC)
        try:
            ready = self._source.prepare(now)
            with self._recorded(ready, now) as run:
                if isinstance(ready, Waiting):
                    self._result.state = SourceState.WAITING
                    self._result.add_findings(ready.findings)
                    self._steps.event("export_waiting", source=self._name)
                else:
                    self._read(ready, run)
        finally:
            self._source.close()

    @contextmanager
    def _recorded(self, ready: Ready | Waiting, now: datetime) -> Iterator[str]:
        """The run as the journal tells it: running, then done, waiting or failed."""
        run = run_id(now, os.urandom(4))
        if self._journal is None or self._options.dry_run:
            yield run
            return
        export = ready.name if isinstance(ready, Ready) else ""
        self._journal.start_run(run, self._name, export, self._mapping.versions(), now)
        state: RunState | None = RunState.FAILED
        try:
            yield run
            state = RunState.DONE if self._result.state is SourceState.DONE else RunState.WAITING
        except KeyboardInterrupt:
            # It may have struck inside a transaction that still holds the write lock: the next run closes this one as
            # interrupted.
            state = None
            raise
        finally:
            if state is not None:
                self._journal.end_run(run, state, self._numbers(), datetime.now(UTC))

    def _read(self, ready: Ready, run: str) -> None:
        self._result.export = ready.name
        self._steps.event("run_started", source=self._name, export=ready.name)
        digest = partial(digest_of, self._source)
        context = Context(datetime.now(UTC).date(), self._site.establishments, digest)
        handover = Handover(
            self._site, self._name, run, self._mapping.versions(), None if self._options.dry_run else self._journal
        )
        if not self._options.dry_run:
            handover.finish_interrupted()
        documents = DocumentRun(
            self._site, self._name, self._key, self._journal, handover, self._source.open, digest, self._result
        )
        cursor = ready.cursor
        if isinstance(self._source, Incremental):
            cursor = self._journal.cursor(self._name) if self._journal is not None else None
        for read, record in enumerate(self._source.records(cursor), start=1):
            self.dossier(record, context, documents)
            self._steps.advance(self._name, read, ready.records)
        documents.flush()
        self._keep_cursor()
        if official_checker().pack is None:
            self._result.add_findings([Finding(NO_PACK)])
        self._result.add_findings(self._source.findings())
        self._steps.event("run_ended", source=self._name, **self._numbers())

    def _keep_cursor(self) -> None:
        """After everything that was read has been dealt with: a run cut short reads it again."""
        if self._journal is None or self._options.dry_run or self._options.establishment is not None:
            return
        following = self._source.next_cursor() if isinstance(self._source, Incremental) else None
        if following is not None:
            self._journal.store_cursor(self._name, following)

    def dossier(self, record: Record, context: Context, documents: DocumentRun) -> None:
        """One usager's record, from its rows to its documents."""
        mapped = self._plan.apply(record, context)
        usagers = self._result.usagers
        other = self._options.establishment is not None and not self._is_asked_for(mapped)
        if mapped.left_out is not None or other:
            name = mapped.left_out or OTHER_ESTABLISHMENT
            usagers.leave_out(name)
            for _ in distinct(mapped.items):
                self._result.documents.leave_out(name)
            if mapped.left_out is not None:
                at = Origin(record.root.file, record.root.number)
                self._result.add_findings([Finding(LEFT_OUT, at, {"name": name}, dossier=mapped.key)])
            return
        self._result.add_findings(mapped.findings)
        if mapped.dossier is None or mapped.establishment is None:
            usagers.quarantine(mapped.held[0].rule.id)
            for _ in distinct(mapped.items):
                self._result.documents.quarantine(DOSSIER_HELD)
            return
        usagers.count("mapped")
        if other_dossier := self._duplicates.same_person(mapped.dossier.usager):
            self._result.add_findings([self._same_person(mapped, other_dossier)])
        documents.all_of(mapped)

    def _is_asked_for(self, mapped: Mapped) -> bool:
        # A dossier whose establishment is unknown is everybody's: its problem is shown whatever was asked for.
        return mapped.establishment is None or mapped.establishment.finess == self._options.establishment

    def _same_person(self, mapped: Mapped, other: str) -> Finding:
        path = "usager.identifiant_local"
        return Finding(SAME_PERSON, mapped.origin(path), {"other": other}, path, mapped.key)

    def _numbers(self) -> dict[str, int]:
        documents, usagers = self._result.documents, self._result.usagers
        return {
            "usagers_read": usagers.read,
            "documents_read": documents.read,
            "left_out": documents.left_out.total(),
            "quarantined": documents.quarantined.total(),
            **dict(sorted(documents.states.items())),
        }


def write_report(path: Path, html: str) -> None:
    """Writes the report whole or not at all. Raises FileUnusable."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(html, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
