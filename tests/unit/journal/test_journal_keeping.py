"""What is forgotten and when, and what is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from journal_site import AT, add_delivery, delivery_of, record, settle, start_run, state_of

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import Purged
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent

DAY = timedelta(days=1)
DELIVERED, UNSETTLED = 30 * DAY, 180 * DAY
LARGE = b"x" * (1024 * 1024 + 1)

Event = DeliveryEvent


@pytest.fixture
def running(stored: Journal) -> Journal:
    start_run(stored)
    return stored


def purge(journal: Journal, after: timedelta) -> int:
    return journal.keeping.purge(AT + after, DELIVERED, UNSETTLED).payloads


def is_kept(journal: Journal, delivery: int) -> bool:
    return journal.deliveries.sendable(delivery) is not None


def test_bytes_go_once_they_are_delivered_for_long_enough_and_the_rest_stays(running: Journal):
    version = record(running, pdf=b"%PDF")
    delivery = settle(running, version, answer=b"<ok/>")

    assert purge(running, DELIVERED - DAY) == 0
    assert running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED) == Purged(
        3, len(b"<ClinicalDocument/>%PDF<ok/>"), 0
    )
    assert purge(running, DELIVERED) == 0
    assert not is_kept(running, delivery)
    case = running.deliveries.case(delivery)
    assert case is not None
    assert case.document == {"titre": "Projet"}
    assert case.delivery.state is DeliveryState.DELIVERED


def test_bytes_stay_as_long_as_one_destination_waits_for_them(running: Journal):
    version = record(running, destinations=("dmp", "mail"))
    settle(running, version)

    assert purge(running, 10 * UNSETTLED) == 0
    settle(running, version, destination="mail", at=AT + 10 * UNSETTLED)
    assert purge(running, 10 * UNSETTLED + DELIVERED) == 1


@pytest.mark.parametrize("event", [Event.REFUSE], ids=["refused"])
def test_what_was_refused_stays_longer(running: Journal, event: Event):
    delivery = settle(running, record(running), event)

    assert purge(running, UNSETTLED - DAY) == 0
    assert is_kept(running, delivery)
    assert purge(running, UNSETTLED) == 1


@pytest.mark.parametrize(
    "become",
    [
        lambda journal, version: None,
        lambda journal, version: journal.deliveries.change(
            [(delivery_of(journal, version), Event.BLOCK, "POL-001", "dui")], AT
        ),
        lambda journal, version: journal.deliveries.change([(delivery_of(journal, version), Event.ALLOW, "", "")], AT),
        lambda journal, version: settle(journal, version, Event.LOSE),
        lambda journal, version: settle(journal, version, Event.FAIL),
    ],
    ids=["planned", "blocked", "ready", "doubtful", "failed for now"],
)
def test_the_latest_version_that_a_delivery_still_needs_is_never_forgotten(
    running: Journal, become: Callable[[Journal, int], object]
):
    version = record(running)
    become(running, version)

    assert purge(running, 10 * UNSETTLED) == 0
    assert is_kept(running, delivery_of(running, version))


def test_an_earlier_version_whose_fate_is_unknown_goes_after_the_longer_time(running: Journal):
    doubtful = settle(running, record(running, data=b"<v1/>"), Event.LOSE)
    record(running, version=2, replaces=1, data=b"<v2/>")

    assert purge(running, UNSETTLED - DAY) == 0
    assert purge(running, UNSETTLED) == 1
    assert not is_kept(running, doubtful)


def test_what_was_superseded_goes_like_what_was_delivered(running: Journal):
    record(running, data=b"<v1/>")
    record(running, version=2, data=b"<v2/>")

    assert purge(running, DELIVERED) == 1


def test_a_version_that_goes_nowhere_stays_for_a_backfill(running: Journal):
    record(running, destinations=())

    assert purge(running, UNSETTLED - DAY) == 0
    assert purge(running, UNSETTLED) == 1


def test_what_a_held_run_recorded_stays_and_goes_once_it_is_discarded(running: Journal):
    record(running)
    running.end_run("r1", RunEvent.HOLD, {}, AT, "PIP-1")
    assert purge(running, 10 * UNSETTLED) == 0

    running.discard_run("r1", AT)

    assert purge(running, DELIVERED) == 1


def test_what_a_held_run_would_replace_stays_since_the_run_may_be_discarded(running: Journal):
    earlier = delivery_of(running, record(running, data=b"<v1/>"))
    running.end_run("r1", RunEvent.END, {}, AT)
    running.start_run("r2", "atlas", "export", {}, AT)
    record(running, version=2, data=b"<v2/>", run="r2")
    running.end_run("r2", RunEvent.HOLD, {}, AT, "PIP-1")

    assert purge(running, 10 * UNSETTLED) == 0
    running.discard_run("r2", AT + 10 * UNSETTLED)

    assert state_of(running, earlier) is DeliveryState.PLANNED
    assert is_kept(running, earlier)


def test_a_discarded_version_is_not_the_latest_and_goes_early(running: Journal):
    doubtful = settle(running, record(running, data=b"<v1/>"), Event.LOSE)
    running.end_run("r1", RunEvent.END, {}, AT)
    running.start_run("r2", "atlas", "export", {}, AT)
    record(running, version=2, replaces=1, data=b"<v2/>", destinations=(), run="r2")
    running.end_run("r2", RunEvent.HOLD, {}, AT, "PIP-1")
    running.discard_run("r2", AT)

    assert purge(running, DELIVERED) == 1
    assert purge(running, 10 * UNSETTLED) == 0
    assert is_kept(running, doubtful)


def test_a_delivery_that_is_added_in_time_keeps_the_bytes(running: Journal):
    version = record(running)
    settle(running, version)
    add_delivery(running, version, "mail", Operation.SEND, at=AT + DELIVERED)

    assert purge(running, DELIVERED) == 0


def test_files_go_with_their_rows_and_remainders_of_crashes_later(running: Journal, folder: Path):
    delivery = settle(running, record(running, data=LARGE))
    (spooled,) = (folder / "spool").iterdir()
    remainder = folder / "spool" / ("ab" * 16)
    remainder.write_bytes(b"?")
    os.utime(remainder, (AT.timestamp(), AT.timestamp()))

    running.keeping.purge(AT + timedelta(hours=1), DELIVERED, UNSETTLED)
    assert remainder.exists()
    assert is_kept(running, delivery)

    assert running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED) == Purged(1, len(LARGE), 0)
    assert not remainder.exists()
    assert not spooled.exists()


def test_a_file_that_cannot_be_removed_is_told_and_tried_again(running: Journal, monkeypatch: pytest.MonkeyPatch):
    settle(running, record(running, data=LARGE))

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        failing = running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED)
        again = running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED)

    assert failing == again == Purged(0, 0, 1)
    running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED)
    assert list(running.access.vault.files()) == []


def test_a_purge_keeps_away_from_a_backup(running: Journal):
    settle(running, record(running))

    with running.lock("keeping") as held:
        assert held
        postponed = running.keeping.purge(AT + DELIVERED, DELIVERED, UNSETTLED)

    assert postponed == Purged(0, 0, 0, postponed=True)
    assert purge(running, DELIVERED) == 1


def test_an_erased_dossier_leaves_nothing_that_opens(running: Journal, folder: Path):
    version = record(running, data=LARGE)
    other = record(running, "PP-2", usager="U-2")
    delivered = settle(running, record(running, "PP-3"), answer=b"<ok/>")
    waiting = delivery_of(running, version)
    case = running.deliveries.case(waiting)
    assert case is not None

    erased = running.keeping.erase(case.delivery.dossier_id, AT)

    assert erased == Purged(3, len(LARGE) + len(b"<ClinicalDocument/><ok/>"), 0)
    assert state_of(running, waiting) is DeliveryState.CANCELLED
    assert state_of(running, delivered) is DeliveryState.DELIVERED
    assert not is_kept(running, delivered)
    known = running.dossiers.get(case.delivery.dossier_id)
    assert known is not None
    assert (known.erased, known.number, known.facts, known.traits) == (True, "", {}, {})
    assert list((folder / "spool").iterdir()) == []
    assert is_kept(running, delivery_of(running, other))


def test_the_wrapped_key_of_an_erased_dossier_is_not_left_in_the_file(folder: Path, key: bytes):
    with Journal.open(folder, key) as journal:
        start_run(journal)
        case = journal.deliveries.case(delivery_of(journal, record(journal)))
        assert case is not None
        with journal.access.reading() as connection:
            wrapped = connection.exec_driver_sql("SELECT wrapped_key FROM dossier").scalar_one()
        assert any(wrapped in path.read_bytes() for path in folder.iterdir() if path.is_file())

        journal.keeping.erase(case.delivery.dossier_id, AT)

        assert not any(wrapped in path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_there_is_no_dossier_to_erase(stored: Journal):
    with pytest.raises(JournalOvertaken):
        stored.keeping.erase(404, AT)
