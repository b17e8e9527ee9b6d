"""When a source is read."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import RunState
from dui_bridge.pipeline.serve.clock import Clock, cron, missed, trigger_of
from dui_bridge.pipeline.serve.errors import ScheduleUnusable
from dui_bridge.site.declaration import SourceSettings

PARIS = ZoneInfo("Europe/Paris")
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=PARIS)


def times(line: str, number: int = 3, since: datetime = SUNDAY) -> list[str]:
    """The next times of a cron line."""
    trigger, found, now = cron(line, PARIS), [], since
    for _ in range(number):
        at = trigger.get_next_fire_time(None, now)
        assert at is not None
        found.append(at.strftime("%a %d %H:%M"))
        now = at + timedelta(minutes=1)
    return found


def source(**keys: str) -> SourceSettings:
    return SourceSettings(mapping=Path("m.yaml"), path=Path("export"), **keys)


def run(at: datetime, state: RunState = RunState.DONE, kind: str = "full") -> KnownRun:
    return KnownRun("r", "atlas", "20261121", at, at, state, {}, {}, kind=kind)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 2 * * *", ["Mon 23 02:00", "Tue 24 02:00", "Wed 25 02:00"]),
        ("0 2 * * 1-5", ["Mon 23 02:00", "Tue 24 02:00", "Wed 25 02:00"]),
        ("0 2 * * 0", ["Sun 29 02:00", "Sun 06 02:00", "Sun 13 02:00"]),
        ("0 2 * * 7", ["Sun 29 02:00", "Sun 06 02:00", "Sun 13 02:00"]),
        ("0 2 * * MON,thu", ["Mon 23 02:00", "Thu 26 02:00", "Mon 30 02:00"]),
        ("0 2 * * 5-7", ["Fri 27 02:00", "Sat 28 02:00", "Sun 29 02:00"]),
        ("0 2 * * fri-mon", ["Mon 23 02:00", "Fri 27 02:00", "Sat 28 02:00"]),
        ("0 2 * * */3", ["Wed 25 02:00", "Sat 28 02:00", "Sun 29 02:00"]),
        ("*/30 14 * * *", ["Sun 22 14:00", "Sun 22 14:30", "Mon 23 14:00"]),
        ("0 2 25 * 1", ["Mon 23 02:00", "Wed 25 02:00", "Mon 30 02:00"]),
    ],
)
def test_a_cron_line_means_what_cron_means_by_it(line: str, expected: list[str]) -> None:
    assert times(line) == expected


def test_a_daily_time_is_local_on_both_sides_of_a_change_of_hour() -> None:
    before_summer = datetime(2026, 3, 28, 12, 0, tzinfo=PARIS)

    assert times("0 6 * * *", 2, before_summer) == ["Sun 29 06:00", "Mon 30 06:00"]


@pytest.mark.parametrize("line", ["99 * * * *", "0 2 * * 8", "0 2 32 * *", "0 2 * * 1-x", "0 2 * * ,", "0 2 * 13 *"])
def test_a_line_that_no_clock_can_follow_is_refused(line: str) -> None:
    with pytest.raises(ScheduleUnusable):
        cron(line, PARIS)


def test_what_was_due_while_the_process_was_down_was_missed() -> None:
    nightly = source(schedule="0 2 * * *")

    assert missed(nightly, PARIS, [run(SUNDAY - timedelta(days=3))], SUNDAY)
    assert not missed(nightly, PARIS, [run(SUNDAY.replace(hour=2, second=1))], SUNDAY)
    assert not missed(nightly, PARIS, [run(SUNDAY.replace(hour=2, microsecond=100))], SUNDAY)


def test_an_urgent_reading_does_not_stand_for_the_one_that_was_due() -> None:
    runs = [run(SUNDAY, kind="urgent"), run(SUNDAY - timedelta(days=2))]

    assert missed(source(schedule="0 2 * * *"), PARIS, runs, SUNDAY)


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.INTERRUPTED])
def test_a_run_that_was_cut_off_is_made_again(state: RunState) -> None:
    runs = [run(SUNDAY - timedelta(minutes=1), state)]

    assert missed(source(schedule="0 2 * * *"), PARIS, runs, SUNDAY)


def test_a_source_that_never_ran_waits_for_its_hour_or_starts_when_it_has_none() -> None:
    assert not missed(source(schedule="0 2 * * *"), PARIS, [], SUNDAY)
    assert missed(source(every="15min"), PARIS, [], SUNDAY)
    assert not missed(source(), PARIS, [], SUNDAY)


def test_an_interval_goes_on_from_the_last_reading() -> None:
    every = source(every="15min")
    last = SUNDAY - timedelta(minutes=10)

    trigger = trigger_of(every, PARIS, last)

    assert not missed(every, PARIS, [run(last)], SUNDAY)
    assert missed(every, PARIS, [run(SUNDAY - timedelta(minutes=16))], SUNDAY)
    assert trigger is not None
    assert trigger.get_next_fire_time(None, SUNDAY) == SUNDAY + timedelta(minutes=5)


def test_the_clock_calls_when_it_is_time_and_no_more_once_stopped() -> None:
    clock, called = Clock(PARIS), threading.Event()
    trigger = trigger_of(source(every="1s"), PARIS, datetime.now(UTC) - timedelta(seconds=0.9))
    assert trigger is not None

    clock.add("read", trigger, called.set)
    clock.start()
    was_called = called.wait(5)
    clock.stop()
    called.clear()
    time.sleep(1.2)

    assert was_called
    assert not called.is_set()
