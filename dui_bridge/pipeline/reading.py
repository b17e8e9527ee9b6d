"""What one reading of a source finds, item by item: counted for the summary, and kept in the journal page by page.

An item is an usager, or a document of one; each read item gets exactly one state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Literal

from dui_bridge.findings import Finding, Origin, Who
from dui_bridge.ins.gate import ins_refusals
from dui_bridge.journal.keys import blind
from dui_bridge.journal.records import DossierEntry, ItemEntry, Json, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped, MappedItem
from dui_bridge.model.identite import Usager
from dui_bridge.model.states import DocumentState
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.duplicates import folded
from dui_bridge.pipeline.policy.facts import usager_facts
from dui_bridge.pipeline.policy.recipient_facts import recipient_facts
from dui_bridge.pipeline.results import Counts, SourceResult
from dui_bridge.site.settings import Site

MAPPED: Final = "mapped"
_PAGE: Final = 200
_TRAITS: Final = ("nom_naissance", "prenoms", "date_naissance", "sexe")
_DIGITS: Final = 16
_NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})


class Reading:
    """The items of one reading. `journal` None (a dry run): they are only counted.

    Args:
        first: called before a page is written: what it says was made is in the journal then.
    """

    def __init__(
        self,
        site: Site,
        source: str,
        run: str,
        key: bytes,
        journal: Journal | None,
        result: SourceResult,
        first: Callable[[], None] | None = None,
    ) -> None:
        self._site, self._source, self._run, self._key = site, source, run, key
        self._journal, self._result, self._first = journal, result, first
        self._entries: list[ItemEntry] = []
        self._seen: set[tuple[str, str]] = set()
        self._of: str | None = None
        self._entry: DossierEntry | None = None

    def dossier(self, mapped: Mapped) -> DossierEntry:
        """What the journal keeps of the usager of this record."""
        if self._entry is None or self._of != mapped.key:
            self._of, self._seen = mapped.key, set()
            self._entry = self._dossier(mapped)
        return self._entry

    def identified(self, mapped: Mapped) -> None:
        """The same usager as the identity step left him: what policy reads follows; who the DUI says he is stays."""
        self._entry = replace(self.dossier(mapped), facts=self._facts(mapped))

    def usager(self, mapped: Mapped, state: str, finding: Finding | None = None, name: str = "") -> None:
        """The usager of a record; `name`: under which it is left out."""
        self._count(self._result.usagers, state, finding, name)
        self._keep("usager", mapped, "", state, finding, name)

    def other_person(self, mapped: Mapped, finding: Finding) -> None:
        """The usager of a record whose number was another person's: what is known stays until a person accepts it."""
        self._count(self._result.usagers, DocumentState.QUARANTINED, finding, "")
        known = self.dossier(mapped)
        self._entry = replace(known, facts={}, traits={})
        traits: dict[str, Json] = dict(known.traits)
        self._keep("usager", mapped, "", DocumentState.QUARANTINED, finding, "", also={"traits": traits})

    def document(
        self,
        mapped: Mapped,
        item: MappedItem | None,
        state: DocumentState,
        *,
        kind: str = "",
        series: SeriesKey | None = None,
        finding: Finding | None = None,
        name: str = "",
    ) -> None:
        """A document of a record: a row of a list, or (`item` None) a summary of the dossier of this `kind`.

        Args:
            finding: why it is in quarantine.
            name: under which it is left out, or, for one that is held with its dossier, why.
        """
        self._count(self._result.documents, state, finding, name)
        key = kind if item is None else f"{item.list_name} {item.key}"
        self._keep("document", mapped, key, state, finding, name, kind=kind, series=series, item=item)

    def passed_over(self, items: Sequence[MappedItem], name: str) -> None:
        """A record that was not asked for: counted, and the journal keeps what it knows of it."""
        for counts in (self._result.usagers, *(self._result.documents for _ in items)):
            counts.leave_out(name)

    def flush(self) -> None:
        """Writes what is left of the page."""
        if self._journal is not None and self._entries:
            if self._first is not None:
                self._first()
            reached("items.before")
            self._journal.items.record(self._run, self._source, self._entries, datetime.now(UTC))
            reached("items.after")
        self._entries = []

    def _dossier(self, mapped: Mapped) -> DossierEntry:
        traits: Mapping[str, str] = {}
        if mapped.dossier is not None:
            traits = trait_digests(mapped.dossier.usager, self._key)
        finess = mapped.establishment.finess if mapped.establishment is not None else None
        return DossierEntry(self._source, mapped.key, mapped.key, finess, self._facts(mapped), traits)

    def _facts(self, mapped: Mapped) -> Mapping[str, Json]:
        if mapped.dossier is None:
            return {}
        refusals = ins_refusals(mapped.dossier.usager, self._site.profile, frozenset(mapped.marks))
        facts = usager_facts(mapped.dossier, tuple(str(one) for one in refusals)).to_json()
        return {**facts, **recipient_facts(mapped.dossier)}

    @staticmethod
    def _count(counts: Counts, state: str, finding: Finding | None, name: str) -> None:
        if state == DocumentState.LEFT_OUT:
            counts.leave_out(name)
        elif state == DocumentState.QUARANTINED:
            counts.quarantine(finding.rule.id if finding is not None else name)
        else:
            counts.count(state)

    def _keep(
        self,
        what: Literal["usager", "document"],
        mapped: Mapped,
        key: str,
        state: str,
        finding: Finding | None,
        name: str,
        *,
        kind: str = "",
        series: SeriesKey | None = None,
        item: MappedItem | None = None,
        also: Mapping[str, Json] = _NOTHING,
    ) -> None:
        if self._journal is None:
            return
        dossier = self.dossier(mapped)
        row = item.row if item is not None else mapped.record.root
        if (what, key) in self._seen:  # the same key twice in one dossier: two items all the same
            key = f"{key} {row.file}:{row.number}"
        self._seen.add((what, key))
        at = finding.at if finding is not None and isinstance(finding.at, Origin) else Origin(row.file, row.number)
        detail: dict[str, Json] = {"file": at.file, "row": at.row, "column": at.column, **also}
        if at.mapping is not None:
            detail["mapping"] = str(at.mapping)
        if item is not None:
            detail["identifiant"] = item.key
        if finding is not None:
            detail["values"] = dict(finding.values)
        self._entries.append(
            ItemEntry(
                kind=what,
                key=f"{_record(mapped)}\x1f{key}",
                dossier=dossier,
                series=series,
                doc_type=kind or None,
                finess=dossier.finess,
                state=state,
                cause=finding.rule.id if finding is not None else name,
                who=str(finding.rule.who) if finding is not None else str(Who.NOBODY),
                detail=detail,
            )
        )
        if len(self._entries) >= _PAGE:
            self.flush()


def _record(mapped: Mapped) -> str:
    """What tells this record from the others: its key, and its place as well when the export has the key twice."""
    root = mapped.record.root
    return f"{mapped.key} {root.file}:{root.number}" if root.findings else mapped.key


def trait_digests(usager: Usager, key: bytes) -> dict[str, str]:
    """Strict trait → keyed digest, those that are blank left out: enough to see that a person is another one."""
    values = ((name, getattr(usager, name)) for name in _TRAITS)
    return {name: blind(key, "trait", name, folded(str(value)))[:_DIGITS] for name, value in values if value}


def is_other_person(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a local id has changed person: birth name and birth date both differ. One alone is a correction."""
    return all(
        name in before and name in now and before[name] != now[name] for name in ("nom_naissance", "date_naissance")
    )
