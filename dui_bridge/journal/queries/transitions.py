"""What happens to deliveries, as updates: each applies to the states that know the event (`model.states.DELIVERY`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Update, and_, bindparam, case, func, literal_column, select, update
from sqlalchemy.engine.interfaces import DBAPICursor

from dui_bridge.journal.queries.arrivals import BRINGS, EITHER, settled_operation
from dui_bridge.journal.queries.prepared import Prepared, one_of
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.records import VersionState
from dui_bridge.journal.schema import delivery, document_version
from dui_bridge.model.states import DELIVERY, NOT_LEFT, SETTLED, DeliveryEvent, DeliveryState

SUPERSEDED: Final = "DLV-006"
"""Cause of a delivery cancelled because a newer version goes to the same destination."""
DISCARDED: Final = "DLV-007"
"""Cause of a delivery cancelled because a person refused its run."""
DAMAGED: Final = "DLV-016"
"""Cause of a delivery kept back because what is kept of it does not open."""
_NOBODY: Final = "nobody"

_newer = delivery.alias("newer")


def target(event: DeliveryEvent) -> DeliveryState:
    """The state that an event leads to, from whatever state knows it."""
    (state,) = {after for (_, what), after in DELIVERY.items() if what is event}
    return state


def moving(event: DeliveryEvent) -> Update:
    """The update of one event: parameters `at`, `cause`, `who`. Without a condition on which rows."""
    before = [state for state, what in DELIVERY if what is event]
    following = target(event)
    values: dict[str, Any] = {
        "state": following.value,
        "cause": bindparam("cause"),
        "who": bindparam("who"),
        "since": bindparam("at"),
        "settled_at": None,
    }
    if following in before:
        same = and_(delivery.c.state == literal_column(f"'{following}'"), delivery.c.cause == bindparam("cause"))
        values["since"] = case((same, delivery.c.since), else_=bindparam("at", type_=delivery.c.since.type))
    if following in SETTLED:
        values["settled_at"] = func.coalesce(delivery.c.settled_at, bindparam("at", type_=delivery.c.since.type))
    if event is DeliveryEvent.REPLAY:
        # A new life: nothing of the old one makes it wait or fail. What was tried stands in its attempts.
        values |= {
            "not_before": None,
            "tries": 0,
            "sent_at": None,
            "reference": "",
            "replayed_at": bindparam("at", type_=delivery.c.since.type),
        }
    return update(delivery).where(one_of(delivery.c.state, before)).values(values)


def _which(statement: Update) -> Update:
    return statement.where(delivery.c.id == bindparam("which"))


def _finishing(event: DeliveryEvent) -> Update:
    values: dict[str, Any] = {
        "not_before": bindparam("not_before"),
        "reference": func.coalesce(
            func.nullif(bindparam("reference", type_=delivery.c.reference.type), ""), delivery.c.reference
        ),
    }
    if event is DeliveryEvent.FAIL:
        values["tries"] = delivery.c.tries + 1
    return _which(moving(event)).values(values)


_CHANGE: Final[dict[DeliveryEvent, Prepared]] = {
    event: Prepared(_which(moving(event))) for event in DeliveryEvent if event is not DeliveryEvent.SEND
}
_FINISH: Final[dict[DeliveryEvent, Prepared]] = {
    event: Prepared(_finishing(event))
    for event in (DeliveryEvent.DELIVER, DeliveryEvent.FAIL, DeliveryEvent.REFUSE, DeliveryEvent.LOSE)
}
_START: Final = {
    is_first: Prepared(
        _which(moving(DeliveryEvent.SEND)).values(
            sent_at=bindparam("at"),
            worker=bindparam("worker"),
            not_before=None,
            operation=settled_operation(is_first=is_first),
        )
    )
    for is_first in (True, False)
}
_VERSION_LEFT: Final = Prepared(
    update(document_version)
    .where(
        document_version.c.id
        == select(delivery.c.version_id)
        .where(
            delivery.c.id == bindparam("which"),
            one_of(delivery.c.state, [DeliveryState.DELIVERED]),
            delivery.c.since == bindparam("at"),
        )
        .scalar_subquery(),
        document_version.c.state != VersionState.HANDED_OVER.value,
    )
    .values(state=VersionState.HANDED_OVER.value, handed_over_at=bindparam("at"))
)
_SUPERSEDE: Final = Prepared(
    moving(DeliveryEvent.CANCEL).where(
        one_of(delivery.c.state, sorted(NOT_LEFT)),
        delivery.c.series_id == bindparam("series"),
        delivery.c.destination == bindparam("destination"),
        one_of(delivery.c.operation, BRINGS),
    )
)
_OVERTAKE: Final = Prepared(
    _which(moving(DeliveryEvent.CANCEL)).where(
        one_of(delivery.c.state, [DeliveryState.READY]),
        delivery.c.since == bindparam("at"),
        one_of(delivery.c.operation, BRINGS),
        select(_newer.c.id)
        .where(
            _newer.c.series_id == delivery.c.series_id,
            _newer.c.destination == delivery.c.destination,
            _newer.c.id > delivery.c.id,
            one_of(_newer.c.state, sorted(NOT_LEFT)),
            # What brings the same version to other recipients comes later, too, and overtakes nothing.
            one_of(_newer.c.operation, EITHER),
        )
        .exists(),
    )
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What was sent to the database about the end of a try. `state` is right once the transaction is over."""

    event: DeliveryEvent
    moved: DBAPICursor
    cancelled: DBAPICursor | None = None

    @property
    def state(self) -> DeliveryState | None:
        """The state that follows; None when the state of the delivery did not know the event."""
        if self.moved.rowcount == 0:
            return None
        overtaken = self.cancelled is not None and self.cancelled.rowcount
        return DeliveryState.CANCELLED if overtaken else target(self.event)


def change(
    connection: Connection, event: DeliveryEvent, cause: str, who: str, at: datetime, delivery_ids: Collection[int]
) -> int:
    """Applies an event to several; how many there were whose state knows it."""
    given = {"cause": fitted(delivery.c.cause, cause), "who": who, "at": at}
    changed = _CHANGE[event].run_each(connection, [{**given, "which": one} for one in delivery_ids])
    if changed and event is DeliveryEvent.DELIVER:
        _VERSION_LEFT.run_each(connection, [{"which": one, "at": at} for one in delivery_ids])
    return changed


def start(connection: Connection, delivery_id: int, worker: str, at: datetime, *, is_first: bool) -> DBAPICursor:
    """ready → sending, with the operation that it is at its destination; it changes no row when it is not ready."""
    return _START[is_first].send(connection, which=delivery_id, cause="", who="", at=at, worker=worker)


def finish(
    connection: Connection,
    delivery_id: int,
    event: DeliveryEvent,
    at: datetime,
    *,
    cause: str,
    who: str,
    not_before: datetime | None,
    reference: str,
) -> Ended:
    """Applies the end of a try. A failed delivery that a newer version overtook meanwhile is cancelled."""
    moved = _FINISH[event].send(
        connection,
        which=delivery_id,
        cause=fitted(delivery.c.cause, cause),
        who=who,
        at=at,
        not_before=not_before,
        reference=fitted(delivery.c.reference, reference),
    )
    if event is DeliveryEvent.DELIVER:
        _VERSION_LEFT.send(connection, which=delivery_id, at=at)
    if event is not DeliveryEvent.FAIL:
        return Ended(event, moved)
    return Ended(event, moved, _OVERTAKE.send(connection, which=delivery_id, cause=SUPERSEDED, who=_NOBODY, at=at))


def supersede(connection: Connection, series_id: int, destination: str, at: datetime) -> int:
    """Cancels what the deliveries of a series were still to bring to this destination; how many."""
    return _SUPERSEDE.run(connection, series=series_id, destination=destination, cause=SUPERSEDED, who=_NOBODY, at=at)


def discard(connection: Connection, run_id: str, at: datetime) -> int:
    """Cancels the deliveries of a run that have not left; how many."""
    cancelled = connection.execute(
        moving(DeliveryEvent.CANCEL).where(delivery.c.run_id == run_id, one_of(delivery.c.state, sorted(NOT_LEFT))),
        {"cause": DISCARDED, "who": _NOBODY, "at": at},
    )
    return cancelled.rowcount


def revive(connection: Connection, run_id: str, at: datetime) -> int:
    """Plans again what the discarded versions of a run had superseded, unless something newer stands; how many."""
    later = document_version.alias("later")
    discarded = select(document_version.c.series_id).where(
        document_version.c.run_id == run_id, document_version.c.state == VersionState.DISCARDED.value
    )
    newer = (
        select(_newer.c.id)
        .join_from(_newer, later, _newer.c.version_id == later.c.id)
        .where(
            _newer.c.series_id == delivery.c.series_id,
            _newer.c.destination == delivery.c.destination,
            _newer.c.id > delivery.c.id,
            later.c.state != VersionState.DISCARDED.value,
        )
        .exists()
    )
    its_version = (
        select(document_version.c.state).where(document_version.c.id == delivery.c.version_id).scalar_subquery()
    )
    revived = connection.execute(
        moving(DeliveryEvent.REPLAY).where(
            delivery.c.state == DeliveryState.CANCELLED.value,
            delivery.c.cause == SUPERSEDED,
            delivery.c.series_id.in_(discarded),
            its_version != VersionState.DISCARDED.value,
            ~newer,
        ),
        {"cause": "", "who": "", "at": at},
    )
    return revived.rowcount
