"""What persons decided: verdicts on versions, holds, declared informations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, insert, or_, select, update

from dui_bridge.journal.control_records import KnownDecision, KnownHold, KnownInformation, Verdict
from dui_bridge.journal.queries.arrivals import BRINGS
from dui_bridge.journal.queries.prepared import Prepared, Row, one_of
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.records import DELETED_THERE
from dui_bridge.journal.schema import decision, delivery, document_version, hold, information
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import ARRIVED

_TO = delivery.c.destination
_later = delivery.alias("later")
_later_version = document_version.alias("later_version")

# Asked for each delivery.
_LATEST_DECISION = Prepared(
    select(decision)
    .where(decision.c.version_id == bindparam("version"), decision.c.destination == bindparam("which"))
    .order_by(decision.c.id.desc())
    .limit(1)
)
# Just before each send: what a person holds counts at once.
_HOLDS = Prepared(
    select(hold)
    .where(hold.c.released_at.is_(None), or_(hold.c.until.is_(None), hold.c.until > bindparam("now")))
    .order_by(hold.c.id)
)
_INFORMATIONS = Prepared(select(information).order_by(information.c.id))


def has_version(connection: Connection, version_id: int) -> bool:
    found = connection.execute(select(document_version.c.id).where(document_version.c.id == version_id))
    return found.first() is not None


def add_decision(
    connection: Connection, version_id: int, destination: str, verdict: Verdict, by: str, reason: str, at: datetime
) -> None:
    connection.execute(
        insert(decision).values(
            version_id=version_id,
            destination=destination,
            verdict=verdict.value,
            by=fitted(decision.c.by, by),
            at=at,
            reason=fitted(decision.c.reason, reason),
        )
    )


def let_go(connection: Connection, destinations: Collection[str], finess: str | None) -> list[int]:
    """The deliveries of versions that a person let go and that arrived, unless a later one took their place; by id."""
    statement = (
        select(delivery.c.id)
        .join(decision, and_(decision.c.version_id == delivery.c.version_id, decision.c.destination == _TO))
        .join(document_version, document_version.c.id == delivery.c.version_id)
        .where(
            decision.c.verdict == Verdict.ALLOW.value,
            delivery.c.destination.in_(destinations),
            one_of(delivery.c.state, ARRIVED),
            one_of(delivery.c.operation, BRINGS),
            ~_taken_place().exists(),
        )
        .distinct()
        .order_by(delivery.c.id)
    )
    if finess is not None:
        statement = statement.where(delivery.c.finess == finess)
    return list(connection.execute(statement).scalars())


def _taken_place() -> Select[Any]:
    return (
        select(_later.c.id)
        .join_from(_later, _later_version, _later_version.c.id == _later.c.version_id)
        .where(
            _later.c.series_id == delivery.c.series_id,
            _later.c.destination == _TO,
            one_of(_later.c.operation, BRINGS),
            or_(one_of(_later.c.state, ARRIVED), _later.c.cause == DELETED_THERE),
            _later_version.c.version > document_version.c.version,
        )
        .correlate(delivery, document_version)
    )


def latest_decision(connection: Connection, version_id: int, destination: str) -> KnownDecision | None:
    found = _LATEST_DECISION.first(connection, version=version_id, which=destination)
    if found is None:
        return None
    return KnownDecision(
        id=found["id"],
        version_id=found["version_id"],
        destination=found["destination"],
        verdict=Verdict(found["verdict"]),
        by=found["by"],
        at=found["at"],
        reason=found["reason"],
    )


def add_hold(connection: Connection, values: dict[str, Any]) -> int:
    for name in ("reason", "by"):
        values[name] = fitted(hold.c[name], values[name])
    return int(connection.execute(insert(hold).values(values).returning(hold.c.id)).scalar_one())


def release_hold(connection: Connection, hold_id: int, by: str, at: datetime) -> bool:
    released = connection.execute(
        update(hold)
        .where(hold.c.id == hold_id, hold.c.released_at.is_(None))
        .values(released_at=at, released_by=fitted(hold.c.released_by, by))
    )
    return released.rowcount == 1


def holds(connection: Connection, now: datetime) -> list[KnownHold]:
    """Those that last, the oldest first."""
    return [_known_hold(row) for row in _HOLDS.rows(connection, now=now)]


def add_information(
    connection: Connection, finess: str, channel: Channel, day: date, by: str, evidence: str, at: datetime
) -> int:
    added = connection.execute(
        insert(information)
        .values(
            finess=finess,
            channel=channel.value,
            day=day,
            by=fitted(information.c.by, by),
            evidence=fitted(information.c.evidence, evidence),
            declared_at=at,
        )
        .returning(information.c.id)
    )
    return int(added.scalar_one())


def withdraw_information(connection: Connection, information_id: int, at: datetime) -> bool:
    withdrawn = connection.execute(
        update(information)
        .where(information.c.id == information_id, information.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )
    return withdrawn.rowcount == 1


def informations(connection: Connection, *, withdrawn: bool) -> list[KnownInformation]:
    """By declaration, the oldest first; those that were withdrawn only when asked for."""
    return [
        KnownInformation(
            id=row["id"],
            finess=row["finess"],
            channel=Channel(row["channel"]),
            day=row["day"],
            by=row["by"],
            evidence=row["evidence"],
            declared_at=row["declared_at"],
            withdrawn_at=row["withdrawn_at"],
        )
        for row in _INFORMATIONS.rows(connection)
        if withdrawn or row["withdrawn_at"] is None
    ]


def _known_hold(row: Row) -> KnownHold:
    return KnownHold(
        id=row["id"],
        source=row["source"],
        finess=row["finess"],
        doc_type=row["doc_type"],
        destination=row["destination"],
        dossier_id=row["dossier_id"],
        series_id=row["series_id"],
        reason=row["reason"],
        by=row["by"],
        since=row["since"],
        until=row["until"],
    )
