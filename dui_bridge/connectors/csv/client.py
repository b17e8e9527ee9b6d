"""The CSV source: chooses an export, indexes its files, gives one record per usager."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from dui_bridge.connectors.csv import errors
from dui_bridge.connectors.csv.index import JoinIndex, NewRow, pack
from dui_bridge.connectors.csv.join import IndexedFile, Joiner
from dui_bridge.connectors.csv.rows import CsvRows, ReadRow
from dui_bridge.connectors.csv.settings import CsvFile, CsvSettings
from dui_bridge.connectors.wire.folder_source import FolderSource
from dui_bridge.findings import Finding, Origin, did_you_mean
from dui_bridge.model.exchange import Record

_MOST = 200
"""Findings of one rule kept for one file outside of records; the others are counted."""


class CsvSource(FolderSource[CsvSettings]):
    """One export of several CSV files. A column that the mapping reads and that is missing is an error."""

    def __init__(
        self,
        settings: CsvSettings,
        path: Path,
        used: Mapping[str, Collection[str]] | None = None,
        *,
        as_is: bool = False,
    ) -> None:
        super().__init__(settings, path, used, as_is=as_is)
        self._index: JoinIndex | None = None
        self._files: dict[str, IndexedFile] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def _check(self) -> int:
        paths = {alias: self._chosen.path(file.file) for alias, file in self._settings.files.items()}
        return max(0, _count_lines(paths[self._settings.root]) - 1)

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Columns by alias, forbidden ones included, read from the header lines only.

        Raises:
            FileMissing, NotAFile, FileDenied, HeaderInvalid, WrongEncoding: a file cannot be used.
        """
        found = {}
        for alias, file in self._settings.files.items():
            with closing(self._open_rows(file)) as rows:
                found[alias] = rows.columns
        return found

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per row of the root file, in its order; every export is a full one, the cursor says nothing.

        All files are read before the first record is given, so that an export that cannot be used gives none.

        Raises:
            FileMissing, FileCut, HeaderInvalid, WrongEncoding, ColumnsMissing: the export cannot be used.
            FileDenied, NotAFile, SpoolFailed: the machine refuses.
        """
        if self._index is None:
            index = JoinIndex()
            try:
                self._fill(index)
            except BaseException:
                index.close()
                raise
            self._index = index
        yield from Joiner(self._settings, self._index, self._files).records()

    def findings(self) -> tuple[Finding, ...]:
        """What belongs to no record: orphans, unknown columns, rows that can be laid at no dossier's door.

        At most 200 of one rule for one file; the others are counted in one more finding.
        """
        more = (
            Finding(errors.MORE, Origin(file, 1), {"count": str(count - _MOST), "rule": rule})
            for (rule, file), count in self._counts.items()
            if count > _MOST
        )
        return (*self._findings, *more)

    def close(self) -> None:
        """Frees the join index; records already given can no longer look up references."""
        if self._index is not None:
            self._index.close()
        self._index = None
        self._counts.clear()
        super().close()

    def _open_rows(self, file: CsvFile) -> CsvRows:
        path = self._chosen.path(file.file)
        return CsvRows(path, path.name, self._settings)

    def _report(self, finding: Finding) -> None:
        file = finding.at.file if finding.at is not None else ""
        self._counts[finding.rule.id, file] += 1
        if self._counts[finding.rule.id, file] <= _MOST:
            self._findings.append(finding)

    def _fill(self, index: JoinIndex) -> None:
        numbers = {alias: number for number, alias in enumerate(self._settings.files)}
        for alias, file in self._settings.files.items():
            with closing(self._open_rows(file)) as rows:
                self._check_columns(file, rows)
                kept = tuple(name for name in rows.columns if name not in file.forbidden)
                self._files[alias] = IndexedFile(file, rows.name, numbers[alias], kept)
                index.add(self._new_rows(self._files[alias], rows))
        tree = [
            (numbers[file.alias], numbers[file.of]) for file in self._settings.files.values() if file.of is not None
        ]
        index.settle(tree)
        for alias in self._settings.files:
            self._report_rows_without_dossier(alias, index)

    def _check_columns(self, file: CsvFile, rows: CsvRows) -> None:
        used = self._used.get(file.alias, ()) if self._used is not None else file.columns
        missing = [name for name in dict.fromkeys((*file.structure(), *(used or ()))) if name not in rows.columns]
        if missing:
            near, near_fr = did_you_mean(missing[0], rows.columns), did_you_mean(missing[0], rows.columns, "fr")
            raise errors.ColumnsMissing(file=rows.name, columns=", ".join(missing), near=near, near_fr=near_fr)
        known = {*file.structure(), *(used or ()), *file.ignored, *file.forbidden}
        unknown = [name for name in rows.columns if name not in known]
        if unknown and used is not None:
            values = {"columns": ", ".join(unknown), "alias": file.alias}
            self._report(Finding(errors.UNKNOWN_COLUMNS, Origin(rows.name, 1), values))
        for column in sorted(file.forbidden.difference(rows.columns)):
            values = {
                "column": column,
                "near": did_you_mean(column, unknown),
                "near_fr": did_you_mean(column, unknown, "fr"),
            }
            self._report(Finding(errors.FORBIDDEN_ABSENT, Origin(rows.name, 1), values))

    def _new_rows(self, file: IndexedFile, rows: CsvRows) -> Iterator[NewRow]:
        """What the index keeps of a file: never a forbidden cell, never a cell of a damaged row but its keys."""
        declared, header, width = file.declared, rows.header, len(rows.header)
        own = [header.index(column) for column in declared.key]
        up = [header.index(column) for column in declared.on]
        keep = [header.index(column) for column in file.columns]
        pick = None if keep == list(range(width)) else _picker(keep)
        own_key, parent_key = _key_reader(own), _key_reader(up)
        unnamed = width - len(rows.columns)
        blanks = first_blank = 0
        for row in rows.rows():
            number, cells, damage, signs, swallowed_to = row
            if swallowed_to is not None:
                self._report(file.finding(errors.LOOKS_LIKE_ROWS, number, last=str(swallowed_to)))
            if unnamed and damage is None and any(cells[-unnamed:]):
                values = {"found": str(width), "expected": str(width - unnamed), "separator": self._settings.separator}
                yield _damaged(file, row, own, up, width, json.dumps([errors.TOO_MANY_CELLS.id, values]))
            elif damage is not None:
                yield _damaged(file, row, own, up, width, json.dumps([damage.rule.id, damage.values]))
            elif any(cells):
                marked = json.dumps([header[i] for i in signs if header[i] in file.columns]) if signs else ""
                key, parent = own_key(cells) if own else "", parent_key(cells) if up else None
                yield file.number, number, key, parent, "", "", marked, pack(pick(cells) if pick else cells)
            else:
                blanks += 1
                first_blank = first_blank or number
        if blanks:
            self._report(file.finding(errors.BLANK_ROWS, first_blank, count=str(blanks)))

    def _report_rows_without_dossier(self, alias: str, index: JoinIndex) -> None:
        file = self._files[alias]
        declared = file.declared
        if alias == self._settings.root:
            return
        for row in index.lost(file.number):
            self._report(file.damage(row))
        if declared.of is None:
            for number in index.without_key(file.number) if declared.key else ():
                self._report(file.finding(errors.NO_KEY, number, columns=", ".join(declared.key)))
            return
        parent = self._files[declared.of]
        columns = ", ".join(declared.on)
        for number, key in index.orphans(file.number, parent.number):
            values = {"parent": parent.name, "key": key.replace("\x1f", " / "), "columns": columns}
            self._report(file.finding(errors.ORPHAN, number, declared.on[0], **values))


def _picker(positions: list[int]) -> Callable[[list[str]], Sequence[str]]:
    return itemgetter(*positions) if len(positions) > 1 else lambda cells: [cells[i] for i in positions]


def _key_reader(positions: list[int]) -> Callable[[list[str]], str]:
    """Reads the key in those cells without surrounding blanks, "" when any part is blank."""
    if not positions:
        return lambda cells: ""
    if len(positions) == 1:
        only = positions[0]
        return lambda cells: cells[only].strip()

    def read(cells: list[str]) -> str:
        parts = [cells[position].strip() for position in positions]
        return "\x1f".join(parts) if all(parts) else ""

    return read


def _damaged(file: IndexedFile, row: ReadRow, own: list[int], up: list[int], width: int, damage: str) -> NewRow:
    """A damaged row, with what can be told of its keys: where they should be, or shifted by the cells in excess."""
    shift = len(row.cells) - width

    def at(positions: list[int], shift: int = 0) -> str:
        moved = [position + shift for position in positions]
        if not moved or max(moved) >= len(row.cells) or not all(row.cells[i].strip().isprintable() for i in moved):
            return ""  # not there, or itself undecodable
        return _key_reader(moved)(row.cells)

    second = at(up, shift) if shift > 0 else ""
    return file.number, row.number, at(own), at(up) if up else None, second, damage, "", ""


def _count_lines(path: Path) -> int:
    """Lines of a file, for progress only: a cell may hold several."""
    count = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += block.count(b"\n")
    return count
