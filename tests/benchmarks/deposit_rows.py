"""The rows of deposits in the DMP: how many a second, what one costs, and where that goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from table import Measure, Series, Target

_BARE = "bare httpx posts the same bytes"


def deposit_rows(answer: dict[str, Any]) -> Iterator[Measure]:
    """Of an answer of `dmp_deposits.measure_deposits`."""
    deposits, steps = answer["deposits"], dict(answer["steps"])
    rates = [Series("", tuple(deposits / seconds for seconds in answer[name])) for name in ("ours", "floor")]
    costs = [Series("", tuple(s / deposits * 1000 for s in answer[f"{name}_cpu"])) for name in ("ours", "floor")]
    name = "deposits in the DMP over mutual TLS, one connection"
    at_least = Target(1 / 1.5, at_most=False)
    yield _measure("deposits", name, rates, "deposits/s", at_least, {"deposits": deposits})
    yield _measure("deposit_cpu", "processor time of a deposit", costs, "ms", None, {})
    whole = Series("the whole deposit", (steps.pop("whole"),))
    for step, spent in steps.items():
        key = f"deposit_{step.split()[0].strip(',').lower()}"
        yield Measure(key, Series(f"of it: {step}", (spent,)), "ms", whole, None, {})


def _measure(
    key: str, name: str, both: list[Series], unit: str, target: Target | None, details: dict[str, Any]
) -> Measure:
    ours, floor = both
    return Measure(key, Series(name, ours.samples), unit, Series(_BARE, floor.samples), target, details)
