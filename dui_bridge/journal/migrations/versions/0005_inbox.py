"""What comes back by mail: mailboxes, mails, their documents and receipts, answers, suspect addresses, replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("cursor", sa.String(40)),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("read_at", _TIME, nullable=False),
        sa.Column("success_at", _TIME),
        sa.Column("code", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("address", "folder", name="pk_mailbox"),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("mailbox", sa.String(254), nullable=False),
        sa.Column("cursor", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("in_file", sa.Boolean, nullable=False),
        sa.Column("detail", sa.LargeBinary),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("who", sa.String(20), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("marked", sa.Boolean, nullable=False),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("dossier_id", sa.Integer),
        sa.Column("purged_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_received"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_received_delivery_id"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_received_dossier_id"),
        sa.UniqueConstraint("mailbox", "fingerprint", name="uq_received_mailbox"),
        sa.UniqueConstraint("name", name="uq_received_name"),
    )
    op.create_index("ix_received_state", "received", ["state", "id"])
    op.create_index("ix_received_delivery", "received", ["delivery_id"])
    op.create_index("ix_received_dossier", "received", ["dossier_id"])
    op.create_table(
        "received_document",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("received_id", sa.Integer, nullable=False),
        sa.Column("dossier_id", sa.Integer),
        sa.Column("unique_index", sa.String(64), nullable=False),
        sa.Column("set_index", sa.String(64), nullable=False),
        sa.Column("replaces", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("terms", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_received_document"),
        sa.ForeignKeyConstraint(["received_id"], ["received.id"], name="fk_received_document_received_id"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_received_document_dossier_id"),
    )
    op.create_index("ix_received_document_received", "received_document", ["received_id"])
    op.create_index("ix_received_document_unique", "received_document", ["unique_index"])
    op.create_index("ix_received_document_set", "received_document", ["set_index"])
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("received_id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("original", sa.String(64), nullable=False),
        sa.Column("told", sa.String(20), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipt"),
        sa.ForeignKeyConstraint(["received_id"], ["received.id"], name="fk_receipt_received_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_receipt_delivery_id"),
    )
    op.create_index("ix_receipt_received", "receipt", ["received_id"])
    op.create_index("ix_receipt_delivery", "receipt", ["delivery_id"])
    op.create_index("ix_receipt_original", "receipt", ["original"])
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("received_id", sa.Integer, nullable=False),
        sa.Column("code", sa.String(3), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", _TIME),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("ended_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.ForeignKeyConstraint(["received_id"], ["received.id"], name="fk_answer_received_id"),
        sa.UniqueConstraint("received_id", name="uq_answer_received_id"),
    )
    op.create_index("ix_answer_state", "answer", ["state"])
    op.create_table(
        "suspect",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("address_index", sa.String(64), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("address", sa.LargeBinary),
        sa.Column("cleared_at", _TIME),
        sa.Column("cleared_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suspect"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_suspect_delivery_id"),
    )
    op.create_index("ix_suspect_address", "suspect", ["address_index"])
    op.create_table(
        "awaited",
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("until", _TIME),
        sa.Column("replied_at", _TIME),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_awaited"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_awaited_delivery_id"),
    )
    op.create_index("ix_awaited_until", "awaited", ["until"])
    mails = sa.text("reference LIKE '%@%'")
    op.create_index("ix_delivery_mail", "delivery", ["reference"], sqlite_where=mails, postgresql_where=mails)
