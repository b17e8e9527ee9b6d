"""The official suite as the product applies it: from a pack, to documents sent and received."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dui_bridge.findings import Severity
from dui_bridge.validation import official_rules as rules
from dui_bridge.validation.official import OfficialChecker
from dui_bridge.validation.packs import Kind, Pack
from dui_bridge.validation.rules import Use
from tests.cda_dossiers import VARIANTS
from tests.official_judge import EXAMPLES, NOT_ITS_MODEL, PACK, SHARED

needs_suite = pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")
SUITE = Pack("ci-sis", Kind.CISIS, PACK, "")
HL7 = b'xmlns="urn:hl7-org:v3"'


@pytest.fixture(scope="module")
def checker() -> OfficialChecker:
    return OfficialChecker(SUITE)


def test_without_a_pack_the_product_says_so() -> None:
    (finding,) = OfficialChecker(None).check(VARIANTS["full"]())
    assert (finding.rule, finding.severity) == (rules.NO_PACK, Severity.INFO)


class TestWithTheSuite:
    pytestmark = needs_suite

    @pytest.mark.parametrize("name", VARIANTS)
    def test_our_documents_have_no_problem(self, checker: OfficialChecker, name: str) -> None:
        assert [f.line() for f in checker.check(VARIANTS[name]())] == []

    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
    def test_official_documents_are_accepted_as_received(self, checker: OfficialChecker, path: Path) -> None:
        findings = checker.check(path.read_bytes(), Use.RECEIVED)
        assert not any(f.is_error for f in findings)
        if path.parent.name == "ExemplesCDA" and path.name != NOT_ITS_MODEL:
            assert findings == ()

    def test_a_model_that_the_pack_lacks_is_a_warning(self, checker: OfficialChecker) -> None:
        tddui = next(p for p in EXAMPLES if "TDDUI" in p.name).read_bytes()
        (finding,) = [f for f in checker.check(tddui) if f.rule is rules.NO_MODEL]
        assert finding.severity is Severity.WARNING
        assert "1.2.250.1.213.1.1.1.58" in finding.message()

    def test_a_hit_has_a_place_a_message_and_its_severity(self, checker: OfficialChecker) -> None:
        mutant = VARIANTS["full"]().replace(b'<family qualifier="BR"', b'<family qualifier="SP"', 1)
        path = "/ClinicalDocument/recordTarget/patientRole/patient/name"
        found = [f for f in checker.check(mutant) if f.path == path]
        assert found
        assert found[0].rule is rules.HIT
        assert found[0].severity is Severity.ERROR
        assert found[0].values["schematron"] == "ASIP-STRUCT-MIN-StrucMin"
        assert all(f.severity is Severity.WARNING for f in checker.check(mutant, Use.RECEIVED))

    def test_a_closed_rule_is_a_warning(self, checker: OfficialChecker) -> None:
        mutant = VARIANTS["full"]().replace(b"<custodian>", b"<unknown/><custodian>", 1)
        severities = {f.rule: f.severity for f in checker.check(mutant) if f.path.endswith("/unknown")}
        assert severities == {rules.SCHEMA: Severity.ERROR, rules.HIT: Severity.WARNING}

    def test_the_schema_refuses_what_is_sent_and_what_is_received(self, checker: OfficialChecker) -> None:
        mutant = VARIANTS["full"]().replace(b'<typeId root="', b'<typeId wrong="1" root="', 1)
        for use in Use:
            (finding,) = [f for f in checker.check(mutant, use) if f.rule is rules.SCHEMA]
            assert (finding.severity, finding.path) == (Severity.ERROR, "/ClinicalDocument/typeId")

    def test_a_schematron_that_raises_is_a_finding_without_a_value_of_the_document(
        self, checker: OfficialChecker, capfd: pytest.CaptureFixture[str]
    ) -> None:
        mutant = VARIANTS["full"]().replace(b'<time xsi:type="IVL_TS"', b'<time xsi:type="se:cr:et"', 1)
        (finding,) = [f for f in checker.check(mutant) if f.rule is rules.RAISED]
        assert finding.path.endswith("/participant/time")
        assert "cr:et" not in finding.line() + "".join(capfd.readouterr())

    def test_the_encoding_of_a_document_does_not_matter(self, checker: OfficialChecker) -> None:
        text = VARIANTS["full"]().decode().replace("UTF-8", "ISO-8859-1").replace("’", "'")
        assert checker.check(text.encode("iso-8859-1", "xmlcharrefreplace")) == ()
        assert checker.check(b"\xef\xbb\xbf" + VARIANTS["full"]()) == ()

    @pytest.mark.parametrize(
        "data", [b"", b"\xff\xfe", b"<a/>", b"<!DOCTYPE a><a/>", b"<ClinicalDocument " + HL7 + b">" + b"<a>" * 150]
    )
    def test_bytes_that_are_no_document_are_a_finding(self, checker: OfficialChecker, data: bytes) -> None:
        assert {f.rule for f in checker.check(data)} == {rules.UNREADABLE}

    def test_a_document_too_deep_is_a_finding(self, checker: OfficialChecker) -> None:
        deep = b"<ClinicalDocument " + HL7 + b">" + b"<a>" * 1500 + b"</a>" * 1500 + b"</ClinicalDocument>"
        assert any(f.is_error for f in checker.check(deep))

    def test_a_part_that_a_pack_lacks_is_a_warning(self, tmp_path: Path) -> None:
        findings = OfficialChecker(replace(SUITE, folder=tmp_path)).check(VARIANTS["full"]())
        assert [f.severity for f in findings] == [Severity.WARNING] * 6
        assert "CDA_extended.xsd" in findings[0].message()
