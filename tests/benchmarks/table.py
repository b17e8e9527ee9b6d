"""What was measured, as one Markdown table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Series:
    """The same thing measured in several whole runs; what counts is the median."""

    name: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.samples)

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "median": self.median, "samples": list(self.samples)}


@dataclass(frozen=True)
class Target:
    """A bound on the ratio to the floor, or (`of_ratio` false) on the median itself."""

    bound: float
    at_most: bool
    of_ratio: bool = True

    def holds(self, measure: Measure) -> bool:
        value = measure.ratio if self.of_ratio else measure.value.median
        return value <= self.bound if self.at_most else value >= self.bound


@dataclass(frozen=True)
class Measure:
    """One row of the table.

    Args:
        key: its name in the JSON, stable between versions.
        value: what was measured, in `unit`.
        unit: `ms`, `s`, `MB`, or a rate such as `rows/s`.
        floor: what it is compared with, in the same unit, measured in the same run.
        target: what must hold, None when the figure is only told.
        details: other figures of the same runs, for the JSON alone.
    """

    key: str
    value: Series
    unit: str
    floor: Series
    target: Target | None
    details: Mapping[str, Any]

    @property
    def ratio(self) -> float:
        """The value as a multiple of the floor, whichever of the two is larger."""
        return self.value.median / self.floor.median

    def verdict(self, *, judged: bool) -> str:
        if self.target is None or not judged:
            return ""
        return "ok" if self.target.holds(self) else "MISSED"

    def as_dict(self, *, judged: bool) -> dict[str, Any]:
        bound = self.target
        return {
            "key": self.key,
            "unit": self.unit,
            "value": self.value.as_dict(),
            "floor": self.floor.as_dict(),
            "ratio": self.ratio,
            "target": None
            if bound is None
            else {
                "of": "ratio" if bound.of_ratio else "value",
                "at_most" if bound.at_most else "at_least": bound.bound,
            },
            "verdict": self.verdict(judged=judged),
            "details": dict(self.details),
        }


@dataclass(frozen=True)
class Skipped:
    """A row for what could not be measured here, and why."""

    key: str
    name: str
    why: str

    def as_dict(self, *, judged: bool) -> dict[str, Any]:
        return {"key": self.key, "name": self.name, "skipped": self.why}


def as_markdown(measures: Sequence[Measure | Skipped], *, judged: bool) -> str:
    """The table. Without `judged` (sizes too small to mean anything) the last column stays empty."""
    head = ("measure", "median", "floor", "of the floor", "ratio", "target", "")
    rows = [head, ("---", "---:", "---", "---:", "---:", "---", "---")]
    rows += [_row(measure, judged=judged) for measure in measures]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(measure: Measure | Skipped, *, judged: bool) -> tuple[str, ...]:
    if isinstance(measure, Skipped):
        return (measure.name, "", measure.why, "", "", "", "skipped")
    return (
        measure.value.name,
        _number(measure.value.median, measure.unit),
        measure.floor.name,
        _number(measure.floor.median, measure.unit),
        _ratio(measure.ratio, measure.unit),
        _target(measure),
        measure.verdict(judged=judged),
    )


def _number(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def _ratio(value: float, unit: str) -> str:
    """A rate below its floor is a part of it; everything else is a multiple."""
    return f"{value:.1%}" if unit.endswith("/s") and value < 1 else f"{value:.2f} ×"


def _target(measure: Measure) -> str:
    target = measure.target
    if target is None:
        return ""
    shown = _ratio(target.bound, measure.unit) if target.of_ratio else _number(target.bound, measure.unit)
    return f"{'≤' if target.at_most else '≥'} {shown}"
