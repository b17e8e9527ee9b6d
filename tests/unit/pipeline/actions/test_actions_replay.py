"""A replay: never twice, never the older version, never against policy, never by surprise."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pytest
from action_world import ASKING, DMP, LOCAL, NOW, Office

from dui_bridge.journal.records import TaskState, Verdict
from dui_bridge.journal.selections import Selection
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.backfills import backfill
from dui_bridge.pipeline.actions.baselines import baseline, baselines
from dui_bridge.pipeline.actions.desk import Scope
from dui_bridge.pipeline.actions.errors import DayAhead, TaskUnknown
from dui_bridge.pipeline.actions.replays import Fate, preview, rebuild, replay, wanted
from dui_bridge.pipeline.actions.tasks import steer, tasks
from dui_bridge.pipeline.delivery.backfill import advance_backfills
from dui_bridge.pipeline.reports.causes import explain_cause

PLANNED_AGAIN = (DeliveryState.READY, "")
EVERY = Selection()


@pytest.fixture(autouse=True)
def _written_long_ago(office: Office) -> None:
    long_ago = (NOW - timedelta(days=30)).timestamp()
    os.utime(office.site.file, (long_ago, long_ago))


def fates(office: Office, selection: Selection = EVERY, *, force: bool = False) -> dict[object, object]:
    rows = preview(office.desk(), selection, force=force).rows
    return {row["delivery"]: row["fate"] for row in rows}


def test_a_preview_tells_the_fate_of_each_and_does_nothing(office: Office) -> None:
    gave_up = office.ended(office.add(), DeliveryEvent.REFUSE, "DLV-004")
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "TST-001")
    there = office.ended(office.add(), DeliveryEvent.DELIVER)
    lost = office.ended(office.add(), DeliveryEvent.LOSE, "DLV-005")
    waits = office.add()

    told = fates(office)

    assert told == {
        f"delivery-{gave_up}": Fate.SEND,
        f"delivery-{refused}": Fate.SAME,
        f"delivery-{there}": Fate.IDENTICAL,
        f"delivery-{lost}": Fate.DOUBTFUL,
        f"delivery-{waits}": Fate.WAITS,
    }
    assert office.journal.tasks.all() == []
    assert office.state(gave_up) == (DeliveryState.REFUSED, "DLV-004")


def test_only_what_may_be_sent_is_planned_again_under_a_task(office: Office) -> None:
    gave_up = office.ended(office.add(), DeliveryEvent.REFUSE, "DLV-004")
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "TST-001")
    there = office.ended(office.add(), DeliveryEvent.DELIVER)

    done = replay(office.desk(), EVERY)

    assert done.values["number"] == 1
    assert office.state(gave_up) == PLANNED_AGAIN
    assert office.known(gave_up).task == done.values["task"]
    assert office.state(refused) == (DeliveryState.REFUSED, "TST-001")
    assert office.state(there)[0] is DeliveryState.DELIVERED
    assert [row[1] for row in office.audited()] == ["replay"]


def test_what_was_refused_for_good_goes_again_only_when_something_changed_or_by_force(office: Office) -> None:
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "TST-001")
    name = f"delivery-{refused}"

    before, forced = fates(office)[name], fates(office, force=True)[name]
    os.utime(office.site.file, (NOW.timestamp(), NOW.timestamp()))

    assert (before, forced, fates(office)[name]) == (Fate.SAME, Fate.SEND, Fate.SEND)


@pytest.mark.parametrize("cause", ["DMP-010", "DMP-011", "DMP-012", "DMP-013", "DMP-015"])
def test_what_a_person_lifts_elsewhere_goes_again_without_force(office: Office, cause: str) -> None:
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, cause)

    told = explain_cause(cause, {}, "fr", state="refused", who="dui").action

    assert fates(office, wanted(office.desk(), Scope(), Selection(causes=(cause,)))) == {
        f"delivery-{refused}": Fate.SEND
    }
    assert f"dui-bridge replay start --cause {cause} --yes" in told


def test_what_was_named_is_audited(office: Office) -> None:
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "DLV-004")

    replay(office.desk(), Selection(ids=[refused]))

    (row,) = office.journal.audit.entries()
    assert (row.details["planned"], row.details["deliveries"]) == (1, [f"delivery-{refused}"])


def test_the_older_version_never_follows_the_newer_one(office: Office) -> None:
    older = office.ended(office.add(usager="U1", document="P1"), DeliveryEvent.REFUSE, "DLV-004")
    newer = office.add(usager="U1", document="P1", version=2)

    told = preview(office.desk(), Selection(ids=[older])).rows
    replay(office.desk(), Selection(ids=[older]))
    task = office.journal.tasks.add("replay", {}, "x", NOW)

    assert (told[0]["fate"], told[0]["newer"]) == (Fate.REPLACE, f"delivery-{newer}")
    assert office.journal.selections.replay([older], task, NOW) == 0
    assert office.state(older) == (DeliveryState.REFUSED, "DLV-004")


def test_what_policy_does_not_let_go_yet_waits_for_its_cause_and_what_it_forbids_stays(office: Office) -> None:
    asked, forbidden = office.add(ASKING), office.add(LOCAL)
    cancelled = [(one, DeliveryEvent.CANCEL, "DLV-015", "nobody") for one in (asked, forbidden)]
    office.journal.deliveries.change(cancelled, NOW)
    version = office.known(forbidden).version_id
    office.journal.decisions.decide(version, LOCAL, Verdict.REFUSE, "x", "x", NOW)

    told = fates(office)
    replay(office.desk(), EVERY)

    assert (told[f"delivery-{asked}"], told[f"delivery-{forbidden}"]) == (Fate.BLOCKED, Fate.NEVER)
    assert office.state(asked) == (DeliveryState.BLOCKED, "POL-015")
    assert office.state(forbidden)[0] is DeliveryState.CANCELLED


def test_a_wide_selection_wakes_nothing_that_a_person_cancelled(office: Office) -> None:
    cancelled = office.add()
    office.journal.deliveries.change([(cancelled, DeliveryEvent.CANCEL, "DLV-015", "nobody")], NOW)
    desk = office.desk()

    wide = fates(office, wanted(desk, Scope(destination=DMP), Selection(destination=DMP)))
    by_cause = fates(office, wanted(desk, Scope(), Selection(causes=("DLV-015",))))

    assert wide == {}
    assert by_cause == {f"delivery-{cancelled}": Fate.SEND}


def test_a_paused_replay_does_not_leave_and_a_cancelled_one_never_does(office: Office) -> None:
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "DLV-004")
    task = int(str(replay(office.desk(), EVERY).values["task"]))

    steer(office.desk(), "replay", task, "pause")
    paused = office.journal.deliveries.next(DMP, NOW)
    steer(office.desk(), "replay", task, "resume")
    running = office.journal.deliveries.next(DMP, NOW)
    steer(office.desk(), "replay", task, "cancel")

    assert paused is None
    assert running is not None
    assert office.state(refused) == (DeliveryState.CANCELLED, "DLV-012")
    with pytest.raises(TaskUnknown):
        steer(office.desk(), "replay", task, "resume")


def test_a_replay_that_has_arrived_is_done(office: Office) -> None:
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "DLV-004")
    replay(office.desk(), EVERY)
    office.ended(refused, DeliveryEvent.DELIVER)

    [row] = tasks(office.desk(), "replay").rows

    assert (row["state"], row["deliveries"], row["settled"]) == (TaskState.DONE, 1, 1)


def test_a_rebuild_is_asked_of_the_version_that_stands(office: Office) -> None:
    office.add(usager="U1", document="P1", item_state="would_differ")
    office.add(usager="U2")

    shown = rebuild(office.desk(), Scope(), confirmed=False)
    before = office.journal.rebuilds.asked("2.25.1")
    rebuild(office.desk(), Scope(), confirmed=True)
    asked = [office.journal.rebuilds.asked(f"2.25.{number}") for number in (1, 2)]
    office.journal.rebuilds.done("2.25.1")

    assert (shown.values["number"], before, asked) == (1, False, [True, False])
    assert not office.journal.rebuilds.asked("2.25.1")


def test_before_a_baseline_everything_is_known_and_stays(office: Office) -> None:
    old, new = office.add(dated=date(2026, 3, 1)), office.add(dated=date(2026, 9, 1))

    shown = baseline(office.desk(), date(2026, 6, 1), DMP, confirmed=False)
    before = office.state(old)
    baseline(office.desk(), date(2026, 6, 1), None, confirmed=True)

    assert (shown.values["number"], before) == (1, PLANNED_AGAIN)
    assert office.state(old) == (DeliveryState.BLOCKED, "POL-007")
    assert office.state(new) == PLANNED_AGAIN
    assert baselines(office.desk()).rows == ({"destination": "*", "before": "2026-06-01"},)
    with pytest.raises(DayAhead):
        baseline(office.desk(), date(2027, 1, 1), None, confirmed=True)


def test_a_backfill_brings_so_many_a_day_the_oldest_first(office: Office) -> None:
    days = [date(2025, month, 1) for month in (3, 1, 2)]
    march, january, february = (office.add(dated=day) for day in days)

    backfill(office.desk(), Scope(destination=DMP), 2, confirmed=True)
    again_today = advance_backfills(office.site, office.journal, NOW + timedelta(hours=1))
    today = [office.state(one) for one in (january, february, march)]
    tomorrow = advance_backfills(office.site, office.journal, NOW + timedelta(days=1))
    office.desk().ask_policy()

    assert today == [PLANNED_AGAIN, PLANNED_AGAIN, (DeliveryState.BLOCKED, "POL-006")]
    assert (again_today, tomorrow) == (0, 1)
    assert office.state(march) == PLANNED_AGAIN


def test_a_backfill_is_done_once_all_of_it_has_left(office: Office) -> None:
    old = office.add(dated=date(2025, 1, 1))
    backfill(office.desk(), Scope(), 5, confirmed=True)

    advance_backfills(office.site, office.journal, NOW + timedelta(days=1))
    [under_way] = office.journal.tasks.all()
    office.ended(old, DeliveryEvent.DELIVER)
    advance_backfills(office.site, office.journal, NOW + timedelta(days=2))
    [ended] = office.journal.tasks.all()

    assert (under_way.state, ended.state) == (TaskState.RUNNING, TaskState.DONE)


def test_what_a_cancelled_backfill_had_not_sent_is_kept_back_as_before(office: Office) -> None:
    old = office.add(dated=date(2025, 1, 1))
    task = int(str(backfill(office.desk(), Scope(), 5, confirmed=True).values["task"]))

    steer(office.desk(), "backfill", task, "cancel")

    assert office.state(old) == (DeliveryState.BLOCKED, "POL-006")
    assert office.known(old).task is None


def test_what_waits_for_a_word_on_its_destination_waits_again_once_its_backfill_is_cancelled(office: Office) -> None:
    """Nothing else keeps it back: what a cancelled backfill had taken would leave."""
    recorded_before = office.add()
    held = (DeliveryState.BLOCKED, "POL-009")
    office.journal.deliveries.change([(recorded_before, DeliveryEvent.BLOCK, "POL-009", "it")], NOW)
    task = int(str(backfill(office.desk(), Scope(destination=DMP), 5, confirmed=True).values["task"]))
    taken = office.state(recorded_before)

    steer(office.desk(), "backfill", task, "cancel")
    office.desk().ask_policy()

    assert (taken, office.state(recorded_before)) == (PLANNED_AGAIN, held)


def test_a_paused_backfill_takes_nothing_more(office: Office) -> None:
    for _ in range(2):
        office.add(dated=date(2025, 1, 1))
    task = int(str(backfill(office.desk(), Scope(), 1, confirmed=True).values["task"]))

    steer(office.desk(), "backfill", task, "pause")

    assert advance_backfills(office.site, office.journal, NOW + timedelta(days=1)) == 0
