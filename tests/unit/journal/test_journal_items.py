"""Given what readings made of usagers and documents, what the journal tells of them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from journal_site import AT, record, start_run

from dui_bridge.journal.records import Disappeared, DossierEntry, ItemEntry, KnownItem, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import RunEvent

LATER = AT + timedelta(days=1)


@pytest.fixture
def running(stored: Journal) -> Journal:
    start_run(stored)
    return stored


def dossier(usager: str = "U-1", **changes: object) -> DossierEntry:
    entry = DossierEntry("atlas", usager, f"D-{usager}", "010000024", {"nom": "Lefèvre"}, {"nom": "ab" * 8})
    return dataclasses.replace(entry, **changes)  # type: ignore[arg-type]


def document(
    key: str = "PP-1", usager: str = "U-1", state: str = "built", cause: str = "", **changes: object
) -> ItemEntry:
    entry = ItemEntry(
        kind="document",
        key=key,
        dossier=dossier(usager),
        series=SeriesKey("og", "atlas", TypeDocument.PROJET_PERSONNALISE, key, usager),
        doc_type="projet_personnalise",
        finess="010000024",
        state=state,
        cause=cause,
        who="dui" if cause else "",
        detail={"row": 12, "value": "Lefèvre"},
    )
    return dataclasses.replace(entry, **changes)  # type: ignore[arg-type]


def usager(key: str = "U-1", state: str = "mapped") -> ItemEntry:
    return document(key, key, state, kind="usager", series=None, doc_type=None)


def item(journal: Journal, number: int = 1) -> KnownItem:
    found = journal.items.get(number)
    assert found is not None
    return found


def again(journal: Journal, *entries: ItemEntry) -> Disappeared:
    """A later full reading that gives these."""
    journal.end_run("r1", RunEvent.END, {}, AT)
    journal.start_run("r2", "atlas", "export", {}, LATER)
    journal.items.record("r2", "atlas", entries, LATER)
    return journal.items.finish("r2", "atlas", LATER)


def test_an_item_is_told_as_it_was_read(running: Journal) -> None:
    running.items.record("r1", "atlas", [document(state="quarantined", cause="CDA-001")], AT)

    found = item(running)

    assert (found.kind, found.state, found.cause, found.who, found.since) == (
        "document",
        "quarantined",
        "CDA-001",
        "dui",
        AT,
    )
    assert (found.number, found.detail) == ("D-U-1", {"row": 12, "value": "Lefèvre"})
    assert (found.run, found.series_id, found.gone_at) == ("r1", None, None)


@pytest.mark.parametrize(
    ("state", "cause", "since"),
    [("quarantined", "CDA-001", AT), ("quarantined", "CDA-002", LATER), ("built", "", LATER)],
)
def test_since_stays_while_state_and_cause_stay(running: Journal, state: str, cause: str, since: object) -> None:
    running.items.record("r1", "atlas", [document(state="quarantined", cause="CDA-001")], AT)

    again(running, document(state=state, cause=cause))

    assert (item(running).since, item(running).run, item(running).state) == (since, "r2", state)
    assert running.items.get(2) is None


def test_of_two_entries_of_one_item_the_later_one_counts(running: Journal) -> None:
    running.items.record("r1", "atlas", [document(state="planned"), document(state="built")], AT)

    assert item(running).state == "built"
    assert running.items.get(2) is None


def test_one_key_under_two_usagers_is_two_items(running: Journal) -> None:
    running.items.record("r1", "atlas", [document(), document(usager="U-2", state="quarantined")], AT)

    assert {item(running, 1).number, item(running, 2).number} == {"D-U-1", "D-U-2"}


def test_a_document_is_tied_to_its_series_unless_that_is_another_usagers(running: Journal) -> None:
    record(running)

    running.items.record("r1", "atlas", [document(), document(usager="U-2")], AT)

    assert (item(running, 1).series_id, item(running, 2).series_id) == (1, None)


def test_the_dossier_is_what_was_read_last(running: Journal) -> None:
    running.items.record("r1", "atlas", [usager()], AT)
    changed = dossier(number="D-99", facts={"nom": "Roy"}, traits={"nom": "cd" * 8})

    again(running, dataclasses.replace(usager(), dossier=changed))

    known = running.dossiers.known("atlas", "U-1")
    assert known is not None
    assert (known.number, known.facts, known.traits) == ("D-99", {"nom": "Roy"}, {"nom": "cd" * 8})
    assert (known.first_seen_at, known.seen_at) == (AT, LATER)
    assert running.dossiers.known("boreal", "U-1") is None
    assert running.dossiers.get(known.id) == known


def test_what_a_full_reading_no_longer_gives_is_told_once_and_kept(running: Journal) -> None:
    running.items.record("r1", "atlas", [usager(), document(), usager("U-2"), document("PP-2", "U-2")], AT)
    assert running.items.finish("r1", "atlas", AT) == Disappeared(0, 0)

    first = again(running, usager())
    second = running.items.finish("r2", "atlas", LATER)

    gone = running.dossiers.known("atlas", "U-2")
    assert (first, second) == (Disappeared(1, 2), Disappeared(0, 0))
    assert gone is not None
    assert (gone.gone_at, gone.number) == (LATER, "D-U-2")
    assert [item(running, number).gone_at for number in (1, 2, 3, 4)].count(None) == 1


def test_what_comes_back_is_no_longer_gone(running: Journal) -> None:
    running.items.record("r1", "atlas", [usager(), document()], AT)
    again(running, usager("U-2"))

    running.items.record("r2", "atlas", [usager(), document()], LATER)

    back = running.dossiers.known("atlas", "U-1")
    assert back is not None
    assert (back.gone_at, item(running, 1).gone_at, item(running, 2).gone_at) == (None, None, None)


def test_a_clock_that_was_set_back_makes_nobody_disappear(running: Journal) -> None:
    running.items.record("r1", "atlas", [usager()], AT - timedelta(hours=1))

    assert running.items.finish("r1", "atlas", AT - timedelta(hours=1)) == Disappeared(0, 0)


def test_more_items_than_fit_in_one_statement_are_all_there(running: Journal) -> None:
    entries = [document(f"PP-{number}", f"U-{number // 3}") for number in range(1_203)]

    running.items.record("r1", "atlas", entries, AT)
    running.items.record("r1", "atlas", entries, AT)

    with running._access.reading() as connection:
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in ("item", "dossier")]
    assert counts == [1_203, 401]
