"""Deliveries and their attempts, as they stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy import case as when

from dui_bridge.journal.control_records import TaskState
from dui_bridge.journal.queries.arrivals import replaced_there
from dui_bridge.journal.queries.prepared import Prepared, Row, adding, one_of
from dui_bridge.journal.queries.settings import POLICY_MARK
from dui_bridge.journal.queries.versions import BODY
from dui_bridge.journal.records import GONE, KnownDelivery
from dui_bridge.journal.schema import (
    attempt,
    brake,
    decision,
    delivery,
    document_version,
    dossier,
    item,
    payload,
    run,
    series,
    setting,
    task,
)
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import NOT_LEFT, DeliveryState

_IN_THE_WAY: Final = [DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING, DeliveryState.DOUBTFUL]
"""An earlier delivery of a series in one of these keeps the later ones to the same destination back."""

_GOING: Final = [DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING]
"""An earlier delivery of an usager in one of these keeps the later ones of its task to the same destination back."""

_earlier = delivery.alias("earlier")
_of_usager = delivery.alias("of_usager")
_cda = payload.alias("cda")
_decided = decision.alias("decided")
_pdf = payload.alias("pdf")
_replaced = document_version.alias("replaced")

_known = select(*delivery.c, document_version.c.unique_id, document_version.c.version, series.c.kind).select_from(
    delivery.join(document_version, delivery.c.version_id == document_version.c.id).join(
        series, delivery.c.series_id == series.c.id
    )
)
_usager_read = (
    select(item.c.state)
    .where(item.c.dossier_id == delivery.c.dossier_id, item.c.kind == "usager")
    .order_by(item.c.id.desc())
    .limit(1)
    .correlate(delivery)
    .scalar_subquery()
)
_document_read = (
    select(when((item.c.gone_at.is_not(None), GONE), else_=item.c.state))
    .where(item.c.series_id == delivery.c.series_id)
    .order_by(item.c.id.desc())
    .limit(1)
    .correlate(delivery)
    .scalar_subquery()
)
_last_decision = (
    select(func.max(_decided.c.id))
    .where(_decided.c.version_id == delivery.c.version_id, _decided.c.destination == delivery.c.destination)
    .correlate(delivery)
    .scalar_subquery()
)
_policy_mark = (
    select(setting.c.value)
    .where(setting.c.name == literal_column(f"'{POLICY_MARK}'"))
    .correlate(None)
    .scalar_subquery()
)
_case = (
    _known.join(dossier, delivery.c.dossier_id == dossier.c.id)
    .join(run, delivery.c.run_id == run.c.id)
    .outerjoin(decision, decision.c.id == _last_decision)
    .add_columns(
        dossier.c.source.label("dossier_source"),
        dossier.c.usager_key,
        dossier.c.wrapped_key,
        dossier.c.number.label("dossier_number"),
        dossier.c.facts.label("usager_facts"),
        document_version.c.facts.label("document_facts"),
        run.c.state.label("run_state"),
        _usager_read.label("usager_read"),
        _document_read.label("document_read"),
        decision.c.verdict,
        decision.c.by.label("decided_by"),
        _policy_mark.label("policy_mark"),
    )
)
_sendable = (
    _case.outerjoin(_cda, document_version.c.cda_id == _cda.c.id)
    .outerjoin(_pdf, document_version.c.pdf_id == _pdf.c.id)
    .outerjoin(brake, brake.c.destination == delivery.c.destination)
    .add_columns(
        series.c.set_id,
        document_version.c.replaces,
        document_version.c.media_type,
        document_version.c.sha1,
        document_version.c.sha256,
        document_version.c.versions,
        *(_cda.c[name].label(f"cda_{name}") for name in BODY),
        *(_pdf.c[name].label(f"pdf_{name}") for name in BODY),
        *(column.label(f"brake_{column.name}") for column in brake.c),
    )
)
_may_leave = and_(
    delivery.c.destination == bindparam("destination"),
    # Literal, so that the partial index is known to fit.
    one_of(delivery.c.state, [DeliveryState.READY]),
    or_(delivery.c.not_before.is_(None), delivery.c.not_before <= bindparam("now")),
    ~select(task.c.id).where(task.c.id == delivery.c.task_id, task.c.state == TaskState.PAUSED.value).exists(),
    ~select(_earlier.c.id)
    .where(
        _earlier.c.series_id == delivery.c.series_id,
        _earlier.c.destination == delivery.c.destination,
        _earlier.c.id < delivery.c.id,
        one_of(_earlier.c.state, _IN_THE_WAY),
    )
    .exists(),
    or_(
        delivery.c.task_id.is_(None),
        ~select(_of_usager.c.id)
        .where(
            _of_usager.c.dossier_id == delivery.c.dossier_id,
            _of_usager.c.destination == delivery.c.destination,
            _of_usager.c.task_id == delivery.c.task_id,
            _of_usager.c.id < delivery.c.id,
            one_of(_of_usager.c.state, _GOING),
            # What is urgent overtakes.
            or_(_of_usager.c.urgent, ~delivery.c.urgent),
        )
        .exists(),
    ),
)


def _next(*conditions: ColumnElement[bool]) -> Select[Any]:
    """The id of the delivery that goes next: two walks of the index, of which the first is over at once as a rule."""
    urgent, other = (
        select(delivery.c.id)
        .where(_may_leave, delivery.c.urgent == literal(is_urgent), *conditions)
        .order_by(delivery.c.id)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
        for is_urgent in (True, False)
    )
    return select(func.coalesce(urgent, other).label("id"))


_NEXT_SENDABLE = Prepared(_sendable.where(delivery.c.id == _next().scalar_subquery()))
_NEXT_NOT = _next(delivery.c.id.not_in(bindparam("skip", expanding=True)))
_ONLY = Prepared(select(delivery.c.id).where(_may_leave, delivery.c.id == bindparam("which")))
_SENDABLE = Prepared(_sendable.where(delivery.c.id == bindparam("which")))
_REPLACED = Prepared(
    select(_replaced.c.version.label("replaces_version"), replaced_there(document_version.c.version).label("there"))
    .select_from(
        delivery.join(document_version, delivery.c.version_id == document_version.c.id).outerjoin(
            _replaced, document_version.c.replaces == _replaced.c.unique_id
        )
    )
    .where(delivery.c.id == bindparam("which"))
)
_CASE = Prepared(_case.where(delivery.c.id == bindparam("which")))
_SENDING = Prepared(
    _known.where(
        one_of(delivery.c.state, [DeliveryState.SENDING]), delivery.c.destination == bindparam("destination")
    ).order_by(delivery.c.id)
)
_of_version = document_version.c.unique_id == bindparam("unique_id", type_=document_version.c.unique_id.type)
_ADD = Prepared(
    adding(delivery, "not_before", "sent_at", "settled_at", "worker", "replayed_at", "version_id", "series_id").values(
        # Found again by what names it, so that nothing is waited for in between.
        version_id=select(document_version.c.id).where(_of_version).scalar_subquery(),
        series_id=select(document_version.c.series_id).where(_of_version).scalar_subquery(),
        cause="",
        who="",
        tries=0,
        reference="",
    )
)
_WALK = Prepared(
    select(delivery.c.id)
    .where(
        delivery.c.state == bindparam("state"),
        delivery.c.destination == bindparam("destination"),
        delivery.c.id > bindparam("after"),
    )
    .order_by(delivery.c.id)
    .limit(bindparam("at_most", type_=Integer))
)
_NEXT_DESTINATION = Prepared(
    select(func.min(delivery.c.destination)).where(
        delivery.c.state == bindparam("state"), delivery.c.destination > bindparam("after")
    )
)
_far = and_(
    delivery.c.destination == bindparam("where"),
    one_of(delivery.c.state, [DeliveryState.READY]),
    delivery.c.not_before > bindparam("latest", type_=delivery.c.not_before.type),
)
_HAS_AFTER = Prepared(select(delivery.c.id).where(_far).limit(1))
_BRING_NEAR = Prepared(update(delivery).where(_far).values(not_before=bindparam("latest")))
_HASTEN = Prepared(
    update(delivery)
    .where(delivery.c.id == bindparam("which"), one_of(delivery.c.state, sorted(NOT_LEFT)))
    .values(urgent=True, not_before=None)
)


def add(
    connection: Connection,
    version: Row,
    destination: str,
    operation: Operation,
    *,
    urgent: bool,
    task_id: int | None,
    at: datetime,
) -> None:
    """Adds a planned delivery of a version (unique_id, dossier_id, run_id, source, finess)."""
    _ADD.send(
        connection,
        unique_id=version["unique_id"],
        dossier_id=version["dossier_id"],
        run_id=version["run_id"],
        source=version["source"],
        finess=version["finess"],
        destination=destination,
        operation=operation.value,
        urgent=urgent,
        state=DeliveryState.PLANNED.value,
        since=at,
        created_at=at,
        task_id=task_id,
    )


def next_sendable(connection: Connection, destination: str, now: datetime) -> Row | None:
    """What may leave next: urgent first, then the oldest. As `sendable`."""
    return _with_replaced(connection, _NEXT_SENDABLE.first(connection, destination=destination, now=now))


def next_id(
    connection: Connection, destination: str, now: datetime, skip: Collection[int], only: int | None
) -> int | None:
    """The id of what may leave next, without some, or only if it is this one."""
    values = {"destination": destination, "now": now}
    if only is not None:
        found = None if only in skip else _ONLY.scalar(connection, **values, which=only)
    else:
        found = connection.execute(_NEXT_NOT, {**values, "skip": list(skip)}).scalar()
    return None if found is None else int(found)


def sendable(connection: Connection, delivery_id: int) -> Row | None:
    """The delivery with all that its document is made of: the payloads under `cda_…` and `pdf_…`, the brake of its
    destination under `brake_…`."""
    return _with_replaced(connection, _SENDABLE.first(connection, which=delivery_id))


def _with_replaced(connection: Connection, row: Row | None) -> Row | None:
    """With `replaces_version` and `replaces_there`; a first version replaces nothing."""
    if row is None:
        return None
    found = _REPLACED.first(connection, which=row["id"]) if row["version"] > 1 else None
    if found is None:
        return {**row, "replaces_version": None, "replaces_there": None}
    return {**row, "replaces_version": found["replaces_version"], "replaces_there": found["there"]}


def case(connection: Connection, delivery_id: int) -> Row | None:
    """The delivery with the sealed facts and the wrapped key."""
    return _CASE.first(connection, which=delivery_id)


def cases(connection: Connection, ids: Sequence[int]) -> Sequence[Row]:
    """As `case`, of several, by id."""
    found = connection.execute(_case.where(delivery.c.id.in_(ids)).order_by(delivery.c.id))
    return [dict(row) for row in found.mappings()]


def ids_after(
    connection: Connection,
    states: Sequence[DeliveryState],
    destination: str | None,
    after: int,
    limit: int,
    source: str | None,
    dossier_id: int | None,
) -> list[int]:
    """The ids that follow `after` of deliveries in these states, in order."""
    wanted = select(delivery.c.id).where(delivery.c.id > after).order_by(delivery.c.id).limit(limit)
    if source is not None:
        wanted = wanted.where(delivery.c.source == source)
    if dossier_id is not None:
        wanted = wanted.where(delivery.c.dossier_id == dossier_id, delivery.c.state.in_(states))
        if destination is not None:
            wanted = wanted.where(delivery.c.destination == destination)
        return list(connection.execute(wanted).scalars())
    # One walk of the index for each state and destination: a walk by id would pass by all that is long settled.
    found: list[int] = []
    for state in states:
        for name in [destination] if destination is not None else destinations(connection, state):
            if source is None:
                walked = _WALK.rows(connection, state=state.value, destination=name, after=after, at_most=limit)
                found += (row["id"] for row in walked)
            else:
                walk = wanted.where(delivery.c.state == state.value, delivery.c.destination == name)
                found += connection.execute(walk).scalars()
    return sorted(found)[:limit]


def planned_versions(connection: Connection, source: str) -> int:
    """How many versions of a source have a delivery that is planned."""
    counted = select(func.count(delivery.c.version_id.distinct())).where(
        delivery.c.source == source, delivery.c.state == DeliveryState.PLANNED.value
    )
    return int(connection.execute(counted).scalar_one())


def taken_between(connection: Connection, destination: str, begin: datetime, end: datetime) -> int:
    """How many deliveries the destination took, or may have taken, by a try that began in a time."""
    tried = select(attempt.c.id).where(
        attempt.c.delivery_id == delivery.c.id, attempt.c.started_at >= begin, attempt.c.started_at < end
    )
    counted = select(func.count()).where(
        delivery.c.destination == destination,
        one_of(delivery.c.state, [DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.DOUBTFUL]),
        tried.exists(),
    )
    return int(connection.execute(counted).scalar_one())


def sending(connection: Connection, destination: str) -> list[KnownDelivery]:
    return [known(row) for row in _SENDING.rows(connection, destination=destination)]


def hasten(connection: Connection, delivery_id: int) -> bool:
    return _HASTEN.run(connection, which=delivery_id) == 1


def known(row: Row) -> KnownDelivery:
    """A delivery, from its row with `unique_id`, `version` and `kind`."""
    return KnownDelivery(
        id=row["id"],
        version_id=row["version_id"],
        unique_id=row["unique_id"],
        version=row["version"],
        kind=TypeDocument(row["kind"]),
        source=row["source"],
        destination=row["destination"],
        operation=Operation(row["operation"]),
        finess=row["finess"],
        urgent=row["urgent"],
        state=DeliveryState(row["state"]),
        cause=row["cause"],
        who=row["who"],
        since=row["since"],
        not_before=row["not_before"],
        tries=row["tries"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        settled_at=row["settled_at"],
        reference=row["reference"],
        worker=row["worker"],
        task=row["task_id"],
        run=row["run_id"],
        dossier_id=row["dossier_id"],
        series_id=row["series_id"],
        replayed_at=row["replayed_at"],
    )


def destinations(connection: Connection, state: DeliveryState) -> list[str]:
    """The destinations of deliveries in a state: one look-up each, never a walk over all of them."""
    names: list[str] = []
    while (
        name := _NEXT_DESTINATION.scalar(connection, state=state.value, after=names[-1] if names else "")
    ) is not None:
        names.append(name)
    return names


def next_time(connection: Connection, destination: str, now: datetime, only: Collection[int] | None) -> datetime | None:
    """The earliest time after now of a ready delivery whose task is not paused."""
    found = (
        select(func.min(delivery.c.not_before))
        .select_from(delivery.outerjoin(task, delivery.c.task_id == task.c.id))
        .where(
            delivery.c.destination == destination,
            delivery.c.state == literal_column(f"'{DeliveryState.READY.value}'"),
            delivery.c.not_before > now,
            or_(task.c.id.is_(None), task.c.state == TaskState.RUNNING.value),
        )
    )
    if only is not None:
        found = found.where(delivery.c.id.in_(only))
    return connection.execute(found).scalar_one()  # type: ignore[no-any-return]  # the column's own type


def has_after(connection: Connection, destination: str, latest: datetime) -> bool:
    """Whether something that is ready waits for a time after this one."""
    return _HAS_AFTER.scalar(connection, where=destination, latest=latest) is not None


def bring_near(connection: Connection, destination: str, latest: datetime) -> int:
    """Gives what is ready and waits for a later time this one; how many."""
    return _BRING_NEAR.run(connection, where=destination, latest=latest)
