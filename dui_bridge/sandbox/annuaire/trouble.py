"""What the stand-in does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass

from dui_bridge.sandbox.troubles import TroubleQueue


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


class Troubles(TroubleQueue[Trouble]):
    """The failures to come."""

    def next(self, kind: str) -> Trouble | None:
        """The failure of this answer, counted as used."""
        return self.take(lambda one: one.kind in {"", kind})
