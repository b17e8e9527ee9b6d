"""A run: reads each source of a site, maps, decides what changed, builds, plans deliveries, and counts; then delivers.

One dossier goes through `SourceRun.dossier`: record → mapped dossier → its documents → `DocumentRun` → the journal.
What leaves is the business of `delivery`, which asks policy for each document and destination.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from dui_bridge.connectors.ports import Incremental, Ready, Waiting
from dui_bridge.declared import Problems
from dui_bridge.errors import DuiBridgeError, FileUnusable, JournalUnusable, os_reasons
from dui_bridge.findings import Finding, Origin
from dui_bridge.journal.keys import derive
from dui_bridge.journal.records import KnownRun
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.model.exchange import Record
from dui_bridge.model.states import JUDGED, REGULAR, UNGUARDED, DocumentState, RunEvent, RunKind, RunState
from dui_bridge.pipeline.assemble import AssembledMapping, assemble_mapping, digest_of
from dui_bridge.pipeline.delivery import points
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.documents import DocumentRun, distinct
from dui_bridge.pipeline.duplicates import Duplicates
from dui_bridge.pipeline.errors import UnknownEstablishment, UnknownSource
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.guard import PERSON_CHANGED, held
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.identity.step import Asked, IdentityStep
from dui_bridge.pipeline.ids import run_id
from dui_bridge.pipeline.opening import journal_if_any, open_journal
from dui_bridge.pipeline.outcomes.write import write_outcomes
from dui_bridge.pipeline.reading import MAPPED, Reading, is_other_person, trait_digests
from dui_bridge.pipeline.reports.html import as_html
from dui_bridge.pipeline.results import RunResult, SourceResult, SourceState
from dui_bridge.pipeline.rules import LEFT_OUT, READ_AGAIN, SAME_PERSON
from dui_bridge.pipeline.sending import policy_of, send_due
from dui_bridge.site.settings import Site
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.official_rules import NO_PACK

_ENDS = {SourceState.DONE: RunEvent.END, SourceState.WAITING: RunEvent.WAIT, SourceState.HELD: RunEvent.HOLD}
_MANY = 1_000
"""Runs that are looked through for the last full ones: urgent files may come by the dozen."""
DOSSIER_HELD = "dossier_held"
OTHER_ESTABLISHMENT = "other_establishment"


@dataclass(frozen=True)
class RunOptions:
    """What was asked.

    Args:
        dry_run: nothing is written.
        establishment: only this FINESS.
        source: only this one.
        export: read this export instead of the newest of the source's folder, ahead of everything else (urgent).
        at_once: a person runs it: a destination that was left alone is tried now.
        whole: read all that the source holds, also of a source that can tell what changed.
        send: send what is due at the end. Where another thread or process does, what was made only waits for it.
    """

    dry_run: bool = False
    establishment: str | None = None
    source: str | None = None
    export: Path | None = None
    at_once: bool = False
    whole: bool = False
    send: bool = True

    @property
    def regular(self) -> bool:
        """Whether all that the source has to tell is read: only then do the guards look at it."""
        return self.establishment is None and self.export is None


def run_site(site: Site, options: RunOptions, steps: Steps) -> RunResult:
    """Runs the sources of a site one after the other, and writes the report.

    Raises:
        DuiBridgeError: a mapping does not check, an export cannot be read, a folder or the journal cannot be used. What
            was handed over before stays handed over, and the next run goes on from there.
    """
    points.arm(site.profile)
    _check(site, options)
    # Every mapping and the policy are checked before anything of any export is read.
    policy_of(site)
    assembled = {name: _assembled(site, name) for name in site.sources if options.source in (None, name)}
    result = RunResult(site.id, options.dry_run)
    failed: list[DuiBridgeError] = []
    with ExitStack() as stack:
        opened = journal_if_any(site) if options.dry_run else open_journal(site, make=True)
        journal = None if opened is None else stack.enter_context(opened)
        for name, mapping in assembled.items():
            outcome = SourceResult(name)
            result.sources.append(outcome)
            try:
                SourceRun(site, name, mapping, options, journal, outcome, steps).run()
            except JournalUnusable:
                raise
            except DuiBridgeError as error:
                # The other sources are read, and what is due leaves: this one's trouble is told at the end.
                if len(assembled) == 1:
                    raise
                failed.append(error)
                outcome.state = SourceState.FAILED
        if journal is not None and not options.dry_run and options.send:
            result.delivered = send_due(site, journal, steps, at_once=options.at_once)
            for outcome in result.sources:
                mapping = assembled[outcome.name]
                told = write_outcomes(site, journal, outcome.name, mapping, datetime.now(UTC), run=outcome.run)
                outcome.add_findings(told.findings)
    if not options.dry_run:
        write_report(site.report, as_html(result, site.language))
    if failed:
        raise failed[0]
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
        path = options.export or site.sources[name].path
        self._source = mapping.open_source(path, as_is=options.export is not None)
        self._key = derive(site.key(), "fingerprints")
        self._duplicates = Duplicates(self._key)
        self._persons_changed = 0
        self._kind = RunKind.FULL
        self._following: str | None = None
        self._again: Finding | None = None
        self._identity: IdentityStep | None = None

    def run(self) -> None:
        """Reads the newest complete export, or says for what it waits."""
        now = datetime.now(UTC)
        try:
            ready = self._source.prepare(now)
            cursor = self._cursor()
            self._kind = self._kind_from(cursor)
            with self._recorded(ready, now) as run:
                if isinstance(ready, Waiting):
                    self._result.state = SourceState.WAITING
                    self._result.add_findings(ready.findings)
                    self._steps.event("export_waiting", source=self._name)
                else:
                    self._read(ready, run, cursor)
        finally:
            self._source.close()

    @contextmanager
    def _recorded(self, ready: Ready | Waiting, now: datetime) -> Iterator[str]:
        """The run as the journal tells it: running, then done, waiting or failed."""
        run = self._result.run = run_id(now, os.urandom(4))
        if self._journal is None or self._options.dry_run:
            yield run
            return
        export = ready.name if isinstance(ready, Ready) else ""
        reached("begin.before")
        self._journal.start_run(run, self._name, export, self._mapping.versions(), now, self._kind)
        reached("begin.after")
        end: RunEvent | None = RunEvent.FAIL
        try:
            yield run
            end = _ENDS[self._result.state]
        except KeyboardInterrupt:
            # It may have struck inside a transaction that still holds the write lock: the next run closes this one as
            # interrupted.
            end = None
            raise
        finally:
            if end is not None:
                cause = self._result.held.rule.id if self._result.held is not None else ""
                reached("end.before")
                self._journal.end_run(run, end, self._numbers(), datetime.now(UTC), cause, self._following)
                reached("end.after")

    def _cursor(self) -> str | None:
        """Where to go on from, of a source that can tell what changed; None: all is read.

        Another mapping (were its version the same), or another version of the bridge, may make something else of what
        did not change. After a whole reading that was cut short, only another one says what it would have said.
        """
        asked = self._options.export is None and not self._options.whole
        if self._journal is None or not asked or not isinstance(self._source, Incremental):
            return None
        read = [run for run in self._journal.runs(self._name, limit=_MANY) if run.kind in REGULAR]
        whole = next((run for run in read if run.kind == RunKind.FULL and run.state is not RunState.WAITING), None)
        last = next((run for run in read if run.state in JUDGED), None)
        if last is None or whole is None or whole.state in UNGUARDED:
            return None
        cursor = self._journal.cursor(self._name)
        if cursor is not None:
            self._again = _read_again(last.versions, self._mapping.versions())
        return cursor if self._again is None else None

    def _kind_from(self, cursor: str | None) -> RunKind:
        if self._options.export is not None:
            return RunKind.URGENT
        if not self._options.regular:
            return RunKind.PART
        whole = cursor is None or not isinstance(self._source, Incremental) or self._source.reads_whole(cursor)
        return RunKind.FULL if whole else RunKind.CHANGES

    def _read(self, ready: Ready, run: str, cursor: str | None) -> None:
        self._result.export = ready.name
        self._steps.event("run_started", source=self._name, export=ready.name)
        if self._again is not None:
            self._result.again = self._again
            self._result.add_findings([self._again])
            self._steps.event("read_again", source=self._name, code=self._again.rule.id)
        digest = partial(digest_of, self._source)
        context = Context(datetime.now(UTC).date(), self._site.establishments, digest)
        written = None if self._options.dry_run else self._journal
        handover = Handover(self._site, run, self._mapping.versions(), written, urgent=self._options.export is not None)
        reading = Reading(self._site, self._name, run, self._key, written, self._result, handover.flush)
        documents = DocumentRun(
            self._site, self._name, self._key, self._journal, handover, reading, self._source.open, digest, self._result
        )
        with ExitStack() as stack:
            if self._site.declaration.insi is not None:
                asked = Asked(f"run {run}", run, calls=not self._options.dry_run)
                step = IdentityStep(
                    self._site,
                    self._site.declaration.insi,
                    self._key,
                    self._journal,
                    self._result,
                    asked,
                    writes=written is not None,
                )
                self._identity = stack.enter_context(step)
            for read, record in enumerate(self._source.records(cursor), start=1):
                self.dossier(record, context, reading, documents)
                self._steps.advance(self._name, read, ready.records)
            if self._identity is not None:
                self._identity.flush()
        documents.flush()
        reading.flush()
        self._conclude(run)
        if official_checker().pack is None:
            self._result.add_findings([Finding(NO_PACK)])
        self._result.add_findings(self._source.findings())
        self._steps.event("run_ended", source=self._name, **self._numbers())

    def _conclude(self, run: str) -> None:
        """After everything that was read has been dealt with; a run cut short reads it again."""
        if self._journal is None or self._options.dry_run or self._kind not in REGULAR:
            return
        source = self._source if isinstance(self._source, Incremental) else None
        if self._kind is RunKind.FULL and (source is None or source.is_complete()):
            reached("gone.before")
            self._result.gone = self._journal.items.finish(run, self._name, datetime.now(UTC))
            reached("gone.after")
        before = self._before(self._journal)
        guard = self._site.sources[self._name].guard
        # With what a run that was cut short left behind: no guard has looked at it yet.
        planned = self._journal.deliveries.waiting_versions(self._name)
        usagers = self._result.usagers.read if self._kind is RunKind.FULL else None
        self._result.held = held(guard, before, usagers, planned, self._persons_changed)
        if self._result.held is not None:
            self._result.state = SourceState.HELD
            self._result.add_findings([self._result.held])
        self._following = source.next_cursor() if source is not None else None

    def _before(self, journal: Journal) -> list[KnownRun]:
        """The runs of this source and of this kind that ended well, the latest first."""
        good = [run for state in JUDGED for run in journal.runs(self._name, state, _MANY)]
        same = [run for run in good if run.kind == self._kind]
        return sorted(same, key=lambda run: run.started_at, reverse=True)

    def dossier(self, record: Record, context: Context, reading: Reading, documents: DocumentRun) -> None:
        """One usager's record, from its rows to its documents."""
        mapped = self._plan.apply(record, context)
        if self._options.establishment is not None and not self._is_asked_for(mapped):
            reading.passed_over(distinct(mapped.items), mapped.left_out or OTHER_ESTABLISHMENT)
            return
        if mapped.left_out is not None:
            reading.usager(mapped, DocumentState.LEFT_OUT, name=mapped.left_out)
            for item in distinct(mapped.items):
                reading.document(mapped, item, DocumentState.LEFT_OUT, name=mapped.left_out)
            at = Origin(record.root.file, record.root.number)
            self._result.add_findings([Finding(LEFT_OUT, at, {"name": mapped.left_out}, dossier=mapped.key)])
            return
        self._result.add_findings(mapped.findings)
        held_back = mapped.dossier is None or mapped.establishment is None
        if held_back:
            reading.usager(mapped, DocumentState.QUARANTINED, mapped.held[0])
        elif (changed := self._changed(mapped)) is not None:
            held_back = True
            reading.other_person(mapped, changed)
        if held_back:
            for item in distinct(mapped.items):
                reading.document(mapped, item, DocumentState.QUARANTINED, name=DOSSIER_HELD)
            return
        if self._identity is not None:
            mapped = self._identity.of(mapped, reading.dossier(mapped))
            reading.identified(mapped)
        reading.usager(mapped, MAPPED)
        if mapped.dossier is not None and (same := self._duplicates.same_person(mapped.dossier.usager)):
            self._result.add_findings([self._same_person(mapped, same)])
        documents.all_of(mapped)

    def _changed(self, mapped: Mapped) -> Finding | None:
        """The finding when this dossier number was another person's at the last reading."""
        if self._journal is None or mapped.dossier is None:
            return None
        known = self._journal.dossiers.known(self._name, mapped.key)
        if known is None or not is_other_person(known.traits, trait_digests(mapped.dossier.usager, self._key)):
            return None
        self._persons_changed += 1
        found = Finding(PERSON_CHANGED, mapped.origin("usager.nom_naissance"), path="usager", dossier=mapped.key)
        self._result.add_findings([found])
        return found

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


def _read_again(before: Mapping[str, str], now: Mapping[str, str]) -> Finding | None:
    """Why all is read of a source that could tell what changed: the versions are others; None: the same."""
    if dict(before) == now:
        return None
    if any(before.get(name) != now[name] for name in now if name != "bridge"):
        return Finding(READ_AGAIN, None, {"what": "the mapping changed", "what_fr": "le mapping a changé"})
    return Finding(READ_AGAIN, None, {"what": "the bridge was updated", "what_fr": "le pont a été mis à jour"})


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
