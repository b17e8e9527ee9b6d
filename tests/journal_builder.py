"""A journal in any state, also in those that take a long way to reach: its rows are written directly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from dui_bridge.journal import schema
from dui_bridge.journal.access import Access
from dui_bridge.journal.database import open_database
from dui_bridge.journal.records import DossierEntry, ItemEntry
from dui_bridge.journal.store import Journal
from dui_bridge.journal.vault import Vault
from dui_bridge.model.states import SETTLED, DeliveryState

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
FINESS = "010000024"

Deliveries = Mapping[str, DeliveryState]
"""Destination → state."""


class JournalBuilder:
    """Fills a journal. `journal`: of the site that is looked at; without one, a bare one in `folder`."""

    def __init__(self, folder: Path, journal: Journal | None = None) -> None:
        self.journal = journal or _bare(folder)
        self._writing = self.journal.access.writing
        self._numbers = count(1)

    def run(
        self, run: str = "r1", source: str = "atlas", at: datetime = AT, state: str = "done", cause: str = ""
    ) -> None:
        """A reading of a source."""
        self._insert(
            schema.run,
            id=run,
            source=source,
            export="20261122",
            started_at=at,
            ended_at=at,
            state=state,
            counts={},
            versions={},
            cause=cause or None,
        )

    def usager(
        self,
        number: str,
        state: str = "mapped",
        cause: str = "",
        *,
        run: str = "r1",
        source: str = "atlas",
        finess: str | None = FINESS,
        detail: Mapping[str, Any] | None = None,
        who: str = "nobody",
    ) -> int:
        """The item of an usager, in the way of a run; its row id."""
        dossier = DossierEntry(source, number, number, finess, {}, {})
        entry = ItemEntry("usager", number, dossier, None, None, finess, state, cause, who, detail or {})
        self.journal.items.record(run, source, [entry], AT)
        return self.journal.overview.usager_items(number)[-1]

    def document(
        self,
        usager: int,
        state: str = "built",
        cause: str = "",
        *,
        who: str = "nobody",
        versions: Sequence[Deliveries] = (),
        causes: Mapping[str, str] | None = None,
        run: str = "r1",
        source: str = "atlas",
        finess: str | None = FINESS,
        since: datetime = AT,
        urgent: bool = False,
        created_at: datetime = AT,
    ) -> int:
        """The item of a document with the deliveries of each of its versions; its row id.

        Args:
            causes: destination → cause of its deliveries.
        """
        number = next(self._numbers)
        with self._writing() as connection:
            dossier = connection.execute(
                select(schema.item.c.dossier_id).where(schema.item.c.id == usager)
            ).scalar_one()
        series = self._series(number, source, dossier, versions, causes or {}, run, since, urgent, created_at)
        return self._insert(
            schema.item,
            source=source,
            kind="document",
            key=f"d{number}",
            dossier_id=dossier,
            series_id=series,
            doc_type="projet_personnalise",
            finess=finess,
            run_id=run,
            state=state,
            cause=cause,
            who=who,
            since=since,
        )

    def _series(
        self,
        number: int,
        source: str,
        dossier: int,
        versions: Sequence[Deliveries],
        causes: Mapping[str, str],
        run: str,
        since: datetime,
        urgent: bool,
        created_at: datetime,
    ) -> int | None:
        if not versions:
            return None
        series = self._insert(
            schema.series,
            site="s",
            source=source,
            kind="projet_personnalise",
            doc_key=f"d{number}",
            usager_key=f"u{dossier}",
            finess=FINESS,
            generation=1,
            set_id=f"2.25.1{number}",
        )
        for version, deliveries in enumerate(versions, start=1):
            version_id = self._insert(
                schema.document_version,
                series_id=series,
                version=version,
                unique_id=f"2.25.2{number}.{version}",
                raw_parts={},
                mapped_fingerprint="m",
                sha256="ab" * 32,
                size=1234,
                state="built",
                built_at=AT,
                run_id=run,
                versions={"bridge": "0.1"},
                dossier_id=dossier,
            )
            for destination, state in deliveries.items():
                self._insert(
                    schema.delivery,
                    version_id=version_id,
                    series_id=series,
                    dossier_id=dossier,
                    source=source,
                    destination=destination,
                    operation="deposit",
                    finess=FINESS,
                    urgent=urgent,
                    state=state.value,
                    cause=causes.get(destination, ""),
                    who="",
                    since=since,
                    tries=0,
                    created_at=created_at,
                    settled_at=since if state in SETTLED else None,
                    reference="",
                    run_id=run,
                )
        return series

    def _insert(self, table: Any, **values: Any) -> int:
        with self._writing() as connection:
            added = connection.execute(insert(table).values(values))
            key = added.inserted_primary_key
            return key[0] if key is not None and isinstance(key[0], int) else 0


def fill(
    journal: Journal, documents: int, states: Iterable[str], destinations: Sequence[str] = ("dmp", "archive")
) -> None:
    """Many documents of one usager in a few statements, each with a delivery; `states` are taken in turn.

    For benchmarks: nothing sealed is in it, so that `trace` and `quarantine` cannot open it.
    """
    turn = list(states)
    common = {"source": "atlas", "dossier_id": 1, "run_id": "r1", "finess": FINESS}
    ids = range(1, documents + 1)
    with journal.access.writing() as connection:
        connection.execute(
            insert(schema.run).values(
                id="r1", source="atlas", export="x", started_at=AT, ended_at=AT, state="done", counts={}, versions={}
            )
        )
        connection.execute(
            insert(schema.dossier).values(
                id=1, source="atlas", usager_key="u", finess=FINESS, number=b"", traits={}, first_seen_at=AT, seen_at=AT
            )
        )
        connection.execute(
            insert(schema.series),
            [
                {
                    "id": one, "site": "s", "source": "atlas", "kind": "dlu", "doc_key": f"d{one}", "usager_key": "u",
                    "finess": FINESS, "generation": 1, "set_id": f"2.25.1{one}",
                }
                for one in ids
            ],
        )  # fmt: skip
        connection.execute(
            insert(schema.document_version),
            [
                {
                    "id": one, "series_id": one, "version": 1, "unique_id": f"2.25.2{one}", "raw_parts": {},
                    "mapped_fingerprint": "m", "sha256": "ab" * 32, "size": 1234, "state": "built", "built_at": AT,
                    "run_id": "r1", "versions": {},
                }
                for one in ids
            ],
        )  # fmt: skip
        connection.execute(
            insert(schema.delivery),
            [
                common | {
                    "version_id": one, "series_id": one, "destination": destinations[one % len(destinations)],
                    "operation": "deposit", "urgent": False, "state": turn[one % len(turn)], "cause": "",
                    "who": "", "since": AT - timedelta(hours=one % 200), "tries": 0, "created_at": AT, "reference": "",
                }
                for one in ids
            ],
        )  # fmt: skip
        connection.execute(
            insert(schema.item),
            [
                common | {
                    "kind": "document", "key": f"d{one}", "series_id": one, "doc_type": "dlu", "state": "built",
                    "cause": "", "who": "nobody", "since": AT,
                }
                for one in ids
            ],
        )  # fmt: skip


def _bare(folder: Path) -> Journal:
    """Without migrations, which take longer than all the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    database = open_database(folder, 5.0)
    schema.metadata.create_all(database.writer)
    return Journal(Access(database, folder, KEY, Vault(KEY, folder / "spool")))
