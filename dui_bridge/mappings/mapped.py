"""What mapping one record gives: the dossier, what became of each document row, and where every value came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

from dui_bridge.findings import Finding, Origin
from dui_bridge.mappings.run import Leaf, Remembered, RowScope, indexed
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record, Row

RawParts: TypeAlias = Mapping[str, str]
"""Name of a part → its canonical text: equal when the cells are."""

_INDEX: Final = re.compile(r"\[\d+\]")


class ItemState(StrEnum):
    """What became of a document row."""

    MAPPED = "mapped"
    LEFT_OUT = "left_out"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class MappedItem:
    """One row of a document list.

    Args:
        list_name: `projets_personnalises` or `documents`.
        key: the DUI's own key of the document.
        row: the row.
        index: in the dossier's list; None unless mapped.
        left_out: the name under which it was left out (`not selected (ETAT=B)`, `superseded`, `left_out (TYPE=99)`,
            `same file as …`).
        findings: what was found in the row and below it; for a quarantined row, what holds it comes first.
        lookups: the references that it read: (alias, key) → row, None when there is no such row.
    """

    list_name: str
    key: str
    row: Row
    index: int | None = None
    left_out: str | None = None
    findings: tuple[Finding, ...] = ()
    lookups: Mapping[tuple[str, str], Row | None] = field(default_factory=dict)

    @property
    def state(self) -> ItemState:
        """Mapped, left out or quarantined: exactly one."""
        if self.left_out is not None:
            return ItemState.LEFT_OUT
        return ItemState.QUARANTINED if self.index is None else ItemState.MAPPED


@dataclass(frozen=True)
class Mapped:
    """The result of mapping one record.

    Args:
        key: the usager's key in the export.
        dossier: None when it is held or left out.
        left_out: the name under which the whole dossier is left out.
        held: the errors that hold the dossier.
        findings: everything found, those of the items included.
        items: one for each row of the document lists, whatever became of it.
        establishment: of the site; None when unknown, or when the mapping is checked without a site.
        marks: model path → mark (`presumed`).
        not_selected: rows of other lists that no block took, counted by `alias: reason`.
        remembered: the row that each element was made of; of one path, the last counts.
        added: raw parts of what does not stand in the export, put there by whoever changed the dossier afterwards.
    """

    key: str
    record: Record
    dossier: Dossier | None = None
    left_out: str | None = None
    held: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    items: tuple[MappedItem, ...] = ()
    establishment: Establishment | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    not_selected: Mapping[str, int] = field(default_factory=dict)
    remembered: Sequence[Remembered] = ()
    choices: Mapping[str, Leaf] = field(default_factory=dict)
    lookups: Mapping[tuple[str, str], Row | None] = field(default_factory=dict)
    document_aliases: frozenset[str] = frozenset()
    below: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    added: RawParts = field(default_factory=dict)

    @cached_property
    def _rows(self) -> dict[str, tuple[Row, RowScope]]:
        return {indexed(path, indexes): (row, scope) for path, indexes, row, scope in self.remembered}

    def origin(self, path: str) -> Origin | None:
        """Where the value at a model path came from; None when nothing in the mapping reads it.

        Args:
            path: with indexes: `usager.date_naissance`, `projets_personnalises[0].objectifs[2].besoin`.
        """
        for prefix, rest in _prefixes(path):
            found = self._rows.get(prefix)
            if found is None:
                continue
            row, scope = found
            relative = _INDEX.sub("", rest)
            leaf = self.choices.get(path) or _nearest(scope, relative)
            if leaf is None:
                return Origin(row.file, row.number)
            return Origin(row.file, row.number, leaf.column, leaf.place, leaf.conversions)
        return None

    def raw_parts(self, item: MappedItem | None) -> RawParts:
        """The raw cells that a document depends on, in canonical parts, one a column that the mapping reads.

        A column a part, because parts are compared by name: a mapping that reads one column more has one part more, and
        a column that changes every night and that nobody reads (the day of the export) is in none.

        Args:
            item: one of `items`; None for what belongs to the dossier alone.
        Returns:
            `alias` → how many rows, for the usager's row, each child file outside the document lists, the document's
            row and each file below it (`[0]` when there is none); `alias.COLUMN` → its cells as read, in the source's
            order; `alias.COLUMN/key` and `alias/key` for each reference looked up.
        """
        root = self.record.root
        parts: dict[str, str] = {}
        self._add(parts, root.alias, [(root,)])
        self._add_children(parts, root, self.document_aliases)
        lookups = dict(self.lookups)
        if item is not None:
            lookups.update(item.lookups)
            if item.row is not root:
                self._add(parts, item.row.alias, [(item.row,)])
                self._add_children(parts, item.row)
        for (alias, key), target in lookups.items():
            found: dict[str, str] = {}
            self._add(found, alias, [() if target is None else (target,)])
            parts.update({f"{name}/{key}": text for name, text in found.items()})
        return parts

    def _add_children(self, parts: dict[str, str], row: Row, without: frozenset[str] = frozenset()) -> None:
        for alias, name in self._below(row.alias, (row,)).items():
            if alias not in without:
                self._add_tree(parts, name, [row.children.get(alias, ())])

    def _add_tree(self, parts: dict[str, str], name: str, groups: list[tuple[Row, ...]]) -> None:
        self._add(parts, name, groups)
        rows = [row for group in groups for row in group]
        for alias, below in self._below(name, rows).items():
            self._add_tree(parts, below, [row.children.get(alias, ()) for row in rows])

    def _add(self, parts: dict[str, str], name: str, groups: list[tuple[Row, ...]]) -> None:
        """The count of rows by parent, and each column that is read."""
        parts[name] = _text([len(group) for group in groups])
        used = self.used_columns.get(name)
        columns = {column for group in groups for row in group for column in row.cells}
        for column in columns if used is None else columns & used:
            parts[f"{name}.{column}"] = _text([[row.cells.get(column) for row in group] for group in groups])

    def _below(self, name: str, rows: Iterable[Row]) -> dict[str, str]:
        """The children of rows of an alias, those without rows too: key in `children` → alias."""
        found = {full.rpartition(".")[2]: full for full in self.below.get(name, ())}
        for row in rows:
            for alias in row.children:
                found.setdefault(alias, alias)
        return found


def _prefixes(path: str) -> Iterator[tuple[str, str]]:
    """(prefix, rest), the longest prefix first; the empty one is the root row."""
    yield path, ""
    for place in range(len(path) - 1, -1, -1):
        if path[place] == ".":
            yield path[:place], path[place + 1 :]
    yield "", path


def _nearest(scope: RowScope, relative: str) -> Leaf | None:
    """The leaf of a path, or of the nearest value that holds it (`lieu_naissance` for `lieu_naissance.cog`)."""
    while relative:
        leaf = scope.leaves.get(relative)
        if leaf is not None:
            return leaf
        relative = relative.rpartition(".")[0]
    return scope.leaves.get("")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def held_back(item: MappedItem, held: tuple[Finding, ...]) -> MappedItem:
    """An item of a dossier that is held: it waits for the same reason, unless it is left out anyway."""
    if item.left_out is not None:
        return item
    return replace(item, index=None, findings=(*held, *(finding for finding in item.findings if finding not in held)))
