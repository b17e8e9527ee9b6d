"""Destinations that come, go and come back: what stands is to go to each one that the site names, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery.plan import plan
from dui_bridge.pipeline.delivery.worker import Gatekeeper
from dui_bridge.site.settings import Site


@dataclass(frozen=True)
class Aligned:
    """What one look changed.

    Args:
        added: deliveries planned of documents that were recorded while the site did not name their destination.
        cancelled: deliveries of versions that were overtaken meanwhile.
        left: deliveries kept back because the site does not name their destination any more.
        not_kept: destination → documents that were never to go there, and whose bytes are not kept any more.
    """

    added: int = 0
    cancelled: int = 0
    left: int = 0
    not_kept: Mapping[str, int] = field(default_factory=dict)


def align(journal: Journal, site: Site, gate: Gatekeeper, now: datetime, *, only: str | None = None) -> Aligned:
    """Makes deliveries and destinations agree, before policy is asked about what is planned.

    Quick when nothing is to be done: a walk of an index for each destination.

    Args:
        only: the one destination to look at.
    Raises:
        JournalUnusable: the next call goes on.
    """
    added, cancelled, left, not_kept = 0, 0, 0, {}
    for name in journal.deliveries.destinations(DeliveryState.READY):
        # What waits there for its turn has no worker to find that it cannot leave.
        if name not in site.destinations and only in (None, name):
            left += plan(journal, gate, now, destination=name, states=(DeliveryState.READY,)).blocked
    for name in site.destinations:
        if only in (None, name):
            cancelled += journal.deliveries.cancel_overtaken(name, now)
            planned, gone = journal.deliveries.add_missing(name, site.declaration.urgent_types, now)
            added += planned
            if gone:
                not_kept[name] = gone
    return Aligned(added, cancelled, left, not_kept)
