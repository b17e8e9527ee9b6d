"""Runs: one at a time for each source, and none is left open for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.journal.errors import JournalOvertaken, RunUnderWay
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import RunEvent, RunState

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_a_run_keeps_its_numbers_and_versions(journal):
    journal.end_run("r1", RunEvent.END, {"read": 60, "built": 58}, AT)

    run = journal.last_run("atlas")

    assert run is not None
    assert (run.id, run.state, run.ended_at, run.export) == ("r1", RunState.DONE, AT, "export")
    assert run.counts == {"read": 60, "built": 58}
    assert run.versions == {"bridge": "0.1"}


def test_a_source_that_never_ran_has_no_last_run(journal):
    assert journal.last_run("boreal") is None


def test_a_run_that_does_not_exist_cannot_end(journal):
    with pytest.raises(JournalOvertaken):
        journal.end_run("r9", RunEvent.END, {}, AT)


def test_a_second_run_of_the_same_source_is_refused_and_writes_nothing(folder: Path, key: bytes, journal):
    with Journal.open(folder, key) as other, pytest.raises(RunUnderWay) as refused:
        other.start_run("r2", "atlas", "export", {}, AT)

    assert "atlas" in refused.value.message("fr")
    assert journal.last_run("atlas").id == "r1"


def test_another_source_may_run_meanwhile(folder: Path, key: bytes, journal):
    with Journal.open(folder, key) as other:
        other.start_run("r2", "boreal", "export", {}, AT)

        assert other.last_run("boreal").state is RunState.RUNNING


def test_the_source_is_free_once_the_run_has_ended(journal):
    journal.end_run("r1", RunEvent.END, {}, AT)

    journal.start_run("r2", "atlas", "export", {}, AT)

    assert journal.last_run("atlas").id == "r2"


def test_a_run_that_was_left_open_is_interrupted_by_the_next(folder: Path, key: bytes, journal):
    journal.close()

    with Journal.open(folder, key) as again:
        left = again.last_run("atlas")
        again.start_run("r2", "atlas", "export", {}, AT)
        again.end_run("r2", RunEvent.END, {}, AT)

    with Journal.open(folder, key) as again, again._access.reading() as connection:
        states = {row.id: row.state for row in connection.exec_driver_sql("SELECT id, state FROM run")}
    assert left.state is RunState.RUNNING
    assert states == {"r1": "interrupted", "r2": "done"}


def test_a_cursor_is_kept_until_the_next_one(journal: Journal) -> None:
    assert journal.cursor("serenia") is None
    journal.store_cursor("serenia", "one")
    journal.store_cursor("serenia", "two")
    assert (journal.cursor("serenia"), journal.cursor("atlas")) == ("two", None)


def test_runs_are_told_the_last_first_of_one_source_or_in_one_state(journal: Journal) -> None:
    journal.end_run("r1", RunEvent.HOLD, {}, AT, cause="GRD-001")
    journal.start_run("r2", "atlas", "export", {}, AT, "urgent")
    journal.start_run("r3", "boreal", "export", {}, AT)

    assert [run.id for run in journal.runs()] == ["r3", "r2", "r1"]
    assert [run.id for run in journal.runs("atlas", limit=1)] == ["r2"]
    (held,) = journal.runs(state=RunState.HELD)
    assert (held.id, held.cause, held.kind) == ("r1", "GRD-001", "full")
    assert journal.runs("atlas")[0].kind == "urgent"
    assert journal.run("r9") is None


def test_a_run_ends_once(journal: Journal) -> None:
    journal.end_run("r1", RunEvent.END, {}, AT)

    with pytest.raises(JournalOvertaken):
        journal.end_run("r1", RunEvent.FAIL, {}, AT)


def test_a_lock_is_held_by_one_at_a_time_and_free_afterwards(folder: Path, key: bytes, journal: Journal) -> None:
    with Journal.open(folder, key) as other:
        with journal.lock("destination dmp") as mine, other.lock("destination dmp") as theirs:
            assert (mine, theirs) == (True, False)
        with other.lock("destination dmp") as theirs:
            assert theirs
