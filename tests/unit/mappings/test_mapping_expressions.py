"""JMESPath is checked, and bounded by construction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Problems
from dui_bridge.findings import Place
from dui_bridge.mappings.expressions import Expression, compile_expression


def compiled(text: str) -> tuple[Expression | None, list[str]]:
    problems = Problems("m.yaml")
    expression = compile_expression(text, Place("m.yaml", 1), problems)
    return expression, [finding.message() for finding in problems.findings]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a.b.c", ("a",)),
        ("ids[?type=='INS' && x].valeur | [0]", ("ids",)),
        ("contains(a, 'x') || b[0] == c.d", ("a", "b", "c")),
        ("@.a", ("a",)),
        ('"Prénom"', ("Prénom",)),
        ("!a", ("a",)),
        ("length(a[]) > `2`", ("a",)),
        ("not_null(a, b)", ("a", "b")),
    ],
)
def test_the_columns_that_an_expression_starts_from_are_known(text: str, columns: tuple[str, ...]) -> None:
    expression, findings = compiled(text)
    assert findings == []
    assert expression is not None
    assert expression.columns == columns


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("a.b.c", ("a.b.c",)),
        ("ids[?type=='INS' && x].valeur | [0]", ("ids[].valeur[0]",)),
        ("contains(a.x, 'x') || b[0].e == c.d", ("a.x", "b[0].e", "c.d")),
        ("@.a.b", ("a.b",)),
        ("a.*.b", ("a.*.b",)),
        ("length(a.b[].c[]) > `2`", ("a.b[].c[]",)),
        ("join(' ', identite.prenoms)", ("identite.prenoms",)),
        ("not_null(a.b, c)[0].d", ("a.b", "c")),
    ],
)
def test_the_whole_paths_that_an_expression_follows_are_known(text: str, paths: tuple[str, ...]) -> None:
    expression, findings = compiled(text)
    assert findings == []
    assert expression is not None
    assert expression.paths == paths


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a[?b<'3']", "< or > on text"),
        ("a >= b", "< or > on text"),
        ("[a, b]", "multi select list"),
        ("{a: b}", "multi select dict"),
        ("sort_by(a, &b)", "sort_by()"),
        ("map(&a, b)", "map()"),
        ("to_string(a)", "to_string()"),
        ("a" * 301, "too much"),
        ("(" * 25 + "a" + ")" * 25, "too much"),
        (".".join("a" * 100), "too much"),
        ("a.", "does not parse"),
        ("", "does not parse"),
        ("a[?", "does not parse"),
        ("nope(a)", "nope()"),
    ],
)
def test_what_is_not_plain_is_refused(text: str, part: str) -> None:
    expression, findings = compiled(text)
    assert expression is None
    assert len(findings) == 1
    assert part in findings[0]


def test_the_position_of_a_fault_is_said() -> None:
    assert compiled("identifiants[?type=='INS-NIR")[1] == [
        "expression does not parse: identifiants[?type=='INS-NIR   (position 20)"
    ]


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[",
        "]",
        "[]",
        "*",
        "?",
        "==",
        "'x'",
        "`1`",
        "(",
        ")",
        "|",
        "&&",
        "!",
        "length",
        ",",
        "<",
        "@",
        "-1",
        ":",
    ]
)
CELLS = st.recursive(
    st.none() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40), st.dictionaries(st.sampled_from("ab"), CELLS))
def test_no_text_breaks_the_check_and_no_data_breaks_the_search(text: str, cells: dict[str, object]) -> None:
    expression, findings = compiled(text)
    assert (expression is None) is bool(findings)
    if expression is not None:
        try:
            expression.search(cells)
        except JMESPathError:
            return
