"""Runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from dui_bridge.journal.queries.prepared import one_of
from dui_bridge.journal.records import KnownRun, VersionState
from dui_bridge.journal.schema import delivery, document_version, run
from dui_bridge.model.states import RUN, DeliveryState, RunEvent, RunState

_LEFT = [
    DeliveryState.SENDING,
    DeliveryState.DOUBTFUL,
    DeliveryState.DELIVERED,
    DeliveryState.ACKNOWLEDGED,
    DeliveryState.RETURNED,
]
"""Of these something is, or may be, at the destination."""


def add(
    connection: Connection, run_id: str, source: str, export: str, versions: Mapping[str, str], at: datetime, kind: str
) -> None:
    connection.execute(
        insert(run).values(
            id=run_id,
            source=source,
            export=export,
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
    connection: Connection, run_id: str, state: RunState, counts: Mapping[str, int], at: datetime, cause: str
) -> bool:
    """False when there is no such run under way."""
    ended = connection.execute(
        update(run)
        .where(run.c.id == run_id, run.c.state == RunState.RUNNING.value)
        .values(state=state.value, counts=dict(counts), ended_at=at, cause=cause or None)
    )
    return ended.rowcount == 1


def decide(connection: Connection, run_id: str, state: RunState) -> bool:
    """Moves a held run on; False when it is not held."""
    moved = update(run).where(run.c.id == run_id, run.c.state == RunState.HELD.value).values(state=state.value)
    return connection.execute(moved).rowcount == 1


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
