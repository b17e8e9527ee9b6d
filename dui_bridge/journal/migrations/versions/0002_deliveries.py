"""Dossiers, items, payloads, deliveries with their attempts, decisions, brakes, tasks, outbox and audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("setting") as setting:
        setting.alter_column("value", existing_type=sa.String(200), type_=sa.Text, existing_nullable=False)
    op.add_column("run", sa.Column("cause", sa.String(80)))
    op.add_column("run", sa.Column("kind", sa.String(10), nullable=False, server_default="full"))
    _read()
    _built()
    _delivered()
    _decided()
    _told()


def _read() -> None:
    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("usager_key", sa.String(64), nullable=False),
        sa.Column("finess", sa.String(9)),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("number", sa.LargeBinary, nullable=False),
        sa.Column("facts", sa.LargeBinary),
        sa.Column("traits", sa.JSON, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("gone_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_dossier"),
        sa.UniqueConstraint("source", "usager_key", name="uq_dossier_source"),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("series_id", sa.Integer),
        sa.Column("doc_type", sa.String(60)),
        sa.Column("finess", sa.String(9)),
        sa.Column("run_id", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("who", sa.String(20), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("gone_at", _TIME),
        sa.Column("detail", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
        sa.UniqueConstraint("source", "kind", "key", name="uq_item_source"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_item_dossier_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_item_series_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_item_run_id"),
    )
    op.create_index("ix_item_run", "item", ["source", "run_id", "state"])
    op.create_index("ix_item_series", "item", ["series_id"])
    op.create_index("ix_item_dossier", "item", ["dossier_id", "kind"])


def _built() -> None:
    op.create_table(
        "payload",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("in_file", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("purged_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_payload"),
        sa.UniqueConstraint("name", name="uq_payload_name"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_payload_dossier_id"),
    )
    for name, target in (("dossier_id", "dossier"), ("cda_id", "payload"), ("pdf_id", "payload")):
        # In one statement: SQLite adds no constraint afterwards, and rebuilding this table would copy all versions.
        reference = sa.ForeignKey(f"{target}.id", name=f"fk_document_version_{name}")
        op.add_column("document_version", sa.Column(name, sa.Integer, reference), inline_references=True)
    for column in (
        sa.Column("media_type", sa.String(60), nullable=False, server_default="text/xml"),
        sa.Column("sha1", sa.String(40), nullable=False, server_default=""),
        sa.Column("facts", sa.LargeBinary),
    ):
        op.add_column("document_version", column)
    # Their bytes were not kept, so nothing can deliver them any more: the next reading makes them anew.
    op.execute("UPDATE document_version SET state = 'discarded' WHERE state = 'built'")


def _delivered() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("destination", sa.String(200), nullable=False),
        sa.Column("operation", sa.String(20), nullable=False),
        sa.Column("finess", sa.String(9), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("who", sa.String(20), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("not_before", _TIME),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("settled_at", _TIME),
        sa.Column("reference", sa.String(400), nullable=False),
        sa.Column("worker", sa.String(60)),
        sa.Column("task_id", sa.Integer),
        sa.Column("run_id", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["version_id"], ["document_version.id"], name="fk_delivery_version_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_delivery_series_id"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_delivery_dossier_id"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_delivery_task_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_delivery_run_id"),
    )
    op.create_index("ix_delivery_series", "delivery", ["series_id", "destination"])
    op.create_index("ix_delivery_version", "delivery", ["version_id"])
    op.create_index("ix_delivery_dossier", "delivery", ["dossier_id"])
    op.create_index("ix_delivery_state", "delivery", ["state", "destination", "id"])
    _create_partial_index("ix_delivery_ready", "delivery", ["destination", "urgent", "id"], "state = 'ready'")
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(60), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("result", sa.String(20)),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(400), nullable=False),
        sa.Column("answer_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("delivery_id", "number", name="uq_attempt_delivery_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_attempt_delivery_id"),
        sa.ForeignKeyConstraint(["answer_id"], ["payload.id"], name="fk_attempt_answer_id"),
    )


def _decided() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("destination", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.ForeignKeyConstraint(["version_id"], ["document_version.id"], name="fk_decision_version_id"),
    )
    op.create_index("ix_decision_version", "decision", ["version_id", "destination"])
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200)),
        sa.Column("finess", sa.String(9)),
        sa.Column("doc_type", sa.String(60)),
        sa.Column("destination", sa.String(200)),
        sa.Column("dossier_id", sa.Integer),
        sa.Column("series_id", sa.Integer),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME),
        sa.Column("released_at", _TIME),
        sa.Column("released_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_hold_dossier_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_hold_series_id"),
    )
    op.create_table(
        "information",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("finess", sa.String(9), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("evidence", sa.String(400), nullable=False),
        sa.Column("declared_at", _TIME, nullable=False),
        sa.Column("withdrawn_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_information"),
    )
    op.create_table(
        "brake",
        sa.Column("destination", sa.String(200), nullable=False),
        sa.Column("paused_at", _TIME),
        sa.Column("paused_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("until", _TIME),
        sa.Column("resumed", sa.String(20), nullable=False),
        sa.Column("circuit", sa.String(20), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_code", sa.String(40), nullable=False),
        sa.Column("retry_at", _TIME),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("tokens_at", _TIME, nullable=False),
        sa.Column("last_success_at", _TIME),
        sa.PrimaryKeyConstraint("destination", name="pk_brake"),
    )


def _told() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("row", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", _TIME),
        sa.Column("written_at", _TIME),
        sa.Column("file", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_outbox_dossier_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_outbox_delivery_id"),
    )
    _create_partial_index("ix_outbox_waiting", "outbox", ["source", "id"], "written_at IS NULL")
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
