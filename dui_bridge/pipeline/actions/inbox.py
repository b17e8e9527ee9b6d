"""What a person sees and decides of the mails that came: list, show, file, refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.findings import Finding, Language
from dui_bridge.journal.inbox_records import KnownMail, MailState, Treated
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.arrivals import Check, arrival, check_received
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.inbox.errors import MailUnknown, NothingToFile, NotWaiting, WhichDossier
from dui_bridge.pipeline.inbox.known import JournalKnown
from dui_bridge.pipeline.inbox.laying import lay
from dui_bridge.pipeline.inbox.posts import posts
from dui_bridge.pipeline.inbox.receive import inbox_folder
from dui_bridge.pipeline.inbox.records import Decision, Person
from dui_bridge.pipeline.inbox.treating import Treating, answered_since, came_at, judged
from dui_bridge.pipeline.reports.causes import Cause, explain_cause
from dui_bridge.pipeline.reports.texts import text

_NUMBER: Final = re.compile(r"(?:mail-)?([1-9][0-9]{0,17})", re.ASCII)
_SHOWN: Final = (
    "state", "kind", "at", "mailbox", "from", "subject", "cause", "action", "documents", "candidates", "delivery",
    "answer",
)  # fmt: skip
WAITING: Final = (MailState.TO_TREAT, MailState.REVIEW)


def listed(desk: Desk, states: Sequence[MailState], language: Language) -> Done:
    """The mails in these states, the oldest first; 1 when one of them waits for a person."""
    found = list(desk.journal.inbox.mails(states))
    waits = sum(one.state is MailState.REVIEW for one in found)
    rows = tuple(_row(one, language) for one in found)
    return Done("inbox", {"number": len(found), "waiting": waits}, rows, exit_code=int(waits > 0))


def shown(desk: Desk, subject: str, language: Language) -> Done:
    """One mail, with its documents, the dossiers that may be meant, and its answer. Raises MailUnknown."""
    mail = _mail(desk, subject)
    answer = desk.journal.receipts.answer_to(mail.id)
    detail = mail.detail
    values: dict[str, Json] = {
        "mail": f"mail-{mail.id}",
        **_row(mail, language),
        "subject": detail.get("subject") or "",
        "sent": detail.get("sent"),
        "action": _cause(mail, language).action if mail.cause else "",
        "documents": detail.get("documents") or [],
        "candidates": [_candidate(one) for one in _candidates(desk, mail)],
        "delivery": None if mail.delivery_id is None else f"delivery-{mail.delivery_id}",
        "answer": None if answer is None else {"code": answer.code, "state": answer.state.value},
    }
    return Done("inbox_shown", values, tuple(_lines(values, language)))


def file(
    desk: Desk,
    subject: str,
    number: str | None,
    source: str | None,
    reason: str,
    check: Check = check_received,
) -> Done:
    """Files what a mail brings in a dossier, as a person decided; its sender is answered at the next cycle.

    Args:
        number: of the dossier; None: the only one that may be meant.
    Raises:
        ReasonMissing, MailUnknown, NotWaiting, NothingToFile, WhichDossier, SubjectUnknown: nothing was done.
        FileUnusable: the DUI's inbox cannot be written.
    """
    reason = given(reason)
    mail = _waiting(desk, subject)
    data = desk.journal.inbox.body(mail.id) if mail.kind == Kind.XDM else None
    if data is None:
        raise NothingToFile(subject=subject)
    person = _person(desk, mail, number, source, subject)
    read = read_mail(data)
    came = arrival(read, mailbox=mail.mailbox, at=came_at(mail, read), check=check)
    found, _ = posts(desk.site, desk.journal, desk.now)
    folder = inbox_folder(desk.site)
    treating = Treating(desk.site, desk.journal, found, folder, Doubtful(desk.site, desk.journal), check)
    judgement = treating.judge(mail, came)
    if not judgement.documents:
        raise NothingToFile(subject=subject)
    decided = replace(judgement, decision=Decision.FILED, cause=None, code="", person=person)
    desk.audit("inbox file", f"mail-{mail.id}", reason=reason, dossier=person.dossier_id, cause=mail.cause)
    lay(folder, decided, came)
    treated = replace(
        judged(read, came, decided, since=answered_since(desk.journal, mail.mailbox)), delivery_id=mail.delivery_id
    )
    if not desk.journal.inbox.treat(mail.id, treated, desk.now, MailState.REVIEW):
        raise _not_waiting(subject, _mail(desk, subject))
    return Done("inbox_filed_now", {"mail": f"mail-{mail.id}", "number": person.number, "source": person.source})


def refuse(desk: Desk, subject: str, reason: str) -> Done:
    """Refuses what waits; the sender of documents is answered 906 at the next cycle. Raises as `file`."""
    reason = given(reason)
    mail = _waiting(desk, subject)
    cause = Finding(rules.BY_PERSON, values={"reason": reason})
    documents = mail.kind == Kind.XDM
    desk.audit("inbox refuse", f"mail-{mail.id}", reason=reason, cause=mail.cause)
    treated = Treated(
        mail.kind,
        MailState.REFUSED,
        cause.rule.id,
        str(cause.rule.who),
        rules.ANSWERS[cause.rule.id] if documents else None,
        delivery_id=mail.delivery_id,
        detail={**mail.detail, "values": {"reason": reason}},
    )
    if not desk.journal.inbox.treat(mail.id, treated, desk.now, MailState.REVIEW):
        raise _not_waiting(subject, _mail(desk, subject))
    return Done("inbox_refused_now" if documents else "inbox_closed", {"mail": f"mail-{mail.id}"})


def _lines(values: Mapping[str, Json], language: Language) -> Iterator[dict[str, Json]]:
    """What is known of a mail, a label and its words on each line."""
    for name in _SHOWN:
        value = text(f"one_{values[name]}", language) if name == "state" else values[name]
        for one in value if isinstance(value, list) else [value]:
            words = " ".join(str(part) for part in one.values() if part) if isinstance(one, dict) else str(one or "")
            if words:
                yield {"name": text(f"mail_{name}", language), "value": words}


def _mail(desk: Desk, subject: str) -> KnownMail:
    number = _NUMBER.fullmatch(subject)
    found = None if number is None else desk.journal.inbox.mail(int(number[1]))
    if found is None:
        raise MailUnknown(subject=subject)
    return found


def _waiting(desk: Desk, subject: str) -> KnownMail:
    mail = _mail(desk, subject)
    if mail.state is not MailState.REVIEW:
        raise _not_waiting(subject, mail)
    return mail


def _not_waiting(subject: str, mail: KnownMail) -> NotWaiting:
    words = (text(f"one_{mail.state}", language) for language in ("en", "fr"))
    return NotWaiting(subject=subject, **dict(zip(("state", "state_fr"), words, strict=True)))


def _cause(mail: KnownMail, language: Language) -> Cause:
    values = mail.detail.get("values")
    known = {name: str(value) for name, value in values.items()} if isinstance(values, dict) else {}
    return explain_cause(mail.cause, known, language, state=mail.state, who=mail.who)


def _row(mail: KnownMail, language: Language) -> dict[str, Json]:
    cause = _cause(mail, language) if mail.cause else None
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


def _candidates(desk: Desk, mail: KnownMail) -> list[Person]:
    kept = mail.detail.get("candidates")
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


def _candidate(one: Person) -> Json:
    return {"source": one.source, "establishment": one.finess, "dossier": one.number}


def _person(desk: Desk, mail: KnownMail, number: str | None, source: str | None, subject: str) -> Person:
    if number is None:
        found = _candidates(desk, mail)
    else:
        people = (_of_dossier(desk, mail, one) for one in desk.dossiers(number))
        found = [one for one in people if one is not None]
    found = [one for one in found if source in (None, one.source)]
    if len(found) != 1:
        known = ", ".join(f"{one.source} {one.number}" for one in found) or "—"
        raise WhichDossier(subject=subject, known=known)
    return found[0]
