"""Deliveries chosen by a person, on either database: planned again, taken by a backfill, made again."""

from __future__ import annotations

from datetime import date

from journal_site import AT, RUN, SOURCE, record, settle, start_run, state_of

from dui_bridge.journal.records import DossierEntry, ItemEntry, SeriesKey
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import DeliveryEvent, DeliveryState


def test_what_was_refused_is_planned_again_unless_a_newer_version_goes(stored: Journal) -> None:
    start_run(stored)
    alone = settle(stored, record(stored, "PP-1"), DeliveryEvent.REFUSE)
    older = settle(stored, record(stored, "PP-2"), DeliveryEvent.REFUSE)
    record(stored, "PP-2", version=2)
    settle(stored, record(stored, "PP-3"))
    latest = settle(stored, record(stored, "PP-3", version=2, replaces=1), DeliveryEvent.REFUSE)
    task = stored.tasks.add("replay", {}, "x", AT)

    about = {one.delivery_id: one.later is not None for one in stored.selections.circumstances([alone, older, latest])}
    number = stored.selections.replay([alone, older, latest], task, AT)

    assert about == {alone: False, older: True, latest: False}
    assert number == 2
    assert [state_of(stored, one) for one in (alone, older, latest)] == [
        DeliveryState.PLANNED,
        DeliveryState.REFUSED,
        DeliveryState.PLANNED,
    ]
    assert stored.selections.counts(Selection(task=task)) == {DeliveryState.PLANNED: 2}


def test_a_blocked_delivery_is_taken_once_and_let_go_again(stored: Journal) -> None:
    start_run(stored)
    version = record(stored)
    [delivery] = stored.selections.ids(Selection(destination="dmp", doc_type="projet_personnalise"))
    stored.deliveries.change([(delivery, DeliveryEvent.BLOCK, "POL-006", "nobody")], AT)
    task = stored.tasks.add("backfill", {}, "x", AT)

    taken = [stored.selections.adopt([delivery], task, {"total": 1}) for _ in range(2)]
    freed = stored.selections.let_go(task, AT)

    assert version
    assert (taken, freed) == ([1, 0], 1)
    assert stored.selections.ids(Selection(task=task)) == []


def test_a_rebuild_is_asked_of_the_latest_version_of_what_would_differ(stored: Journal) -> None:
    start_run(stored)
    record(stored, "PP-1")
    record(stored, "PP-1", version=2)
    kind = TypeDocument.PROJET_PERSONNALISE
    dossier = DossierEntry(SOURCE, "U-1", "D-U-1", None, {"nom": "x"}, {})
    item = ItemEntry(
        "document",
        "PP-1",
        dossier,
        SeriesKey("og", SOURCE, kind, "PP-1", "U-1"),
        kind,
        None,
        "would_differ",
        "",
        "",
        {},
    )
    stored.items.record(RUN, SOURCE, [item], AT)

    [unique_id] = stored.rebuilds.candidates(SOURCE, None, kind)
    stored.rebuilds.ask([unique_id, unique_id])

    assert unique_id.endswith(".2")
    assert stored.rebuilds.asked(unique_id)
    assert not stored.rebuilds.asked(unique_id.removesuffix("2") + "1")
    assert stored.rebuilds.candidates("another") == []


def test_baselines_are_kept_for_each_destination(stored: Journal) -> None:
    stored.baselines.put(None, date(2026, 1, 1))
    stored.baselines.put("dmp", date(2026, 3, 1))
    stored.baselines.put("dmp", date(2026, 2, 1))

    assert stored.baselines.all() == {"": date(2026, 1, 1), "dmp": date(2026, 2, 1)}


def test_a_held_dossier_keeps_what_was_known_of_it(stored: Journal) -> None:
    start_run(stored)
    for facts, traits in (({"nom": "x"}, {"nom": "aa" * 8}), ({}, {})):
        dossier = DossierEntry(SOURCE, "U-1", "D-1", "010000024", facts, traits)
        item = ItemEntry("usager", "U-1", dossier, None, None, "010000024", "mapped", "", "", {})
        stored.items.record(RUN, SOURCE, [item], AT)

    known = stored.dossiers.known(SOURCE, "U-1")
    assert known is not None
    assert (known.facts, known.traits) == ({"nom": "x"}, {"nom": "aa" * 8})
    assert stored.dossiers.accept_traits(known.id, {"nom": "bb" * 8})
    assert not stored.dossiers.accept_traits(known.id + 1, {})
    after = stored.dossiers.known(SOURCE, "U-1")
    assert after is not None
    assert after.traits == {"nom": "bb" * 8}
