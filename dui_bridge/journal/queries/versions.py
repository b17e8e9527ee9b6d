"""Series and document versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from dui_bridge.journal.queries.prepared import Prepared, Row, adding, one_of
from dui_bridge.journal.records import Fingerprints, KnownSeries, KnownVersion, VersionState
from dui_bridge.journal.schema import delivery, document_version, payload, series
from dui_bridge.model.exchange import BuiltDocument, DocumentIds
from dui_bridge.model.states import DeliveryState

_MAY_HAVE: Final = (DeliveryState.SENDING, DeliveryState.DOUBTFUL)
"""A delivery in one of these may have brought its version."""

_replaced = document_version.alias("replaced")
_other = document_version.alias("other")


def _may_have(version: FromClause) -> ColumnElement[bool]:
    return (
        select(delivery.c.id)
        .where(delivery.c.version_id == version.c.id, one_of(delivery.c.state, _MAY_HAVE))
        .correlate(version)
        .exists()
    )


def _highest(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return (
        select(func.max(_other.c.version))
        .where(_other.c.series_id == bindparam("series"), *conditions)
        .scalar_subquery()
    )


BODY: Final = ("id", "name", "in_file", "body", "sha256", "purged_at")
"""The columns of a payload that its bytes are opened with (`payloads.open_body`)."""


def payload_named(name: ColumnElement[str]) -> ScalarSelect[Any]:
    """The row id of a sealed body, by its name."""
    return select(payload.c.id).where(payload.c.name == name).scalar_subquery()


_to_be_replaced = or_(
    one_of(_other.c.state, [VersionState.HANDED_OVER]),
    and_(one_of(_other.c.state, [VersionState.BUILT]), _may_have(_other)),
)


_SERIES_ROW = (
    select(series)
    .where(
        series.c.source == bindparam("source"),
        series.c.kind == bindparam("kind"),
        series.c.doc_key == bindparam("doc_key"),
    )
    .order_by(series.c.generation.desc())
    .limit(1)
)
_SERIES = Prepared(_SERIES_ROW)
_SERIES_KEPT = Prepared(_SERIES_ROW.with_for_update())
_LATEST_VERSIONS = Prepared(
    select(
        *document_version.c,
        _replaced.c.version.label("replaces_version"),
        _may_have(document_version).label("may_have"),
    )
    .select_from(document_version.outerjoin(_replaced, document_version.c.replaces == _replaced.c.unique_id))
    .where(
        document_version.c.series_id == bindparam("series"),
        or_(
            document_version.c.version == _highest(),
            document_version.c.version == _highest(_other.c.state != literal_column(f"'{VersionState.DISCARDED}'")),
            document_version.c.version == _highest(_to_be_replaced),
        ),
    )
    .order_by(document_version.c.version.desc())
)
_ADD_SERIES = Prepared(adding(series))
_ADD_VERSION = Prepared(
    adding(document_version, "handed_over_at", "series_id", "cda_id", "pdf_id")
    .values(
        # Found again by what names them, so that nothing is waited for in between.
        series_id=select(series.c.id).where(series.c.set_id == bindparam("set_id")).scalar_subquery(),
        cda_id=payload_named(bindparam("cda", type_=payload.c.name.type)),
        pdf_id=payload_named(bindparam("pdf", type_=payload.c.name.type)),
    )
    .returning(document_version.c.id)
)
_ADD_PAYLOAD = Prepared(adding(payload, "purged_at"))
_PAYLOAD_ID = Prepared(select(payload_named(bindparam("name", type_=payload.c.name.type)).label("id")))
_SET_RAW_PARTS = (
    update(document_version)
    .where(document_version.c.unique_id == bindparam("which"))
    .values(raw_parts=bindparam("raw"))
)


def series_row(connection: Connection, source: str, kind: str, doc_key: str) -> Row | None:
    """The row of the latest generation of a series, by the digest of its key."""
    return _SERIES.first(connection, source=source, kind=kind, doc_key=doc_key)


def series_kept(connection: Connection, source: str, kind: str, doc_key: str) -> Callable[[], Row | None]:
    """Asks for the row of a series as `series_row`: no delivery of it is planned by another process until the
    transaction ends."""
    return _SERIES_KEPT.asked(connection, source=source, kind=kind, doc_key=doc_key)


def series_by_key(connection: Connection, source: str, doc_keys: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """(kind, digest of the document's key, digest of the usager's key) → row id, of the latest generation."""
    rows = connection.execute(
        select(series.c.kind, series.c.doc_key, series.c.usager_key, series.c.id)
        .where(series.c.source == source, series.c.doc_key.in_(doc_keys))
        .order_by(series.c.generation)
    )
    return {(row.kind, row.doc_key, row.usager_key): row.id for row in rows}


def add_series(connection: Connection, values: Mapping[str, str | int]) -> None:
    _ADD_SERIES.send(connection, **values)


def known_series(connection: Connection, row: Row) -> KnownSeries | None:
    """The series of this row with its latest version and the one to be replaced; None when it has no version."""
    rows = _LATEST_VERSIONS.rows(connection, series=row["id"])
    if not rows:
        return None
    versions = [_known_version(version, row["set_id"]) for version in rows]
    standing = [version for version in versions if version.state is not VersionState.DISCARDED]
    may_have = {version["version"] for version in rows if version["may_have"]}
    left = [one for one in standing if one.state is VersionState.HANDED_OVER or one.ids.version in may_have]
    return KnownSeries(
        set_id=row["set_id"],
        finess=row["finess"],
        generation=row["generation"],
        latest=versions[0],
        standing=standing[0] if standing else None,
        replaced=left[0] if left else None,
    )


def add_version(
    connection: Connection,
    built: BuiltDocument,
    fingerprints: Fingerprints,
    at: datetime,
    *,
    dossier_id: int,
    run: str,
    facts: bytes,
    cda: str,
    pdf: str | None,
) -> Callable[[], Row | None]:
    """Adds a version as `built` to the series of its set; asks for its row id, `id`.

    Args:
        cda, pdf: the names of its bodies.
    """
    return _ADD_VERSION.asked(
        connection,
        set_id=built.ids.set_id,
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
        cda=cda,
        pdf=pdf,
        media_type=built.media_type,
        sha1=built.sha1,
        facts=facts,
        facts_digest=fingerprints.facts,
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
) -> None:
    """Adds a sealed body. Args: body, None when it stands in the file `name`."""
    _ADD_PAYLOAD.send(
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


def payload_id(connection: Connection, name: str) -> int:
    """The row id of the sealed body of this name, which exists."""
    return int(_PAYLOAD_ID.scalar(connection, name=name))


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
        fingerprints=Fingerprints(row["raw_parts"], row["mapped_fingerprint"], row["facts_digest"]),
        sha256=row["sha256"],
        size=row["size"],
        state=VersionState(row["state"]),
        built_at=row["built_at"],
        run=row["run_id"],
        handed_over_at=row["handed_over_at"],
        versions=row["versions"],
    )
