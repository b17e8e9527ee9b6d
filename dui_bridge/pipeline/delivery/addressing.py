"""To whom a delivery is written: what policy says of each person around the usager, with what the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from dui_bridge.connectors.mssante.failure_codes import SUSPECT
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.mssante.trusted import Trusted, trusted
from dui_bridge.errors import FixConfiguration
from dui_bridge.journal.addressee_records import AddresseeEntry, Parted, TurnedDown
from dui_bridge.journal.records import Decided, DeliveryCase
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery.answers import Verdict as SendVerdict
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.policy.defaults import Establishment, PolicyRules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts, domain_of
from dui_bridge.pipeline.policy.recipient_facts import Recipient, recipients_in
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


def parted(chosen: Sequence[Addressed], verdict: SendVerdict) -> Parted | None:
    """Of a mail that left: who has it, and who is to get it yet; None for one that went to no professional.

    Whom policy forbids it is not to get it. Whoever reads a mailbox that it was written to has it. Of a mail of which
    nobody knows whether it left, only those are known who were left out.

    Args:
        chosen: what policy said of each when it left.
    """
    left = verdict.event in (DeliveryEvent.DELIVER, DeliveryEvent.LOSE)
    if not left or all(one.channel is not Channel.MSSANTE_PRO for one in chosen):
        return None
    refused = {one.address.strip().lower(): one for one in verdict.untaken}
    written: list[AddresseeEntry] = []
    turned: dict[str, TurnedDown] = {}
    later: dict[AddresseeEntry, Addressed] = {}
    for one in chosen:
        entry = entry_of(one.recipient)
        why = refused.get(entry.address) if one.sends else None
        if one.sends and why is None:
            # Where only the kind is known, a mailbox is all that tells one from another.
            written.append(entry if entry.who != one.recipient.kind else replace(entry, who=""))
        elif why is not None and why.finding is not None:
            rule = why.finding.rule
            turned[entry.address] = TurnedDown(
                entry, rule.id, rule.who.value, why.code, why.received, rule.id in SUSPECT
            )
        elif why is not None or one.verdict in (Verdict.HOLD, Verdict.ASK):
            later.setdefault(entry, one)
    whos, mailboxes = {one.who for one in written}, {one.address for one in written}
    still = {one: why for one, why in later.items() if one.who not in whos and one.address not in mailboxes}
    nearest = min(still.values(), key=lambda one: one.verdict.rank, default=None)
    cause = nearest.rule if nearest is not None and not nearest.sends else None
    return Parted(
        tuple(dict.fromkeys(written)) if verdict.event is DeliveryEvent.DELIVER else (),
        tuple(still),
        "" if cause is None else cause.id,
        "" if cause is None else cause.who.value,
        tuple(turned.values()),
    )


def entry_of(recipient: Recipient) -> AddresseeEntry:
    """By what the journal knows a recipient again."""
    return AddresseeEntry(recipient.same, (recipient.mailbox or "").strip().lower())


def usager_mailbox(dossier_id: int) -> str:
    """What stands for the mailbox of a usager, whose address holds a matricule."""
    return f"usager-{dossier_id}"


def _allowed_by(decision: Decided | None) -> str:
    return decision.by if decision is not None and decision.verdict == "allow" else ""
