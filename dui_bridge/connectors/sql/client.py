"""The SQL source: reads all queries at one moment, lets the database go, then gives one record per usager."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.sql import errors
from dui_bridge.connectors.sql.database import Database, Session, open_database, open_script
from dui_bridge.connectors.sql.settings import Query, SqlSettings
from dui_bridge.connectors.sql.values import Binary, as_text
from dui_bridge.connectors.wire import object_rules as rules
from dui_bridge.connectors.wire.export_folder import Export
from dui_bridge.connectors.wire.objects import ListColumns, ObjectReader, key_of
from dui_bridge.connectors.wire.spool import Spool
from dui_bridge.findings import Finding, Origin, did_you_mean
from dui_bridge.model.exchange import Record, Row

_MOST: Final = 200
"""Orphans named one by one; the others are counted."""

_KNOWN_REFERENCES: Final = 4_096
_KEYS: Final = "{} keys"


class SqlSource:
    """One database.

    Args:
        settings: the `source.sql` part of the mapping.
        path: the folder of the files that rows name; relative paths of the address start there too.
        used: alias → the columns that the mapping reads. One that is missing is an error; one that is neither used,
            ignored nor forbidden is a finding. None says nothing of either.
        as_is: `path` is a golden case: the script `database.sql` in it stands for the database.
    """

    def __init__(
        self,
        settings: SqlSettings,
        path: Path,
        used: Mapping[str, Collection[str]] | None = None,
        *,
        as_is: bool = False,
    ) -> None:
        self._settings, self._path, self._used, self._as_is = settings, path, used, as_is
        self._spool: Spool | None = None
        self._readers: dict[str, ObjectReader] = {}
        self._keys: dict[str, str | None] = {}
        self._findings: list[Finding] = []
        self._orphans: dict[str, int] = {}

    def prepare(self, now: datetime) -> Ready | Waiting:
        """Asks the database whether it answers; it is always complete. `now` names the reading.

        Raises:
            UrlUnusable, NotReadOnly, DatabaseUnreachable.
        """
        self.close()
        with self._database().session():
            return Ready(f"{now:%Y-%m-%dT%H:%M}")

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Columns by alias, forbidden ones included. Raises what `records` raises."""
        with self._database().session() as session:
            return {query.alias: self._columns(query, session)[0] for query in self._settings.queries.values()}

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per row of the usagers' query, in its order; every reading is a full one.

        All queries are read, in one transaction, before the first record is given: one that fails gives none, and the
        database is let go before any document is made.

        Raises:
            UrlUnusable, NotReadOnly, QueryRefused, ColumnsWrong: the address, the account or a query must change.
            DatabaseUnreachable: try again. SpoolFailed: the machine refuses.
        """
        if self._spool is None:
            spool = Spool()
            try:
                self._fill(spool)
            except BaseException:
                spool.close()
                raise
            self._spool = spool
        root = self._settings.queries[self._settings.root]
        lookup = lru_cache(maxsize=_KNOWN_REFERENCES)(self._reference)
        for number, text in self._spool.scan(root.alias):
            row = self._row(root, number, text, self._spool)
            key = key_of(row.cells, self._keys[root.alias] or "")
            yield Record(key or f"{root.alias}:{number}", row, lookup)
        for reader in self._readers.values():
            self._findings.extend(reader.findings(whole=True))

    def findings(self) -> tuple[Finding, ...]:
        """What belongs to no record; complete after `records`. At most 200 orphans of a query are named."""
        more = (
            Finding(rules.MORE, Origin(alias, 1), {"count": str(count - _MOST), "rule": rules.ORPHAN.id})
            for alias, count in self._orphans.items()
            if count > _MOST
        )
        return (*self._findings, *more)

    def open(self, ref: str) -> BinaryIO:
        """A file that a row names by a path relative to the folder, with `/` or `\\`. Raises FileUnusable."""
        return Export(self._path).open(ref)

    def close(self) -> None:
        """Frees the temporary store; records already given can no longer look up references."""
        if self._spool is not None:
            self._spool.close()
        self._spool = None
        self._readers.clear()
        self._findings.clear()
        self._orphans.clear()

    def _database(self) -> Database:
        return open_script(self._path) if self._as_is else open_database(self._settings.url, self._path)

    def _columns(self, query: Query, session: Session) -> tuple[tuple[str, ...], Iterator[tuple[object, ...]]]:
        columns, rows = session.rows(query.alias, query.text)
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            self._wrong(query, twice, "a column stands twice", "une colonne figure deux fois", ())
        needed = set(query.structure) | set(query.columns or ())
        needed |= set(self._used.get(query.alias, ())) if self._used is not None else set()
        missing = sorted(needed.difference(columns))
        if missing:
            self._wrong(query, missing, "the query does not give", "la requête ne donne pas", columns)
        return columns, rows

    def _wrong(self, query: Query, names: list[str], reason: str, reason_fr: str, known: tuple[str, ...]) -> None:
        raise errors.ColumnsWrong(
            alias=query.alias,
            reason=reason,
            reason_fr=reason_fr,
            columns=", ".join(names),
            near=did_you_mean(names[0], known),
            near_fr=did_you_mean(names[0], known, "fr"),
        )

    def _fill(self, spool: Spool) -> None:
        with self._database().session() as session:
            for query in self._settings.above_first():
                columns, rows = self._columns(query, session)
                self._keys[query.alias] = query.key or (columns[0] if query.alias == self._settings.root else None)
                self._readers[query.alias] = self._reader(query)
                self._note_forbidden(query, columns)
                for number, values in enumerate(rows, start=1):
                    self._keep(spool, query, number, dict(zip(columns, values, strict=True)))

    def _note_forbidden(self, query: Query, columns: tuple[str, ...]) -> None:
        """A forbidden column that is not there was perhaps renamed."""
        for name in sorted(query.forbidden.difference(columns)):
            values = {"what": "forbidden", "what_fr": "interdite", "column": name, "alias": query.alias}
            near = {"near": did_you_mean(name, columns), "near_fr": did_you_mean(name, columns, "fr")}
            self._findings.append(Finding(rules.NOWHERE, Origin(query.alias, 1), values | near))

    def _keep(self, spool: Spool, query: Query, number: int, values: dict[str, object]) -> None:
        """Lays a row under the key of the row above, or of itself; forbidden columns never leave the database."""
        cells: dict[str, object] = {}
        binary: list[str] = []
        for name, value in values.items():
            if name in query.forbidden:
                continue
            try:
                cells[name] = as_text(value)
            except Binary:
                binary.append(name)
        own = _key(cells, self._keys[query.alias])
        under = own
        if query.of is not None:
            under = _key(cells, query.on)
            if under is None or not spool.of(_KEYS.format(query.of), under):
                self._orphan(query, number, under)
                return
        if own is not None:
            spool.add(_KEYS.format(query.alias), number, own, "")
        spool.add(query.alias, number, under, json.dumps([cells, binary], ensure_ascii=False))

    def _orphan(self, query: Query, number: int, key: str | None) -> None:
        self._orphans[query.alias] = self._orphans.get(query.alias, 0) + 1
        if self._orphans[query.alias] <= _MOST:
            values = {"key": key or "—", "column": query.on or ""}
            self._findings.append(Finding(rules.ORPHAN, Origin(query.alias, number, query.on), values))

    def _reader(self, query: Query) -> ObjectReader:
        used = None if self._used is None else frozenset(self._used.get(query.alias, ()))
        key = {name for name in (self._keys[query.alias],) if name is not None}
        return ObjectReader(
            ListColumns(
                query.alias,
                query.alias,
                query.structure | key,
                used,
                frozenset(query.columns or ()),
                query.ignored,
            )
        )

    def _row(self, query: Query, number: int, text: str, spool: Spool) -> Row:
        """A row with those below it."""
        cells, binary = json.loads(text)
        reader, key_name = self._readers[query.alias], self._keys[query.alias]
        findings = [reader.finding(errors.BINARY, number, name) for name in binary]
        key = _key(cells, key_name)
        if key_name is not None:
            if key is None:
                findings.append(reader.finding(rules.NO_KEY, number, key_name, column=key_name))
            elif query.keep_last_by is None and (count := len(spool.of(_KEYS.format(query.alias), key))) > 1:
                values = {"key": key, "count": str(count), "file": query.alias}
                findings.append(reader.finding(rules.KEY_TWICE, number, key_name, **values))
        children = {
            alias: self._below(self._settings.queries[alias], key, spool)
            for alias in self._settings.children(query.alias)
        }
        return reader.row(json.dumps(cells), number, children, findings)

    def _below(self, query: Query, key: str | None, spool: Spool) -> tuple[Row, ...]:
        found = spool.of(query.alias, key) if key is not None else []
        rows = [self._row(query, number, text, spool) for number, text in found]
        if query.order is not None:
            column = query.order
            texts = [key_of(row.cells, column) or "" for row in rows]
            if all(text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20 for text in texts):
                rows.sort(key=lambda row: int(key_of(row.cells, column) or 0))
            else:
                rows.sort(key=lambda row: key_of(row.cells, column) or "")
        return tuple(rows)

    def _reference(self, alias: str, key: str) -> Row | None:
        spool = self._spool
        query = self._settings.queries.get(alias)
        if spool is None or query is None:
            return None
        found = spool.of(alias, key.strip())
        return self._row(query, *found[0], spool) if found else None


def _key(cells: Mapping[str, object], column: str | None) -> str | None:
    value = cells.get(column) if column is not None else None
    return value.strip() or None if isinstance(value, str) else None
