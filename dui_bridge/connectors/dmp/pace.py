"""How fast and how much is deposited: fewer than 5 a second of one structure, and 20 a day on the training platform.

Both are counted where all processes of a site share them, in the journal.

Source: conditions of use of the DMP.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dui_bridge.connectors.dmp.errors import DailyLimit
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.ports import Rest
from dui_bridge.model.profile import Profile

TRAINING_DAILY: Final = 20
"""Documents a day that the training platform takes."""

FEEDS: Final = "dmp feeds"
"""What the journal counts, whichever process and destination of the site deposits."""

Turn = Callable[[float], float]
"""Takes a turn at so many a second (`ports.Means.turn`): 0, else the seconds after which to ask again."""

_PARIS: Final = ZoneInfo("Europe/Paris")


class Pace:
    """The rate of deposits.

    Args:
        per_second: deposits a second; None for no limit.
        turn: shared by all that one structure sends; None: this object is all of it.
        monotonic, sleep: seconds.
    """

    def __init__(
        self,
        per_second: float | None,
        turn: Turn | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._per_second, self._turn = per_second, turn
        self._monotonic, self._sleep = monotonic, sleep
        self._next = 0.0

    def before(self) -> None:
        """Waits until one more may leave. Raises what `turn` raises."""
        if self._per_second is None:
            return
        if self._turn is not None:
            while (wait := self._turn(self._per_second)) > 0:
                self._sleep(wait)
            return
        wait = self._next - self._monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next = self._monotonic() + 1 / self._per_second


def rest_of_day(
    settings: DmpSettings, profile: Profile, taken_between: Callable[[datetime, datetime], int], now: datetime
) -> Rest | None:
    """Until when nothing more is deposited: the next day in Paris, once the documents of the day have gone.

    Args:
        taken_between: how many left from a time to before another, of all processes.
        now: aware.
    """
    most = settings.daily_documents or (TRAINING_DAILY if profile is Profile.QUALIFICATION else None)
    if most is None:
        return None
    day = now.astimezone(_PARIS).date()
    begin, end = (datetime.combine(one, datetime.min.time(), _PARIS) for one in (day, day + timedelta(days=1)))
    taken = taken_between(begin, end)
    return Rest(end, DailyLimit(taken=str(taken), most=str(most))) if taken >= most else None
