"""What a person decides of the mails that came: list, file, refuse, believe. `inbox_show` shows one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.findings import Finding, Language
from dui_bridge.journal.inbox_records import CANDIDATES, KnownMail, MailState, Treated
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.arrivals import Check, arrival, check_received, enclosed
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.inbox.errors import (
    MailUnknown,
    NotAReport,
    NotByMail,
    NothingToFile,
    NotWaiting,
    WhichDelivery,
    WhichDossier,
)
from dui_bridge.pipeline.inbox.handing import open_handing
from dui_bridge.pipeline.inbox.known import JournalKnown
from dui_bridge.pipeline.inbox.posts import mail_destinations, posts
from dui_bridge.pipeline.inbox.records import Arrival, Decision, Effect, Judged, Judgement, Person
from dui_bridge.pipeline.inbox.treating import Treating, answered_since, came_at, judged
from dui_bridge.pipeline.reports.causes import Cause, explain_cause
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text

_NUMBER: Final = re.compile(r"(?:mail-)?([1-9][0-9]{0,17})", re.ASCII)
WAITING: Final = (MailState.TO_TREAT, MailState.REVIEW)


def listed(desk: Desk, states: Sequence[MailState], language: Language) -> Done:
    """The mails in these states, the oldest first; 1 when one of them waits for a person."""
    found = list(desk.journal.inbox.mails(states))
    waits = sum(one.state is MailState.REVIEW for one in found)
    rows = tuple(row(one, language) for one in found)
    told = tuple(told_row(one, desk.zone, language) for one in found)
    return Done("inbox", {"number": len(found), "waiting": waits}, rows, exit_code=int(waits > 0), told=told)


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


def refuse(desk: Desk, subject: str, reason: str, code: str = rules.ANSWERS[rules.BY_PERSON.id]) -> Done:
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


def named_mail(desk: Desk, subject: str) -> KnownMail:
    """The mail that a person named. Raises MailUnknown."""
    number = _NUMBER.fullmatch(subject)
    found = None if number is None else desk.journal.inbox.mail(int(number[1]))
    if found is None:
        raise MailUnknown(subject=subject)
    return found


def _waiting(desk: Desk, subject: str) -> KnownMail:
    mail = named_mail(desk, subject)
    if mail.state is not MailState.REVIEW:
        raise _not_waiting(subject, mail)
    return mail


def _not_waiting(subject: str, mail: KnownMail) -> NotWaiting:
    words = (text(f"one_{mail.state}", language) for language in ("en", "fr"))
    return NotWaiting(subject=subject, **dict(zip(("state", "state_fr"), words, strict=True)))


def cause_of(mail: KnownMail, language: Language) -> Cause:
    """Why it waits or was refused, with the values of its cause."""
    values = mail.detail.get("values")
    known = {name: str(value) for name, value in values.items()} if isinstance(values, dict) else {}
    known["mail"] = f"mail-{mail.id}"
    return explain_cause(mail.cause, known, language, state=mail.state, who=mail.who)


def row(mail: KnownMail, language: Language) -> dict[str, Json]:
    """What a list tells of a mail, for machines."""
    cause = cause_of(mail, language) if mail.cause else None
    return {
        "mail": f"mail-{mail.id}",
        "state": mail.state.value,
        "kind": mail.kind,
        "at": mail.at.isoformat(),
        "mailbox": mail.mailbox,
        "from": str(mail.detail.get("from") or ""),
        "code": mail.cause or mail.code,
        "cause": "" if cause is None else cause.message,
    }


def told_row(mail: KnownMail, zone: tzinfo, language: Language) -> dict[str, Json]:
    """`row` for a person."""
    known = row(mail, language)
    return {
        **known,
        "kind": text(f"mailkind_{mail.kind}", language) if mail.kind else "",
        "at": moment(mail.at, zone, language),
    }


def candidates(desk: Desk, mail: KnownMail) -> list[Person]:
    """The dossiers that may be meant, of those that are still here."""
    kept = mail.detail.get(CANDIDATES)
    ids = [one for one in kept if isinstance(one, int)] if isinstance(kept, list) else []
    found = (_of_dossier(desk, mail, one) for one in ids)
    return [one for one in found if one is not None]


def _of_dossier(desk: Desk, mail: KnownMail, dossier_id: int) -> Person | None:
    """The person of a dossier; of a site without identities, what the dossier says alone."""
    identity = desk.journal.identities.get(dossier_id)
    if identity is not None:
        return JournalKnown(desk.journal, desk.site.profile, mail.id).person(identity)
    dossier = desk.journal.dossiers.get(dossier_id)
    if dossier is None or dossier.erased:
        return None
    return Person(dossier.id, dossier.source, dossier.finess or "", dossier.number, qualified=False)


def _person(desk: Desk, mail: KnownMail, number: str | None, source: str | None, subject: str) -> Person:
    if number is None:
        found = candidates(desk, mail)
    else:
        people = (_of_dossier(desk, mail, one) for one in desk.dossiers(number))
        found = [one for one in people if one is not None]
    found = [one for one in found if source in (None, one.source)]
    if len(found) != 1:
        known = ", ".join(f"{one.source} {one.number}" for one in found) or "—"
        raise WhichDossier(subject=subject, known=known)
    return found[0]
