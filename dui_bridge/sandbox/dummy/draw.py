"""What happens to each send: drawn from the seed, the document and the number of the send, so that it can be foretold.

Whether a document is refused for good is drawn once: a second try is refused as well. All else is drawn for each send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.sandbox.dummy.settings import Settings
from dui_bridge.site.forms import part

_SPAN: Final = 1 << 64


class Chance(StrEnum):
    """What happens to one send."""

    TAKEN = "taken"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    WRONG = "wrong"

    @property
    def takes(self) -> bool:
        """Whether the document is there afterwards."""
        return self in (Chance.TAKEN, Chance.CUT_AFTER, Chance.WRONG)


class Draws:
    """The draws of one dummy.

    Args:
        settings: the probabilities of one send other than `permanent` exclude one another; what is left is taken.
    """

    def __init__(self, settings: Settings) -> None:
        self._seed = settings.seed
        self._permanent = part(settings.permanent)
        self._slow = part(settings.slow)
        self._each = (
            (Chance.TRANSIENT, part(settings.transient)),
            (Chance.CUT_BEFORE, part(settings.cut_before)),
            (Chance.CUT_AFTER, part(settings.cut_after)),
            (Chance.WRONG, part(settings.wrong)),
        )

    def chance(self, unique_id: str, send: int) -> Chance:
        """What happens to the send of that number (from 1) of a document."""
        if self._number("permanent", unique_id) < self._permanent:
            return Chance.PERMANENT
        number = self._number("send", unique_id, str(send))
        for chance, probability in self._each:
            if number < probability:
                return chance
            number -= probability
        return Chance.TAKEN

    def slow(self, unique_id: str, send: int) -> bool:
        """Whether its answer is slow."""
        return self._number("slow", unique_id, str(send)) < self._slow

    def _number(self, *what: str) -> float:
        """A number of [0, 1)."""
        text = "\n".join((str(self._seed), *what))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / _SPAN


@dataclass(frozen=True, slots=True)
class Expected:
    """What a correct sender comes to, when nothing else happens than what was drawn.

    Args:
        delivered: told, or found there when asked.
        refused: for good.
        gave_up: still failing after the last try.
        doubtful: sent, and the dummy cannot be asked.
        taken: documents that the dummy has, doubtful ones included.
        sends: how often it was sent something.
    """

    delivered: int
    refused: int
    gave_up: int
    doubtful: int
    taken: int
    sends: int


def expected(settings: Settings, unique_ids: Iterable[str], retries: int) -> Expected:
    """The counts of these documents, each sent until it is settled, with so many tries after the first one."""
    draws = Draws(settings)
    ends = {"delivered": 0, "refused": 0, "gave_up": 0, "doubtful": 0}
    taken = sends = 0
    for unique_id in unique_ids:
        end = "gave_up"
        for send in range(1, retries + 2):
            chance = draws.chance(unique_id, send)
            sends += 1
            taken += chance.takes
            if chance is Chance.PERMANENT:
                end = "refused"
            elif chance is Chance.TAKEN or (chance.takes and settings.asked):
                end = "delivered"
            elif chance is not Chance.TRANSIENT and not settings.asked:
                end = "doubtful"
            else:
                continue
            break
        ends[end] += 1
    return Expected(**ends, taken=taken, sends=sends)
