"""Replies that are awaited: policy says of which kinds of recipients, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import datetime, timedelta

from dui_bridge.declared import Problems
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.delivery.addressing import Addressing
from dui_bridge.pipeline.inbox.posts import mail_destinations
from dui_bridge.pipeline.policy.declaration import load_policy
from dui_bridge.pipeline.policy.defaults import PolicyRules
from dui_bridge.pipeline.policy.recipient_facts import RecipientKind
from dui_bridge.site.settings import Site

_PAGE = 200


def await_replies(site: Site, journal: Journal) -> None:
    """Notes of each mail that left until when its reply is awaited.

    Raises:
        JournalUnusable; FileUnusable, DeclarationInvalid: the policy cannot be read.
    """
    destinations = mail_destinations(site)
    addressing: Addressing | None = None
    rules: PolicyRules | None = None
    suspect: Container[str] = ()
    while destinations and (found := journal.receipts.not_looked_at(list(destinations), _PAGE)):
        if rules is None or addressing is None:
            problems = Problems(site.file.name)
            rules = load_policy(site.declaration.policy, problems)
            problems.check()
            addressing, suspect = Addressing(site, rules), journal.receipts.suspects()
        entries: dict[int, datetime | None] = {}
        for number in found:
            case = journal.deliveries.case(number)
            channel = None if case is None else destinations[case.delivery.destination].channel
            entries[number] = None if case is None else _until(journal, case, channel, addressing, suspect, rules)
        journal.receipts.await_replies(entries)


def _until(
    journal: Journal,
    case: DeliveryCase,
    channel: Channel | None,
    addressing: Addressing,
    suspect: Container[str],
    rules: PolicyRules,
) -> datetime | None:
    sent_at = case.delivery.sent_at
    if sent_at is None or channel is None:
        return None
    reached = journal.addressees.of(case.delivery)
    kinds = {
        one.recipient.kind
        for one in addressing.of(case, channel, sent_at.date(), suspect)
        if one.sends and reached.may_have_written_to(one.recipient.mailbox or "")
    }
    hours = reply_hours(kinds, rules)
    return None if hours is None else sent_at + timedelta(hours=hours)


def reply_hours(kinds: Collection[RecipientKind], rules: PolicyRules) -> int | None:
    """Within how many hours somebody of these kinds is to reply; None when nobody is."""
    return min((rules.reply_hours[one.value] for one in kinds if one.value in rules.reply_hours), default=None)
