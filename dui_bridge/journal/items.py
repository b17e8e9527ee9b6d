"""Items: each usager and each document that a reading gave, in exactly one state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.keys import blind
from dui_bridge.journal.queries import dossiers as dossier_queries
from dui_bridge.journal.queries import items as queries
from dui_bridge.journal.queries import versions
from dui_bridge.journal.records import Disappeared, ItemEntry, KnownItem

_PAGE: Final = 500


class Items:
    """What the readings made of usagers and documents. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def record(self, run: str, source: str, entries: Sequence[ItemEntry], at: datetime) -> None:
        """Stores how a reading left these items, and their dossiers, in one transaction.

        `since` of an item stays while its state and its cause stay. Of two entries of one item the later one counts.
        """
        if not entries:
            return
        with self._access.writing() as connection:
            for page in _pages(entries):
                self._record(connection, run, source, page, at)

    def finish(self, run: str, source: str, at: datetime) -> Disappeared:
        """To be called at the end of a full reading: marks what this run did not read as gone, once.

        Nothing is deleted downstream. What is read again later is no longer gone.
        """
        with self._access.writing() as connection:
            queries.set_gone(connection, source, run, "usager", at)
            documents = queries.set_gone(connection, source, run, "document", at)
            return Disappeared(dossier_queries.set_gone(connection, source, run, at), documents)

    def get(self, item_id: int) -> KnownItem | None:
        """One item, opened."""
        with self._access.reading() as connection:
            row = queries.by_id(connection, item_id)
            if row is None:
                return None
            key = dossiers.unwrap(
                self._access.vault, row["dossier_id"], row["source"], row["usager_key"], row["wrapped_key"]
            )
            return KnownItem(
                id=row["id"],
                kind=row["kind"],
                source=row["source"],
                dossier_id=row["dossier_id"],
                series_id=row["series_id"],
                doc_type=row["doc_type"],
                finess=row["finess"],
                run=row["run_id"],
                state=row["state"],
                cause=row["cause"],
                who=row["who"],
                since=row["since"],
                gone_at=row["gone_at"],
                detail=key.key.open_json(_place(row["key"]), row["detail"]) if key is not None else {},
                number=key.number(row["number"]) if key is not None else "",
            )

    def _record(
        self, connection: Connection, run: str, source: str, entries: Sequence[ItemEntry], at: datetime
    ) -> None:
        of_usagers = {entry.dossier.usager_key: entry.dossier for entry in entries}
        keys = dossiers.record(connection, self._access, source, list(of_usagers.values()), at)
        by_key = {self._digest(entry): entry for entry in entries}
        series = self._series_ids(connection, source, entries)
        new, known = [], []
        standing = {row.key: row for row in queries.standing(connection, source, list(by_key))}
        for digest, entry in by_key.items():
            values = self._values(run, digest, entry, keys[entry.dossier.usager_key], at)
            values["series_id"] = series.get(digest)
            if (row := standing.get(digest)) is None:
                new.append({**values, "source": source, "kind": entry.kind, "key": digest})
            else:
                stays = (row.state, row.cause) == (entry.state, values["cause"])
                # What a reading left out or held is still the document of its series.
                values["series_id"] = values["series_id"] or row.series_id
                known.append({**values, "since": row.since if stays else at, "which": row.id})
        if new:
            queries.add_all(connection, new)
        if known:
            queries.update_all(connection, known)

    def _digest(self, entry: ItemEntry) -> str:
        # With the usager: a key that two usagers share is two items, of which one is an incident.
        return blind(self._access.key, "item", entry.kind, entry.dossier.usager_key, entry.key)

    def _series_ids(self, connection: Connection, source: str, entries: Sequence[ItemEntry]) -> dict[str, int]:
        """Digest of the item → its series, when there is one and it is this usager's."""
        wanted = {
            self._digest(entry): (
                entry.series.kind.value,
                blind(self._access.key, "document", entry.series.doc_key),
                dossiers.usager_digest(self._access.key, entry.series.usager_key),
            )
            for entry in entries
            if entry.series is not None
        }
        if not wanted:
            return {}
        found = versions.series_by_key(connection, source, [doc_key for _, doc_key, _ in wanted.values()])
        return {digest: found[key] for digest, key in wanted.items() if key in found}

    def _values(self, run: str, digest: str, entry: ItemEntry, dossier: DossierKey, at: datetime) -> dict[str, Any]:
        return {
            "dossier_id": dossier.id,
            "doc_type": entry.doc_type,
            "finess": entry.finess,
            "run_id": run,
            "state": entry.state,
            "cause": queries.fitting_cause(entry.cause),
            "who": entry.who,
            "since": at,
            "detail": dossier.key.seal_json(_place(digest), entry.detail) if entry.detail else None,
        }


def _place(digest: str) -> str:
    return f"item:detail:{digest}"


def _pages(entries: Sequence[ItemEntry]) -> Iterator[list[ItemEntry]]:
    rest = iter(entries)
    while page := list(islice(rest, _PAGE)):
        yield page
