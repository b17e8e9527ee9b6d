"""Pauses, circuits and rates: what may leave for a destination, in whatever process."""

from __future__ import annotations

import multiprocessing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_site import AT, record, start_run

from dui_bridge.journal.control_records import brake_of
from dui_bridge.journal.records import Brake, Circuit
from dui_bridge.journal.store import Journal

HOUR = timedelta(hours=1)
_FORK = multiprocessing.get_context("fork")


def test_an_establishment_that_a_destination_refuses_has_a_brake_of_its_own(stored: Journal):
    for name in ("dmp", "dmp-essai"):
        stored.brakes.failed(brake_of(name, "010000024"), "DMP-034", AT, AT + HOUR, opens=True)

    assert (stored.brakes.all(), stored.brakes.get("dmp").gate(AT)) == ([], "open")
    assert stored.brakes.resume("dmp", "anne", AT)
    found = stored.brakes.of_establishments()
    assert {name: one.gate(AT) for (name, _), one in found.items()} == {"dmp": "probe", "dmp-essai": "shut"}


def test_a_destination_of_which_nothing_is_known_is_open(stored: Journal):
    assert stored.brakes.get("dmp") == Brake("dmp")
    assert stored.brakes.get("dmp").gate(AT) == "open"
    assert stored.brakes.all() == []


def test_a_pause_lasts_until_it_is_ended_and_then_one_item_goes_first(stored: Journal):
    stored.brakes.pause("dmp", "anne", "maintenance", None, AT)
    paused = stored.brakes.get("dmp")

    assert (paused.paused_at, paused.paused_by, paused.reason) == (AT, "anne", "maintenance")
    assert paused.gate(AT + 1000 * HOUR) == "shut"
    assert stored.brakes.resume("dmp", "luc", AT + HOUR)
    assert stored.brakes.get("dmp").gate(AT + HOUR) == "probe"
    stored.brakes.succeeded("dmp", AT + HOUR)
    assert stored.brakes.get("dmp").gate(AT + HOUR) == "open"


def test_a_pause_until_a_time_ends_by_itself_with_one_item_first(stored: Journal):
    stored.brakes.pause("dmp", "anne", "nuit", AT + HOUR, AT)

    assert stored.brakes.get("dmp").gate(AT + HOUR - timedelta(seconds=1)) == "shut"
    assert stored.brakes.get("dmp").gate(AT + HOUR) == "probe"
    stored.brakes.succeeded("dmp", AT + HOUR)
    assert stored.brakes.get("dmp").gate(AT) == "open"


@pytest.mark.parametrize("until", [None, AT + 2 * HOUR], ids=["for good", "for a time"])
def test_a_delivery_that_arrives_does_not_end_a_pause(stored: Journal, until: datetime | None):
    stored.brakes.pause("dmp", "anne", "maintenance", until, AT)

    stored.brakes.succeeded("dmp", AT + HOUR)

    assert stored.brakes.get("dmp").gate(AT + HOUR) == "shut"


def test_failures_open_the_circuit_and_a_success_closes_it(stored: Journal):
    stored.brakes.failed("dmp", "RTY-001", AT, None, opens=False)
    assert stored.brakes.get("dmp").gate(AT) == "open"

    stored.brakes.failed("dmp", "RTY-001", AT, AT + HOUR, opens=True)
    opened = stored.brakes.get("dmp")
    assert (opened.circuit, opened.failures, opened.last_code) == (Circuit.OPEN, 2, "RTY-001")
    assert [opened.gate(AT), opened.gate(AT + HOUR)] == ["shut", "probe"]

    stored.brakes.failed("dmp", "RTY-002", AT + HOUR, AT + 3 * HOUR, opens=False)
    assert stored.brakes.get("dmp").gate(AT + 2 * HOUR) == "shut"

    stored.brakes.succeeded("dmp", AT + 3 * HOUR)
    assert stored.brakes.get("dmp") == Brake("dmp", last_success_at=AT + 3 * HOUR)


def test_a_person_may_try_again_before_the_circuit_does(stored: Journal):
    stored.brakes.failed("dmp", "RTY-001", AT, AT + HOUR, opens=True)

    assert stored.brakes.resume("dmp", "anne", AT)

    assert stored.brakes.get("dmp").gate(AT) == "probe"


def test_there_is_nothing_to_resume_where_nothing_stands_still(stored: Journal):
    assert not stored.brakes.resume("dmp", "anne", AT)
    stored.brakes.succeeded("dmp", AT)
    assert not stored.brakes.resume("dmp", "anne", AT)
    assert stored.brakes.get("dmp").gate(AT) == "open"


def test_all_are_paused_those_of_the_site_and_those_that_were_delivered_to(stored: Journal):
    start_run(stored)
    record(stored, destinations=("dmp", "dossier"))
    stored.brakes.succeeded("mail", AT)

    stored.brakes.pause_all("restored", "anne", AT, ["neuve"])

    assert {brake.destination: brake.gate(AT) for brake in stored.brakes.all()} == dict.fromkeys(
        ["dmp", "dossier", "mail", "neuve"], "shut"
    )


def test_the_last_success_is_kept_to_the_second(stored: Journal):
    stored.brakes.succeeded("dmp", AT)
    stored.brakes.succeeded("dmp", AT + timedelta(milliseconds=900))
    assert stored.brakes.get("dmp").last_success_at == AT
    stored.brakes.succeeded("dmp", AT + timedelta(seconds=1))
    assert stored.brakes.get("dmp").last_success_at == AT + timedelta(seconds=1)


def test_a_reason_that_is_too_long_is_cut(stored: Journal):
    stored.brakes.pause("dmp", "anne", "é\0" * 500, None, AT)

    assert stored.brakes.get("dmp").reason == "é" * 400


def test_the_bucket_gives_a_burst_then_the_rate(stored: Journal):
    waits = [stored.brakes.take("dmp", 4.0, AT) for _ in range(5)]

    assert waits == [0.0, 0.0, 0.0, 0.0, 0.25]
    assert stored.brakes.take("dmp", 4.0, AT + timedelta(seconds=0.25)) == 0.0
    assert stored.brakes.take("dmp", 4.0, AT + timedelta(seconds=0.25)) == pytest.approx(0.25)


def test_a_slow_rate_lets_one_go_then_waits_for_the_next(stored: Journal):
    assert stored.brakes.take("dmp", 0.01, AT) == 0.0
    assert stored.brakes.take("dmp", 0.01, AT) == pytest.approx(100)
    assert stored.brakes.take("dmp", 0.01, AT + timedelta(seconds=100)) == 0.0
    assert stored.brakes.take("autre", 0.01, AT) == 0.0


def test_a_bucket_of_one_lets_things_through_evenly(stored: Journal) -> None:
    times = [AT + timedelta(seconds=n / 20) for n in range(21)]

    taken = [at for at in times if stored.brakes.take("dmp feeds", 4.0, at, burst=1.0) == 0.0]

    assert [at - AT for at in taken] == [timedelta(seconds=n / 4) for n in range(5)]
    assert "dmp feeds" not in [one.destination for one in stored.brakes.all()]


def test_a_clock_that_is_set_back_one_hour_stops_nothing(stored: Journal):
    assert stored.brakes.take("dmp", 1.0, AT) == 0.0

    assert stored.brakes.take("dmp", 1.0, AT - HOUR) == pytest.approx(1)
    assert stored.brakes.take("dmp", 1.0, AT - HOUR + timedelta(seconds=1)) == 0.0


def test_two_hosts_whose_clocks_differ_a_little_gain_nothing(stored: Journal):
    stored.brakes.take("dmp", 1.0, AT)
    behind = AT - timedelta(seconds=5)

    taken = [stored.brakes.take("dmp", 1.0, now) for now in [behind, AT] * 5]

    assert 0.0 not in taken


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0, 3), min_size=1, max_size=30), st.floats(0.5, 20))
def test_never_more_leave_than_the_burst_and_the_rate_allow(journal: Journal, steps: list[float], rate: float):
    now, taken, destination = AT, 0, str(len(journal.brakes.all()))
    for step in steps:
        now += timedelta(seconds=step)
        taken += journal.brakes.take(destination, rate, now) == 0.0
    assert taken <= max(1.0, rate) + rate * (now - AT).total_seconds() + 1e-6


def test_the_rate_holds_across_processes(folder: Path, key: bytes):
    Journal.open(folder, key).close()
    counted = _FORK.Value("i", 0)

    def take(now: datetime) -> None:
        with Journal.open(folder, key) as journal:
            for _ in range(20):
                if journal.brakes.take("dmp", 10.0, now) == 0.0:
                    with counted.get_lock():
                        counted.value += 1

    processes = [_FORK.Process(target=take, args=(AT,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert counted.value == 10
