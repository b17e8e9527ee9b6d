"""What a report of MSSanté means for the delivery that it is about. Pure: the journal does the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.mssante.notices import Told
from dui_bridge.connectors.mssante.reading import Kind, ReadMail
from dui_bridge.findings import Finding, Who
from dui_bridge.model.states import DeliveryEvent

_EVENTS: Final[Mapping[Told, DeliveryEvent | None]] = {
    Told.DELIVERED: DeliveryEvent.ACKNOWLEDGE,
    Told.READ: DeliveryEvent.ACKNOWLEDGE,
    Told.DELETED: None,
    Told.UNTOLD: None,
    Told.DELAYED: None,
    Told.FAILED: DeliveryEvent.RETURN,
    Told.NOT_INTEGRATED: DeliveryEvent.RETURN,
}


@dataclass(frozen=True)
class Receipt:
    """One report about one recipient of a delivery.

    The journal keeps one row for each: delivery_id (None until it is found), digest of the report's own Message-ID (a
    report that comes twice counts once), told, code, status, cause, digest of the recipient, at; sealed: recipient,
    words. It also keeps, by the digest of its address, that a recipient is suspect, since when, and for which cause.

    Args:
        references: Message-ID or envelope id of the mail, without brackets, the surest first: a delivery has the
            Message-ID as its reference. Empty when the report does not say: a person looks.
        event: of the delivery; None when nothing changes. An acknowledgement never undoes a return.
        finding: why it failed, for a person; None when it did not.
        suspect: nothing more is sent to this address before somebody has looked.
    """

    report: str
    references: tuple[str, ...]
    recipient: str = field(repr=False)
    told: Told
    event: DeliveryEvent | None
    code: str
    status: str
    finding: Finding | None
    suspect: bool
    words: str = field(default="", repr=False)

    @property
    def cause(self) -> str:
        """The rule of the failure; empty without one."""
        return "" if self.finding is None else self.finding.rule.id

    @property
    def who(self) -> Who:
        """Who acts."""
        return Who.NOBODY if self.finding is None else self.finding.rule.who


def receipts(mail: ReadMail) -> Iterator[Receipt]:
    """The receipts in a mail; none in one that reports nothing."""
    if mail.kind in {Kind.XDM, Kind.OTHER} or mail.original is None:
        return
    original = mail.original
    for notice in mail.notices:
        yield Receipt(
            report=mail.message_id,
            references=original.references,
            recipient=notice.recipient or next(iter(original.recipients), ""),
            told=notice.told,
            event=_EVENTS[notice.told],
            code=notice.code,
            status=notice.status,
            finding=notice.finding,
            suspect=notice.suspect,
            words=notice.words,
        )
