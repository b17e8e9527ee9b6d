"""Which holds keep something back: the journal keeps of a blocked delivery only that one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.journal.records import KnownDelivery, KnownHold
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.policy.rules import ON_HOLD
from dui_bridge.pipeline.reports.causes import Cause
from dui_bridge.pipeline.reports.texts import text

_NAMED: Final = 5
"""So many holds are named; of more, the command that lists them."""


def acting_holds(journal: Journal, now: datetime) -> Mapping[str, str]:
    """The values of the message of `ON_HOLD` for all that is held; empty when there are too many holds to name."""
    in_force = journal.decisions.holds(now)
    if len(in_force) > _NAMED:
        return {}
    return _values(one for one in in_force if journal.selections.counts(_held_by(one)))


def holds_of(journal: Journal, delivery: KnownDelivery, now: datetime) -> Mapping[str, str]:
    """The same for one delivery."""
    return _values(
        one
        for one in journal.decisions.holds(now)
        if one.covers(
            source=delivery.source,
            finess=delivery.finess,
            doc_type=delivery.kind.value,
            destination=delivery.destination,
            dossier_id=delivery.dossier_id,
            series_id=delivery.series_id,
        )
    )


def told_hold(code: str, cause: Cause, values: Mapping[str, str], language: Language) -> Cause:
    """The cause with an action that can be typed as it stands, also when no hold is named."""
    named = code != ON_HOLD.id or "hold" in values
    return cause if named else replace(cause, action=text("do_holds", language))


def _held_by(hold: KnownHold) -> Selection:
    return Selection(
        states=(DeliveryState.BLOCKED,),
        causes=(ON_HOLD.id,),
        destination=hold.destination,
        finess=hold.finess,
        doc_type=hold.doc_type,
        source=hold.source,
        series_id=hold.series_id,
        dossier_id=hold.dossier_id,
    )


def _values(holds: Iterable[KnownHold]) -> dict[str, str]:
    """Numbers as `release` takes them."""
    found = list(holds)
    if not found:
        return {}
    return {"hold": " ".join(str(one.id) for one in found), "by": ", ".join(dict.fromkeys(one.by for one in found))}
