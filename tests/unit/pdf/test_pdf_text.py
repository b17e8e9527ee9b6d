"""From any text to lines that can be drawn: normalisation, coverage, line breaking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.pdf.fonts import REPLACEMENT, Face, advances, prepare, width
from dui_bridge.pdf.linebreak import break_lines

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("12\u202f000\u00a0€", "12\u00a0000\u00a0€"),
        ("Jean\u2011Luc", "Jean-Luc"),
        ("e\u0301te\u0301", "été"),
        ("co\u00adopération\u200b", "coopération"),
        ("un\r\ndeux\rtrois", "un\ndeux\ntrois"),
        ("a\tb", "a b"),
        ("\uff21\u017f", "As"),
        ("Œuvre œ Ÿ Ł ș ğ Ж", "Œuvre œ Ÿ Ł ș ğ Ж"),
    ],
)
def test_text_keeps_its_letters_in_a_form_that_the_font_has(written: str, drawn: str) -> None:
    prepared = prepare(written)

    assert (prepared.text, prepared.replaced) == (drawn, ())


def test_a_character_without_glyph_is_a_box_and_is_listed_once() -> None:
    prepared = prepare("中 et 中, \x01")

    assert prepared.text == f"{REPLACEMENT} et {REPLACEMENT}, {REPLACEMENT}"
    assert prepared.replaced == ("中", "\x01")


@given(ANY_TEXT)
def test_prepared_text_is_always_covered_by_both_faces(text: str) -> None:
    prepared = prepare(text).text

    for face in Face:
        assert set(prepared) - {"\n"} <= set(advances(face))


@given(ANY_TEXT, st.sampled_from(Face), st.floats(6, 24), st.floats(5, 400))
def test_lines_lose_no_word_and_fit(text: str, face: Face, size: float, room: float) -> None:
    prepared = prepare(text).text

    lines = break_lines(prepared, face, size, room)

    words = [word for word in prepared.replace("\n", " ").split(" ") if word]
    assert [word for word in "".join(lines).split(" ") if word] == words
    for line in lines:
        drawn = line.rstrip(" ")
        assert width(drawn, face, size) <= room + 1e-6 or len(drawn) == 1


def test_a_word_without_any_space_is_cut_at_the_width() -> None:
    lines = break_lines("X" * 300, Face.BOLD, 11.5, 480)

    assert len(lines) > 3
    assert "".join(lines) == "X" * 300


def test_no_break_spaces_hold() -> None:
    assert break_lines("a bb\u00a0:", Face.REGULAR, 10, width("a bb", Face.REGULAR, 10)) == ("a ", "bb\u00a0:")
