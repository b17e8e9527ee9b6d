"""Every query of the journal, on SQLite and on PostgreSQL alike. Each runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    bindparam,
    column,
    func,
    insert,
    inspect,
    literal_column,
    or_,
    select,
    table,
    update,
)

from dui_bridge.journal.records import (
    Fingerprints,
    KnownRun,
    KnownSeries,
    KnownVersion,
    RunState,
    VersionState,
    Waiting,
)
from dui_bridge.journal.schema import REVISION_TABLE, document_version, run, series, setting
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds

_replaced = document_version.alias("replaced")
_other = document_version.alias("other")
_its_series = series.alias("its_series")
_version_columns = (*document_version.c, _replaced.c.version.label("replaces_version"))
_versions = document_version.outerjoin(_replaced, document_version.c.replaces == _replaced.c.unique_id)

_of_series = _other.c.series_id == bindparam("series")
_latest = select(func.max(_other.c.version)).where(_of_series).scalar_subquery()
_handed_over = (
    select(func.max(_other.c.version))
    .where(_of_series, _other.c.state == VersionState.HANDED_OVER.value)
    .scalar_subquery()
)

# Asked for each document of an export: built once, since building a statement costs more than running it.
_SERIES = (
    select(series)
    .where(
        series.c.source == bindparam("source"),
        series.c.kind == bindparam("kind"),
        series.c.doc_key == bindparam("doc_key"),
    )
    .order_by(series.c.generation.desc())
    .limit(1)
)
_LATEST_VERSIONS = (
    select(*_version_columns)
    .select_from(_versions)
    .where(
        document_version.c.series_id == bindparam("series"),
        or_(document_version.c.version == _latest, document_version.c.version == _handed_over),
    )
    .order_by(document_version.c.version.desc())
)

_ADD_SERIES = insert(series).returning(series.c.id)
_ADD_VERSION = insert(document_version)
_VERSION_STATE = select(document_version.c.state).where(document_version.c.unique_id == bindparam("which"))
_HAND_OVER = (
    update(document_version)
    .where(document_version.c.unique_id == bindparam("which"))
    .values(state=VersionState.HANDED_OVER.value, handed_over_at=bindparam("at"))
)
_SET_RAW_PARTS = (
    update(document_version)
    .where(document_version.c.unique_id == bindparam("which"))
    .values(raw_parts=bindparam("raw"))
)


def table_names(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def revision(connection: Connection) -> str | None:
    """The migration that the journal is at; None when none is written."""
    return connection.execute(select(column("version_num")).select_from(table(REVISION_TABLE))).scalar()


def setting_value(connection: Connection, name: str) -> str | None:
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def add_setting(connection: Connection, name: str, value: str) -> None:
    connection.execute(insert(setting).values(name=name, value=value))


def set_setting(connection: Connection, name: str, value: str) -> None:
    if connection.execute(update(setting).where(setting.c.name == name).values(value=value)).rowcount == 0:
        add_setting(connection, name, value)


def add_run(
    connection: Connection, run_id: str, source: str, export: str, versions: Mapping[str, str], at: datetime
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
        )
    )


def interrupt_runs(connection: Connection, source: str, at: datetime) -> None:
    """Closes the runs of a source that were never ended. The caller holds the lock of the source: they are dead."""
    connection.execute(
        update(run)
        .where(run.c.source == source, run.c.state == RunState.RUNNING.value)
        .values(state=RunState.INTERRUPTED.value, ended_at=at)
    )


def end_run(connection: Connection, run_id: str, state: RunState, counts: Mapping[str, int], at: datetime) -> bool:
    """False when there is no such run."""
    ended = connection.execute(
        update(run).where(run.c.id == run_id).values(state=state.value, counts=dict(counts), ended_at=at)
    )
    return ended.rowcount == 1


def last_run(connection: Connection, source: str) -> KnownRun | None:
    found = connection.execute(select(run).where(run.c.source == source).order_by(run.c.started_at.desc()).limit(1))
    row = found.mappings().first()
    if row is None:
        return None
    return KnownRun(
        id=row["id"],
        source=row["source"],
        export=row["export"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        state=RunState(row["state"]),
        counts=row["counts"],
        versions=row["versions"],
    )


def series_row(connection: Connection, source: str, kind: str, doc_key: str) -> RowMapping | None:
    """The row of the latest generation of a series, by the digest of its key."""
    found = connection.execute(_SERIES, {"source": source, "kind": kind, "doc_key": doc_key})
    return found.mappings().first()


def add_series(connection: Connection, values: Mapping[str, str | int]) -> int:
    """Adds a series and returns its row id."""
    added = connection.execute(_ADD_SERIES, dict(values))
    return int(added.scalar_one())


def known_series(connection: Connection, row: RowMapping) -> KnownSeries | None:
    """The series of this row with its latest version and the latest handed over; None when it has no version."""
    rows = connection.execute(_LATEST_VERSIONS, {"series": row["id"]}).mappings().all()
    if not rows:
        return None
    versions = [_known_version(version, row["set_id"]) for version in rows]
    left = [version for version in versions if version.state is VersionState.HANDED_OVER]
    return KnownSeries(
        set_id=row["set_id"],
        finess=row["finess"],
        generation=row["generation"],
        latest=versions[0],
        handed_over=left[0] if left else None,
    )


def add_version(
    connection: Connection,
    series_id: int,
    run_id: str,
    ids: DocumentIds,
    fingerprints: Fingerprints,
    sha256: str,
    size: int,
    versions: Mapping[str, str],
    at: datetime,
) -> None:
    connection.execute(
        _ADD_VERSION,
        {
            "series_id": series_id,
            "version": ids.version,
            "unique_id": ids.unique_id,
            "replaces": ids.replaces,
            "raw_parts": dict(fingerprints.raw),
            "mapped_fingerprint": fingerprints.mapped,
            "sha256": sha256,
            "size": size,
            "state": VersionState.BUILT.value,
            "built_at": at,
            "run_id": run_id,
            "versions": dict(versions),
        },
    )


def version_state(connection: Connection, unique_id: str) -> VersionState | None:
    """None when there is no such version."""
    state = connection.execute(_VERSION_STATE, {"which": unique_id}).scalar_one_or_none()
    return None if state is None else VersionState(state)


def hand_over(connection: Connection, unique_id: str, at: datetime) -> None:
    connection.execute(_HAND_OVER, {"which": unique_id, "at": at})


def set_raw_parts(connection: Connection, unique_id: str, raw: Mapping[str, str]) -> None:
    connection.execute(_SET_RAW_PARTS, {"which": unique_id, "raw": dict(raw)})


def waiting_after(connection: Connection, source: str, after: int, limit: int) -> Sequence[tuple[int, Waiting]]:
    """The next recorded versions of a source, each the latest of its series, that were not handed over; by row id."""
    overtaken = (
        select(_other.c.id)
        .where(and_(_other.c.series_id == document_version.c.series_id, _other.c.version > document_version.c.version))
        .exists()
    )
    # A sub-query: with a plain condition SQLite walks all the series of the source for each page.
    its_source = select(_its_series.c.source).where(_its_series.c.id == document_version.c.series_id).scalar_subquery()
    rows = connection.execute(
        select(*_version_columns, series.c.set_id, series.c.kind, series.c.finess)
        .select_from(_versions.join(series, document_version.c.series_id == series.c.id))
        .where(
            its_source == source,
            # Literal, so that the partial index is known to fit.
            document_version.c.state == literal_column(f"'{VersionState.BUILT.value}'"),
            document_version.c.id > after,
            ~overtaken,
        )
        .order_by(document_version.c.id)
        .limit(limit)
    )
    return [
        (
            row["id"],
            Waiting(
                ids=_ids(row, row["set_id"]),
                kind=TypeDocument(row["kind"]),
                finess=row["finess"],
                sha256=row["sha256"],
                size=row["size"],
            ),
        )
        for row in rows.mappings()
    ]


def _known_version(row: RowMapping, set_id: str) -> KnownVersion:
    return KnownVersion(
        ids=_ids(row, set_id),
        fingerprints=Fingerprints(raw=row["raw_parts"], mapped=row["mapped_fingerprint"]),
        sha256=row["sha256"],
        size=row["size"],
        state=VersionState(row["state"]),
        built_at=row["built_at"],
        run=row["run_id"],
        handed_over_at=row["handed_over_at"],
        versions=row["versions"],
    )


def _ids(row: RowMapping, set_id: str) -> DocumentIds:
    return DocumentIds(
        unique_id=row["unique_id"],
        set_id=set_id,
        version=row["version"],
        replaces=row["replaces"],
        replaces_version=row["replaces_version"],
    )
