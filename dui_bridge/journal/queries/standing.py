"""What stands of each document, against what its deliveries are: for destinations that come, go, and come back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
)

from dui_bridge.journal.queries.arrivals import BRINGS, operation_of
from dui_bridge.journal.queries.prepared import Prepared, one_of
from dui_bridge.journal.queries.transitions import SUPERSEDED, moving
from dui_bridge.journal.records import GONE, NOT_STANDING, KeptBack, VersionState
from dui_bridge.journal.schema import delivery, document_version, dossier, item, payload, run, series
from dui_bridge.model.states import NOT_LEFT, DeliveryEvent, DeliveryState, DocumentState, RunKind

_newer = document_version.alias("newer")
_own = document_version.alias("own")
_any = delivery.alias("any_delivery")

_NOT_DISCARDED: Final = _newer.c.state != literal_column(f"'{VersionState.DISCARDED}'")

_overtaken = and_(
    one_of(delivery.c.state, sorted(NOT_LEFT)),
    one_of(delivery.c.operation, BRINGS),
    select(_newer.c.id)
    .join_from(_own, _newer, _newer.c.series_id == _own.c.series_id)
    .where(_own.c.id == delivery.c.version_id, _newer.c.version > _own.c.version, _NOT_DISCARDED)
    .correlate(delivery)
    .exists(),
)
_later = delivery.alias("later_delivery")
_needless = and_(
    delivery.c.destination == bindparam("to"),
    one_of(delivery.c.state, [DeliveryState.RETURNED]),
    select(_later.c.id)
    .join_from(_own, _newer, _newer.c.series_id == _own.c.series_id)
    .join(_later, _later.c.version_id == _newer.c.id)
    .where(
        _own.c.id == delivery.c.version_id,
        _newer.c.version > _own.c.version,
        _later.c.destination == delivery.c.destination,
        one_of(_later.c.operation, BRINGS),
        one_of(_later.c.state, [DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED]),
    )
    .correlate(delivery)
    .exists(),
)


def _missing() -> ColumnElement[bool]:
    """Of the version at hand: whether it stands, its document too, and no delivery takes it to the destination `to`.

    All of it in subqueries, the one that is false as a rule first: SQLite then reads an index and no row.
    """
    there = select(_any.c.id).where(_any.c.version_id == document_version.c.id, _any.c.destination == bindparam("to"))
    standing = select(func.max(_newer.c.version)).where(
        _newer.c.series_id == document_version.c.series_id, _NOT_DISCARDED
    )
    erased = select(dossier.c.id).where(dossier.c.id == document_version.c.dossier_id, dossier.c.wrapped_key.is_(None))
    document = (
        select(case((item.c.gone_at.is_not(None), GONE), else_=item.c.state))
        .where(item.c.series_id == document_version.c.series_id)
        .order_by(item.c.id.desc())
        .limit(1)
    )
    usager = (
        select(item.c.state)
        .where(item.c.dossier_id == document_version.c.dossier_id, item.c.kind == "usager")
        .order_by(item.c.id.desc())
        .limit(1)
    )
    return and_(
        ~there.correlate(document_version).exists(),
        document_version.c.version == standing.correlate(document_version).scalar_subquery(),
        ~erased.correlate(document_version).exists(),
        ~one_of(func.coalesce(document.correlate(document_version).scalar_subquery(), ""), sorted(NOT_STANDING)),
        func.coalesce(usager.correlate(document_version).scalar_subquery(), "") != DocumentState.QUARANTINED.value,
    )


_kept = (
    select(payload.c.id)
    .where(payload.c.id == document_version.c.cda_id, payload.c.purged_at.is_(None))
    .correlate(document_version)
    .exists()
)
_MISSING: Final = Prepared(
    select(document_version.c.series_id, document_version.c.id, _kept.label("kept"))
    .where(document_version.c.series_id > bindparam("after"), _missing())
    .order_by(document_version.c.series_id)
    .limit(bindparam("at_most", type_=Integer))
)
_OVERTAKEN: Final = Prepared(
    select(delivery.c.id)
    .where(delivery.c.destination == bindparam("to"), _overtaken)
    .limit(bindparam("at_most", type_=Integer))
)
_NEEDLESS: Final = Prepared(select(delivery.c.id).where(_needless).limit(1))


def has_needless(connection: Connection, destination: str) -> bool:
    """Whether something came back from a destination that a later version went to since."""
    return _NEEDLESS.scalar(connection, to=destination) is not None


def cancel_needless(connection: Connection, destination: str, at: datetime) -> int:
    """Cancels what came back from a destination that a later version went to since; how many."""
    given = {"to": destination, "cause": SUPERSEDED, "who": "nobody", "at": at}
    return connection.execute(moving(DeliveryEvent.CANCEL).where(_needless), given).rowcount


def overtaken(connection: Connection, destination: str, limit: int) -> list[int]:
    """Deliveries to a destination that have not left, of versions that a newer one follows that was not discarded."""
    return [row["id"] for row in _OVERTAKEN.rows(connection, to=destination, at_most=limit)]


def cancel_overtaken(connection: Connection, ids: Sequence[int], at: datetime) -> int:
    """Cancels those of these that are still so; how many."""
    cancelled = connection.execute(
        moving(DeliveryEvent.CANCEL).where(delivery.c.id.in_(ids), _overtaken),
        {"cause": SUPERSEDED, "who": "nobody", "at": at},
    )
    return cancelled.rowcount


def missing(connection: Connection, destination: str, after: int, limit: int) -> list[tuple[int, int, bool]]:
    """Versions that stand, of documents that stand, that nothing takes to a destination, by series.

    Args:
        after: series id that they follow.
    Returns:
        series id, version id, and whether its bytes are kept.
    """
    found = _MISSING.rows(connection, after=after, to=destination, at_most=limit)
    return [(row["series_id"], row["id"], bool(row["kept"])) for row in found]


def not_kept(connection: Connection, destination: str) -> int:
    """How many of these cannot be taken there: their bytes are not kept any more."""
    return _number(connection, destination, ~_kept)


def kept(connection: Connection, destination: str) -> int:
    """How many of these can be taken there."""
    return _number(connection, destination, _kept)


def _number(connection: Connection, destination: str, condition: ColumnElement[bool]) -> int:
    counted = select(func.count(document_version.c.id)).where(_missing(), condition)
    return int(connection.execute(counted, {"to": destination}).scalar_one())


def add_missing(
    connection: Connection,
    destination: str,
    ids: Sequence[int],
    urgent_types: Collection[str],
    at: datetime,
    kept_back: KeptBack | None = None,
) -> int:
    """Plans those of these versions that are still so to a destination, or keeps them back; how many."""
    state = DeliveryState.PLANNED if kept_back is None else DeliveryState.BLOCKED
    of_version = select(document_version.c.series_id).where(document_version.c.id.in_(ids))
    # On a server a version that is being recorded now is waited for: its foreign key holds the row of its series.
    connection.execute(select(series.c.id).where(series.c.id.in_(of_version)).with_for_update())
    moment = bindparam("at", at, type_=delivery.c.since.type)
    is_urgent_type = one_of(series.c.kind, sorted(urgent_types)) if urgent_types else false()
    values: dict[str, Any] = {
        "version_id": document_version.c.id,
        "series_id": document_version.c.series_id,
        "dossier_id": document_version.c.dossier_id,
        "source": series.c.source,
        "destination": literal(destination),
        "operation": operation_of(document_version.c.series_id, literal(destination), document_version.c.version),
        "finess": series.c.finess,
        "urgent": or_(is_urgent_type, run.c.kind == RunKind.URGENT.value),
        "state": literal(state.value),
        "cause": literal("" if kept_back is None else kept_back.cause),
        "who": literal("" if kept_back is None else kept_back.who),
        "since": moment,
        "tries": literal(0),
        "created_at": moment,
        "reference": literal(""),
        "task_id": null(),
        "run_id": document_version.c.run_id,
    }
    chosen = (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(
            document_version.join(series, series.c.id == document_version.c.series_id).join(
                run, run.c.id == document_version.c.run_id
            )
        )
        .where(document_version.c.id.in_(ids), _kept, _missing())
        .order_by(document_version.c.id)
    )
    # Counted by what it gives: a driver may not know how many rows an INSERT from a SELECT made.
    adding = insert(delivery).from_select(list(values), chosen).returning(delivery.c.id)
    added = connection.execute(adding, {"to": destination})
    return len(added.all())
