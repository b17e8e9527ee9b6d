"""Recipients of mails as digests, and the deliveries that bring a document to those who do not have it yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, literal, literal_column, select

from dui_bridge.journal.inbox_schema import addressee, receipt
from dui_bridge.journal.queries.prepared import Prepared, Row, adding, one_of
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.queries.versions import payload_named
from dui_bridge.journal.schema import attempt, delivery, payload
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import NOT_LEFT

WRITTEN: Final = "written"
MEANT: Final = "meant"
_CAME_BACK: Final = ("failed", "not_integrated")
"""What a report tells of a recipient who does not have it after all."""
_SAME: Final = (
    "version_id",
    "series_id",
    "dossier_id",
    "source",
    "destination",
    "finess",
    "urgent",
    "task_id",
    "run_id",
)

_ADD: Final = Prepared(adding(addressee))
_MEANT: Final = Prepared(
    select(addressee.c.who).where(addressee.c.delivery_id == bindparam("which"), one_of(addressee.c.role, [MEANT]))
)
_WAITING: Final = Prepared(
    select(addressee.c.who)
    .join(delivery, delivery.c.id == addressee.c.delivery_id)
    .where(
        delivery.c.version_id == bindparam("version"),
        delivery.c.destination == bindparam("destination"),
        one_of(delivery.c.state, sorted(NOT_LEFT)),
        one_of(addressee.c.role, [MEANT]),
    )
)
_came_back = (
    select(receipt.c.id)
    .where(
        receipt.c.delivery_id == addressee.c.delivery_id,
        receipt.c.recipient == addressee.c.address,
        one_of(receipt.c.told, _CAME_BACK),
        receipt.c.at >= addressee.c.at,
    )
    .correlate(addressee)
    .exists()
)
_WRITTEN: Final = Prepared(
    select(addressee.c.delivery_id, addressee.c.who, addressee.c.address)
    .join(delivery, delivery.c.id == addressee.c.delivery_id)
    .where(
        delivery.c.version_id == bindparam("version"),
        delivery.c.destination == bindparam("destination"),
        one_of(addressee.c.role, [WRITTEN]),
        ~_came_back,
    )
)
_REST_VALUES: Final[Mapping[str, Any]] = {
    **{name: delivery.c[name] for name in _SAME},
    "operation": literal_column(f"'{Operation.SEND}'"),
    "state": bindparam("state", type_=delivery.c.state.type),
    "cause": bindparam("cause", type_=delivery.c.cause.type),
    "who": bindparam("who", type_=delivery.c.who.type),
    "since": bindparam("at", type_=delivery.c.since.type),
    "tries": literal(0),
    "created_at": bindparam("at", type_=delivery.c.created_at.type),
    "reference": literal_column("''"),
}
_ADD_REST: Final = Prepared(
    insert(delivery)
    .from_select(list(_REST_VALUES), select(*_REST_VALUES.values()).where(delivery.c.id == bindparam("which")))
    .returning(delivery.c.id)
)
_ADD_TRY: Final = Prepared(
    adding(attempt, "answer_id").values(answer_id=payload_named(bindparam("answer", type_=payload.c.name.type)))
)


def add(connection: Connection, delivery_id: int, role: str, at: datetime, *, who: str, address: str) -> None:
    _ADD.send(connection, delivery_id=delivery_id, role=role, at=at, who=who, address=address)


def meant(connection: Connection, delivery_id: int) -> Sequence[Row]:
    """`who` of those whom a delivery is for; none when it is for whomever policy names."""
    return _MEANT.rows(connection, which=delivery_id)


def waiting(connection: Connection, version_id: int, destination: str) -> Sequence[Row]:
    """`who` of those for whom a delivery of a version waits."""
    return _WAITING.rows(connection, version=version_id, destination=destination)


def written(connection: Connection, version_id: int, destination: str) -> Sequence[Row]:
    """`delivery_id, who, address` of those who have a version, and from whom no report says that it came back."""
    return _WRITTEN.rows(connection, version=version_id, destination=destination)


def add_rest(connection: Connection, delivery_id: int, state: str, cause: str, who: str, at: datetime) -> int:
    """Adds a delivery of the same version to the same destination, for recipients of its own."""
    return int(_ADD_REST.scalar(connection, which=delivery_id, state=state, cause=cause, who=who, at=at))


def add_try(connection: Connection, delivery_id: int, *, worker: str, at: datetime, code: str, answer: str) -> None:
    """Adds the try that was refused. `answer`: the name of its sealed body."""
    _ADD_TRY.send(
        connection,
        delivery_id=delivery_id,
        number=1,
        worker=worker,
        started_at=at,
        ended_at=at,
        result="refused",
        code=fitted(attempt.c.code, code),
        reference="",
        answer=answer,
    )
