"""YAML as a person wrote it: text, with places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.declared import Mapping, Problems, Scalar, load, loads, merge, plain
from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.findings import Finding, Place


def refused(data: bytes | str) -> list[str]:
    with pytest.raises(DeclarationInvalid) as error:
        loads(data, "f.yaml")
    return [finding.line() for finding in error.value.findings]


def test_scalars_stay_as_written() -> None:
    tree = loads('{a: 010770054, b: 1.10, c: NO, d: 07, e: 1:30, f: 0x1F, "1": 2026-11-21, g: "null"}', "f.yaml")
    assert plain(tree) == {
        "a": "010770054", "b": "1.10", "c": "NO", "d": "07", "e": "1:30", "f": "0x1F", "1": "2026-11-21", "g": "null",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a: NULL"])
def test_only_a_plain_null_is_null(text: str) -> None:
    assert plain(loads(text, "f.yaml")) == {"a": None}


def test_every_key_and_value_has_its_place() -> None:
    tree = loads("a:\n  - b: c\n", "f.yaml")
    assert isinstance(tree, Mapping)
    (inner,) = tree.get("a")  # type: ignore[misc, union-attr]
    ((key, place, value),) = inner.items()
    assert (key, place, value.place) == ("b", Place("f.yaml", 2, 5), Place("f.yaml", 2, 8))


def test_an_empty_file_is_an_empty_map() -> None:
    assert plain(loads("", "f.yaml")) == {}
    assert plain(loads("# only a comment", "f.yaml")) == {}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a: 1\na: 2", "f.yaml:2:1  key 'a' stands twice"),
        ("a: [1", "f.yaml:2:1  not valid YAML"),
        ("a: !!int 3", "f.yaml:1:4  anchors, aliases and tags are not used here"),
        ("a: &x 1\nb: *x", "f.yaml:1:4  anchors, aliases and tags are not used here"),
        (b"a: \xff", "f.yaml:1:1  the file is not UTF-8 text"),
        ("a: \x00", "not valid YAML"),
        ("[" * 100 + "]" * 100, "nested too deeply"),
        ("? [a]\n: b", "expected a key that is a single word"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_place(data: bytes | str, expected: str) -> None:
    assert any(expected in line for line in refused(data)), refused(data)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * 2_000_001)
    with pytest.raises(DeclarationInvalid):
        load(path)
    with pytest.raises(FileUnusable):
        load(tmp_path / "none.yaml")
    with pytest.raises(FileUnusable):
        load(tmp_path)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes | str) -> None:
    findings: tuple[Finding, ...] = ()
    try:
        loads(data, "f.yaml")
    except DeclarationInvalid as error:
        findings = error.findings
    for finding in findings:
        assert finding.line("fr")


def test_maps_merge_by_key_lists_replace_and_null_removes() -> None:
    base = loads("{a: {x: 1, y: 2}, b: [1, 2], c: 3}", "base.yaml")
    over = loads("{a: {y: null, z: 4}, b: [9], d: 5, e: null}", "over.yaml")
    merged = merge(base, over)
    assert plain(merged) == {"a": {"x": "1", "z": "4"}, "b": ["9"], "c": "3", "d": "5"}
    assert isinstance(merged, Mapping)
    inner = merged.get("a")
    assert isinstance(inner, Mapping)
    files = [value.place.file for value in (inner.get("x"), inner.get("z"), merged.get("b")) if value is not None]
    assert files == ["base.yaml", "over.yaml", "over.yaml"]


def test_problems_raise_only_for_errors() -> None:
    problems = Problems("f.yaml")
    problems.check()
    problems.unknown_key("colr", Place("f.yaml", 3, 1), ["color", "size"])
    with pytest.raises(DeclarationInvalid) as error:
        problems.check()
    assert error.value.findings[0].line() == "f.yaml:3:1  unknown key 'colr': did you mean 'color'?"


def test_a_scalar_knows_that_it_was_quoted_empty() -> None:
    tree = loads("a: ''", "f.yaml")
    assert isinstance(tree, Mapping)
    assert isinstance(tree.get("a"), Scalar)
    assert plain(tree) == {"a": ""}
