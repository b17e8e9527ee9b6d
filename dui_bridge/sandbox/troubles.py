"""The failures that a stand-in is told to make: each so many times, after so many calls that are served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar


class Counted(Protocol):
    """What every failure has: how many calls fail, and how many are served before."""

    times: int
    after: int


AnyTrouble = TypeVar("AnyTrouble", bound=Counted)


class TroubleQueue(Generic[AnyTrouble]):
    """The failures to come, in order; safe between threads."""

    def __init__(self, troubles: Iterable[AnyTrouble] = ()) -> None:
        self._to_come = list(troubles)
        self._lock = threading.Lock()

    def add(self, *troubles: AnyTrouble) -> None:
        """More failures to come."""
        with self._lock:
            self._to_come.extend(troubles)

    def take(self, meant: Callable[[AnyTrouble], bool]) -> AnyTrouble | None:
        """The first failure that is meant and due, counted as used; those before it that wait count the call."""
        with self._lock:
            for trouble in self._to_come:
                if trouble.times <= 0 or not meant(trouble):
                    continue
                if trouble.after > 0:
                    trouble.after -= 1
                    continue
                trouble.times -= 1
                return trouble
        return None
