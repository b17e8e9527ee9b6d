"""Mails of which nobody knows whether they left: their Message-IDs, so that a report about one says that it did."""

from __future__ import annotations

from functools import cached_property

from dui_bridge.connectors.mssante.mailboxes import domain_of
from dui_bridge.connectors.mssante.message import message_id
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
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
        """One sending of a document to one kind of people has one Message-ID."""
        mailboxes = {one.finess: one.mailbox for one in self._site.declaration.establishments if one.mailbox}
        found: dict[str, int] = {}
        for name, destination in mail_destinations(self._site).items():
            if not isinstance(destination.settings, MssanteSettings):
                continue
            for case in self._journal.deliveries.cases(name, (DeliveryState.DOUBTFUL,), limit=_MOST):
                mailbox = mailboxes.get(case.delivery.finess)
                if mailbox is not None:
                    one, audience = case.delivery, destination.settings.audience
                    found[message_id([one.unique_id], audience, domain_of(mailbox), one.sending)] = one.id
        return found
