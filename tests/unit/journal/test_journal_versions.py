"""Given what the journal holds of a series, what it answers and what it accepts next."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.records import Conflict, Fingerprints, Finished, KnownSeries, SeriesKey, VersionState
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.states import DeliveryEvent

SHA256 = hashlib.sha256(b"<ClinicalDocument/>").hexdigest()
LATER = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def known(journal: Journal, series: SeriesKey) -> KnownSeries:
    found = journal.series_for(series)
    assert isinstance(found, KnownSeries)
    return found


def hand_over(journal: Journal, ids: DocumentIds) -> None:
    """Delivers the version to its destination."""
    for case in journal.deliveries.cases("file"):
        if case.delivery.unique_id == ids.unique_id:
            journal.deliveries.change([(case.delivery.id, DeliveryEvent.ALLOW, "", "")], LATER)
            assert journal.deliveries.start(case.delivery.id, "w", LATER)
            journal.deliveries.finish(Finished(case.delivery.id, DeliveryEvent.DELIVER, LATER))


def test_an_unknown_document_has_no_series(journal, series):
    assert journal.series_for(series) is None


def test_a_recorded_version_is_found_as_it_was_given(journal, series, record):
    ids = record(journal, 1)

    found = known(journal, series)

    assert (found.set_id, found.finess, found.generation) == ("2.25.1000", "010000024", 1)
    assert found.latest.ids == ids
    assert found.latest.fingerprints == Fingerprints({"plans": "aa"}, "m1")
    assert (found.latest.sha256, found.latest.size, found.latest.run) == (SHA256, 19, "r1")
    assert found.latest.versions == {"bridge": "0.1", "mapping": "atlas 3"}
    assert found.latest.state is VersionState.BUILT


def test_a_version_waits_until_it_is_handed_over(journal, series, record):
    ids = record(journal, 1)
    before = known(journal, series)

    hand_over(journal, ids)

    after = known(journal, series)
    assert (before.standing, before.replaced) == (before.latest, None)
    assert (after.standing, after.replaced) == (after.latest, after.latest)
    assert after.latest.handed_over_at == LATER


def test_the_latest_handed_over_is_not_the_one_that_waits(journal, series, record):
    for version, replaces in ((1, None), (2, 1)):
        hand_over(journal, record(journal, version, replaces))
    record(journal, 3, replaces=2)

    found = known(journal, series)

    assert found.latest.ids.version == 3
    assert (found.latest.ids.replaces, found.latest.ids.replaces_version) == ("2.25.2", 2)
    assert found.replaced is not None
    assert found.replaced.ids.version == 2


@pytest.mark.parametrize(("version", "replaces"), [(1, None), (3, 1), (2, None)])
def test_a_version_that_does_not_follow_is_refused_and_nothing_is_written(journal, series, record, version, replaces):
    hand_over(journal, record(journal, 1))
    before = known(journal, series)

    with pytest.raises(JournalOvertaken):
        record(journal, version, replaces)

    assert known(journal, series) == before


def test_a_version_that_never_left_is_not_replaced(journal, record):
    record(journal, 1)

    with pytest.raises(JournalOvertaken):
        record(journal, 2, replaces=1)


def test_an_id_is_given_once_in_the_whole_journal(journal, series, record):
    ids = record(journal, 1)
    other = dataclasses.replace(series, doc_key="PP-0043")

    with pytest.raises(JournalOvertaken):
        record(journal, 1, key=other, ids=dataclasses.replace(ids, set_id="2.25.1001"))

    assert journal.series_for(other) is None


def test_the_same_key_under_another_usager_is_a_conflict(journal, series, record):
    record(journal, 1)

    found = journal.series_for(dataclasses.replace(series, usager_key="U-0008"))

    assert isinstance(found, Conflict)
    assert found.set_id == "2.25.1000"


def test_a_version_under_another_usager_is_refused(journal, series, record):
    hand_over(journal, record(journal, 1))

    with pytest.raises(JournalOvertaken):
        record(journal, 2, replaces=1, key=dataclasses.replace(series, usager_key="U-0008"))


def test_the_same_key_of_another_kind_or_source_is_another_series(journal, series, record):
    record(journal, 1)

    assert journal.series_for(dataclasses.replace(series, kind=TypeDocument.DLU)) is None
    assert journal.series_for(dataclasses.replace(series, source="boreal")) is None


def test_refreshed_parts_are_those_of_the_next_comparison(journal, series, record):
    record(journal, 1)

    journal.refresh_raw({"2.25.1": {"plans": "bb", "actions": "cc"}})

    assert known(journal, series).latest.fingerprints == Fingerprints({"plans": "bb", "actions": "cc"}, "m1")


def test_times_come_back_in_utc(journal, series, record):
    paris = datetime(2026, 11, 21, 4, 0, tzinfo=timezone(timedelta(hours=1)))

    record(journal, 1, at=paris)

    built_at = known(journal, series).latest.built_at
    assert built_at == paris
    assert built_at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused_and_the_error_shows_no_value(journal, record):
    with pytest.raises(StatementError) as refused:
        record(journal, 1, at=datetime(2026, 11, 21))  # noqa: DTZ001

    assert "2.25.1" not in str(refused.value)


def test_all_is_there_after_closing(folder: Path, key: bytes, journal, series, record):
    record(journal, 1)
    before = journal.series_for(series)
    journal.close()

    with Journal.open(folder, key) as again:
        assert again.series_for(series) == before


def test_no_clear_key_stands_in_the_files(folder: Path, journal, series, record):
    usager = dataclasses.replace(series, doc_key="PP-LACROIX-Melusine", usager_key="Melusine-1987-03-14")
    record(journal, 1, key=usager)

    written = b"".join(path.read_bytes() for path in folder.iterdir())

    assert b"2.25.1000" in written
    assert b"elusine" not in written
    assert b"LACROIX" not in written
