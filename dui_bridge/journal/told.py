"""What the DUI was told: found by comparing states with outcome rows, so that a crash between the two loses nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dui_bridge.journal.dossiers import find_key
from dui_bridge.journal.outbox import place
from dui_bridge.journal.queries import told as queries
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState, DocumentState


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One outcome row, opened. `delivery_id`: None for a document that never got to a delivery."""

    dossier_id: int
    delivery_id: int | None
    row: dict[str, Json] = field(repr=False)


class Told:
    """Reads only. Every method may raise a `JournalUnusable`."""

    def __init__(self, journal: Journal) -> None:
        self._access = journal.access

    def deliveries(
        self, source: str, states: Collection[DeliveryState], afterwards: Collection[DeliveryState] = ()
    ) -> list[tuple[int, int]]:
        """Delivery and dossier of what has been in one of these states since after its last outcome row, by id.

        Args:
            afterwards: states that are told only when something was told before.
        """
        with self._access.reading() as connection:
            return queries.deliveries(connection, source, _values(states), _values(afterwards))

    def documents(self, source: str, states: Collection[DocumentState]) -> list[tuple[int, int]]:
        """Item and dossier of the documents in one of these states since after the last row of their dossier, by
        dossier. The rows of one dossier must be stored in one transaction: they are looked at together."""
        with self._access.reading() as connection:
            return queries.documents(connection, source, _values(states))

    def rows(self, dossiers: Collection[int]) -> list[ToldRow]:
        """The outcome rows of dossiers, the first first, those that retention has emptied left out."""
        opened: list[ToldRow] = []
        with self._access.reading() as connection:
            keys = {one: find_key(connection, self._access.vault, one) for one in dossiers}
            for row in queries.rows(connection, dossiers):
                if (key := keys[row["dossier_id"]]) is not None:
                    content = key.key.open_json(place(key.name, row["created_at"]), row["row"])
                    opened.append(ToldRow(row["dossier_id"], row["delivery_id"], content))
        return opened


def _values(states: Collection[DeliveryState] | Collection[DocumentState]) -> Sequence[str]:
    return [state.value for state in states]
