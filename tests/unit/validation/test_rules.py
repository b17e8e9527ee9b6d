"""The table of rules, the values they check, and hostile documents."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.findings import Severity
from dui_bridge.validation.cda_document import place, text_of
from dui_bridge.validation.cda_rules import MAX_FINDINGS, validate_cda
from dui_bridge.validation.cda_values import is_instant, is_oid, is_time
from dui_bridge.validation.rules import CDA_RULES, Use
from tests.cda_dossiers import built

ORIGINAL = built()


def test_a_rule_has_one_number_and_texts_with_the_same_placeholders_in_both_languages() -> None:
    assert len({row.rule.id for row in CDA_RULES}) == len(CDA_RULES)
    for row in CDA_RULES:
        placeholders = [set(re.findall(r"{(\w+)}", text)) for text in (row.rule.en, row.rule.fr)]
        assert placeholders[0] == placeholders[1], row.rule.id


def test_a_rule_is_never_worse_when_received() -> None:
    order = [Severity.INFO, Severity.WARNING, Severity.ERROR]
    assert all(order.index(row.severity(Use.RECEIVED)) <= order.index(row.severity(Use.SENT)) for row in CDA_RULES)


@pytest.mark.parametrize(
    ("value", "time_", "instant"),
    [
        ("2026", True, False),
        ("202602", True, False),
        ("20260228", True, False),
        ("20260229", False, False),
        ("2026022823", True, False),
        ("202602282359", True, False),
        ("202602282359+0100", True, True),
        ("20260228235959-0930", True, True),
        ("20260228245959+0100", False, True),
        ("2026-02-28", False, False),
        ("20260228+0100", True, False),
        ("2026022823+0100", True, False),
        ("20260228T120000", False, False),
        ("٢٠٢٦", False, False),
        ("", False, False),
    ],
)
def test_what_is_a_time_and_what_is_an_instant(value: str, time_: bool, instant: bool) -> None:
    assert (is_time(value), is_instant(value)) == (time_, instant)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.2.250.1.71", True),
        ("2.25.0", True),
        ("2.25.01", False),
        ("3.1", False),
        ("2", False),
        ("123e4567-e89b-12d3-a456-426614174000", True),
        ("doc", False),
        (None, False),
    ],
)
def test_what_is_an_oid(value: str | None, expected: bool) -> None:
    assert is_oid(value) is expected


def test_a_place_is_a_path_that_a_person_can_follow() -> None:
    root = etree.fromstring("<a xmlns='urn:hl7-org:v3'><b/><b><c/></b></a>")
    assert place(root[1][0]) == "/a/b[2]/c"


def test_the_text_around_a_comment_is_kept() -> None:
    assert text_of(etree.fromstring("<a> x<!-- not this -->\n y</a>")) == "x y"


def test_a_document_with_fifty_thousand_faults_is_told_in_a_bounded_way_and_time() -> None:
    author = b"<author><time/></author>"
    started = time.monotonic()
    findings = validate_cda(ORIGINAL.replace(b"<author>", author * 50_000 + b"<author>", 1), Use.RECEIVED)
    assert len(findings) <= MAX_FINDINGS + 10
    assert time.monotonic() - started < 20


def test_a_deep_document_does_not_break_the_checks() -> None:
    deep = b"<addr>" * 200 + b"</addr>" * 200
    assert validate_cda(ORIGINAL.replace(b"<patientRole>", b"<patientRole>" + deep, 1), Use.SENT)
    deeper = b"<addr>" * 100_000 + b"</addr>" * 100_000
    assert validate_cda(ORIGINAL.replace(b"<patientRole>", b"<patientRole>" + deeper, 1), Use.SENT)


@given(st.data())
def test_a_document_damaged_anywhere_gives_findings_and_never_an_exception(data: st.DataObject) -> None:
    root = etree.fromstring(ORIGINAL)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from(elements))
        parent = element.getparent()
        match data.draw(st.sampled_from(["remove", "text", "attribute", "null", "comment", "copy"])):
            case "remove" if parent is not None:
                parent.remove(element)
            case "text":
                element.text = data.draw(st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
            case "attribute" if element.attrib:
                name = data.draw(st.sampled_from(sorted(str(key) for key in element.attrib)))
                element.set(name, data.draw(st.text(st.characters(codec="utf-8", exclude_categories=["C"]))))
            case "null":
                element.attrib.clear()
                element.set("nullFlavor", "UNK")
            case "comment":
                element.insert(0, etree.Comment("x"))
            case "copy" if parent is not None:
                parent.append(etree.fromstring(etree.tostring(element)))
    for use in Use:
        for finding in validate_cda(etree.tostring(root), use):
            assert finding.message("en")
            assert finding.message("fr")


@given(st.binary(max_size=200), st.integers(0, len(ORIGINAL)))
def test_any_bytes_give_findings_and_never_an_exception(noise: bytes, at: int) -> None:
    validate_cda(noise, Use.RECEIVED)
    validate_cda(ORIGINAL[:at] + noise + ORIGINAL[at + len(noise) :], Use.RECEIVED)
