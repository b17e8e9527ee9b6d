"""A JSON text cut into the elements of one of its lists."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dui_bridge.connectors.wire import json_stream
from dui_bridge.connectors.wire.double_utf8 import undouble
from dui_bridge.connectors.wire.json_stream import Broken, JsonList
from dui_bridge.connectors.wire.json_text import NotJson, Repeated, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def cut(text: str, path: tuple[str, ...] = ("residents",)) -> list[str]:
    return list(JsonList(io.StringIO(text), path))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(VALUES), VALUES, st.integers(1, 9), st.sampled_from([None, 1]))
def test_the_elements_are_those_of_the_json_module_whatever_the_size_of_a_block(items, beside, block, indent):
    text = json.dumps({"avant": beside, "residents": items, "après": beside}, indent=indent, ensure_ascii=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", block)

        assert [json.loads(element) for element in cut(text)] == items


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(VALUES, min_size=1), st.data())
def test_a_text_cut_anywhere_is_never_taken_for_a_whole_one(items, data):
    text = json.dumps({"residents": items})
    end = data.draw(st.integers(0, len(text) - 1))

    with pytest.raises(Broken) as broken:
        cut(text[:end])
    assert broken.value.cut


@pytest.mark.parametrize(
    "text",
    [
        '{"residents": [1] "suite": 2}',
        '{"residents": [1,]}',
        '{"residents": [,1]}',
        '{"residents": [1}, 2]}',
        '{"residents": [{"a": [1}]]}',
        '{"residents": []} {}',
        '{"residents": [1], "residents": [2]}',
        '{"autres": []}',
        '{"residents": null}',
        "[]",
        '{"residents": [' + "[" * 300 + "]" * 300 + "]}",
    ],
)
def test_what_is_no_list_of_that_name_is_refused(text: str):
    with pytest.raises(Broken):
        cut(text)


def test_the_keys_beside_the_list_are_kept_as_text():
    pages = JsonList(io.StringIO('{"total": 12, "residents": [], "suivant": "abc"}'), ("residents",))

    assert list(pages) == []
    assert pages.beside == {"total": "12", "suivant": '"abc"'}


def test_a_list_below_other_keys_and_a_bare_list():
    assert cut('{"data": {"n": 1, "residents": [{"a": "]"}]}}', ("data", "residents")) == ['{"a": "]"}']
    assert list(JsonList(io.StringIO("[1, 2]"), ("residents",), or_bare=True)) == ["1", "2"]


def test_an_element_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_stream, "LARGEST_ELEMENT", 200_000)

    with pytest.raises(Broken, match="too long"):
        cut('{"residents": ["' + "a" * 500_000 + '"]}')


def test_what_was_given_is_forgotten():
    elements = JsonList(
        io.StringIO('{"residents": [' + ",".join(['"' + "a" * 1000 + '"'] * 1000) + "]}"), ("residents",)
    )

    for _ in elements:
        assert len(elements._buffer) < 3 * json_stream._CHUNK


def test_numbers_stay_as_written():
    assert parse_json("[1.10, 1E5, -0, 123456789012345678901234567890]") == [
        "1.10",
        "1E5",
        "-0",
        "123456789012345678901234567890",
    ]


def test_a_repeated_key_is_marked_and_neither_value_kept():
    found = parse_json('{"a": 1, "b": 2, "a": 3}')

    assert isinstance(found, Repeated)
    assert (found.names, dict(found)) == (("a",), {"b": "2"})


@pytest.mark.parametrize("text", ["", "{", "nul", "'a'", '{"a": 1,}', '"a\nb"', "[" * 100_000, "01"])
def test_what_is_not_json_is_refused(text: str):
    with pytest.raises(NotJson):
        parse_json(text)


FRENCH = st.text(st.sampled_from("abcdefgh éèêëàâäîïôöùûüçœæÉÈÀÇŒ«»’“”–…€°  '-"))


@given(FRENCH.filter(lambda text: not text.isascii() and "â€" not in text))
def test_text_encoded_twice_is_seen_and_its_meaning_found(text: str):
    doubled = text.encode().decode("latin-1")

    assert undouble(doubled) == text


def test_text_encoded_twice_by_way_of_windows():
    assert undouble("RenÃ© GrandjeÅ“ur dâ€™AllonnÃ¨s") == "René Grandjeœur d’Allonnès"
    assert undouble("RenÃƒÂ©") == "René"


@given(FRENCH)
def test_sound_french_text_is_left_alone(text: str):
    assert "â€" in text or undouble(text) is None


@pytest.mark.parametrize("text", ["CAFÉ»", "« ÂGE »", "Zoë", "NOËL–PÂQUES", "château", "ÎLE°"])
def test_words_that_look_like_it(text: str):
    assert undouble(text) is None
