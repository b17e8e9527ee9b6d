"""The journal in numbers, for monitoring: nothing of a person, and no number of a dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dui_bridge.journal.access import Access
from dui_bridge.journal.queries import gauges as queries


@dataclass(frozen=True, slots=True)
class Queue:
    """What is about to leave for a destination. `oldest`: when the first of it was planned."""

    destination: str
    urgent: bool
    number: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many there are at one moment.

    Args:
        runs: (source, state) → runs.
        deliveries: (destination, state) → deliveries.
        queues: of each destination that has one, what is urgent apart.
        outcomes: source → how many rows the DUI was not given yet, and since when the first of them waits.
    """

    runs: dict[tuple[str, str], int]
    deliveries: dict[tuple[str, str], int]
    queues: list[Queue]
    outcomes: dict[str, tuple[int, datetime]]


class Gauges:
    """Reads only. May raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def numbers(self) -> Numbers:
        """All of them, at one moment."""
        with self._access.reading() as connection:
            return Numbers(
                {(row["source"], row["state"]): row["number"] for row in queries.runs(connection)},
                {(row["destination"], row["state"]): row["number"] for row in queries.deliveries(connection)},
                [Queue(**row) for row in queries.queued(connection)],
                {row["source"]: (row["number"], row["oldest"]) for row in queries.outcome_rows(connection)},
            )
