"""Alembic's environment and migrations; run by `database.migrate`, without an alembic.ini."""
