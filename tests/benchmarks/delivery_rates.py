"""The rows of deliveries: the journal on both databases, a dead destination beside a live one, and `status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes import worker
from table import Measure, Series, Skipped, Target

_STEPS = "one committed row per step"
_BARE = "one committed row per step, bare driver, nothing sealed"


def measure_deliveries(documents: int, rounds: int, status_rows: int) -> Iterator[Measure | Skipped]:
    """`documents` are delivered in each of the rounds; `status_rows` stand in the journal that `status` is asked of."""
    answer = worker("deliveries", str(documents), str(rounds), str(status_rows))
    for key, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        row = f"deliveries through all steps, {name}"
        if answer[key] is None:
            for measured in (f"deliveries_{key}", f"deliveries_{key}_bare"):
                yield Skipped(measured, row, "no server on this machine")
        else:
            yield _measure(f"deliveries_{key}", row, "deliveries/s", answer[key], _STEPS, Target(0.7, at_most=False))
            bare = {**answer[key], "floor": answer[key]["bare"]}
            yield _measure(f"deliveries_{key}_bare", row, "deliveries/s", bare, _BARE, None)
    beside = "deliveries of a live destination, a dead one beside it"
    yield _measure("deliveries_dead", beside, "deliveries/s", answer["dead"], "alone", Target(0.8, at_most=False))
    status = f"`status` on {status_rows:,} deliveries"
    yield _measure("status", status, "s", answer["status"], "one GROUP BY over them", None)


def _measure(key: str, name: str, unit: str, answer: dict[str, Any], floor: str, target: Target | None) -> Measure:
    ours, of_floor = Series(name, tuple(answer["ours"])), Series(floor, tuple(answer["floor"]))
    return Measure(key, ours, unit, of_floor, target, {})
