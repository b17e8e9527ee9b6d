"""The REST source: one sweep of the list of usagers, then one record per usager with his lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import BinaryIO, Final

from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.rest import cursor as cursors
from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.files import Files
from dui_bridge.connectors.rest.pages import Pages
from dui_bridge.connectors.rest.settings import Deleted, RestList, RestSettings
from dui_bridge.connectors.rest.sweep import KeptAside, KeptInMemory, Swept, sweep
from dui_bridge.connectors.wire import object_rules
from dui_bridge.connectors.wire.objects import ListColumns, ObjectReader, forbidden_paths, key_of
from dui_bridge.connectors.wire.spool import Spool
from dui_bridge.connectors.wire.template import Unfillable
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Origin, Rule
from dui_bridge.model.exchange import Cell, Record, Row

_IN_A_ROW: Final = 5
"""Lists or files that fail one after the other before the DUI is taken to be down."""

_MOST: Final = 200
_LOOKED_AT: Final = 20
"""Usagers whose lists are looked at for their keys."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


class RestSource:
    """A DUI that answers by REST.

    Args:
        settings: the `source.rest` part of the mapping.
        pages: gives its lists and files.
        used: alias → the top-level keys that the mapping reads; None says nothing of other keys.
    """

    def __init__(self, settings: RestSettings, pages: Pages, used: Mapping[str, Collection[str]] | None = None) -> None:
        self._settings, self._pages, self._used = settings, pages, used
        self._now: datetime | None = None
        self._spool: Spool | None = None
        self._findings: list[Finding] = []
        self._deleted = 0
        self._failed = self._in_a_row = 0
        self._next: str | None = None
        self._ended = self._list_failed = False
        self._files = Files(settings.content, pages, self._tell) if settings.content is not None else None

    def prepare(self, now: datetime) -> Ready | Waiting:
        """Signs in. `now` (aware) says which day it is.

        Raises:
            SecretMissing, CredentialsRefused, NotThere, TlsRefused, Unavailable, AnswerUnreadable.
        """
        self._reset()
        self._now = now
        self._pages.sign_in()
        return Ready(now.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"))

    def headers(self) -> dict[str, tuple[str, ...]]:
        """The top-level keys that a first page shows, and the lists of its first usagers; an alias without objects is
        missing. Raises as `records`."""
        readers = self._readers()
        root = self._settings.root
        page = next(self._pages.pages(root, {}), None)
        for number, text in enumerate(page.texts if page is not None else (), start=1):
            row = readers[root.alias].row(text, number)
            if number <= _LOOKED_AT:
                self._with_lists(row, key_of(row.cells, root.key), readers)
        return {alias: reader.seen() for alias, reader in readers.items() if reader.seen()}

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per usager: all of them, or those modified since the cursor.

        The list of usagers is read to its end before the first record is given. A list of one usager that cannot be had
        holds him; when several in a row fail the whole reading ends.

        Raises:
            Unavailable, ListMoves: to be tried again; nothing of an incomplete list is given.
            CredentialsRefused, AccessRefused, NotThere, RequestRefused, AnswerUnknown, TlsRefused: to be configured.
            AnswerUnreadable, SpoolFailed.
        """
        if self._now is None:
            raise RuntimeError("prepare() was not called")
        settings, root, today = self._settings, self._settings.root, self._now.date()
        known = self._known(cursor, today)
        self._next = None
        spool = self._spool = Spool()
        swept = sweep(
            root,
            partial(self._pages.pages, root, {}, known.asked() if known is not None else None),
            KeptAside(spool, root.alias),
        )
        if swept.times > 1 or swept.again:
            values = {"times": str(swept.times), "again": str(swept.again)}
            self._findings.append(Finding(errors.MOVED, Origin(root.label, 1), values))
        readers = self._readers()
        for number, text in spool.scan(root.alias):
            record = self._record(text, number, swept, readers)
            if record is not None:
                yield record
        for reader in readers.values():
            self._findings.extend(reader.findings(whole=known is None))
        self._ended = True
        if self._failed:
            self._findings.append(Finding(errors.INCOMPLETE, None, {"count": str(self._failed)}))
        elif settings.cursor is not None:
            began = swept.began or self._now
            self._next = cursors.write(cursors.Cursor(began, today if known is None else known.full), settings)

    def reads_whole(self, cursor: str | None) -> bool:
        """Whether all usagers are read: without a good cursor, and on the days that `full_every` says."""
        if self._now is None:
            raise RuntimeError("prepare() was not called")
        return self._known(cursor, self._now.date()) is None

    def is_complete(self) -> bool:
        """Whether every list could be had, so that what was not read is not there."""
        return self._ended and not self._list_failed

    def next_cursor(self) -> str | None:
        """What the next run is to be given; None when this one was not complete: the old cursor stays good."""
        return self._next

    def findings(self) -> tuple[Finding, ...]:
        """What belongs to no record; complete after `records`."""
        if self._deleted <= _MOST:
            return tuple(self._findings)
        values = {"count": str(self._deleted - _MOST), "rule": errors.DELETED.id}
        return (*self._findings, Finding(object_rules.MORE, None, values))

    def open(self, ref: str) -> BinaryIO:
        """A file that a row of the usager last given names, by the reference that stands in it.

        Raises:
            FileUnavailable, FileDamaged, FileAddressRefused, NoDigest: this file cannot be used.
            Unavailable: the DUI seems to be down.
        """
        if self._files is None:
            raise errors.FileUnavailable(
                reason="the mapping declares no content", reason_fr="le mapping ne déclare pas content"
            )
        return self._files.open(ref)

    def close(self) -> None:
        """Frees the temporary store and the connections; the source cannot be used after that."""
        self._reset()
        self._pages.close()

    def _known(self, cursor: str | None, today: date) -> cursors.Cursor | None:
        """Where to go on from; None when all is read."""
        known = cursors.read(cursor, self._settings) if self._settings.cursor is not None else None
        return None if known is not None and known.is_due(today, self._settings.full_every) else known

    def _reset(self) -> None:
        if self._spool is not None:
            self._spool.close()
        self._spool = None
        self._findings.clear()
        self._deleted = self._failed = self._in_a_row = 0
        self._ended = self._list_failed = False
        if self._files is not None:
            self._files.start()

    def _readers(self) -> dict[str, ObjectReader]:
        settings = self._settings
        return {part.alias: ObjectReader(self._columns(part)) for part in (settings.root, *settings.parts.values())}

    def _columns(self, part: RestList) -> ListColumns:
        return ListColumns(
            part.alias,
            part.label,
            part.structure | self._settings.content_keys(part.alias),
            None if self._used is None else frozenset(self._used.get(part.alias, ())),
            frozenset(part.columns),
            part.ignored,
            forbidden_paths(part.forbidden),
            self._settings.repair,
        )

    def _record(self, text: str, number: int, swept: Swept, readers: Mapping[str, ObjectReader]) -> Record | None:
        root = self._settings.root
        row = self._row(readers[root.alias], root, text, number, swept)
        if row is None:
            return None
        key = key_of(row.cells, root.key)
        if key is None:
            row = _with(row, object_rules.NO_KEY, root.key, column=root.key)
        if self._files is not None:
            self._files.start()
        return Record(key or f"{root.label}:{number}", self._with_lists(row, key, readers), _no_reference)

    def _row(self, reader: ObjectReader, part: RestList, text: str, number: int, swept: Swept) -> Row | None:
        """The row of an object; None when it is deleted."""
        row = reader.row(text, number)
        key = key_of(row.cells, part.key)
        if key in swept.unclear:
            row = _with(row, errors.VERSIONS_UNCLEAR, part.keep_last_by)
        is_deleted = _is_deleted(row.cells, part.deleted)
        if is_deleted is None:
            column = part.deleted.column if part.deleted is not None else ""
            return _with(row, errors.DELETED_UNCLEAR, column, column=column)
        if is_deleted:
            self._deleted += 1
            if self._deleted <= _MOST:
                at = Origin(part.label, number)
                self._findings.append(Finding(errors.DELETED, at, {"key": key or "—", "alias": part.alias}))
            return None
        return row

    def _with_lists(self, row: Row, key: str | None, readers: Mapping[str, ObjectReader]) -> Row:
        """The row with its lists; one that cannot be had is a fault that holds the usager."""
        children: dict[str, tuple[Row, ...]] = {}
        for part in self._settings.parts.values():
            kept = KeptInMemory()
            try:
                swept = sweep(part, partial(self._pages.pages, part, row.cells), kept)
            except Unfillable as error:
                reason = f"{error.column} is blank or cannot stand in an address"
                reason_fr = f"{error.column} est vide ou ne peut figurer dans une adresse"
                row = _unreadable(row, part, reason, reason_fr)
                continue
            except (errors.Unavailable, errors.ListMoves, errors.NotThere, errors.AnswerUnreadable) as error:
                self._tell(error)
                self._list_failed |= not isinstance(error, errors.NotThere)
                row = _unreadable(row, part, error.message("en"), error.message("fr"))
                continue
            self._tell(None)
            found = (
                self._row(readers[part.alias], part, text, number, swept) for number, text in kept.objects.values()
            )
            children[part.alias] = tuple(child for child in found if child is not None)
            if self._files is not None and self._settings.content is not None and key is not None:
                for child in children[part.alias] if part.alias == self._settings.content.alias else ():
                    self._files.point(row, part, key, child)
        return replace(row, children=children)

    def _tell(self, error: DuiBridgeError | None) -> None:
        """Counts what failed; a DUI that fails again and again is down, and its usagers are not held for that."""
        if error is None:
            self._in_a_row = 0
            return
        # A definite "not there" would be the same tomorrow: it is told, and does not keep the cursor back.
        self._failed += not isinstance(error, errors.NotThere)
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            raise error


def _no_reference(alias: str, key: str) -> Row | None:
    return None


def _with(row: Row, rule: Rule, at_key: str | None, **values: str) -> Row:
    return replace(row, findings=(*row.findings, Finding(rule, Origin(row.file, row.number, at_key), values)))


def _unreadable(row: Row, part: RestList, reason: str, reason_fr: str) -> Row:
    values = {"alias": part.alias, "reason": reason, "reason_fr": reason_fr}
    return _with(row, object_rules.CHILDREN_UNREADABLE, part.alias, **values)


def _is_deleted(cells: Mapping[str, Cell], deleted: Deleted | None) -> bool | None:
    """Whether an object is deleted; None when its column does not tell."""
    cell = cells.get(deleted.column) if deleted is not None else None
    if deleted is None or cell is None:
        return False
    text = cell.strip() if isinstance(cell, str) else None
    if deleted.values is not None:
        return None if text is None else text in deleted.values
    if text in ("", "false"):
        return False
    return True if text is not None and (text == "true" or _DATE.fullmatch(text)) else None
