"""To whom a mail was written, and to whom it is to be written yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "addressee",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addressee"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_addressee_delivery_id"),
    )
    op.create_index("ix_addressee_delivery", "addressee", ["delivery_id"])
