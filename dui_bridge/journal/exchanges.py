"""What was said with a service about a document, sealed with all that is kept of its usager, and forgotten with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import RowMapping

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.payloads import Payloads, open_body
from dui_bridge.journal.queries import exchanges as queries
from dui_bridge.journal.vault import Unsealable


class Exchanges:
    """The exchanges of the journal. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def keep(self, unique_id: str, exchange: bytes, at: datetime) -> None:
        """Keeps an exchange about a document; nothing when the document is not one of ours, or its dossier is erased.

        Args:
            exchange: the connector's own form.
            at: when it took place, aware.
        """
        with self._access.reading() as connection:
            dossier_id = queries.dossier_of(connection, unique_id)
        if dossier_id is None:
            return
        with self._access.writing() as connection, suppress(Unsealable):
            key = dossiers.find_key(connection, self._access.vault, dossier_id)
            if key is not None:
                Payloads(self._access, connection, key, at).add(queries.ROLE, exchange)

    def around(self, unique_id: str) -> list[bytes]:
        """The exchanges about all documents of the usager of one document, the oldest first; what is purged, erased or
        does not open is left out."""
        with self._access.reading() as connection:
            dossier_id = queries.dossier_of(connection, unique_id)
            if dossier_id is None:
                return []
            rows = queries.of_dossier(connection, dossier_id)
            with suppress(Unsealable):
                key = dossiers.find_key(connection, self._access.vault, dossier_id)
                if key is not None:
                    return [data for row in rows if (data := self._opened(key, row)) is not None]
        return []

    def _opened(self, key: dossiers.DossierKey, row: RowMapping) -> bytes | None:
        with suppress(Unsealable, OSError):
            return open_body(self._access.vault, key, dict(row), queries.ROLE)
        return None
