"""How everything stands, for `status`, `trace` and `queue`. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import usager_digest
from dui_bridge.journal.queries import overview, settings
from dui_bridge.journal.queries.overview import Scope as Scope
from dui_bridge.model.states import SETTLED, DeliveryState, DocumentState

EXAMPLES: Final = 3
"""So many ids are named of each cause."""
_PAGE: Final = 500
_EVERYTHING: Final = Scope()
_TURN: Final = frozenset({DeliveryState.READY.value, DeliveryState.PLANNED.value})


@dataclass(frozen=True, slots=True)
class ItemCount:
    """How many items of a source are in one state. `told`: the state that the deliveries of a document give it."""

    source: str
    kind: str
    state: str
    told: DeliveryState | None
    number: int

    @property
    def shown(self) -> str:
        """The one state in which they are counted."""
        return item_state(self.kind, self.state, self.told)


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """What waits for one cause in one state: items that never got to a delivery (no `destinations`), or deliveries.

    Args:
        kind: usager, or document.
        number: how many.
        oldest: since when the first of them waits.
        destinations: destination → how many deliveries to it.
        next_at: when one of them may leave next; None: now, or not by itself.
        examples: public ids of the first ones.
    """

    kind: str
    state: str
    cause: str
    who: str
    number: int
    oldest: datetime
    destinations: dict[str, int] = field(default_factory=dict)
    next_at: datetime | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item, or a delivery without one, that waits. `destination`: of the delivery that is told."""

    id: str
    kind: str
    state: str
    cause: str
    who: str
    since: datetime
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class DossierDocument:
    """A document of a dossier, by the number of its item. `gone_at`: no longer in the export."""

    number: int
    doc_type: str | None
    state: str
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a document. `versions`: of the bridge, the mapping and the tables; `size` in bytes."""

    version: int
    unique_id: str
    replaces: str | None
    sha256: str
    size: int
    media_type: str
    state: str
    built_at: datetime
    run_id: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """A row for the DUI. `written_at` None: it waits; `file`: where it stands."""

    delivery_id: int
    created_at: datetime
    tries: int
    written_at: datetime | None
    file: str


@dataclass(frozen=True, slots=True)
class Queued:
    """A delivery that is about to leave. `item`: of its document, None when the journal knows none."""

    id: int
    series_id: int
    kind: str
    state: str
    urgent: bool
    since: datetime
    not_before: datetime | None
    tries: int
    cause: str
    who: str
    finess: str
    item: int | None


def item_state(kind: str, state: str, told: DeliveryState | None) -> str:
    """The one state in which an item is counted.

    Args:
        kind: usager or document.
        state: as the last reading left it.
        told: the first told of its deliveries, None without any.
    """
    if kind == "usager" or state not in overview.BY_DELIVERIES:
        return state
    if told is None:
        return DocumentState.BUILT.value if state == DocumentState.UNCHANGED else state
    if state == DocumentState.WOULD_DIFFER and told in SETTLED:
        return state
    return told.value


class Snapshot:
    """The journal at one moment, within a scope; the counts hold what waits since whenever."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection, self._scope = connection, scope

    @property
    def scope(self) -> Scope:
        """What it is limited to."""
        return self._scope

    def counts(self) -> list[ItemCount]:
        """Every item of the last reading of each source, counted once."""
        return [
            ItemCount(row["source"], row["kind"], row["state"], overview.told(row["rank"]), row["number"])
            for row in overview.item_counts(self._connection, self._scope)
        ]

    def groups(self) -> list[WaitingGroup]:
        """What waits, by cause, the largest first."""
        found = [*self._stopped(), *self._deliveries()]
        return sorted(found, key=lambda group: (-group.number, group.cause, group.state))

    def open_items(self) -> Iterator[OpenItem]:
        """Every item of the last readings that waits, by id; streamed."""
        for row in overview.open_items(self._connection, self._scope):
            told = "told_" if row["told_state"] is not None else ""
            yield OpenItem(
                id=f"{row['kind']}-{row['id']}",
                kind=row["kind"],
                state=row[f"{told}state"],
                cause=row[f"{told}cause"],
                who=row[f"{told}who"],
                since=row[f"{told}since"],
                destination=row["told_destination"],
            )

    def others(self) -> Iterator[OpenItem]:
        """The deliveries that wait and that no item of the last readings tells; streamed."""
        for row in overview.other_deliveries(self._connection, self._scope):
            yield OpenItem(
                id=f"delivery-{row['id']}",
                kind="document",
                state=row["state"],
                cause=row["cause"],
                who=row["who"],
                since=row["since"],
                destination=row["destination"],
            )

    def destinations(self) -> dict[str, dict[DeliveryState, int]]:
        """Destination → how many deliveries in each state."""
        found: dict[str, dict[DeliveryState, int]] = defaultdict(dict)
        for row in overview.destination_counts(self._connection, self._scope):
            found[row["destination"]][DeliveryState(row["state"])] = row["number"]
        return dict(found)

    def urgent_waiting(self, destination: str, before: datetime) -> tuple[int, datetime | None]:
        """How many urgent deliveries to a destination wait that were planned before this time; when the oldest was."""
        row = overview.urgent_waiting(self._connection, destination, before)
        return row["number"], row["oldest"]

    def last_readings(self) -> dict[str, datetime]:
        """Source → when its last reading began, of those that came to the end of the export."""
        return {row["source"]: row["read_at"] for row in overview.last_readings(self._connection)}

    def delivered(self, begin: datetime, end: datetime) -> list[tuple[str, str, int]]:
        """Destination, type of document, and how many arrived in [begin, end)."""
        rows = overview.delivered(self._connection, self._scope, begin, end)
        return [(row["destination"], row["kind"], row["number"]) for row in rows]

    def attempts(self, begin: datetime, end: datetime) -> dict[str, dict[str | None, int]]:
        """Destination → how the tries that began in [begin, end) ended (None: not known) → how many."""
        found: dict[str, dict[str | None, int]] = defaultdict(dict)
        for row in overview.attempts(self._connection, self._scope, begin, end):
            found[row["destination"]][row["result"]] = row["number"]
        return dict(found)

    def runs_between(self, begin: datetime, end: datetime) -> list[str]:
        """The ids of the runs that began in [begin, end), the first one first."""
        return overview.runs_between(self._connection, begin, end)

    def setting(self, name: str) -> str | None:
        """What the journal remembers under a name."""
        return settings.value(self._connection, name)

    def _stopped(self) -> Iterator[WaitingGroup]:
        examples: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for row in overview.stopped_examples(self._connection, self._scope, EXAMPLES):
            examples[row["kind"], row["state"], row["cause"], row["who"]].append(f"{row['kind']}-{row['id']}")
        for row in overview.stopped_groups(self._connection, self._scope):
            key = (row["kind"], row["state"], row["cause"], row["who"])
            yield WaitingGroup(*key, row["number"], row["oldest"], examples=tuple(examples[key]))

    def _deliveries(self) -> Iterator[WaitingGroup]:
        """By cause; what only waits for its turn, by destination as well, since a destination may be stopped."""
        examples = self._delivery_examples()
        groups: dict[tuple[str, ...], list[WaitingGroup]] = defaultdict(list)
        for row in overview.delivery_groups(self._connection, self._scope):
            to, key = row["destination"], (row["state"], row["cause"], row["who"])
            group = WaitingGroup(
                "document",
                *key,
                row["number"],
                row["oldest"],
                {to: row["number"]},
                row["next_at"],
                tuple(examples[(to, *key)]),
            )
            groups[(*key, to) if row["state"] in _TURN else key].append(group)
        for parts in groups.values():
            yield _merged(parts)

    def _delivery_examples(self) -> dict[tuple[str, ...], list[str]]:
        rows = overview.delivery_examples(self._connection, self._scope, EXAMPLES)
        items = overview.items_of_series(self._connection, {row["series_id"] for row in rows})
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for row in rows:
            item = items.get(row["series_id"])
            name = f"document-{item}" if item is not None else f"delivery-{row['id']}"
            found[row["destination"], row["state"], row["cause"], row["who"]].append(name)
        return found


def _merged(parts: list[WaitingGroup]) -> WaitingGroup:
    """One group of what waits for the same cause at several destinations."""
    first = parts[0]
    return replace(
        first,
        number=sum(part.number for part in parts),
        oldest=min(part.oldest for part in parts),
        destinations={name: number for part in parts for name, number in part.destinations.items()},
        next_at=min((part.next_at for part in parts if part.next_at is not None), default=None),
        examples=tuple(dict.fromkeys(name for part in parts for name in part.examples))[:EXAMPLES],
    )


class Overview:
    """What is asked of several tables at once. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @contextmanager
    def snapshot(self, scope: Scope = _EVERYTHING) -> Iterator[Snapshot]:
        """One look at one moment, whatever is sent meanwhile; what is streamed must be read before it ends."""
        with self._access.reading() as connection:
            yield Snapshot(connection, scope)

    def usager_items(self, number: str) -> list[int]:
        """The items of the usagers, of any source, with this dossier number."""
        with self._access.reading() as connection:
            return overview.usager_items(connection, usager_digest(self._access.key, number))

    def documents_of(self, dossier_id: int) -> list[DossierDocument]:
        """The documents of a dossier, with the one state of each."""
        with self._access.reading() as connection:
            return [
                DossierDocument(
                    row["id"],
                    row["doc_type"],
                    item_state(row["kind"], row["state"], overview.told(row["rank"])),
                    row["gone_at"],
                )
                for row in overview.items_of_dossier(connection, dossier_id)
            ]

    def item_of(self, series_id: int) -> int | None:
        """The item of a document."""
        with self._access.reading() as connection:
            return overview.items_of_series(connection, [series_id]).get(series_id)

    def series_of(self, unique_id: str) -> int | None:
        """The document that a version with this unique id is of."""
        with self._access.reading() as connection:
            return overview.series_of_version(connection, unique_id)

    def versions(self, series_id: int) -> list[VersionLine]:
        """Every version of a document, the first first."""
        with self._access.reading() as connection:
            return [VersionLine(**row) for row in overview.versions_of_series(connection, series_id)]

    def deliveries_of(self, series_id: int) -> list[int]:
        """The ids of all deliveries of a document, the first first."""
        with self._access.reading() as connection:
            return overview.deliveries_of_series(connection, series_id)

    def outcomes(self, deliveries: Collection[int]) -> list[OutcomeLine]:
        """What the DUI was or is to be told of these deliveries."""
        with self._access.reading() as connection:
            return [OutcomeLine(**row) for row in overview.outcome_rows(connection, deliveries)]

    def stopped(self, finess: str | None, but: str) -> list[int]:
        """The ids of the items that never got to a delivery and wait; those of the cause `but` apart."""
        with self._access.reading() as connection:
            return overview.stopped_items(connection, Scope(finess), but)

    def unremoved(self, before: datetime) -> int:
        """How many files of payloads that were purged before this time are still there."""
        names = [path.name for path in self._access.vault.files()]
        with self._access.reading() as connection:
            pages = range(0, len(names), _PAGE)
            return sum(overview.purged_before(connection, names[at : at + _PAGE], before) for at in pages)

    def items_of_run(self, source: str, run_id: str) -> dict[str, dict[str, int]]:
        """Of the items that a run was the last to read: kind → state → how many."""
        found: dict[str, dict[str, int]] = {}
        with self._access.reading() as connection:
            for kind, state, number in overview.items_of_run(connection, source, run_id):
                found.setdefault(kind, {})[state] = number
        return found

    def deliveries_of_run(self, run_id: str) -> dict[str, int]:
        """Of the deliveries of the versions that a run made: state → how many."""
        with self._access.reading() as connection:
            return dict(overview.deliveries_of_run(connection, run_id))

    def queue(self, destination: str, limit: int) -> list[Queued]:
        """What is about to leave for a destination, in that order."""
        with self._access.reading() as connection:
            rows = overview.queue(connection, destination, limit)
            items = overview.items_of_series(connection, {row["series_id"] for row in rows})
        return [Queued(item=items.get(row["series_id"]), **row) for row in rows]
