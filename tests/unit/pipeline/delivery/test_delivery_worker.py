"""What a worker makes of what its destination answers, fails or leaves unsaid."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from delivery_world import World

from dui_bridge.errors import AnswerLost, FileUnusable, Retry, ServiceUnreachable
from dui_bridge.journal.errors import JournalLocked
from dui_bridge.model.exchange import Answer
from dui_bridge.model.states import DeliveryState as S

UNREACHABLE = ServiceUnreachable(service="there", reason="timeout")
LOST = AnswerLost(service="there", reason="cut", reason_fr="coupé")
UNUSABLE = FileUnusable(file="/out", reason="full", reason_fr="plein")


class Busy(Retry):
    code = "TST-002"


def sends(world: World) -> list[str]:
    return [name for call, name in world.there.calls if call == "send"]


def later(world: World, **time: float) -> None:
    world.clock.now += timedelta(**time)


# --- what arrives


def test_what_is_ready_is_sent_once_and_is_then_delivered(world: World) -> None:
    world.ready("1", "2", "3")

    worked = world.work()

    assert (worked.delivered, worked.error, worked.waiting_until) == (3, None, None)
    assert world.there.there == ["2.25.1", "2.25.2", "2.25.3"]
    assert world.state("1") == (S.DELIVERED, "")
    assert world.known("1").reference == "there/2.25.1"
    assert world.results("1") == [("delivered", "")]
    assert world.work().delivered == 0
    assert sends(world) == ["2.25.1", "2.25.2", "2.25.3"]


def test_a_version_handed_over_is_the_one_that_the_next_replaces(world: World) -> None:
    world.ready("1", series="A")

    world.work()
    world.ready("2", series="A")

    case = world.journal.deliveries.sendable(world.made["2"])
    assert case is not None
    assert case.built.ids.replaces == "2.25.1"


def test_urgent_documents_overtake_the_others(world: World) -> None:
    world.ready("1", "2")
    world.ready("3", urgent=True)

    world.work()

    assert sends(world) == ["2.25.3", "2.25.1", "2.25.2"]


def test_what_policy_forbids_at_the_last_moment_is_blocked_and_never_sent(world: World) -> None:
    world.ready("1", "2")
    world.gate.forbidden = {"2.25.1"}

    worked = world.work()

    assert sends(world) == ["2.25.2"]
    assert (worked.blocked, worked.delivered) == (1, 1)
    assert world.state("1") == (S.BLOCKED, "TST-001")
    assert world.known("1").who == "dui"


def test_what_is_forbidden_while_another_is_sent_does_not_leave(world: World) -> None:
    world.ready("1", "2")
    world.there.during["2.25.1"] = lambda: world.gate.forbidden.add("2.25.2")

    world.work()

    assert sends(world) == ["2.25.1"]


def test_what_is_retried_is_asked_of_policy_again(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [Busy()]
    world.work()
    world.gate.forbidden = {"2.25.1"}
    later(world, hours=1)

    world.work()

    assert sends(world) == ["2.25.1"]
    assert world.state("1") == (S.BLOCKED, "TST-001")


# --- refusals and passing failures


def test_a_refusal_is_never_sent_again_whatever_the_settings_say(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [Answer.REFUSED]

    worked = world.work()
    later(world, days=30)
    world.work(world.destination(retries=50), at_once=True)

    assert worked.refused == 1
    assert sends(world) == ["2.25.1"]
    assert world.state("1") == (S.REFUSED, "DLV-010")


def test_a_passing_failure_is_tried_again_at_its_time_and_not_before(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [Busy()]

    worked = world.work()
    later(world, seconds=29)
    world.work()
    before = sends(world)
    later(world, seconds=2)
    world.work()

    assert worked.transient == 1
    assert worked.waiting_until == world.known("1").created_at + timedelta(seconds=30)
    assert before == ["2.25.1"]
    assert world.state("1") == (S.DELIVERED, "")
    assert world.results("1") == [("busy", "TST-002"), ("delivered", "")]


def test_one_that_is_patient_waits_for_the_next_try(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [Busy(), Busy()]

    worked = world.work(patience=150)

    assert worked.delivered == 1
    assert world.clock.waited == [30.0, 120.0]


def test_a_failure_that_never_passes_waits_for_a_person_after_the_last_try(world: World) -> None:
    world.ready("1")
    world.there.always = Busy()
    there = world.destination(retries=2)

    for _ in range(5):
        world.work(there)
        later(world, days=1)

    assert len(sends(world)) == 3
    assert world.state("1") == (S.REFUSED, "DLV-004")
    assert world.known("1").who == "it"
    assert world.results("1")[-1] == ("busy", "TST-002")


def test_without_retries_the_first_failure_is_the_last(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [Busy()]

    world.work(world.destination(retries=0))

    assert world.state("1") == (S.REFUSED, "DLV-004")


# --- the answer that never came


def test_a_lost_answer_is_asked_for_and_what_is_there_is_not_sent_again(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [LOST]
    world.there.taken_all_the_same = {"2.25.1"}

    worked = world.work()

    assert world.there.calls == [("send", "2.25.1"), ("ask", "2.25.1")]
    assert worked.delivered == 1
    assert world.results("1") == [("already_there", "")]


def test_what_is_not_there_is_asked_for_once_more_before_it_is_sent_again(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [LOST]

    world.work()
    after_the_loss = world.state("1")
    later(world, minutes=1)
    world.work()

    assert after_the_loss == (S.READY, "DLV-009")
    assert [call for call, _ in world.there.calls] == ["send", "ask", "ask", "send"]
    assert world.there.there == ["2.25.1"]


def test_what_arrived_after_it_was_asked_for_is_not_sent_again(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [LOST]
    world.work()
    world.there.there.append("2.25.1")
    later(world, minutes=1)

    world.work()

    assert sends(world) == ["2.25.1"]
    assert world.state("1") == (S.DELIVERED, "")


def test_where_nobody_can_be_asked_a_person_decides(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [LOST]
    world.there.asks["2.25.1"] = [None]

    worked = world.work()
    later(world, days=1)
    world.work()

    assert worked.doubtful == 1
    assert sends(world) == ["2.25.1"]
    assert world.state("1") == (S.DOUBTFUL, "DLV-005")
    assert world.known("1").who == "it"


def test_while_it_cannot_be_asked_now_it_stays_as_it_is_and_others_leave(world: World) -> None:
    world.ready("1", "2")
    world.there.sends["2.25.1"] = [LOST]
    world.there.asks["2.25.1"] = [UNREACHABLE]

    worked = world.work()
    meanwhile = world.state("1")
    later(world, minutes=1)
    world.work()

    assert meanwhile[0] is S.SENDING
    assert worked.waiting_until is not None
    assert sends(world) == ["2.25.1", "2.25.2", "2.25.1"]
    assert world.state("1") == (S.DELIVERED, "")


def test_an_unreadable_answer_that_always_comes_ends_as_given_up(world: World) -> None:
    world.ready("1")
    world.there.always = LOST

    for _ in range(6):
        world.work(world.destination(retries=2))
        later(world, days=1)

    assert len(sends(world)) == 3
    assert world.state("1") == (S.REFUSED, "DLV-004")


# --- after a crash


def test_what_a_killed_process_had_sent_is_found_and_not_sent_again(world: World) -> None:
    world.ready("1")
    world.started("1")
    world.there.there.append("2.25.1")

    worked = world.work()

    assert world.there.calls == [("ask", "2.25.1")]
    assert worked.delivered == 1
    assert world.results("1") == [("already_there", "")]


def test_what_a_killed_process_had_not_sent_leaves_now(world: World) -> None:
    world.ready("1")
    world.started("1")

    worked = world.work()

    assert worked.delivered == 1
    assert world.there.there == ["2.25.1"]


def test_what_a_killed_process_left_at_one_that_cannot_be_asked_waits_for_a_person(world: World) -> None:
    world.ready("1")
    world.started("1")
    world.there.asks["2.25.1"] = [None]

    worked = world.work()

    assert sends(world) == []
    assert (worked.doubtful, world.state("1")) == (1, (S.DOUBTFUL, "DLV-008"))


def test_what_a_killed_process_left_is_not_sent_while_it_cannot_be_asked_for(world: World) -> None:
    world.ready("1")
    world.started("1")
    world.there.asks["2.25.1"] = [UNREACHABLE, UNREACHABLE, UNREACHABLE]

    for _ in range(3):
        world.work()
    assert world.state("1")[0] is S.SENDING
    later(world, hours=1)
    world.work()

    assert [call for call, _ in world.there.calls] == ["ask", "ask", "ask", "ask", "ask", "send"]
    assert world.state("1")[0] is S.DELIVERED


def test_killed_again_and_again_it_is_not_given_up(world: World) -> None:
    world.ready("1")
    there = world.destination(retries=1)
    for _ in range(4):
        world.started("1")
        world.there.sends["2.25.1"] = [UNUSABLE]
        world.work(there, at_once=True)
        later(world, days=1)

    assert world.work(there).delivered == 1


def test_the_next_version_waits_until_it_is_known_what_became_of_the_one_before(world: World) -> None:
    world.ready("1", series="A")
    world.started("1")
    world.ready("2", series="A")
    world.there.asks["2.25.1"] = [UNREACHABLE]

    world.work()
    assert sends(world) == []
    later(world, hours=1)
    world.work()

    assert sends(world) == ["2.25.2"]
    assert world.state("1") == (S.CANCELLED, "DLV-006")


def test_when_the_journal_fails_at_the_next_start_the_end_of_the_last_try_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ready("1", "2")
    start, calls = world.journal.deliveries.start, []

    def fails_the_second_time(*args: Any, **kwargs: Any) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise JournalLocked(file="journal")
        return start(*args, **kwargs)

    monkeypatch.setattr(world.journal.deliveries, "start", fails_the_second_time)
    with pytest.raises(JournalLocked):
        world.work()

    assert [world.state(name)[0] for name in "12"] == [S.DELIVERED, S.READY]


# --- the destination as a whole


def test_one_that_is_down_is_left_alone_after_three_failures(world: World) -> None:
    world.ready(*"123456")
    world.there.always = UNREACHABLE

    worked = world.work()

    assert sends(world) == ["2.25.1", "2.25.2", "2.25.3"]
    assert worked.error is UNREACHABLE
    assert worked.waiting_until == world.clock.now + timedelta(seconds=30)
    assert world.steps.events == ["destination_left_alone"]


def test_it_is_looked_at_with_one_item_for_longer_and_longer(world: World) -> None:
    world.ready(*"123456")
    world.there.always = UNREACHABLE
    world.work()
    waits = []

    for _ in range(3):
        later(world, seconds=1)
        world.work()
        until = world.journal.brakes.get("there").retry_at
        assert until is not None
        world.clock.now = until
        waits.append(len(sends(world)))
        world.work()
        again = world.journal.brakes.get("there").retry_at
        assert again is not None
        waits.append((again - world.clock.now).total_seconds())

    assert waits == [3, 60.0, 4, 120.0, 5, 300.0]


def test_the_first_success_opens_it_again(world: World) -> None:
    world.ready(*"123456")
    world.there.always = UNREACHABLE
    world.work()
    world.there.always = None
    later(world, minutes=10)

    worked = world.work()

    assert worked.delivered == 6
    assert world.journal.brakes.get("there").gate(world.clock.now) == "open"
    assert world.steps.events == ["destination_left_alone", "destination_works_again"]


def test_documents_are_not_given_up_because_their_destination_is_down(world: World) -> None:
    world.ready("1")
    world.there.always = UNREACHABLE
    there = world.destination(retries=4)
    for _ in range(30):
        world.work(there)
        later(world, days=1)
    world.there.always = None

    assert world.work(there).delivered == 1


def test_what_was_tried_while_it_was_down_does_not_count_when_it_is_up(world: World) -> None:
    world.ready("1")
    there = world.destination(retries=4)
    world.there.sends["2.25.1"] = [UNREACHABLE] * 10 + [Busy()]
    for _ in range(11):
        world.work(there)
        later(world, days=1)

    assert world.state("1") == (S.READY, "TST-002")
    assert world.work(there).delivered == 1


def test_a_person_who_asks_for_it_does_not_wait_for_the_circuit(world: World) -> None:
    world.ready(*"1234")
    world.there.always = UNREACHABLE
    world.work()

    world.work(at_once=True)
    assert sends(world) == ["2.25.1", "2.25.2", "2.25.3", "2.25.4"]
    world.there.always = None
    later(world, seconds=31)
    assert world.work(at_once=True).delivered == 4


def test_one_that_cannot_be_used_is_left_alone_at_once_and_costs_no_try(world: World) -> None:
    world.ready("1", "2")
    world.there.always = UNUSABLE
    there = world.destination(retries=1)

    for _ in range(5):
        worked = world.work(there, at_once=True, patience=60)
        assert worked.error is UNUSABLE
        assert worked.transient == 1
    world.there.always = None

    assert len(sends(world)) == 5
    assert world.clock.waited == []
    assert world.state("1") == (S.READY, "CFG-002")
    assert world.known("1").who == "it"
    assert world.work(there, at_once=True).delivered == 2


def test_a_clock_that_went_back_does_not_keep_it_closed(world: World) -> None:
    world.ready(*"123")
    world.there.always = UNREACHABLE
    world.work()
    world.there.always = None
    later(world, hours=-1)
    world.ready("4")

    assert world.work().delivered == 1


def test_what_is_paused_waits_until_it_is_resumed(world: World) -> None:
    world.ready("1", "2")
    world.journal.brakes.pause("there", "Mme Tournier", "maintenance", None, world.clock.now)

    worked = world.work(at_once=True, patience=3600)
    sent_while_paused = sends(world)
    world.journal.brakes.resume("there", "Mme Tournier", world.clock.now)
    resumed = world.work()

    assert (worked.paused, worked.delivered, worked.waiting_until) == (True, 0, None)
    assert sent_while_paused == []
    assert resumed.delivered == 2


def test_a_pause_with_an_end_ends_by_itself(world: World) -> None:
    world.ready("1")
    world.journal.brakes.pause("there", "x", "", world.clock.now + timedelta(hours=1), world.clock.now)

    assert world.work().waiting_until == world.clock.now + timedelta(hours=1)
    later(world, hours=1)
    assert world.work().delivered == 1
    assert world.journal.brakes.get("there").paused_at is None


def test_when_the_first_item_after_a_resume_fails_no_other_leaves(world: World) -> None:
    world.ready("1", "2")
    world.journal.brakes.pause("there", "x", "", None, world.clock.now)
    world.journal.brakes.resume("there", "x", world.clock.now)
    world.there.always = Busy()

    worked = world.work()

    assert sends(world) == ["2.25.1"]
    assert worked.waiting_until is not None


def test_a_pause_holds_what_comes_after_the_item_under_way(world: World) -> None:
    world.ready("1", "2")
    world.there.during["2.25.1"] = lambda: world.journal.brakes.pause("there", "x", "", None, world.clock.now)

    worked = world.work()

    assert (sends(world), worked.delivered) == (["2.25.1"], 1)


def test_the_rate_holds_across_passes(world: World) -> None:
    world.ready(*"12345")
    there = world.destination(rate="2/min")

    first = world.work(there)
    second = world.work(there)
    patient = world.work(there, patience=60)

    assert (first.delivered, second.delivered, patient.delivered) == (1, 0, 4)
    assert second.waiting_until is not None
    assert world.clock.now - world.known("1").created_at >= timedelta(minutes=2)


def test_asked_to_stop_it_finishes_what_is_under_way(world: World) -> None:
    world.ready("1", "2")
    stop = threading.Event()
    world.there.during["2.25.1"] = stop.set

    worked = world.work(stop=stop)

    assert sends(world) == ["2.25.1"]
    assert (worked.delivered, world.state("1")[0], world.state("2")[0]) == (1, S.DELIVERED, S.READY)


def test_two_workers_never_serve_one_destination(world: World) -> None:
    world.ready("1")

    with world.journal.lock("destination there") as held:
        assert held
        worked = world.work()
        waited = world.work(patience=1)

    assert worked.busy
    assert waited.busy
    assert sends(world) == []
    assert sum(world.clock.waited) == pytest.approx(1.0)


def test_what_a_person_withdraws_while_it_waits_is_not_sent(world: World) -> None:
    world.ready("1", "2", series="A")

    worked = world.work()

    assert worked.delivered == 1
    assert sends(world) == ["2.25.2"]
    assert world.state("1") == (S.CANCELLED, "DLV-006")


def test_a_refusal_is_no_success_to_be_told_and_shows_that_the_destination_works(world: World) -> None:
    world.ready("1", "2")
    world.there.sends["2.25.1"] = [Answer.REFUSED]
    world.there.sends["2.25.2"] = [Busy()]

    world.work()
    assert world.journal.brakes.get("there").last_success_at is None
    assert world.journal.brakes.get("there").failures == 1

    world.ready("3")
    world.there.sends["2.25.3"] = [Answer.REFUSED]
    world.work(only=frozenset({world.made["3"]}))
    known = world.journal.brakes.get("there")
    assert (known.last_success_at, known.failures) == (None, 0)


def test_the_time_of_the_last_success_is_known(world: World) -> None:
    world.ready("1")

    world.work()

    assert world.journal.brakes.get("there").last_success_at == world.clock.now
