"""What the dummy was sent and what it took: its own count, apart from the journal's."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dui_bridge.errors import FileUnusable, os_reasons

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS document (
  unique_id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  sha256 TEXT,
  sends INTEGER NOT NULL,
  taken INTEGER NOT NULL
) WITHOUT ROWID
"""
_PATIENCE: Final = 30.0
"""Seconds to wait for another process that writes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents it has, how many it took more than once, and how often it was sent something."""

    taken: int
    duplicates: int
    sends: int


class DummyStore:
    """The store at a path, made with its folder when it is not there. Several processes may use it.

    Every method may raise FileUnusable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FileUnusable(file=str(path.parent), **os_reasons(error)) from None
        with self._translated():
            # One object serves one thread at a time, but not always the one that made it.
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            weakref.finalize(self, self._connection.close)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # What a killed process committed is kept; only a power cut could lose it, and this is a sandbox.
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(_TABLES)

    @contextmanager
    def sent(self, unique_id: str, source: str) -> Iterator[int]:
        """One send, in a transaction that ends with the block: gives its number, from 1."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                row = self._connection.execute(
                    "INSERT INTO document VALUES (?, ?, NULL, 1, 0) "
                    "ON CONFLICT (unique_id) DO UPDATE SET sends = sends + 1 RETURNING sends",
                    (unique_id, source),
                ).fetchone()
                yield int(row[0])
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def take(self, unique_id: str, sha256: str) -> None:
        """Takes a document; a second time counts as a duplicate. Within `sent`."""
        self._connection.execute(
            "UPDATE document SET taken = taken + 1, sha256 = ? WHERE unique_id = ?", (sha256, unique_id)
        )

    def holds(self, unique_id: str, sha256: str) -> bool:
        """Whether it has that document with that content."""
        with self._translated():
            row = self._connection.execute(
                "SELECT 1 FROM document WHERE unique_id = ? AND sha256 = ? AND taken > 0", (unique_id, sha256)
            ).fetchone()
        return row is not None

    def taken(self) -> dict[str, int]:
        """Unique id → how often it was taken; what was never taken is left out."""
        with self._translated():
            return dict(self._connection.execute("SELECT unique_id, taken FROM document WHERE taken > 0").fetchall())

    def counts(self) -> Counts:
        """What it has so far."""
        with self._translated():
            row = self._connection.execute(
                "SELECT COALESCE(SUM(taken > 0), 0), COALESCE(SUM(taken > 1), 0), COALESCE(SUM(sends), 0) FROM document"
            ).fetchone()
        return Counts(*row)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error:
            raise FileUnusable(
                file=str(self._path),
                reason="the store of the dummy destination cannot be used",
                reason_fr="le magasin de la destination factice est inutilisable",
            ) from None
