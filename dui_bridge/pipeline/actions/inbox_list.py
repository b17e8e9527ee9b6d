"""The mails that came, as a person sees them: in a list, why they wait, and which dossiers may be meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.journal.inbox_records import CANDIDATES, KnownMail, MailState
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.inbox.errors import MailUnknown
from dui_bridge.pipeline.inbox.known import JournalKnown
from dui_bridge.pipeline.inbox.records import Person
from dui_bridge.pipeline.reports.causes import Cause, explain_cause
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text

_NUMBER: Final = re.compile(r"(?:mail-)?([1-9][0-9]{0,17})", re.ASCII)
WAITING: Final = (MailState.TO_TREAT, MailState.REVIEW)


def listed(desk: Desk, states: Sequence[MailState], language: Language) -> Done:
    """The mails in these states, the oldest first; 1 when one of them waits for a person."""
    found = list(desk.journal.inbox.mails(states))
    waits = sum(one.state is MailState.REVIEW for one in found)
    rows = [row(one, language) for one in found]
    told = tuple(told_row(known, one, desk.zone, language) for known, one in zip(rows, found, strict=True))
    return Done("inbox", {"number": len(found), "waiting": waits}, tuple(rows), exit_code=int(waits > 0), told=told)


def named_mail(desk: Desk, subject: str) -> KnownMail:
    """The mail that a person named. Raises MailUnknown."""
    number = _NUMBER.fullmatch(subject)
    found = None if number is None else desk.journal.inbox.mail(int(number[1]))
    if found is None:
        raise MailUnknown(subject=subject)
    return found


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


def told_row(known: Mapping[str, Json], mail: KnownMail, zone: tzinfo, language: Language) -> dict[str, Json]:
    """A `row` for a person."""
    return {
        **known,
        "kind": text(f"mailkind_{mail.kind}", language) if mail.kind else "",
        "at": moment(mail.at, zone, language),
    }


def candidates(desk: Desk, mail: KnownMail) -> list[Person]:
    """The dossiers that may be meant, of those that are still here."""
    kept = mail.detail.get(CANDIDATES)
    ids = [one for one in kept if isinstance(one, int)] if isinstance(kept, list) else []
    found = (of_dossier(desk, mail, one) for one in ids)
    return [one for one in found if one is not None]


def of_dossier(desk: Desk, mail: KnownMail, dossier_id: int) -> Person | None:
    """The person of a dossier; of a site without identities, what the dossier says alone."""
    identity = desk.journal.identities.get(dossier_id)
    if identity is not None:
        return JournalKnown(desk.journal, desk.site.profile, mail.id).person(identity)
    dossier = desk.journal.dossiers.get(dossier_id)
    if dossier is None or dossier.erased:
        return None
    return Person(dossier.id, dossier.source, dossier.finess or "", dossier.number, qualified=False)
