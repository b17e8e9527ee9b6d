"""Cutting XPath at its tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.validation.schematron.contexts import groups
from dui_bridge.validation.schematron.schema import Pattern, Rule
from dui_bridge.validation.schematron.xpath import is_string, quoted, split, tokens, unquoted, variables

NAMES = {"h": "urn:hl7-org:v3", "cda": "urn:hl7-org:v3", "x": "urn:x"}


@given(st.text())
def test_a_string_literal_is_one_token_and_keeps_its_value(text: str) -> None:
    (token,) = tokens(quoted(text))
    assert is_string(token)
    assert unquoted(token) == text


@given(st.text(alphabet="ab:@/[]()'\"$=* \n|."))
def test_nothing_but_blanks_is_lost(text: str) -> None:
    assert (
        "".join(tokens(text)).replace(" ", "") == text.replace(" ", "").replace("\n", "") or "'" in text or '"' in text
    )


def test_a_comment_counts_as_a_blank() -> None:
    assert tokens("a (: doc('x') :)|b") == ["a", " ", " ", "|", "b"]


def test_it_is_cut_outside_of_brackets_only() -> None:
    parts = list(split(tokens("a[b|c]|d(e|f)"), frozenset({"|"})))
    assert ["".join(part) for _, part in parts] == ["a[b|c]", "d(e|f)"]


def test_variables_that_an_expression_binds_itself_are_not_used_ones() -> None:
    assert variables("for $x in $list return ($x, $y-1, '$z')") == {"list", "y-1"}


def nodes(*contexts: str) -> list[tuple[int, str | None]]:
    found = groups(Pattern("p", tuple(Rule(context, ()) for context in contexts)), {}, NAMES)
    return [(len(group.rules), group.nodes) for group in found]


def test_a_template_is_looked_up_by_key() -> None:
    key = "key('sch:template', '1.2', /)"
    assert nodes("*[h:templateId/@root = '1.2']") == [(1, key)]
    assert nodes("h:act[h:templateId[@root='1.2']][@x]/h:code") == [(1, f"{key}[self::h:act]/h:code")]
    assert nodes("*[h:templateId/@root='9']//*[@y and h:templateId/@root='1.2']") == [(1, key)]


@pytest.mark.parametrize(
    "context", ["*[h:templateId/@root='1.2' or @x]", "*[not(h:templateId/@root='1.2')]", "*[x:templateId/@root='1.2']"]
)
def test_a_template_that_is_not_asked_for_is_not_looked_up(context: str) -> None:
    assert "key" not in str(nodes(context))


def test_rules_that_cannot_meet_are_apart() -> None:
    assert [count for count, _ in nodes("//h:a/h:b", "//h:a/h:c", "//h:x/h:b")] == [1, 1, 1]


@pytest.mark.parametrize(
    "contexts",
    [("h:a/h:b", "h:b"), ("h:b", "cda:b"), ("h:a/*", "h:a/h:b"), ("h:a//h:b", "h:x/h:b"), ("node()", "h:b")],
)
def test_rules_that_may_meet_compete(contexts: tuple[str, str]) -> None:
    assert [count for count, _ in nodes(*contexts)] == [2]


@pytest.mark.parametrize("context", ["id('x')", "key('a', 'b')/c", "h:a except h:b", "element(h:a)"])
def test_a_context_that_is_not_understood_is_tried_on_every_node(context: str) -> None:
    assert nodes(context) == [(1, None)]
