"""Outcome rows: sealed, kept until they are written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from journal_site import AT, SOURCE, delivery_of, record, start_run

from dui_bridge.journal.errors import JournalDamaged
from dui_bridge.journal.queries import outbox as queries
from dui_bridge.journal.records import OutboxEntry
from dui_bridge.journal.schema import outbox as table
from dui_bridge.journal.store import Journal

HOUR = timedelta(hours=1)


@pytest.fixture
def entry(stored: Journal) -> OutboxEntry:
    start_run(stored)
    delivery = stored.deliveries.case(delivery_of(stored, record(stored)))
    assert delivery is not None
    return OutboxEntry(SOURCE, delivery.delivery.dossier_id, delivery.delivery.id, {"dossier": "D-Ünïque-77", "n": 1})


def test_rows_come_out_as_they_went_in_and_in_their_order(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry, OutboxEntry(SOURCE, entry.dossier_id, None, {"n": 2})], AT)
    stored.outbox.add([OutboxEntry("autre", entry.dossier_id, None, {"n": 3})], AT)

    rows = stored.outbox.waiting(SOURCE, AT, 10)

    assert [(row.row, row.tries) for row in rows] == [(entry.row, 0), ({"n": 2}, 0)]
    assert [row.row for row in stored.outbox.waiting(SOURCE, AT, 1)] == [entry.row]


def test_a_row_that_is_written_does_not_wait_any_more(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry, entry], AT)
    first, second = stored.outbox.waiting(SOURCE, AT, 10)

    stored.outbox.written([first.id], "retours-1.csv", AT)

    assert stored.outbox.waiting(SOURCE, AT, 10) == [second]


def test_a_row_that_could_not_be_written_waits_for_its_time(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry], AT)
    (row,) = stored.outbox.waiting(SOURCE, AT, 10)

    stored.outbox.failed([row.id], AT + HOUR)

    assert stored.outbox.waiting(SOURCE, AT, 10) == []
    assert [later.tries for later in stored.outbox.waiting(SOURCE, AT + HOUR, 10)] == [1]


def test_nothing_of_a_row_stands_in_clear(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry], AT)

    with stored.access.reading() as connection:
        (row,) = queries.waiting(connection, SOURCE, AT, 10)
    assert b"nique-77" not in row["row"]
    assert b"dossier" not in row["row"]


def test_a_row_moved_to_another_time_does_not_open(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry], AT)
    with stored.access.writing() as connection:
        connection.execute(table.update().values(created_at=AT + HOUR))

    with pytest.raises(JournalDamaged):
        stored.outbox.waiting(SOURCE, AT, 10)


def test_nothing_is_told_of_a_dossier_that_was_erased(stored: Journal, entry: OutboxEntry):
    stored.outbox.add([entry], AT)

    stored.keeping.erase(entry.dossier_id, AT)
    stored.outbox.add([entry], AT)

    assert stored.outbox.waiting(SOURCE, AT, 10) == []
