"""Which reports are believed: anybody who was sent a mail knows its Message-ID, and may write what they like about it.

Sources: RFC 3464 §2 and RFC 8098 §3 (both kinds of reports leave with a null return path; a receipt is of the recipient
that it names).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.mssante.reading import Kind, ReadMail
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.ins.carriers import CITIZEN_MAIL, is_citizen_service
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.inbox.receipts import Receipt
from dui_bridge.pipeline.policy.facts import DocumentFacts, ins_digest
from dui_bridge.pipeline.policy.recipient_facts import recipients_in

_NOBODY: Final = "<>"


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """To whom a delivery may have been written, as far as the facts kept with it say.

    Args:
        mailboxes: of professionals, in lower case. ins: `ins_digest` of the person's matricule; empty when it was not
            to the person, or is not known.
    """

    mailboxes: frozenset[str] = field(default=frozenset(), repr=False)
    ins: str = ""

    def has(self, address: str) -> bool:
        """Whether it may have been written to; to the person alone, nobody has to be named."""
        written = address.strip().lower()
        if not written:
            return bool(self.ins)
        if not written.endswith(CITIZEN_MAIL):
            return written in self.mailboxes
        # A Corsican department is a capital letter.
        return bool(self.ins) and ins_digest(written.removesuffix(CITIZEN_MAIL).upper()) == self.ins


def written_to(case: DeliveryCase, channel: Channel) -> WrittenTo:
    """Whom a delivery of a channel of mail may have been written to; of one that was erased, nobody."""
    if channel is Channel.MSSANTE_USAGER:
        return WrittenTo(ins=DocumentFacts.from_json(case.document).ins or "")
    return WrittenTo(frozenset(one.mailbox.strip().lower() for one in recipients_in(case.usager) if one.mailbox))


def operator_domains(mailbox: str, settings: MssanteSettings) -> frozenset[str]:
    """The domains whose machines tell what became of the mails of a mailbox: its own, and those of the operator."""
    hosts = {settings.host, settings.smtp.host or settings.host, settings.imap.host or settings.host}
    return frozenset({_domain(mailbox), *(name for host in hosts for name in _above(host.lower().rstrip(".")))})


def is_believed(read: ReadMail, one: Receipt, own: Collection[str]) -> bool:
    """Whether what a report says of one recipient comes from who can know it.

    Args:
        own: `operator_domains`.
    """
    came_from = "" if read.return_path == _NOBODY else read.return_path.strip("<> ")
    if read.kind is Kind.BOUNCE and is_citizen_service(read.sender) and is_citizen_service(came_from or read.sender):
        # Nobody else writes from there; of a professional's mailbox it knows nothing.
        return not one.recipient or one.recipient.lower().endswith(CITIZEN_MAIL) or read.return_path == _NOBODY
    if read.kind in {Kind.DSN, Kind.BOUNCE}:
        return read.return_path == _NOBODY or _domain(came_from or read.sender) in own
    recipient = one.recipient.strip().lower()
    told_by = {read.sender.strip().lower(), came_from.lower() or recipient}
    return bool(recipient) and told_by == {recipient}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower().rstrip(".")


def _above(host: str) -> Iterator[str]:
    """A host and the domains above it; never a top one alone."""
    yield host
    labels = host.split(".")
    for first in range(1, len(labels) - 1):
        yield ".".join(labels[first:])
