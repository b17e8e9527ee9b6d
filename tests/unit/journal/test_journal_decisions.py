"""What persons decide and declare."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from journal_site import AT, FINESS, add_delivery, delivery_of, record, settle, start_run, state_of

from dui_bridge.journal.control_records import brake_of
from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import TaskState, Verdict
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel, Operation
from dui_bridge.model.states import DeliveryState

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_the_latest_decision_on_a_version_counts_for_its_destination_alone(stored: Journal):
    start_run(stored)
    version = record(stored)
    stored.decisions.decide(version, "dmp", Verdict.ALLOW, "dr martin", "relu", AT)
    stored.decisions.decide(version, "dmp", Verdict.REFUSE, "dr martin", "erreur", AT + DAY)

    latest = stored.decisions.decision(version, "dmp")

    assert latest is not None
    assert (latest.verdict, latest.by, latest.at, latest.reason) == (Verdict.REFUSE, "dr martin", AT + DAY, "erreur")
    assert stored.decisions.decision(version, "mail") is None


def test_a_decision_on_no_version_is_refused(stored: Journal):
    with pytest.raises(JournalOvertaken):
        stored.decisions.decide(404, "dmp", Verdict.ALLOW, "dr martin", "", AT)


def test_a_hold_lasts_until_its_time_or_its_release(stored: Journal):
    first = stored.decisions.hold(reason="incident", by="anne", until=AT + DAY, at=AT, finess=FINESS)
    second = stored.decisions.hold(reason="doute", by="anne", until=None, at=AT, destination="dmp")

    assert [hold.id for hold in stored.decisions.holds(AT)] == [first, second]
    assert [hold.id for hold in stored.decisions.holds(AT + DAY)] == [second]
    assert stored.decisions.release(second, "luc", AT + DAY)
    assert not stored.decisions.release(second, "luc", AT + DAY)
    assert stored.decisions.holds(AT + DAY) == []


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"source": "atlas"}, True),
        ({"source": "autre"}, False),
        ({"doc_type": "projet", "destination": "dmp"}, True),
        ({"doc_type": "projet", "destination": "mail"}, False),
        ({"finess": "999999999"}, False),
    ],
)
def test_a_hold_covers_what_all_its_scopes_mean(journal: Journal, scope: dict[str, str], covered: bool):
    journal.decisions.hold(reason="r", by="anne", until=None, at=AT, **scope)

    (hold,) = journal.decisions.holds(AT)

    delivery = {"source": "atlas", "finess": FINESS, "doc_type": "projet", "destination": "dmp"}
    assert hold.covers(**delivery, dossier_id=1, series_id=1) is covered


def test_a_hold_of_a_dossier_that_is_not_there_is_refused(stored: Journal):
    with pytest.raises(JournalOvertaken):
        stored.decisions.hold(reason="r", by="anne", until=None, at=AT, dossier_id=404)


def test_an_information_is_in_force_until_it_is_withdrawn(stored: Journal):
    first = stored.decisions.inform(FINESS, Channel.DMP, date(2026, 9, 1), "anne", "courrier", AT)
    stored.decisions.inform(FINESS, Channel.MSSANTE_PRO, date(2026, 9, 1), "anne", "courrier", AT)

    assert [(known.channel, known.day) for known in stored.decisions.informations()] == [
        (Channel.DMP, date(2026, 9, 1)),
        (Channel.MSSANTE_PRO, date(2026, 9, 1)),
    ]
    assert stored.decisions.withdraw(first, AT + DAY)
    assert not stored.decisions.withdraw(first, AT + DAY)
    assert [known.channel for known in stored.decisions.informations()] == [Channel.MSSANTE_PRO]
    assert [known.withdrawn_at for known in stored.decisions.informations(withdrawn=True)] == [AT + DAY, None]


def test_a_task_is_paused_goes_on_and_ends_for_good(stored: Journal):
    task = stored.tasks.add("backfill", {"per_day": 100}, "anne", AT)
    stored.tasks.progress(task, {"done": 3})

    assert stored.tasks.set_state(task, TaskState.PAUSED, AT)
    assert stored.tasks.set_state(task, TaskState.RUNNING, AT)
    assert stored.tasks.set_state(task, TaskState.DONE, AT + DAY)
    assert not stored.tasks.set_state(task, TaskState.RUNNING, AT + DAY)

    known = stored.tasks.get(task)
    assert known is not None
    assert (known.state, known.parameters, known.progress) == (TaskState.DONE, {"per_day": 100}, {"done": 3})
    assert known.ended_at == AT + DAY
    assert stored.tasks.get(404) is None
    assert stored.tasks.all() == [known]


def test_a_cancelled_task_takes_what_has_not_left_with_it(stored: Journal):
    start_run(stored)
    one, two = record(stored, "PP-1"), record(stored, "PP-2", usager="U-2")
    task = stored.tasks.add("backfill", {}, "anne", AT)
    left = add_delivery(stored, one, "mail", Operation.SEND, task=task)
    settle(stored, one, destination="mail")
    waits = add_delivery(stored, two, "mail", Operation.SEND, task=task)

    assert stored.tasks.set_state(task, TaskState.CANCELLED, AT)

    assert state_of(stored, left) is DeliveryState.DELIVERED
    assert state_of(stored, waits) is DeliveryState.CANCELLED
    assert state_of(stored, delivery_of(stored, two)) is DeliveryState.PLANNED


def mark(journal: Journal) -> str | None:
    (case,) = journal.deliveries.cases()
    return case.policy_mark


def test_whatever_policy_asks_of_every_delivery_changes_the_mark(stored: Journal):
    start_run(stored)
    record(stored)
    decisions, brakes, refused = stored.decisions, stored.brakes, brake_of("dmp", FINESS)
    changes: dict[str, Callable[[], object]] = {
        "hold": lambda: decisions.hold(reason="", by="me", until=None, at=AT),
        "release": lambda: decisions.release(1, "me", AT),
        "inform": lambda: decisions.inform(FINESS, Channel.DMP, AT.date(), "me", "", AT),
        "withdraw": lambda: decisions.withdraw(1, AT),
        "baseline": lambda: stored.baselines.put("dmp", AT.date()),
        "an establishment is refused": lambda: brakes.failed(refused, "x", AT, AT + HOUR, opens=True),
        "and taken again": lambda: brakes.succeeded(refused, AT + HOUR),
        "refused once more": lambda: brakes.failed(refused, "x", AT, AT + HOUR, opens=True),
        "the destination is resumed": lambda: brakes.resume("dmp", "me", AT),
    }
    for name, change in changes.items():
        before = mark(stored)
        change()
        assert mark(stored) != before, name

    before = mark(stored)
    brakes.succeeded("dmp", AT)
    assert mark(stored) == before
