"""The dummy as a destination. It has the methods of the port, and imports nothing of the connectors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from dui_bridge.errors import AnswerLost, ServiceUnreachable
from dui_bridge.findings import Finding
from dui_bridge.model.exchange import Answer, BuiltDocument, Outcome
from dui_bridge.sandbox.dummy.draw import Chance, Draws
from dui_bridge.sandbox.dummy.errors import REFUSED, DummyBusy
from dui_bridge.sandbox.dummy.settings import Settings
from dui_bridge.sandbox.dummy.store import DummyStore
from dui_bridge.site.forms import seconds

_NAME = "dummy"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Offered:
    """What is sent: the document itself."""

    built: BuiltDocument


class DummyDestination:
    """Takes documents into its store.

    Args:
        settings: its probabilities, and where its store is.
        source: noted beside each document.
        clock: gives aware times.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        settings: Settings,
        source: str,
        clock: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings, self._source, self._clock, self._sleep = settings, source, clock, sleep
        self._draws = Draws(settings)
        self._opened: DummyStore | None = None

    def prepare(self, built: BuiltDocument, context: object = None) -> Offered:
        """Pure."""
        return Offered(built)

    def send(self, offered: Offered) -> Outcome:
        """Takes it, refuses it or fails, as drawn.

        Raises:
            ServiceUnreachable, DummyBusy: it was not taken.
            AnswerLost: it may have been taken.
            FileUnusable: the store cannot be used.
        """
        self._answers()
        unique_id, store = offered.built.ids.unique_id, self._store()
        with store.sent(unique_id, self._source) as send:
            chance = self._draws.chance(unique_id, send)
            if chance.takes:
                store.take(unique_id, offered.built.sha256)
        if self._draws.slow(unique_id, send):
            self._sleep(seconds(self._settings.delay))
        match chance:
            case Chance.TRANSIENT:
                raise DummyBusy
            case Chance.CUT_BEFORE | Chance.CUT_AFTER:
                raise AnswerLost(service=_NAME, reason="the connection was cut", reason_fr="la connexion a été coupée")
            case Chance.WRONG:
                raise AnswerLost(
                    service=_NAME, reason="nobody can read its answer", reason_fr="sa réponse est illisible"
                )
            case Chance.PERMANENT:
                return Outcome(Answer.REFUSED, self._clock(), findings=(Finding(REFUSED),), code=REFUSED.id)
            case Chance.TAKEN:
                return Outcome(Answer.DELIVERED, self._clock(), reference=f"{_NAME}/{unique_id}")

    def resolve(self, offered: Offered) -> Outcome | None:
        """Whether it has the document; None when it is one that cannot be asked.

        Raises:
            ServiceUnreachable: it does not answer.
            FileUnusable: the store cannot be used.
        """
        if not self._settings.asked:
            return None
        self._answers()
        built = offered.built
        if self._store().holds(built.ids.unique_id, built.sha256):
            return Outcome(Answer.ALREADY_THERE, self._clock(), reference=f"{_NAME}/{built.ids.unique_id}")
        return Outcome(Answer.ABSENT, self._clock())

    def close(self) -> None:
        """Nothing is held."""

    def _answers(self) -> None:
        if self._settings.down:
            raise ServiceUnreachable(service=_NAME, reason="it is told to be down")

    def _store(self) -> DummyStore:
        """Opened at the first use: a site can be read without making anything."""
        if self._opened is None:
            self._opened = DummyStore(self._settings.path)
        return self._opened
