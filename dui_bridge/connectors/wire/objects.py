"""Objects of a source as rows: every scalar as text, forbidden keys dropped, each fault with its path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.wire import object_rules as rules
from dui_bridge.connectors.wire.double_utf8 import undouble
from dui_bridge.connectors.wire.json_text import NotANumber, NotJson, Repeated, parse_json
from dui_bridge.findings import Finding, Origin, Rule, Severity, did_you_mean
from dui_bridge.model.exchange import Cell, Row

MAX_DEPTH: Final = 30
MAX_TEXT: Final = 1_000_000
_MOST_FAULTS: Final = 20
"""Findings of one object; more say nothing new."""


@dataclass(frozen=True, slots=True)
class ListColumns:
    """What a mapping says of the keys of one list.

    Args:
        alias: of the list.
        file: as findings show it.
        structure: keys that the source itself needs.
        used: top-level keys that the mapping reads; None when not known: nothing is then said of unknown keys.
        declared: keys that objects may have, besides those used.
        ignored: not used, and kept.
        forbidden: dotted paths that never enter a row; lists on the way are passed through.
        repair: whether double UTF-8 is repaired, and counted.
    """

    alias: str
    file: str
    structure: frozenset[str] = frozenset()
    used: frozenset[str] | None = None
    declared: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[tuple[str, ...]] = frozenset()
    repair: bool = False


@dataclass
class ObjectReader:
    """Makes rows of one list, and remembers what belongs to none of them."""

    columns: ListColumns
    _seen: dict[str, int] = field(default_factory=dict)
    _dropped: set[tuple[str, ...]] = field(default_factory=set)
    _repaired: int = 0
    _first_repaired: Origin | None = None
    _read: int = 0

    def row(
        self,
        text: str,
        number: int,
        children: Mapping[str, tuple[Row, ...]] | None = None,
        findings: Iterable[Finding] = (),
        file: str | None = None,
    ) -> Row:
        """The row of one element. A fault is an error of the row, with its path; it raises nothing.

        Args:
            text: the JSON of the element.
            number: its 1-based place in its list.
            children, findings: what the row carries besides.
            file: as findings show it, when the list stands in several files.
        """
        reading = _Reading(self, number, file or self.columns.file)
        cells: dict[str, Cell] = {}
        try:
            value = parse_json(text)
        except NotJson as error:
            reading.fault(rules.NOT_JSON, "", reason=error.reason)
        else:
            if isinstance(value, dict):
                cells = reading.cells(value, (), "", 1)
            else:
                reading.fault(rules.NOT_AN_OBJECT, "")
        self._read += 1
        for name in cells:
            self._seen.setdefault(name, number)
        own = self.columns
        return Row(own.alias, reading.file, number, cells, children or {}, (*findings, *reading.faults))

    def finding(self, rule: Rule, number: int, at_key: str | None = None, **values: str) -> Finding:
        """A finding about an element of this list."""
        return Finding(rule, Origin(self.columns.file, number, at_key), values)

    def seen(self) -> tuple[str, ...]:
        """The top-level keys met so far, the forbidden ones included, in their order."""
        dropped = (path[0] for path in sorted(self._dropped) if len(path) == 1)
        return tuple(dict.fromkeys((*self._seen, *dropped)))

    def findings(self, *, whole: bool) -> list[Finding]:
        """What belongs to no row.

        Args:
            whole: the whole list was read: a key that the mapping names and that no object has is worth a word.
        """
        own = self.columns
        found = []
        if self._repaired:
            values = {"count": str(self._repaired), "alias": own.alias}
            found.append(Finding(rules.REPAIRED, self._first_repaired, values))
        if own.used is None:
            return found
        known = own.used | own.structure | own.declared | own.ignored
        unknown = [name for name in self._seen if name not in known]
        if unknown:
            at = Origin(own.file, self._seen[unknown[0]], unknown[0])
            found.append(Finding(rules.UNKNOWN_COLUMNS, at, {"alias": own.alias, "columns": ", ".join(unknown)}))
        if whole and self._read:
            for name in sorted(own.used - own.declared - set(self._seen)):
                found.append(self._nowhere("used", "utilisée", name, unknown))
            for path in sorted(own.forbidden - self._dropped):
                found.append(self._nowhere("forbidden", "interdite", ".".join(path), unknown))
        return found

    def _nowhere(self, what: str, what_fr: str, column: str, unknown: list[str]) -> Finding:
        values = {
            "what": what,
            "what_fr": what_fr,
            "column": column,
            "alias": self.columns.alias,
            "near": did_you_mean(column, unknown),
            "near_fr": did_you_mean(column, unknown, "fr"),
        }
        return Finding(rules.NOWHERE, Origin(self.columns.file, 1), values)

    def _note_repair(self, at: Origin) -> None:
        self._repaired += 1
        self._first_repaired = self._first_repaired or at


@dataclass
class _Reading:
    """The reading of one object."""

    reader: ObjectReader
    number: int
    file: str
    faults: list[Finding] = field(default_factory=list)

    def fault(self, rule: Rule, path: str, severity: Severity | None = None, **values: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            at = Origin(self.file, self.number, path or None)
            self.faults.append(Finding(rule, at, values, severity_override=severity))

    def cells(self, value: dict[str, object], names: tuple[str, ...], path: str, depth: int) -> dict[str, Cell]:
        forbidden, made = self.reader.columns.forbidden, {}
        if isinstance(value, Repeated):
            for name in value.names:
                if (*names, name) not in forbidden:
                    self.fault(rules.KEY_REPEATED, _join(path, name), name=name)
        for name, inner in value.items():
            here = (*names, name)
            if here in forbidden:
                self.reader._dropped.add(here)
                continue
            if not _is_text(name):
                self.fault(rules.UNDECODABLE, path)
                continue
            made[name] = self._cell(inner, here, _join(path, name), depth)
        return made

    def _cell(self, value: object, names: tuple[str, ...], path: str, depth: int) -> Cell:
        if isinstance(value, str):
            return self._text(value, names[0], path)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if depth >= MAX_DEPTH:
            self.fault(rules.TOO_DEEP, path, limit=str(MAX_DEPTH))
        elif isinstance(value, dict):
            return self.cells(value, names, path, depth + 1)
        elif isinstance(value, list):
            return [self._cell(item, names, f"{path}[{place}]", depth + 1) for place, item in enumerate(value)]
        elif isinstance(value, NotANumber):
            self.fault(rules.NOT_A_NUMBER, path)
        return None

    def _text(self, text: str, column: str, path: str) -> str | None:
        if len(text) > MAX_TEXT:
            self.fault(rules.TOO_LONG, path, limit=str(MAX_TEXT))
            return None
        if not _is_text(text):
            self.fault(rules.UNDECODABLE, path)
            return None
        meant = undouble(text)
        if meant is None:
            return text
        own = self.reader.columns
        if own.repair:
            self.reader._note_repair(Origin(self.file, self.number, path))
            return meant
        # In a key that no document is made from it stops nothing.
        unread = own.used is not None and column not in own.used and column not in own.structure
        severity = Severity.WARNING if unread else None
        self.fault(rules.DOUBLE_UTF8, path, severity, value=text, meant=meant)
        return text


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_text(text: str) -> bool:
    """Whether it has no half of a surrogate pair: those stand for bytes that could not be decoded."""
    if text.isascii():
        return True
    try:
        text.encode()  # looks at each character far quicker than a loop or an expression
    except UnicodeEncodeError:
        return False
    return True


def key_of(cells: Mapping[str, Cell], column: str) -> str | None:
    """The trimmed text of a key column; None when it is missing, blank or not a plain value."""
    cell = cells.get(column)
    return cell.strip() or None if isinstance(cell, str) else None


def raw_key(text: str, column: str) -> str | None:
    """The same of an element that is still text; None too when it is no object or cannot be read."""
    try:
        value = parse_json(text)
    except NotJson:
        return None
    key = value.get(column) if isinstance(value, dict) else None
    return key.strip() or None if isinstance(key, str) and _is_text(key) else None


def forbidden_paths(columns: Collection[str]) -> frozenset[tuple[str, ...]]:
    """Dotted paths, split."""
    return frozenset(tuple(column.replace("[]", "").split(".")) for column in columns)


def top_level(forbidden: Collection[str]) -> frozenset[str]:
    """The forbidden paths that are a key of the object itself."""
    return frozenset(path[0] for path in forbidden_paths(forbidden) if len(path) == 1)
