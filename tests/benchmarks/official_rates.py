"""The rows of the official suite: documents validated, the pack compiled, peak memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes import worker
from table import Measure, Series, Skipped, Target

TARGETS = {"N1": 2.5, "FLUDT": 4.0, "IPS-FR": 4.0}
PEAK_MB = 450
PEAK_OF = (
    "VmHWM of each process, once the suite is compiled and N1, FLUDT and IPS-FR were validated {rounds} times each"
)
FLOOR = "the judge's plain way"
NOT_HERE = "the shared reference is not here"


def measure_validation(rounds: int) -> Iterator[Measure | Skipped]:
    """Documents fully validated, warm, in one process and in two at once, then what a process costs."""
    alone = worker("official", "1", str(rounds))["processes"]
    if alone is None:
        yield Skipped("validated", "documents fully validated by the official suite", NOT_HERE)
        return
    pair = worker("official", "2", str(rounds))["processes"]
    for name, bound in TARGETS.items():
        label = f"{name} fully validated, warm, per core"
        yield _rate(f"validated_{_key(name)}", label, name, alone, "cpu", bound)
    for name, bound in TARGETS.items():
        label = f"{name} fully validated, warm, two processes together"
        yield _rate(f"validated_{_key(name)}_two", label, name, pair, "wall", bound)
    times = {side: tuple(one["compile"][side]["cpu"] for one in (*alone, *pair)) for side in ("ours", "floor")}
    yield Measure(
        "pack_compiled",
        Series("the official suite compiled, first check of each of the three", times["ours"]),
        "s",
        Series(FLOOR, times["floor"]),
        None,
        {},
    )
    peaks = {side: tuple(one["peak_mb"][side] for one in (*alone, *pair)) for side in ("ours", "floor")}
    yield Measure(
        "validation_memory",
        Series("peak memory of a process that validates, suite compiled, the highest", (max(peaks["ours"]),)),
        "MB",
        Series("the same before its first document", peaks["floor"]),
        Target(PEAK_MB, at_most=True, of_ratio=False),
        {"processes": list(peaks["ours"]), "measured": PEAK_OF.format(rounds=rounds + 1)},
    )


def _rate(key: str, label: str, name: str, answers: list[dict[str, Any]], clock: str, bound: float) -> Measure:
    """Documents a second, summed over the processes of a round."""
    ours, floor = (
        tuple(
            sum(1 / one[clock] for one in together)
            for together in zip(*(answer["rates"][name][side] for answer in answers), strict=True)
        )
        for side in ("ours", "floor")
    )
    details = {"clock": clock, "processes": [answer["rates"][name] for answer in answers]}
    return Measure(key, Series(label, ours), "documents/s", Series(FLOOR, floor), Target(bound, at_most=False), details)


def _key(name: str) -> str:
    return name.lower().replace("-", "_")
