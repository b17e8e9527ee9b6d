"""Establishments that a destination refuses: their own circuits, beside those of destinations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from dui_bridge.findings import Rule
from dui_bridge.journal.control_records import Brake
from dui_bridge.journal.records import KnownDelivery
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.delivery.retries import LONGEST_OPEN
from dui_bridge.pipeline.reports.causes import rule_of

_PAGE: Final = 200


class Refusals:
    """What keeps the documents of an establishment back while its destination refuses it: one goes first as a probe.

    Args:
        at_once: a person asks for it: a circuit is probed now, once, instead of at its time.
    """

    def __init__(self, *, at_once: bool) -> None:
        self.known: Mapping[tuple[str, str], Brake] = {}
        """Destination and FINESS → how it stands (`Brakes.of_establishments`)."""
        self._at_once = at_once
        self._probes: dict[tuple[str, str], tuple[int, int] | None] = {}

    def of(self, delivery: KnownDelivery, now: datetime) -> Rule | None:
        """Why the destination takes nothing of its establishment now; None: it may leave."""
        place = delivery.destination, delivery.finess
        brake = self.known.get(place)
        if brake is None or brake.gate(now) == "open":
            # What is refused from now on is not tried at once again.
            self._probes[place] = None
            return None
        due = brake.gate(now) == "probe" or self._at_once
        # A clock that went back would keep it shut for as long as it went.
        if due or (brake.retry_at is not None and brake.retry_at - now > LONGEST_OPEN):
            # The probe is the first that is asked about; once it failed, there is no other before the next time.
            probe = delivery.id, brake.failures
            if self._probes.setdefault(place, probe) == probe:
                return None
        return rule_of(brake.last_code)


def let_go(journal: Journal, destination: str, finess: str, cause: str, now: datetime) -> None:
    """Makes ready what is blocked because a destination refused its establishment; policy is asked as it leaves."""
    blocked = Selection(states=(DeliveryState.BLOCKED,), causes=(cause,), destination=destination, finess=finess)
    freed = journal.selections.ids(blocked)
    for start in range(0, len(freed), _PAGE):
        journal.deliveries.change([(one, DeliveryEvent.ALLOW, "", "") for one in freed[start : start + _PAGE]], now)
