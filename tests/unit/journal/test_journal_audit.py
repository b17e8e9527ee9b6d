"""The audit: what was changed, taken away or slipped in is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone

import pytest
from journal_site import AT
from sqlalchemy import Connection

from dui_bridge.journal.queries import settings
from dui_bridge.journal.schema import audit
from dui_bridge.journal.schema import setting as setting_table
from dui_bridge.journal.store import Journal

HEAD = "audit_head"


@pytest.fixture
def audited(stored: Journal) -> Journal:
    """Five rows."""
    for number in range(1, 6):
        stored.audit.add("anne", "poste-3/pts1", "pause", f"delivery-{number}", {"until": None, "n": 0.5}, AT)
    return stored


def tamper(journal: Journal, change: Callable[[Connection], object]) -> int | None:
    with journal.access.writing() as connection:
        change(connection)
    return journal.audit.verify()


def test_an_audit_that_nobody_touched_holds(audited: Journal):
    assert audited.audit.verify() is None
    entries = audited.audit.entries(after=2, limit=2)
    assert [(entry.id, entry.subject, entry.details) for entry in entries] == [
        (3, "delivery-3", {"until": None, "n": 0.5}),
        (4, "delivery-4", {"until": None, "n": 0.5}),
    ]
    assert (entries[0].at, entries[0].who, entries[0].origin, entries[0].action) == (
        AT,
        "anne",
        "poste-3/pts1",
        "pause",
    )


def test_an_empty_audit_holds(stored: Journal):
    assert stored.audit.verify() is None


def test_a_time_of_another_zone_and_strange_texts_hold(stored: Journal):
    paris = AT.astimezone(timezone(timedelta(hours=1))) + timedelta(microseconds=7)
    stored.audit.add("é\0\udc80" * 200, "h", "x" * 99, "s", {"name": "\udc80", "z": [1, {"a": True}]}, paris)

    assert stored.audit.verify() is None
    assert stored.audit.entries()[0].at == paris


@pytest.mark.parametrize(
    "values",
    [
        {"who": "luc"},
        {"at": AT + timedelta(seconds=1)},
        {"origin": "ailleurs"},
        {"action": "resume"},
        {"subject": "delivery-9"},
        {"details": {"until": None, "n": 0.6}},
        {"previous": "0" * 64},
        {"digest": "0" * 64},
        {"id": 77},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_row_is_found(audited: Journal, values: dict[str, object]):
    assert (
        tamper(audited, lambda connection: connection.execute(audit.update().where(audit.c.id == 3).values(values)))
        == 3
    )


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_a_removed_row_is_found(audited: Journal, gone: int):
    assert tamper(audited, lambda connection: connection.execute(audit.delete().where(audit.c.id == gone))) == gone


def test_a_removed_tail_is_found_also_after_further_rows(audited: Journal):
    assert tamper(audited, lambda connection: connection.execute(audit.delete().where(audit.c.id >= 4))) == 4

    audited.audit.add("anne", "h", "resume", "s", {}, AT)

    assert audited.audit.verify() == 4


def test_a_removed_tail_is_found_when_the_head_is_set_to_what_is_left(audited: Journal):
    def cut(connection: Connection) -> None:
        (left,) = connection.execute(audit.select().where(audit.c.id == 3)).mappings()
        connection.execute(audit.delete().where(audit.c.id > 3))
        head = settings.value(connection, HEAD)
        assert head is not None
        settings.put(connection, HEAD, f"3:{left['digest']}:{head.rpartition(':')[2]}")

    assert tamper(audited, cut) == 3


@pytest.mark.parametrize("head", ["", "x", "5:", "5:00:00", None])
def test_a_lost_head_is_found_and_stays_so(audited: Journal, head: str | None):
    def lose(connection: Connection) -> None:
        if head is None:
            connection.execute(setting_table.delete().where(setting_table.c.name == HEAD))
        else:
            settings.put(connection, HEAD, head)

    assert tamper(audited, lose) == 5

    audited.audit.add("anne", "h", "resume", "s", {}, AT)

    assert audited.audit.verify() == 6


def test_an_emptied_audit_is_found(audited: Journal):
    assert tamper(audited, lambda connection: connection.execute(audit.delete())) == 1


def test_two_rows_that_changed_places_are_found(audited: Journal):
    def swap(connection: Connection) -> None:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            connection.execute(audit.update().where(audit.c.id == before).values(id=after))

    assert tamper(audited, swap) == 2


def test_more_rows_than_a_page_hold(journal: Journal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dui_bridge.journal.audit._PAGE", 2)
    for _ in range(5):
        journal.audit.add("anne", "h", "a", "s", {}, AT)

    assert journal.audit.verify() is None
