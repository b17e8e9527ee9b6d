"""What a journal that was put back asks for before it sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from journal_site import AT, SOURCE, delivery_of, record

from dui_bridge.journal.backup import mark_restored
from dui_bridge.journal.records import Finished, KnownDelivery
from dui_bridge.journal.restoration import SETTLING
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, RunEvent

HOUR = timedelta(hours=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "data", bytes(range(32))) as opened:
        yield opened


def made(journal: Journal, run: str, at: datetime, kind: str = "full", end: RunEvent = RunEvent.END) -> KnownDelivery:
    """What a reading that began at a time made: one delivery."""
    journal.start_run(run, SOURCE, "export", {}, at, kind)
    version = record(journal, run, run=run)
    journal.end_run(run, end, {}, at + HOUR)
    case = journal.deliveries.case(delivery_of(journal, version))
    assert case is not None
    return case.delivery


def test_a_journal_that_was_never_put_back_asks_for_nothing(journal: Journal) -> None:
    delivery = made(journal, "r1", AT)

    assert not journal.restoration.is_known()
    assert not journal.restoration.must_ask(delivery)


def test_what_was_made_before_and_up_to_the_first_full_reading_a_day_later_is_asked_for(journal: Journal) -> None:
    before = made(journal, "before", AT - HOUR)
    mark_restored(journal, AT, by="test")
    at_once = made(journal, "at-once", AT + HOUR)
    later = AT + SETTLING
    part, waiting = made(journal, "part", later, "part"), made(journal, "wait", later, end=RunEvent.WAIT)
    first = made(journal, "first", later + HOUR)
    second = made(journal, "second", later + 2 * HOUR)

    asked = [one.run for one in (before, at_once, part, waiting, first, second) if journal.restoration.must_ask(one)]

    assert asked == ["before", "at-once", "part", "wait", "first"]


def test_what_was_asked_for_once_is_not_asked_for_again(journal: Journal) -> None:
    delivery = made(journal, "r1", AT - HOUR)
    mark_restored(journal, AT, by="test")
    journal.deliveries.change([(delivery.id, DeliveryEvent.ALLOW, "", "")], AT)
    assert journal.restoration.must_ask(delivery)

    journal.deliveries.start(delivery.id, "w", AT + HOUR)
    journal.deliveries.finish(Finished(delivery.id, DeliveryEvent.LOSE, AT + HOUR))

    assert not journal.restoration.must_ask(delivery)


def test_a_try_of_before_the_backup_says_nothing(journal: Journal) -> None:
    delivery = made(journal, "r1", AT - 3 * HOUR)
    journal.deliveries.change([(delivery.id, DeliveryEvent.ALLOW, "", "")], AT)
    journal.deliveries.start(delivery.id, "w", AT - 2 * HOUR)
    journal.deliveries.finish(Finished(delivery.id, DeliveryEvent.FAIL, AT - 2 * HOUR))

    mark_restored(journal, AT, by="test")

    assert journal.restoration.must_ask(delivery)


def test_once_reconciled_it_still_knows_what_to_ask_for(journal: Journal) -> None:
    delivery = made(journal, "r1", AT - HOUR)
    mark_restored(journal, AT, by="test")
    assert journal.restoration.is_open()

    journal.restoration.close()

    assert not journal.restoration.is_open()
    assert journal.restoration.must_ask(delivery)


def test_the_sources_that_were_not_read_since_are_named(journal: Journal) -> None:
    made(journal, "r1", AT - HOUR)
    mark_restored(journal, AT, by="test")
    assert journal.restoration.not_read([SOURCE, "other"]) == [SOURCE, "other"]

    made(journal, "r2", AT + HOUR)

    assert journal.restoration.not_read([SOURCE, "other"]) == ["other"]
