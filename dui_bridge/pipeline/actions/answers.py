"""Answers to mails that came of which nobody knows whether they left, or that cannot be sent: a person decides."""

from __future__ import annotations

from dui_bridge.findings import Language
from dui_bridge.journal.inbox_records import AnswerState
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.inbox_list import named_mail
from dui_bridge.pipeline.inbox.errors import NoAnswerToDecide
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text


def undecided(desk: Desk, language: Language) -> Done:
    """The answers that wait for a person, the oldest first; 1 when there are any."""
    found = desk.journal.receipts.undecided_answers()
    rows = tuple(
        {
            "mail": f"mail-{one.received_id}",
            "state": one.state.value,
            "at": one.at.isoformat(),
            "mailbox": one.mailbox,
            "code": one.code,
            "cause": one.cause,
        }
        for one in found
    )
    told = tuple(
        {
            "mail": row["mail"],
            "answer": text(f"answered_{one.state}", language),
            "at": moment(one.at, desk.zone, language),
            "mailbox": one.mailbox,
            "code": one.code,
            "why": f"{explain_cause(one.cause, None, language).message} [{one.cause}]" if one.cause else "",
        }
        for row, one in zip(rows, found, strict=True)
    )
    return Done("answers", {"number": len(rows)}, rows, exit_code=int(bool(rows)), told=told)


def answered(desk: Desk, subject: str, reason: str) -> Done:
    """The sender of a mail knows what became of it. Raises ReasonMissing, MailUnknown, NoAnswerToDecide."""
    return _decide(desk, subject, reason, AnswerState.SENT, "answered")


def answer_again(desk: Desk, subject: str, reason: str) -> Done:
    """The answer did not arrive: it is sent at the next cycle. Raises as `answered`."""
    return _decide(desk, subject, reason, AnswerState.WAITING, "answer-again")


def _decide(desk: Desk, subject: str, reason: str, state: AnswerState, command: str) -> Done:
    reason, mail = given(reason), named_mail(desk, subject)
    if not desk.journal.receipts.decide_answer(mail.id, state, desk.now):
        raise NoAnswerToDecide(subject=subject)
    desk.audit(f"inbox {command}", f"mail-{mail.id}", reason=reason)
    return Done("answer_noted" if state is AnswerState.SENT else "answer_again", {"mail": f"mail-{mail.id}"})
