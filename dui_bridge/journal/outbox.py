"""Outcome rows that wait to be written for the DUI, sealed with the key of their dossier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import OutboxEntry, OutboxRow
from dui_bridge.journal.dossiers import DossierKey, find_key, unwrap
from dui_bridge.journal.queries import outbox as queries

_BATCH: Final = 500


class Outbox:
    """Rows stay until they are written; a row may be written twice after a crash, never lost. Times are aware."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def add(self, rows: Sequence[OutboxEntry], at: datetime) -> None:
        """Stores rows, in one transaction. Those of a dossier that was erased are dropped: nothing may tell of it."""
        if not rows:
            return
        keys: dict[int, DossierKey | None] = {}
        values: list[dict[str, Any]] = []
        with self._access.writing() as connection:
            for entry in rows:
                if entry.dossier_id not in keys:
                    keys[entry.dossier_id] = find_key(connection, self._access.vault, entry.dossier_id)
                key = keys[entry.dossier_id]
                if key is None:
                    continue
                values.append(
                    {
                        "source": entry.source,
                        "dossier_id": entry.dossier_id,
                        "delivery_id": entry.delivery_id,
                        "row": key.key.seal_json(place(key.name, at), entry.row),
                        "created_at": at,
                    }
                )
            if values:
                queries.add(connection, values)

    def waiting(self, source: str, now: datetime, limit: int = 1_000) -> list[OutboxRow]:
        """The next rows of a source that may be written now, in the order in which they were stored."""
        keys: dict[int, DossierKey | None] = {}
        opened: list[OutboxRow] = []
        with self._access.reading() as connection:
            for row in queries.waiting(connection, source, now, limit):
                dossier_id = row["dossier_id"]
                if dossier_id not in keys:
                    keys[dossier_id] = unwrap(
                        self._access.vault, dossier_id, row["dossier_source"], row["usager_key"], row["wrapped_key"]
                    )
                if (key := keys[dossier_id]) is not None:
                    content = key.key.open_json(place(key.name, row["created_at"]), row["row"])
                    opened.append(OutboxRow(row["id"], content, row["tries"]))
        return opened

    def written(self, ids: Sequence[int], file: str, at: datetime) -> None:
        """Marks rows as written to a file of this name (no path)."""
        with self._access.writing() as connection:
            for batch in _batches(ids):
                queries.written(connection, batch, file, at)

    def failed(self, ids: Sequence[int], not_before: datetime) -> None:
        """Counts a failure of writing rows, and leaves them alone until a time."""
        with self._access.writing() as connection:
            for batch in _batches(ids):
                queries.failed(connection, batch, not_before)


def place(dossier: str, at: datetime) -> str:
    """What the content of a row is bound to. Args: dossier, `DossierKey.name`; at, when the row was stored."""
    # A row has no name before it is stored: it is bound to its dossier and to when it was made.
    return f"outbox:row:{dossier}:{at.astimezone(UTC).isoformat()}"


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
