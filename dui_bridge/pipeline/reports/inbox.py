"""What `status` and `trace` tell of the mails that came: alerts, and the reports about a delivery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from dui_bridge.findings import Language
from dui_bridge.journal.inbox_records import MailState
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.policy.recipient_facts import Recipient, recipients_in
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site

KIND: Final = "mssante"
_TOLD: Final = timedelta(days=7)
"""An answer that was given up is told for so long."""


def mail_alerts(site: Site, journal: Journal, now: datetime) -> Iterator[tuple[str, dict[str, str | datetime]]]:
    """`(kind, values)` of what asks for a person; nothing at a site without MSSanté. Raises JournalUnusable."""
    if all(one.kind != KIND for one in site.destinations.values()):
        return
    number, oldest = journal.inbox.counts().get(MailState.REVIEW, (0, now))
    if number:
        yield "inbox", {"number": str(number), "oldest": oldest}
    for mailbox in journal.inbox.mailboxes():
        if mailbox.code:
            yield (
                "mailbox",
                {"name": mailbox.address, "code": mailbox.code, "at": mailbox.success_at or mailbox.read_at},
            )
    late = journal.receipts.late(now)
    if late is not None:
        yield "reply", {"number": str(late.number), "oldest": late.oldest}
    if lost := journal.receipts.given_up(now - _TOLD):
        yield "answers", {"number": str(lost)}


def receipts_of(journal: Journal, case: DeliveryCase, language: Language) -> list[dict[str, Any]]:
    """The reports about a delivery, the first first, in words."""
    return [
        {
            "at": one.at.isoformat(),
            "mail": f"mail-{one.received_id}",
            "told": one.told,
            "words": text(f"told_{one.told}", language),
            "code": one.cause or one.code,
            "cause": explain_cause(one.cause, None, language).message if one.cause else "",
        }
        for one in journal.receipts.of([case.delivery.id])
    ]


def awaited_of(journal: Journal, delivery_id: int) -> dict[str, str | None] | None:
    """Until when a reply to a delivery is awaited, and when it came; None when none is."""
    found = journal.receipts.reply_awaited(delivery_id)
    if found is None:
        return None
    until, replied_at = found
    return {"until": until.isoformat(), "replied_at": None if replied_at is None else replied_at.isoformat()}


def proposed(journal: Journal, case: DeliveryCase, today: date) -> list[str]:
    """Other mailboxes that the DUI holds for a recipient whose own is suspect; each once, in the order of the facts.

    The same recipient is the one with the same RPPS or FINESS; without either, the same kind and name.
    """
    held = journal.receipts.suspects()
    if not len(held):
        return []
    known = [one for one in recipients_in(case.usager) if one.mailbox and (one.ends is None or one.ends >= today)]
    wrong = [one for one in known if one.mailbox in held]
    return list(dict.fromkeys(other for one in wrong for other in _others(one, known) if other not in held))


def _others(wrong: Recipient, known: Sequence[Recipient]) -> Iterator[str]:
    for one in known:
        same_number = (one.rpps and one.rpps == wrong.rpps) or (one.finess and one.finess == wrong.finess)
        same_name = wrong.name and (one.kind, one.name) == (wrong.kind, wrong.name)
        if one.mailbox and (same_number or same_name):
            yield one.mailbox
