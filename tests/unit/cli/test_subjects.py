"""What a person may name on the command line, and what is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.cli.subjects import Subject, parse_subject
from dui_bridge.pipeline.reports.errors import SubjectUnreadable


@given(st.sampled_from(["usager", "document", "delivery"]), st.integers(1, 10**17))
def test_a_numbered_subject_is_read_back(kind, number):
    assert parse_subject(f"{kind}-{number}") == Subject(kind, number, f"{kind}-{number}")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("20261122T020000Z-9f86d081", "run"), ("2.25.123456", "version"), ("1.2.250.1.213.1.4.8", "version")],
)
def test_a_run_and_a_unique_id_are_told_apart(text, kind):
    assert parse_subject(text) == Subject(kind, 0, text)


@pytest.mark.parametrize(
    "text", ["", "usager", "usager-", "usager-0", "usager-x", "usagers-1", "2.25.", "2", "1 2", "usager-1\n"]
)
def test_anything_else_is_refused_in_words(text):
    with pytest.raises(SubjectUnreadable) as refused:
        parse_subject(text)

    assert "usager-12" in refused.value.message("fr")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(SubjectUnreadable):
        assert parse_subject(text).text == text
