"""When what was made is committed: first versions together, one that follows another at once, and never after what the
reading says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from delivery_world import AT, KEY, built
from small_site import small_site

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import DossierEntry, Fingerprints, KnownSeries, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.states import DeliveryState, DocumentState
from dui_bridge.pipeline import handover as module
from dui_bridge.pipeline import reading
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.site.settings import load_site


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "data", KEY) as opened:
        opened.start_run("r1", "atlas", "export", {}, AT)
        yield opened


@pytest.fixture
def handover(tmp_path: Path, journal: Journal) -> Handover:
    return Handover(load_site(small_site(tmp_path / "site").config), "r1", {}, journal, urgent=False)


def key_of(number: int) -> SeriesKey:
    return SeriesKey("site", "atlas", TypeDocument.PROJET_PERSONNALISE, f"P{number}", f"U{number}")


def record(handover: Handover, number: int, version: int = 1, size: int = 20) -> None:
    ids = DocumentIds(f"2.25.{number}.{version}", f"2.25.{number}", version)
    data = bytes(size)
    handover.record(
        key_of(number),
        replace(built(ids), data=data, sha256=hashlib.sha256(data).hexdigest()),
        Fingerprints({"plans": f"{version}"}, f"m{version}"),
        DossierEntry("atlas", f"U{number}", f"{number}", "010000024", {}, {}),
        {},
    )


def known(journal: Journal) -> list[int]:
    return [number for number in range(1, 9) if isinstance(journal.series_for(key_of(number)), KnownSeries)]


def test_first_versions_wait_for_one_another_and_are_one_commit(
    journal: Journal, handover: Handover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOGETHER", 3)

    record(handover, 1)
    record(handover, 2)
    assert known(journal) == []
    record(handover, 3)
    assert known(journal) == [1, 2, 3]
    record(handover, 4)
    handover.flush()
    assert known(journal) == [1, 2, 3, 4]
    assert [case.delivery.unique_id for case in journal.deliveries.cases("documents")] == [
        f"2.25.{number}.1" for number in range(1, 5)
    ]


def test_they_wait_for_no_more_bytes_than_memory_may_hold(
    journal: Journal, handover: Handover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOGETHER_BYTES", 1000)

    record(handover, 1, size=600)
    assert known(journal) == []
    record(handover, 2, size=600)
    assert known(journal) == [1, 2]


def test_a_version_that_follows_another_is_recorded_at_once(journal: Journal, handover: Handover) -> None:
    record(handover, 1)
    handover.flush()
    record(handover, 2)

    record(handover, 1, version=2)

    found = journal.series_for(key_of(1))
    assert isinstance(found, KnownSeries)
    assert found.latest.ids.version == 2
    assert known(journal) == [1]


def test_who_asks_for_a_series_that_waits_is_told_of_it(journal: Journal, handover: Handover) -> None:
    record(handover, 1)
    handover.flush(key_of(2))
    assert known(journal) == []
    handover.flush(key_of(1))
    assert known(journal) == [1]


def test_of_those_that_are_committed_together_all_are_or_none(journal: Journal, handover: Handover) -> None:
    record(handover, 1)
    handover.flush()
    for number in (2, 1, 3):
        record(handover, number)
    with pytest.raises(JournalOvertaken):
        handover.flush()

    assert known(journal) == [1]
    assert [case.delivery.unique_id for case in journal.deliveries.cases("documents")] == ["2.25.1.1"]


def test_a_page_of_the_reading_is_written_after_what_it_says_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE", 1)
    site = load_site(small_site(tmp_path / "site").config)

    run_site(site, RunOptions(), Steps())

    with open_journal(site) as journal:
        cases = journal.deliveries.cases("documents", states=tuple(DeliveryState))
    assert [case.document_read for case in cases] == [DocumentState.BUILT]
