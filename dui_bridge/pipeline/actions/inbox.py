"""What a person decides of the mails that came: file, refuse, believe."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.findings import Finding
from dui_bridge.journal.inbox_records import KnownMail, MailState, Treated
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.inbox_list import candidates, named_mail, of_dossier
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.arrivals import Check, arrival, came_at, check_received, enclosed
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.inbox.errors import (
    NotAReport,
    NotByMail,
    NothingToFile,
    NotWaiting,
    WhichDelivery,
    WhichDossier,
)
from dui_bridge.pipeline.inbox.handing import open_handing
from dui_bridge.pipeline.inbox.posts import mail_destinations, posts
from dui_bridge.pipeline.inbox.records import Arrival, Decision, Effect, Judged, Judgement, Person
from dui_bridge.pipeline.inbox.treating import Treating, answered_since, judged
from dui_bridge.pipeline.reports.texts import text


def file(
    desk: Desk,
    subject: str,
    number: str | None,
    source: str | None,
    reason: str,
    check: Check = check_received,
) -> Done:
    """Files what a mail brings in a dossier, as a person decided; its sender is answered at the next cycle.

    Of a mail without an archive the PDFs are filed, as they are; its sender is told nothing.

    Args:
        number: of the dossier; None: the only one that may be meant.
    Raises:
        ReasonMissing, MailUnknown, NotWaiting, NothingToFile, WhichDossier, SubjectUnknown: nothing was done.
        DuiBridgeError: nothing can be handed to the DUI now, or it does not take these documents.
    """
    reason = given(reason)
    mail = _waiting(desk, subject)
    data = desk.journal.inbox.body(mail.id) if mail.kind in {Kind.XDM, Kind.OTHER} else None
    if data is None:
        raise NothingToFile(subject=subject)
    read = read_mail(data)
    archived = read.kind is Kind.XDM
    if archived:
        came = arrival(read, mailbox=mail.mailbox, at=came_at(mail, read), check=check)
    else:
        came = enclosed(read, mailbox=mail.mailbox, at=came_at(mail, read))
    if not (archived or came.documents):
        raise NothingToFile(subject=subject)
    person = _person(desk, mail, number, source, subject)
    found, _ = posts(desk.site, desk.journal, desk.now)
    with closing(open_handing(desk.site, desk.journal)) as handing:
        treating = Treating(desk.site, desk.journal, found, handing, Doubtful(desk.site, desk.journal), check)
        judgement = treating.judge(mail, came) if archived else _as_they_are(came)
        if not judgement.documents:
            raise NothingToFile(subject=subject)
        decided = replace(judgement, decision=Decision.FILED, cause=None, code="", person=person)
        desk.audit("inbox file", f"mail-{mail.id}", reason=reason, dossier=person.dossier_id, cause=mail.cause)
        handing.hand(mail.id, decided, came)
    treated = replace(
        judged(read, came, decided, since=answered_since(desk.journal, mail.mailbox)), delivery_id=mail.delivery_id
    )
    if not archived:
        treated = replace(treated, kind=mail.kind, code=None)
    if not desk.journal.inbox.treat(mail.id, treated, desk.now, MailState.REVIEW):
        raise _not_waiting(subject, named_mail(desk, subject))
    done = "inbox_filed_now" if archived else "inbox_filed_letter"
    return Done(done, {"mail": f"mail-{mail.id}", "number": person.number, "source": person.source})


def refuse(desk: Desk, subject: str, reason: str, code: str) -> Done:
    """Refuses what waits; the sender of documents is answered at the next cycle. Raises as `file`.

    Args:
        code: that they are answered, 900 to 906.
    """
    reason = given(reason)
    mail = _waiting(desk, subject)
    cause = Finding(rules.BY_PERSON, values={"reason": reason})
    documents = mail.kind == Kind.XDM
    desk.audit("inbox refuse", f"mail-{mail.id}", reason=reason, cause=mail.cause, code=code if documents else None)
    treated = Treated(
        mail.kind,
        MailState.REFUSED,
        cause.rule.id,
        str(cause.rule.who),
        code if documents else None,
        delivery_id=mail.delivery_id,
        detail={**mail.detail, "values": {"reason": reason}},
    )
    if not desk.journal.inbox.treat(mail.id, treated, desk.now, MailState.REVIEW):
        raise _not_waiting(subject, named_mail(desk, subject))
    return Done("inbox_refused_now" if documents else "inbox_closed", {"mail": f"mail-{mail.id}", "code": code})


def believe(desk: Desk, subject: str, named: Sequence[int] | None, reason: str) -> Done:
    """Ties a report that was not believed to the delivery that it is about: what it says counts.

    Args:
        named: the delivery that it is about, alone, as a person named it; None: that which is known.
    Raises:
        ReasonMissing, MailUnknown, NotWaiting, NotAReport, WhichDelivery, NotByMail, SubjectUnknown: nothing was done.
    """
    reason = given(reason)
    mail = _waiting(desk, subject)
    found = (mail.delivery_id,) if named is None else named
    about = found[0] if len(found) == 1 else None
    if about is None:
        raise WhichDelivery(subject=subject)
    if desk.case(about).delivery.destination not in mail_destinations(desk.site):
        raise NotByMail(subject=f"delivery-{about}")
    with closing(open_handing(desk.site, desk.journal)) as handing:
        treating = Treating(desk.site, desk.journal, {}, handing, Doubtful(desk.site, desk.journal))
        treated = treating.tied(mail, about)
        if treated is None:
            raise NotAReport(subject=subject)
        desk.audit("inbox believe", f"mail-{mail.id}", reason=reason, delivery=f"delivery-{about}", cause=mail.cause)
        if not desk.journal.inbox.tie(mail.id, *treated, desk.now, MailState.REVIEW):
            raise _not_waiting(subject, named_mail(desk, subject))
    desk.ask_policy()
    return Done("inbox_believed", {"mail": f"mail-{mail.id}", "delivery": f"delivery-{about}"})


def _as_they_are(came: Arrival) -> Judgement:
    """The files of a letter: nothing says what they replace."""
    return Judgement(Decision.REVIEW, documents=tuple(Judged(one, Effect.NEW) for one in came.documents))


def _waiting(desk: Desk, subject: str) -> KnownMail:
    mail = named_mail(desk, subject)
    if mail.state is not MailState.REVIEW:
        raise _not_waiting(subject, mail)
    return mail


def _not_waiting(subject: str, mail: KnownMail) -> NotWaiting:
    words = (text(f"one_{mail.state}", language) for language in ("en", "fr"))
    return NotWaiting(subject=subject, **dict(zip(("state", "state_fr"), words, strict=True)))


def _person(desk: Desk, mail: KnownMail, number: str | None, source: str | None, subject: str) -> Person:
    if number is None:
        found = candidates(desk, mail)
    else:
        people = (of_dossier(desk, mail, one) for one in desk.dossiers(number))
        found = [one for one in people if one is not None]
    found = [one for one in found if source in (None, one.source)]
    if len(found) != 1:
        known = ", ".join(f"{one.source} {one.number}" for one in found) or "—"
        raise WhichDossier(subject=subject, known=known)
    return found[0]
