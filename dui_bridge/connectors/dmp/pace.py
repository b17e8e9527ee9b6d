"""How fast and how much is deposited: fewer than 5 a second of one structure, and 20 a day on the training platform.

Source: conditions of use of the DMP. What is counted here is what this object let through; `taken_between` counts for
all processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dui_bridge.connectors.dmp.errors import DailyLimit

_PARIS: Final = ZoneInfo("Europe/Paris")


class Pace:
    """The rate and the daily limit of deposits. One object for all that one structure sends.

    Args:
        per_second: deposits a second; None for no limit.
        per_day: deposits a day in Paris; None for no limit.
        taken_between: how many left from a time to before another, of all processes; None to count here.
        now: aware. monotonic, sleep: seconds.
    """

    def __init__(
        self,
        per_second: float | None,
        per_day: int | None = None,
        *,
        taken_between: Callable[[datetime, datetime], int] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._per_day = per_day
        self._taken_between = taken_between
        self._now, self._monotonic, self._sleep = now, monotonic, sleep
        self._next = 0.0
        self._day, self._count = date.min, 0

    def before(self) -> None:
        """Waits until one more may leave.

        Raises:
            DailyLimit: not today.
        """
        if self._per_day is not None and self._today() >= self._per_day:
            raise DailyLimit(most=str(self._per_day))
        wait = self._next - self._monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next = self._monotonic() + self._interval
        self._count += 1

    def _today(self) -> int:
        day = self._now().astimezone(_PARIS).date()
        if day != self._day:
            self._day, self._count = day, 0
        if self._taken_between is None:
            return self._count
        begin = datetime(day.year, day.month, day.day, tzinfo=_PARIS)
        return self._taken_between(begin, begin + timedelta(days=1))
