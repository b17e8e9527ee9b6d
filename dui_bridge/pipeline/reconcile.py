"""After a restore: asks each destination what left since the backup, reads the exports anew, asks again, lets go.

Asking comes before reading, so that what is found there counts as handed over and the next version replaces it; reading
comes before sending, so that an opposition recorded since the backup is known before anything leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.backup import REASON
from dui_bridge.journal.records import DeliveryCase, Finished
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.delivery import answers, rules
from dui_bridge.pipeline.delivery.answers import INTERRUPTED_TRY, Verdict
from dui_bridge.pipeline.delivery.destinations import OpenDestination, open_destinations
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import plan
from dui_bridge.pipeline.delivery.sender import Sender
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site

_PAGE: Final = 200
_WORKER: Final = "reconcile"


@dataclass
class Asked:
    """What a destination said.

    Args:
        there, absent: how many it has, and has not.
        unknown: how many it cannot be asked about: doubtful now.
        busy: another process works on this destination.
        error: why it could not be asked; what was being asked for is asked for again by the next worker.
        resumed: it may send again.
    """

    there: int = 0
    absent: int = 0
    unknown: int = 0
    busy: bool = False
    error: DuiBridgeError | None = None
    resumed: bool = False

    @property
    def ended(self) -> bool:
        """Whether all was asked for."""
        return self.error is None and not self.busy


@dataclass
class Reconciled:
    """What came of it.

    Args:
        asked: by destination, in the order of the site file.
        not_read: sources of which no complete export was read since the restore.
        error: why the exports could not be read.
        done: the journal counts as reconciled.
    """

    asked: dict[str, Asked] = field(default_factory=dict)
    not_read: list[str] = field(default_factory=list)
    error: DuiBridgeError | None = None
    done: bool = False

    def exit_code(self) -> int:
        """0; 1 when something waits for a person; 2 or 3 as the error says."""
        errors = [self.error, *(one.error for one in self.asked.values())]
        codes = [error.exit_code for error in errors if error is not None]
        if codes:
            return min(codes)
        return int(not self.done or any(one.unknown for one in self.asked.values()))


def reconcile(
    site: Site,
    journal: Journal,
    steps: Steps,
    *,
    by: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Reconciled:
    """Asks, reads, asks again; then resumes what could be asked, when every source was read.

    A destination that cannot be asked stays paused: what it may have is doubtful, and a person decides.

    Args:
        by: who asks for it.
        clock: gives aware times.
    Raises:
        JournalUnusable; FileUnusable, DeclarationInvalid: the policy cannot be read. Nothing was sent.
    """
    result = Reconciled()
    opened = {name: one for name, one in open_destinations(site).items() if journal.brakes.get(name).reason == REASON}
    result.asked = {name: Asked() for name in opened}
    asking = _Asking(site, journal, steps, clock)
    for name, destination in opened.items():
        asking.ask(destination, result.asked[name])
    try:
        run_site(site, RunOptions(whole=True, send=False), steps)
    except DuiBridgeError as error:
        result.error = error
    for name, destination in opened.items():
        if result.asked[name].ended:
            asking.ask(destination, result.asked[name])
    result.not_read = journal.restoration.not_read(tuple(site.sources))
    if result.error is not None or result.not_read:
        return result
    for name, asked in result.asked.items():
        if asked.ended and not asked.unknown:
            asked.resumed = journal.brakes.resume(name, by, clock())
    if all(asked.ended for asked in result.asked.values()):
        journal.restoration.close()
        result.done = True
    return result


class _Asking:
    """Asks about all that could leave now."""

    def __init__(self, site: Site, journal: Journal, steps: Steps, clock: Callable[[], datetime]) -> None:
        self._site, self._journal, self._steps, self._clock = site, journal, steps, clock

    def ask(self, destination: OpenDestination, asked: Asked) -> None:
        """Adds to `asked`. Raises JournalUnusable."""
        name = destination.name
        with self._journal.lock(f"destination {name}") as held:
            if not held:
                asked.busy = True
                return
            gate = gate_of(self._site, self._journal)
            plan(self._journal, gate, self._clock(), destination=name)
            sender = Sender(destination, self._journal)
            try:
                for case in self._cases(name):
                    self._one(sender, gate, case, asked)
            except DuiBridgeError as error:
                # What was being asked for stays `sending`: it is asked for again, and never sent unasked.
                asked.error = error
            finally:
                sender.close()
        self._steps.event(
            "destination_asked", destination=name, there=asked.there, absent=asked.absent, unknown=asked.unknown
        )

    def _cases(self, destination: str) -> Iterator[DeliveryCase]:
        for state in (DeliveryState.SENDING, DeliveryState.READY):
            after = 0
            while page := self._journal.deliveries.cases(destination, (state,), after, _PAGE):
                after = page[-1].delivery.id
                yield from page

    def _one(self, sender: Sender, gate: Gate, case: DeliveryCase, asked: Asked) -> None:
        delivery, now = case.delivery, self._clock()
        if delivery.state is DeliveryState.READY and not (
            self._journal.restoration.must_ask(delivery) and self._journal.deliveries.start(delivery.id, _WORKER, now)
        ):
            return
        sendable = self._journal.deliveries.sendable(delivery.id)
        if sendable is None:
            verdict = answers.lost(rules.UNREADABLE, INTERRUPTED_TRY, "")
        else:
            sent = sender.ask_restored(sendable, gate.ruling(sendable.case, now).recipients)
            if sent.verdict is None:
                raise sent.trouble or AssertionError("no verdict, no trouble")
            verdict = sent.verdict
        self._journal.deliveries.finish(_finished(delivery.id, verdict, self._clock()))
        match verdict.event:
            case DeliveryEvent.DELIVER:
                asked.there += 1
            case DeliveryEvent.LOSE:
                asked.unknown += 1
            case _:
                asked.absent += 1


def _finished(delivery_id: int, verdict: Verdict, at: datetime) -> Finished:
    return Finished(
        delivery_id,
        verdict.event,
        at,
        verdict.cause,
        verdict.who,
        reference=verdict.reference,
        code=verdict.code,
        result=verdict.result,
        answer=verdict.answer,
    )
