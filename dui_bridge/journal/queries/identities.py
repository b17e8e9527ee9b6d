"""Identities, the calls made for them, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, func, select, update

from dui_bridge.journal.identity_records import Deposited, KnownCall
from dui_bridge.journal.queries.prepared import Prepared, Row, adding
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import (
    delivery,
    document_version,
    dossier,
    identity,
    identity_call,
    identity_event,
    series,
)
from dui_bridge.model.states import DeliveryState

_ARRIVED = (DeliveryState.DELIVERED.value, DeliveryState.ACKNOWLEDGED.value)

_JOINED: Select[Any] = select(
    identity,
    dossier.c.source,
    dossier.c.finess,
    dossier.c.number,
    dossier.c.usager_key,
    dossier.c.wrapped_key,
).join(dossier, dossier.c.id == identity.c.dossier_id)
_OF = Prepared(_JOINED.where(dossier.c.source == bindparam("source"), dossier.c.usager_key == bindparam("usager_key")))
_BY_DOSSIER = Prepared(_JOINED.where(identity.c.dossier_id == bindparam("which")))
_ADD = Prepared(adding(identity))
_VERIFIED_AT = bindparam("verified_at", type_=identity.c.verified_at.type)
_CALLED_AT = bindparam("called_at", type_=identity.c.called_at.type)
_OTHER_NUMBER = identity.c.ins_index.is_distinct_from(bindparam("ins_index", type_=identity.c.ins_index.type))
_CHANGE = Prepared(
    update(identity)
    .where(identity.c.dossier_id == bindparam("which"))
    .values(
        {name: bindparam(name) for name in ("statut", "state", "cause", "who", "local", "ins_index", "record")}
        | {
            "called_at": func.coalesce(_CALLED_AT, identity.c.called_at),
            # What was confirmed is a number: of another one nothing is known yet.
            "verified_at": case(
                (_OTHER_NUMBER, _VERIFIED_AT), else_=func.coalesce(_VERIFIED_AT, identity.c.verified_at)
            ),
            "since": case(
                (
                    and_(identity.c.state == bindparam("state"), identity.c.cause == bindparam("cause")),
                    identity.c.since,
                ),
                else_=bindparam("at", type_=identity.c.since.type),
            ),
        }
    )
)
_EVENT = Prepared(adding(identity_event))
_CALL = Prepared(adding(identity_call).returning(identity_call.c.id))


def of(connection: Connection, source: str, usager_key: str) -> Row | None:
    """By the digest of the usager's key."""
    return _OF.first(connection, source=source, usager_key=usager_key)


def by_dossier(connection: Connection, dossier_id: int) -> Row | None:
    return _BY_DOSSIER.first(connection, which=dossier_id)


def store(connection: Connection, dossier_id: int, values: Mapping[str, Any], at: datetime) -> None:
    """Adds the identity of a dossier, or changes it; `since` stays while state and cause do."""
    cut = {**values, "cause": fitted(identity.c.cause, values["cause"])}
    if _CHANGE.run(connection, which=dossier_id, at=at, **cut) == 0:
        _ADD.run(connection, dossier_id=dossier_id, since=at, **cut)


def add_event(connection: Connection, dossier_id: int, values: Mapping[str, Any]) -> None:
    cut = {name: fitted(identity_event.c[name], values[name]) for name in ("by", "origin", "reason")}
    _EVENT.run(connection, dossier_id=dossier_id, **{**values, **cut})


def add_call(connection: Connection, values: Mapping[str, Any]) -> int:
    """Adds a call that begins; its id."""
    return int(_CALL.scalar(connection, **{**values, "by": fitted(identity_call.c.by, values["by"])}))


def end_call(connection: Connection, call_id: int, values: Mapping[str, Any]) -> None:
    cut = {name: fitted(identity_call.c[name], values[name]) for name in ("step", "code", "message_id")}
    connection.execute(update(identity_call).where(identity_call.c.id == call_id).values({**values, **cut}))


def calls_since(connection: Connection, at: datetime) -> int:
    return int(connection.execute(select(func.count()).where(identity_call.c.at >= at)).scalar_one())


def calls(connection: Connection, dossier_id: int) -> list[KnownCall]:
    rows = connection.execute(
        select(identity_call).where(identity_call.c.dossier_id == dossier_id).order_by(identity_call.c.id)
    ).mappings()
    return [
        KnownCall(
            id=row["id"],
            run=row["run_id"],
            step=row["step"],
            by=row["by"],
            at=row["at"],
            ended_at=row["ended_at"],
            code=row["code"],
            message_id=row["message_id"],
        )
        for row in rows
    ]


def events(connection: Connection, dossier_id: int) -> Sequence[Row]:
    """The oldest first."""
    found = connection.execute(
        select(identity_event).where(identity_event.c.dossier_id == dossier_id).order_by(identity_event.c.id)
    )
    return [dict(row) for row in found.mappings()]


def page(
    connection: Connection, states: Sequence[str], source: str | None, finess: str | None, after: int, limit: int
) -> Sequence[Row]:
    """Identities in some states of dossiers that are still read, by dossier id after the one given."""
    statement = _JOINED.where(
        identity.c.state.in_(states), identity.c.dossier_id > after, dossier.c.gone_at.is_(None)
    ).order_by(identity.c.dossier_id)
    if source is not None:
        statement = statement.where(dossier.c.source == source)
    if finess is not None:
        statement = statement.where(dossier.c.finess == finess)
    return [dict(row) for row in connection.execute(statement.limit(limit)).mappings()]


def records(connection: Connection, after: int, limit: int) -> Sequence[Row]:
    """What opens the records of dossiers that are still read, by dossier id after the one given."""
    # No more columns than that, and in the order of an index: all identities of a site may be gone through.
    statement = (
        select(identity.c.dossier_id, identity.c.record, dossier.c.source, dossier.c.usager_key, dossier.c.wrapped_key)
        .join(dossier, dossier.c.id == identity.c.dossier_id)
        .where(identity.c.dossier_id > after, dossier.c.gone_at.is_(None))
        .order_by(identity.c.dossier_id)
    )
    return [dict(row) for row in connection.execute(statement.limit(limit)).mappings()]


def with_index(connection: Connection, ins_index: str) -> list[int]:
    """The dossiers that are still read and have this matricule: one that the DUI merged away is not among them."""
    found = connection.execute(
        select(identity.c.dossier_id)
        .join(dossier, dossier.c.id == identity.c.dossier_id)
        .where(identity.c.ins_index == ins_index, dossier.c.gone_at.is_(None))
        .order_by(identity.c.dossier_id)
    )
    return [int(row.dossier_id) for row in found]


def shared_indexes(connection: Connection) -> set[str]:
    """The matricules that several dossiers, still read, have."""
    several = (
        select(identity.c.ins_index)
        .where(identity.c.ins_index.is_not(None))
        .group_by(identity.c.ins_index)
        .having(func.count() > 1)
    )
    found = connection.execute(
        select(identity.c.ins_index)
        .join(dossier, dossier.c.id == identity.c.dossier_id)
        .where(identity.c.ins_index.in_(several), dossier.c.gone_at.is_(None))
    )
    return set(found.scalars())


def states(connection: Connection, source: str | None) -> dict[str, int]:
    """State → how many identities of dossiers that are still read."""
    statement = (
        select(identity.c.state, func.count().label("n"))
        .join(dossier, dossier.c.id == identity.c.dossier_id)
        .where(dossier.c.gone_at.is_(None))
        .group_by(identity.c.state)
    )
    if source is not None:
        statement = statement.where(dossier.c.source == source)
    return {row.state: int(row.n) for row in connection.execute(statement)}


def arrived(connection: Connection, dossier_id: int) -> list[tuple[Deposited, bytes | None]]:
    """What was delivered of a dossier, with the sealed facts of each version; the oldest first."""
    rows = connection.execute(
        select(
            delivery.c.id,
            delivery.c.destination,
            delivery.c.settled_at,
            document_version.c.unique_id,
            document_version.c.facts,
            series.c.kind,
        )
        .join(document_version, document_version.c.id == delivery.c.version_id)
        .join(series, series.c.id == delivery.c.series_id)
        .where(delivery.c.dossier_id == dossier_id, delivery.c.state.in_(_ARRIVED))
        .order_by(delivery.c.id)
    )
    return [(Deposited(row.unique_id, row.kind, row.destination, row.settled_at, row.id), row.facts) for row in rows]
