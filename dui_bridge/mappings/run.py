"""The state of mapping one record: where it stands, what was found, and which rows the dossier was made of.

Nothing is kept per value: a finding looks up its column and mapping line in the compiled leaf, and only the row of each
list element is remembered, its path in parts: few of them are ever asked for as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import cached_property
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from dui_bridge.findings import Finding, Origin, Place, Rule, Scope, Severity
from dui_bridge.mappings.conversion import Rejected
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record, Row

_EFFECT: Final = {
    Scope.DOSSIER: (" Dossier {dossier} is held.", " Le dossier {dossier} est retenu."),
    Scope.DOCUMENT: (" Document {document} is held.", " Le document {document} est retenu."),
    Scope.VALUE: (" The value is left out.", " La valeur est omise."),
    Scope.RUN: ("", ""),
}


@dataclass(frozen=True)
class Context:
    """What mapping needs from outside.

    Args:
        today: the day of the run.
        establishments: those of the site; none = any well-formed FINESS is accepted (checking a mapping alone).
        file_digest: relative path → SHA-256 of the file in the export, None when it cannot be read.
    """

    today: date
    establishments: tuple[Establishment, ...] = ()
    file_digest: Callable[[str], str | None] | None = None
    references: dict[tuple[object, str], tuple[Row, object]] = field(default_factory=dict, init=False, repr=False)
    """What reading a row of reference gave, by reader and key, while it depends on nothing but the row."""

    @cached_property
    def finess(self) -> frozenset[str]:
        """The FINESS of the site."""
        return frozenset(establishment.finess for establishment in self.establishments)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone of the site's establishments; of mainland France when they have several, or are not known."""
        zones = {establishment.timezone for establishment in self.establishments}
        return zones.pop() if len(zones) == 1 else ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place of the plan: a model path and what the mapping says of it.

    `path` has one part per field; a list's part ends with `[]`. `column` and `columns` are whole paths of keys, where
    the row is an object inside another; `inside` is the part of them that leads to it.
    """

    path: tuple[str, ...]
    scope: Scope
    place: Place
    column: str | None = None
    columns: tuple[str, ...] = ()
    conversions: tuple[str, ...] = ()
    inherited: bool = False
    inside: str = ""

    def whole(self, column: str) -> str:
        """The path of a key of the same row."""
        return f"{self.inside}.{column}" if self.inside else column


@dataclass
class RowScope:
    """The leaves that read one kind of row: relative model path → leaf. Filled while compiling."""

    alias: str
    depth: int
    leaves: dict[str, Leaf] = field(default_factory=dict)


Remembered: TypeAlias = tuple[tuple[str, ...], tuple[int, ...], Row, RowScope]
"""Model path, its indexes, the row that the element there was made of, the leaves that read it."""


class LeftOut(Exception):
    """A code of a table says `left_out`. Caught by the list element or the dossier; never leaves the room."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class Run:
    """Mapping one record. Serves conversions as their `Reading`."""

    __slots__ = (
        "_admission", "asked_admission", "choices", "context", "document", "findings", "indexes", "leaf", "lookups",
        "marks", "not_selected", "record", "row", "rows", "today",
    )  # fmt: skip

    def __init__(self, record: Record, context: Context, leaf: Leaf) -> None:
        self.record = record
        self.context = context
        self.today = context.today
        self._admission: date | None = None
        self.asked_admission = False
        self.row = record.root
        self.leaf = leaf
        self.document = ""
        self.indexes: list[int] = []
        self.findings: list[Finding] = []
        self.marks: dict[str, str] = {}
        self.choices: dict[str, Leaf] = {}
        self.rows: list[Remembered] = []
        self.lookups: dict[tuple[str, str], Row | None] = {}
        self.not_selected: dict[str, int] = {}

    @property
    def finess(self) -> frozenset[str]:
        return self.context.finess

    @property
    def zone(self) -> tzinfo:
        return self.context.zone

    @property
    def admission(self) -> date | None:
        self.asked_admission = True
        return self._admission

    @admission.setter
    def admission(self, day: date | None) -> None:
        self._admission = day

    def cell(self, column: str) -> str:
        value = self.row.cells.get(column)
        return value.strip() if isinstance(value, str) else ""

    def flag(self, rule: Rule, column: str | None = None, /, **values: str) -> None:
        severity = Severity.WARNING if rule.severity is Severity.ERROR else rule.severity
        self._add(rule, self.row, self.leaf, values, severity, None, column)

    def reject(self, error: Rejected, row: Row, leaf: Leaf) -> None:
        """An error whose effect is the one of its place."""
        self.report(error.rule, row, leaf, **error.values)

    def report(self, rule: Rule, row: Row, leaf: Leaf, scope: Scope | None = None, /, **values: str) -> None:
        """An error at a leaf; a warning when it only leaves a value out."""
        stops = scope or leaf.scope
        self._add(rule, row, leaf, values, Severity.WARNING if stops is Scope.VALUE else Severity.ERROR, stops)

    def path(self, leaf: Leaf) -> str:
        """The model path with its indexes."""
        return indexed(leaf.path, self.indexes)

    def remember(self, path: tuple[str, ...], row: Row, scope: RowScope) -> None:
        """The row that an element of the dossier was made of."""
        self.rows.append((path, tuple(self.indexes), row, scope))

    def _add(
        self,
        rule: Rule,
        row: Row,
        leaf: Leaf,
        values: Mapping[str, str],
        severity: Severity,
        stops: Scope | None,
        column: str | None = None,
    ) -> None:
        effect = _EFFECT[stops] if stops is not None else ("", "")
        names = {"dossier": self.record.key, "document": self.document}
        line, file = leaf.place.line, leaf.place.file
        shown = (
            (f"{file} line {line}", f"ligne {line} de {file}")
            if leaf.inherited
            else (f"mapping line {line}", f"ligne {line} du mapping")
        )
        texts = {
            "mapping": shown[0],
            "mapping_fr": shown[1],
            "effect": effect[0].format_map(names),
            "effect_fr": effect[1].format_map(names),
        }
        self.findings.append(
            Finding(
                rule,
                Origin(
                    row.file, row.number, leaf.whole(column) if column else leaf.column, leaf.place, leaf.conversions
                ),
                {**values, **texts},
                self.path(leaf),
                self.record.key,
                severity,
                stops,
            )
        )


def indexed(path: tuple[str, ...], indexes: Sequence[int]) -> str:
    """`("projets_personnalises[]", "titre")` with `[2]` → `projets_personnalises[2].titre`."""
    numbers = iter(indexes)
    parts = [f"{part[:-2]}[{next(numbers, 0)}]" if part.endswith("[]") else part for part in path]
    return ".".join(parts)
