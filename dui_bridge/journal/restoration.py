"""A journal that was put back: what left after its backup is not known to it.

Documents that left meanwhile are made again by the next readings, under the same ids. So everything that comes from a
reading up to the first full one that began `SETTLING` after the restore is asked for before it is sent (`must_ask`),
however late it leaves.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.queries import restoration as queries
from dui_bridge.journal.queries import settings
from dui_bridge.journal.records import KnownDelivery

RESTORED_AT: Final = "restored_at"
"""The named value of a journal that was put back and not reconciled yet: when, ISO 8601 (`backup.mark_restored`)."""
SETTLING: Final = timedelta(days=1)
"""An export that is read so long after the restore holds all that earlier exports, urgent ones too, had brought."""

_RECONCILED: Final = "restored_before"
"""The named value that follows it once it was reconciled: when it had been put back."""


class Restoration:
    """Whether the journal was put back, and what follows from it. Times are aware."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def is_open(self) -> bool:
        """Whether it was put back and `reconcile` has not asked yet what left."""
        with self._access.reading() as connection:
            return settings.value(connection, RESTORED_AT) is not None

    def is_known(self) -> bool:
        """Whether it was ever put back: only then is `must_ask` worth its look-up."""
        with self._access.reading() as connection:
            return _restored(connection) is not None

    def last(self) -> datetime | None:
        """When it was put back the last time; None: never."""
        with self._access.reading() as connection:
            return _restored(connection)

    def must_ask(self, delivery: KnownDelivery) -> bool:
        """Whether it may have left before the restore, and was not asked for since, before it is sent."""
        with self._access.reading() as connection:
            restored = _restored(connection)
            return (
                restored is not None
                and not queries.was_tried(connection, delivery.id, restored)
                and not queries.is_after(connection, delivery.run, restored + SETTLING)
                and not queries.is_made_after(connection, delivery.id, restored + SETTLING)
            )

    def not_read(self, sources: Collection[str]) -> list[str]:
        """Those of these sources that were not read in full since the restore."""
        with self._access.reading() as connection:
            restored = _restored(connection)
            read = [] if restored is None else queries.read_since(connection, restored)
        return [source for source in sources if source not in read]

    def close(self) -> None:
        """Notes that what left was asked for."""
        with self._access.writing() as connection:
            restored = settings.value(connection, RESTORED_AT)
            if restored is not None:
                settings.put(connection, _RECONCILED, restored)
                settings.remove(connection, RESTORED_AT)


def _restored(connection: Connection) -> datetime | None:
    text = settings.value(connection, RESTORED_AT) or settings.value(connection, _RECONCILED)
    return None if text is None else datetime.fromisoformat(text)
