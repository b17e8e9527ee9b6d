"""One cycle of receiving: what came is kept, then treated, then answered. Killed anywhere, the next cycle goes on.

A mail is committed to the journal before it is marked as seen; it is known by its Message-ID and its body, so that what
is fetched twice is one mail. Each mailbox, and each mail, fails alone.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from dui_bridge.connectors.mssante.imap import Fetched, MailboxReader
from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.errors import DuiBridgeError, JournalUnusable
from dui_bridge.journal.inbox_records import AnswerState, CameMail, MailState
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery import points
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.answering import Note, send_answers
from dui_bridge.pipeline.inbox.arrivals import Check, check_received
from dui_bridge.pipeline.inbox.awaiting import await_replies
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.inbox.handing import open_handing
from dui_bridge.pipeline.inbox.posts import Post, mail_destinations, posts
from dui_bridge.pipeline.inbox.proposing import ask_for_others
from dui_bridge.pipeline.inbox.treating import NOT_FETCHED, Treating
from dui_bridge.site.settings import Site

LOCK: Final = "receive"
_AUDITED: Final = "mssante receive"
_ITSELF: Final = "serve"
"""Who acts when nobody does, for the audit."""
_ALL: Final = "0.0"
"""A cursor before every mail."""
_ROUNDS: Final = 100
"""So many batches of one mailbox are fetched in one cycle; the next one goes on."""


@dataclass(frozen=True)
class Emptied:
    """One mailbox. `kept`: mails that were new. `error`: why it was not read to its end."""

    address: str
    kept: int
    error: DuiBridgeError | None = None


@dataclass
class Cycle:
    """What a cycle did.

    Args:
        under_way: another process was at it: nothing was done.
        treated: what became of the mails that nobody had looked at.
        answers: what became of those that were due.
        errors: what kept something from being done, each once.
    """

    under_way: bool = False
    mailboxes: list[Emptied] = field(default_factory=list)
    treated: Counter[MailState] = field(default_factory=Counter)
    answers: Counter[AnswerState] = field(default_factory=Counter)
    errors: list[DuiBridgeError] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return sum(one.kept for one in self.mailboxes)

    def exit_code(self) -> int:
        """0; 1 when something waits for a person; that of what is wrong otherwise, what a person must correct first."""
        waits = int(self.treated[MailState.REVIEW] > 0)
        return min((error.exit_code for error in self.errors), default=waits)

    def counts(self) -> dict[str, Json]:
        """What is audited of it."""
        treated = {f"inbox_{state}": number for state, number in self.treated.items()}
        answers = {f"answer_{state}": number for state, number in self.answers.items()}
        errors: list[Json] = [one.code for one in self.errors]
        return {"mailboxes": len(self.mailboxes), "kept": self.kept, **treated, **answers, "errors": errors}

    def did_something(self) -> bool:
        """Whether anything came, was treated or was answered."""
        return bool(self.kept or self.answers or any(state is not MailState.TO_TREAT for state in self.treated))

    def failed(self, error: DuiBridgeError) -> None:
        """Notes an error, once."""
        if all(one.message() != error.message() for one in self.errors):
            self.errors.append(error)


def receive(
    site: Site,
    journal: Journal,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    check: Check = check_received,
    note: Note | None = None,
) -> Cycle:
    """Reads every mailbox of the site once, treats what came, and sends the answers that are due.

    It is one row of the audit; a cycle that nobody asked for and that had nothing to do is none.

    Args:
        note: audits in the name of whoever asked for it.
    Raises:
        JournalUnusable: the next cycle goes on.
    """
    points.arm(site.profile)
    with journal.lock(LOCK) as held:
        if not held:
            return Cycle(under_way=True)
        cycle, noted = Cycle(), note or _by_itself(journal, clock)
        found, wrong = posts(site, journal, clock())
        for error in wrong.values():
            cycle.failed(error)
        journal.receipts.lose_answers(clock(), journal.restoration.last())
        for post in found.values():
            emptied = _fetch(journal, post, clock)
            cycle.mailboxes.append(emptied)
            if emptied.error is not None:
                cycle.failed(emptied.error)
        _treat(site, journal, found, cycle, clock, check)
        if (unasked := ask_for_others(site, journal, clock())) is not None:
            cycle.failed(unasked)
        for post in found.values():
            _mark(journal, post, cycle)
            answered = send_answers(journal, post, clock(), noted)
            cycle.answers += answered.states
            if answered.error is not None:
                cycle.failed(answered.error)
        await_replies(site, journal)
        for name in mail_destinations(site):
            journal.deliveries.cancel_needless(name, clock())
        if note is not None or cycle.did_something():
            noted(_AUDITED, site.id, cycle.counts())
        return cycle


def _by_itself(journal: Journal, clock: Callable[[], datetime]) -> Note:
    def note(action: str, subject: str, details: Mapping[str, Json]) -> None:
        journal.audit.add(_ITSELF, f"{socket.gethostname()}/-", action, subject, details, clock())

    return note


def _fetch(journal: Journal, post: Post, clock: Callable[[], datetime]) -> Emptied:
    """Keeps what came into a mailbox since the last time."""
    kept = 0
    # What was read since the backup of a journal that was put back is marked as seen: it is read all the same.
    first = None if journal.restoration.last() is None else _ALL
    try:
        with closing(post.reader()) as reader:
            for _ in range(_ROUNDS):
                before = journal.inbox.cursor(post.address, post.folder)
                for one in reader.fetch(before or first):
                    kept += _keep(journal, post, one, clock())
                if journal.inbox.cursor(post.address, post.folder) == before:
                    break
    except JournalUnusable:
        raise
    except DuiBridgeError as error:
        journal.inbox.read(post.address, post.folder, clock(), error.code)
        return Emptied(post.address, kept, error)
    journal.inbox.read(post.address, post.folder, clock())
    return Emptied(post.address, kept)


def _keep(journal: Journal, post: Post, one: Fetched, at: datetime) -> int:
    message_id = "" if one.data is None else read_mail(one.data).message_id
    reached("keep.before")
    mail = CameMail(post.address, post.folder, one.cursor, message_id, one.size, one.data)
    new = journal.inbox.keep(mail, at)
    reached("keep.after")
    return int(new)


def _treat(
    site: Site,
    journal: Journal,
    found: dict[str, Post],
    cycle: Cycle,
    clock: Callable[[], datetime],
    check: Check,
) -> None:
    with closing(open_handing(site, journal)) as handing:
        treating = Treating(site, journal, found, handing, Doubtful(site, journal), check)
        for number in journal.inbox.to_treat():
            mail = journal.inbox.mail(number)
            if mail is None or mail.mailbox.lower() not in found:
                continue  # its mailbox cannot be reached now: who may write to it is not known
            try:
                cycle.treated[treating.treat(mail, clock())] += 1
            except JournalUnusable:
                raise
            except DuiBridgeError as error:
                cycle.failed(error)


def _mark(journal: Journal, post: Post, cycle: Cycle) -> None:
    """Marks in a mailbox what is kept of it."""
    rows = journal.inbox.to_mark(post.address)
    if not rows:
        return
    try:
        with closing(post.reader()) as reader:
            for row in rows:
                _settle(reader, row["size"], row["cursor"], failed=_failed(row["kind"], row["cause"]))
                reached("mark.before")
                journal.inbox.marked(row["id"])
                reached("mark.after")
    except JournalUnusable:
        raise
    except DuiBridgeError as error:
        cycle.failed(error)


def _failed(kind: str, cause: str) -> bool:
    """Whether nothing could be done with a mail."""
    return kind == NOT_FETCHED or cause == rules.UNREADABLE.id


def _settle(reader: MailboxReader, size: int, cursor: str, *, failed: bool) -> None:
    reader.settle(Fetched(int(cursor.partition(".")[2]), size, cursor), failed=failed)
