"""What `status` and `trace` tell of the mails that came: alerts, and the reports about a delivery."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from dui_bridge.connectors.mssante.settings import Audience
from dui_bridge.findings import Language
from dui_bridge.journal.inbox_records import KnownReceipt, MailState
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.addressing import entry_of
from dui_bridge.pipeline.policy.recipient_facts import Recipient, recipients_in
from dui_bridge.pipeline.proposals import for_those_without, proposals
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.declaration import MssanteDestinationSettings
from dui_bridge.site.forms import seconds
from dui_bridge.site.settings import Site

KIND: Final = "mssante"
_SOON: Final = timedelta(hours=1)
"""A mail is treated within so long: a report may wait a little for its own mail."""
_TOLD: Final = timedelta(days=7)
"""An answer that could not be sent is told for so long."""


def mail_alerts(site: Site, journal: Journal, now: datetime) -> Iterator[tuple[str, dict[str, str | datetime]]]:
    """`(kind, values)` of what asks for a person; nothing at a site without MSSanté. Raises JournalUnusable."""
    if all(one.kind != KIND for one in site.destinations.values()):
        return
    counts = journal.inbox.counts()
    number, oldest = counts.get(MailState.REVIEW, (0, now))
    if number:
        yield "inbox", {"number": str(number), "oldest": oldest}
    number, oldest = counts.get(MailState.TO_TREAT, (0, now))
    if number and now - oldest > _SOON:
        yield "untreated", {"number": str(number), "oldest": oldest}
    for mailbox in journal.inbox.mailboxes():
        if mailbox.code:
            yield (
                "mailbox",
                {"name": mailbox.address, "code": mailbox.code, "at": mailbox.success_at or mailbox.read_at},
            )
    if held := journal.receipts.suspect_list():
        wrong = journal.receipts.suspects()
        known = (proposed_instead(site, journal, one.address, one.delivery_id, wrong, now) for one in held)
        yield "suspect", {"number": str(len(held)), "proposed": str(sum(map(bool, known))), "oldest": held[0].since}
    if (unsure := journal.receipts.unsure_since()) is not None:
        yield "unsure_answers", {"number": str(unsure[0]), "oldest": unsure[1]}
    if lost := journal.receipts.untold(now - _TOLD):
        yield "answers", {"number": str(lost)}


def late_mails(
    site: Site, journal: Journal, now: datetime
) -> Iterator[tuple[str, dict[str, str | datetime], tuple[int, ...]]]:
    """`(kind, values, deliveries)` of mails of which nothing came back in time: a reply, or any receipt.

    Raises JournalUnusable.
    """
    mails = {name: one for name, one in site.destinations.items() if isinstance(one, MssanteDestinationSettings)}
    if mails and (late := journal.receipts.late(now)) is not None:
        yield "reply", {"number": str(len(late.deliveries)), "oldest": late.oldest}, late.deliveries
    for name, settings in mails.items():
        late = journal.receipts.unconfirmed(name, now - timedelta(seconds=seconds(settings.receipt_within)))
        if late is not None:
            number = str(len(late.deliveries))
            yield "unconfirmed", {"number": number, "name": name, "oldest": late.oldest}, late.deliveries


def receipts_of(site: Site, journal: Journal, case: DeliveryCase, language: Language) -> list[dict[str, Any]]:
    """The reports about a delivery, the first first, in words. `about`: whom, empty when it is not known any more."""
    known = recipients_in(case.usager)
    mail = _mail_of(site, case)
    person = text("to_usager", language) if mail is not None and mail.audience is Audience.USAGER else ""

    def about(one: KnownReceipt) -> str:
        return person or next((_whom(to, language) for to in known if is_about(one, to.mailbox or "")), "")

    is_about = journal.receipts.is_about
    return [
        {
            "at": one.at.isoformat(),
            "mail": f"mail-{one.received_id}",
            "about": about(one),
            "told": one.told,
            "words": text(f"told_{one.told}", language),
            "code": one.cause or one.code,
            "cause": explain_cause(one.cause, None, language).message if one.cause else "",
        }
        for one in journal.receipts.of([case.delivery.id])
    ]


def addressees_of(site: Site, journal: Journal, case: DeliveryCase, language: Language) -> dict[str, list[str]]:
    """Of a mail, of those whom the DUI knows: to whom it was written, and for whom alone it is.

    The person is named without a mailbox: that holds the matricule.
    """
    mail = _mail_of(site, case)
    if mail is None:
        return {"written_to": [], "only_for": []}
    if mail.audience is Audience.USAGER:
        return {"written_to": [text("to_usager", language)] if case.delivery.reference else [], "only_for": []}
    reached, known = journal.addressees.of(case.delivery), recipients_in(case.usager)
    return {
        "written_to": [_whom(one, language) for one in known if reached.wrote_to(one.mailbox or "")],
        "only_for": [_whom(one, language) for one in known if reached.is_rest and reached.is_meant(entry_of(one))],
    }


def _mail_of(site: Site, case: DeliveryCase) -> MssanteDestinationSettings | None:
    """How the mails of its destination are sent; None for another kind of destination."""
    settings = site.destinations.get(case.delivery.destination)
    return settings if isinstance(settings, MssanteDestinationSettings) else None


def _whom(one: Recipient, language: Language) -> str:
    return " ".join(filter(None, (text(f"to_{one.kind}", language), one.name, one.mailbox)))


def awaited_of(journal: Journal, delivery_id: int) -> dict[str, str | None] | None:
    """Until when a reply to a delivery is awaited, and when it came; None when none is."""
    found = journal.receipts.reply_awaited(delivery_id)
    if found is None:
        return None
    until, replied_at = found
    return {"until": until.isoformat(), "replied_at": None if replied_at is None else replied_at.isoformat()}


def proposed(site: Site, journal: Journal, case: DeliveryCase, now: datetime) -> list[str]:
    """Other mailboxes for the recipients of a mail to professionals whose own is suspect, and for those without any;
    each once, in the order of the facts."""
    mail = _mail_of(site, case)
    if mail is None or mail.audience is Audience.USAGER:
        return []
    held, reached = journal.receipts.suspects(), journal.addressees.of(case.delivery)
    meant = [one for one in recipients_in(case.usager) if reached.is_meant(entry_of(one))]
    wrong = {one.mailbox: None for one in meant if one.mailbox and one.mailbox in held}
    found = [other for one in wrong for other in proposals(site, case.usager, one, held, now)]
    return list(dict.fromkeys([*found, *for_those_without(site, case.usager, held, now)]))


def proposed_instead(
    site: Site, journal: Journal, address: str, delivery: int, held: Container[str], now: datetime
) -> dict[str, str]:
    """`proposals` for an address that a mail came back from; none once its dossier is erased."""
    case = journal.deliveries.case(delivery) if address else None
    return {} if case is None else proposals(site, case.usager, address, held, now)
