"""`baseline`: everything dated before a day is known, and not sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from dui_bridge.journal.baselines import EVERY
from dui_bridge.journal.records import Json
from dui_bridge.journal.selections import Selection
from dui_bridge.model.states import NOT_LEFT
from dui_bridge.pipeline.actions.desk import Desk, Done, Scope
from dui_bridge.pipeline.actions.errors import DayAhead
from dui_bridge.pipeline.policy.facts import DocumentFacts


def baseline(desk: Desk, before: date, destination: str | None, *, confirmed: bool) -> Done:
    """Sets the baseline of a destination, or of all; not `confirmed`: only says how many documents it keeps back.

    Raises:
        UnknownDestination, DayAhead: nothing was done.
    """
    desk.check(Scope(destination=destination))
    if before > desk.now.astimezone(desk.zone).date():
        raise DayAhead(day=before.isoformat())
    number = _older(desk, before, destination)
    values: dict[str, Json] = {
        "day": before.isoformat(),
        "name": destination or ", ".join(desk.site.destinations),
        "number": number.total(),
    }
    rows: tuple[Mapping[str, Json], ...] = tuple(
        {"destination": name, "number": count} for name, count in sorted(number.items())
    )
    if not confirmed:
        return Done("baseline_preview", values, rows)
    desk.journal.baselines.put(destination, before)
    desk.audit("baseline", destination or "*", before=before.isoformat(), documents=number.total())
    desk.ask_policy(destination=destination)
    return Done("baseline_set", values, rows)


def baselines(desk: Desk) -> Done:
    """The baselines in force."""
    found = sorted(desk.journal.baselines.all().items())
    rows: tuple[Mapping[str, Json], ...] = tuple(
        {"destination": "*" if name == EVERY else name, "before": day.isoformat()} for name, day in found
    )
    return Done("baselines", {"number": len(rows)}, rows)


def _older(desk: Desk, before: date, destination: str | None) -> Counter[str]:
    """Destination → how many documents that have not left are dated before the day."""
    found: Counter[str] = Counter()
    for delivery_id in desk.journal.selections.ids(Selection(states=NOT_LEFT, destination=destination)):
        case = desk.journal.deliveries.case(delivery_id)
        day = DocumentFacts.from_json(case.document).dated if case is not None else None
        if case is not None and day is not None and day < before:
            found[case.delivery.destination] += 1
    return found
