"""The overview gives the same on each of the databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from journal_builder import AT, FINESS, JournalBuilder

from dui_bridge.journal.overview import Scope
from dui_bridge.model.states import DeliveryState as S


@pytest.fixture
def builder(stored, tmp_path: Path) -> JournalBuilder:
    """One usager with three documents: delivered and refused; blocked twice; in quarantine."""
    made = JournalBuilder(tmp_path, stored)
    made.run()
    usager = made.usager("U-1")
    made.document(usager, versions=[{"dmp": S.DELIVERED, "archive": S.REFUSED}], causes={"archive": "DLV-010"})
    made.document(usager, versions=[{"dmp": S.DELIVERED}, {"dmp": S.BLOCKED}], causes={"dmp": "POL-050"})
    made.document(usager, "quarantined", "PDF-001", who="dui")
    return made


def test_each_item_is_counted_once(builder):
    with builder.journal.overview.snapshot(Scope(FINESS)) as seen:
        shown = sorted((count.shown, count.number) for count in seen.counts())
        waiting = [(one.id, one.state, one.cause) for one in seen.open_items()]
        others = list(seen.others())

    assert shown == [("blocked", 1), ("mapped", 1), ("quarantined", 1), ("refused", 1)]
    assert waiting == [
        ("document-2", "refused", "DLV-010"),
        ("document-3", "blocked", "POL-050"),
        ("document-4", "quarantined", "PDF-001"),
    ]
    assert others == []


def test_what_waits_is_grouped_by_cause(builder):
    with builder.journal.overview.snapshot(Scope(since=AT - timedelta(days=1))) as seen:
        groups = {group.cause: group.examples for group in seen.groups()}

    assert groups == {"DLV-010": ("document-2",), "POL-050": ("document-3",), "PDF-001": ("document-4",)}


def test_a_day_tells_what_arrived(builder):
    with builder.journal.overview.snapshot() as seen:
        arrived = seen.delivered(AT, AT + timedelta(days=1))
        runs = seen.runs_between(AT, AT + timedelta(days=1))
        attempts = seen.attempts(AT, AT + timedelta(days=1))

    assert arrived == [("dmp", "projet_personnalise", 2)]
    assert (runs, attempts) == (["r1"], {})


def test_the_way_of_a_document_is_found_from_each_of_its_names(builder):
    overview = builder.journal.overview
    series = overview.series_of("2.25.22.1")

    assert series is not None
    assert [version.unique_id for version in overview.versions(series)] == ["2.25.22.1", "2.25.22.2"]
    assert len(overview.deliveries_of(series)) == 2
    assert overview.item_of(series) == 3
    assert overview.usager_items("U-1") == [1]
    assert overview.outcomes(overview.deliveries_of(series)) == []
    assert overview.stopped(None, but="dossier_held") == [4]
    assert overview.unremoved(AT) == 0


def test_urgent_comes_first_in_the_queue(builder):
    (usager,) = builder.journal.overview.usager_items("U-1")
    builder.document(usager, versions=[{"dmp": S.READY}])
    builder.document(usager, versions=[{"dmp": S.READY}], urgent=True)
    builder.document(usager, versions=[{"dmp": S.PLANNED}])

    assert [one.item for one in builder.journal.overview.queue("dmp", 10)] == [6, 5, 7]
