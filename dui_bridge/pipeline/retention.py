"""How long a site keeps bytes: what the journal drops, and the origins of the same documents beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.journal.records import Purged
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.origins import kept_origins, remove_origins
from dui_bridge.site.forms import seconds
from dui_bridge.site.settings import Site

_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What a purge removed. `origins`: files that told where the values of purged documents came from."""

    purged: Purged
    origins: int


def purge(site: Site, journal: Journal, now: datetime) -> Kept:
    """Applies `retention` of the site file now.

    Raises:
        JournalUnusable: what was purged before stays so.
        FileUnusable: a file of origins cannot be removed.
    """
    retention = site.declaration.retention
    delivered, unsettled = seconds(retention.delivered), seconds(retention.unsettled)
    purged = journal.keeping.purge(now, timedelta(seconds=delivered), timedelta(seconds=unsettled))
    return Kept(purged, 0 if purged.postponed else _prune(site, journal))


def _prune(site: Site, journal: Journal) -> int:
    removed = 0
    try:
        kept = kept_origins(site.data)
        for start in range(0, len(kept), _BATCH):
            gone = journal.keeping.purged_versions(kept[start : start + _BATCH])
            for unique_id in gone:
                remove_origins(site.data, unique_id)
            removed += len(gone)
    except OSError as error:
        raise FileUnusable(file=str(site.data / "origins"), **os_reasons(error)) from None
    return removed
