"""The XML source: chooses an export, gives one record per usager in bounded memory."""

from __future__ import annotations

import fnmatch
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from dui_bridge.connectors.wire import object_rules as rules
from dui_bridge.connectors.wire.export_rules import FileDenied, FileMissing
from dui_bridge.connectors.wire.folder_source import FolderSource
from dui_bridge.connectors.wire.objects import ListColumns, ObjectReader, forbidden_paths, key_of
from dui_bridge.connectors.xml import errors
from dui_bridge.connectors.xml.cells import TEXT, ElementReader, key_in
from dui_bridge.connectors.xml.fragments import Fragment, Fragments
from dui_bridge.connectors.xml.repairs import Repaired
from dui_bridge.connectors.xml.settings import XmlList, XmlSettings
from dui_bridge.connectors.xml.text import blocks, encoding_named, said_of_itself
from dui_bridge.errors import os_reasons
from dui_bridge.findings import Finding, Origin, did_you_mean
from dui_bridge.model.exchange import Cell, Record, Row

_LOOKED_AT: Final = 2_000
"""Elements that are looked at for their names."""

_START: Final = 1_024


@dataclass(frozen=True)
class _Opened:
    """One file being read; `said` is the encoding that it names itself."""

    fragments: Fragments
    elements: ElementReader
    repaired: Repaired
    said: str

    def findings(self, declared: str | None) -> Iterator[Finding]:
        """What is worth knowing of the whole file, once it has been read to its end."""
        file = self.elements.file
        for repair, made in self.repaired.counts.items():
            line, column = self.repaired.first[repair]
            values = {"count": str(made), "repair": repair, "column": str(column)}
            yield Finding(errors.REPAIRED, Origin(file, line), values)
        if declared is not None and encoding_named(self.said) != declared:
            yield Finding(errors.OTHER_ENCODING, Origin(file, 1), {"said": self.said, "encoding": declared})


class XmlSource(FolderSource[XmlSettings]):
    """One export of XML files. Its findings tell the repairs made, too."""

    def _check(self) -> None:
        self._files()

    def headers(self) -> dict[str, tuple[str, ...]]:
        """The top-level names that the first elements show, by alias; an alias without elements is missing.

        Raises:
            FileMissing, NotAFile, FileDenied, XmlCut, XmlDamaged, XmlNeedsRepair, XmlDoctype, XmlEncoding.
        """
        seen: dict[str, dict[str, None]] = {}
        reader = self._objects("")
        for file in self._files():
            with self._opened(file) as opened:
                for fragment in islice(opened.fragments, _LOOKED_AT):
                    row = self._row(fragment, opened.elements, reader)
                    for alias, rows in row.children.items():
                        for child in rows:
                            seen.setdefault(alias, {}).update(dict.fromkeys(child.cells))
        if names := reader.seen():
            seen[self._settings.root.alias] = dict.fromkeys(names)
        return {alias: tuple(names) for alias, names in seen.items()}

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per element, in the order of the files; every export is a full one, the cursor says nothing.

        The files are read to their end before the first record is given, so that one that is cut gives none.

        Raises:
            FileMissing, NotAFile, FileDenied, XmlCut, XmlDamaged, XmlNeedsRepair, XmlDoctype, XmlEncoding.
        """
        key_name = self._settings.root.key or ""
        files = self._files()
        keys = self._read_through(files)
        for file in files:
            reader = self._objects(file)
            with self._opened(file) as opened:
                for fragment in opened.fragments:
                    row = self._row(fragment, opened.elements, reader)
                    key = key_of(row.cells, key_name)
                    if key is None:
                        row = _with(row, reader.finding(rules.NO_KEY, row.number, key_name, column=key_name))
                    elif keys[key] > 1:
                        values = {"key": key, "count": str(keys[key]), "file": file}
                        row = _with(row, reader.finding(rules.KEY_TWICE, row.number, key_name, **values))
                    yield Record(key or f"{file}:{row.number}", row, _no_reference)
            self._findings.extend(reader.findings(whole=True))

    def _files(self) -> list[str]:
        """The names of the files to read, in their order."""
        declared, folder = self._settings.file, self._chosen.folder
        if "*" not in declared:
            self._chosen.path(declared)
            return [declared]
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            raise FileDenied(file=str(folder), **os_reasons(error)) from None
        found = [name for name in names if fnmatch.fnmatchcase(name.casefold(), declared.casefold())]
        if not found:
            raise FileMissing(file=declared, folder=folder.name, near="", near_fr="")
        return found

    @contextmanager
    def _opened(self, file: str) -> Iterator[_Opened]:
        settings = self._settings
        path = self._chosen.path(file)
        try:
            with path.open("rb") as stream:
                start = stream.read(_START)
                stream.seek(0)
                said = said_of_itself(start)
                encoding = settings.encoding or encoding_named(said)
                if encoding is None:
                    reason = {"reason": f"unknown encoding {said}", "reason_fr": f"encodage inconnu {said}"}
                    raise errors.XmlDamaged(file=file, line="1", **reason)
                repaired = Repaired(blocks(stream, encoding, file), file, encoding, settings.repair)
                paths = [part.path for part in settings.parts.values()]
                elements = ElementReader(file, encoding, settings.lists, settings.marker, paths)
                yield _Opened(Fragments(repaired, settings.each, file), elements, repaired, said)
        except OSError as error:
            raise FileDenied(file=file, **os_reasons(error)) from None

    def _read_through(self, files: list[str]) -> Counter[str]:
        """How many elements have each key; every file is read to its end, and what was repaired is told."""
        settings = self._settings
        keys: Counter[str] = Counter()
        for file in files:
            count = 0
            with self._opened(file) as opened:
                for fragment in opened.fragments:
                    count += 1
                    key = key_in(fragment.element(file), settings.root.key or "", settings.marker)
                    if key is not None:
                        keys[key] += 1
            self._findings.extend(opened.findings(settings.encoding))
            if not count:
                names = opened.fragments.names
                near, near_fr = did_you_mean(settings.each, names), did_you_mean(settings.each, names, "fr")
                values = {"name": settings.each, "near": near, "near_fr": near_fr}
                self._findings.append(Finding(errors.NONE, Origin(file, 1), values))
        return keys

    def _objects(self, file: str) -> ObjectReader:
        settings, root = self._settings, self._settings.root
        inner = {part.path[0] for part in settings.parts.values()}
        below = {(*part.path, *path) for part in settings.parts.values() for path in forbidden_paths(part.forbidden)}
        used = None if self._used is None else frozenset(self._used.get(root.alias, ()))
        return ObjectReader(
            ListColumns(
                root.alias,
                file,
                root.structure | inner | set(settings.above),
                used,
                frozenset(root.columns),
                root.ignored,
                forbidden_paths(root.forbidden) | below,
                settings.double_utf8,
            )
        )

    def _row(self, fragment: Fragment, elements: ElementReader, reader: ObjectReader) -> Row:
        element = fragment.element(elements.file)
        reading = elements.read(element, fragment.line, self._settings.above)
        text = json.dumps(reading.cells, ensure_ascii=False)
        row = reader.row(text, fragment.line, None, reading.faults, elements.file)
        children = {
            alias: tuple(_inside(part, row, reading.lines.get(part.path, [])))
            for alias, part in self._settings.parts.items()
        }
        return replace(row, children=children) if children else row


def _inside(part: XmlList, row: Row, lines: list[int]) -> Iterator[Row]:
    """The elements of a list of the usager's own element; their faults are already its own."""
    found: list[Cell] = [dict(row.cells)]
    for name in part.path:
        under = [cell.get(name) for cell in found if isinstance(cell, dict)]
        found = [item for cell in under for item in (cell if isinstance(cell, list) else [cell])]
        found = [item for item in found if item is not None]
    # A value that could not be believed is missing, and with it the places of the others.
    numbers = lines if len(lines) == len(found) else [row.number] * len(found)
    for item, number in zip(found, numbers, strict=True):
        cells = item if isinstance(item, dict) else {TEXT: item}
        yield Row(part.alias, row.file, number, cells)


def _no_reference(alias: str, key: str) -> Row | None:
    return None


def _with(row: Row, finding: Finding) -> Row:
    return replace(row, findings=(*row.findings, finding))
