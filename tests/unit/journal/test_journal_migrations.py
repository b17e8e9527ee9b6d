"""A journal made by the first version of the bridge, opened by this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from dui_bridge.journal import migrations
from dui_bridge.journal.keys import blind, derive
from dui_bridge.journal.records import KnownSeries, SeriesKey, VersionState
from dui_bridge.journal.schema import metadata
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import RunState

_RUN = "INSERT INTO run VALUES ('r0', 'atlas', 'export', '2026-11-20 02:00:00', NULL, 'done', '{\"read\": 2}', '{}')"
_SERIES = "INSERT INTO series VALUES (1, 'og', 'atlas', :kind, :doc_key, :usager_key, '010000024', 1, '2.25.1000')"
_VERSION = (
    "INSERT INTO document_version VALUES (:version, 1, :version, :unique_id, :replaces, '{\"plans\": \"aa\"}', 'm', "
    "'ab', 1, :state, '2026-11-20 02:00:00', NULL, 'r0', '{}')"
)


VERSION = text("SELECT version_num FROM alembic_version")
INDEXES = text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql > '' ORDER BY rowid")
"""In the order in which they were made: what SQLite chooses depends on it."""


def upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def described(connection: Connection) -> dict[str, object]:
    """All that stands in the tables of a database, whatever the words and the order in which it was written."""
    known = inspect(connection)
    return {
        name: (
            {one["name"]: (str(one["type"]), one["nullable"], one["default"]) for one in known.get_columns(name)},
            known.get_pk_constraint(name),
            # Those that SQLite adds to a table have no name.
            sorted(repr({**one, "name": ""}) for one in known.get_foreign_keys(name)),
            sorted(map(repr, known.get_unique_constraints(name))),
            sorted(
                (one["name"], one["column_names"], {what: str(how) for what, how in one["dialect_options"].items()})
                for one in known.get_indexes(name)
            ),
        )
        for name in known.get_table_names()
    }


def test_a_new_journal_is_what_the_migrations_would_make(folder: Path, key: bytes) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as migrated, Journal.open(folder, key) as journal, journal._access.reading() as made:
        upgrade(migrated, "head")
        assert described(made) == described(migrated)
        for seen in (VERSION, *(INDEXES.bindparams(table=name) for name in metadata.tables)):
            assert made.execute(seen).all() == migrated.execute(seen).all()
    engine.dispose()


@pytest.fixture
def old(folder: Path, key: bytes, series: SeriesKey) -> Path:
    """The folder of a journal at revision 0001: a series with a version handed over and one that never left."""
    folder.mkdir(parents=True)
    engine = create_engine(f"sqlite:///{folder / 'journal.sqlite'}")
    digests = derive(key, "journal")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys = ON"))
        upgrade(connection, "0001")
        connection.execute(text("INSERT INTO setting VALUES ('key_check', :value)"), {"value": blind(digests, "check")})
        connection.execute(text(_RUN.replace(":", r"\:")))
        usager = {
            "kind": series.kind.value,
            "doc_key": blind(digests, "document", series.doc_key),
            "usager_key": blind(digests, "usager", series.usager_key),
        }
        connection.execute(text(_SERIES), usager)
        for version, replaces, state in ((1, None, "handed_over"), (2, "2.25.1", "built")):
            row = {"version": version, "unique_id": f"2.25.{version}", "replaces": replaces, "state": state}
            connection.execute(text(_VERSION.replace('": "', r'"\: "')), row)
    engine.dispose()
    return folder


def test_its_tables_become_those_of_the_schema(old: Path, key: bytes) -> None:
    with Journal.open(old, key) as journal, journal._access.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_what_it_held_is_kept(old: Path, key: bytes, series: SeriesKey) -> None:
    with Journal.open(old, key) as journal:
        known = journal.series_for(series)
        run = journal.run("r0")

    assert isinstance(known, KnownSeries)
    assert known.replaced is not None
    assert known.replaced.ids.unique_id == "2.25.1"
    assert run is not None
    assert (run.state, run.kind, run.counts) == (RunState.DONE, "full", {"read": 2})


def test_a_version_that_never_left_does_not_stand_since_its_bytes_were_not_kept(
    old: Path, key: bytes, series: SeriesKey, record
) -> None:
    with Journal.open(old, key) as journal:
        known = journal.series_for(series)
        assert isinstance(known, KnownSeries)
        journal.start_run("r1", "atlas", "export", {}, known.latest.built_at)
        record(journal, 3, replaces=1)
        after = journal.series_for(series)

    assert known.latest.state is VersionState.DISCARDED
    assert known.standing == known.replaced
    assert isinstance(after, KnownSeries)
    assert after.standing == after.latest
