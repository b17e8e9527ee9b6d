"""Ids are OIDs that anyone accepts, the same for the same document, and of no two documents the same."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.journal.records import Fingerprints, KnownSeries, KnownVersion, SeriesKey, VersionState
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.pipeline import ids

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEY = SeriesKey("og-les-tilleuls", "atlas", TypeDocument.PROJET_PERSONNALISE, "PP-0042", "U-0007")
OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
LONGEST_ROOT = "1.2.250.1.213.99999.9999"

keys = st.builds(SeriesKey, st.text(), st.text(), st.sampled_from(TypeDocument), st.text(), st.text())


def version(number: int, replaces: int | None = None, *, handed_over: bool = True) -> KnownVersion:
    return KnownVersion(
        ids=DocumentIds(f"2.25.{number}", "2.25.1000", number, replaces and f"2.25.{replaces}", replaces),
        fingerprints=Fingerprints({}, "m"),
        sha256="ab" * 32,
        size=1,
        state=VersionState.HANDED_OVER if handed_over else VersionState.BUILT,
        built_at=AT,
        run="r1",
        handed_over_at=AT if handed_over else None,
        versions={},
    )


def test_the_ids_of_a_document_never_change_from_one_release_to_the_next():
    assert ids.set_id(KEY, 1) == "2.25.137620102693437638996957668068527814445"
    assert ids.unique_id("og-les-tilleuls", "2.25.1", 1, "abc") == "2.25.40010846230348087733677227905726330697"


@given(keys, st.integers(1, 99), st.sampled_from([ids.UUID_ROOT, LONGEST_ROOT]))
def test_every_id_is_an_oid_of_at_most_64_characters_under_its_root(key, generation, root):
    for oid in (ids.set_id(key, generation, root), ids.unique_id(key.site, "2.25.1", generation, "abc", root)):
        assert OID.fullmatch(oid)
        assert len(oid) <= 64
        assert oid.startswith(f"{root}.")


@given(keys, keys)
def test_two_series_have_two_ids(one, other):
    assert (ids.set_id(one, 1) == ids.set_id(other, 1)) == (one == other)


@given(st.text(min_size=2), st.data())
def test_no_shift_of_characters_between_components_gives_the_same_id(text, data):
    cut, other = (data.draw(st.integers(0, len(text))) for _ in range(2))
    one = dataclasses.replace(KEY, doc_key=text[:cut], usager_key=text[cut:])
    two = dataclasses.replace(KEY, doc_key=text[:other], usager_key=text[other:])

    assert (ids.set_id(one, 1) == ids.set_id(two, 1)) == (cut == other)


def test_generation_version_and_content_each_change_the_id():
    assert ids.set_id(KEY, 1) != ids.set_id(KEY, 2)
    made = {ids.unique_id("s", "2.25.1", number, content) for number in (1, 2) for content in ("a", "b")}
    assert len(made) == 4


def test_the_longest_root_is_24_characters():
    assert ids.MAX_ROOT == len(LONGEST_ROOT) == 24


@pytest.mark.parametrize("root", [LONGEST_ROOT + "9", "1", "1.02", "3.1", "1.2.", "1.2.x", ""])
def test_a_root_under_which_no_id_fits_is_refused(root):
    assert not ids.is_root(root)
    with pytest.raises(ValueError, match="OID"):
        ids.set_id(KEY, 1, root)


def test_the_first_version_replaces_nothing():
    made = ids.mint(KEY, None, "abc")

    assert made.set_id == ids.set_id(KEY, 1)
    assert made.unique_id == ids.unique_id(KEY.site, made.set_id, 1, "abc")
    assert (made.version, made.replaces, made.replaces_version) == (1, None, None)


def test_the_next_version_replaces_the_one_handed_over_and_keeps_the_set_id_under_a_new_root():
    known = KnownSeries(
        "2.25.1000", "010000024", 1, latest=version(2, 1), standing=version(2, 1), replaced=version(2, 1)
    )

    made = ids.mint(KEY, known, "abc", LONGEST_ROOT)

    assert made.set_id == "2.25.1000"
    assert made.unique_id.startswith(LONGEST_ROOT)
    assert (made.version, made.replaces, made.replaces_version) == (3, "2.25.2", 2)


def test_a_version_that_never_left_is_skipped_with_its_number():
    waiting = version(2, 1, handed_over=False)
    known = KnownSeries("2.25.1000", "010000024", 1, latest=waiting, standing=waiting, replaced=version(1))

    made = ids.mint(KEY, known, "abc")

    assert (made.version, made.replaces, made.replaces_version) == (3, "2.25.1", 1)


def test_run_ids_tell_the_time_in_utc():
    paris = datetime(2026, 11, 21, 3, 0, tzinfo=timezone(timedelta(hours=1)))

    assert ids.run_id(paris, bytes.fromhex("9f86d081")) == "20261121T020000Z-9f86d081"


def test_a_run_at_no_known_hour_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        ids.run_id(datetime(2026, 11, 21), b"1234")  # noqa: DTZ001
