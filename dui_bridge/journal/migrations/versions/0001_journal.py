"""Runs, series and document versions: keyed fingerprints, ids and hashes; no payload."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "setting",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("export", sa.String(400), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("versions", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_source", "run", ["source", "started_at"])
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("doc_key", sa.String(64), nullable=False),
        sa.Column("usager_key", sa.String(64), nullable=False),
        sa.Column("finess", sa.String(9), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("set_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("source", "kind", "doc_key", "generation", name="uq_series_source"),
        sa.UniqueConstraint("set_id", name="uq_series_set_id"),
    )
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("unique_id", sa.String(64), nullable=False),
        sa.Column("replaces", sa.String(64)),
        sa.Column("raw_parts", sa.JSON, nullable=False),
        sa.Column("mapped_fingerprint", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True)),
        sa.Column("run_id", sa.String(60), nullable=False),
        sa.Column("versions", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_version"),
        sa.UniqueConstraint("series_id", "version", name="uq_document_version_series_id"),
        sa.UniqueConstraint("unique_id", name="uq_document_version_unique_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_document_version_series_id"),
        sa.ForeignKeyConstraint(["replaces"], ["document_version.unique_id"], name="fk_document_version_replaces"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_document_version_run_id"),
    )
    op.create_index(
        "ix_document_version_waiting",
        "document_version",
        ["id"],
        sqlite_where=sa.text("state = 'built'"),
        postgresql_where=sa.text("state = 'built'"),
    )
