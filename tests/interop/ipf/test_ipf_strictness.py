"""IPF refuses what is wrong: its harness undoes the listed French deviations, and hides no other defect."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lxml import etree

from dui_bridge.xds import queries
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.submission import status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DEPRECATED, HAS_MEMBER
from tests.ipf_exchanges import (
    ITI_57,
    asked,
    codes,
    deposited,
    found,
    new_deposit,
    new_lot,
    outcome,
    registered,
    updated,
)
from tests.ipf_peer import HARNESS, Ipf
from tests.java_harness import ABSENT, PRESENT

pytestmark = [pytest.mark.real, pytest.mark.skipif(not PRESENT, reason=ABSENT)]

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
SPECIALTY = re.compile(r"([^^]+)\^[^^]+\^([0-9.]+)")
METADATA = "XDSRepositoryMetadataError"
Defect = Callable[[etree._Element], None]
"""What it does to a message."""


def nodes(body: etree._Element, path: str) -> list[etree._Element]:
    """At least one."""
    some = body.xpath(path, namespaces={"rim": RIM, "x": "urn:ihe:iti:xds-b:2007"})
    assert isinstance(some, list)
    assert some
    return some


def slot(name: str, value: str) -> Defect:
    """The first value of every slot of that name becomes another."""

    def change(body: etree._Element) -> None:
        for one in nodes(body, f"//rim:Slot[@name='{name}']/rim:ValueList/rim:Value[1]"):
            one.text = value

    return change


def attribute(path: str, name: str, value: str) -> Defect:
    """An attribute of the elements of that path becomes another."""

    def change(body: etree._Element) -> None:
        for one in nodes(body, path):
            one.set(name, value)

    return change


def without(path: str) -> Defect:
    """Without the elements of that path."""

    def change(body: etree._Element) -> None:
        for one in nodes(body, path):
            parent = one.getparent()
            assert parent is not None
            parent.remove(one)

    return change


def identifier(name: str, value: str) -> Defect:
    """An identifier becomes another wherever it is."""
    return attribute(f"//rim:ExternalIdentifier[contains(rim:Name/*/@value, '{name}')]", "value", value)


def code(scheme: str) -> str:
    """A code of the document; the scheme is that of the classification, its beginning is enough."""
    return f"//rim:ExtrinsicObject[1]/rim:Classification[starts-with(@classificationScheme, 'urn:uuid:{scheme}')]"


DOCUMENT = "//rim:ExtrinsicObject[1]"
MEMBER = f"//rim:Association[@associationType='{HAS_MEMBER}']"
STRUCTURE = "Foyer^^^^^&1.2.250.1.71.4.2.2&ISO"
DEFECTS: dict[str, tuple[Defect, str]] = {
    "patient id of another type": (identifier(".patientId", "1^^^&1.2.250.1.213.1.4.10&ISO^XX"), METADATA),
    "patient id with more than its type": (identifier(".patientId", "1^^^&1.2.250.1.213.1.4.10&ISO^NH^x"), METADATA),
    "patient id with a check digit": (identifier(".patientId", "1^2^^&1.2.250.1.213.1.4.10&ISO^NH"), METADATA),
    "patient id of an authority that is no OID": (identifier(".patientId", "1^^^&INS&ISO^NH"), METADATA),
    "patient id of an authority that is not an ISO one": (identifier(".patientId", "1^^^&1.2.250&DNS^NH"), METADATA),
    "patient id without authority": (identifier(".patientId", "1^^^^NH"), METADATA),
    "another patient in the document": (
        identifier("Entry.patientId", "9^^^&1.2.250.1.213.1.4.10&ISO^NH"),
        "XDSPatientIdDoesNotMatch",
    ),
    "source patient id of another type": (slot("sourcePatientId", "7^^^&1.2.250&ISO^MR"), METADATA),
    "source patient id without authority": (slot("sourcePatientId", "7^^^^PI"), METADATA),
    "structure with another type of identifier": (slot("authorInstitution", f"{STRUCTURE}^FI^^^133"), METADATA),
    "structure of another authority": (slot("authorInstitution", "F^^^^^&1.2.3&ISO^IDNST^^^133"), METADATA),
    "structure with the type of another identifier": (
        slot("authorInstitution", "F^^^^^&1.3.2&ISO^IDNST^^^1"),
        METADATA,
    ),
    "structure without a name": (slot("authorInstitution", f"{STRUCTURE[5:]}^IDNST^^^133"), METADATA),
    "structure with a code of its name": (slot("authorInstitution", f"F^D^^^^{STRUCTURE[10:]}^IDNST^^^1"), METADATA),
    "specialty with one more component": (slot("authorSpecialty", "326^Educateur^1.2.250^x"), METADATA),
    "specialty of no code system": (slot("authorSpecialty", "326^Educateur^métier"), METADATA),
    "author without name and id": (slot("authorPerson", "^^DUI"), METADATA),
    "signatory without name and id": (slot("legalAuthenticator", "^^Loïc"), METADATA),
    "identity trait that is not allowed": (slot("sourcePatientInfo", "PID-4|1"), METADATA),
    "identity trait that is none": (slot("sourcePatientInfo", "LACAZE"), METADATA),
    "time that is none": (slot("creationTime", "20261332"), METADATA),
    "service that ends before it starts": (slot("serviceStartTime", "20991231"), METADATA),
    "submission time that is none": (slot("submissionTime", "hier"), METADATA),
    "language that is none": (slot("languageCode", "français (France)"), METADATA),
    "hash that is none": (slot("hash", "abc"), METADATA),
    "hash of other bytes": (slot("hash", "0" * 40), METADATA),
    "size that is none": (slot("size", "-1"), METADATA),
    "size of other bytes": (slot("size", "12"), METADATA),
    "no source patient id": (without(f"{DOCUMENT}/rim:Slot[@name='sourcePatientId']"), METADATA),
    "no creation time": (without(f"{DOCUMENT}/rim:Slot[@name='creationTime']"), METADATA),
    "no language": (without(f"{DOCUMENT}/rim:Slot[@name='languageCode']"), METADATA),
    "no class": (without(code("41a5887f")), METADATA),
    "no type": (without(code("f0306f51")), METADATA),
    "no confidentiality": (without(code("f4f85eac")), METADATA),
    "no format": (without(code("a09d5840")), METADATA),
    "no kind of structure": (without(code("f33fb8ac")), METADATA),
    "no practice setting": (without(code("cccf5598")), METADATA),
    "a code without its system": (without(f"{code('f0306f51')}/rim:Slot"), METADATA),
    "a code that is empty": (attribute(code("f0306f51"), "nodeRepresentation", ""), METADATA),
    "a classification of another object": (
        attribute(code("f0306f51"), "classifiedObject", "SubmissionSet01"),
        METADATA,
    ),
    "unique id of a document that is no identifier": (identifier("Entry.uniqueId", "é"), METADATA),
    "two documents of one unique id": (
        identifier("Entry.uniqueId", "2.25.7"),
        "XDSRepositoryDuplicateUniqueIdInMessage",
    ),
    "unique id of a lot that is no OID": (identifier("Set.uniqueId", "abc"), METADATA),
    "source of a lot that is no OID": (identifier("sourceId", "abc"), METADATA),
    "no patient": (without("//rim:ExternalIdentifier[contains(rim:Name/*/@value, '.patientId')]"), METADATA),
    "media type that is none": (attribute(DOCUMENT, "mimeType", "xml"), METADATA),
    "no lot": (without("//rim:RegistryPackage/rim:Classification[@classificationNode]"), METADATA),
    "a member that is not said to be new": (without(f"{MEMBER}/rim:Slot"), METADATA),
    "an association of an unknown kind": (attribute(MEMBER, "associationType", "urn:x"), METADATA),
    "an association to nothing": (attribute(MEMBER, "targetObject", "Document99"), METADATA),
    "an entry without its document": (without("//x:Document[1]"), "XDSMissingDocument"),
}


def test_the_same_deposit_without_a_defect_is_taken(ipf: Ipf) -> None:
    assert outcome(new_deposit().sent_to(f"{ipf.url}/repository")).is_success


@pytest.mark.parametrize(
    "other_form",
    [
        slot("sourcePatientId", "1^^^&1.2.250.1.213.1.4.10&ISO^NH"),
        slot("authorInstitution", "Foyer^^^^^&1.3.2&ISO^SIREN^^^356000000"),
        slot("authorSpecialty", "G15_10/SM26^Médecin - Médecine générale (SM)^1.2.250.1.213.1.1.4.5"),
    ],
    ids=["INS as id of the source", "SIREN", "doctor"],
)
def test_the_other_forms_of_a_deviation_are_taken(other_form: Defect, ipf: Ipf) -> None:
    made = new_deposit()
    body = made.body()
    other_form(body)
    assert outcome(made.sent_to(f"{ipf.url}/repository", body)).is_success


@pytest.mark.parametrize("name", DEFECTS)
def test_a_deposit_with_a_defect_is_refused(name: str, ipf: Ipf) -> None:
    made, (spoil, code_of_error) = new_deposit(), DEFECTS[name]
    body = made.body()
    spoil(body)
    assert codes(made.sent_to(f"{ipf.url}/repository", body)) == [code_of_error]
    assert not found(ipf, queries.get_documents([made.entry.unique_id])).objects


@pytest.mark.parametrize(
    "deviation", ["PATIENT_ID_TYPE", "SOURCE_PATIENT_ID_TYPE", "INSTITUTION_ID_TYPE", "SPECIALTY_FORM"]
)
def test_each_deviation_of_a_deposit_is_one_that_ipf_refuses(deviation: str, ipf: Ipf) -> None:
    """Given an adapter that leaves one deviation, when a good deposit is sent, then it is refused."""
    assert codes(new_deposit().sent_to(f"{ipf.url}/iti41-with-{deviation}")) == [METADATA]


def test_the_status_of_an_archived_document_is_one_that_ipf_refuses(ipf: Ipf) -> None:
    document = registered(ipf, deposited(ipf).entry.unique_id)
    archive = status_update(new_lot(), document.id, APPROVED, ARCHIVED)
    answer = asked(f"{ipf.url}/iti57-with-STATUS", submit_objects(archive), ITI_57)
    assert not outcome(answer).is_success


def test_the_adapter_changes_the_listed_deviations_and_nothing_else(ipf: Ipf) -> None:
    """Given a deposit, when it was adapted, then IPF had read it whole, and only these values have changed."""
    sent = deposited(ipf).body()[0]
    received, adapted = (etree.fromstring(ipf.seen(what)) for what in ("received", "adapted"))
    assert differences(sent, received) == []
    changed = differences(received, adapted)
    assert sorted(changed) == sorted(deviations(sent))
    listed = [tuple(line.split("\t")[1:]) for line in ipf.seen("changes").decode().splitlines()]
    assert sorted(listed) == sorted(changed)


def test_an_archiving_is_adapted_no_further(ipf: Ipf) -> None:
    document = registered(ipf, deposited(ipf).entry.unique_id)
    archive = status_update(new_lot(), document.id, APPROVED, ARCHIVED)
    assert outcome(updated(ipf, archive)).is_success
    received, adapted = (etree.fromstring(ipf.seen(what)) for what in ("received", "adapted"))
    assert differences(submit_objects(archive), received) == []
    assert sorted(differences(received, adapted)) == sorted([*deviations(received), (ARCHIVED, DEPRECATED)])


def differences(before: etree._Element, after: etree._Element) -> list[tuple[str, str]]:
    """The texts and attributes that differ; fails when the elements do."""
    assert [one.tag for one in before.iter()] == [one.tag for one in after.iter()]
    pairs: list[tuple[str, str]] = []
    for one, other in zip(before.iter(), after.iter(), strict=True):
        pairs.append(((one.text or "").strip(), (other.text or "").strip()))
        pairs += ((str(one.get(key)), str(other.get(key))) for key in {*one.attrib, *other.attrib})
    return [pair for pair in pairs if pair[0] != pair[1]]


def deviations(sent: etree._Element) -> list[tuple[str, str]]:
    """What has to change in what we send: value before, value after."""

    def values(path: str) -> list[str]:
        found = sent.xpath(path, namespaces={"rim": RIM})
        assert isinstance(found, list)
        return [str(one) for one in found]

    patients = values("//rim:ExternalIdentifier[contains(rim:Name/*/@value, '.patientId')]/@value")
    patients += values("//rim:Slot[@name='sourcePatientId']//rim:Value/text()")
    structures = values("//rim:Slot[@name='authorInstitution']//rim:Value/text()")
    specialties = values("//rim:Slot[@name='authorSpecialty']//rim:Value/text()")
    return [
        *((one, re.sub(r"&ISO\^(NH|PI)$", "&ISO", one)) for one in patients),
        *((one, one.replace("^IDNST^", "^^")) for one in structures),
        *((one, SPECIALTY.sub(r"\1^^^&\2&ISO", one)) for one in specialties),
    ]


def test_every_deviation_says_where_it_comes_from() -> None:
    text = (HARNESS / "Deviation.java").read_text(encoding="utf-8")
    said = re.findall(r"/\*\*(.*?)\*/\s+([A-Z_]+)\(", text, re.DOTALL)
    assert len(said) == 5
    assert all("Source:" in comment for comment, _ in said)
