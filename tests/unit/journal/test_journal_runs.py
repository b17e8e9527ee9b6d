"""Runs: one at a time for each source, and none is left open for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journal_site import delivery_of, record, state_of

from dui_bridge.journal.errors import JournalOvertaken, RunUnderWay
from dui_bridge.journal.records import AtStake
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState, RunEvent, RunKind, RunState

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


def ended(journal: Journal, run: str, event: RunEvent, cursor: str | None, kind: RunKind = RunKind.CHANGES) -> None:
    """A run that begins and ends; `r1` is under way already."""
    if run != "r1":
        at = AT + timedelta(minutes=int(run[1:]))
        journal.start_run(run, "atlas", "export", {}, at, kind)
    journal.end_run(run, event, {}, AT, cursor=cursor)


def test_a_cursor_is_kept_until_the_next_one(journal: Journal) -> None:
    assert journal.cursor("atlas") is None
    ended(journal, "r1", RunEvent.END, "one")
    ended(journal, "r2", RunEvent.END, "two")
    assert (journal.cursor("atlas"), journal.cursor("serenia")) == ("two", None)


@pytest.mark.parametrize("event", [RunEvent.FAIL, RunEvent.HOLD, RunEvent.WAIT])
def test_a_run_that_does_not_end_well_leaves_the_cursor_where_it_was(journal: Journal, event: RunEvent) -> None:
    ended(journal, "r1", RunEvent.END, "one")
    ended(journal, "r2", event, "two")

    assert journal.cursor("atlas") == "one"


def test_the_cursor_of_a_held_run_counts_once_it_is_released(journal: Journal) -> None:
    ended(journal, "r1", RunEvent.END, "one")
    ended(journal, "r2", RunEvent.HOLD, "two")

    journal.release_run("r2", AT)

    assert journal.cursor("atlas") == "two"


def test_it_does_not_count_when_the_same_is_to_be_read_again(journal: Journal) -> None:
    ended(journal, "r1", RunEvent.HOLD, "one")

    journal.release_run("r1", AT, again=True)

    assert journal.cursor("atlas") is None


def test_it_does_not_take_the_place_of_a_later_one(journal: Journal) -> None:
    ended(journal, "r1", RunEvent.HOLD, "one")
    ended(journal, "r2", RunEvent.END, "two")

    journal.release_run("r1", AT)

    assert journal.cursor("atlas") == "two"


@pytest.mark.parametrize("kind", [RunKind.CHANGES, RunKind.FULL])
def test_after_a_discarded_run_everything_is_read_again(journal: Journal, kind: RunKind) -> None:
    ended(journal, "r1", RunEvent.END, "one")
    ended(journal, "r2", RunEvent.HOLD, "two", kind)

    journal.discard_run("r2", AT)

    assert journal.cursor("atlas") is None


def interrupted(journal: Journal, run: str, kind: RunKind = RunKind.FULL) -> int:
    """A run that records a document and is cut short; the delivery."""
    if run != "r1":
        journal.start_run(run, "atlas", "export", {}, AT + timedelta(minutes=int(run[1:])), kind)
    version = record(journal, f"PP-{run}", run=run)
    journal.end_run(run, RunEvent.FAIL, {}, AT)
    return delivery_of(journal, version)


def test_what_was_cut_short_before_is_discarded_with_the_run_that_counted_it(journal: Journal) -> None:
    cut_short = [interrupted(journal, "r1"), interrupted(journal, "r2", RunKind.URGENT)]
    ended(journal, "r3", RunEvent.HOLD, None, RunKind.FULL)
    assert journal.at_stake("r3") == AtStake(deliveries=0, cut_short=2, runs=2)

    assert journal.discard_run("r3", AT) == 2

    assert [state_of(journal, one) for one in cut_short] == [DeliveryState.CANCELLED] * 2
    assert journal.at_stake("r3") == AtStake(0, 0, 0)


def test_what_a_judged_run_counted_already_is_not_discarded(journal: Journal) -> None:
    judged = interrupted(journal, "r1")
    ended(journal, "r2", RunEvent.END, None, RunKind.FULL)
    ended(journal, "r3", RunEvent.HOLD, None, RunKind.FULL)

    journal.discard_run("r3", AT)

    assert state_of(journal, judged) is DeliveryState.PLANNED


def test_an_urgent_file_that_was_judged_says_nothing_of_a_whole_reading_cut_short(journal: Journal) -> None:
    whole, urgent = interrupted(journal, "r1"), interrupted(journal, "r2", RunKind.URGENT)
    ended(journal, "r3", RunEvent.END, None, RunKind.URGENT)
    ended(journal, "r4", RunEvent.HOLD, None, RunKind.FULL)

    journal.discard_run("r4", AT)

    assert (state_of(journal, whole), state_of(journal, urgent)) == (DeliveryState.CANCELLED, DeliveryState.PLANNED)


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
