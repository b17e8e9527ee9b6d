"""The lives of deliveries as the journal keeps them: order, tries, and what a newer version does to an older one."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from journal_site import AT, RUN, add_delivery, delivery_of, record, settle, start_run, state_of
from sqlalchemy import text

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.queries import deliveries as queries
from dui_bridge.journal.queries.prepared import Prepared
from dui_bridge.journal.queries.transitions import target
from dui_bridge.journal.records import Conflict, Damaged, Finished, SeriesKey, VersionState
from dui_bridge.journal.schema import delivery as table
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DELIVERY, DeliveryEvent, DeliveryState, RunEvent, RunState

E, S = DeliveryEvent, DeliveryState
LATER = AT + timedelta(hours=1)
SERIES = SeriesKey("og", "atlas", TypeDocument.PROJET_PERSONNALISE, "PP-1", "U-1")


@pytest.fixture
def running(stored: Journal) -> Journal:
    start_run(stored)
    return stored


def allow(journal: Journal, *deliveries: int) -> None:
    assert journal.deliveries.change([(one, E.ALLOW, "", "") for one in deliveries], AT) == len(deliveries)


def next_of(journal: Journal, now=AT, **chosen) -> int | None:
    sendable = journal.deliveries.next("dmp", now, **chosen)
    assert not isinstance(sendable, Damaged)
    return None if sendable is None else sendable.case.delivery.id


def known(journal: Journal, delivery: int):
    case = journal.deliveries.case(delivery)
    assert case is not None
    return case.delivery


def series_of(journal: Journal):
    found = journal.series_for(SERIES)
    assert found is not None
    assert not isinstance(found, Conflict)
    return found


def test_each_event_leads_to_one_state_whatever_the_state_before() -> None:
    assert {event: {target(event)} for event in E} == {
        event: {after for (_, what), after in DELIVERY.items() if what is event} for event in E
    }


def test_a_recorded_version_has_planned_deliveries_with_the_facts_that_policy_reads(running: Journal) -> None:
    record(running, destinations=("dmp", "mail"))

    cases = running.deliveries.cases()

    assert [(case.delivery.destination, case.delivery.state) for case in cases] == [
        ("dmp", S.PLANNED),
        ("mail", S.PLANNED),
    ]
    assert (cases[0].number, cases[0].usager, cases[0].document) == ("D-U-1", {"nom": "Lefèvre"}, {"titre": "Projet"})
    assert cases[0].run_state is RunState.RUNNING


def test_cases_are_read_page_by_page_over_states_and_destinations(running: Journal) -> None:
    for number in range(5):
        record(running, f"PP-{number}", destinations=("dmp", "mail"))
    every = running.deliveries.cases(limit=100)
    running.deliveries.change([(every[3].delivery.id, E.BLOCK, "POL-001", "dui")], AT)

    pages, after = [], 0
    while page := running.deliveries.cases(after=after, limit=3):
        pages += [case.delivery.id for case in page]
        after = pages[-1]

    assert pages == [case.delivery.id for case in every]
    assert {case.delivery.destination for case in running.deliveries.cases("mail")} == {"mail"}
    assert running.deliveries.cases(source="boreal") == []
    (dossier,) = {case.delivery.dossier_id for case in every}
    assert len(running.deliveries.cases(dossier=dossier, states=[S.BLOCKED])) == 1


def test_an_event_that_the_state_does_not_know_is_skipped(running: Journal) -> None:
    delivery = delivery_of(running, record(running))

    assert running.deliveries.change([(delivery, E.DELIVER, "", ""), (999, E.ALLOW, "", "")], AT) == 0
    assert state_of(running, delivery) is S.PLANNED


def test_since_stays_while_the_cause_of_a_block_stays(running: Journal) -> None:
    delivery = delivery_of(running, record(running))
    running.deliveries.change([(delivery, E.BLOCK, "POL-001", "dui")], AT)

    running.deliveries.change([(delivery, E.BLOCK, "POL-001", "dui")], LATER)
    same = known(running, delivery)
    running.deliveries.change([(delivery, E.BLOCK, "POL-002", "it")], LATER)

    assert same.since == AT
    assert (known(running, delivery).since, known(running, delivery).cause) == (LATER, "POL-002")


def test_what_is_sent_is_what_was_recorded(running: Journal) -> None:
    delivery = delivery_of(running, record(running, data=b"<x/>", pdf=b"%PDF"))
    allow(running, delivery)

    sendable = running.deliveries.next("dmp", AT)

    assert sendable is not None
    assert (sendable.built.data, sendable.built.pdf) == (b"<x/>", b"%PDF")
    assert (sendable.built.document.dossier, sendable.built.document.key) == ("D-U-1", "")
    assert sendable.built.ids == series_of(running).latest.ids


def test_a_try_is_committed_before_it_starts_and_completed_when_it_ends(running: Journal) -> None:
    delivery = delivery_of(running, record(running))
    allow(running, delivery)

    assert running.deliveries.start(delivery, "w1", AT)
    sending = running.deliveries.sending("dmp")
    (attempt,) = running.deliveries.attempts(delivery)
    assert (
        running.deliveries.finish(Finished(delivery, E.DELIVER, LATER, reference="x.xml", answer=b"ok")) is S.DELIVERED
    )

    assert [(one.id, one.sent_at) for one in sending] == [(delivery, AT)]
    assert (attempt.number, attempt.worker, attempt.ended_at) == (1, "w1", None)
    (ended,) = running.deliveries.attempts(delivery)
    assert (ended.ended_at, ended.result, ended.reference) == (LATER, "deliver", "x.xml")
    after = known(running, delivery)
    assert (after.settled_at, after.reference, after.tries) == (LATER, "x.xml", 0)
    assert series_of(running).latest.state is VersionState.HANDED_OVER
    assert known(running, delivery).settled_at == LATER


def test_it_starts_once(running: Journal) -> None:
    delivery = delivery_of(running, record(running))
    allow(running, delivery)

    assert [running.deliveries.start(delivery, worker, AT) for worker in ("w1", "w2")] == [True, False]
    assert len(running.deliveries.attempts(delivery)) == 1


def test_the_end_of_the_previous_try_is_committed_with_the_start_of_the_next(running: Journal) -> None:
    one, two = (delivery_of(running, record(running, name)) for name in ("PP-1", "PP-2"))
    allow(running, one, two)
    running.deliveries.start(one, "w1", AT)

    assert running.deliveries.start(two, "w1", AT, Finished(one, E.DELIVER, AT))
    assert not running.deliveries.start(two, "w1", AT)
    assert (state_of(running, one), state_of(running, two)) == (S.DELIVERED, S.SENDING)


def test_a_failure_waits_for_its_time_and_counts(running: Journal) -> None:
    delivery = delivery_of(running, record(running))
    for number in (1, 2):
        if number == 1:
            allow(running, delivery)
        running.deliveries.start(delivery, "w1", AT)
        running.deliveries.finish(Finished(delivery, E.FAIL, AT, cause="DMP-1", not_before=LATER, code="503"))

        assert known(running, delivery).tries == number
        assert next_of(running) is None
        assert next_of(running, LATER) == delivery
    assert [(one.number, one.result, one.code) for one in running.deliveries.attempts(delivery)] == [
        (1, "fail", "503"),
        (2, "fail", "503"),
    ]


def test_a_replay_is_a_new_life_that_keeps_its_attempts(running: Journal) -> None:
    delivery = settle(running, record(running), E.REFUSE)

    running.deliveries.change([(delivery, E.REPLAY, "", "")], LATER)
    replayed = known(running, delivery)
    allow(running, delivery)
    running.deliveries.start(delivery, "w2", LATER)

    assert (replayed.state, replayed.tries, replayed.not_before, replayed.sent_at) == (S.PLANNED, 0, None, None)
    assert [one.number for one in running.deliveries.attempts(delivery)] == [1, 2]


def test_an_end_that_comes_too_late_writes_nothing(running: Journal) -> None:
    delivery = settle(running, record(running))

    assert running.deliveries.finish(Finished(delivery, E.REFUSE, LATER, cause="X", answer=b"no")) is None
    assert known(running, delivery).cause == ""


def test_a_person_who_knows_that_a_doubtful_one_arrived_hands_its_version_over(running: Journal) -> None:
    delivery = settle(running, record(running), E.LOSE)
    assert series_of(running).latest.state is VersionState.BUILT

    assert running.deliveries.change([(delivery, E.DELIVER, "", "")], LATER) == 1

    assert series_of(running).latest.state is VersionState.HANDED_OVER
    assert known(running, delivery).settled_at == LATER


def test_the_first_of_several_destinations_hands_the_version_over(running: Journal) -> None:
    version = record(running, destinations=("dmp", "mail"))
    settle(running, version, at=AT)
    settle(running, version, destination="mail", at=LATER)

    assert series_of(running).latest.handed_over_at == AT


def test_urgent_ones_overtake_and_the_others_go_in_their_order(running: Journal) -> None:
    one, two, three = (delivery_of(running, record(running, name)) for name in ("PP-1", "PP-2", "PP-3"))
    allow(running, one, two, three)
    assert running.deliveries.hasten(three)

    order, skip = [], set()
    while (found := next_of(running, skip=skip)) is not None:
        order.append(found)
        skip.add(found)

    assert order == [three, one, two]
    assert next_of(running, only=two) == two
    assert next_of(running, only=two, skip=[two]) is None


def test_what_has_left_cannot_be_hastened(running: Journal) -> None:
    assert not running.deliveries.hasten(settle(running, record(running)))


@pytest.mark.parametrize(("event", "free"), [(E.FAIL, False), (E.LOSE, False), (E.REFUSE, True), (E.DELIVER, True)])
def test_a_later_delivery_of_a_series_waits_for_the_earlier_one(running: Journal, event: E, free: bool) -> None:
    version = record(running)
    earlier = delivery_of(running, version)
    later = add_delivery(running, version, "dmp", Operation.DELETE, urgent=True)
    allow(running, earlier, later)
    running.deliveries.start(earlier, "w1", AT)
    assert next_of(running) is None

    running.deliveries.finish(Finished(earlier, event, AT, not_before=LATER))

    assert next_of(running) == (later if free else None)


def test_an_earlier_delivery_to_another_destination_is_not_waited_for(running: Journal) -> None:
    version = record(running, destinations=("mail",))
    later = add_delivery(running, version, "dmp", Operation.DEPOSIT)
    allow(running, later)

    assert next_of(running) == later


def replayed(journal: Journal, *usagers: str) -> list[int]:
    """What a replay lets go again: a document of each of these usagers, in this order."""
    refused = [settle(journal, record(journal, f"PP-{n}", usager=one), E.REFUSE) for n, one in enumerate(usagers)]
    assert journal.selections.replay(refused, journal.tasks.add("replay", {}, "anne", AT), AT) == len(refused)
    allow(journal, *refused)
    return refused


@pytest.mark.parametrize(("event", "free"), [(E.FAIL, False), (E.LOSE, True), (E.REFUSE, True), (E.DELIVER, True)])
def test_a_replay_keeps_the_order_of_each_usager_and_waits_for_no_person(
    running: Journal, event: E, free: bool
) -> None:
    first, second, of_another = replayed(running, "U-1", "U-1", "U-2")
    running.deliveries.start(first, "w1", AT)
    assert next_of(running) == of_another

    running.deliveries.finish(Finished(first, event, AT, not_before=LATER))

    assert next_of(running) == (second if free else of_another)
    assert next_of(running, LATER) == (second if free else first)


def test_what_is_urgent_in_a_replay_overtakes_what_its_usager_waits_for(running: Journal) -> None:
    first, _, third = replayed(running, "U-1", "U-1", "U-1")
    running.deliveries.start(first, "w1", AT)
    running.deliveries.finish(Finished(first, E.FAIL, AT, not_before=LATER))
    assert next_of(running) is None

    assert running.deliveries.hasten(third)

    assert next_of(running) == third
    assert next_of(running, LATER, skip=[third]) == first


def test_without_a_replay_one_document_of_an_usager_waits_for_no_other(running: Journal) -> None:
    first, second = (delivery_of(running, record(running, name)) for name in ("PP-1", "PP-2"))
    allow(running, first, second)
    running.deliveries.start(first, "w1", AT)
    running.deliveries.finish(Finished(first, E.FAIL, AT, not_before=LATER))

    assert next_of(running) == second


def test_nothing_of_a_paused_task_leaves(running: Journal) -> None:
    task = running.tasks.add("backfill", {}, "anne", AT)
    version = record(running, destinations=())
    delivery = add_delivery(running, version, "dmp", Operation.DEPOSIT, task=task)
    allow(running, delivery)
    assert next_of(running) == delivery

    running.tasks.set_state(task, "paused", AT)

    assert next_of(running) is None


@pytest.mark.parametrize("state", [S.PLANNED, S.BLOCKED, S.READY])
def test_a_newer_version_cancels_what_has_not_left(running: Journal, state: S) -> None:
    earlier = delivery_of(running, record(running))
    elsewhere = add_delivery(running, known(running, earlier).version_id, "mail", Operation.DEPOSIT)
    if state is not S.PLANNED:
        running.deliveries.change([(earlier, E.ALLOW if state is S.READY else E.BLOCK, "", "")], AT)

    later = delivery_of(running, record(running, version=2, at=LATER))

    cancelled = known(running, earlier)
    assert (cancelled.state, cancelled.cause, cancelled.settled_at) == (S.CANCELLED, "DLV-006", LATER)
    assert state_of(running, later) is S.PLANNED
    assert state_of(running, elsewhere) is S.PLANNED


def test_a_newer_version_does_not_cancel_what_was_to_be_masked(running: Journal) -> None:
    version = record(running, destinations=())
    masked = add_delivery(running, version, "dmp", Operation.MASK)

    record(running, version=2)

    assert state_of(running, masked) is S.PLANNED


@pytest.mark.parametrize(
    ("event", "then"),
    [(E.DELIVER, S.DELIVERED), (E.LOSE, S.DOUBTFUL), (E.REFUSE, S.REFUSED), (E.FAIL, S.CANCELLED)],
)
def test_what_is_being_sent_is_not_cancelled_and_the_newer_waits_until_it_is_known(
    running: Journal, event: E, then: S
) -> None:
    earlier = delivery_of(running, record(running))
    allow(running, earlier)
    running.deliveries.start(earlier, "w1", AT)
    later = delivery_of(running, record(running, version=2, replaces=1))
    allow(running, later)
    assert state_of(running, earlier) is S.SENDING
    assert next_of(running) is None

    assert running.deliveries.finish(Finished(earlier, event, AT, not_before=LATER)) is then

    assert state_of(running, earlier) is then
    assert next_of(running) == (None if then is S.DOUBTFUL else later)


def hold(journal: Journal) -> None:
    journal.end_run(RUN, RunEvent.HOLD, {}, AT, cause="GRD-001")


def test_a_held_run_is_shown_in_its_cases_and_released_by_a_person(running: Journal) -> None:
    record(running)
    hold(running)
    (held,) = running.deliveries.cases()

    running.release_run(RUN, LATER)

    run = running.run(RUN)
    assert run is not None
    assert (held.held, run.state, run.cause) == (True, RunState.RELEASED, "GRD-001")
    assert not running.deliveries.cases()[0].held


@pytest.mark.parametrize("decide", [Journal.release_run, Journal.discard_run])
def test_a_run_that_is_not_held_is_not_decided(running: Journal, decide) -> None:
    running.end_run(RUN, RunEvent.END, {}, AT)

    with pytest.raises(JournalOvertaken):
        decide(running, RUN, LATER)


def test_a_discarded_run_leaves_its_numbers_and_nothing_that_stands(running: Journal) -> None:
    one, two = record(running), record(running, "PP-2")
    gone = settle(running, two)
    hold(running)

    assert running.discard_run(RUN, LATER) == 1

    case = known(running, delivery_of(running, one))
    found = series_of(running)
    assert (case.state, case.cause) == (S.CANCELLED, "DLV-007")
    assert (found.latest.state, found.standing, found.replaced) == (VersionState.DISCARDED, None, None)
    assert state_of(running, gone) is S.DELIVERED


def test_after_a_discarded_run_the_next_version_takes_the_next_number(running: Journal) -> None:
    record(running)
    hold(running)
    running.discard_run(RUN, AT)
    running.start_run("r2", "atlas", "export", {}, LATER)

    with pytest.raises(JournalOvertaken):
        record(running, version=1)
    record(running, version=2)

    assert series_of(running).standing == series_of(running).latest


def test_what_a_discarded_version_had_superseded_is_planned_again(running: Journal) -> None:
    first = delivery_of(running, record(running))
    running.end_run(RUN, RunEvent.END, {}, AT)
    running.start_run("r2", "atlas", "export", {}, AT)
    second = delivery_of(running, record(running, version=2, run="r2"))
    assert state_of(running, first) is S.CANCELLED
    running.end_run("r2", RunEvent.HOLD, {}, AT)

    running.discard_run("r2", LATER)

    assert (state_of(running, first), state_of(running, second)) == (S.PLANNED, S.CANCELLED)
    standing = series_of(running).standing
    assert standing is not None
    assert standing.ids.version == 1


@pytest.mark.parametrize("state", [S.READY, S.DELIVERED])
def test_the_next_one_is_found_at_once_among_a_hundred_thousand(journal: Journal, state: S) -> None:
    delivery = delivery_of(journal, record(journal))
    allow(journal, delivery)
    with journal._access.writing() as connection:
        columns = [column.name for column in table.c if column.name not in ("id", "state", "urgent", "series_id")]
        names = ", ".join(columns)
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
                f"INSERT INTO delivery (series_id, state, urgent, {names}) "
                f"SELECT i, '{state}', 0, {names} FROM delivery, n WHERE id = {delivery}"
            )
        )
        start = time.perf_counter()
        found = [queries.next_id(connection, "dmp", AT, (), None) for _ in range(20)]
        spent = time.perf_counter() - start
        connection.rollback()

    assert found == [delivery] * 20
    assert spent < 0.5


def test_the_next_one_is_looked_up_in_the_index_of_what_is_ready(journal: Journal) -> None:
    with journal._access.reading() as connection:
        statement = Prepared(queries._next())._compiled_for(connection.dialect)
        values = statement.parameters({"destination": "dmp", "now": AT})
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.text}", tuple(values)).all()

    walks = [row.detail for row in plan if " delivery " in row.detail]
    assert len(walks) == 2
    assert all("ix_delivery_ready" in walk for walk in walks)
    assert not any("TEMP B-TREE" in row.detail for row in plan)
