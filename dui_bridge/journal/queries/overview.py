"""How everything stands: read only, grouped by the database so that a hundred thousand deliveries are one glance.

A document has the state of the delivery that is first told (`FIRST_TOLD`): among those that wait, of any version, else
among those of the latest version that has any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from dui_bridge.journal.schema import attempt, delivery, document_version, dossier, item, outbox, payload, run, series
from dui_bridge.model.states import FIRST_TOLD, SETTLED, DeliveryState, DocumentState, RunState

READ: Final = (RunState.DONE, RunState.HELD, RunState.RELEASED, RunState.DISCARDED)
"""How a run stands that read its export to the end."""
STOPPED: Final = (DocumentState.QUARANTINED, DocumentState.INVALID, DocumentState.PLANNED)
"""States of an item that waits, whatever was delivered of its document before."""
BY_DELIVERIES: Final = (DocumentState.BUILT, DocumentState.UNCHANGED, DocumentState.WOULD_DIFFER)
"""States of a document whose deliveries say how it stands."""

_IDS: Final = 10**12
"""More than there will be deliveries: a rank and an id in one number."""
_RANKS: Final = 100
"""More than there are states: a version and a rank in one number."""
_STREAMED: Final = 1_000

_rank = case({state.value: rank for rank, state in enumerate(FIRST_TOLD)}, value=delivery.c.state)
_settled = delivery.c.state.in_([state.value for state in SETTLED])
_waits = delivery.c.state.not_in([state.value for state in SETTLED])

# One pass over the deliveries. Of those that wait, the first told with its id; of the others, the latest version with
# its state: two numbers in one, since a minimum of pairs is not known to every database.
_told = (
    select(
        delivery.c.series_id,
        func.min(case((_waits, cast(_rank, BigInteger) * _IDS + delivery.c.id))).label("waiting"),
        func.max(
            case(
                (
                    _settled,
                    cast(delivery.c.version_id, BigInteger) * _RANKS + len(FIRST_TOLD) - _rank,
                )
            )
        ).label("settled"),
    )
    .group_by(delivery.c.series_id)
    .subquery("told")
)
_telling = delivery.alias("telling")
_told_rank = case(
    (_told.c.waiting.is_not(None), _told.c.waiting // _IDS),
    else_=literal(len(FIRST_TOLD), Integer) - _told.c.settled % _RANKS,
)

# What the last whole reading of each source holds, and what was read since.
_in_reading = item.c.gone_at.is_(None)
_by_deliveries = item.c.state.in_([state.value for state in BY_DELIVERIES])
_stopped = item.c.state.in_([state.value for state in STOPPED])


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: one establishment, and of what waits, what does since a time in [since, until). None: all."""

    finess: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def item_counts(connection: Connection, scope: Scope) -> Sequence[RowMapping]:
    """`source, kind, state, rank, number`: `rank` (see `told`) is what its deliveries give a document, None without."""
    statement = (
        select(item.c.source, item.c.kind, item.c.state, _told_rank.label("rank"), func.count().label("number"))
        .select_from(item.outerjoin(_told, _told.c.series_id == item.c.series_id))
        .where(_in_reading, *_of_items(scope))
        .group_by(item.c.source, item.c.kind, item.c.state, _told_rank)
    )
    return connection.execute(statement).mappings().all()


def told(rank: int | None) -> DeliveryState | None:
    """The state of a rank that a query gave."""
    return None if rank is None else FIRST_TOLD[rank]


def stopped_groups(connection: Connection, scope: Scope) -> Sequence[RowMapping]:
    """`kind, state, cause, who, number, oldest`: the items that never got to a delivery and wait."""
    key = (item.c.kind, item.c.state, item.c.cause, item.c.who)
    statement = (
        select(*key, func.count().label("number"), func.min(item.c.since).label("oldest"))
        .where(_in_reading, _stopped, *_of_items(scope), *_within(item.c.since, scope))
        .group_by(*key)
    )
    return connection.execute(statement).mappings().all()


def stopped_examples(connection: Connection, scope: Scope, limit: int) -> Sequence[RowMapping]:
    """`kind, state, cause, who, id`: the first items of each group."""
    key = (item.c.kind, item.c.state, item.c.cause, item.c.who)
    numbered = (
        select(*key, item.c.id, func.row_number().over(partition_by=key, order_by=item.c.id).label("place"))
        .where(_in_reading, _stopped, *_of_items(scope), *_within(item.c.since, scope))
        .subquery()
    )
    return connection.execute(select(numbered).where(numbered.c.place <= limit)).mappings().all()


def delivery_groups(connection: Connection, scope: Scope) -> Sequence[RowMapping]:
    """`destination, state, cause, who, number, oldest, next_at`: the deliveries that wait."""
    key = (delivery.c.destination, delivery.c.state, delivery.c.cause, delivery.c.who)
    statement = (
        select(
            *key,
            func.count().label("number"),
            func.min(delivery.c.since).label("oldest"),
            func.min(delivery.c.not_before).label("next_at"),
        )
        .where(_waits, *_of_deliveries(scope), *_within(delivery.c.since, scope))
        .group_by(*key)
    )
    return connection.execute(statement).mappings().all()


def delivery_examples(connection: Connection, scope: Scope, limit: int) -> Sequence[RowMapping]:
    """`destination, state, cause, who, id, series_id`: the first deliveries of each group."""
    key = (delivery.c.destination, delivery.c.state, delivery.c.cause, delivery.c.who)
    numbered = (
        select(
            *key,
            delivery.c.id,
            delivery.c.series_id,
            func.row_number().over(partition_by=key, order_by=delivery.c.id).label("place"),
        )
        .where(_waits, *_of_deliveries(scope), *_within(delivery.c.since, scope))
        .subquery()
    )
    return connection.execute(select(numbered).where(numbered.c.place <= limit)).mappings().all()


def items_of_series(connection: Connection, wanted: Collection[int]) -> dict[int, int]:
    """Series → the item of its document, as it was last read."""
    statement = (
        select(item.c.series_id, func.max(item.c.id)).where(item.c.series_id.in_(wanted)).group_by(item.c.series_id)
    )
    return {int(key): int(number) for key, number in connection.execute(statement)}


def open_items(connection: Connection, scope: Scope) -> Iterator[RowMapping]:
    """Every item that waits, by id: its own `state, cause, who, since`, and those of the delivery that is told, if one
    is (`told_…`)."""
    statement = (
        select(
            item.c.id,
            item.c.kind,
            item.c.state,
            item.c.cause,
            item.c.who,
            item.c.since,
            _telling.c.state.label("told_state"),
            _telling.c.cause.label("told_cause"),
            _telling.c.who.label("told_who"),
            _telling.c.since.label("told_since"),
            _telling.c.destination.label("told_destination"),
        )
        .select_from(
            item.outerjoin(_told, and_(_told.c.series_id == item.c.series_id, _by_deliveries)).outerjoin(
                _telling, _telling.c.id == _told.c.waiting % _IDS
            )
        )
        .where(
            _in_reading,
            or_(_stopped, _telling.c.id.is_not(None)),
            *_of_items(scope),
            *_within(func.coalesce(_telling.c.since, item.c.since), scope),
        )
        .order_by(item.c.id)
    )
    yield from _streamed(connection, statement)


def other_deliveries(connection: Connection, scope: Scope) -> Iterator[RowMapping]:
    """`id, state, cause, who, since, destination`: the deliveries that wait, of documents that the last reading does
    not hold, or holds in another state (in quarantine since, for one)."""
    telling = select(item.c.series_id).where(_in_reading, _by_deliveries, item.c.series_id.is_not(None)).subquery()
    statement = (
        select(
            delivery.c.id,
            delivery.c.state,
            delivery.c.cause,
            delivery.c.who,
            delivery.c.since,
            delivery.c.destination,
        )
        .where(
            _waits,
            delivery.c.series_id.not_in(select(telling.c.series_id)),
            *_of_deliveries(scope),
            *_within(delivery.c.since, scope),
        )
        .order_by(delivery.c.id)
    )
    yield from _streamed(connection, statement)


def destination_counts(connection: Connection, scope: Scope) -> Sequence[RowMapping]:
    """`destination, state, number`."""
    statement = (
        select(delivery.c.destination, delivery.c.state, func.count().label("number"))
        .where(*_of_deliveries(scope))
        .group_by(delivery.c.destination, delivery.c.state)
    )
    return connection.execute(statement).mappings().all()


def urgent_waiting(connection: Connection, destination: str, before: datetime) -> RowMapping:
    """`number, oldest`: the urgent deliveries that somebody waits for and that were planned before this time."""
    statement = select(func.count().label("number"), func.min(delivery.c.created_at).label("oldest")).where(
        _waits,
        delivery.c.destination == destination,
        delivery.c.urgent.is_(True),
        delivery.c.created_at <= before,
    )
    return connection.execute(statement).mappings().one()


def delivered(connection: Connection, scope: Scope, begin: datetime, end: datetime) -> Sequence[RowMapping]:
    """`destination, kind, number`: what arrived in [begin, end), by type of document."""
    statement = (
        select(delivery.c.destination, series.c.kind, func.count().label("number"))
        .join(series, series.c.id == delivery.c.series_id)
        .where(
            delivery.c.settled_at >= begin,
            delivery.c.settled_at < end,
            delivery.c.state.in_([DeliveryState.DELIVERED.value, DeliveryState.ACKNOWLEDGED.value]),
            *_of_deliveries(scope),
        )
        .group_by(delivery.c.destination, series.c.kind)
        .order_by(delivery.c.destination, series.c.kind)
    )
    return connection.execute(statement).mappings().all()


def attempts(connection: Connection, scope: Scope, begin: datetime, end: datetime) -> Sequence[RowMapping]:
    """`destination, result, number`: the tries that began in [begin, end); `result` None: no end is known."""
    statement = (
        select(delivery.c.destination, attempt.c.result, func.count().label("number"))
        .join(delivery, delivery.c.id == attempt.c.delivery_id)
        .where(attempt.c.started_at >= begin, attempt.c.started_at < end, *_of_deliveries(scope))
        .group_by(delivery.c.destination, attempt.c.result)
        .order_by(delivery.c.destination)
    )
    return connection.execute(statement).mappings().all()


def runs_between(connection: Connection, begin: datetime, end: datetime) -> list[str]:
    """The ids of the runs that began in [begin, end), the first one first."""
    statement = select(run.c.id).where(run.c.started_at >= begin, run.c.started_at < end).order_by(run.c.started_at)
    return list(connection.execute(statement).scalars())


def purged_before(connection: Connection, names: Collection[str], before: datetime) -> int:
    """How many of the payloads with these names were purged before this time."""
    statement = select(func.count()).where(payload.c.name.in_(names), payload.c.purged_at < before)
    return int(connection.execute(statement).scalar_one())


def last_readings(connection: Connection) -> Sequence[RowMapping]:
    """`source, read_at`: when the last export of each source that was read to its end began to be."""
    statement = (
        select(run.c.source, func.max(run.c.started_at).label("read_at"))
        .where(run.c.state.in_([state.value for state in READ]))
        .group_by(run.c.source)
    )
    return connection.execute(statement).mappings().all()


def _of_items(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """An item whose establishment is unknown is everybody's: its problem is shown whatever was asked for."""
    return () if scope.finess is None else (or_(item.c.finess == scope.finess, item.c.finess.is_(None)),)


def _of_deliveries(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return () if scope.finess is None else (delivery.c.finess == scope.finess,)


def _within(column: ColumnElement[datetime], scope: Scope) -> Iterator[ColumnElement[bool]]:
    if scope.since is not None:
        yield column >= scope.since
    if scope.until is not None:
        yield column < scope.until


def _streamed(connection: Connection, statement: Select[tuple[object, ...]]) -> Iterator[RowMapping]:
    found = connection.execution_options(yield_per=_STREAMED).execute(statement)
    yield from found.mappings()


def usager_items(connection: Connection, digest: str) -> list[int]:
    """The items of the usagers, of any source, whose local id has this digest."""
    statement = (
        select(item.c.id)
        .join(dossier, dossier.c.id == item.c.dossier_id)
        .where(dossier.c.usager_key == digest, item.c.kind == "usager")
        .order_by(item.c.id)
    )
    return list(connection.execute(statement).scalars())


def items_of_run(connection: Connection, source: str, run_id: str) -> Sequence[tuple[str, str, int]]:
    """Kind, state and number of the items that a run was the last to read."""
    statement = (
        select(item.c.kind, item.c.state, func.count())
        .where(item.c.source == source, item.c.run_id == run_id)
        .group_by(item.c.kind, item.c.state)
        .order_by(item.c.kind.desc(), item.c.state)
    )
    return [(kind, state, number) for kind, state, number in connection.execute(statement)]


def deliveries_of_run(connection: Connection, run_id: str) -> Sequence[tuple[str, int]]:
    """State and number of the deliveries of a run."""
    statement = (
        select(delivery.c.state, func.count())
        .where(delivery.c.run_id == run_id)
        .group_by(delivery.c.state)
        .order_by(delivery.c.state)
    )
    return [(state, number) for state, number in connection.execute(statement)]


def items_of_dossier(connection: Connection, dossier_id: int) -> Sequence[RowMapping]:
    """`id, kind, doc_type, state, series_id, rank, gone_at`: the documents of a dossier, by id."""
    statement = (
        select(
            item.c.id,
            item.c.kind,
            item.c.doc_type,
            item.c.state,
            item.c.series_id,
            item.c.gone_at,
            _told_rank.label("rank"),
        )
        .select_from(item.outerjoin(_told, _told.c.series_id == item.c.series_id))
        .where(item.c.dossier_id == dossier_id, item.c.kind == "document")
        .order_by(item.c.id)
    )
    return connection.execute(statement).mappings().all()


def series_of_version(connection: Connection, unique_id: str) -> int | None:
    """The series of the version with this unique id."""
    which = document_version.c.unique_id == unique_id
    return connection.execute(select(document_version.c.series_id).where(which)).scalar()


def versions_of_series(connection: Connection, series_id: int) -> Sequence[RowMapping]:
    """Every version of a document, the first first."""
    columns = (
        document_version.c.version,
        document_version.c.unique_id,
        document_version.c.replaces,
        document_version.c.sha256,
        document_version.c.size,
        document_version.c.media_type,
        document_version.c.state,
        document_version.c.built_at,
        document_version.c.run_id,
        document_version.c.versions,
    )
    statement = select(*columns).where(document_version.c.series_id == series_id).order_by(document_version.c.version)
    return connection.execute(statement).mappings().all()


def deliveries_of_series(connection: Connection, series_id: int) -> list[int]:
    """The ids of all deliveries of a document, the first first."""
    statement = select(delivery.c.id).where(delivery.c.series_id == series_id).order_by(delivery.c.id)
    return list(connection.execute(statement).scalars())


def outcome_rows(connection: Connection, deliveries: Collection[int]) -> Sequence[RowMapping]:
    """`delivery_id, created_at, tries, written_at, file`: what the DUI was or is to be told of these."""
    statement = (
        select(outbox.c.delivery_id, outbox.c.created_at, outbox.c.tries, outbox.c.written_at, outbox.c.file)
        .where(outbox.c.delivery_id.in_(deliveries))
        .order_by(outbox.c.id)
    )
    return connection.execute(statement).mappings().all()


def stopped_items(connection: Connection, scope: Scope, but: str) -> list[int]:
    """The ids of the items of the last readings that never got to a delivery and wait, but those of one cause."""
    statement = (
        select(item.c.id)
        .where(_in_reading, _stopped, item.c.cause != but, *_of_items(scope))
        .order_by(item.c.kind.desc(), item.c.id)
    )
    return list(connection.execute(statement).scalars())


def queue(connection: Connection, destination: str, limit: int) -> Sequence[RowMapping]:
    """`id, series_id, kind, state, urgent, since, not_before, tries, cause, who, finess`: what is about to leave for a
    destination, in that order."""
    states = [state.value for state in (DeliveryState.SENDING, DeliveryState.READY, DeliveryState.PLANNED)]
    place = case({state: number for number, state in enumerate(states)}, value=delivery.c.state)
    statement = (
        select(
            delivery.c.id,
            delivery.c.series_id,
            series.c.kind,
            delivery.c.state,
            delivery.c.urgent,
            delivery.c.since,
            delivery.c.not_before,
            delivery.c.tries,
            delivery.c.cause,
            delivery.c.who,
            delivery.c.finess,
        )
        .join(series, series.c.id == delivery.c.series_id)
        .where(delivery.c.destination == destination, delivery.c.state.in_(states))
        .order_by(place, delivery.c.urgent.desc(), delivery.c.id)
        .limit(limit)
    )
    return connection.execute(statement).mappings().all()
