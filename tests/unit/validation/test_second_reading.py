"""The second reading of small schemas, and what `pack add` tells of a damaged value set with it."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from shared import shared_path

from dui_bridge.validation import cisis_pack, second_reading, value_sets
from dui_bridge.validation.packs import add_pack
from dui_bridge.validation.second_reading import MAX_BYTES, MAX_REASONS, SecondReadingUnusable, explain
from dui_bridge.xmlsafe import XmlRefused

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
SCHEMA = f"""<xs:schema {XS}><xs:element name="list"><xs:complexType><xs:sequence>
<xs:element name="item" maxOccurs="unbounded"><xs:complexType><xs:attribute name="code" type="xs:integer" use="required"/>
</xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
GOOD = """<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2.3" displayName="JDV" effectiveDate="x">
<ConceptList><Concept code="A" codeSystem="1.2" displayName="Un"/><Concept code="B" codeSystem="1.2" displayName="Deux"/>
</ConceptList></ValueSet></RetrieveValueSetResponse>"""
DAMAGED = GOOD.replace('code="B" ', "")
HEADER = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="h" uri="urn:hl7-org:v3"/>
<pattern><rule context="h:ClinicalDocument">
<assert test="h:code/@code = doc('../../../jeuxDeValeurs/JDV_X.xml')//@code">X</assert></rule></pattern></schema>"""
PATH = "/RetrieveValueSetResponse/ValueSet/ConceptList/Concept[2]"


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    file = tmp_path / "schema" / "list.xsd"
    file.parent.mkdir()
    file.write_text(SCHEMA)
    return file


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of an invented schema and header Schematron, which reads the value set JDV_X."""
    root = tmp_path / "suite"
    for name, text in {
        cisis_pack.SCHEMA: f'<xs:schema {XS}><xs:element name="a"/></xs:schema>',
        cisis_pack.STRUCTURE: HEADER,
        "jeuxDeValeurs/JDV_X.xml": GOOD,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def told(suite: Path, home: Path, language: int = 0) -> list[str]:
    return [texts[language] for texts in add_pack(suite, home).lacks if "JDV_X" in texts[language]]


class TestExplain:
    def test_a_fault_is_told_with_its_path_and_its_reason(self, schema: Path) -> None:
        reasons = explain(schema, b'<list><item code="1"/><item/></list>')
        assert reasons == [("/list/item[2]", "missing required attribute 'code'")]

    def test_nothing_is_told_of_a_document_that_follows_the_schema(self, schema: Path) -> None:
        assert explain(schema, b'<list><item code="1"/></list>') == []

    def test_a_few_reasons_are_told_of_many_each_on_a_short_line(self, schema: Path) -> None:
        long = b'<item code="' + b"x\n" * 1000 + b'"/>'
        reasons = explain(schema, b"<list>" + long * 50 + b"</list>")
        assert len(reasons) == MAX_REASONS
        assert all(len(reason) <= 300 and "\n" not in reason for _, reason in reasons)

    @pytest.mark.parametrize(
        ("document", "reason"),
        [
            (b"<list>", "not_xml"),
            (b'<!DOCTYPE list [<!ENTITY a "b">]><list>&a;</list>', "doctype"),
            (b"<list>" + b" " * MAX_BYTES + b"</list>", "too_large"),
        ],
    )
    def test_what_the_bridge_does_not_read_is_refused_first(
        self, schema: Path, document: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(second_reading, "_built", lambda _: pytest.fail("xmlschema got the document"))
        with pytest.raises(XmlRefused, match=reason):
            explain(schema, document)

    @pytest.mark.parametrize("address", ["http://127.0.0.1:9/other.xsd", "../outside.xsd"])
    def test_a_schema_that_leads_out_of_its_folder_is_not_followed(
        self, schema: Path, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was asked"))
        (schema.parent.parent / "outside.xsd").write_text(f"<xs:schema {XS}/>")
        include = f'<xs:schema {XS}><xs:include schemaLocation="{address}"/>'
        schema.write_text(SCHEMA.replace(f"<xs:schema {XS}>", include))
        with pytest.raises(SecondReadingUnusable):
            explain(schema, b"<list/>")

    def test_the_schema_that_a_document_names_is_not_looked_for(
        self, schema: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was asked"))
        hint = b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:noNamespaceSchemaLocation="http://127.0.0.1:9/a.xsd"'
        assert explain(schema, b"<list " + hint + b'><item code="1"/></list>') == []

    @pytest.mark.parametrize("text", ["<xs:schema", f'<xs:schema {XS}><xs:element ref="absent"/></xs:schema>', None])
    def test_without_a_schema_there_is_no_second_reading(self, schema: Path, text: str | None) -> None:
        schema.write_text(text) if text else schema.unlink()
        with pytest.raises(SecondReadingUnusable):
            explain(schema, b"<list/>")


class TestPackAdd:
    def test_nothing_is_told_of_a_whole_value_set(self, suite: Path, tmp_path: Path) -> None:
        assert told(suite, tmp_path) == []

    @pytest.mark.parametrize(
        ("language", "line"),
        [
            (0, f"value set JDV_X: damaged at {PATH}: missing required attribute 'code'"),
            (1, f"jeu de valeurs JDV_X : endommagé en {PATH} : missing required attribute 'code'"),
        ],
    )
    def test_a_damaged_value_set_is_told_with_the_place(
        self, suite: Path, tmp_path: Path, language: int, line: str
    ) -> None:
        (suite / "jeuxDeValeurs" / "JDV_X.xml").write_text(DAMAGED)
        assert told(suite, tmp_path, language) == [line]

    def test_a_value_set_that_is_not_xml_is_lacked_and_the_pack_stays_usable(self, suite: Path, tmp_path: Path) -> None:
        (suite / "jeuxDeValeurs" / "JDV_X.xml").write_text(GOOD[:250])
        first, second = told(suite, tmp_path)
        assert first.startswith("value set JDV_X: damaged at line 3: this is not XML")
        assert second.endswith("it reads ../../../jeuxDeValeurs/JDV_X.xml, which is absent")
        assert (suite / "jeuxDeValeurs" / "JDV_X.xml").exists(), "the original is left alone"

    def test_only_what_lxml_refuses_is_read_again(
        self, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[bytes] = []
        monkeypatch.setattr(value_sets, "explain", lambda _, document: read.append(document) or [])
        (suite / "jeuxDeValeurs" / "JDV_Y.xml").write_text(DAMAGED)
        (texts,) = list(value_sets.damaged(suite))
        assert read == [DAMAGED.encode()]
        assert "The attribute 'code' is required but missing" in texts[0], "the first reading speaks for the second"


@pytest.mark.skipif(shared_path() is None, reason="the official suite is not on this machine")
class TestOfficial:
    @pytest.fixture
    def official(self, tmp_path: Path) -> Path:
        shutil.copytree(
            (shared_path() or tmp_path) / "reference" / "cisis" / "jeuxDeValeurs", tmp_path / "jeuxDeValeurs"
        )
        return tmp_path

    def test_the_official_value_sets_are_whole(self, official: Path) -> None:
        assert len(list((official / "jeuxDeValeurs").glob("*.xml"))) > 50
        assert list(value_sets.damaged(official)) == []

    def test_a_damaged_official_value_set_is_told(self, official: Path) -> None:
        file = official / "jeuxDeValeurs" / "JDV_J07_XdsTypeCode_CISIS.xml"
        text = file.read_text(encoding="utf-8")
        file.chmod(0o644)
        file.write_text(text.replace('code="ATTEST-RESID"', "", 1), encoding="utf-8")
        ((english, _),) = value_sets.damaged(official)
        assert english == f"value set {file.stem}: damaged at {PATH}: missing required attribute 'code'"

    def test_the_schema_of_the_suite_cannot_be_built(self, official: Path) -> None:
        with pytest.raises(SecondReadingUnusable):
            explain(official / "jeuxDeValeurs" / "SVS.xsd", GOOD.encode())
