"""Deliveries chosen by what a person names, and what happens to a whole choice at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, literal_column, or_, select, update

from dui_bridge.journal.queries.arrivals import BRINGS, EITHER
from dui_bridge.journal.queries.prepared import one_of
from dui_bridge.journal.queries.transitions import DAMAGED, moving
from dui_bridge.journal.records import VersionState
from dui_bridge.journal.schema import delivery, document_version, item, payload, series
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import ARRIVED, NOT_LEFT, DeliveryEvent, DeliveryState, DocumentState

_PAGE: Final = 500
_ALIVE: Final = sorted({*NOT_LEFT, DeliveryState.SENDING, DeliveryState.DOUBTFUL, *ARRIVED})
"""A delivery of a version in one of these makes another one of it to the same destination needless."""

_DAMAGED: Final = and_(one_of(delivery.c.state, [DeliveryState.BLOCKED]), delivery.c.cause == DAMAGED)
_version = document_version.alias("its_version")
_own = document_version.alias("own")
_later = delivery.alias("later")
_later_version = document_version.alias("later_version")
_other = delivery.alias("other")
_standing = document_version.alias("standing")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries. None means any.

    Args:
        states: in one of these.
        causes: for one of these.
        since, until: in this state since a time in [since, until).
        ids: one of these.
    """

    states: Collection[DeliveryState] | None = None
    causes: Collection[str] | None = None
    destination: str | None = None
    finess: str | None = None
    doc_type: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    series_id: int | None = None
    dossier_id: int | None = None
    task: int | None = None
    ids: Collection[int] | None = None


def ids(connection: Connection, selection: Selection) -> list[int]:
    """By id, which is the order in which they were planned."""
    statement = (
        select(delivery.c.id)
        .join(series, series.c.id == delivery.c.series_id)
        .where(*_conditions(selection))
        .order_by(delivery.c.id)
    )
    return list(connection.execute(statement).scalars())


def counts(connection: Connection, selection: Selection) -> dict[DeliveryState, int]:
    statement = (
        select(delivery.c.state, func.count())
        .select_from(delivery.join(series, series.c.id == delivery.c.series_id))
        .where(*_conditions(selection))
        .group_by(delivery.c.state)
    )
    return {DeliveryState(state): number for state, number in connection.execute(statement)}


def circumstances(connection: Connection, wanted: Sequence[int]) -> Iterator[RowMapping]:
    """`id, later, arrived, alive, discarded, kept` of deliveries, by id.

    `later`: the delivery of the latest version after this one that goes to the same destination; `arrived`, `alive`:
    whether another delivery of the same version arrived there, or may still; `discarded`: its run was; `kept`: its
    bytes are.
    """
    statement = (
        select(
            delivery.c.id,
            _latest_later().label("later"),
            _same(ARRIVED).label("arrived"),
            _same(_ALIVE).label("alive"),
            (_version.c.state == VersionState.DISCARDED.value).label("discarded"),
            and_(payload.c.id.is_not(None), payload.c.purged_at.is_(None)).label("kept"),
        )
        .select_from(
            delivery.join(_version, _version.c.id == delivery.c.version_id).outerjoin(
                payload, payload.c.id == _version.c.cda_id
            )
        )
        .order_by(delivery.c.id)
    )
    for begin in range(0, len(wanted), _PAGE):
        page = wanted[begin : begin + _PAGE]
        yield from connection.execute(statement.where(delivery.c.id.in_(page))).mappings()


def replay(connection: Connection, delivery_id: int, task_id: int, at: datetime) -> bool:
    """Plans a delivery again under a task; False when its state does not know that, or something newer goes there."""
    discarded = (
        select(_version.c.id)
        .where(_version.c.id == delivery.c.version_id, _version.c.state == VersionState.DISCARDED.value)
        .exists()
    )
    replayed = connection.execute(
        moving(DeliveryEvent.REPLAY)
        .where(delivery.c.id == delivery_id, _latest_later().is_(None), ~_same(_ALIVE), ~discarded)
        .values(task_id=task_id),
        {"cause": "", "who": "", "at": at},
    )
    return replayed.rowcount == 1


def adopt(connection: Connection, delivery_id: int, task_id: int) -> bool:
    """Puts a blocked delivery under a task; False when it is not blocked any more, or is under another task."""
    adopted = connection.execute(
        update(delivery)
        .where(
            delivery.c.id == delivery_id,
            delivery.c.state == DeliveryState.BLOCKED.value,
            or_(delivery.c.task_id.is_(None), delivery.c.task_id != task_id),
        )
        .values(task_id=task_id)
    )
    return adopted.rowcount == 1


def let_go(connection: Connection, task_id: int) -> int:
    """Takes what has not left of a task out of it; how many."""
    freed = connection.execute(
        update(delivery)
        .where(delivery.c.task_id == task_id, one_of(delivery.c.state, sorted(NOT_LEFT)))
        .values(task_id=None)
    )
    return freed.rowcount


def would_differ(
    connection: Connection, source: str | None, finess: str | None, doc_type: str | None, item_id: int | None
) -> list[str]:
    """The unique ids of the versions that stand of documents that would now be made otherwise."""
    highest = (
        select(func.max(document_version.c.version))
        .where(
            document_version.c.series_id == _standing.c.series_id,
            document_version.c.state != VersionState.DISCARDED.value,
        )
        .scalar_subquery()
    )
    statement = (
        select(_standing.c.unique_id)
        .join(item, item.c.series_id == _standing.c.series_id)
        .where(
            item.c.state == DocumentState.WOULD_DIFFER.value,
            item.c.gone_at.is_(None),
            _standing.c.version == highest,
        )
        .order_by(item.c.id)
    )
    for column, value in ((item.c.source, source), (item.c.finess, finess), (item.c.doc_type, doc_type)):
        if value is not None:
            statement = statement.where(column == value)
    if item_id is not None:
        statement = statement.where(item.c.id == item_id)
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def damaged(
    connection: Connection, source: str | None, finess: str | None, doc_type: str | None, item_id: int | None
) -> list[str]:
    """The unique ids of the versions with a delivery that is kept back because they do not open."""
    statement = (
        select(document_version.c.unique_id)
        .join(delivery, delivery.c.version_id == document_version.c.id)
        .join(series, series.c.id == delivery.c.series_id)
        .where(_DAMAGED)
        .order_by(document_version.c.id)
    )
    for column, value in ((series.c.source, source), (delivery.c.finess, finess), (series.c.kind, doc_type)):
        if value is not None:
            statement = statement.where(column == value)
    if item_id is not None:
        statement = statement.where(
            select(item.c.series_id).where(item.c.id == item_id).scalar_subquery() == series.c.id
        )
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def forget_content(connection: Connection, unique_id: str) -> None:
    """Lets the next reading find another content than that of a version, if it does not open."""
    connection.execute(
        update(document_version)
        .where(
            document_version.c.unique_id == unique_id,
            select(delivery.c.id).where(delivery.c.version_id == document_version.c.id, _DAMAGED).exists(),
        )
        .values(mapped_fingerprint="")
    )


def changed_persons(connection: Connection, run_id: str | None, cause: str) -> list[int]:
    """The items of usagers that the last reading held for this cause; those that a run held when it is given."""
    statement = (
        select(item.c.id)
        .where(
            item.c.kind == "usager",
            item.c.state == DocumentState.QUARANTINED.value,
            item.c.cause == cause,
            item.c.gone_at.is_(None),
        )
        .order_by(item.c.id)
    )
    return list(connection.execute(statement if run_id is None else statement.where(item.c.run_id == run_id)).scalars())


def _conditions(selection: Selection) -> Iterator[ColumnElement[bool]]:
    equal: Mapping[ColumnElement[object], object] = {
        delivery.c.destination: selection.destination,
        delivery.c.finess: selection.finess,
        series.c.kind: selection.doc_type,
        delivery.c.source: selection.source,
        delivery.c.series_id: selection.series_id,
        delivery.c.dossier_id: selection.dossier_id,
        delivery.c.task_id: selection.task,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if selection.states is not None:
        yield delivery.c.state.in_(sorted(state.value for state in selection.states))
    if selection.causes is not None:
        yield delivery.c.cause.in_(sorted(selection.causes))
    if selection.ids is not None:
        yield delivery.c.id.in_(sorted(selection.ids))
    if selection.since is not None:
        yield delivery.c.since >= selection.since
    if selection.until is not None:
        yield delivery.c.since < selection.until


def _latest_later() -> ColumnElement[int]:
    """Of the delivery at hand: see `circumstances`."""
    return (
        select(func.max(_later.c.id))
        .select_from(
            _later.join(_later_version, _later_version.c.id == _later.c.version_id).join(
                _own, _own.c.series_id == _later.c.series_id
            )
        )
        .where(
            _own.c.id == delivery.c.version_id,
            _later.c.series_id == delivery.c.series_id,
            _later.c.destination == delivery.c.destination,
            _later_version.c.version > _own.c.version,
            _later_version.c.state != VersionState.DISCARDED.value,
            one_of(_later.c.operation, BRINGS),
        )
        .correlate(delivery)
        .scalar_subquery()
    )


def _same(states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    """Whether another delivery of the same version to the same destination is in one of these states."""
    return (
        select(_other.c.id)
        .where(
            _other.c.version_id == delivery.c.version_id,
            _other.c.destination == delivery.c.destination,
            or_(
                _other.c.operation == delivery.c.operation,
                and_(one_of(_other.c.operation, EITHER), one_of(delivery.c.operation, EITHER)),
            ),
            # A delivery for some recipients only is no other's; it may be one of several.
            delivery.c.operation != literal_column(f"'{Operation.SEND}'"),
            _other.c.id != delivery.c.id,
            one_of(_other.c.state, states),
        )
        .exists()
    )
