"""Mails of which nobody knows whether they left: their Message-IDs, so that a report about one says that it did."""

from __future__ import annotations

from contextlib import closing
from functools import cached_property

from dui_bridge.connectors.mssante.destination import MailPrepared
from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery.sender import Sender
from dui_bridge.pipeline.inbox.posts import mail_destinations
from dui_bridge.site.settings import Site

_MOST = 500
"""So many of one destination are looked at in one cycle."""


class Doubtful:
    """The doubtful deliveries of the mail destinations of a site; looked up once, when first asked for."""

    def __init__(self, site: Site, journal: Journal) -> None:
        self._site, self._journal = site, journal

    def delivery_of(self, message_id: str) -> int | None:
        """The delivery whose mail has this Message-ID."""
        return self._known.get(message_id)

    def has(self, delivery: int) -> bool:
        """Whether it is one of them."""
        return delivery in self._known.values()

    @cached_property
    def _known(self) -> dict[str, int]:
        """A mail made of the same document for the same people has the same Message-ID."""
        found: dict[str, int] = {}
        for name, destination in mail_destinations(self._site).items():
            cases = self._journal.deliveries.cases(name, (DeliveryState.DOUBTFUL,), limit=_MOST)
            if not cases:
                continue
            with closing(Sender(destination, self._journal)) as sender:
                for case in cases:
                    sendable = self._journal.deliveries.sendable(case.delivery.id)
                    parcel = None if sendable is None else sender.prepare(sendable)
                    if parcel is None or isinstance(parcel, DuiBridgeError):
                        continue
                    if isinstance(parcel[1], MailPrepared):
                        found[parcel[1].mail.message_id] = case.delivery.id
        return found
