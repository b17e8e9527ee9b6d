"""Packs: where they live, what a path is, adding and removing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dui_bridge.cli.pack_command import app
from dui_bridge.errors import FileUnusable
from dui_bridge.validation import cisis_pack
from dui_bridge.validation.packs import (
    Kind,
    PackUnknown,
    PackUnusable,
    add_pack,
    find_pack,
    home,
    list_packs,
    recognise,
    remove_pack,
)

SCH = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="h" uri="urn:hl7-org:v3"/>
<pattern><rule context="h:ClinicalDocument">
<assert test="h:code/@code = doc('{doc}')//concept/@code">J07</assert></rule>
</pattern></schema>"""
XSD = '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:include schemaLocation="general/part.xsd"/></s:schema>'
PART = '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:element name="a"/></s:schema>'
J07 = '<s xmlns="urn:ihe:iti:svs:2008"><Concept code="80788-3" codeSystem="2.16" displayName="Projet"/></s>'
TYPE_CODES = "include/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of an invented XSD and header Schematron, which lacks the table that the Schematron opens."""
    root = tmp_path / "download" / "suite"
    for name, text in {
        cisis_pack.SCHEMA: XSD,
        "infrastructure/cda/general/part.xsd": PART,
        cisis_pack.STRUCTURE: SCH.format(doc=TYPE_CODES),
        "jeuxDeValeurs/JDV_J07_XdsTypeCode_CISIS.xml": J07,
        "ExemplesCDA/example.xml": "<a/>",
        "moteur/run.jar": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DUI_BRIDGE_HOME": "/a", "XDG_DATA_HOME": "/b"}, "/a"),
        ({"XDG_DATA_HOME": "/b"}, "/b/dui-bridge"),
        ({"XDG_DATA_HOME": "relative"}, str(Path.home() / ".local/share/dui-bridge")),
        ({}, str(Path.home() / ".local/share/dui-bridge")),
    ],
)
def test_the_folder_is_named_by_the_environment(environment: dict[str, str], expected: str) -> None:
    assert str(home(environment)) == expected


def test_a_pack_is_a_checked_copy_of_what_is_used(suite: Path, tmp_path: Path) -> None:
    pack = add_pack(suite, tmp_path / "home")
    assert (pack.name, pack.folder) == ("ci-sis", tmp_path / "home" / "packs" / "ci-sis")
    copied = {p.relative_to(pack.folder).as_posix() for p in pack.folder.rglob("*") if p.is_file()}
    assert cisis_pack.STRUCTURE in copied
    assert not {"ExemplesCDA/example.xml", "moteur/run.jar"} & copied
    assert list_packs(tmp_path / "home") == (pack,) == (find_pack(Kind.CISIS, tmp_path / "home"),)


def test_the_table_of_types_that_the_suite_lacks_is_made_of_its_value_set(suite: Path, tmp_path: Path) -> None:
    pack = add_pack(suite, tmp_path)
    assert not any("471" in english for english, _ in pack.lacks)
    table = pack.folder / Path(cisis_pack.STRUCTURE).parent / TYPE_CODES
    assert '<concept code="80788-3" codeSystem="2.16" displayName="Projet"/>' in table.read_text()


def test_what_a_pack_lacks_is_named(suite: Path, tmp_path: Path) -> None:
    (suite / "jeuxDeValeurs" / "JDV_J07_XdsTypeCode_CISIS.xml").unlink()
    lacks = "\n".join(english for english, _ in add_pack(suite, tmp_path).lacks)
    assert "IHE: not usable, the file is absent" in lacks
    assert "CI-SIS_IPS-FR_2024.01: not usable, the file is absent" in lacks
    assert f"it reads {TYPE_CODES}, which is absent" in lacks
    assert "LOINC (2.16.840.1.113883.6.1)" in lacks


def test_the_folder_above_the_suite_is_recognised_too(suite: Path) -> None:
    assert recognise(suite.parent) == (Kind.CISIS, suite)


def test_other_kinds_are_recognised_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "fhir").mkdir()
    (tmp_path / "fhir" / "package.json").write_text("{}")
    with pytest.raises(PackUnusable, match="kind fhir"):
        add_pack(tmp_path / "fhir", tmp_path)


def test_a_suite_whose_schema_or_header_rules_do_not_work_is_refused_and_nothing_changes(
    suite: Path, tmp_path: Path
) -> None:
    first = add_pack(suite, tmp_path)
    (suite / cisis_pack.SCHEMA).write_text("<broken")
    with pytest.raises(PackUnusable, match=r"CDA_extended\.xsd: not usable"):
        add_pack(suite, tmp_path)
    assert list_packs(tmp_path) == (first,)
    assert [p.name for p in (tmp_path / "packs").iterdir()] == ["ci-sis"]


def test_adding_again_replaces(suite: Path, tmp_path: Path) -> None:
    first = add_pack(suite, tmp_path)
    (suite / "infrastructure" / "cda" / "general" / "part.xsd").write_text(PART.replace('"a"', '"b"'))
    second = add_pack(suite, tmp_path)
    assert first.fingerprint != second.fingerprint
    assert list_packs(tmp_path) == (second,)


@pytest.mark.parametrize(("name", "error"), [("absent", FileUnusable), (".", PackUnusable)])
def test_a_path_that_is_no_pack_is_refused(tmp_path: Path, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        add_pack(tmp_path / name, tmp_path / "home")


def test_a_pack_is_removed_by_its_name(suite: Path, tmp_path: Path) -> None:
    add_pack(suite, tmp_path)
    with pytest.raises(PackUnknown, match="did you mean ci-sis"):
        remove_pack("cisis", tmp_path)
    remove_pack("ci-sis", tmp_path)
    assert list_packs(tmp_path) == ()


def test_the_commands(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUI_BRIDGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C")
    runner = CliRunner()
    assert "no pack in" in runner.invoke(app, ["list"]).stdout
    added = runner.invoke(app, ["add", str(suite)])
    assert added.exit_code == 0
    assert "  lacks: IHE: not usable" in added.stdout
    (listed,) = json.loads(runner.invoke(app, ["list", "--json"]).stdout)
    assert (listed["name"], listed["kind"]) == ("ci-sis", "ci-sis")
    assert runner.invoke(app, ["remove", "ci-sis"]).exit_code == 0
    assert list_packs() == ()
