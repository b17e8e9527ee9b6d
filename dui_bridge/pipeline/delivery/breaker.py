"""Leaves a destination alone when it fails, and looks again with one item: the brakes of the journal, applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.control_records import Brake, Circuit
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.delivery.retries import LONGEST_OPEN, backoff, family_of, open_time
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
        self._brakes, self._name, self._kind = journal.brakes, destination.name, destination.kind
        self._random, self._steps, self._at_once = random, steps, at_once
        self._brake = Brake(destination.name)
        self._told: datetime | None = None
        self._success: datetime | None = None

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

    def failed(self, error: DuiBridgeError, now: datetime) -> bool:
        """Counts a failure. True when the circuit is open now: a probe that fails opens it again, for longer."""
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

    def succeeded(self, now: datetime) -> None:
        """Notes that something arrived; written at once when it ends a probe, else now and then."""
        self._success = now
        if self.suspect or self._brake.failures:
            if self.suspect:
                self._steps.event("destination_works_again", destination=self._name)
            self.tell()
        elif self._told is None or now - self._told >= _TELL_EVERY:
            self.tell()

    def tell(self) -> None:
        """Writes the time of the last success, if there is one to write."""
        if self._success is not None:
            reached("brake.before")
            self._brakes.succeeded(self._name, self._success)
            reached("brake.after")
            self._told, self._success = self._success, None
