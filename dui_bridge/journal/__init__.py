"""The durable record of runs, series and document versions. Open it with `store.Journal.open`.

This package imports nothing by itself, so that a command that needs no journal does not pay for SQLAlchemy.
"""
