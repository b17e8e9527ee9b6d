"""What becomes of one mail that is kept: tied to the delivery that it is about, filed, refused, or for a person.

Whatever is done twice is the same the second time: files are laid before the journal says so, and one mail gets one
answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.connectors.mssante.failure_codes import SUSPECT
from dui_bridge.connectors.mssante.reading import Kind, ReadMail, read_mail
from dui_bridge.connectors.mssante.reading_rules import NO_ARCHIVE
from dui_bridge.connectors.rest.errors import DocumentsRefused
from dui_bridge.findings import Finding, Rule, Who
from dui_bridge.ins.carriers import CITIZEN_MAIL
from dui_bridge.journal.inbox_records import CANDIDATES, DocumentEntry, KnownMail, MailState, ReceiptEntry, Treated
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery.addressing import usager_mailbox
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.inbox import cycle_rules, rules
from dui_bridge.pipeline.inbox.arrivals import Check, arrival, came_at, check_received, pdfs_of
from dui_bridge.pipeline.inbox.believed import is_believed, operator_domains, written_to
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.inbox.handing import Handing
from dui_bridge.pipeline.inbox.judging import judge
from dui_bridge.pipeline.inbox.known import JournalKnown
from dui_bridge.pipeline.inbox.laying import name_of
from dui_bridge.pipeline.inbox.posts import Post, mail_destinations
from dui_bridge.pipeline.inbox.receipts import Receipt, receipts
from dui_bridge.pipeline.inbox.records import Arrival, Decision, Effect, Judged, Judgement, KeptState
from dui_bridge.site.settings import Site

NOT_FETCHED: Final = "large"
"""The kind of a mail of which only its size is known."""
_LARGEST: Final = 2**31 - 1
"""Version that a database holds; of a document with a larger one the number is not known."""
_SOON: Final = timedelta(minutes=15)
"""A report may come before its own mail is known to have left."""
_ANSWER: Final = re.compile(r"[0-9a-f]{32}@", re.ASCII)
"""How the Message-ID of an answer of ours begins (`connectors.mssante.receipts`)."""
_NOT_FOUND: Final = frozenset({rules.UNKNOWN.id, rules.NO_INS.id, rules.PARTIAL_INS.id})
_STATES: Final = {
    Decision.FILED: KeptState.FILED,
    Decision.REVIEW: KeptState.REVIEW,
    Decision.REFUSED: KeptState.REFUSED,
}


class Treating:
    """Treats mails. One object, one thread.

    Args:
        posts: the mailboxes of the site, by address in lower case.
        handing: the way to the DUI's inbox.
        doubtful: deliveries of which nobody knows whether they left.
    """

    def __init__(
        self,
        site: Site,
        journal: Journal,
        posts: Mapping[str, Post],
        handing: Handing,
        doubtful: Doubtful,
        check: Check = check_received,
    ) -> None:
        self._site, self._journal, self._posts = site, journal, posts
        self._handing, self._doubtful, self._check = handing, doubtful, check

    def treat(self, mail: KnownMail, now: datetime) -> MailState:
        """What became of it; TO_TREAT when that cannot be said yet.

        Raises:
            DuiBridgeError: nothing can be handed to the DUI now; the next cycle tries again.
            JournalUnusable.
        """
        data = self._journal.inbox.body(mail.id)
        if data is None:
            rule = cycle_rules.NOT_READABLE if mail.kept else cycle_rules.TOO_LARGE
            return self._waits(mail, NOT_FETCHED, rule, {"size": mail.size}, now)
        read = read_mail(data)
        if read.kind is Kind.XDM:
            return self._documents(mail, read, now)
        told = list(receipts(read))
        if told:
            return self._report(mail, read, told, now)
        # A machine of a partner may well send what matters.
        if read.kind is not Kind.OTHER or (read.automatic and not pdfs_of(read)):
            return self._commit(mail, Treated(read.kind, MailState.IGNORED, detail=shown(read)), now)
        values: dict[str, Json] = {"files": ", ".join(one.name for one in read.attached)}
        return self._waits(mail, read.kind, _of_letter(read), {**shown(read), "values": values}, now, read)

    # --- reports

    def tied(self, mail: KnownMail, delivery: int) -> tuple[Treated, list[ReceiptEntry]] | None:
        """What a report says of a delivery, whoever sent it; None when it is no report, or is kept no more."""
        data = self._journal.inbox.body(mail.id)
        read = None if data is None else read_mail(data)
        told = [] if read is None else list(receipts(read))
        if read is None or not told:
            return None
        reference = next(iter(told[0].references), "")
        found, current = self._delivery(told[0].references, told[0].recipient)
        stands = current or found != delivery
        entries = [self._entry(one, delivery, reference, current=stands) for one in told]
        return self._tied(read, told, MailState.TIED, None, delivery), entries

    def _report(self, mail: KnownMail, read: ReadMail, told: Sequence[Receipt], now: datetime) -> MailState:
        references = told[0].references
        if references and all(_ANSWER.match(one) for one in references):
            # An answer that did not arrive: its mail is treated, and nobody is answered twice.
            return self._commit(mail, Treated(read.kind, MailState.IGNORED, detail=shown(read)), now)
        found, current = self._delivery(references, told[0].recipient)
        fails = any(one.event is DeliveryEvent.RETURN for one in told)
        if found is None and now - mail.at < _SOON:
            return MailState.TO_TREAT
        believed = all(self._is_believed(mail, read, one, found) for one in told)
        tied_to = found is not None and believed
        waits = fails if found is None else not believed
        state = MailState.TIED if tied_to else MailState.REVIEW if waits else MailState.IGNORED
        cause = (cycle_rules.UNTIED if found is None else cycle_rules.NOT_BELIEVED) if waits else None
        treated = self._tied(read, told, state, cause, found)
        reference = references[0] if references else ""
        entries = [self._entry(one, found, reference, current=current) for one in told] if believed else []
        reached("tie.before")
        tied = self._journal.inbox.tie(mail.id, treated, entries, now)
        reached("tie.after")
        return state if tied else MailState.TO_TREAT

    def _tied(
        self, read: ReadMail, told: Sequence[Receipt], state: MailState, cause: Rule | None, delivery: int | None
    ) -> Treated:
        worst = next((one for one in told if one.event is DeliveryEvent.RETURN), told[0])
        return Treated(
            read.kind,
            state,
            cause.id if cause is not None else worst.cause,
            str(cause.who if cause is not None else worst.who),
            delivery_id=delivery,
            dossier_id=None if delivery is None else self._dossier(delivery),
            detail=shown(read),
        )

    def _is_believed(self, mail: KnownMail, read: ReadMail, one: Receipt, delivery: int | None) -> bool:
        """Whether it comes from who can know it, and is about somebody whom the delivery, if known, was written to."""
        post = self._posts.get(mail.mailbox.lower())
        if post is None or not is_believed(read, one, operator_domains(mail.mailbox, post.settings)):
            return False
        if delivery is None:
            return True
        case = self._journal.deliveries.case(delivery)
        destination = None if case is None else mail_destinations(self._site).get(case.delivery.destination)
        return case is not None and destination is not None and written_to(case, destination.channel).has(one.recipient)

    def _entry(self, one: Receipt, delivery: int | None, reference: str, *, current: bool = True) -> ReceiptEntry:
        # A mail of which nobody knew whether it left has left when somebody tells of it.
        left = (DeliveryEvent.DELIVER,) if delivery is not None and self._doubtful.has(delivery) else ()
        events = left if one.event is None else (*left, one.event)
        return ReceiptEntry(
            original=reference,
            told=one.told,
            code=one.code,
            cause=one.cause,
            who=str(one.who),
            recipient=one.recipient,
            delivery_id=delivery,
            # Of a mail from before a person had it sent again, nothing is said of the one since.
            reference=reference if current else "",
            events=events if current else (),
            suspect=self._suspect(one, delivery),
        )

    def _suspect(self, one: Receipt, delivery: int | None) -> str:
        """What is not to be written to any more; of a usager never the address itself, which holds a matricule."""
        if one.cause not in SUSPECT:
            return ""
        case = None if delivery is None else self._journal.deliveries.case(delivery)
        destination = None if case is None else mail_destinations(self._site).get(case.delivery.destination)
        if case is not None and destination is not None and destination.channel is Channel.MSSANTE_USAGER:
            return usager_mailbox(case.delivery.dossier_id)
        return one.recipient if one.suspect and not one.recipient.lower().endswith(CITIZEN_MAIL) else ""

    def _delivery(self, references: Sequence[str], recipient: str) -> tuple[int | None, bool]:
        """The delivery that a mail is about; False when that was sent again since."""
        for reference in references:
            found = self._journal.receipts.delivery_of(reference, recipient)
            if found is None:
                found = self._doubtful.delivery_of(reference)
            if found is not None:
                return found, True
        replayed = (self._journal.receipts.replayed_delivery_of(one) for one in references)
        return next((one for one in replayed if one is not None), None), False

    def _as_reply(self, treated: Treated, read: ReadMail) -> Treated:
        """With the delivery that a mail answers, whose reply it is if somebody writes whom that was written to."""
        delivery, _ = self._delivery(() if read.original is None else read.original.references, read.sender)
        case = None if delivery is None else self._journal.deliveries.case(delivery)
        destination = None if case is None else mail_destinations(self._site).get(case.delivery.destination)
        replies = (
            case is not None
            and destination is not None
            and written_to(case, destination.channel).has(read.sender)
            and self._journal.addressees.of(case.delivery).may_have_written_to(read.sender)
        )
        return replace(treated, delivery_id=delivery, replies=replies)

    def _dossier(self, delivery: int) -> int | None:
        case = self._journal.deliveries.case(delivery)
        return None if case is None else case.delivery.dossier_id

    # --- documents

    def _documents(self, mail: KnownMail, read: ReadMail, now: datetime) -> MailState:
        came = arrival(read, mailbox=mail.mailbox, at=came_at(mail, read), check=self._check)
        judgement = self.judge(mail, came)
        if judgement.decision is Decision.FILED:
            reached("inbox.before")
            judgement = self._handed(mail, judgement, came)
            reached("inbox.after")
        treated = judged(read, came, judgement, since=answered_since(self._journal, mail.mailbox))
        return self._commit(mail, self._as_reply(treated, read), now)

    def _handed(self, mail: KnownMail, judgement: Judgement, came: Arrival) -> Judgement:
        """What becomes of a filed mail once it is handed over: what the DUI does not want waits for a person."""
        try:
            self._handing.hand(mail.id, judgement, came)
        except DocumentsRefused as refused:
            candidates = () if judgement.person is None else (judgement.person,)
            cause = Finding(cycle_rules.NOT_TAKEN, values={"status": refused.values["status"]})
            return Judgement(Decision.REVIEW, cause, candidates=candidates, documents=judgement.documents)
        return judgement

    def judge(self, mail: KnownMail, came: Arrival) -> Judgement:
        """What becomes of a mail with documents, as things stand."""
        post = self._posts.get(mail.mailbox.lower())
        known = JournalKnown(self._journal, self._site.profile, mail.id)
        judgement = judge(
            came,
            known,
            trusted=lambda address: post is not None and post.trusts(address),
            finess="" if post is None else post.finess,
        )
        cause = judgement.cause
        if self._site.declaration.insi is None and cause is not None and cause.rule.id in _NOT_FOUND:
            # Nobody was looked for: that nobody was found says nothing.
            documents = tuple(Judged(one, Effect.NEW) for one in came.documents)
            return Judgement(Decision.REVIEW, Finding(cycle_rules.NO_IDENTITIES), documents=documents)
        return judgement

    # --- the journal

    def _waits(
        self,
        mail: KnownMail,
        kind: str,
        rule: Rule,
        detail: Mapping[str, Json],
        now: datetime,
        read: ReadMail | None = None,
    ) -> MailState:
        treated = Treated(kind, MailState.REVIEW, rule.id, str(rule.who), detail=detail)
        return self._commit(mail, treated if read is None else self._as_reply(treated, read), now)

    def _commit(self, mail: KnownMail, treated: Treated, now: datetime) -> MailState:
        reached("treat.before")
        done = self._journal.inbox.treat(mail.id, treated, now, mail.state)
        reached("treat.after")
        return treated.state if done else MailState.TO_TREAT


def _of_letter(read: ReadMail) -> Rule:
    """Why a mail without an archive waits."""
    if any(one.rule == NO_ARCHIVE for one in read.findings):
        return NO_ARCHIVE
    return cycle_rules.FILES_ONLY if pdfs_of(read) else cycle_rules.LETTER


def answered_since(journal: Journal, mailbox: str) -> datetime | None:
    """From which date on the mails of a mailbox are answered: since it was first read, and the journal was put back."""
    first = [one.first_at for one in journal.inbox.mailboxes() if one.address == mailbox]
    restored = journal.restoration.last()
    return max((*first, *([] if restored is None else [restored])), default=None)


def judged(read: ReadMail, came: Arrival, judgement: Judgement, *, since: datetime | None) -> Treated:
    """What is stored of a mail with documents. A mail that brings nothing new is ignored, and answered all the same.

    Args:
        since: `answered_since`: a mail from before, or without a date, may have been answered.
    """
    decision, cause = judgement.decision, judgement.cause
    nothing_new = decision is Decision.FILED and judgement.person is None
    return Treated(
        Kind.XDM,
        MailState.IGNORED if nothing_new else MailState(decision.value),
        "" if cause is None else cause.rule.id,
        str(Who.NOBODY if cause is None else cause.rule.who),
        None if decision is Decision.REVIEW else judgement.code,
        cycle_rules.ANSWERED_BEFORE.id if since is not None and (read.at is None or read.at < since) else "",
        None if judgement.person is None else judgement.person.dossier_id,
        detail={
            **shown(read),
            "values": {} if cause is None else dict(cause.values),
            CANDIDATES: [one.dossier_id for one in judgement.candidates],
            "documents": [_shown(one) for one in came.documents],
        },
        documents=tuple(_entries(came, judgement)),
    )


def shown(read: ReadMail) -> dict[str, Json]:
    """What a person is shown of a mail."""
    return {
        "from": read.sender,
        "subject": read.subject,
        "message_id": read.message_id,
        "sent": None if read.at is None else read.at.isoformat(),
    }


def _shown(document: object) -> Json:
    return {name: str(getattr(document, name)) for name in ("unique_id", "type_code", "type_label", "title", "author")}


def _entries(came: Arrival, judgement: Judgement) -> Iterator[DocumentEntry]:
    listed = judgement.documents or tuple(Judged(one, Effect.NEW) for one in came.documents)
    for one in listed:
        document = one.document
        if one.effect is Effect.DUPLICATE or not document.unique_id:
            continue
        state = _STATES[judgement.decision]
        target = None
        if state is KeptState.FILED and one.target is not None:
            target = (
                one.target.id,
                (KeptState.CANCELLED if one.effect is Effect.CANCELS else KeptState.REPLACED).value,
            )
        if state is KeptState.FILED and one.effect is Effect.CANCELS:
            state = KeptState.CANCELLED
        yield DocumentEntry(
            unique_id=document.unique_id,
            sha256=document.sha256,
            state=state.value,
            sender=came.sender,
            set_id=document.set_id,
            version=document.version if abs(document.version or 0) <= _LARGEST else None,
            replaces=document.replaces,
            dossier_id=None if judgement.person is None else judgement.person.dossier_id,
            name=name_of(document.unique_id),
            target=target,
        )
