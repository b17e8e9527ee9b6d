"""The header reader against facts of the official examples, written by hand, and against every CDA at hand."""

from __future__ import annotations

import csv
import hashlib
import re
from base64 import b64decode
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.reader import CdaDocument, read_cda
from tests.cda_mutations import mutant
from tests.shared import shared_path

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
REFERENCE = (SHARED or Path()) / "reference"
TABLE = Path(__file__).with_name("header_facts.csv")


def _facts() -> list[dict[str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines[1:], delimiter=";"))


FACTS = _facts()
EXAMPLES = sorted(
    str(path.relative_to(REFERENCE))
    for folder in ("cisis/ExemplesCDA", "cisis/tddui", "ins/cda")
    for path in (REFERENCE / folder).glob("*.xml")
)


def names(fact: dict[str, str]) -> str:
    return f"{fact['file'].rpartition('/')[2]}-{fact['term']}"


@cache
def document(file: str) -> CdaDocument:
    return read_cda((REFERENCE / file).read_bytes())


@cache
def without_namespaces(file: str) -> etree._Element:
    root = etree.parse(REFERENCE / file, etree.XMLParser(huge_tree=True)).getroot()
    for element in root.iter("*"):
        element.tag = etree.QName(element).localname
    return root


@cache
def header(file: str) -> etree._Element:
    """The document without its body: mutations of the large ones stay quick, and hit what is read."""
    root = etree.parse(REFERENCE / file, etree.XMLParser(huge_tree=True)).getroot()
    for body in root.findall("{urn:hl7-org:v3}component"):
        root.remove(body)
    return root


def term(found: object, path: str) -> str:
    """A term as the table writes it; a path that goes on below None ends there."""
    for step in path.split("."):
        if isinstance(found, tuple):
            found = found[int(step)]
        elif found is not None:
            found = getattr(found, step)
    if isinstance(found, bytes):
        return f"sha256:{hashlib.sha256(found).hexdigest()}"
    if isinstance(found, datetime):
        return found.isoformat()
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)


@pytest.mark.parametrize("fact", FACTS, ids=names)
def test_the_reader_says_what_a_person_read(fact: dict[str, str]) -> None:
    assert term(document(fact["file"]), fact["term"]) == fact["value"]


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["xpath"]], ids=names)
def test_the_table_says_what_the_xml_says(fact: dict[str, str]) -> None:
    assert without_namespaces(fact["file"]).xpath(f"string({fact['xpath']})") == fact["value"]


def test_the_table_is_spread_over_every_example_and_every_term() -> None:
    told = {file: sum(fact["file"] == file for fact in FACTS) for file in EXAMPLES}
    terms = {fact["term"].partition(".")[0] for fact in FACTS}
    derived = {"unique_id", "replaced", "principal_event", "format_code", "patient"}

    assert len(FACTS) >= 60
    assert {file for file, count in told.items() if count < 2} == set()
    assert set(CdaDocument.__dataclass_fields__) - terms == {"id", "patients"}
    assert derived <= terms


@pytest.mark.parametrize("file", EXAMPLES)
def test_no_official_example_makes_it_fail(file: str) -> None:
    read = document(file)

    assert read.patient is not None
    assert read.patient.ins is not None


def test_no_document_inside_an_official_message_makes_it_fail() -> None:
    """Level 1 and level 3 documents in base64 in HL7 v2 messages, and one as a MIME part."""
    read = 0
    for path in sorted((REFERENCE / "hl7v2").rglob("*.er7")):
        for carried in re.findall(rb"Base64\^([A-Za-z0-9+/]{200,}=*)", path.read_bytes()):
            data = b64decode(carried + b"=" * (-len(carried) % 4))
            if b"ClinicalDocument" in data[:1000]:
                assert read_cda(data).patient is not None, path.name
                read += 1
    mime = (REFERENCE / "xds/samples/dmp-gie-sv/TD2.1-alimentation-requete-mime.txt").read_bytes()
    for data in re.findall(rb"<ClinicalDocument.*?</ClinicalDocument>", mime, re.DOTALL):
        assert read_cda(data).patient is not None
        read += 1

    assert read >= 2


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_no_damage_to_an_official_header_makes_it_fail(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(EXAMPLES))
    seed = data.draw(st.integers(min_value=0))

    assert read_cda(mutant(header(file), seed)).body is not None
