"""The words of IMAP commands, as the stand-in of an operator of MSSanté reads them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies

from dui_bridge.sandbox.mssante.imap_words import BadCommand, Word, found, literal, numbered, with_literal, words
from dui_bridge.sandbox.mssante.store import Mail

MAILS = [(n, Mail(n * 10, Path("none"), frozenset(), datetime(2026, 1, 1, tzinfo=UTC))) for n in range(1, 4)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT TO)]<0.10>)",
         ["UID", "FETCH", "1:*", ["FLAGS", "BODY.PEEK[HEADER.FIELDS (SUBJECT TO)]<0.10>"]]),
        (r'LOGIN "a \"b\" \\" c', ["LOGIN", 'a "b" \\', "c"]),
        ("STORE 1 +FLAGS (\\Seen ())", ["STORE", "1", "+FLAGS", ["\\Seen", []]]),
        ("", []),
    ],
)  # fmt: skip
def test_atoms_strings_and_lists_are_told_apart(text: str, read: list[object]) -> None:
    assert words(text) == read


@pytest.mark.parametrize("text", ["(", ")", '"', "(" * 30 + ")" * 30, "a[b", "]["])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(BadCommand):
        words(text)


def written(read: list[Word]) -> str:
    """Words as strings and lists."""
    escaped = [one if isinstance(one, list) else one.replace("\\", "\\\\").replace('"', '\\"') for one in read]
    return " ".join(f"({written(one)})" if isinstance(one, list) else f'"{one}"' for one in escaped)


@given(strategies.text(strategies.characters(max_codepoint=255)) | strategies.text('() "\\[]<>a{}'))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadCommand):
        read = words(text)
        assert words(written(read)) == read


@given(strategies.binary())
def test_a_literal_is_read_as_it_was_sent(data: bytes) -> None:
    line = b"x LOGIN {%d}\r\n" % len(data)
    assert literal(line) == (len(data), False)
    assert words(with_literal(line, data).decode("latin-1"))[2] == data.decode("latin-1")


def test_only_the_end_of_a_line_announces_a_literal() -> None:
    assert [literal(line) for line in (b"a {3}", b"a {3} b\r\n", b"a {3+}\r\n")] == [None, None, (3, True)]


@pytest.mark.parametrize(
    ("numbers", "by_uid", "meant"),
    [
        ("1,3", False, [1, 3]),
        ("10:20", True, [1, 2]),
        ("20:10", True, [1, 2]),
        ("25:*", True, [3]),
        ("99:*", True, [3]),
        ("*", False, [3]),
        ("4", False, []),
        ("1:4294967295", True, [1, 2, 3]),
    ],
)
def test_sequence_sets_mean_mails(numbers: str, by_uid: bool, meant: list[int]) -> None:
    assert [sequence for sequence, _ in numbered(MAILS, numbers, by_uid=by_uid)] == meant


@pytest.mark.parametrize("numbers", ["", "a", "1:", ":1", "1:2:3", "-1", "1,,2", "²"])
def test_what_is_no_sequence_set_is_refused(numbers: str) -> None:
    with pytest.raises(BadCommand):
        numbered(MAILS, numbers, by_uid=False)


def test_the_last_number_is_that_of_the_folder_whatever_else_is_asked() -> None:
    assert found(MAILS, words("SEEN UID 25:*")) == []
    assert found(MAILS, words("UID 10:20 UID 25:*")) == []
