"""Puts the rows of an export together: one record per usager, children under their parents in a stable order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from dui_bridge.connectors.csv import errors
from dui_bridge.connectors.csv.index import IndexedRow, JoinIndex, Repeated, unpack
from dui_bridge.connectors.csv.settings import CsvFile, CsvSettings
from dui_bridge.connectors.wire.declaration import ITEMS
from dui_bridge.findings import Finding, Origin, Rule, Scope
from dui_bridge.model.exchange import Record, Row

_BATCH = 32
"""Usagers joined at a time: their rows should still be in the cache of the processor when they are mapped."""

_KNOWN_REFERENCES = 4_096
_NONE_BELOW: Mapping[str, tuple[Row, ...]] = MappingProxyType({})
_NUMBER = itemgetter(IndexedRow._fields.index("number"))
_CELLS = itemgetter(IndexedRow._fields.index("cells"))


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file whose rows are in the index.

    Args:
        declared: its part of the settings.
        name: as it stands in the export.
        number: its position in the index.
        columns: of the cells in the index (forbidden columns are not).
    """

    declared: CsvFile
    name: str
    number: int
    columns: tuple[str, ...]

    def finding(self, rule: Rule, row: int, column: str | None = None, /, **values: str) -> Finding:
        """A finding about one of its rows; `values` always name the alias."""
        return Finding(rule, Origin(self.name, row, column), {"alias": self.declared.alias, **values})

    def damage(self, row: IndexedRow) -> Finding:
        """Why a row is not used."""
        rule, values = json.loads(row.damage or "[]")
        return self.finding(errors.RULES[rule], row.number, **values)


class _Siblings(NamedTuple):
    """By parent key: the children in one file, and what is wrong with those that could not be read."""

    rows: dict[str, list[Row]]
    findings: dict[str, list[Finding]]


class Joiner:
    """Reads records back from a settled index."""

    def __init__(self, settings: CsvSettings, index: JoinIndex, files: Mapping[str, IndexedFile]) -> None:
        self._settings = settings
        self._index = index
        self._files = files
        self._children = {alias: settings.children(alias) for alias in files}
        self._repeats = {
            alias: bool(file.declared.key) and file.declared.keep_last_by is None and index.has_repeats(file.number)
            for alias, file in files.items()
        }
        self._found = False  # is anything wrong in the batch being built? else no row needs to be walked again
        self._lookup = lru_cache(maxsize=_KNOWN_REFERENCES)(self._find)

    def records(self) -> Iterator[Record]:
        """One record per row of the root file, in its order."""
        root = self._settings.root
        for batch in self._index.batches(self._files[root].number, _BATCH):
            self._found = False
            for indexed, row in zip(batch, self._rows(root, batch), strict=True):
                key = indexed.key or ""
                yield Record(key, _in_dossier(row, key, is_root=True) if self._found else row, self._lookup)

    def _find(self, alias: str, key: str) -> Row | None:
        file = self._files.get(alias)
        found = self._index.find(file.number, key.strip()) if file is not None else None
        return self._rows(alias, [found])[0] if found is not None else None

    def _rows(self, alias: str, batch: list[IndexedRow]) -> list[Row]:
        """The rows with their children, in the order given."""
        file = self._files[alias]
        keys = {row.key for row in batch if row.key is not None}
        children = {child: self._siblings(child, keys) for child in self._children[alias]}
        repeated = self._index.repeated(file.number, keys) if self._repeats[alias] else {}
        if children or repeated:
            return [self._row(file, row, children, repeated) for row in batch]
        has_key, name, columns = bool(file.declared.key), file.name, file.columns
        rows: list[Row] = []
        for row in batch:
            number, key, _, damage, signs, cells = row
            if damage is None and signs is None and (key is not None or not has_key):
                # `_NONE_BELOW` is given: a default would be one more dict for each of millions of rows.
                rows.append(Row(alias, name, number, dict(zip(columns, unpack(cells), strict=True)), _NONE_BELOW))
            else:
                rows.append(self._row(file, row, children, repeated))
        return rows

    def _row(
        self,
        file: IndexedFile,
        row: IndexedRow,
        children: Mapping[str, _Siblings],
        repeated: Mapping[str, Repeated],
    ) -> Row:
        declared = file.declared
        findings: list[Finding] = []
        cells: dict[str, str]
        if row.damage is not None:
            findings.append(file.damage(row))
            cells = {declared.key[0]: row.key} if len(declared.key) == 1 and row.key is not None else {}
        else:
            cells = dict(zip(file.columns, unpack(row.cells), strict=True))
            if declared.key and row.key is None:
                findings.append(file.finding(errors.NO_KEY, row.number, columns=", ".join(declared.key)))
        if row.signs is not None:
            findings += [file.finding(errors.WRONG_CHARACTERS, row.number, name) for name in json.loads(row.signs)]
        if row.key is not None and row.key in repeated:
            twice = repeated[row.key]
            span = {"count": str(twice.rows), "first": str(twice.first), "last": str(twice.last)}
            values = {"key": _shown(row.key), "file": file.name} | span
            findings.append(file.finding(errors.KEY_TWICE, row.number, declared.key[0], **values))
        below: dict[str, tuple[Row, ...]] = {}
        for child, (rows, wrong) in children.items():
            below[child] = tuple(rows.get(row.key, ())) if row.key is not None else ()
            if wrong and row.key is not None:
                findings += wrong.get(row.key, ())
        if findings:
            self._found = True
        return Row(declared.alias, file.name, row.number, cells, below, tuple(findings))

    def _siblings(self, alias: str, parents: set[str]) -> _Siblings:
        """The rows of a child file under each of these parent keys, the same whatever the order of the file."""
        file = self._files[alias]
        order, pair = file.declared.order, file.declared.pivot
        found: defaultdict[str, list[Row]] = defaultdict(list)
        wrong: defaultdict[str, list[Finding]] = defaultdict(list)
        sound = []
        rows = self._index.children(file.number, parents)
        rows.sort(key=_NUMBER)
        rows.sort(key=_CELLS)  # of equal content, the first in the file comes first
        for row in rows:
            if row.damage is None:
                sound.append(row)
            else:
                wrong[row.parent or ""].append(file.damage(row))
        for indexed, made in zip(sound, self._rows(alias, sound) if sound else (), strict=True):
            found[indexed.parent or ""].append(made)
        for parent, siblings in found.items() if order is not None or pair is not None else ():
            if order is not None and len(siblings) > 1:
                _sort(siblings, order)
            if pair is not None:
                found[parent] = list(_fold(file, pair, siblings))
                self._found = self._found or any(row.findings for row in found[parent])
        return _Siblings(found, wrong)


def _sort(rows: list[Row], column: str) -> None:
    """By the values of the column, as numbers when every one is an integer; rows that tie stay as they are."""
    texts = [str(row.cells[column]).strip() for row in rows]
    values = [int(text) for text in texts] if all(map(_is_integer, texts)) else texts
    rows[:] = [row for _, row in sorted(zip(values, rows, strict=True), key=itemgetter(0))]


def _is_integer(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20


def _fold(file: IndexedFile, pair: tuple[str, str], rows: list[Row]) -> Iterator[Row]:
    """One row per group, its pairs as children named `items`."""
    declared = file.declared
    groups: defaultdict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.cells[column] for column in declared.group)].append(row)
    apart = {*pair, *declared.group, *declared.on, *declared.ignored, declared.order}
    common = [column for column in file.columns if column not in apart]
    for members in groups.values():
        first = members[0]
        findings = [finding for row in members for finding in row.findings]
        for column in common if len(members) > 1 else ():
            other = next((row for row in members if row.cells[column] != first.cells[column]), None)
            if other is not None:
                values = {"column": column, "first": str(first.number), "second": str(other.number)}
                findings.append(file.finding(errors.GROUP_DISAGREES, other.number, column, **values))
        seen: dict[object, Row] = {}
        for row in members:
            item = row.cells[pair[0]]
            before = seen.setdefault(item, row)
            if before is not row:
                values = {"item": str(item), "first": str(before.number), "second": str(row.number)}
                findings.append(file.finding(errors.ITEM_TWICE, row.number, pair[0], **values))
        items = tuple(
            Row(ITEMS, row.file, row.number, {column: row.cells[column] for column in pair}, _NONE_BELOW)
            for row in members
        )
        cells = {column: value for column, value in first.cells.items() if column not in pair}
        yield replace(first, cells=cells, children={ITEMS: items}, findings=tuple(findings))


def _in_dossier(row: Row, dossier: str, *, is_root: bool = False) -> Row:
    """The row with the dossier's number on every finding under it; what is wrong with the root row itself holds the
    whole dossier."""
    children = {alias: tuple(_in_dossier(child, dossier) for child in rows) for alias, rows in row.children.items()}
    changed = any(
        new is not old for alias, rows in row.children.items() for new, old in zip(children[alias], rows, strict=True)
    )
    if not changed and not row.findings:
        return row
    findings = tuple(_about(finding, row, dossier, is_root=is_root) for finding in row.findings)
    return replace(row, children=children, findings=findings)


def _about(finding: Finding, row: Row, dossier: str, *, is_root: bool) -> Finding:
    own = is_root and finding.is_error and finding.values.get("alias") == row.alias
    return replace(finding, dossier=dossier or None, scope_override=Scope.DOSSIER if own else finding.scope_override)


def _shown(key: str) -> str:
    return key.replace("\x1f", " / ")
