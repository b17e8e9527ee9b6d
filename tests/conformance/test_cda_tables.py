"""Our code tables hold exactly what the published value sets hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.data.codes import codes, document_types
from dui_bridge.model.accompagnement import TypeDocument
from tests.shared import shared_path

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")
CISIS = Path(SHARED or ".", "reference", "cisis")

VALUE_SETS = {
    "professions": "JDV_J01",
    "facility_types": "JDV_J02",
    "practice_settings": "JDV_J04",
    "document_types": "JDV_J07",
    "relations": "JDV_J11",
    "functions": "JDV_J47",
    "encounters": "JDV_J142",
    "genders": "JDV_J143",
    "participations": "JDV_J144",
    "civilites": "JDV_J245",
    "titres": "JDV_J246",
}


def published(value_set: str) -> list[tuple[str, str, str]]:
    (file,) = (CISIS / "jeuxDeValeurs").glob(f"{value_set}_*.xml")
    concepts = etree.parse(str(file)).getroot().iter("{urn:ihe:iti:svs:2008}Concept")
    return [(c.get("code", ""), c.get("codeSystem", ""), c.get("displayName", "")) for c in concepts]


@pytest.mark.parametrize(("table", "value_set"), VALUE_SETS.items())
def test_a_table_holds_every_concept_of_its_value_set_and_no_other(table: str, value_set: str) -> None:
    ours = [(c.code, c.system, c.display) for c in codes(table).values()]
    assert ours == published(value_set)


def test_confidentiality_holds_the_codes_of_the_header_value_set() -> None:
    folder = CISIS / "schematrons" / "profils" / "structurationMinimale" / "include"
    root = etree.parse(str(folder / "voc-2.16.840.1.113883.1.11.10228-DYNAMIC.xml")).getroot()
    expected = {(c.get("code"), c.get("codeSystem")) for c in root.iter("concept")}
    assert {(c.code, c.system) for c in codes("confidentiality").values()} == expected


def test_confidentiality_displays_are_the_french_ones_where_they_exist() -> None:
    french = {code: display for code, system, display in published("JDV_J08") if system == "2.16.840.1.113883.5.25"}
    assert {code: codes("confidentiality")[code].display for code in french} == french


@pytest.mark.parametrize("kind", document_types())
def test_a_document_has_the_published_type_format_and_class(kind: str) -> None:
    row = document_types()[kind]
    assert TypeDocument(kind)
    assert row.coded == codes("document_types")[row.coded.code]
    formats = {tuple(line.split("\t")[:2]) for line in _lines("formatCode.tsv")}
    assert (row.template, row.format_code) in formats
    classes = {line.split("\t")[0]: line.split("\t")[2] for line in _lines("typeClass.tsv")}
    assert classes[row.coded.code] == row.class_code


def _lines(name: str) -> list[str]:
    return [line for line in (CISIS / name).read_text(encoding="utf-8").splitlines() if line.count("\t") >= 2]
