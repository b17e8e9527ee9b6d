"""Deliveries that a person chooses: found, planned again under a task, taken into a backfill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dui_bridge.journal.access import Access
from dui_bridge.journal.queries import selections as queries
from dui_bridge.journal.queries import tasks, transitions
from dui_bridge.journal.queries.selections import Selection as Selection
from dui_bridge.model.states import NOT_LEFT, DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from dui_bridge.journal.records import Json, KeptBack


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What decides whether a delivery may be planned again.

    Args:
        later: the delivery of a newer version to the same destination; None without one.
        arrived: another delivery brought the same version there.
        alive: another delivery of the same version may still, or did.
        discarded: a person discarded the run that made it.
        kept: its bytes are still there.
    """

    delivery_id: int
    later: int | None
    arrived: bool
    alive: bool
    discarded: bool
    kept: bool


class Selections:
    """Every method may raise a `JournalUnusable`; times are aware."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def ids(self, selection: Selection) -> list[int]:
        """The deliveries of a selection, in the order in which they were planned."""
        with self._access.reading() as connection:
            return queries.ids(connection, selection)

    def counts(self, selection: Selection) -> dict[DeliveryState, int]:
        """How many of a selection are in each state."""
        with self._access.reading() as connection:
            return queries.counts(connection, selection)

    def circumstances(self, wanted: Sequence[int]) -> list[Circumstance]:
        """What decides whether these may be planned again, by id."""
        with self._access.reading() as connection:
            return [
                Circumstance(
                    row["id"],
                    row["later"],
                    bool(row["arrived"]),
                    bool(row["alive"]),
                    bool(row["discarded"]),
                    bool(row["kept"]),
                )
                for row in queries.circumstances(connection, wanted)
            ]

    def replay(self, wanted: Sequence[int], task_id: int, at: datetime) -> int:
        """Plans deliveries again under a task, in one transaction; how many.

        What has moved meanwhile, what a newer version overtook and what arrived in another way is passed over.
        """
        with self._access.writing() as connection:
            return sum(queries.replay(connection, one, task_id, at) for one in wanted)

    def adopt(self, wanted: Sequence[int], task_id: int, progress: Mapping[str, Json]) -> int:
        """Puts blocked deliveries under a task and says how far it has come, in one transaction; how many."""
        with self._access.writing() as connection:
            adopted = sum(queries.adopt(connection, one, task_id) for one in wanted)
            tasks.set_progress(connection, task_id, progress)
            return adopted

    def let_go(self, task_id: int, at: datetime, kept_back: KeptBack | None = None) -> int:
        """Takes what has not left of a task out of it, as it stands or kept back, in one transaction; how many."""
        with self._access.writing() as connection:
            if kept_back is not None:
                chosen = queries.ids(connection, Selection(states=NOT_LEFT, task=task_id))
                transitions.change(connection, DeliveryEvent.BLOCK, kept_back.cause, kept_back.who, at, chosen)
            return queries.let_go(connection, task_id)

    def changed_persons(self, cause: str, run: str | None = None) -> list[int]:
        """The items of usagers whose number changed person, of the last readings, or of one run."""
        with self._access.reading() as connection:
            return queries.changed_persons(connection, run, cause)
