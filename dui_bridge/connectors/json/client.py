"""The JSON source: chooses an export, gives one record per usager in bounded memory."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, Final, TextIO

from dui_bridge.connectors.json import errors
from dui_bridge.connectors.json.settings import JsonPart, JsonSettings
from dui_bridge.connectors.wire import object_rules as rules
from dui_bridge.connectors.wire.export_rules import PathAbsent
from dui_bridge.connectors.wire.folder_source import FolderSource
from dui_bridge.connectors.wire.json_stream import Broken, JsonList
from dui_bridge.connectors.wire.objects import ListColumns, ObjectReader, forbidden_paths, key_of, raw_key
from dui_bridge.connectors.wire.spool import Spool
from dui_bridge.connectors.wire.template import Unfillable, fill
from dui_bridge.errors import FileUnusable
from dui_bridge.findings import Finding, Origin
from dui_bridge.model.exchange import Cell, Record, Row

_MOST: Final = 200
"""Orphans named one by one; the others are counted."""

_LOOKED_AT: Final = 2_000
"""Objects of a list that are looked at for their keys."""


class JsonSource(FolderSource[JsonSettings]):
    """One export of JSON files."""

    _spool: Spool | None = None
    _orphans = 0

    def _check(self) -> None:
        for part in (self._settings.root, *self._joined()):
            self._chosen.path(part.file)

    def headers(self) -> dict[str, tuple[str, ...]]:
        """The top-level keys that the first objects show, by alias; an alias without objects is missing.

        Raises:
            FileMissing, NotAFile, FileDenied, JsonCut, JsonDamaged: a file cannot be used.
        """
        readers = self._readers()
        for part in (self._settings.root, *self._joined()):
            with self._objects(part) as texts:
                for number, text in enumerate(islice(texts, _LOOKED_AT), start=1):
                    row = readers[part.alias].row(text, number)
                    if part is self._settings.root:
                        self._children(row, None, readers)
        return {alias: reader.seen() for alias, reader in readers.items() if reader.seen()}

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per object of the root list, in its order; every export is a full one, the cursor says nothing.

        The files are read to their end before the first record is given, so that one that is cut gives none.

        Raises:
            FileMissing, NotAFile, FileDenied, JsonCut, JsonDamaged: the export cannot be used.
            SpoolFailed: the machine refuses.
        """
        root = self._settings.root
        keys = self._keys()
        readers = self._readers()
        if self._spool is None and any(self._joined()):
            self._spool = Spool()
            self._fill(self._spool, keys)
        with self._objects(root) as texts:
            for number, text in enumerate(texts, start=1):
                reader = readers[root.alias]
                row = reader.row(text, number)
                key = key_of(row.cells, root.key or "")
                if key is None:
                    row = _with(row, reader.finding(rules.NO_KEY, number, root.key, column=root.key or ""))
                elif keys[key] > 1:
                    values = {"key": key, "count": str(keys[key]), "file": root.file}
                    row = _with(row, reader.finding(rules.KEY_TWICE, number, root.key, **values))
                yield Record(key or f"{root.file}:{number}", self._children(row, key, readers), _no_reference)
        for reader in readers.values():
            self._findings.extend(reader.findings(whole=True))

    def findings(self) -> tuple[Finding, ...]:
        """What belongs to no record; complete after `records`."""
        if self._orphans <= _MOST:
            return tuple(self._findings)
        values = {"count": str(self._orphans - _MOST), "rule": rules.ORPHAN.id}
        return (*self._findings, Finding(rules.MORE, None, values))

    def close(self) -> None:
        """Frees the temporary store."""
        if self._spool is not None:
            self._spool.close()
        self._spool = None
        self._orphans = 0
        super().close()

    def _joined(self) -> tuple[JsonPart, ...]:
        """The lists with the objects of all usagers."""
        return tuple(part for part in self._settings.parts.values() if part.on is not None)

    def _readers(self) -> dict[str, ObjectReader]:
        return {
            part.alias: ObjectReader(self._columns(part))
            for part in (self._settings.root, *self._settings.parts.values())
        }

    def _columns(self, part: JsonPart) -> ListColumns:
        root = self._settings.root
        inside = [one for one in self._settings.parts.values() if part is root and one.is_inside]
        # What is inside the usager's own object is read with it, and never goes through a reader of its own.
        below = {(*one.path, *path) for one in inside for path in forbidden_paths(one.forbidden)}
        return ListColumns(
            part.alias,
            part.file or root.file,
            part.structure | {one.path[0] for one in inside},
            None if self._used is None else frozenset(self._used.get(part.alias, ())),
            frozenset(part.columns),
            part.ignored,
            forbidden_paths(part.forbidden) | below,
            self._settings.repair,
        )

    @contextmanager
    def _objects(self, part: JsonPart) -> Iterator[Iterator[str]]:
        path = self._chosen.path(part.file)
        try:
            with path.open("rb") as stream:
                yield iter(JsonList(self._text(stream), part.path, or_bare=True))
        except Broken as error:
            if error.cut:
                raise errors.JsonCut(file=part.file) from None
            raise errors.JsonDamaged(file=part.file, reason=error.reason, reason_fr=error.reason_fr) from None
        except UnicodeDecodeError:
            encoding = self._settings.encoding
            raise errors.JsonDamaged(
                file=part.file, reason=f"it is not {encoding} text", reason_fr=f"ce n'est pas du texte {encoding}"
            ) from None

    def _text(self, stream: BinaryIO) -> TextIO:
        encoding = self._settings.encoding
        # A byte that is no character becomes half of a surrogate pair: a fault of its object, not of the whole file.
        handler = "strict" if encoding == "utf-16" else "surrogateescape"
        return io.TextIOWrapper(stream, "utf-8-sig" if encoding == "utf-8" else encoding, handler, newline="")

    def _keys(self) -> Counter[str]:
        """How many objects have each key; reads the root list to its end."""
        found: Counter[str] = Counter()
        root = self._settings.root
        with self._objects(root) as texts:
            for text in texts:
                key = raw_key(text, root.key or "")
                if key is not None:
                    found[key] += 1
        return found

    def _fill(self, spool: Spool, keys: Counter[str]) -> None:
        for part in self._joined():
            with self._objects(part) as texts:
                for number, text in enumerate(texts, start=1):
                    key = raw_key(text, part.on or "")
                    if key is not None and key in keys:
                        spool.add(part.alias, number, key, text)
                        continue
                    self._orphans += 1
                    if self._orphans <= _MOST:
                        at = Origin(part.file, number, part.on)
                        self._findings.append(Finding(rules.ORPHAN, at, {"key": key or "—", "column": part.on or ""}))

    def _children(self, row: Row, key: str | None, readers: Mapping[str, ObjectReader]) -> Row:
        """The row with its lists."""
        children: dict[str, tuple[Row, ...]] = {}
        for part in self._settings.parts.values():
            reader = readers[part.alias]
            try:
                if part.is_inside:
                    children[part.alias] = tuple(_inside(part, row))
                elif part.on is not None:
                    found = self._spool.of(part.alias, key) if self._spool is not None and key is not None else []
                    children[part.alias] = tuple(reader.row(text, number) for number, text in found)
                else:
                    children[part.alias] = tuple(self._own_file(part, row, reader))
            except (Broken, UnicodeDecodeError, FileUnusable, Unfillable) as error:
                row = _with(row, _unreadable(part, row, error))
        return replace(row, children=children)

    def _own_file(self, part: JsonPart, row: Row, reader: ObjectReader) -> Iterator[Row]:
        """The rows of a usager's own file."""
        name = fill(part.file, row.cells)
        try:
            stream = self._chosen.open(name)
        except PathAbsent:
            if part.may_lack:
                return
            raise
        with stream:
            for number, text in enumerate(JsonList(self._text(stream), part.path, or_bare=True), start=1):
                yield reader.row(text, number, file=name)


def _no_reference(alias: str, key: str) -> Row | None:
    return None


def _with(row: Row, finding: Finding) -> Row:
    return replace(row, findings=(*row.findings, finding))


def _inside(part: JsonPart, row: Row) -> Iterator[Row]:
    """The objects of a list of the usager's own object; their faults are already its own."""
    cell: Cell = dict(row.cells)
    for name in part.path:
        cell = cell.get(name) if isinstance(cell, dict) else None
    for item in cell if isinstance(cell, list) else ():
        if isinstance(item, dict):
            yield Row(part.alias, row.file, row.number, item)


def _unreadable(part: JsonPart, row: Row, error: Exception) -> Finding:
    if isinstance(error, Broken):
        reason, reason_fr = error.reason, error.reason_fr
    elif isinstance(error, FileUnusable):
        reason, reason_fr = error.message("en"), error.message("fr")
    elif isinstance(error, Unfillable):
        reason, reason_fr = f"{error.column} is no name of a file", f"{error.column} n'est pas un nom de fichier"
    else:
        reason, reason_fr = "its encoding is wrong", "son encodage est faux"
    values = {"alias": part.alias, "reason": reason, "reason_fr": reason_fr}
    return Finding(rules.CHILDREN_UNREADABLE, Origin(row.file, row.number, part.alias), values)
