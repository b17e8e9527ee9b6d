"""Each of our own rules refuses a mutant of one of our documents, and accepts the original."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.cda.xml import Element
from dui_bridge.findings import Severity
from dui_bridge.validation import pdf_rules, rules
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.rules import CDA_RULES, CdaRule, Use
from tests.cda_dossiers import MATRICULE, VARIANTS, built
from tests.shared import shared_path

NS = {"h": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc"}
HL7 = "{urn:hl7-org:v3}"
ROLE = "h:recordTarget/h:patientRole"
PATIENT = f"{ROLE}/h:patient"
AUTHOR = "h:author/h:assignedAuthor"
LEGAL = "h:legalAuthenticator"
EVENT = "h:documentationOf/h:serviceEvent"
ENCOUNTER = "h:componentOf/h:encompassingEncounter"

Change = Callable[[Element], None]


def found(root: Element, path: str) -> Element:
    element = root.find(path, NS)
    assert element is not None, path
    return element


def drop(path: str) -> Change:
    def change(root: Element) -> None:
        element = found(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def put(path: str, **attributes: str) -> Change:
    """Sets attributes; an empty value removes one."""

    def change(root: Element) -> None:
        element = found(root, path)
        for name, value in attributes.items():
            if value:
                element.set(name, value)
            else:
                element.attrib.pop(name)

    return change


def text(path: str, value: str) -> Change:
    def change(root: Element) -> None:
        found(root, path).text = value

    return change


def twice(path: str) -> Change:
    def change(root: Element) -> None:
        element = found(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.insert(parent.index(element), etree.fromstring(etree.tostring(element)))

    return change


def add(path: str, xml: str, *, at: int | None = None) -> Change:
    """Adds a child, last or at a position."""

    def change(root: Element) -> None:
        parent = found(root, path)
        child = etree.fromstring(f'<x xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">{xml}</x>')[0]
        parent.insert(len(parent) if at is None else at, child)

    return change


def after(path: str, xml: str) -> Change:
    def change(root: Element) -> None:
        sibling = found(root, path)
        parent = sibling.getparent()
        assert parent is not None
        child = etree.fromstring(f'<x xmlns="urn:hl7-org:v3">{xml}</x>')[0]
        parent.insert(parent.index(sibling) + 1, child)

    return change


def all_of(*changes: Change) -> Change:
    def change(root: Element) -> None:
        for one in changes:
            one(root)

    return change


CONSENT = '<authorization><consent><code code="1"/><statusCode code="active"/></consent></authorization>'
RELATED = '<relatedDocument typeCode="{0}"><parentDocument><id root="2.25.1"/>{1}</parentDocument></relatedDocument>'
DEVICE = "<assignedAuthoringDevice><manufacturerModelName>a</manufacturerModelName></assignedAuthoringDevice>"

MUTANTS: list[tuple[CdaRule, Change]] = [
    (rules.NOT_CDA, lambda root: setattr(root, "tag", f"{HL7}Document")),
    (rules.MISPLACED, twice("h:title")),
    (rules.MISPLACED, add(".", '<languageCode code="fr-FR"/>')),
    (rules.MISPLACED, add(".", "<unknown/>", at=3)),
    (rules.REALM, drop("h:realmCode")),
    (rules.REALM, put("h:realmCode", code="UK")),
    (rules.TYPE_ID, put("h:typeId", extension="POCD_HD000041")),
    (rules.TEMPLATES, drop("h:templateId[@root='1.2.250.1.213.1.1.1.1']")),
    (rules.TEMPLATES, drop("h:templateId[@root='2.16.840.1.113883.2.8.2.1']")),
    (rules.TEMPLATES_LEVEL_1, put("h:templateId[3]", root="1.2.250.1.213.1.1.1.22")),
    (rules.TEMPLATES_LEVEL_1, after("h:templateId[3]", '<templateId root="1.2.3"/>')),
    (rules.ID, drop("h:setId")),
    (rules.ID, put("h:id", root="doc-1")),
    (rules.ID_EXTENSION, put("h:id", extension="1")),
    (rules.VERSION, put("h:versionNumber", value="0")),
    (rules.VERSION, drop("h:versionNumber")),
    (rules.TYPE_CODE, put("h:code", code="80788-4")),
    (rules.TYPE_CODE, drop("h:code")),
    (rules.CODE_SYSTEM, put("h:code", codeSystem="1.2.250.1.213.1.1.4.12")),
    (rules.CODE_SYSTEM, put("h:confidentialityCode", codeSystem="1.2.3")),
    (rules.DISPLAY, put("h:code", displayName="Projet personnalisé")),
    (rules.DISPLAY, put(f"{AUTHOR}/h:code", displayName="Éducateur")),
    (rules.DISPLAY, put("h:participant/h:functionCode", displayName="Médecin")),
    (rules.TITLE, text("h:title", " ")),
    (rules.LANGUAGE, put("h:languageCode", code="fr")),
    (rules.CONFIDENTIALITY, put("h:confidentialityCode", code="X")),
    (rules.MASKING, put("h:confidentialityCode", code="MASQUE_PS")),
    (rules.MASKING, put("h:confidentialityCode", codeSystem="1.2.250.1.213.1.1.4.13")),
    (rules.TIME, put("h:effectiveTime", value="20261301000000+0100")),
    (rules.TIME, drop("h:effectiveTime")),
    (rules.TIME, put(f"{PATIENT}/h:birthTime", value="19870000")),
    (rules.TIME_ZONE, put("h:effectiveTime", value="20260625000000")),
    (rules.TIME_ZONE, put("h:effectiveTime", value="20260625")),
    (rules.TIME_ZONE, put("h:author/h:time", value="20260602")),
    (rules.TIME_ZONE, put(f"{LEGAL}/h:time", value="20260602")),
    (rules.TIME_ZONE, put(f"{EVENT}/h:effectiveTime/h:low", value="20260602")),
    (rules.PATIENT, drop(PATIENT)),
    (rules.PATIENT_ID, put(f"{ROLE}/h:id[2]", extension="")),
    (rules.PATIENT_NAME, put(f"{PATIENT}/h:name/h:family", qualifier="SP")),
    (rules.PATIENT_NAME, put(f"{PATIENT}/h:name/h:given", qualifier="LS")),
    (rules.BIRTH_TIME, drop(f"{PATIENT}/h:birthTime")),
    (rules.GENDER, put(f"{PATIENT}/h:administrativeGenderCode", code="X")),
    (rules.GENDER, drop(f"{PATIENT}/h:administrativeGenderCode")),
    (rules.GUARDIAN, add(f"{PATIENT}/h:guardian", "<guardianPerson><name><family>A</family></name></guardianPerson>")),
    (rules.BIRTH_ORDER, add(PATIENT, '<sdtc:multipleBirthOrderNumber value="0"/>', at=3)),
    (rules.INS_FORM, put(f"{ROLE}/h:id", extension=MATRICULE[:13])),
    (rules.INS_KEY, put(f"{ROLE}/h:id", extension=MATRICULE[:13] + "96")),
    (rules.INS_OID, put(f"{ROLE}/h:id", root="1.2.250.1.213.1.4.7")),
    (rules.INS_OID, put(f"{ROLE}/h:id", root="2.25.12")),
    (rules.INS_SEVERAL, twice(f"{ROLE}/h:id")),
    (rules.INS_TRAITS, put(f"{PATIENT}/h:name/h:given[@qualifier='BR']", qualifier="CL")),
    (rules.INS_TRAITS, drop(f"{PATIENT}/h:birthplace")),
    (rules.INS_BIRTH_TIME, put(f"{PATIENT}/h:birthTime", value="198703")),
    (rules.INS_GENDER, put(f"{PATIENT}/h:administrativeGenderCode", code="UN", displayName="Inconnu")),
    (rules.INS_BIRTHPLACE, text(f"{PATIENT}//h:county", "Bordeaux")),
    (rules.INS_MAIL, drop(f"{ROLE}/h:id")),
    (rules.TELECOM, put(f"{ROLE}/h:telecom", value="0600000001")),
    (rules.TELECOM, put(f"{ROLE}/h:telecom", use="XX")),
    (rules.ADDRESS, add(f"{ROLE}/h:addr", "<streetAddressLine>4 allée</streetAddressLine>")),
    (rules.ADDRESS, put(f"{ROLE}/h:addr", use="PST")),
    (rules.PREFIX, text(f"{AUTHOR}//h:prefix", "Madame")),
    (rules.SUFFIX, add(f"{AUTHOR}//h:name", "<suffix>Docteur</suffix>")),
    (rules.PERSON_NAME, drop("h:informant//h:family")),
    (rules.PERSON_ID, put(f"{AUTHOR}/h:id", root="1.2.3")),
    (rules.PERSON_ID, put(f"{LEGAL}//h:id", extension="10000000000")),
    (rules.STRUCTURE_ID, put(f"{AUTHOR}/h:representedOrganization/h:id", extension="330000019")),
    (rules.PROFESSION, put(f"{AUTHOR}/h:code", code="51")),
    (rules.FUNCTION, put("h:participant/h:functionCode", code="MT")),
    (rules.AUTHOR, drop("h:author")),
    (rules.AUTHOR, drop("h:author/h:time")),
    (rules.AUTHOR, drop(f"{AUTHOR}/h:id")),
    (rules.AUTHOR_NOBODY, drop(f"{AUTHOR}/h:assignedPerson")),
    (rules.AUTHOR_NOBODY, add(AUTHOR, DEVICE, at=4)),
    (rules.DATA_ENTERER, all_of(*[after("h:author", "<dataEnterer><assignedEntity/></dataEnterer>")] * 2)),
    (rules.CUSTODIAN, drop("h:custodian")),
    (rules.CUSTODIAN, put("h:custodian//h:id", root="1.2.250.1.71.4.2.1")),
    (rules.LEGAL_AUTHENTICATOR, drop(LEGAL)),
    (rules.LEGAL_AUTHENTICATOR, put(f"{LEGAL}/h:signatureCode", code="X")),
    (rules.LEGAL_AUTHENTICATOR, drop(f"{LEGAL}/h:time")),
    (rules.LEGAL_AUTHENTICATOR_NOBODY, drop(f"{LEGAL}//h:assignedPerson")),
    (rules.INFORMANT, put("h:informant/h:relatedEntity", classCode="PRS")),
    (rules.INFORMANT, drop("h:informant/h:relatedEntity")),
    (rules.RELATION, put("h:informant//h:code", code="MUM")),
    (rules.PARTICIPANT, put("h:participant", typeCode="PART")),
    (rules.PARTICIPANT, drop("h:participant/h:time")),
    (rules.RECIPIENT, after("h:custodian", "<informationRecipient><intendedRecipient/></informationRecipient>")),
    (rules.SERVICE_EVENT, drop(f"{EVENT}/h:effectiveTime")),
    (rules.SERVICE_EVENT, drop(f"{EVENT}/h:performer")),
    (rules.SERVICE_EVENT, drop("h:documentationOf")),
    (rules.INDUSTRY, drop(f"{EVENT}//h:standardIndustryClassCode")),
    (rules.INDUSTRY, put(f"{EVENT}//h:standardIndustryClassCode", code="MS")),
    (rules.RELATED_DOCUMENT, after("h:documentationOf", RELATED.format("APND", ""))),
    (rules.RELATED_DOCUMENT, after("h:documentationOf", RELATED.format("RPLC", '<setId root="2.25.1"/>'))),
    (rules.CONSENT, after("h:documentationOf", CONSENT)),
    (rules.ENCOUNTER, drop("h:componentOf")),
    (rules.ENCOUNTER, drop(f"{ENCOUNTER}/h:effectiveTime")),
    (rules.FACILITY, put(f"{ENCOUNTER}//h:healthCareFacility/h:code", code="SA99")),
    (rules.FACILITY, drop(f"{ENCOUNTER}//h:healthCareFacility/h:code")),
    (rules.ENCOUNTER_CODE, add(ENCOUNTER, '<code code="XXX" codeSystem="2.16.840.1.113883.5.4"/>', at=0)),
    (rules.BODY, drop("h:component")),
    (rules.BODY, drop("h:component/h:nonXMLBody/h:text")),
    (rules.BODY_TYPE, put("h:component/h:nonXMLBody/h:text", mediaType="text/plain")),
    (rules.BODY_TYPE, put("h:component/h:nonXMLBody/h:text", representation="")),
    (rules.BODY_BASE64, text("h:component/h:nonXMLBody/h:text", "JVBERi0x!")),
]

ORIGINAL = built()
OF_BYTES = {rules.NOT_XML, rules.DOCTYPE, rules.TOO_LARGE}
ONLY_TOLD = {rules.INS_ABSENT}


def ids(mutants: list[tuple[CdaRule, Change]]) -> list[str]:
    return [f"{row.rule.id}-{number}" for number, (row, _) in enumerate(mutants)]


@pytest.mark.parametrize("name", VARIANTS)
def test_our_documents_have_no_fault_when_sent(name: str) -> None:
    findings = validate_cda(VARIANTS[name](), Use.SENT)
    assert {f.rule for f in findings} <= {rules.INS_ABSENT.rule, pdf_rules.NOT_PDF_A1}
    assert not any(f.is_error for f in findings)


@pytest.mark.parametrize(("row", "change"), MUTANTS, ids=ids(MUTANTS))
def test_a_mutant_is_refused_by_its_rule(row: CdaRule, change: Change) -> None:
    root = etree.fromstring(ORIGINAL)
    change(root)
    (finding, *_) = [f for f in validate_cda(etree.tostring(root), Use.SENT) if f.rule is row.rule]
    assert finding.severity is Severity.ERROR
    assert finding.path.startswith("/")
    assert "{" not in finding.message("en") + finding.message("fr")


def test_every_rule_has_a_mutant() -> None:
    assert {row for row, _ in MUTANTS} == set(CDA_RULES) - OF_BYTES - ONLY_TOLD


@pytest.mark.parametrize(
    ("row", "data"),
    [
        (rules.NOT_XML, b""),
        (rules.NOT_XML, ORIGINAL[:-20]),
        (rules.NOT_XML, ORIGINAL.replace("é".encode(), b"\xe9", 1)),
        (rules.DOCTYPE, ORIGINAL.replace(b"<ClinicalDocument", b"<!DOCTYPE ClinicalDocument><ClinicalDocument", 1)),
    ],
)
def test_bytes_that_cannot_be_read_are_one_finding(row: CdaRule, data: bytes) -> None:
    (finding,) = validate_cda(data, Use.RECEIVED)
    assert finding.rule is row.rule
    assert finding.is_error


def test_too_large_a_document_is_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_bridge.validation.cda_rules.MAX_BYTES", 1000)
    (finding,) = validate_cda(ORIGINAL, Use.SENT)
    assert finding.rule is rules.TOO_LARGE.rule


def test_an_absent_ins_is_only_told() -> None:
    (finding, *_) = validate_cda(VARIANTS["no_ins"](), Use.SENT)
    assert (finding.rule, finding.severity) == (rules.INS_ABSENT.rule, Severity.INFO)


@pytest.mark.parametrize("row", [rules.INS_KEY, rules.TIME_ZONE, rules.DISPLAY, rules.AUTHOR_NOBODY])
def test_what_only_we_ask_for_is_a_warning_when_received(row: CdaRule) -> None:
    change = next(change for rule, change in MUTANTS if rule is row)
    root = etree.fromstring(ORIGINAL)
    change(root)
    severities = {f.severity for f in validate_cda(etree.tostring(root), Use.RECEIVED) if f.rule is row.rule}
    assert severities == {Severity.WARNING}


def test_a_body_that_is_no_pdf_is_refused_and_pdf_a_is_asked_of_our_own_only() -> None:
    encoded = re.sub(rb"B64\">[^<]*<", b'B64">' + b64encode(b"hello") + b"<", ORIGINAL)
    assert pdf_rules.NOT_A_PDF in {f.rule for f in validate_cda(encoded, Use.RECEIVED) if f.is_error}
    for ours, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        (finding,) = validate_cda(ORIGINAL, Use.SENT, ours=ours)
        assert (finding.rule, finding.severity) == (pdf_rules.NOT_PDF_A1, severity)


SHARED = shared_path()
EXAMPLES = sorted(Path(SHARED, "reference", "cisis").glob("*/*.xml")) if SHARED else []
OFFICIAL = [path for path in EXAMPLES if path.parent.name in {"ExemplesCDA", "tddui"}]


@pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")
def test_the_official_examples_are_here() -> None:
    assert len(OFFICIAL) >= 10


@pytest.mark.parametrize("path", OFFICIAL, ids=lambda path: path.name)
def test_an_official_example_is_accepted_when_received(path: Path) -> None:
    assert [f.line() for f in validate_cda(path.read_bytes(), Use.RECEIVED) if f.is_error] == []
