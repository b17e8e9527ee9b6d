"""How far a held reading went, and the digest by which the facts of a version are seen to have changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # `cursor:` and the name of a source, which has 64 characters at most.
    with op.batch_alter_table("setting") as setting:
        setting.alter_column("name", existing_type=sa.String(40), type_=sa.String(100), existing_nullable=False)
    op.add_column("run", sa.Column("cursor", sa.Text))
    op.add_column("document_version", sa.Column("facts_digest", sa.String(16), nullable=False, server_default=""))
