"""Climbs the ladder: makes the calls that it names, one after the other, each one traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dui_bridge.connectors.insi.echelle import LADDER, End, Step, next_call
from dui_bridge.connectors.ports import IdentityService
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.preflight import Envoi
from dui_bridge.model.insi import Appel, Individu


@dataclass(frozen=True, slots=True)
class Parcours:
    """A search that ended: why, its calls in order, and the person when one was found."""

    end: End
    calls: tuple[Appel, ...]

    @property
    def individu(self) -> Individu | None:
        """The person found."""
        last = self.calls[-1].reponse if self.calls else None
        return last.individu if last is not None and self.end is End.FOUND else None


def climb(
    service: IdentityService,
    envoi: Envoi,
    *,
    now: Callable[[], datetime],
    traced: Callable[[Appel], None],
    may_call: Callable[[], bool] = lambda: True,
    done: Sequence[Appel] = (),
    ladder: Sequence[Step] = LADDER,
    max_calls: int = 8,
) -> Parcours:
    """Searches until a person is found, the ladder ends, or the service fails.

    Args:
        envoi: the traits to start from, as `ins.preflight` lets them leave.
        now: aware time of each call.
        traced: told of each call once it is over, before anything else is done.
        may_call: asked before each call (a daily cap, somebody who stops it); False ends it as `HELD`.
        done: the calls of the same search that were made before; their answers count, they are not made again.
        ladder, max_calls: see `next_call`.
    Raises:
        DuiBridgeError: of `service.search`; the call was traced with its code.
    """
    calls = list(done)
    while True:
        step = next_call(envoi, calls, ladder, max_calls)
        if isinstance(step, End):
            return Parcours(step, tuple(calls))
        if not may_call():
            return Parcours(End.HELD, tuple(calls))
        at = now()
        try:
            answer = service.search(step.demande)
        except DuiBridgeError as error:
            traced(Appel(step.step, step.demande, at, erreur=error.code))
            raise
        calls.append(Appel(step.step, step.demande, at, answer))
        traced(calls[-1])
