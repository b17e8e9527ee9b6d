"""MSSanté as a destination of the pipeline: mails with documents to professionals, or to the usager.

Before a mail is made: the establishment has a mailbox, every recipient is of the trusted space, no mask contradicts who
reads it, the INS is qualified where it leaves, and the metadata of the archive have no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dui_bridge.connectors.mssante.enclosed import Enclosed, enclose
from dui_bridge.connectors.mssante.errors import (
    EstablishmentUnknown,
    HiddenFromRecipient,
    InsNotQualified,
    PdfMissing,
    TooLarge,
)
from dui_bridge.connectors.mssante.mailboxes import Sender, own_settings
from dui_bridge.connectors.mssante.message import Letter, Mail, compose, lot_oid, message_id
from dui_bridge.connectors.mssante.replies import Reply, finding_of
from dui_bridge.connectors.mssante.settings import Audience, MssanteSettings
from dui_bridge.connectors.mssante.smtp import SmtpLine
from dui_bridge.connectors.mssante.trusted import Trusted, checked
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.connectors.ports import DeliveryContext, Prepared
from dui_bridge.data.codes import Coded
from dui_bridge.errors import AnswerLost, DuiBridgeError, FixConfiguration, Retry
from dui_bridge.findings import Finding
from dui_bridge.ins.carriers import citizen_address
from dui_bridge.model.exchange import Answer, BuiltDocument, Outcome, Untaken
from dui_bridge.xds.entries import Mask, SubmissionSet
from dui_bridge.xds.forms import dtm
from dui_bridge.xds.purpose import Policy
from dui_bridge.xds.xdm import XdmDocument, XdmSender, archive_findings, write

CONTENT_TYPES: Final = "1.2.250.1.213.2.2"
"""Code system of contentTypeCode (JDV_J59)."""
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Software:
    """What sends, as mails and archives name it.

    Args:
        nil: its reference for MSSanté.
        system: OID of this installation (sourceId of lots).
    """

    name: str
    version: str
    nil: str
    system: str
    editor: str = ""


@dataclass(frozen=True)
class MailPrepared(Prepared):
    """A mail as it will leave.

    Args:
        findings: what is wrong with its metadata; with one of severity error it does not leave.
        tried_at: when the last try began before this was made; None: none had.
    """

    mail: Mail
    findings: tuple[Finding, ...] = field(default=())
    tried_at: datetime | None = None


class MssanteDestination:
    """A `Destination`. In one thread at a time.

    Args:
        senders: the establishments that write, by geographic FINESS.
        lines: opens the connection of a sender; asked once for each.
        space: who may be written to.
        recorded: whether it was recorded, after this time, that the mail with this Message-ID arrived at one of these
            addresses.
        now: aware.
    """

    def __init__(
        self,
        settings: MssanteSettings,
        software: Software,
        senders: Mapping[str, Sender],
        lines: Callable[[Sender], SmtpLine],
        space: Trusted,
        *,
        recorded: Callable[[str, Collection[str], datetime | None], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._settings, self._software, self._senders = settings, software, senders
        self._open, self._space, self._recorded, self._now = lines, space, recorded, now
        self._lines: dict[str, SmtpLine] = {}
        self._lost: dict[str, datetime] = {}

    def close(self) -> None:
        """Ends the connections."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> MailPrepared:
        """Pure: the whole mail.

        Raises:
            NoRecipient, AddressMalformed, OutsideTrust, CitizenAmongProfessionals, InsNotQualified,
            HiddenFromRecipient, EstablishmentUnknown, PdfMissing, TooLarge, HeadersWrong: it does not leave.
            OtherPatient, NotCda: the document is not one of this person.
        """
        sender = self._senders.get(built.document.finess)
        if sender is None:
            raise EstablishmentUnknown(finess=built.document.finess)
        recipients = self._recipients(context)
        _check_masks(context, self._settings.audience)
        most = self._settings.max_megabytes * _MEGABYTE
        document = enclose(built, context.ins, context.masks, max_bytes=most)
        if self._settings.message.pdf and built.pdf is None:
            raise PdfMissing
        mail, findings = self._made(document, sender, recipients, context)
        if len(mail.data) > most:
            raise TooLarge(most=f"{self._settings.max_megabytes} MB")
        file = f"{mail.message_id.partition('@')[0]}.eml"
        return MailPrepared(built, {file: mail.data}, mail, findings, context.tried_at)

    def send(self, prepared: Prepared) -> Outcome:
        """Hands it over. `REFUSED` when a check of ours or the operator refuses it for good, for every recipient.

        A recipient who is refused, for good or for now, keeps nobody else from getting it: it is told with the outcome.
        What is sent to them later is to be sent to them alone.

        Raises:
            Retry, FixConfiguration: certainly not taken.
            AnswerLost: it may have been taken.
        """
        ours = _ours(prepared)
        wrong = tuple(one for one in ours.findings if one.is_error)
        if wrong:
            return self._refused(wrong, "")
        began = self._now()
        try:
            taken = self._line(ours).send(ours.mail)
        except AnswerLost:
            self._lost[ours.mail.message_id] = began
            raise
        except (Retry, FixConfiguration):
            raise
        except DuiBridgeError as error:
            return self._refused((finding_of(error),), error.values.get("answer", ""))
        untaken = tuple(_untaken(address, *why) for address, why in taken.refused.items())
        return Outcome(Answer.DELIVERED, self._now(), ours.mail.message_id, received=taken.reply.raw, untaken=untaken)

    def resolve(self, prepared: Prepared) -> Outcome | None:
        """`ALREADY_THERE` when it was told since the last try began that it arrived; else None: a mail cannot be asked
        for. What was told of an earlier try says nothing of this one."""
        ours = _ours(prepared)
        identifier = ours.mail.message_id
        tries = [one for one in (ours.tried_at, self._lost.get(identifier)) if one is not None]
        arrived = self._recorded(identifier, ours.mail.recipients, max(tries, default=None))
        return Outcome(Answer.ALREADY_THERE, self._now(), identifier) if arrived else None

    def _recipients(self, context: DeliveryContext) -> tuple[Recipient, ...]:
        if self._settings.audience is Audience.PROFESSIONALS:
            return checked(context.recipients, self._space)
        if context.ins is None:
            raise InsNotQualified(
                reason="the usager has no address without a qualified INS",
                reason_fr="l'usager n'a pas d'adresse sans INS qualifiée",
            )
        return (Recipient(citizen_address(context.ins)),)

    def _made(
        self, document: Enclosed, sender: Sender, recipients: tuple[Recipient, ...], context: DeliveryContext
    ) -> tuple[Mail, tuple[Finding, ...]]:
        """The mail, and what is wrong with the metadata of its archive."""
        identifier = message_id([document.built.ids.unique_id], self._settings.audience, sender.domain, context.sending)
        archived = [XdmDocument(document.built.data, document.entry)]
        lot = self._lot(document, sender, identifier, context)
        letter = Letter(
            (document,),
            write(archived, lot, self._shown(sender)),
            sender,
            recipients,
            self._settings.audience,
            context.ins is not None,
            context.at or self._now(),
            None
            if context.replaces is None
            else context.replaced or message_id([context.replaces], self._settings.audience, sender.domain),
        )
        own = own_settings(sender.address, self._settings)
        form, nil = self._settings.message, self._software.nil
        mail = compose(letter, identifier, form, nil=nil, name=own.name or "", reply_to=own.reply_to)
        return mail, archive_findings(archived, lot, Policy(secret_connection=context.secret_access))

    def _lot(self, document: Enclosed, sender: Sender, identifier: str, context: DeliveryContext) -> SubmissionSet:
        first = document.entry
        author = sender.author or next(iter(first.authors), None)
        return SubmissionSet(
            unique_id=lot_oid(identifier),
            patient_id=first.patient_id,
            source_id=self._software.system,
            submission_time=dtm(context.at or self._now()),
            content_type=Coded(self._settings.content_type, CONTENT_TYPES, self._settings.content_type_label),
            title=first.title,
            authors=() if author is None else (author,),
        )

    def _shown(self, sender: Sender) -> XdmSender:
        made = self._software
        return XdmSender(
            name=sender.name,
            address=sender.postal,
            phone=sender.phone,
            mail=sender.address,
            software=made.name,
            version=made.version,
            editor=made.editor,
        )

    def _line(self, ours: MailPrepared) -> SmtpLine:
        finess = ours.built.document.finess
        if finess not in self._lines:
            self._lines[finess] = self._open(self._senders[finess])
        return self._lines[finess]

    def _refused(self, findings: tuple[Finding, ...], code: str) -> Outcome:
        return Outcome(Answer.REFUSED, self._now(), findings=findings, code=code)


def _ours(prepared: Prepared) -> MailPrepared:
    if not isinstance(prepared, MailPrepared):
        raise TypeError("prepared for another destination")
    return prepared


def _untaken(address: str, error: DuiBridgeError, reply: Reply) -> Untaken:
    return Untaken(address, None if isinstance(error, Retry) else finding_of(error), reply.answer, reply.raw)


def _check_masks(context: DeliveryContext, audience: Audience) -> None:
    """ANS, volet "Transmission de document CDA en HL7 v2", rules of MSSanté: who a masked document is not sent to."""
    if audience is Audience.PROFESSIONALS and Mask.PROFESSIONALS in context.masks:
        raise HiddenFromRecipient(whom="professionals", whom_fr="aux professionnels")
    if audience is Audience.USAGER and (Mask.PATIENT in context.masks or context.secret_access):
        raise HiddenFromRecipient(whom="the usager", whom_fr="à l'usager")
