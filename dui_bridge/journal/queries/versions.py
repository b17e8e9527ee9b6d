"""Series and document versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, func, or_, select, update

from dui_bridge.journal.queries.prepared import Prepared, Row, adding, one_of
from dui_bridge.journal.records import Fingerprints, KnownSeries, KnownVersion, VersionState
from dui_bridge.journal.schema import document_version, payload, series
from dui_bridge.model.exchange import BuiltDocument, DocumentIds

_replaced = document_version.alias("replaced")
_other = document_version.alias("other")


def _highest(*states: VersionState) -> ScalarSelect[Any]:
    of_series = select(func.max(_other.c.version)).where(_other.c.series_id == bindparam("series"))
    return of_series.where(one_of(_other.c.state, states)).scalar_subquery()


_SERIES = Prepared(
    select(series)
    .where(
        series.c.source == bindparam("source"),
        series.c.kind == bindparam("kind"),
        series.c.doc_key == bindparam("doc_key"),
    )
    .order_by(series.c.generation.desc())
    .limit(1)
)
_LATEST_VERSIONS = Prepared(
    select(*document_version.c, _replaced.c.version.label("replaces_version"))
    .select_from(document_version.outerjoin(_replaced, document_version.c.replaces == _replaced.c.unique_id))
    .where(
        document_version.c.series_id == bindparam("series"),
        or_(
            document_version.c.version == _highest(*VersionState),
            document_version.c.version == _highest(VersionState.BUILT, VersionState.HANDED_OVER),
            document_version.c.version == _highest(VersionState.HANDED_OVER),
        ),
    )
    .order_by(document_version.c.version.desc())
)
_ADD_SERIES = Prepared(adding(series).returning(series.c.id))
_ADD_VERSION = Prepared(adding(document_version, "handed_over_at").returning(document_version.c.id))
_ADD_PAYLOAD = Prepared(adding(payload, "purged_at").returning(payload.c.id))
_SET_RAW_PARTS = (
    update(document_version)
    .where(document_version.c.unique_id == bindparam("which"))
    .values(raw_parts=bindparam("raw"))
)


def series_row(connection: Connection, source: str, kind: str, doc_key: str) -> Row | None:
    """The row of the latest generation of a series, by the digest of its key."""
    return _SERIES.first(connection, source=source, kind=kind, doc_key=doc_key)


def series_by_key(connection: Connection, source: str, doc_keys: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """(kind, digest of the document's key, digest of the usager's key) → row id, of the latest generation."""
    rows = connection.execute(
        select(series.c.kind, series.c.doc_key, series.c.usager_key, series.c.id)
        .where(series.c.source == source, series.c.doc_key.in_(doc_keys))
        .order_by(series.c.generation)
    )
    return {(row.kind, row.doc_key, row.usager_key): row.id for row in rows}


def add_series(connection: Connection, values: Mapping[str, str | int]) -> int:
    """Adds a series and returns its row id."""
    return int(_ADD_SERIES.scalar(connection, **values))


def known_series(connection: Connection, row: Row) -> KnownSeries | None:
    """The series of this row with its latest version and the latest handed over; None when it has no version."""
    rows = _LATEST_VERSIONS.rows(connection, series=row["id"])
    if not rows:
        return None
    versions = [_known_version(version, row["set_id"]) for version in rows]
    standing = [version for version in versions if version.state is not VersionState.DISCARDED]
    left = [version for version in versions if version.state is VersionState.HANDED_OVER]
    return KnownSeries(
        set_id=row["set_id"],
        finess=row["finess"],
        generation=row["generation"],
        latest=versions[0],
        standing=standing[0] if standing else None,
        handed_over=left[0] if left else None,
    )


def add_version(
    connection: Connection,
    built: BuiltDocument,
    fingerprints: Fingerprints,
    at: datetime,
    *,
    series_id: int,
    dossier_id: int,
    run: str,
    facts: bytes,
    cda_id: int,
    pdf_id: int | None,
) -> int:
    """Adds a version as `built` and returns its row id."""
    return int(
        _ADD_VERSION.scalar(
            connection,
            series_id=series_id,
            version=built.ids.version,
            unique_id=built.ids.unique_id,
            replaces=built.ids.replaces,
            raw_parts=dict(fingerprints.raw),
            mapped_fingerprint=fingerprints.mapped,
            sha256=built.sha256,
            size=built.size,
            state=VersionState.BUILT.value,
            built_at=at,
            run_id=run,
            versions=dict(built.versions),
            dossier_id=dossier_id,
            cda_id=cda_id,
            pdf_id=pdf_id,
            media_type=built.media_type,
            sha1=built.sha1,
            facts=facts,
        )
    )


def add_payload(
    connection: Connection,
    at: datetime,
    *,
    dossier_id: int,
    role: str,
    name: str,
    sha256: str,
    size: int,
    body: bytes | None,
) -> int:
    """Adds a sealed body and returns its row id. Args: body, None when it stands in the file `name`."""
    return int(
        _ADD_PAYLOAD.scalar(
            connection,
            dossier_id=dossier_id,
            role=role,
            name=name,
            sha256=sha256,
            size=size,
            body=body,
            in_file=body is None,
            created_at=at,
        )
    )


def set_raw_parts(connection: Connection, unique_id: str, raw: Mapping[str, str]) -> None:
    connection.execute(_SET_RAW_PARTS, {"which": unique_id, "raw": dict(raw)})


def _known_version(row: Row, set_id: str) -> KnownVersion:
    return KnownVersion(
        ids=DocumentIds(
            unique_id=row["unique_id"],
            set_id=set_id,
            version=row["version"],
            replaces=row["replaces"],
            replaces_version=row["replaces_version"],
        ),
        fingerprints=Fingerprints(raw=row["raw_parts"], mapped=row["mapped_fingerprint"]),
        sha256=row["sha256"],
        size=row["size"],
        state=VersionState(row["state"]),
        built_at=row["built_at"],
        run=row["run_id"],
        handed_over_at=row["handed_over_at"],
        versions=row["versions"],
    )
