"""Answers to mails that came: one for each, sent once, and audited with what the server said. What may have left is
never sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.connectors.mssante.message import Mail
from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.connectors.mssante.receipts import answer
from dui_bridge.connectors.mssante.replies import bare
from dui_bridge.connectors.mssante.smtp import SmtpLine
from dui_bridge.errors import AnswerLost, DuiBridgeError, FixConfiguration, JournalUnusable, Retry
from dui_bridge.journal.inbox_records import AnswerState, KnownAnswer
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.inbox import cycle_rules
from dui_bridge.pipeline.inbox.posts import Post

Note = Callable[[str, str, Mapping[str, Json]], None]
"""Adds a row to the audit: the action, the public id of what it was about, and details without personal data."""

AUDITED: Final = "mssante answer"
"""The action in the audit of an answer."""
_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=6)
_TRIES: Final = 30
"""With these delays, some days."""


@dataclass
class Answered:
    """What was done. `error`: why the others wait."""

    states: Counter[AnswerState] = field(default_factory=Counter)
    error: DuiBridgeError | None = None


def send_answers(journal: Journal, post: Post, now: datetime, note: Note) -> Answered:
    """Sends what a mailbox owes; the first that cannot be sent now ends it. Nothing between a restore and `reconcile`.

    Raises:
        JournalUnusable.
    """
    done = Answered()
    due = [] if journal.restoration.is_open() else journal.receipts.due_answers(post.address, now)
    if not due:
        return done
    try:
        line = post.line()
    except FixConfiguration as error:
        done.error = error
        return done
    with closing(line):
        for one in due:
            done.error = _send(journal, post, line, one, now, done.states, note)
            if done.error is not None:
                break
    return done


def _send(
    journal: Journal,
    post: Post,
    line: SmtpLine,
    one: KnownAnswer,
    now: datetime,
    states: Counter[AnswerState],
    note: Note,
) -> DuiBridgeError | None:
    """What keeps everything from being sent; None when the next may be tried."""
    reached("answer.before")
    if not journal.receipts.start_answer(one.id):
        return None
    reached("answer.after")
    mail = _mail(journal, post, one)
    # Whoever sent what is filed, and asked for no receipt, is told nothing; who is refused ought to be.
    state, cause = AnswerState.NONE, cycle_rules.NOT_ANSWERABLE.id if one.code else ""
    said = ""
    if mail is not None:
        try:
            reply = line.send(mail).reply
            reached("answered.before")
            state, cause, said = AnswerState.SENT, "", f"{reply.answer} {bare(reply.words)}"
        except JournalUnusable:
            raise
        except AnswerLost as error:
            state, cause = AnswerState.DOUBTFUL, error.code
        except (Retry, FixConfiguration) as error:
            if one.tries + 1 < _TRIES:
                journal.receipts.retry_answer(one, now + min(_FIRST * 2**one.tries, _LONGEST), error.code)
                states[AnswerState.WAITING] += 1
                return error
            state, cause = AnswerState.GIVEN_UP, error.code
        except DuiBridgeError as error:
            state, cause = AnswerState.GIVEN_UP, error.code
    named = {"message_id": None if mail is None else mail.message_id, "reply": said, "cause": cause}
    told: dict[str, Json] = {name: value for name, value in {"code": one.code, **named}.items() if value}
    # First: lost in between, it still tells whoever decides that it left.
    if state is not AnswerState.NONE or one.code:
        note(AUDITED, f"mail-{one.received_id}", {"state": state.value, **told})
    journal.receipts.end_answer(one, state, now, cause)
    reached("answered.after")
    states[state] += 1
    return None


def _mail(journal: Journal, post: Post, one: KnownAnswer) -> Mail | None:
    data = journal.inbox.body(one.received_id)
    return None if data is None else answer(read_mail(data), data, one.code, post.answering, one.at)
