"""Sends what is ready to one destination, one at a time. One worker per destination at any moment, in all processes.

What makes a crash harmless: `sending` is committed before the first byte leaves, and what is found `sending` when a
worker starts is asked for; never sent again unasked. The end of one try and the start of the next are one commit,
unless there is something to wait for in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Final, Protocol

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Who
from dui_bridge.journal.records import Damaged, DeliveryCase, Finished, KnownDelivery, Sendable
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery import answers, rules
from dui_bridge.pipeline.delivery.addressing import parted
from dui_bridge.pipeline.delivery.answers import UNCOUNTED, Verdict
from dui_bridge.pipeline.delivery.breaker import Breaker
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.retries import Family, backoff, family_of, longest_delay, retry_delay
from dui_bridge.pipeline.delivery.sender import Sender, Sent
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.policy.chain import Ruling
from dui_bridge.pipeline.policy.recipients import Addressed
from dui_bridge.site.forms import per_second

_LOCK_PAUSE: Final = 0.1


class Gatekeeper(Protocol):
    """Who is asked before each send (`gate.Gate`)."""

    def ruling(self, case: DeliveryCase, now: datetime) -> Ruling:
        """Whether it may leave now."""


@dataclass(frozen=True)
class Tools:
    """What a worker takes from outside.

    Args:
        clock: gives aware times.
        random: gives numbers of [0, 1).
        patience: the longest single wait in seconds; for more, the worker ends and says until when.
        sleep: waits that many seconds; None: until then, or until the work is to stop.
        steps: told when a destination is left alone and when it works again; from several threads.
        at_once: a person asks for it: an open circuit is probed now instead of at its time.
        name: of the worker, kept with each attempt; 60 characters at most.
        only: these deliveries and no other; None: all that is due.
    """

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    random: Callable[[], float] = SystemRandom().random
    patience: float = 5.0
    sleep: Callable[[float], object] | None = None
    steps: Steps = field(default_factory=Steps)
    at_once: bool = False
    name: str = "worker"
    only: frozenset[int] | None = None


@dataclass
class Worked:
    """What one worker did.

    Args:
        transient: tries that failed for now.
        waiting_until: something is left, for which the worker did not wait; None: nothing, or until a person acts.
        paused: the destination is paused.
        refused_for: FINESS → why the destination takes nothing of that establishment.
        busy: another process works on this destination.
        error: what is wrong with the destination, when it is left alone.
        resting: why it takes nothing more for now although nothing is wrong.
    """

    delivered: int = 0
    refused: int = 0
    transient: int = 0
    doubtful: int = 0
    blocked: int = 0
    waiting_until: datetime | None = None
    paused: bool = False
    busy: bool = False
    error: DuiBridgeError | None = None
    refused_for: dict[str, DuiBridgeError] = field(default_factory=dict)
    resting: DuiBridgeError | None = None

    def count(self, event: DeliveryEvent) -> None:
        """Counts the end of a try, or a block."""
        match event:
            case DeliveryEvent.DELIVER:
                self.delivered += 1
            case DeliveryEvent.REFUSE:
                self.refused += 1
            case DeliveryEvent.FAIL:
                self.transient += 1
            case DeliveryEvent.LOSE:
                self.doubtful += 1
            case DeliveryEvent.BLOCK:
                self.blocked += 1
            case _:
                raise ValueError(event)


@dataclass(frozen=True, slots=True)
class _Question:
    """A delivery that may have arrived. `lost`: what made the answer be lost; empty when a process died."""

    at: datetime
    lost: str = ""
    asked: int = 0


class Worker:
    """The worker of one destination. One object, one thread, used once."""

    def __init__(self, journal: Journal, gate: Gatekeeper, destination: OpenDestination, tools: Tools) -> None:
        self._journal, self._gate, self._destination, self._tools = journal, gate, destination, tools
        settings = destination.settings
        self._retries = settings.retries
        self._rate = per_second(settings.rate) if settings.rate is not None else None
        self._sender = Sender(destination, journal)
        self._breaker = Breaker(journal, destination, tools.random, tools.steps, at_once=tools.at_once)
        self._questions: dict[int, _Question] = {}
        self._overtaken: set[int] = set()
        self._ended: Finished | None = None
        self._worked = Worked()
        self._shut = 0.0
        self._unusable = False
        self._restored = journal.restoration.is_known()
        self._stop = threading.Event()

    def work(self, stop: threading.Event | None = None) -> Worked:
        """Sends until nothing can be sent now.

        Args:
            stop: once set, the delivery under way is finished and no other is started.
        Raises:
            JournalUnusable: what was being sent is asked for by the next worker.
        """
        self._stop = stop or self._stop
        until = self._tools.clock() + timedelta(seconds=self._tools.patience)
        while True:
            with self._journal.lock(f"destination {self._destination.name}") as held:
                if held:
                    self._run()
                    if self._worked.delivered:
                        self._journal.deliveries.cancel_needless(self._destination.name, self._tools.clock())
                    return self._worked
            if self._stop.is_set() or self._tools.clock() >= until:
                self._worked.busy = True
                return self._worked
            self._sleep(_LOCK_PAUSE)

    def _run(self) -> None:
        now = self._tools.clock()
        # A clock that went back would keep it waiting for as long as it went.
        self._journal.deliveries.bring_near(self._destination.name, now + longest_delay(self._destination.kind))
        for known in self._journal.deliveries.sending(self._destination.name):
            self._questions[known.id] = _Question(now)
        try:
            while not self._stop.is_set() and self._step():
                continue
        finally:
            # Also when the journal failed just now: what can be written after all need not be asked for.
            self._commit_end()
            self._breaker.tell()
            self._sender.close()

    def _step(self) -> bool:
        """Does one thing. False when nothing more can be done now."""
        now = self._tools.clock()
        sendable = self._next(now)
        shut = self._breaker.look(now, sendable.brake if isinstance(sendable, Sendable) else None)
        if shut is not None:
            self._commit_end()
            self._worked.paused = shut.paused
            return shut.until is not None and self._waits(shut.until, shut=True)
        question = min(self._questions, key=lambda one: self._questions[one].at, default=None)
        if question is not None and self._questions[question].at <= now:
            self._ask(question, self._questions.pop(question), now)
            return not self._unusable
        if isinstance(sendable, Damaged):
            self._block(sendable.delivery_id, rules.DAMAGED.id, rules.DAMAGED.who, now)
            return True
        if sendable is not None:
            return self._leave(sendable, now)
        if self._ended is not None:
            # Its end may set free the next version of the same document.
            self._commit_end()
            return True
        coming = [one.at for one in self._questions.values()]
        retry = self._journal.deliveries.next_time(self._destination.name, now, self._tools.only)
        if retry is not None:
            coming.append(retry)
        return bool(coming) and self._waits(min(coming))

    def _next(self, now: datetime) -> Sendable | Damaged | None:
        """What may leave next, of what this worker is to send."""
        find, name = self._journal.deliveries.next, self._destination.name
        if self._tools.only is None:
            return find(name, now, skip=self._overtaken)
        found = (find(name, now, skip=self._overtaken, only=one) for one in sorted(self._tools.only))
        return next((one for one in found if one is not None), None)

    def _leave(self, sendable: Sendable, now: datetime) -> bool:
        """Sends one, if policy still allows it and the rate lets it leave."""
        case = sendable.case
        ruling = self._gate.ruling(case, now)
        if not ruling.allows:
            self._block(case.delivery.id, ruling.cause, ruling.who, now)
            return True
        rest = self._destination.rest(self._journal, now)
        if rest is not None:
            self._worked.resting = rest.reason
            return self._waits(rest.until)
        if self._rate is not None:
            wait = self._journal.brakes.take(self._destination.name, self._rate, now)
            if wait > 0:
                return self._waits(now + timedelta(seconds=wait))
        restored = self._restored and self._journal.restoration.must_ask(case.delivery)
        parcel = self._sender.prepare(sendable, ruling.recipients, now)
        if self._start(case.delivery, now):
            last, down = self._is_last(case.delivery), self._breaker.suspect
            sent = self._sender.send(sendable, parcel, last=last, down=down, restored=restored)
            self._judge(case, sent, _Question(now), ruling.recipients)
        return not self._unusable

    def _block(self, delivery_id: int, cause: str, who: Who, now: datetime) -> None:
        reached("block.before")
        moved = self._journal.deliveries.change([(delivery_id, DeliveryEvent.BLOCK, cause, who.value)], now)
        reached("block.after")
        if moved:
            self._worked.count(DeliveryEvent.BLOCK)

    def _start(self, delivery: KnownDelivery, now: datetime) -> bool:
        finished = self._ended
        reached("start.before")
        started = self._journal.deliveries.start(
            delivery.id, self._tools.name, now, finished=finished, is_first=delivery.version == 1
        )
        self._ended = None
        reached("start.after")
        if finished is not None:
            self._worked.count(finished.event)
        if not started:
            # A person or another version came first. If it is ready again, the next worker takes it.
            self._overtaken.add(delivery.id)
        return started

    def _ask(self, delivery_id: int, question: _Question, now: datetime) -> None:
        """Asks for what was being sent."""
        sendable = self._journal.deliveries.sendable(delivery_id)
        if sendable is not None:
            last, chosen = self._is_last(sendable.case.delivery), self._gate.ruling(sendable.case, now).recipients
            sent = self._sender.ask(sendable, chosen, lost=question.lost, last=last)
            self._judge(sendable.case, sent, question, chosen)
            return
        case = self._journal.deliveries.case(delivery_id)
        if case is not None:
            self._end(case, answers.lost(rules.UNREADABLE, Family.LOST, question.lost))

    def _judge(self, case: DeliveryCase, sent: Sent, question: _Question, chosen: Sequence[Addressed]) -> None:
        """What came of speaking to the destination: for it, for the delivery, and for each recipient of a mail."""
        now = self._tools.clock()
        if sent.trouble is not None:
            if family_of(sent.trouble) is Family.ESTABLISHMENT:
                self._worked.refused_for[case.delivery.finess] = sent.trouble
            if self._breaker.failed(sent.trouble, now, case.delivery.finess):
                self._worked.error = sent.trouble
                # A person must act: waiting for it here helps nobody.
                self._unusable = family_of(sent.trouble) is Family.CONFIGURATION
        elif sent.verdict is not None and sent.verdict.event in (DeliveryEvent.DELIVER, DeliveryEvent.REFUSE):
            self._breaker.succeeded(now, arrived=sent.verdict.event is DeliveryEvent.DELIVER)
            self._worked.error, self._shut = None, 0.0
            if sent.verdict.event is DeliveryEvent.DELIVER:
                self._breaker.arrived(now, case.delivery.finess)
        if sent.verdict is not None:
            self._end(case, sent.verdict, chosen)
        elif sent.trouble is not None:
            asked = question.asked + 1
            row = backoff(self._destination.kind, family_of(sent.trouble))
            again = now + retry_delay(row, asked, self._tools.random)
            self._questions[case.delivery.id] = _Question(again, sent.lost, asked)

    def _end(self, case: DeliveryCase, verdict: Verdict, chosen: Sequence[Addressed] = ()) -> None:
        self._commit_end()
        delivery, now, not_before = case.delivery, self._tools.clock(), None
        if verdict.event is DeliveryEvent.FAIL and verdict.family is not None:
            row = backoff(self._destination.kind, verdict.family)
            not_before = now + retry_delay(row, delivery.tries + 1, self._tools.random)
        self._ended = Finished(
            delivery.id,
            verdict.event,
            now,
            verdict.cause,
            verdict.who,
            not_before,
            verdict.reference,
            verdict.code,
            verdict.result,
            verdict.answer,
            parted(chosen, verdict),
        )

    def _commit_end(self) -> None:
        """Commits the end of the last try, if it was not yet."""
        ended = self._ended
        if ended is None:
            return
        reached("finish.before")
        self._journal.deliveries.finish(ended)
        self._ended = None
        reached("finish.after")
        self._worked.count(ended.event)

    def _is_last(self, delivery: KnownDelivery) -> bool:
        """Whether a failure now would be the last: tries for which the document is not to blame do not count."""
        if delivery.tries < self._retries or delivery.tries == 0:
            return delivery.tries >= self._retries
        ended = [one for one in self._journal.deliveries.attempts(delivery.id) if one.ended_at is not None]
        counted = [one for one in ended[-delivery.tries :] if one.result not in UNCOUNTED]
        return len(counted) >= self._retries

    def _waits(self, until: datetime, *, shut: bool = False) -> bool:
        """Waits, if that is not too long; False when it is, or when the work is to stop.

        Args:
            shut: for a destination that is left alone: it is not waited for again and again either.
        """
        self._commit_end()
        wait = max(0.0, (until - self._tools.clock()).total_seconds())
        if shut:
            self._shut += wait
        if wait > self._tools.patience or (shut and self._shut > self._tools.patience):
            self._worked.waiting_until = until
            return False
        self._sleep(wait)
        return True

    def _sleep(self, wait: float) -> None:
        (self._tools.sleep or self._stop.wait)(wait)
