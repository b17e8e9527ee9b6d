"""To whom a delivery is written: what policy says of each person around the usager, with what the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import date
from typing import Final

from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.mssante.trusted import Trusted, trusted
from dui_bridge.errors import FixConfiguration
from dui_bridge.journal.records import Decided, DeliveryCase
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.policy.defaults import Establishment, PolicyRules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts, domain_of
from dui_bridge.pipeline.policy.recipient_facts import recipients_in
from dui_bridge.pipeline.policy.recipients import Addressed, Sending, choose_recipients
from dui_bridge.site.settings import Site

MAIL: Final = frozenset({Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER})
"""Channels by which somebody is written to."""


class Addressing:
    """Chooses recipients. One object, one thread."""

    def __init__(self, site: Site, rules: PolicyRules) -> None:
        self._site, self._rules = site, rules
        opened = open_destinations(site).values()
        self._channels = frozenset(one.channel for one in opened)
        self._spaces = {one.name: one.settings for one in opened if isinstance(one.settings, MssanteSettings)}
        self._trusted: dict[str, Trusted] = {}

    def of(self, case: DeliveryCase, channel: Channel, today: date, suspect: Container[str]) -> tuple[Addressed, ...]:
        """What is said of each recipient of a channel of mail, in their order; empty when nobody is known.

        Args:
            suspect: mailboxes that a mail came back from (`journal.receipts.suspects`).
        """
        delivery = case.delivery
        own = self._site.establishment(delivery.finess)
        sending = Sending(
            today=today,
            establishment=None if own is None else Establishment(own.finess, own.category, domain_of(own.category)),
            channels=self._channels,
            trusts=self._trusts(delivery.destination),
            suspect=suspect,
            allowed_by=_allowed_by(case.decided),
            person=usager_mailbox(delivery.dossier_id),
        )
        chosen = choose_recipients(
            DocumentFacts.from_json(case.document),
            UsagerFacts.from_json(case.usager),
            recipients_in(case.usager),
            sending,
            self._rules,
        )
        return tuple(one for one in chosen if one.channel is channel)

    def _trusts(self, destination: str) -> Callable[[str], bool] | None:
        """Whether a domain is of the space that a destination writes to."""
        settings = self._spaces.get(destination)
        if settings is None:
            return None
        if destination not in self._trusted:
            try:
                self._trusted[destination] = trusted(settings.domains, settings.white_list)
            except FixConfiguration:
                return None  # the destination itself says so when it is opened, and sends nothing
        return self._trusted[destination].has


def usager_mailbox(dossier_id: int) -> str:
    """What stands for the mailbox of a usager, whose address holds a matricule."""
    return f"usager-{dossier_id}"


def _allowed_by(decision: Decided | None) -> str:
    return decision.by if decision is not None and decision.verdict == "allow" else ""
