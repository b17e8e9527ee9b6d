"""Leaves a destination alone when it fails, and looks again with one item: the brakes of the journal, applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.control_records import Brake, Circuit, brake_of
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.refusals import let_go
from dui_bridge.pipeline.delivery.retries import LONGEST_OPEN, Family, backoff, family_of, open_time
from dui_bridge.pipeline.events import Steps

_TELL_EVERY: Final = timedelta(seconds=10)
"""How often the time of the last success is written while all goes well."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Nothing may leave until a time; None: until a person resumes it."""

    until: datetime | None
    paused: bool


class Breaker:
    """The brakes of one destination, whose lock the caller holds.

    Args:
        at_once: an open circuit is probed now, the first time.
    """

    def __init__(
        self,
        journal: Journal,
        destination: OpenDestination,
        random: Callable[[], float],
        steps: Steps,
        *,
        at_once: bool,
    ) -> None:
        self._journal = journal
        self._brakes, self._name, self._kind = journal.brakes, destination.name, destination.kind
        self._random, self._steps, self._at_once = random, steps, at_once
        self._brake = Brake(destination.name)
        self._told: datetime | None = None
        self._success: datetime | None = None
        known = journal.brakes.of_establishments().items()
        self._refusals = {finess: one for (name, finess), one in known if name == self._name and one.last_code}

    @property
    def suspect(self) -> bool:
        """Whether what leaves next is to show that the destination works again."""
        return self._brake.circuit is Circuit.OPEN or self._brake.paused_at is not None or bool(self._brake.resumed)

    def look(self, now: datetime, brake: Brake | None) -> Shut | None:
        """How it stands now, when something may not leave. `brake`: as it was just read; None: it is read here."""
        brake = self._brake = brake or self._brakes.get(self._name)
        if brake.gate(now) != "shut":
            return None
        if brake.paused(now):
            return Shut(brake.until, paused=True)
        # A clock that went back would keep a circuit open for as long as it went.
        if self._at_once or (brake.retry_at is not None and brake.retry_at - now > LONGEST_OPEN):
            return None
        return Shut(brake.retry_at, paused=False)

    def failed(self, error: DuiBridgeError, now: datetime, finess: str) -> bool:
        """Counts a failure. True when the circuit is open now: a probe that fails opens it again, for longer.

        Args:
            finess: of the establishment whose document it was: what concerns it alone opens its own circuit.
        """
        if family_of(error) is Family.ESTABLISHMENT:
            self._refused(error, now, finess)
            return False
        row = backoff(self._kind, family_of(error))
        failures = self._brake.failures + 1
        shut_for = open_time(row, max(failures, row.opens_after) if self.suspect else failures, self._random)
        retry_at = now + shut_for if shut_for is not None else None
        reached("brake.before")
        self._brakes.failed(self._name, error.code, now, retry_at, retry_at is not None)
        reached("brake.after")
        self._at_once = False
        if shut_for is not None:
            self._steps.event(
                "destination_left_alone",
                destination=self._name,
                code=error.code,
                seconds=round(shut_for.total_seconds()),
            )
        return retry_at is not None

    def arrived(self, now: datetime, finess: str) -> None:
        """Notes that a document of an establishment arrived: its circuit closes, and what it kept back follows."""
        refusal = self._refusals.pop(finess, None)
        if refusal is not None:
            self._steps.event("establishment_accepted_again", destination=self._name, establishment=finess)
            self._brakes.succeeded(refusal.destination, now)
            let_go(self._journal, self._name, finess, refusal.last_code, now)

    def succeeded(self, now: datetime, *, arrived: bool) -> None:
        """Notes that the destination works; written at once when it ends a probe, else now and then.

        Args:
            arrived: something did; else it was refused, which is no success to be told.
        """
        if self.suspect or self._brake.failures:
            if self.suspect:
                self._steps.event("destination_works_again", destination=self._name)
            self._tell(now, arrived=arrived)
        elif arrived and (self._told is None or now - self._told >= _TELL_EVERY):
            self._tell(now, arrived=True)
        elif arrived:
            self._success = now

    def _refused(self, error: DuiBridgeError, now: datetime, finess: str) -> None:
        name = brake_of(self._name, finess)
        known = self._refusals.get(finess) or Brake(name)
        row = backoff(self._kind, Family.ESTABLISHMENT)
        shut_for = open_time(row, known.failures + 1, self._random) or timedelta(0)
        reached("brake.before")
        self._brakes.failed(name, error.code, now, now + shut_for, opens=True)
        reached("brake.after")
        self._refusals[finess] = replace(known, failures=known.failures + 1, last_code=error.code)
        self._steps.event(
            "establishment_left_alone",
            destination=self._name,
            establishment=finess,
            code=error.code,
            seconds=round(shut_for.total_seconds()),
        )

    def tell(self) -> None:
        """Writes the time of the last success, if there is one to write."""
        if self._success is not None:
            self._tell(self._success, arrived=True)

    def _tell(self, at: datetime, *, arrived: bool) -> None:
        reached("brake.before")
        self._brakes.succeeded(self._name, at, arrived=arrived)
        reached("brake.after")
        if arrived:
            self._told, self._success = at, None
