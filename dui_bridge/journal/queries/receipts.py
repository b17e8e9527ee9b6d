"""What is said of deliveries by mail: receipts, suspect addresses, awaited replies; and the answers that are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, literal_column, select, update

from dui_bridge.journal.inbox_records import AnswerState, KnownReceipt
from dui_bridge.journal.inbox_schema import A_MAIL, addressee, answer, awaited, receipt, received, suspect
from dui_bridge.journal.queries.inbox import one_row
from dui_bridge.journal.queries.prepared import Prepared, Row
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import attempt, delivery, dossier
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DeliveryState

_ARRIVED = ["delivered", "read", "deleted"]
"""What a report tells of a mail that is at its recipient's."""
_LEFT = [DeliveryState.DELIVERED.value, DeliveryState.ACKNOWLEDGED.value, DeliveryState.RETURNED.value]


def delivery_of(connection: Connection, message_id: str, recipient: str) -> int | None:
    """The delivery whose mail has this Message-ID: the latest that was written to this digest of an address, else the
    latest that is not for some recipients only."""
    written = select(addressee.c.id).where(
        addressee.c.delivery_id == delivery.c.id, addressee.c.address == recipient, addressee.c.role == "written"
    )
    query = (
        select(delivery.c.id)
        .where(delivery.c.reference == message_id, literal_column(A_MAIL))
        .order_by(written.exists().desc(), (delivery.c.operation == Operation.SEND.value), delivery.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def replayed_delivery_of(connection: Connection, message_id: str) -> int | None:
    """The delivery of which an earlier mail had this Message-ID, before a person had it sent again."""
    query = (
        select(delivery.c.id)
        .join(attempt, attempt.c.delivery_id == delivery.c.id)
        .where(delivery.c.replayed_at.is_not(None), attempt.c.reference == message_id)
        .order_by(delivery.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def add_receipt(connection: Connection, values: Mapping[str, Any]) -> None:
    cut = {name: fitted(receipt.c[name], values[name]) for name in ("told", "code", "cause")}
    connection.execute(insert(receipt).values({**values, **cut}))


def set_reference(connection: Connection, delivery_id: int, reference: str) -> None:
    """Of a delivery whose answer was lost: it has none yet."""
    connection.execute(
        update(delivery).where(delivery.c.id == delivery_id, delivery.c.reference == "").values(reference=reference)
    )


def dossier_of(connection: Connection, delivery_id: int) -> int:
    return int(connection.execute(select(delivery.c.dossier_id).where(delivery.c.id == delivery_id)).scalar_one())


def receipts(connection: Connection, deliveries: Collection[int]) -> list[KnownReceipt]:
    query = (
        select(
            receipt.c.received_id,
            receipt.c.delivery_id,
            receipt.c.told,
            receipt.c.code,
            receipt.c.cause,
            receipt.c.recipient,
            receipt.c.at,
        )
        .where(receipt.c.delivery_id.in_(deliveries))
        .order_by(receipt.c.id)
    )
    return [KnownReceipt(**row) for row in connection.execute(query).mappings()]


def has_arrived(connection: Connection, original: str, recipients: Collection[str], since: datetime | None) -> bool:
    """Whether a report later than `since` says that a mail arrived at one of these digests."""
    query = select(receipt.c.id).where(
        receipt.c.original == original, receipt.c.recipient.in_(recipients), receipt.c.told.in_(_ARRIVED)
    )
    if since is not None:
        query = query.where(receipt.c.at > since)
    return connection.execute(query.limit(1)).first() is not None


# --- suspect addresses


_GIVEN: Final[Mapping[str, ColumnElement[Any]]] = {
    name: bindparam(name, type_=suspect.c[name].type)
    for name in ("address_index", "since", "cause", "delivery_id", "address")
}
_ADD_SUSPECT: Final = Prepared(
    insert(suspect).from_select(
        [*_GIVEN, "cleared_by"],
        select(*_GIVEN.values(), literal_column("''")).where(
            ~select(suspect.c.id)
            .where(suspect.c.address_index == bindparam("address_index"), suspect.c.cleared_at.is_(None))
            .exists()
        ),
    )
)


def add_suspect(
    connection: Connection, delivery_id: int, address_index: str, address: bytes | None, cause: str, since: datetime
) -> None:
    """Notes an address, unless it is suspect already. `address`: sealed."""
    _ADD_SUSPECT.send(
        connection,
        delivery_id=delivery_id,
        address_index=address_index,
        address=address,
        cause=fitted(suspect.c.cause, cause),
        since=since,
    )


def suspects(connection: Connection) -> list[Row]:
    """Those that nobody has cleared, with what opens their address."""
    query = (
        select(
            suspect,
            dossier.c.id.label("dossier_id"),
            dossier.c.source,
            dossier.c.usager_key,
            dossier.c.wrapped_key,
        )
        .join(delivery, delivery.c.id == suspect.c.delivery_id)
        .join(dossier, dossier.c.id == delivery.c.dossier_id)
        .where(suspect.c.cleared_at.is_(None))
        .order_by(suspect.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def suspect_indexes(connection: Connection) -> set[str]:
    return set(connection.execute(select(suspect.c.address_index).where(suspect.c.cleared_at.is_(None))).scalars())


def clear(connection: Connection, index: str, by: str, at: datetime) -> bool:
    changed = connection.execute(
        update(suspect)
        .where(suspect.c.address_index == index, suspect.c.cleared_at.is_(None))
        .values(cleared_at=at, cleared_by=fitted(suspect.c.cleared_by, by))
    )
    return changed.rowcount > 0


def forget_suspects(connection: Connection, dossier_id: int) -> None:
    """Drops the addresses that the mails of a dossier came back from; their digests stay."""
    own = select(delivery.c.id).where(delivery.c.dossier_id == dossier_id)
    connection.execute(update(suspect).where(suspect.c.delivery_id.in_(own)).values(address=None))


# --- answers


_NOT_TOLD: Final = (answer.c.state == AnswerState.NONE.value) & (answer.c.code != "")
"""Somebody whose documents were refused, and who may not be answered."""
_UNDECIDED: Final = answer.c.state.in_([AnswerState.DOUBTFUL.value, AnswerState.GIVEN_UP.value]) | _NOT_TOLD
"""About which a person decides."""


def add_answer(connection: Connection, mail_id: int, code: str, state: str, at: datetime, cause: str) -> None:
    """Notes that a mail is to be answered, unless it was to be already."""
    if connection.execute(select(answer.c.id).where(answer.c.received_id == mail_id)).first() is not None:
        return
    values = {"received_id": mail_id, "code": code, "at": at, "state": state, "tries": 0}
    connection.execute(insert(answer).values(cause=cause, not_before=None, ended_at=None, **values))


def due_answers(connection: Connection, address: str, now: datetime) -> list[Row]:
    query = (
        select(answer, received.c.mailbox)
        .join(received, received.c.id == answer.c.received_id)
        .where(
            received.c.mailbox == address,
            answer.c.state == AnswerState.WAITING.value,
            answer.c.not_before.is_(None) | (answer.c.not_before <= now),
        )
        .order_by(answer.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def answer_to(connection: Connection, mail_id: int) -> Row | None:
    query = select(answer, received.c.mailbox).join(received, received.c.id == answer.c.received_id)
    return one_row(connection.execute(query.where(answer.c.received_id == mail_id)).mappings())


def undecided_answers(connection: Connection) -> list[Row]:
    query = (
        select(answer, received.c.mailbox)
        .join(received, received.c.id == answer.c.received_id)
        .where(_UNDECIDED)
        .order_by(answer.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def decide_answer(connection: Connection, mail_id: int, values: Mapping[str, Any]) -> bool:
    """Changes the answer to a mail about which a person decides; False when it has none such."""
    query = update(answer).where(answer.c.received_id == mail_id, _UNDECIDED)
    return connection.execute(query.values(dict(values))).rowcount == 1


def unsure(connection: Connection) -> tuple[int, datetime | None]:
    """How many answers were being sent when it was lost what became of them, and since when."""
    query = select(func.count(), func.min(answer.c.ended_at)).where(
        answer.c.state == AnswerState.DOUBTFUL.value, answer.c.ended_at.is_not(None)
    )
    number, oldest = connection.execute(query).one()
    return int(number), oldest


def set_answer(connection: Connection, answer_id: int, before: str, values: Mapping[str, Any]) -> bool:
    """Changes an answer that is in this state; False when it is not."""
    query = update(answer).where(answer.c.id == answer_id, answer.c.state == before)
    return connection.execute(query.values(dict(values))).rowcount == 1


def lose_answers(connection: Connection, at: datetime, restored: datetime | None) -> int:
    """What may have left is not sent again.

    Args:
        restored: when the journal was put back: what waited then may have left since its backup.
    """
    sending, waiting = (answer.c.state == one.value for one in (AnswerState.SENDING, AnswerState.WAITING))
    lost = update(answer).where(sending if restored is None else sending | (waiting & (answer.c.at < restored)))
    return connection.execute(lost.values(state=AnswerState.DOUBTFUL.value, ended_at=at)).rowcount


def untold(connection: Connection, since: datetime) -> int:
    """How many senders could not be answered since a time: it was given up, or may not be."""
    query = select(func.count()).where(
        (answer.c.state == AnswerState.GIVEN_UP.value) | _NOT_TOLD, answer.c.ended_at >= since
    )
    return int(connection.execute(query).scalar_one())


def answers_by_state(connection: Connection) -> dict[str, int]:
    query = select(answer.c.state, func.count()).group_by(answer.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


# --- awaited replies


def not_looked_at(connection: Connection, destinations: Collection[str], limit: int) -> list[int]:
    """Deliveries that left by mail and of which it was not said whether a reply is awaited."""
    query = (
        select(delivery.c.id)
        .outerjoin(awaited, awaited.c.delivery_id == delivery.c.id)
        .where(delivery.c.state.in_(_LEFT), delivery.c.destination.in_(destinations), awaited.c.delivery_id.is_(None))
        .order_by(delivery.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def await_reply(connection: Connection, entries: Mapping[int, datetime | None]) -> None:
    rows = [{"delivery_id": one, "until": until, "replied_at": None} for one, until in entries.items()]
    if rows:
        connection.execute(insert(awaited), rows)


def replied(connection: Connection, delivery_id: int, at: datetime) -> None:
    unanswered = (awaited.c.delivery_id == delivery_id, awaited.c.replied_at.is_(None))
    connection.execute(update(awaited).where(*unanswered).values(replied_at=at))


def late(connection: Connection, now: datetime, since: datetime) -> list[tuple[int, datetime]]:
    """Deliveries whose reply did not come in time and when it was due, the first first; none that came back.

    Args:
        since: what was due before is not told any more.
    """
    query = (
        select(awaited.c.delivery_id, awaited.c.until)
        .join(delivery, delivery.c.id == awaited.c.delivery_id)
        .where(
            awaited.c.until <= now,
            awaited.c.until >= since,
            awaited.c.replied_at.is_(None),
            delivery.c.state != DeliveryState.RETURNED.value,
        )
        .order_by(awaited.c.until, awaited.c.delivery_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def unconfirmed(
    connection: Connection, destination: str, before: datetime, since: datetime
) -> list[tuple[int, datetime]]:
    """Mails that left from `since` to `before`, and when, the first first, of which nobody said that they arrived."""
    told = select(receipt.c.id).where(receipt.c.delivery_id == delivery.c.id, receipt.c.told.in_(_ARRIVED))
    query = (
        select(delivery.c.id, delivery.c.sent_at)
        .where(
            delivery.c.destination == destination,
            delivery.c.state == DeliveryState.DELIVERED.value,
            delivery.c.sent_at <= before,
            delivery.c.sent_at >= since,
            ~told.exists(),
        )
        .order_by(delivery.c.sent_at, delivery.c.id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def reply_awaited(connection: Connection, delivery_id: int) -> Row | None:
    query = select(awaited.c.until, awaited.c.replied_at).where(awaited.c.delivery_id == delivery_id)
    return one_row(connection.execute(query).mappings())
