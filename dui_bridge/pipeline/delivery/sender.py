"""One delivery and its destination: what is sent, what is asked, and what that makes of the delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dui_bridge.connectors.ports import Destination, Prepared
from dui_bridge.errors import DuiBridgeError, JournalUnusable
from dui_bridge.journal.records import Sendable
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Answer
from dui_bridge.pipeline.delivery import answers, rules
from dui_bridge.pipeline.delivery.answers import INTERRUPTED_TRY, Verdict
from dui_bridge.pipeline.delivery.context import context_of
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.retries import Family, family_of
from dui_bridge.pipeline.policy.recipients import Addressed


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of speaking to a destination.

    Args:
        verdict: None: it may be there, and the destination could not be asked now.
        trouble: what the destination raised; None when it answered.
        lost: what made it be asked for, when `verdict` is None.
    """

    verdict: Verdict | None
    trouble: DuiBridgeError | None = None
    lost: str = ""


Parcel: TypeAlias = tuple[Destination, Prepared] | DuiBridgeError
"""What will be handed over and to whom, or why it cannot be made."""


class Sender:
    """Speaks to one destination, with one object for each source; `close` it."""

    def __init__(self, destination: OpenDestination, journal: Journal) -> None:
        self._destination, self._journal = destination, journal
        self._means = destination.means(journal)
        self._opened: dict[str, Destination] = {}

    def close(self) -> None:
        """Frees the connections."""
        for opened in self._opened.values():
            opened.close()
        self._opened.clear()

    def prepare(self, sendable: Sendable, chosen: Sequence[Addressed] = (), now: datetime | None = None) -> Parcel:
        """Makes what is sent. Before the try is committed: whatever goes wrong here, nothing has left.

        Args:
            chosen: what policy says of each recipient of a mail.
            now: the time that a try which begins now is going to have.
        Raises:
            JournalUnusable.
        """
        source = sendable.case.delivery.source
        try:
            destination = self._opened.get(source)
            if destination is None:
                destination = self._opened[source] = self._destination.for_source(source, self._means)
            channel = self._destination.channel
            context = context_of(sendable, channel, self._journal, chosen, now)
            return destination, destination.prepare(sendable.built, context)
        except JournalUnusable:
            raise
        except DuiBridgeError as error:
            return error

    def send(self, sendable: Sendable, parcel: Parcel, *, last: bool, down: bool, restored: bool = False) -> Sent:
        """Sends it. What may have been taken by an earlier try is asked for before.

        Args:
            parcel: what `prepare` made of it.
            last: no try is left.
            down: the destination was known not to answer before this try.
            restored: it may have left before the journal was put back.
        """
        if restored or sendable.case.delivery.cause == rules.NOT_THERE.id:
            # When it was asked for, the destination may still have been busy taking it.
            asked = _ask_restored(parcel) if restored else _ask(parcel, code="", interrupted=True, last=False)
            if asked.verdict is None or asked.verdict.cause != rules.NOT_THERE.id:
                return asked
        if isinstance(parcel, DuiBridgeError):
            if family_of(parcel) is Family.LOST:
                return Sent(answers.unfit(parcel))
            return Sent(answers.failed(parcel, last=last, down=down), parcel)
        destination, prepared = parcel
        try:
            reached("send.before")
            outcome = destination.send(prepared)
            reached("send.after")
        except DuiBridgeError as error:
            if family_of(error) is not Family.LOST:
                return Sent(answers.failed(error, last=last, down=down), error)
            asked = _ask(parcel, code=error.code, interrupted=False, last=last)
            verdict = None if asked.verdict is None else answers.with_words(asked.verdict, error)
            return Sent(verdict, asked.trouble or error, asked.lost)
        return Sent(answers.told(outcome))

    def ask(self, sendable: Sendable, chosen: Sequence[Addressed], *, lost: str, last: bool) -> Sent:
        """Asks for what was being sent. `lost`: what made the answer be lost; empty when the process died."""
        return _ask(self.prepare(sendable, chosen), code=lost, interrupted=not lost, last=last)

    def ask_restored(self, sendable: Sendable, chosen: Sequence[Addressed]) -> Sent:
        """Asks for what may have left before the journal was put back."""
        return _ask_restored(self.prepare(sendable, chosen))


def _ask_restored(parcel: Parcel) -> Sent:
    asked = _ask(parcel, code="", interrupted=True, last=False)
    if asked.verdict is not None and asked.verdict.cause == rules.INTERRUPTED.id:
        return Sent(answers.lost(rules.RESTORED, INTERRUPTED_TRY, ""))
    return asked


def _ask(parcel: Parcel, *, code: str, interrupted: bool, last: bool) -> Sent:
    if isinstance(parcel, DuiBridgeError):
        if family_of(parcel) is not Family.LOST:
            return Sent(None, parcel, code)
        # What it would be compared with cannot be made, now or later: only a person can say.
        return _unanswered(code, interrupted=interrupted)
    destination, prepared = parcel
    try:
        reached("ask.before")
        outcome = destination.resolve(prepared)
        reached("ask.after")
    except DuiBridgeError as error:
        return Sent(None, error, code)
    if outcome is None:
        return _unanswered(code, interrupted=interrupted)
    if outcome.answer is Answer.ABSENT:
        return Sent(answers.never_left() if interrupted else answers.absent(code, last=last))
    return Sent(answers.told(outcome))


def _unanswered(code: str, *, interrupted: bool) -> Sent:
    if interrupted:
        return Sent(answers.lost(rules.INTERRUPTED, INTERRUPTED_TRY, code))
    return Sent(answers.lost(rules.LOST, Family.LOST, code))
