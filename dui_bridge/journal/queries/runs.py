"""Runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from dui_bridge.journal.queries.prepared import one_of
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.records import KnownRun, VersionState
from dui_bridge.journal.schema import delivery, document_version, run
from dui_bridge.model.states import (
    CUT_SHORT,
    JUDGED,
    NOT_LEFT,
    REGULAR,
    RUN,
    DeliveryState,
    RunEvent,
    RunKind,
    RunState,
)

_LEFT = [
    DeliveryState.SENDING,
    DeliveryState.DOUBTFUL,
    DeliveryState.DELIVERED,
    DeliveryState.ACKNOWLEDGED,
    DeliveryState.RETURNED,
]
"""Of these something is, or may be, at the destination."""


@dataclass(frozen=True, slots=True)
class Held:
    """A run that a guard held, as a person decides about it. `cursor`: how far it went, of a source that can tell."""

    id: str
    source: str
    kind: RunKind
    started_at: datetime
    cursor: str | None


def add(
    connection: Connection, run_id: str, source: str, export: str, versions: Mapping[str, str], at: datetime, kind: str
) -> None:
    connection.execute(
        insert(run).values(
            id=run_id,
            source=source,
            export=fitted(run.c.export, export),
            started_at=at,
            state=RunState.RUNNING.value,
            counts={},
            versions=dict(versions),
            kind=kind,
        )
    )


def interrupt(connection: Connection, source: str, at: datetime) -> None:
    """Closes the runs of a source that were never ended. The caller holds the lock of the source: they are dead."""
    connection.execute(
        update(run)
        .where(run.c.source == source, run.c.state == RunState.RUNNING.value)
        .values(state=RUN[RunState.RUNNING, RunEvent.INTERRUPT].value, ended_at=at)
    )


def end(
    connection: Connection,
    run_id: str,
    state: RunState,
    counts: Mapping[str, int],
    at: datetime,
    cause: str,
    cursor: str | None,
) -> bool:
    """False when there is no such run under way. `cursor`: kept with the run until a person decides."""
    ended = connection.execute(
        update(run)
        .where(run.c.id == run_id, run.c.state == RunState.RUNNING.value)
        .values(
            state=state.value, counts=dict(counts), ended_at=at, cause=fitted(run.c.cause, cause) or None, cursor=cursor
        )
    )
    return ended.rowcount == 1


def held(connection: Connection, run_id: str) -> Held | None:
    """The run, when it is held."""
    found = connection.execute(
        select(run.c.source, run.c.kind, run.c.started_at, run.c.cursor).where(
            run.c.id == run_id, run.c.state == RunState.HELD.value
        )
    ).first()
    return None if found is None else Held(run_id, found.source, RunKind(found.kind), found.started_at, found.cursor)


def decide(connection: Connection, run_id: str, state: RunState) -> Held | None:
    """Moves a held run on; how it was, None when it is not held."""
    found = held(connection, run_id)
    moved = (
        update(run).where(run.c.id == run_id, run.c.state == RunState.HELD.value).values(state=state.value, cursor=None)
    )
    return found if connection.execute(moved).rowcount == 1 else None


def unjudged_before(connection: Connection, of: Held) -> list[str]:
    """The runs of the same source that were cut short and that no guard had looked at before this one: it counted what
    they had recorded as its own. The last one first.

    A regular reading that was judged has counted all that was there. Any other that was judged answers for those that
    are not regular.
    """
    earlier = connection.execute(
        select(run.c.id, run.c.state, run.c.kind)
        .where(run.c.source == of.source, run.c.started_at <= of.started_at, run.c.id != of.id)
        .order_by(run.c.started_at.desc(), run.c.id.desc())
    )
    found: list[str] = []
    any_judged = False
    for one in earlier:
        if one.state in JUDGED:
            if one.kind in REGULAR:
                break
            any_judged = True
        elif one.state in CUT_SHORT and (one.kind in REGULAR or not any_judged):
            found.append(one.id)
    return found


def went_further(connection: Connection, of: Held) -> bool:
    """Whether a regular reading of the same source that began later was judged: its cursor is the one that counts."""
    later = select(run.c.id).where(
        run.c.source == of.source,
        run.c.started_at > of.started_at,
        one_of(run.c.state, sorted(JUDGED)),
        one_of(run.c.kind, sorted(REGULAR)),
    )
    return connection.execute(later.limit(1)).first() is not None


def not_left(connection: Connection, run_ids: Sequence[str]) -> int:
    """How many deliveries of these runs have certainly not left."""
    counted = select(func.count()).where(delivery.c.run_id.in_(run_ids), one_of(delivery.c.state, sorted(NOT_LEFT)))
    return int(connection.execute(counted).scalar_one())


def discard_versions(connection: Connection, run_id: str) -> None:
    """Marks the versions of a run of which nothing left, or may have left."""
    left = (
        select(delivery.c.id)
        .where(delivery.c.version_id == document_version.c.id, one_of(delivery.c.state, _LEFT))
        .exists()
    )
    connection.execute(
        update(document_version)
        .where(
            document_version.c.run_id == run_id,
            document_version.c.state == VersionState.BUILT.value,
            ~left,
        )
        .values(state=VersionState.DISCARDED.value)
    )


def get(connection: Connection, run_id: str) -> KnownRun | None:
    row = connection.execute(select(run).where(run.c.id == bindparam("which")), {"which": run_id}).mappings().first()
    return None if row is None else _known(row)


def latest(connection: Connection, source: str | None, state: RunState | None, limit: int) -> Sequence[KnownRun]:
    """The runs that started last, the last first."""
    wanted = select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
    if source is not None:
        wanted = wanted.where(run.c.source == source)
    if state is not None:
        wanted = wanted.where(run.c.state == state.value)
    return [_known(row) for row in connection.execute(wanted).mappings()]


def _known(row: RowMapping) -> KnownRun:
    return KnownRun(
        id=row["id"],
        source=row["source"],
        export=row["export"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        state=RunState(row["state"]),
        counts=row["counts"],
        versions=row["versions"],
        cause=row["cause"] or "",
        kind=row["kind"],
    )
