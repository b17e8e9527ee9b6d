"""The compiled mapping, and its use: Plan × Record → Mapped. Total: whatever a row holds, the result is findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pydantic import ValidationError

from dui_bridge.findings import Place, Scope
from dui_bridge.mappings import rules
from dui_bridge.mappings.conditions import Condition
from dui_bridge.mappings.documents import item_key, map_documents
from dui_bridge.mappings.fields import TARGETS
from dui_bridge.mappings.ground import Read
from dui_bridge.mappings.lists import Block
from dui_bridge.mappings.mapped import Mapped, MappedItem, held_back
from dui_bridge.mappings.outcomes import OutcomePlan
from dui_bridge.mappings.run import Context, Leaf, LeftOut, RowScope, Run
from dui_bridge.mappings.source_findings import add_findings, does_not_fit
from dui_bridge.mappings.values import Value
from dui_bridge.model.accompagnement import Sejour
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record, Row
from dui_bridge.model.identite import EtablissementRef, Usager
from dui_bridge.model.types import Modele


@dataclass(frozen=True)
class UsagerPlan:
    """How the usager is read: his reader, its scope, the leaves of the whole and of the establishment, exclusions."""

    read: Read
    rows: RowScope
    leaf: Leaf
    establishment: Leaf
    left_out: Mapping[str, Condition]


@dataclass(frozen=True)
class Plan:
    """A compiled mapping.

    Args:
        name, version, base: of the mapping.
        root: the alias with one row per usager.
        usager, lists, documents: readers by target.
        absent: safety field declared absent → the reason given.
        mapped: model path (no index) → where the mapping gives it.
        stay_aliases: aliases of the stays, whose broken rows hold the dossier.
        used_columns: alias → the columns that the mapping reads.
        below: alias → its child aliases, in the order of the source.
        outcomes: what goes back to the DUI; None when nothing does.
    """

    name: str
    version: str
    base: str
    root: str
    usager: UsagerPlan
    lists: Mapping[str, Value]
    documents: Mapping[str, tuple[Block, ...]]
    absent: Mapping[str, str]
    mapped: Mapping[str, Place]
    stay_aliases: frozenset[str]
    used_columns: Mapping[str, frozenset[str]]
    below: Mapping[str, tuple[str, ...]]
    outcomes: OutcomePlan | None = None

    @cached_property
    def document_aliases(self) -> frozenset[str]:
        """The aliases whose rows are documents."""
        return frozenset(
            block.alias for blocks in self.documents.values() for block in blocks if block.alias != self.root
        )

    def apply(self, record: Record, context: Context) -> Mapped:
        """Maps one record. Raises nothing: what is wrong with the data is in the findings."""
        run = Run(record, context, self.usager.leaf)
        root = record.root
        name = self._left_out(root, run)
        if name is not None:
            return self._out(run, name)
        run.remember((), root, self.usager.rows)
        documents = self.document_aliases
        _take_findings(root, run, Scope.DOSSIER, documents, self.stay_aliases)
        lists = {name: self._list(name, value, run) for name, value in self.lists.items()}
        run.admission = _admission(lists.get("sejours", []))
        try:
            usager, establishment = self._usager(run)
        except LeftOut as reason:
            return self._out(run, reason.name)
        own_lookups = dict(run.lookups)
        made, items = map_documents(self.documents, usager, run)
        held = tuple(finding for finding in run.findings if finding.is_error and finding.scope is Scope.DOSSIER)
        dossier: Dossier | None = None
        if held or usager is None:
            items = [held_back(item, held) for item in items]
        else:
            dossier = Dossier.model_validate({"usager": usager, **lists, **made})
        return Mapped(
            key=record.key,
            record=record,
            dossier=dossier,
            held=held,
            findings=tuple(run.findings),
            items=tuple(items),
            establishment=establishment,
            marks=run.marks,
            not_selected=run.not_selected,
            remembered=run.rows,
            choices=run.choices,
            lookups=own_lookups,
            document_aliases=documents,
            below=self.below,
            used_columns=self.used_columns,
        )

    def _left_out(self, root: Row, run: Run) -> str | None:
        # A row that cannot be read says nothing: its missing cells must not leave the dossier out in silence.
        if any(finding.is_error and finding.values.get("alias") == root.alias for finding in root.findings):
            return None
        for name, condition in self.usager.left_out.items():
            if condition(root, run) is None:
                return name
        return None

    def _out(self, run: Run, name: str) -> Mapped:
        items: list[MappedItem] = []
        for list_name, blocks in self.documents.items():
            seen: set[int] = set()
            for block in blocks:
                for row in block.candidates(run.record.root, run):
                    if id(row) not in seen:
                        seen.add(id(row))
                        items.append(MappedItem(list_name, item_key(row, block), row, left_out=name))
        return Mapped(
            run.record.key,
            run.record,
            left_out=name,
            findings=tuple(run.findings),
            items=tuple(items),
            document_aliases=self.document_aliases,
            below=self.below,
            used_columns=self.used_columns,
        )

    def _list(self, name: str, value: Value, run: Run) -> list[Modele]:
        """The valid elements of a list."""
        raw = value.read(run.record.root, run)
        model = TARGETS[name].model
        made: list[Modele] = []
        if model is None or not isinstance(raw, list):
            return made
        for element in raw:
            try:
                made.append(model.model_validate(element))
            except ValidationError as error:
                does_not_fit(error, run.record.root, value.leaf, run)
        return made

    def _usager(self, run: Run) -> tuple[Usager | None, Establishment | None]:
        root = run.record.root
        before = len(run.findings)
        raw = self.usager.read(root, run)
        if raw is None:
            if len(run.findings) == before:
                run.report(rules.REQUIRED_BLANK, root, self.usager.leaf, Scope.DOSSIER, field="identifiant_local")
            return None, None
        try:
            usager = Usager.model_validate(raw)
        except ValidationError as error:
            does_not_fit(error, root, self.usager.leaf, run, Scope.DOSSIER)
            return None, None
        return usager, self._establishment(usager.etablissement, run)

    def _establishment(self, named: EtablissementRef, run: Run) -> Establishment | None:
        """The site's establishment: by FINESS, else by the local code; neither holds the dossier."""
        known = run.context.establishments
        leaf = self.usager.establishment
        if not known:
            return None
        for establishment in known:
            if named.finess == establishment.finess:
                return establishment
        code = named.code_local
        for establishment in known:
            if code and code in establishment.local_codes:
                if named.finess:
                    run.row, run.leaf = run.record.root, leaf
                    run.flag(rules.FINESS_BY_CODE, value=named.finess, code=code)
                return establishment
        if not any(f.is_error and f.path.startswith("usager.etablissement") for f in run.findings):
            values = {"finess": named.finess or "-", "code": code or "-"}
            run.report(rules.ESTABLISHMENT_UNKNOWN, run.record.root, leaf, Scope.DOSSIER, **values)
        return None


def _admission(stays: list[Modele]) -> date | None:
    days = [
        day
        for stay in stays
        if isinstance(stay, Sejour)
        for day in (stay.date_admission, stay.date_entree)
        if day is not None
    ]
    return min(days, default=None)


def _take_findings(row: Row, run: Run, scope: Scope, documents: frozenset[str], stays: frozenset[str]) -> None:
    """What the source found in rows outside documents: on the usager's own row and his stays it holds the dossier."""
    if row.findings:
        add_findings(row, run, scope)
    for alias, rows in row.children.items():
        if alias not in documents:
            inner = Scope.DOSSIER if alias in stays else Scope.VALUE
            for child in rows:
                if child.findings or child.children:
                    _take_findings(child, run, inner, documents, stays)
