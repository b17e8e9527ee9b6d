"""IPS-FR documents pass the official schema and Schematrons, and their tables are the published ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.data.codes import codes, rows, structured_types
from dui_bridge.findings import Severity
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.rules import Use
from tests.ips_dossiers import IPS_VARIANTS
from tests.shared import shared_path

SHARED = shared_path()
CISIS = (SHARED or Path()) / "reference" / "cisis"

needs_shared = pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")


@needs_shared
def test_the_judge_finds_no_problem_in_any_ips_document(tmp_path: Path) -> None:
    pytest.importorskip("saxonche", reason="the judge needs saxonche")
    for name, build in IPS_VARIANTS.items():
        (tmp_path / f"{name}.xml").write_bytes(build())

    judge = CISIS.parent.parent / "judges" / "cda.py"
    judged = subprocess.run(
        [sys.executable, judge, CISIS, *sorted(tmp_path.glob("*.xml"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert judged.stdout.count(" 0 problems ") == len(IPS_VARIANTS)


@needs_shared
@pytest.mark.parametrize("kind", structured_types())
def test_a_structured_document_has_the_published_type_format_and_class(kind: str) -> None:
    row = structured_types()[kind]
    assert row.coded == codes("document_types")[row.coded.code]
    formats = {tuple(line.split("\t")[:2]) for line in _lines("formatCode.tsv")}
    assert (row.template, row.format_code) in formats
    classes = {line.split("\t")[0]: line.split("\t")[2] for line in _lines("typeClass.tsv")}
    assert classes[row.coded.code] == row.class_code


@needs_shared
@pytest.mark.parametrize(
    ("table", "value_sets"),
    [
        ("ips_absent", ["Problem", "Procedure", "Allergy", "Medication", "Devices", "Immunization"]),
        ("ips_vital_signs", ["SignesVitaux"]),
        ("ips_allergy_types", ["TypeEvenementIndesirablePrevisible"]),
        ("ips_values", ["HL7_ConditionClinical", "HL7_allergyintolerance_clinical", "GIR"]),
    ],
)
def test_every_code_of_a_table_is_published_with_its_display(table: str, value_sets: list[str]) -> None:
    names = [f"AbsentOrUnknown{name}" if table == "ips_absent" else name for name in value_sets]
    published = {
        (c.get("code"), c.get("codeSystem"), c.get("displayName"))
        for name in names
        for c in etree.parse(str(CISIS / "jeuxDeValeurs" / f"JDV_{name}_CISIS.xml")).iterfind(".//{*}Concept")
    }
    ours = {
        (row["code"], row["systeme"], row["libelle"])
        for row in rows(table)
        if row["code"] and row.get("champ") != "allergie.gravite"
    }
    assert ours
    assert ours <= published


@needs_shared
def test_every_route_is_one_of_the_official_list() -> None:
    folder = CISIS / "schematrons" / "profils" / "terminologies" / "terminologie"
    root = etree.parse(str(folder / "0.4.0.127.0.16.1.1.2.1.rdf"))
    published = {node.text for node in root.iter("{http://www.w3.org/2004/02/skos/core#}notation")}
    assert {row["code"] for row in rows("ips_routes")} <= published


@pytest.mark.parametrize("name", IPS_VARIANTS)
def test_our_own_rules_find_nothing_wrong_in_an_ips_document(name: str) -> None:
    findings = validate_cda(IPS_VARIANTS[name](), Use.SENT, ours=True)
    assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


def _lines(name: str) -> list[str]:
    return [line for line in (CISIS / name).read_text(encoding="utf-8").splitlines() if line.count("\t") >= 2]
