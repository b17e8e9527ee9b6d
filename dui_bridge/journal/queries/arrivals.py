"""What a destination has of a series, and so what a delivery does there: a first deposit, or a replacement."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, case, literal_column, or_, select

from dui_bridge.journal.inbox_schema import addressee, receipt
from dui_bridge.journal.queries.prepared import Prepared, Row, one_of
from dui_bridge.journal.records import DELETED_THERE
from dui_bridge.journal.schema import delivery, document_version
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import ARRIVED

BRINGS: Final = (Operation.DEPOSIT, Operation.REPLACE, Operation.SEND)
"""Operations that bring a version: a newer one makes them needless. To delete or to mask is not superseded."""
EITHER: Final = (Operation.DEPOSIT, Operation.REPLACE)
"""What brings a version to a destination; `send` brings it there to recipients who did not get it with that."""
_IN_MAILBOX: Final = ("read", "not_integrated")
"""What a report tells of a mail that somebody has: one that was not integrated lies in the mailbox all the same."""

_brought = delivery.alias("brought")
_deleted = delivery.alias("deleted")
_deleted_version = document_version.alias("deleted_version")
_version = document_version.alias("brought_version")
_own = document_version.alias("own_version")


def _arrived(series: ColumnElement[int], destination: ColumnElement[str], version: ColumnElement[int]) -> Select[Any]:
    """The unique id of the latest version before this one that a destination has."""
    return (
        select(_version.c.unique_id)
        .join_from(_brought, _version, _brought.c.version_id == _version.c.id)
        .where(
            _brought.c.series_id == series,
            _brought.c.destination == destination,
            or_(one_of(_brought.c.state, ARRIVED), _in_a_mailbox()),
            one_of(_brought.c.operation, BRINGS),
            _version.c.version < version,
            ~_deleted_since(series, destination),
        )
        .order_by(_version.c.version.desc())
        .limit(1)
    )


def _in_a_mailbox() -> ColumnElement[bool]:
    """Whether somebody has the mail of a delivery, although it came back from others since, or from all once.

    Of one to professionals it is known to whom it was written: whoever is not told to have failed has it.
    """
    failed = (
        select(receipt.c.id)
        .where(
            receipt.c.delivery_id == addressee.c.delivery_id,
            receipt.c.recipient == addressee.c.address,
            one_of(receipt.c.told, ["failed"]),
            receipt.c.at >= addressee.c.at,
        )
        .correlate(addressee)
    )
    written = select(addressee.c.id).where(
        addressee.c.delivery_id == _brought.c.id, one_of(addressee.c.role, ["written"]), ~failed.exists()
    )
    told = select(receipt.c.id).where(receipt.c.delivery_id == _brought.c.id, one_of(receipt.c.told, _IN_MAILBOX))
    return or_(written.correlate(_brought).exists(), told.correlate(_brought).exists())


def _deleted_since(series: ColumnElement[int], destination: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a version that came after the one at hand was deleted there: it had taken its place."""
    return (
        select(_deleted.c.id)
        .join_from(_deleted, _deleted_version, _deleted.c.version_id == _deleted_version.c.id)
        .where(
            _deleted.c.series_id == series,
            _deleted.c.destination == destination,
            _deleted.c.cause == DELETED_THERE,
            _deleted_version.c.version > _version.c.version,
        )
        .correlate(_version, delivery, document_version)
        .exists()
    )


def replaced_there(version: ColumnElement[int] | None = None) -> ColumnElement[str | None]:
    """Of the delivery at hand: the unique id of the latest earlier version that its destination has, or null.

    Args:
        version: the column of its version's number, when the statement has it.
    """
    if version is None:
        version = select(_own.c.version).where(_own.c.id == delivery.c.version_id).correlate(delivery).scalar_subquery()
        return _arrived(delivery.c.series_id, delivery.c.destination, version).correlate(delivery).scalar_subquery()
    found = _arrived(delivery.c.series_id, delivery.c.destination, version)
    return found.correlate(delivery, document_version).scalar_subquery()


def operation_of(
    series: ColumnElement[int], destination: ColumnElement[str], version: ColumnElement[int]
) -> ColumnElement[str]:
    """What to bring a version to a destination is, as things stand."""
    before = _arrived(series, destination, version).correlate(document_version).scalar_subquery()
    return case((before.is_not(None), _word(Operation.REPLACE)), else_=_word(Operation.DEPOSIT))


def settled_operation(*, is_first: bool) -> ColumnElement[str]:
    """Of the delivery at hand: its operation, by what its destination has now.

    Args:
        is_first: of a first version, before which no destination has any: it is not looked for.
    """
    kept = ~one_of(delivery.c.operation, EITHER), delivery.c.operation
    if is_first:
        return case(kept, else_=_word(Operation.DEPOSIT))
    return case(kept, (replaced_there().is_not(None), _word(Operation.REPLACE)), else_=_word(Operation.DEPOSIT))


_series: BindParameter[int] = bindparam("series", type_=delivery.c.series_id.type)
_before = _arrived(
    _series,
    bindparam("destination", type_=delivery.c.destination.type),
    bindparam("version", type_=_version.c.version.type),
)
_ARRIVED_BEFORE: Final = Prepared(_before)
_ALL_BEFORE: Final = Prepared(
    _before.with_only_columns(_version.c.unique_id, _version.c.facts)
    .order_by(None)
    .order_by(_version.c.version)
    .limit(None)
)

_REFERENCE: Final = Prepared(
    _before.with_only_columns(_brought.c.reference).order_by(
        (_brought.c.operation == literal_column(f"'{Operation.SEND}'")), _brought.c.id.desc()
    )
)


def operation(connection: Connection, series_id: int, destination: str, version: int) -> Operation:
    """What to bring this version of a series to a destination is, as things stand."""
    before = _ARRIVED_BEFORE.scalar(connection, series=series_id, destination=destination, version=version)
    return Operation.DEPOSIT if before is None else Operation.REPLACE


def earlier(connection: Connection, series_id: int, destination: str, version: int) -> list[Row]:
    """The unique id and the sealed facts of every version before this one that a destination has, the first first.

    One that was brought there twice comes twice.
    """
    return list(_ALL_BEFORE.rows(connection, series=series_id, destination=destination, version=version))


def reference(connection: Connection, series_id: int, destination: str, version: int) -> str:
    """How a destination names the latest version before this one that it has; empty when that is not known.

    Of a mail that some recipients got later than the others: the first.
    """
    found = _REFERENCE.scalar(connection, series=series_id, destination=destination, version=version)
    return str(found or "")


def _word(operation: Operation) -> ColumnElement[str]:
    return literal_column(f"'{operation}'")
