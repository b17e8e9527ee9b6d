"""The tries of deliveries. What is written of one goes by what its delivery came to in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update

from dui_bridge.journal.queries.prepared import Prepared, Row, one_of
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.queries.versions import payload_named
from dui_bridge.journal.records import KnownAttempt
from dui_bridge.journal.schema import attempt, delivery, payload
from dui_bridge.model.states import DeliveryState

_before = attempt.alias("before")

_OF_DELIVERY: Final = Prepared(
    select(attempt).where(attempt.c.delivery_id == bindparam("which")).order_by(attempt.c.number)
)
_ANSWERS: Final = Prepared(
    select(attempt.c.number, *(column.label(f"answer_{column.name}") for column in payload.c))
    .join(payload, attempt.c.answer_id == payload.c.id)
    .where(attempt.c.delivery_id == bindparam("which"))
    .order_by(attempt.c.number)
)
_ADD: Final = Prepared(
    insert(attempt).from_select(
        ["delivery_id", "number", "worker", "started_at", "code", "reference"],
        select(
            delivery.c.id,
            select(func.coalesce(func.max(_before.c.number), 0) + 1)
            .where(_before.c.delivery_id == delivery.c.id)
            .scalar_subquery(),
            delivery.c.worker,
            delivery.c.sent_at,
            literal_column("''"),
            literal_column("''"),
        ).where(
            delivery.c.id == bindparam("which"),
            one_of(delivery.c.state, [DeliveryState.SENDING]),
            delivery.c.since == bindparam("at"),
            # One that was being sent already is no new try.
            ~select(_before.c.id)
            .where(
                _before.c.delivery_id == delivery.c.id,
                _before.c.started_at == delivery.c.sent_at,
                _before.c.ended_at.is_(None),
            )
            .exists(),
        ),
    )
)
_END: Final = Prepared(
    update(attempt)
    .where(
        attempt.c.delivery_id == bindparam("which"),
        attempt.c.ended_at.is_(None),
        select(delivery.c.id)
        .where(delivery.c.id == bindparam("which"), delivery.c.since == bindparam("ended_at"))
        .exists(),
    )
    .values({name: bindparam(name) for name in ("ended_at", "result", "code", "reference")})
    .values(answer_id=payload_named(bindparam("answer", type_=payload.c.name.type)))
)


def add(connection: Connection, delivery_id: int, at: datetime) -> None:
    """Adds the attempt of a delivery that began to be sent at this time; nothing when it did not."""
    _ADD.send(connection, which=delivery_id, at=at)


def end(
    connection: Connection,
    delivery_id: int,
    at: datetime,
    *,
    result: str,
    code: str,
    reference: str,
    answer: str | None,
) -> None:
    """Completes the attempt that is under way of a delivery that moved at this time; nothing when there is none.

    Args:
        answer: the name of its sealed body.
    """
    _END.send(
        connection,
        which=delivery_id,
        ended_at=at,
        result=result,
        code=fitted(attempt.c.code, code),
        reference=fitted(attempt.c.reference, reference),
        answer=answer,
    )


def of_delivery(connection: Connection, delivery_id: int) -> list[KnownAttempt]:
    return [
        KnownAttempt(
            number=row["number"],
            worker=row["worker"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            result=row["result"],
            code=row["code"],
            reference=row["reference"],
        )
        for row in _OF_DELIVERY.rows(connection, which=delivery_id)
    ]


def answers(connection: Connection, delivery_id: int) -> Sequence[Row]:
    """`number` of each try that was answered with something that was kept, and its payload under `answer_…`."""
    return _ANSWERS.rows(connection, which=delivery_id)
