"""Series and their versions: what is known of a document, and what is recorded of a new version before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.keys import blind
from dui_bridge.journal.payloads import Payloads
from dui_bridge.journal.queries import arrivals, transitions
from dui_bridge.journal.queries import deliveries as delivery_queries
from dui_bridge.journal.queries import dossiers as dossier_queries
from dui_bridge.journal.queries import versions as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.records import Conflict, KnownSeries, NewVersion, SeriesKey
from dui_bridge.model.exchange import BuiltDocument, DocumentIds, Operation


class Versions:
    """What the journal knows of documents. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def series_for(self, key: SeriesKey) -> KnownSeries | Conflict | None:
        """As `Journal.series_for`."""
        doc_key, usager_key = _digests(self._access, key)
        with self._access.reading() as connection:
            row = queries.series_row(connection, key.source, key.kind.value, doc_key)
            known = None if row is None else queries.known_series(connection, row)
        if row is None or known is None:
            return None
        if row["usager_key"] != usager_key:
            return Conflict(set_id=known.set_id, latest_built_at=known.latest.built_at)
        return known

    def record(self, run: str, versions: Sequence[NewVersion], at: datetime) -> list[int]:
        """As `Journal.record_versions`."""
        with self._access.writing_at_once() as connection:
            # All is asked for before anything is waited for.
            asked = [_Asked(self._access, connection, one) for one in versions]
            keys: dict[str, DossierKey] = {}
            added = [self._add(connection, run, one, keys, at) for one in asked]
        found = [version() for version in added]
        if None in found:
            raise self._access.overtaken()
        return [int(row["id"]) for row in found if row is not None]

    def _add(
        self, connection: Connection, run: str, asked: _Asked, keys: dict[str, DossierKey], at: datetime
    ) -> Callable[[], Row | None]:
        """Adds one; asks for its row id.

        Args:
            keys: of the dossiers of those before it, by the digest of the usager; this one's is added.
        """
        version, row = asked.version, asked.series()
        key, built = version.key, version.built
        if row is not None:
            # First, so that nothing of it begins to leave once it was looked at.
            for planned in version.deliveries:
                transitions.supersede(connection, row["id"], planned.destination, at)
        known = None if row is None else queries.known_series(connection, row)
        if not _follows(row, known, asked.usager_key, built.ids):
            raise self._access.overtaken()
        if asked.usager_key not in keys:
            keys[asked.usager_key] = dossiers.ensure(
                connection, self._access.vault, version.dossier, asked.usager_key, asked.dossier(), at
            )
        of_dossier = keys[asked.usager_key]
        if row is None:
            _add_series(connection, key, asked.doc_key, asked.usager_key, built)
        payloads = Payloads(self._access, connection, of_dossier, at)
        added = queries.add_version(
            connection,
            built,
            version.fingerprints,
            at,
            dossier_id=of_dossier.id,
            run=run,
            facts=of_dossier.key.seal_json(facts_place(built.ids.unique_id), version.facts),
            cda=payloads.add("cda", built.data, built.sha256),
            pdf=None if built.pdf is None else payloads.add("pdf", built.pdf),
        )
        for planned in version.deliveries:
            delivery_queries.add(
                connection,
                {
                    "unique_id": built.ids.unique_id,
                    "dossier_id": of_dossier.id,
                    "run_id": run,
                    "source": key.source,
                    "finess": built.document.finess,
                },
                planned.destination,
                # Of the first version of a series nothing is anywhere.
                Operation.DEPOSIT
                if row is None
                else arrivals.operation(connection, row["id"], planned.destination, built.ids.version),
                urgent=planned.urgent,
                task_id=None,
                at=at,
            )
        return added

    def refresh_raw(self, raw: Mapping[str, Mapping[str, str]]) -> None:
        """As `Journal.refresh_raw`."""
        if not raw:
            return
        with self._access.writing() as connection:
            for unique_id, parts in raw.items():
                queries.set_raw_parts(connection, unique_id, parts)


class _Asked:
    """A version to be recorded, and what was asked about its series and its dossier."""

    def __init__(self, access: Access, connection: Connection, version: NewVersion) -> None:
        self.version = version
        self.doc_key, self.usager_key = _digests(access, version.key)
        key, is_first = version.key, version.built.ids.version == 1
        # Of a first version there is no series: it is added, which the database refuses when there is one after all.
        self.series = (
            (lambda: None) if is_first else queries.series_kept(connection, key.source, key.kind.value, self.doc_key)
        )
        self.dossier = dossier_queries.wrapped_key(connection, version.dossier.source, self.usager_key)


def _digests(access: Access, key: SeriesKey) -> tuple[str, str]:
    return blind(access.key, "document", key.doc_key), dossiers.usager_digest(access.key, key.usager_key)


def facts_place(unique_id: str) -> str:
    """Where the sealed facts of a version stand."""
    return f"document_version:facts:{unique_id}"


def _follows(row: Row | None, known: KnownSeries | None, usager_key: str, ids: DocumentIds) -> bool:
    if row is not None and (row["set_id"] != ids.set_id or row["usager_key"] != usager_key):
        return False
    version = known.latest.ids.version if known is not None else 0
    replaces = known.replaced.ids.unique_id if known is not None and known.replaced is not None else None
    return ids.version == version + 1 and ids.replaces == replaces


def _add_series(connection: Connection, key: SeriesKey, doc_key: str, usager_key: str, built: BuiltDocument) -> None:
    queries.add_series(
        connection,
        {
            "site": key.site,
            "source": key.source,
            "kind": key.kind.value,
            "doc_key": doc_key,
            "usager_key": usager_key,
            "finess": built.document.finess,
            "generation": 1,
            "set_id": built.ids.set_id,
        },
    )
