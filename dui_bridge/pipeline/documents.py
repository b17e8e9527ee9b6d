"""The documents of one dossier: what changed is built, checked and handed over; everything read is counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from dui_bridge.cda.content import Item
from dui_bridge.findings import Finding, Origin
from dui_bridge.ins.gate import QualifiedIns, ins_refusals, qualified_ins
from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import Conflict, Fingerprints, Json, KnownSeries, KnownVersion, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped, MappedItem
from dui_bridge.model.accompagnement import ProjetPersonnalise, TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds
from dui_bridge.model.identite import StatutIdentite, Usager
from dui_bridge.model.states import DocumentState
from dui_bridge.pipeline import build, rules
from dui_bridge.pipeline.build import Body, Subject
from dui_bridge.pipeline.content import mapped_content
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.fingerprints import (
    IDENTITY,
    Change,
    Decision,
    decide,
    facts_digest,
    mapped_fingerprint,
    raw_parts,
)
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.ids import UUID_ROOT, mint
from dui_bridge.pipeline.origins import Origins, document_origins, located, write_origins
from dui_bridge.pipeline.policy.facts import document_facts, refreshed
from dui_bridge.pipeline.reading import Reading
from dui_bridge.pipeline.results import SourceResult
from dui_bridge.site.settings import Site

_REFRESH_BATCH = 500

ANONYMOUS = "anonymous"
_SELECTIONS = ("not selected", "superseded")
SUMMARIES = (TypeDocument.DLU, TypeDocument.SYNTHESE_MEDICALE)
"""What is made of the clinical part of a dossier that has one drawn up."""


def distinct(items: Iterable[MappedItem]) -> list[MappedItem]:
    """One item for each row: a row that one list takes is not counted again where another list does not select it."""
    chosen: dict[int, MappedItem] = {}
    for item in items:
        known = chosen.get(id(item.row))
        if known is None or (_is_unselected(known) and not _is_unselected(item)):
            chosen[id(item.row)] = item
    return list(chosen.values())


def _is_unselected(item: MappedItem) -> bool:
    return item.left_out is not None and item.left_out.startswith(_SELECTIONS)


def kind_of(name: str) -> str:
    """The name under which a left-out document is counted: without the key of the other document."""
    return "same_file" if name.startswith("same file as ") else name


def _readable(facts: dict[str, Json]) -> dict[str, Json]:
    """The facts that a reading gives: whether the INS is in the bytes is not among them."""
    return {name: value for name, value in facts.items() if name != "with_ins"}


class DocumentRun:
    """Turns the mapped items of dossiers into documents. `journal` None: nothing is known yet (a first dry run)."""

    def __init__(
        self,
        site: Site,
        source: str,
        key: bytes,
        journal: Journal | None,
        handover: Handover,
        reading: Reading,
        opener: Callable[[str], BinaryIO],
        file_digest: Callable[[str], str | None],
        result: SourceResult,
    ) -> None:
        self._site, self._source, self._key = site, source, key
        self._journal, self._handover = journal, handover
        self._open, self._file_digest = opener, file_digest
        self._reading, self._result = reading, result
        self._root = site.declaration.oid_root or UUID_ROOT
        self._refresh: dict[str, Mapping[str, str]] = {}
        self._facts: dict[str, tuple[Mapping[str, Json], str]] = {}

    def all_of(self, mapped: Mapped) -> None:
        """Every document that the record of one usager holds."""
        for item in distinct(mapped.items):
            if item.left_out is not None:
                self._reading.document(mapped, item, DocumentState.LEFT_OUT, name=kind_of(item.left_out))
                self._tell_left_out(mapped, item, item.left_out)
            elif item.index is None:
                cause = next(finding for finding in item.findings if finding.is_error)
                self._reading.document(mapped, item, DocumentState.QUARANTINED, finding=cause)
            else:
                self._document(mapped, self._subject(mapped, item), item)
        if mapped.dossier is not None and mapped.dossier.syntheses:
            for kind in SUMMARIES:
                self._document(mapped, self._summary(mapped, kind), None)

    def flush(self) -> None:
        """Records what was made, and what changed of documents without a new version: raw fingerprints, what policy
        reads."""
        self._handover.flush()
        if self._journal is not None and self._handover.writes:
            reached("raw.before")
            self._journal.refresh_raw(self._refresh)
            self._journal.refresh_facts(self._facts)
            reached("raw.after")
        self._refresh, self._facts = {}, {}

    def _tell_left_out(self, mapped: Mapped, item: MappedItem, name: str) -> None:
        """A selection by the mapping is only counted; a document that a rule leaves out is named."""
        if _is_unselected(item):
            return
        at = Origin(item.row.file, item.row.number)
        self._result.add_findings([Finding(rules.LEFT_OUT, at, {"name": name}, dossier=mapped.key)])

    def _document(self, mapped: Mapped, subject: Subject, entry: MappedItem | None) -> None:
        """One document, from its needs to its handing over; counted once. `entry` None: a summary of the dossier."""
        if subject.dossier.usager.anonyme:
            # Not a fault of anybody's: every document here carries an identity, and this dossier may give none.
            self._reading.document(mapped, entry, DocumentState.LEFT_OUT, kind=str(subject.kind), name=ANONYMOUS)
            name = {"name": f"{ANONYMOUS}: {subject.kind} {subject.key}"}
            self._result.add_findings(self._placed(mapped, [Finding(rules.LEFT_OUT, None, name, "usager.anonyme")]))
            return
        if self._blocked(mapped, subject, entry, build.needs(subject)):
            if subject.fichier is not None:
                # What is wrong with its file is told in the same run, not in the next one.
                self._result.add_findings(self._placed(mapped, build.make_body(subject, self._open).findings))
            return
        series = SeriesKey(self._site.id, self._source, subject.kind, subject.key, mapped.key)
        self._handover.flush(series)
        known = self._journal.series_for(series) if self._journal is not None else None
        if isinstance(known, Conflict):
            path = f"{subject.path}.identifiant"
            other = Finding(rules.OTHER_USAGER, path=path, values={"key": subject.key})
            self._blocked(mapped, subject, entry, [other])
            return
        file = self._file_digest(subject.fichier) if subject.fichier is not None else None
        # The DUI's own key of the document: what it is told about it names it so.
        facts = {**document_facts(subject).to_json(), "identifiant": entry.key if entry is not None else ""}
        prints = self._fingerprints(mapped, entry, subject, file, facts)
        decision = decide(known, prints.raw, prints.mapped)
        wished = self._wished(decision)
        if wished is None and decision.change in (Change.UNCHANGED, Change.WOULD_DIFFER):
            self._reading.document(
                mapped, entry, DocumentState(decision.change.value), kind=str(subject.kind), series=series
            )
            self._refresh_known(decision, facts, prints.facts)
            return
        body = build.make_body(subject, self._open)
        if self._blocked(mapped, subject, entry, body.findings):
            return
        try:
            made = self._build(mapped, subject, entry, series, known, prints, facts, body)
        except JournalOvertaken:
            # The version before it arrived somewhere while this one was being made: it replaces that one.
            again = self._journal.series_for(series) if self._journal is not None else None
            if isinstance(again, Conflict):
                raise
            made = self._build(mapped, subject, entry, series, again, prints, facts, body)
        if made and wished is not None and self._journal is not None and self._handover.writes:
            self._journal.rebuilds.done(wished.ids.unique_id)

    def _build(
        self,
        mapped: Mapped,
        subject: Subject,
        entry: MappedItem | None,
        series: SeriesKey,
        known: KnownSeries | None,
        prints: Fingerprints,
        facts: Mapping[str, Json],
        body: Body,
    ) -> bool:
        """Whether a version was made: what our own or the official checks refuse is invalid."""
        ids = mint(series, known, prints.mapped, self._root)
        built, origins = self._built(mapped, subject, ids, body)
        found = self._placed(mapped, located(built.findings, origins))
        error = next((finding for finding in found if finding.is_error), None)
        if error is not None:
            self._result.add_findings(found)
            self._reading.document(mapped, entry, DocumentState.INVALID, kind=str(subject.kind), finding=error)
            return False
        if self._handover.writes:
            write_origins(self._site.data, ids.unique_id, origins)
        self._handover.record(series, built, prints, self._reading.dossier(mapped), facts)
        # Only now: one that was overtaken is made again, and its findings with it.
        self._result.add_findings(found)
        self._reading.document(mapped, entry, DocumentState.BUILT, kind=str(subject.kind), series=series)
        self._result.add_built(built, rendered=body.rendered, with_ins=subject.ins is not None)
        return True

    def _built(self, mapped: Mapped, subject: Subject, ids: DocumentIds, body: Body) -> tuple[BuiltDocument, Origins]:
        made = build.make_cda(subject, ids, body)
        sha1, sha256 = build.digests(made.data)
        document = Document(
            type=subject.kind,
            key=subject.key,
            source=self._source,
            dossier=mapped.key,
            finess=subject.establishment.finess,
            path=subject.path,
            state=DocumentState.BUILT,
        )
        findings = build.validate(made.data, rendered=body.rendered)
        versions = self._handover.versions
        built = BuiltDocument(document, ids, made.data, "text/xml", sha1, sha256, body.pdf, findings, versions)
        return built, document_origins(mapped, subject, made)

    def _subject(self, mapped: Mapped, entry: MappedItem) -> Subject:
        if mapped.dossier is None or mapped.establishment is None or entry.index is None:
            raise ValueError("a held dossier has no documents")
        items: tuple[Item, ...] = getattr(mapped.dossier, entry.list_name)
        item = items[entry.index]
        kind = TypeDocument.PROJET_PERSONNALISE if isinstance(item, ProjetPersonnalise) else item.type
        path = f"{entry.list_name}[{entry.index}]"
        ins = self._ins(mapped, mapped.dossier.usager)
        return Subject(kind, item.identifiant, mapped.dossier, item, path, mapped.establishment, ins)

    def _summary(self, mapped: Mapped, kind: TypeDocument) -> Subject:
        """A summary is one document a dossier: its key is the dossier's."""
        if mapped.dossier is None or mapped.establishment is None:
            raise ValueError("a held dossier has no documents")
        path = f"syntheses[{len(mapped.dossier.syntheses) - 1}]"
        ins = self._ins(mapped, mapped.dossier.usager)
        return Subject(kind, mapped.key, mapped.dossier, None, path, mapped.establishment, ins)

    def _ins(self, mapped: Mapped, usager: Usager) -> QualifiedIns | None:
        """The INS that may leave; a remark when the DUI holds it for qualified and the gate does not."""
        presumed = frozenset(mapped.marks)
        ins = qualified_ins(usager, self._site.profile, presumed)
        if ins is None and usager.ins.statut is StatutIdentite.QUALIFIEE:
            reasons = ", ".join(ins_refusals(usager, self._site.profile, presumed))
            kept = Finding(rules.INS_KEPT, None, {"reasons": reasons}, "usager.ins.statut")
            self._result.add_findings(self._placed(mapped, [kept]))
        return ins

    def _fingerprints(
        self,
        mapped: Mapped,
        entry: MappedItem | None,
        subject: Subject,
        file: str | None,
        facts: dict[str, Json],
    ) -> Fingerprints:
        # Always there, so that an identity that INSi gives later is seen as a change.
        parts = {IDENTITY: "", **mapped.raw_parts(entry), **mapped.added}
        if subject.fichier is not None:
            parts[f"file/{subject.fichier}"] = file or ""
        mapped_print = mapped_fingerprint(mapped_content(subject, file), self._key)
        return Fingerprints(raw_parts(parts, self._key), mapped_print, facts_digest(_readable(facts), self._key))

    def _wished(self, decision: Decision) -> KnownVersion | None:
        """The version whose document a person wants made again though only the mapping differs (`replay --rebuild`)."""
        if decision.change is not Change.WOULD_DIFFER or decision.version is None or self._journal is None:
            return None
        return decision.version if self._journal.rebuilds.asked(decision.version.ids.unique_id) else None

    def _refresh_known(self, decision: Decision, facts: dict[str, Json], digest: str) -> None:
        """What policy reads counts for all that has not left yet, also when the mapping alone reads it otherwise. What
        stands in the bytes is then asked about both ways (`Gate`)."""
        if decision.version is None:
            return
        unique_id = decision.version.ids.unique_id
        if decision.refresh is not None:
            self._refresh[unique_id] = decision.refresh
        if decision.version.fingerprints.facts != digest:
            self._facts[unique_id] = refreshed(_readable(facts), same=decision.change is Change.UNCHANGED), digest
        if max(len(self._refresh), len(self._facts)) >= _REFRESH_BATCH:
            self.flush()

    def _blocked(self, mapped: Mapped, subject: Subject, entry: MappedItem | None, findings: Iterable[Finding]) -> bool:
        """Reports findings; the document is in quarantine when one of them is an error."""
        placed = self._placed(mapped, findings)
        self._result.add_findings(placed)
        error = next((finding for finding in placed if finding.is_error), None)
        if error is not None:
            self._reading.document(mapped, entry, DocumentState.QUARANTINED, kind=str(subject.kind), finding=error)
        return error is not None

    def _placed(self, mapped: Mapped, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with the dossier, and the origin in the export of the value that each names."""
        placed = []
        for finding in findings:
            at = finding.at if isinstance(finding.at, Origin) else mapped.origin(finding.path)
            placed.append(
                Finding(
                    finding.rule,
                    at,
                    finding.values,
                    finding.path,
                    mapped.key,
                    finding.severity_override,
                    finding.scope_override,
                )
            )
        return placed
