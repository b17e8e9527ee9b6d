"""What counts as a change: a document gets a new version when both the export and its mapped content differ."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.journal.records import Fingerprints, KnownSeries, KnownVersion, VersionState
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.pipeline.fingerprints import (
    Change,
    decide,
    mapped_fingerprint,
    raw_differs,
    raw_parts,
    refresh_raw,
)

KEY = bytes(range(32))
AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

parts = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "2"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
contents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def version(number: int, raw: dict[str, str], mapped: str, *, handed_over: bool = True) -> KnownVersion:
    return KnownVersion(
        ids=DocumentIds(f"2.25.{number}", "2.25.1000", number),
        fingerprints=Fingerprints(raw, mapped),
        sha256="ab" * 32,
        size=1,
        state=VersionState.HANDED_OVER if handed_over else VersionState.BUILT,
        built_at=AT,
        run="r1",
        handed_over_at=AT if handed_over else None,
        versions={},
    )


def handed_over(raw: dict[str, str], mapped: str) -> KnownSeries:
    standing = version(1, raw, mapped)
    return KnownSeries("2.25.1000", "010000024", 1, latest=standing, standing=standing, replaced=standing)


# What is read


def test_a_part_changes_with_its_content_only():
    before = raw_parts({"plans": "1;PP", "actions": "a"}, KEY)
    after = raw_parts({"plans": "1;PP", "actions": "b"}, KEY)

    assert before["plans"] == after["plans"]
    assert before["actions"] != after["actions"]


def test_neither_content_nor_what_a_name_says_of_a_person_is_in_the_parts():
    made = raw_parts({"medecins/DUPONT": "x", "file/scan-DUPONT.pdf": "DUPONT", "plans": "DUPONT"}, KEY)

    assert "DUPONT" not in repr(made)
    assert sorted(name.partition("/")[0] for name in made) == ["file", "medecins", "plans"]


def test_the_same_content_in_two_parts_does_not_show():
    made = raw_parts({"plans": "x", "actions": "x"}, KEY)

    assert made["plans"] != made["actions"]


def test_another_key_gives_other_fingerprints():
    other = bytes(32)

    assert raw_parts({"plans": "x"}, KEY) != raw_parts({"plans": "x"}, other)
    assert mapped_fingerprint("x", KEY) != mapped_fingerprint("x", other)


def test_a_child_file_that_loses_its_last_row_differs():
    assert raw_differs(raw_parts({"plans": "x", "actions": "a"}, KEY), raw_parts({"plans": "x", "actions": ""}, KEY))


def test_a_part_that_only_one_mapping_reads_is_no_difference():
    assert not raw_differs({"plans": "1", "actions": "2"}, {"plans": "1", "team": "3"})


# What it became


@given(contents)
def test_the_order_of_keys_is_no_difference(content):
    def turned(value):
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    assert mapped_fingerprint(content, KEY) == mapped_fingerprint(turned(content), KEY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"titre": "é"}, {"titre": "e\u0301"}),
        ({"titre": None}, {}),
        (["a", "b"], ["b", "a"]),
        (["a", "b"], ["a,b"]),
        ("1", 1),
    ],
)
def test_contents_that_differ_have_other_fingerprints(one, other):
    assert mapped_fingerprint(one, KEY) != mapped_fingerprint(other, KEY)


def test_text_that_no_utf_8_can_hold_has_a_fingerprint_too():
    assert len(mapped_fingerprint({"titre": "\ud800"}, KEY)) == 64


def test_content_that_is_not_json_is_refused():
    with pytest.raises(TypeError):
        mapped_fingerprint({"date": AT}, KEY)  # type: ignore[dict-item]


# What follows


@pytest.mark.parametrize(
    ("raw", "mapped", "change"),
    [
        ("1", "m", Change.UNCHANGED),
        ("2", "m", Change.UNCHANGED),
        ("1", "n", Change.WOULD_DIFFER),
        ("2", "n", Change.CHANGED),
    ],
)
def test_a_new_version_needs_both_to_differ(raw, mapped, change):
    known = handed_over({"plans": "1"}, "m")

    decision = decide(known, {"plans": raw}, mapped)

    assert decision.change is change
    assert decision.version == known.replaced


def test_what_was_never_recorded_is_new():
    assert decide(None, {"plans": "1"}, "m").change is Change.NEW


def test_a_row_that_changed_without_effect_leaves_a_later_mapping_change_to_the_mapping():
    known = handed_over({"plans": "1"}, "m")
    touched = decide(known, {"plans": "2"}, "m")
    assert touched.refresh == {"plans": "2"}

    afterwards = decide(handed_over(dict(touched.refresh), "m"), {"plans": "2"}, "n")

    assert afterwards.change is Change.WOULD_DIFFER


def test_a_part_that_the_new_mapping_reads_is_watched_from_then_on():
    known = handed_over({"plans": "1"}, "m")
    remapped = decide(known, {"plans": "1", "team": "1"}, "n")
    assert remapped.change is Change.WOULD_DIFFER
    assert remapped.refresh is not None

    afterwards = decide(handed_over(dict(remapped.refresh), "m"), {"plans": "1", "team": "2"}, "o")

    assert afterwards.change is Change.CHANGED


def test_a_part_that_the_mapping_no_longer_reads_is_remembered():
    assert refresh_raw({"plans": "1", "team": "1"}, {"plans": "1"}) is None
    assert refresh_raw({"plans": "1", "team": "1"}, {"plans": "2"}) == {"plans": "2", "team": "1"}


def test_nothing_is_stored_anew_when_nothing_changed():
    assert decide(handed_over({"plans": "1"}, "m"), {"plans": "1"}, "m").refresh is None


@given(parts, parts, st.sampled_from("mn"))
def test_a_changed_mapping_alone_never_makes_a_version(old, read_more, mapped):
    same_export = {name: old.get(name, digest) for name, digest in read_more.items()}

    assert decide(handed_over(old, "m"), same_export, mapped).change in (Change.UNCHANGED, Change.WOULD_DIFFER)


def queued(waiting: KnownVersion, left: KnownVersion | None) -> KnownSeries:
    return KnownSeries("2.25.1000", "010000024", 1, latest=waiting, standing=waiting, replaced=left)


def test_a_version_that_waits_to_leave_stands_as_one_that_left():
    waiting = version(2, {"plans": "2"}, "n", handed_over=False)

    decision = decide(queued(waiting, version(1, {"plans": "1"}, "m")), {"plans": "2"}, "n")

    assert (decision.change, decision.version) == (Change.UNCHANGED, waiting)


def test_a_version_that_nobody_has_gives_way_to_any_other_content():
    waiting = version(1, {"plans": "1"}, "m", handed_over=False)

    # The mapping alone changed: nobody has the document yet, so the old one must not leave.
    assert decide(queued(waiting, None), {"plans": "1"}, "n").change is Change.CHANGED


def test_a_return_to_what_destinations_have_replaces_what_waits():
    left, waiting = version(1, {"plans": "1"}, "m"), version(2, {"plans": "2"}, "n", handed_over=False)

    assert decide(queued(waiting, left), {"plans": "1"}, "m").change is Change.CHANGED


def test_a_discarded_version_binds_nobody():
    discarded = version(1, {"plans": "1"}, "m", handed_over=False)
    known = KnownSeries("2.25.1000", "010000024", 1, latest=discarded, standing=None, replaced=None)

    assert decide(known, {"plans": "1"}, "m").change is Change.NEW
