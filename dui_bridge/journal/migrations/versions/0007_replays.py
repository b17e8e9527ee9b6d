"""When a person last had a delivery sent again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("replayed_at", sa.DateTime(timezone=True)))
    replayed = sa.text("replayed_at IS NOT NULL")
    op.create_index("ix_delivery_replayed", "delivery", ["id"], sqlite_where=replayed, postgresql_where=replayed)
