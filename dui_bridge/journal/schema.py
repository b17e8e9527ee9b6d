"""The tables, the same on SQLite and PostgreSQL. A change here goes with a migration and a new `HEAD`.

No clear key of a document or an usager is stored: `doc_key` and `usager_key` hold keyed digests (keys.blind).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)

HEAD = "0001"
"""The migration that these tables are at; known without importing Alembic, whose import is slow."""

REVISION_TABLE = "alembic_version"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC and given back in UTC (SQLite keeps no time zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("export", String(400), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("state", String(20), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Index(None, "source", "started_at"),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("doc_key", String(64), nullable=False),
    Column("usager_key", String(64), nullable=False),
    Column("finess", String(9), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("set_id", String(64), nullable=False),
    UniqueConstraint("source", "kind", "doc_key", "generation"),
    UniqueConstraint("set_id"),
)

document_version = Table(
    "document_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("unique_id", String(64), nullable=False),
    Column("replaces", ForeignKey("document_version.unique_id")),
    Column("raw_parts", JSON, nullable=False),
    Column("mapped_fingerprint", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("built_at", UtcDateTime, nullable=False),
    Column("handed_over_at", UtcDateTime),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("versions", JSON, nullable=False),
    UniqueConstraint("series_id", "version"),
    UniqueConstraint("unique_id"),
    # Of the few that wait only: an index of every state would lure SQLite away from the one of the series.
    Index(
        "ix_document_version_waiting",
        "id",
        sqlite_where=text("state = 'built'"),
        postgresql_where=text("state = 'built'"),
    ),
)
