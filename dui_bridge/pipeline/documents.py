"""The documents of one dossier: what changed is built, checked and handed over; everything read is counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from dui_bridge.cda.content import Item
from dui_bridge.cda.needs import document_needs
from dui_bridge.findings import Finding, Origin
from dui_bridge.ins.gate import ins_refusals, qualified_ins
from dui_bridge.journal.records import Conflict, Fingerprints, KnownSeries, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped, MappedItem
from dui_bridge.model.accompagnement import ProjetPersonnalise, TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds, DocumentState
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.pipeline import build, rules
from dui_bridge.pipeline.build import Body, Subject
from dui_bridge.pipeline.content import mapped_content
from dui_bridge.pipeline.fingerprints import Change, Decision, decide, mapped_fingerprint, raw_parts
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.ids import UUID_ROOT, mint
from dui_bridge.pipeline.results import SourceResult
from dui_bridge.site.settings import Site

_REFRESH_BATCH = 500

NOT_BUILT_YET = "not_built_yet"
ANONYMOUS = "anonymous"
_SELECTIONS = ("not selected", "superseded")
BUILT_TYPES = frozenset({TypeDocument.PROJET_PERSONNALISE})


def kind_of(name: str) -> str:
    """The name under which a left-out document is counted: without the key of the other document."""
    return "same_file" if name.startswith("same file as ") else name


class DocumentRun:
    """Turns the mapped items of dossiers into documents. `journal` None: nothing is known yet (a first dry run)."""

    def __init__(
        self,
        site: Site,
        source: str,
        key: bytes,
        journal: Journal | None,
        handover: Handover,
        opener: Callable[[str], BinaryIO],
        file_digest: Callable[[str], str | None],
        result: SourceResult,
    ) -> None:
        self._site, self._source, self._key = site, source, key
        self._journal, self._handover = journal, handover
        self._open, self._file_digest = opener, file_digest
        self._result, self._counts = result, result.documents
        self._root = site.declaration.oid_root or UUID_ROOT
        self._refresh: dict[str, Mapping[str, str]] = {}

    def all_of(self, mapped: Mapped) -> None:
        """Every document that the record of one usager holds."""
        for item in mapped.items:
            if item.left_out is not None:
                self._counts.leave_out(kind_of(item.left_out))
                self._tell_left_out(mapped, item, item.left_out)
            elif item.index is None:
                self._counts.quarantine(next(f.rule.id for f in item.findings if f.is_error))
            else:
                self._document(mapped, item)

    def flush(self) -> None:
        """Stores the raw fingerprints that changed without effect."""
        if self._journal is not None and self._handover.writes:
            self._journal.refresh_raw(self._refresh)
        self._refresh = {}

    def _tell_left_out(self, mapped: Mapped, item: MappedItem, name: str) -> None:
        """A selection by the mapping is only counted; a document that a rule leaves out is named."""
        if name.startswith(_SELECTIONS):
            return
        at = Origin(item.row.file, item.row.number)
        self._result.add_findings([Finding(rules.LEFT_OUT, at, {"name": name}, dossier=mapped.key)])

    def _document(self, mapped: Mapped, entry: MappedItem) -> None:
        subject = self._subject(mapped, entry)
        item = subject.item
        kind = TypeDocument.PROJET_PERSONNALISE if isinstance(item, ProjetPersonnalise) else item.type
        if kind not in BUILT_TYPES:
            # Its file is looked at all the same: what is wrong with it is wrong today.
            if item.fichier is None or not self._blocked(mapped, build.make_body(subject, self._open).findings):
                self._counts.leave_out(f"{NOT_BUILT_YET}: {kind}")
            return
        if subject.dossier.usager.anonyme:
            # Not a fault of anybody's: every document here carries an identity, and this dossier may give none.
            self._counts.leave_out(ANONYMOUS)
            name = {"name": f"{ANONYMOUS}: {kind} {item.identifiant}"}
            self._result.add_findings(self._placed(mapped, [Finding(rules.LEFT_OUT, None, name, "usager.anonyme")]))
            return
        if self._blocked(mapped, document_needs(subject.dossier, item, subject.establishment, subject.path)):
            return
        series = SeriesKey(self._site.id, self._source, kind, item.identifiant, mapped.key)
        known = self._journal.series_for(series) if self._journal is not None else None
        if isinstance(known, Conflict):
            path = f"{subject.path}.identifiant"
            self._blocked(mapped, [Finding(rules.OTHER_USAGER, path=path, values={"key": item.identifiant})])
            return
        file = self._file_digest(item.fichier) if item.fichier is not None else None
        prints = self._fingerprints(mapped, entry, subject, file)
        decision = decide(known, prints.raw, prints.mapped)
        if decision.change in (Change.UNCHANGED, Change.WOULD_DIFFER):
            self._keep(decision)
            return
        body = build.make_body(subject, self._open)
        if self._blocked(mapped, body.findings):
            return
        self._build(mapped, subject, series, known, decision, prints, body)

    def _build(
        self,
        mapped: Mapped,
        subject: Subject,
        series: SeriesKey,
        known: KnownSeries | None,
        decision: Decision,
        prints: Fingerprints,
        body: Body,
    ) -> None:
        resumed = decision.change is Change.RESUMED and decision.version is not None
        ids = decision.version.ids if resumed and decision.version else mint(series, known, prints.mapped, self._root)
        built = self._built(mapped, subject, series.kind, ids, body)
        if resumed and decision.version is not None and built.sha256 != decision.version.sha256:
            # The bridge changed between the crash and now: other bytes may not take the old id.
            resumed, ids = False, mint(series, known, prints.mapped, self._root)
            built = self._built(mapped, subject, series.kind, ids, body)
        if any(finding.is_error for finding in built.findings):
            self._result.add_findings(self._placed(mapped, built.findings))
            self._counts.count(DocumentState.INVALID)
            return
        self._result.add_findings(self._placed(mapped, built.findings))
        refused = self._handover.hand_over(series, built, prints, resumed=resumed)
        if refused:
            self._blocked(mapped, refused)
            return
        self._counts.count(DocumentState.BUILT)
        self._result.add_built(built, rendered=body.rendered, with_ins=subject.ins is not None)

    def _built(
        self, mapped: Mapped, subject: Subject, kind: TypeDocument, ids: DocumentIds, body: Body
    ) -> BuiltDocument:
        data = build.make_cda(subject, ids, body)
        sha1, sha256 = build.digests(data)
        document = Document(
            type=kind,
            key=subject.item.identifiant,
            source=self._source,
            dossier=mapped.key,
            finess=subject.establishment.finess,
            path=subject.path,
            state=DocumentState.BUILT,
        )
        return BuiltDocument(
            document,
            ids,
            data,
            "text/xml",
            sha1,
            sha256,
            body.pdf,
            build.validate(data, rendered=body.rendered),
            self._handover.versions,
        )

    def _subject(self, mapped: Mapped, entry: MappedItem) -> Subject:
        if mapped.dossier is None or mapped.establishment is None or entry.index is None:
            raise ValueError("a held dossier has no documents")
        items: tuple[Item, ...] = getattr(mapped.dossier, entry.list_name)
        path = f"{entry.list_name}[{entry.index}]"
        presumed = frozenset(mapped.marks)
        ins = qualified_ins(mapped.dossier.usager, self._site.profile, presumed)
        if ins is None and mapped.dossier.usager.ins.statut is StatutIdentite.QUALIFIEE:
            reasons = ins_refusals(mapped.dossier.usager, self._site.profile, presumed)
            values = {"reasons": ", ".join(reasons)}
            self._result.add_findings(
                self._placed(mapped, [Finding(rules.INS_KEPT, None, values, "usager.ins.statut")])
            )
        return Subject(mapped.dossier, items[entry.index], path, mapped.establishment, ins)

    def _fingerprints(self, mapped: Mapped, entry: MappedItem, subject: Subject, file: str | None) -> Fingerprints:
        parts = dict(mapped.raw_parts(entry))
        if subject.item.fichier is not None:
            parts[f"file/{subject.item.fichier}"] = file or ""
        return Fingerprints(raw_parts(parts, self._key), mapped_fingerprint(mapped_content(subject, file), self._key))

    def _keep(self, decision: Decision) -> None:
        self._counts.count(DocumentState(decision.change.value))
        if decision.refresh is not None and decision.version is not None:
            self._refresh[decision.version.ids.unique_id] = decision.refresh
            if len(self._refresh) >= _REFRESH_BATCH:
                self.flush()

    def _blocked(self, mapped: Mapped, findings: Iterable[Finding]) -> bool:
        """Reports findings; counts the document as quarantined when one of them is an error."""
        placed = self._placed(mapped, findings)
        self._result.add_findings(placed)
        errors = [finding for finding in placed if finding.is_error]
        if errors:
            self._counts.quarantine(errors[0].rule.id)
        return bool(errors)

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
