"""Identities: what INSi answered, each call, and what happened to each identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("statut", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("who", sa.String(20), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("local", sa.String(64), nullable=False),
        sa.Column("ins_index", sa.String(64)),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("called_at", _TIME),
        sa.Column("verified_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_identity_dossier_id"),
        sa.UniqueConstraint("dossier_id", name="uq_identity_dossier_id"),
    )
    op.create_index("ix_identity_ins", "identity", ["ins_index"])
    op.create_index("ix_identity_state", "identity", ["state"])
    op.create_table(
        "identity_call",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.String(60), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("request_id", sa.Integer),
        sa.Column("answer_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_identity_call"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_identity_call_dossier_id"),
        sa.ForeignKeyConstraint(["request_id"], ["payload.id"], name="fk_identity_call_request_id"),
        sa.ForeignKeyConstraint(["answer_id"], ["payload.id"], name="fk_identity_call_answer_id"),
    )
    op.create_index("ix_identity_call_at", "identity_call", ["at"])
    op.create_index("ix_identity_call_dossier", "identity_call", ["dossier_id"])
    op.create_table(
        "identity_event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("before", sa.String(12), nullable=False),
        sa.Column("after", sa.String(12), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("detail", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_event"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_identity_event_dossier_id"),
    )
    op.create_index("ix_identity_event_dossier", "identity_event", ["dossier_id"])
