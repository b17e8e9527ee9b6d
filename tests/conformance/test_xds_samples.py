"""Every published message is read to what it says, and what we write is valid for the published schemas."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.xds import queries, retrieving
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Contents, Mask
from dui_bridge.xds.lot import DS, XADES, SignedDocument, sign_lot
from dui_bridge.xds.lot_reading import Verdict, read_lot_signature
from dui_bridge.xds.messages import (
    Attached,
    RegistryError,
    RegistryResponse,
    provide_and_register,
    read_registry_response,
    read_submission,
    registry_response,
    submit_objects,
)
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.queries import QueryId
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import is_signature, metadata_update, status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, FAILURE, PARTIAL_SUCCESS, SUCCESS
from tests.shared import shared_path
from tests.xds_deposits import ENTRY_UUID, cda, entry, first_deposit, lot, registered
from tests.xds_signer import signer

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
XDS = (SHARED or Path()) / "reference" / "xds"
INS = "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"
MESSAGE = re.compile(rb"<(\w+):Envelope.*</\1:Envelope>", re.DOTALL)


def body(sample: str) -> etree._Element:
    """The message of a sample: alone, in an envelope, or in an envelope in a MIME part."""
    data = (XDS / "samples" / sample).read_bytes()
    found = MESSAGE.search(data)
    root = etree.fromstring(found.group() if found else data)
    inside = root.find("{*}Body")
    return root if inside is None else inside[0]


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XDS / "schema" / name))


def assert_valid(element: etree._Element, name: str) -> None:
    schema(name).assertValid(etree.fromstring(etree.tostring(element)))


def test_the_deposit_of_the_dmp() -> None:
    read = read_submission(body("dmp-gie-sv/TD2.1-alimentation-requete-mime.txt"))
    document, signature = read.contents.entries
    (submission_set,) = read.contents.sets
    assert document.unique_id == "1.2.250.1.999.1.1.7898.3.1622814651504"
    assert document.source_patient_info == ("PID-5|patb-quatre^LAURENCE^^^^^L", "PID-7|19070525", "PID-8|F")
    assert document.authors[0].specialties == (
        "G15_10/SM26^Médecin - Qualifié en Médecine Générale (SM)^1.2.250.1.213.1.1.4.5",
    )
    assert (document.title, document.comments) == ("Document 1", "commentaire sur document")
    assert is_signature(signature)
    assert signature.masks == {Mask.PROFESSIONALS, Mask.PATIENT}
    assert submission_set.source_id == "1.2.250.1.999.1.1.7898"
    assert submission_set.content_type is not None
    assert submission_set.content_type.code == "04"
    assert [tie.type.rsplit(":")[-1] for tie in read.contents.associations] == ["HasMember", "HasMember", "signs"]
    assert read.documents["Signature01"] == Attached("WS_DMP_TD2.1-SignatureXades.xml")


def test_the_checks_take_the_deposit_of_the_dmp_but_for_its_known_defects() -> None:
    read = read_submission(body("dmp-gie-sv/TD2.1-alimentation-requete-mime.txt"))
    found = check(read.objects, Purpose.DEPOSIT, documents=dict.fromkeys(read.documents, b""))
    assert {(finding.rule.id, finding.path) for finding in found} == {
        ("XDS-102", "DocumentME2/hash"),
        ("XDS-108", "DocumentME2/size"),
        ("XDS-417", "DocumentME2/typeCode"),
        ("XDS-102", "Signature01/hash"),
        ("XDS-108", "Signature01/size"),
        ("XDS-750", "DocumentME2"),
        ("XDS-751", "documentME2"),
    }


def test_the_change_of_status_of_the_dmp() -> None:
    read = read_submission(body("dmp-gie-sv/TD3.3d-archiver-requete.xml"))
    (tie,) = read.contents.associations
    assert tie.target == "urn:uuid:fe5287a2-ae6a-11eb-8f5d-0050569e422e"
    assert dict(tie.slots) == {"OriginalStatus": APPROVED, "NewStatus": ARCHIVED}
    found = {finding.rule.id for finding in check(read.objects, Purpose.STATUS_UPDATE)}
    assert found == {"XDS-706", "XDS-709"}


@pytest.mark.parametrize(
    ("sample", "query", "returned", "parameters"),
    [
        (
            "dmp-gie-sv/TD3.1-find-documents-requete.xml",
            QueryId.FIND_DOCUMENTS,
            "LeafClass",
            {"$XDSDocumentEntryPatientId": (INS,), "$XDSDocumentEntryStatus": (APPROVED,)},
        ),
        (
            "nist/iti18-11897-approved.xml",
            QueryId.FIND_DOCUMENTS,
            "LeafClass",
            {"$XDSDocumentEntryStatus": (APPROVED,)},
        ),
        (
            "nist/iti18-11897-classcode_two.xml",
            QueryId.FIND_DOCUMENTS,
            "ObjectRef",
            {
                "$XDSDocumentEntryClassCode": (
                    "DEMO-Summary^^1.3.6.1.4.1.21367.100.1",
                    "DEMO-Ext Summary^^1.3.6.1.4.1.21367.100.1",
                )
            },
        ),
        (
            "nist/iti18-11897-confcode.xml",
            QueryId.FIND_DOCUMENTS,
            "ObjectRef",
            {"$XDSDocumentEntryConfidentialityCode": ("V^^2.16.840.1.113883.5.25", "R^^2.16.840.1.113883.5.25")},
        ),
        (
            "nist/iti18-11897-creationtime_between.xml",
            QueryId.FIND_DOCUMENTS,
            "ObjectRef",
            {"$XDSDocumentEntryCreationTimeFrom": ("20040101",), "$XDSDocumentEntryCreationTimeTo": ("20050101",)},
        ),
        (
            "nist/iti18-11898-submissiontime_in.xml",
            QueryId.FIND_SUBMISSION_SETS,
            "LeafClass",
            {"$XDSSubmissionSetSubmissionTimeFrom": ("200412",)},
        ),
        (
            "nist/iti18-11901-getdocuments.xml",
            QueryId.GET_DOCUMENTS,
            "LeafClass",
            {"$XDSDocumentEntryUniqueId": ("$uid$",)},
        ),
        ("nist/iti18-11903-getassociations.xml", QueryId.GET_ASSOCIATIONS, "LeafClass", {"$uuid": ("$uuid$",)}),
        (
            "nist/iti18-http-chunked-request.txt",
            QueryId.FIND_DOCUMENTS,
            "ObjectRef",
            {"$XDSDocumentEntryPatientId": ("xxx",)},
        ),
        (
            "ipf/iti18request.xml",
            QueryId.FIND_DOCUMENTS,
            "LeafClass",
            {
                "$XDSDocumentEntryPatientId": ("593603^^^&2.16.756.5.33.2.5.1.5.1&ISO",),
                "$XDSDocumentEntryCreationTimeTo": ("20221016161616",),
            },
        ),
    ],
)
def test_each_published_query(
    sample: str, query: QueryId, returned: str, parameters: dict[str, tuple[str, ...]]
) -> None:
    read = queries.read_adhoc_query(body(sample))
    assert (read.id, read.returned) == (query, returned)
    assert parameters.items() <= {one.name: one.values for one in read.parameters}.items()


def test_the_answers_to_deposits_and_queries() -> None:
    for sample in ("TD2.1-alimentation-reponse.xml", "TD3.3d-archiver-reponse.xml"):
        assert read_registry_response(body(f"dmp-gie-sv/{sample}")) == RegistryResponse(SUCCESS)
    failure = read_registry_response(body("nist/iti41-response-failure.xml"))
    assert failure.status == FAILURE
    assert [one.code for one in failure.errors] == ["XDSRegistryMetadataError"] * 6
    assert failure.errors[0].location == "CodeValidation"
    assert "not found in the Affinity Domain" in failure.errors[5].context
    found = queries.read_query_response(body("nist/iti18-response-objectref.xml"))
    assert found.contents.references == ("urn:uuid:df232291-be5d-45b4-b50e-f6be790bf325",)


def test_documents_of_a_repository() -> None:
    asked = retrieving.read_retrieve_request(body("dmp-gie-sv/TD3.2-retrieve-requete.xml"))
    found = retrieving.read_retrieve_response(body("dmp-gie-sv/TD3.2-retrieve-reponse.xml"))
    (document,) = found.documents
    assert asked == (retrieving.DocumentRequest("1.2.250.1.213.4.1.1.1.2", document.unique_id),)
    assert document.unique_id == "1.2.250.1.999.1.1.7898.1.995657292"
    # Its part is named so; the link to it is escaped.
    assert document.content == Attached("b857abb7-a2c3-4db8-bd69-d5ff76826e72-2@urn:ihe:iti:xds-b:2007")
    other = retrieving.read_retrieve_request(body("nist/iti43-12028-retrieve.xml"))
    assert other == (retrieving.DocumentRequest("$repuid$", "$docuid1$"),)


@pytest.mark.parametrize(
    ("sample", "unique_id", "content"),
    [
        ("iti41-http-mtom-pnr.txt", "1.42.20101011223601.2", "1.urn:uuid:3D4B161591CD1DEC0C1286850962319@apache.org"),
        (
            "iti41-mtom-body-encoded-cid.txt",
            "1.42.20160705093311.6.7",
            "fdf975cc-9f08-4d94-b7f6-99f4807f3654-1@urn:ihe:iti:xds-b:2007",
        ),
        (
            "iti41-mtom-body-xop.txt",
            "1.42.20160705093311.6",
            "1.b5b57d7287e4fa4b528a8f050c41f8ad829c20332f23b48d@apache.org",
        ),
        ("iti41-mtom-body-inline-no-xop.txt", "1.42.20160705093311.6.5", None),
    ],
)
def test_deposits_of_other_software(sample: str, unique_id: str, content: str | None) -> None:
    read = read_submission(body(f"nist/{sample}"))
    (document,) = read.contents.entries
    assert document.unique_id == unique_id
    assert len(document.authors) == 2
    attached = read.documents[document.id]
    assert attached.content_id == content
    assert (attached.data is None) == (content is not None)


def test_an_update_of_other_software() -> None:
    read = read_submission(body("ipf/SubmitObjectsRequest_ebrs30_update.xml")).contents
    (document,) = read.entries
    assert (document.logical_id, document.version) == ("urn:uuid:20744602-ba65-44e9-87ee-a52303a5183e", "1")
    assert document.hash == "31e311402a7e717d1bede88df6b42c0b8e91ea91"
    assert document.size == 1459
    assert [slot.name for slot in document.others] == ["documentAvailability"]
    assert dict(read.associations[0].slots) == {"SubmissionSetStatus": "Original", "PreviousVersion": "1"}


def test_a_snapshot_of_other_software() -> None:
    read = read_submission(body("ipf/SubmitObjectsRequest_ebrs30.xml")).contents
    assert [one.id for one in read.entries] == ["Document01"]
    assert [tie.type.rsplit(":")[-1] for tie in read.associations] == ["HasMember", "IsSnapshotOf"]


@pytest.mark.parametrize(
    "contents",
    [
        first_deposit(entry([Mask.PATIENT]), replaces=ENTRY_UUID),
        metadata_update(lot(), registered()),
        status_update(lot(), ENTRY_UUID, APPROVED, ARCHIVED),
    ],
    ids=["deposit", "metadata", "status"],
)
def test_what_is_submitted_is_valid(contents: Contents) -> None:
    assert_valid(submit_objects(contents), "xdsb-nist/lcm.xsd")


def test_a_deposit_is_valid_once_its_parts_are_inlined() -> None:
    ids = {"Document01": "a@x", "Signature01": "b@x"}
    element = etree.fromstring(provide_and_register(to_objects(first_deposit()), ids))
    for document in element.iterfind("{urn:ihe:iti:xds-b:2007}Document"):
        del document[0]
        document.text = b64encode(cda()).decode()
    assert_valid(element, "xdsb-nist/XDS.b_DocumentRepository.xsd")


def test_questions_and_answers_are_valid() -> None:
    errors = RegistryResponse(PARTIAL_SUCCESS, (RegistryError("XDSTooManyResults", "more", location="x"),))
    found = Contents((lot(),), (registered(),), (), (ENTRY_UUID,))
    asked = queries.get_documents(f"1.2.250.1.999.1.{number}" + ".1" * 15 for number in range(20))
    assert_valid(queries.adhoc_query(asked), "xdsb-nist/query.xsd")
    assert_valid(queries.query_response(errors, found), "xdsb-nist/query.xsd")
    assert_valid(registry_response(errors), "xdsb-nist/rs.xsd")
    requests = [retrieving.DocumentRequest("1.2", "1.3", "urn:oid:1.4")]
    assert_valid(retrieving.retrieve_request(requests), "xdsb-nist/XDS.b_DocumentRepository.xsd")
    answer = retrieving.DocumentResponse("1.2", "1.3", "text/xml", Attached(data=b"<a/>"))
    assert_valid(
        retrieving.retrieve_response(retrieving.RetrieveResponse(RegistryResponse(SUCCESS), (answer,))),
        "xdsb-nist/XDS.b_DocumentRepository.xsd",
    )


def test_the_signature_of_the_dmp_is_right_but_for_a_document_that_was_edited_afterwards() -> None:
    folder = XDS / "samples" / "dmp-gie-sv"
    edited = "1.2.250.1.999.1.1.7898.4.9956570902"
    documents = {edited: (folder / "TD2.1-DocumentME2.xml").read_bytes()}
    found = read_lot_signature((folder / "TD2.1-SignatureXades.xml").read_bytes(), documents)
    assert found.value is Verdict.RIGHT
    assert found.references == {"#IHEManifest": Verdict.RIGHT, "#S0-SignedProperties": Verdict.RIGHT}
    assert found.manifest == {"1.2.250.1.999.1.1.7898.3.9956570900": Verdict.NOT_DIGESTED, edited: Verdict.WRONG}


def test_the_properties_of_the_signature_are_those_of_xades_1_1_1() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    documents = [SignedDocument("2.25.1", cda())]
    root = etree.fromstring(sign_lot("2.25.2", documents, signer(), signature_id="_lot", at=at))
    (properties,) = root.iter(f"{{{XADES}}}QualifyingProperties")
    assert_valid(properties, "xades/XAdESv111-lax.xsd")
    # The purpose is bare text, as IHE and the DMP have it; the schema of XML Signature wants an element there.
    (purpose,) = root.iter(f"{{{DS}}}SignatureProperty")
    purpose.text = None
    etree.SubElement(purpose, "{urn:example:x}purpose")
    assert_valid(root, "saml/xmldsig-core-schema.xsd")
