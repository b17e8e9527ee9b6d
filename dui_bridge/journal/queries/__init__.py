"""Every query of the journal, on SQLite and on PostgreSQL alike, by group of tables. Import the module you need.

Each function runs in the caller's transaction. A statement that is asked for often is built once, since building one
costs more than running it.
"""
