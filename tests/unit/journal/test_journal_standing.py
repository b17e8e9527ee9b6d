"""What replaces what, at each destination, and destinations that come, go and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from journal_site import AT, SOURCE, delivery_of, record, settle, start_run

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import (
    Conflict,
    Damaged,
    DossierEntry,
    Finished,
    ItemEntry,
    KeptBack,
    KnownVersion,
    SeriesKey,
)
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent, RunKind

E, S = DeliveryEvent, DeliveryState
LATER = AT + timedelta(hours=1)
KIND = TypeDocument.PROJET_PERSONNALISE


@pytest.fixture
def running(stored: Journal) -> Journal:
    start_run(stored)
    return stored


def replaced(journal: Journal, document: str = "PP-1") -> KnownVersion | None:
    known = journal.series_for(SeriesKey("og", SOURCE, KIND, document, "U-1"))
    assert known is not None
    assert not isinstance(known, Conflict)
    return known.replaced


def read(journal: Journal, document: str, state: str) -> None:
    """What the last reading made of a document."""
    dossier = DossierEntry(SOURCE, "U-1", "D-U-1", "010000024", {}, {})
    series = SeriesKey("og", SOURCE, KIND, document, "U-1")
    entry = ItemEntry("document", document, dossier, series, KIND.value, "010000024", state, "", "", {})
    journal.items.record("r1", SOURCE, [entry], AT)


def to(journal: Journal, destination: str) -> list[tuple[int, DeliveryState]]:
    """The versions that go to a destination, by row id, and how each stands."""
    cases = journal.deliveries.cases(destination, tuple(DeliveryState), limit=1_000)
    return [(case.delivery.version_id, case.delivery.state) for case in cases]


def leave(journal: Journal, version: int, destination: str) -> tuple[Operation, str | None]:
    """Delivers a version; what that was when it was offered, which is what is kept of it."""
    delivery = delivery_of(journal, version, destination)
    journal.deliveries.change([(delivery, E.ALLOW, "", "")], AT)
    offered = journal.deliveries.next(destination, AT)
    assert offered is not None
    assert not isinstance(offered, Damaged)
    assert offered.case.delivery.id == delivery
    assert journal.deliveries.start(delivery, "w1", AT)
    journal.deliveries.finish(Finished(delivery, E.DELIVER, AT))
    kept = journal.deliveries.case(delivery)
    assert kept is not None
    assert kept.delivery.operation is offered.case.delivery.operation
    return offered.case.delivery.operation, offered.replaces_there


# What a new version replaces


def test_what_is_being_sent_may_arrive_and_is_replaced(running: Journal) -> None:
    first = delivery_of(running, record(running))
    running.deliveries.change([(first, E.ALLOW, "", "")], AT)
    assert replaced(running) is None

    running.deliveries.start(first, "w1", AT)

    found = replaced(running)
    assert found is not None
    assert found.ids.version == 1
    with pytest.raises(JournalOvertaken):
        record(running, version=2)
    record(running, version=2, replaces=1)


def test_what_nobody_knows_the_fate_of_is_replaced(running: Journal) -> None:
    settle(running, record(running), E.LOSE)

    record(running, version=2, replaces=1)


def test_what_was_refused_is_not_replaced(running: Journal) -> None:
    settle(running, record(running), E.REFUSE)

    with pytest.raises(JournalOvertaken):
        record(running, version=2, replaces=1)
    record(running, version=2)


def test_the_latest_of_those_that_may_be_there_is_replaced(running: Journal) -> None:
    settle(running, record(running))
    settle(running, record(running, version=2, replaces=1), E.LOSE)

    record(running, version=3, replaces=2)


# What a delivery is at its destination


def test_the_first_that_arrives_is_a_deposit_and_the_next_replaces_it(running: Journal) -> None:
    first = record(running)
    assert leave(running, first, "dmp") == (Operation.DEPOSIT, None)

    second = record(running, version=2, replaces=1)

    [earlier] = running.deliveries.cases("dmp", (S.DELIVERED,))
    assert leave(running, second, "dmp") == (Operation.REPLACE, earlier.delivery.unique_id)


def test_where_nothing_arrived_it_is_a_deposit_though_it_replaces_elsewhere(running: Journal) -> None:
    first = record(running, destinations=("dmp", "archive"))
    leave(running, first, "dmp")

    second = record(running, version=2, replaces=1, destinations=("dmp", "archive"))

    assert leave(running, second, "archive") == (Operation.DEPOSIT, None)
    assert leave(running, second, "dmp")[0] is Operation.REPLACE


def test_what_is_replaced_there_is_the_latest_that_arrived_there(running: Journal) -> None:
    leave(running, record(running, destinations=("dmp", "archive")), "archive")
    second = record(running, version=2, replaces=1, destinations=("dmp", "archive"))
    leave(running, second, "dmp")
    third = record(running, version=3, replaces=2, destinations=("dmp", "archive"))

    arrived = {case.delivery.destination: case.delivery for case in running.deliveries.cases(None, (S.DELIVERED,))}

    assert arrived["archive"].version == 1
    assert leave(running, third, "archive") == (Operation.REPLACE, arrived["archive"].unique_id)
    assert leave(running, third, "dmp") == (Operation.REPLACE, arrived["dmp"].unique_id)


def test_it_is_settled_when_it_is_sent(running: Journal) -> None:
    first = settle(running, record(running), E.LOSE)
    second = record(running, version=2, replaces=1)
    planned = running.deliveries.case(delivery_of(running, second))
    assert planned is not None
    assert planned.delivery.operation is Operation.DEPOSIT

    running.deliveries.change([(first, E.DELIVER, "", "")], AT)

    assert leave(running, second, "dmp")[0] is Operation.REPLACE


# Destinations that come, go and come back


def test_what_stands_goes_to_a_destination_that_is_added(running: Journal) -> None:
    settle(running, record(running))
    second = record(running, version=2, replaces=1)
    other = record(running, "PP-2")

    assert running.deliveries.add_missing("archive", (), LATER) == (2, 0)

    assert to(running, "archive") == [(second, S.PLANNED), (other, S.PLANNED)]
    assert leave(running, second, "archive") == (Operation.DEPOSIT, None)
    assert running.deliveries.add_missing("archive", (), LATER) == (0, 0)


def test_what_was_overtaken_while_a_destination_was_away_does_not_leave(running: Journal) -> None:
    first = record(running, destinations=("dmp", "archive"))
    second = record(running, version=2, destinations=("dmp",))
    assert to(running, "archive") == [(first, S.PLANNED)]

    assert running.deliveries.cancel_overtaken("archive", LATER) == 1
    assert running.deliveries.add_missing("archive", (), LATER) == (1, 0)

    assert to(running, "archive") == [(first, S.CANCELLED), (second, S.PLANNED)]
    case = running.deliveries.case(delivery_of(running, first, "archive"))
    assert case is not None
    assert case.delivery.cause == "DLV-006"


@pytest.mark.parametrize("event", [E.LOSE, E.DELIVER])
def test_what_has_left_is_not_cancelled(running: Journal, event: E) -> None:
    settle(running, record(running, destinations=("dmp", "archive")), event, "archive")
    record(running, version=2, replaces=1, destinations=("dmp",))

    assert running.deliveries.cancel_overtaken("archive", LATER) == 0


def test_what_a_person_cancelled_does_not_come_back(running: Journal) -> None:
    delivery = delivery_of(running, record(running))
    running.deliveries.change([(delivery, E.CANCEL, "DLV-015", "nobody")], AT)

    assert running.deliveries.add_missing("dmp", (), LATER) == (0, 0)


def test_a_discarded_version_neither_goes_nor_overtakes(running: Journal) -> None:
    first = record(running, destinations=("dmp", "archive"))
    running.end_run("r1", RunEvent.END, {}, AT)
    running.start_run("r2", SOURCE, "export", {}, AT)
    record(running, version=2, destinations=("dmp",), run="r2")
    running.end_run("r2", RunEvent.HOLD, {}, AT)
    running.discard_run("r2", AT)

    assert running.deliveries.cancel_overtaken("archive", LATER) == 0
    assert running.deliveries.add_missing("later", (), LATER) == (1, 0)
    assert to(running, "later") == [(first, S.PLANNED)]


@pytest.mark.parametrize("state", ["left_out", "quarantined", "invalid"])
def test_a_document_that_does_not_stand_goes_once_it_stands_again(running: Journal, state: str) -> None:
    record(running)
    read(running, "PP-1", state)
    assert running.deliveries.add_missing("archive", (), LATER) == (0, 0)

    read(running, "PP-1", "unchanged")

    assert running.deliveries.add_missing("archive", (), LATER) == (1, 0)


def test_what_is_not_kept_any_more_is_counted_and_not_planned(running: Journal) -> None:
    settle(running, record(running))
    running.end_run("r1", RunEvent.END, {}, AT)
    year = timedelta(days=365)
    assert running.keeping.purge(AT + 2 * year, year, year).payloads == 1

    assert running.deliveries.add_missing("archive", (), LATER) == (0, 1)
    assert to(running, "archive") == []


def test_urgent_ones_are_urgent_there_too(running: Journal) -> None:
    record(running)
    running.end_run("r1", RunEvent.END, {}, AT)
    running.start_run("r2", SOURCE, "export", {}, AT, kind=RunKind.URGENT)
    record(running, "PP-2", run="r2")

    running.deliveries.add_missing("archive", (), LATER)
    running.deliveries.add_missing("mail", (KIND,), LATER)

    assert [one.delivery.urgent for one in running.deliveries.cases("archive")] == [False, True]
    assert [one.delivery.urgent for one in running.deliveries.cases("mail")] == [True, True]


@pytest.mark.parametrize(("above", "state"), [(3, S.PLANNED), (2, S.BLOCKED)])
def test_more_than_so_many_are_kept_back_on_every_page(
    running: Journal, monkeypatch: pytest.MonkeyPatch, above: int, state: S
) -> None:
    monkeypatch.setattr("dui_bridge.journal.deliveries._PAGE", 2)
    versions = [record(running, f"PP-{number}") for number in range(3)]

    assert running.deliveries.add_missing("archive", (), LATER, KeptBack("POL-009", "it", above)) == (3, 0)
    assert to(running, "archive") == [(version, state) for version in versions]


def test_many_are_planned_page_by_page(running: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_bridge.journal.deliveries._PAGE", 2)
    versions = [record(running, f"PP-{number}") for number in range(5)]

    assert running.deliveries.add_missing("archive", (), LATER) == (5, 0)
    assert [version for version, _ in to(running, "archive")] == versions
