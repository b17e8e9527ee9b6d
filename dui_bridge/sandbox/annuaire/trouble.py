"""What the stand-in does on a bad day."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Trouble:
    """One failure of the answers to some calls.

    Args:
        status, body: this HTTP status, and these bytes instead of the usual ones of that status.
        kind: only searches of this type of resource; empty for all.
        times: how many answers fail. after: how many are served before that.
        retry_after: seconds that the answer asks to wait; None for an answer that asks nothing.
        delay: seconds before the answer.
        cut: the connection ends without an answer. half: it ends in the middle of the answer.
        next: leads to this address for the next page.
    """

    status: int = 200
    body: bytes | None = None
    kind: str = ""
    times: int = 1
    after: int = 0
    retry_after: int | None = None
    delay: float = 0.0
    cut: bool = False
    half: bool = False
    next: str = ""


class Troubles:
    """The failures to come, in order; safe between threads."""

    def __init__(self, troubles: Iterable[Trouble] = ()) -> None:
        self._to_come = list(troubles)
        self._lock = threading.Lock()

    def add(self, *troubles: Trouble) -> None:
        """More failures to come."""
        with self._lock:
            self._to_come.extend(troubles)

    def next(self, kind: str) -> Trouble | None:
        """The failure of this answer, counted as used."""
        with self._lock:
            for trouble in (one for one in self._to_come if one.kind in {"", kind} and one.times > 0):
                if trouble.after > 0:
                    trouble.after -= 1
                    continue
                trouble.times -= 1
                return trouble
        return None
