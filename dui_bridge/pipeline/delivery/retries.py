"""When a delivery is tried again and when a destination is left alone: tables, by family of failure and destination.

Delays are in seconds, each with a jitter, and bounded by the last of their row. How many tries there are is the site's
(`retries` of a destination).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from dui_bridge.errors import DuiBridgeError, FixConfiguration, FixEstablishment, Retry, ServiceUnreachable


class Family(StrEnum):
    """What kind of failure it is."""

    UNREACHABLE = "unreachable"  # the network, or the service as a whole
    BUSY = "busy"  # the service answered: not now
    LOST = "lost"  # no answer, or one that says nothing
    CONFIGURATION = "configuration"  # the folder, the certificate: nothing can be sent at all
    ESTABLISHMENT = "establishment"  # its number, its mailbox: nothing can be sent for one establishment


def family_of(error: DuiBridgeError) -> Family:
    """The family of what a destination raised. What a connector should not raise says nothing of what was sent."""
    match error:
        case ServiceUnreachable():
            return Family.UNREACHABLE
        case Retry():
            return Family.BUSY
        case FixEstablishment():
            return Family.ESTABLISHMENT
        case FixConfiguration():
            return Family.CONFIGURATION
        case _:
            return Family.LOST


@dataclass(frozen=True, slots=True)
class Backoff:
    """What follows the failures of one family.

    Args:
        delays: seconds before the second try of a delivery, the third…; the last one for all that follow.
        opens_after: so many failures of a destination in a row open its circuit (of an establishment: its own there).
        open_for: seconds for which it stays open: the first time, the second in a row…
    """

    delays: tuple[float, ...]
    opens_after: int
    open_for: tuple[float, ...]


JITTER: Final = 0.2
"""A delay is longer or shorter by at most this part, so that what failed together does not come back together."""

_MINUTE, _HOUR = 60.0, 3600.0
_DAY_LONG: Final = (30, 2 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR)
_QUARTER: Final = (30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE)
_SHORT: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)

BACKOFFS: Final[Mapping[Family, Backoff]] = {
    Family.UNREACHABLE: Backoff(_DAY_LONG, 3, _QUARTER),
    Family.BUSY: Backoff(_DAY_LONG, 10, _QUARTER),
    Family.LOST: Backoff(_DAY_LONG, 5, _QUARTER),
    Family.CONFIGURATION: Backoff((0.0,), 1, _QUARTER),
    Family.ESTABLISHMENT: Backoff(_QUARTER, 1, _QUARTER),
}
BACKOFFS_BY_KIND: Final[Mapping[tuple[str, Family], Backoff]] = {
    # A disk that was full or away is looked at often: it costs nothing.
    ("file", Family.CONFIGURATION): Backoff((0.0,), 1, (5, 15, 30, _MINUTE)),
    # A rehearsal that fails on purpose should not last a day.
    ("dummy", Family.UNREACHABLE): Backoff(_SHORT, 3, _SHORT),
    ("dummy", Family.BUSY): Backoff(_SHORT, 10, _SHORT),
    ("dummy", Family.LOST): Backoff(_SHORT, 10, _SHORT),
}

LONGEST_OPEN: Final = timedelta(seconds=(1 + JITTER) * _QUARTER[-1])


def backoff(kind: str, family: Family) -> Backoff:
    """The row for a kind of destination."""
    return BACKOFFS_BY_KIND.get((kind, family), BACKOFFS[family])


def longest_delay(kind: str) -> timedelta:
    """The longest that a delivery to a kind of destination ever waits after a failure."""
    longest = max(delay for family in Family for delay in backoff(kind, family).delays)
    return timedelta(seconds=(1 + JITTER) * longest)


def retry_delay(row: Backoff, failed: int, random: Callable[[], float]) -> timedelta:
    """How long a delivery waits after its failure of that number (from 1). `random` gives numbers of [0, 1)."""
    return _spread(row.delays, failed, random)


def open_time(row: Backoff, failures: int, random: Callable[[], float]) -> timedelta | None:
    """How long the circuit stays open after so many failures in a row: `LONGEST_OPEN` at most; None: not at all."""
    over = failures - row.opens_after + 1
    return _spread(row.open_for, over, random) if over > 0 else None


def _spread(delays: tuple[float, ...], number: int, random: Callable[[], float]) -> timedelta:
    delay = delays[min(number, len(delays)) - 1]
    return timedelta(seconds=delay * (1 + JITTER * (2 * random() - 1)))
