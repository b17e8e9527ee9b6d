"""The join index: every row of an export in a temporary SQLite database.

SQLite keeps a database without a name in its page cache, spills it to a file that is unlinked as soon as it is opened,
and drops it when the connection closes: a small export never touches the disk, a large one never fills the memory.
It is no journal: nothing is synced, nothing can be rolled back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeAlias

from dui_bridge.connectors.wire.spool import reported

_CACHE_KIB = 6_000
_BETWEEN = "\x1f"
_AS_JSON = "\x1e"

_SCHEMA = """
CREATE TABLE rows (
    alias INTEGER NOT NULL,   -- position of the file in the settings
    number INTEGER NOT NULL,  -- physical line
    key TEXT,                 -- of the row itself; null when blank or not declared
    parent TEXT,              -- key of the parent row; '' when blank, null when it has none
    second TEXT,              -- of a damaged row: where the parent's key would be if the damage came before it
    damage TEXT,              -- JSON: why the row is not used
    signs TEXT,               -- JSON: columns with signs of a wrong encoding
    cells TEXT NOT NULL
)
"""

# Binding None takes Python several times as long as binding a text, and most of these are null.
_INSERT = """
INSERT INTO rows VALUES (?, ?, NULLIF(?, ''), ?, NULLIF(?, ''), NULLIF(?, ''), NULLIF(?, ''), ?)
"""
_BY_PARENT = """
SELECT number, key, parent, damage, signs, cells FROM rows
WHERE alias = ? AND parent IN (SELECT value FROM json_each(?))
"""
_BY_KEY = """
SELECT number, key, parent, damage, signs, cells FROM rows
WHERE alias = ? AND key = ? ORDER BY damage IS NOT NULL, cells, number LIMIT 1
"""
_SCAN = "SELECT number, key, parent, damage, signs, cells FROM rows WHERE alias = ? ORDER BY rowid"
_LOST = """
SELECT number, key, parent, damage, signs, cells FROM rows
WHERE alias = ? AND damage IS NOT NULL AND parent IS NULL ORDER BY rowid
"""
_BLANK_KEYS = "SELECT number FROM rows WHERE alias = ? AND key IS NULL AND damage IS NULL ORDER BY rowid"
_ANY_REPEATED = """
SELECT 1 FROM rows WHERE alias = ? AND key IS NOT NULL AND damage IS NULL GROUP BY key HAVING COUNT(*) > 1 LIMIT 1
"""
_REPEATED = """
SELECT key, COUNT(*), MIN(number), MAX(number) FROM rows
WHERE alias = ? AND key IN (SELECT value FROM json_each(?)) AND damage IS NULL GROUP BY key HAVING COUNT(*) > 1
"""
_ORPHANS = """
SELECT number, parent FROM rows AS child WHERE alias = :child AND damage IS NULL
AND NOT EXISTS (SELECT 1 FROM rows WHERE alias = :parent AND key = child.parent) ORDER BY rowid
"""
_SETTLE = """
UPDATE rows AS child SET parent = CASE
    WHEN EXISTS (SELECT 1 FROM rows WHERE alias = :parent AND key = child.parent) THEN parent
    WHEN EXISTS (SELECT 1 FROM rows WHERE alias = :parent AND key = child.second) THEN second
END WHERE alias = :child AND damage IS NOT NULL
"""


NewRow: TypeAlias = tuple[int, int, str, str | None, str, str, str, str]
"""What is kept of one row, in the order of the table; but for `parent`, an empty text stands for null."""


class IndexedRow(NamedTuple):
    """One row read back; its cells are still packed."""

    number: int
    key: str | None
    parent: str | None
    damage: str | None
    signs: str | None
    cells: str


_indexed_row = partial(tuple.__new__, IndexedRow)
"""Makes an IndexedRow of what SQLite gives, in a third of the time of `_make`."""


class Repeated(NamedTuple):
    """A key that stands on several rows."""

    rows: int
    first: int
    last: int


def pack(cells: Sequence[str]) -> str:
    """Cells as one text; equal cells give equal texts."""
    text = _BETWEEN.join(cells)
    if text.count(_BETWEEN) != len(cells) - 1 or text.startswith(_AS_JSON):
        return _AS_JSON + json.dumps(cells)
    return text


def unpack(text: str) -> list[str]:
    """The cells that `pack` was given."""
    if text.startswith(_AS_JSON):
        cells: list[str] = json.loads(text[1:])
        return cells
    return text.split(_BETWEEN)


class JoinIndex:
    """All rows of an export by key and by parent. Every method raises SpoolFailed when the disk is full."""

    def __init__(self) -> None:
        with reported():
            self._db = sqlite3.connect("", isolation_level=None)
            settings = ("page_size = 16384", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")
            for setting in settings:
                self._db.execute(f"PRAGMA {setting}")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._db.execute(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def add(self, rows: Iterable[NewRow]) -> None:
        """Takes all rows of one file."""
        with reported():
            self._db.execute("BEGIN")
            self._db.executemany(_INSERT, rows)
            self._db.execute("COMMIT")

    def settle(self, parents: Iterable[tuple[int, int]]) -> None:
        """Once all rows are there: sorts them by key and parent. `parents` are (child alias, parent alias)."""
        with reported():
            self._db.execute("CREATE INDEX by_key ON rows (alias, key) WHERE key IS NOT NULL")
            self._db.execute("CREATE INDEX by_damage ON rows (alias) WHERE damage IS NOT NULL")
            for child, parent in parents:
                self._db.execute(_SETTLE, {"child": child, "parent": parent})
            self._db.execute("CREATE INDEX by_parent ON rows (alias, parent) WHERE parent IS NOT NULL")

    def _rows(self, query: str, values: tuple[object, ...]) -> Iterator[IndexedRow]:
        with reported():
            yield from map(_indexed_row, self._db.execute(query, values))

    def _all_rows(self, query: str, values: tuple[object, ...]) -> list[IndexedRow]:
        with reported():
            return list(map(_indexed_row, self._db.execute(query, values)))

    def batches(self, alias: int, size: int) -> Iterator[list[IndexedRow]]:
        """All rows of a file in its order, `size` at a time."""
        rows = self._rows(_SCAN, (alias,))
        while batch := list(islice(rows, size)):
            yield batch

    def children(self, alias: int, parents: Iterable[str]) -> list[IndexedRow]:
        """The rows of a child file that belong to these parent keys, in no order."""
        return self._all_rows(_BY_PARENT, (alias, json.dumps(list(parents))))

    def find(self, alias: int, key: str) -> IndexedRow | None:
        """The row of that key; of several, a sound one, the first by content."""
        return next(self._rows(_BY_KEY, (alias, key)), None)

    def has_repeats(self, alias: int) -> bool:
        """Does any key of the file stand on several rows?"""
        with reported():
            return self._db.execute(_ANY_REPEATED, (alias,)).fetchone() is not None

    def repeated(self, alias: int, keys: Iterable[str]) -> dict[str, Repeated]:
        """Which of these keys stand on several sound rows."""
        with reported():
            found = self._db.execute(_REPEATED, (alias, json.dumps(list(keys)))).fetchall()
        return {key: Repeated(*rest) for key, *rest in found}

    def orphans(self, child: int, parent: int) -> Iterator[tuple[int, str]]:
        """Line and parent key of the rows whose parent is not there."""
        with reported():
            yield from self._db.execute(_ORPHANS, {"child": child, "parent": parent})

    def lost(self, alias: int) -> Iterator[IndexedRow]:
        """The damaged rows without a parent: all of a reference, those of a child file that name none that exists."""
        return self._rows(_LOST, (alias,))

    def without_key(self, alias: int) -> Iterator[int]:
        """The lines of the sound rows whose key is blank."""
        with reported():
            for (number,) in self._db.execute(_BLANK_KEYS, (alias,)):
                yield number
