"""The one table of XDS attributes: where each stands in ebRIM, how often, and in what form.

The writer, the reader and the checks all read it. Sources: IHE ITI TF-3 §4.2.3.2 and §4.2.3.3 (places and identifiers
of schemes), CI-SIS, volet Partage de documents de santé, and the messages of the DMP (cardinalities).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """Where an attribute stands in a registry object."""

    SLOT = "slot"
    CODE = "code"  # a Classification with a code, its scheme and its name
    AUTHOR = "author"
    IDENTIFIER = "identifier"
    NAME = "name"
    DESCRIPTION = "description"
    ATTRIBUTE = "attribute"
    VERSION = "version"


class Form(StrEnum):
    """What a value must look like."""

    TEXT = "text"
    DTM = "dtm"
    OID = "oid"
    CX = "cx"
    INS = "ins"
    XCN = "xcn"
    CXI = "cxi"
    PID = "pid"
    SHA1 = "sha1"
    NUMBER = "number"
    LANGUAGE = "language"
    MEDIA = "media"
    CODE = "code"
    AUTHOR = "author"
    URN = "urn"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute.

    Args:
        number: within its object, from 1: the numbers of its checks are made of it.
        name: official name.
        field: of the record.
        place, key: where, and the name or scheme of the slot, classification or identifier there.
        required: whether every document that is sent must have it. in_archive: whether one in an archive must.
        many: whether it may be repeated.
        values: table of the codes that the DMP takes (`data/tables`), of an identifier those of its type; empty for
            what is free.
        closed: whether that table is the DMP's whole value set, so that another code is an error.
    """

    number: int
    name: str
    field: str
    place: Place
    key: str
    form: Form
    required: bool = False
    many: bool = False
    values: str = ""
    closed: bool = False
    in_archive: bool = False


def _code(number: int, name: str, field: str, key: str, **more: object) -> Attribute:
    values, closed = str(more.get("values", "")), bool(more.get("closed"))
    required, many = bool(more.get("required", True)), bool(more.get("many"))
    return Attribute(number, name, field, Place.CODE, f"urn:uuid:{key}", Form.CODE, required, many, values, closed)


def _slot(number: int, name: str, field: str, form: Form, *, required: bool = False, many: bool = False) -> Attribute:
    return Attribute(number, name, field, Place.SLOT, name, form, required, many)


def _identifier(number: int, name: str, field: str, key: str, form: Form) -> Attribute:
    return Attribute(number, name, field, Place.IDENTIFIER, f"urn:uuid:{key}", form, True)


ENTRY: Final = (
    _slot(1, "creationTime", "creation_time", Form.DTM, required=True),
    _slot(2, "hash", "hash", Form.SHA1, required=True),
    _slot(3, "languageCode", "language", Form.LANGUAGE, required=True),
    _slot(4, "legalAuthenticator", "legal_authenticators", Form.XCN, required=True, many=True),
    _slot(5, "repositoryUniqueId", "repository_id", Form.OID),
    _slot(6, "serviceStartTime", "service_start", Form.DTM, required=True),
    _slot(7, "serviceStopTime", "service_stop", Form.DTM),
    _slot(8, "size", "size", Form.NUMBER, required=True),
    _slot(9, "sourcePatientId", "source_patient_id", Form.CX, required=True),
    _slot(10, "sourcePatientInfo", "source_patient_info", Form.PID, required=True, many=True),
    Attribute(11, "URI", "uri", Place.SLOT, "URI", Form.TEXT, in_archive=True),
    Attribute(
        12,
        "referenceIdList",
        "reference_ids",
        Place.SLOT,
        "urn:ihe:iti:xds:2013:referenceIdList",
        Form.CXI,
        many=True,
        values="reference_types",
        closed=True,
    ),
    Attribute(13, "title", "title", Place.NAME, "", Form.TEXT, required=True),
    Attribute(14, "comments", "comments", Place.DESCRIPTION, "", Form.TEXT),
    Attribute(
        15,
        "author",
        "authors",
        Place.AUTHOR,
        "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d",
        Form.AUTHOR,
        required=True,
        many=True,
    ),
    _code(
        16, "classCode", "class_code", "41a5887f-8865-4c09-adf7-e362475b143a", values="document_classes", closed=True
    ),
    _code(17, "typeCode", "type_code", "f0306f51-975f-434e-a61c-c59651d33983", values="document_types"),
    _code(
        18,
        "confidentialityCode",
        "confidentiality",
        "f4f85eac-e6cb-4883-b524-f2705394840f",
        many=True,
        values="confidentiality",
        closed=True,
    ),
    _code(19, "formatCode", "format_code", "a09d5840-386c-46f2-b5ad-9c3699a4309d", values="format_codes", closed=True),
    _code(
        20,
        "healthcareFacilityTypeCode",
        "facility_type",
        "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
        values="facility_types",
    ),
    _code(
        21,
        "practiceSettingCode",
        "practice_setting",
        "cccf5598-8b07-4b77-a05e-ae952c785ead",
        values="practice_settings",
    ),
    _code(22, "eventCodeList", "events", "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", required=False, many=True),
    _identifier(23, "patientId", "patient_id", "58a6f841-87b3-4a3e-92fd-a8ffeff98427", Form.INS),
    _identifier(24, "uniqueId", "unique_id", "2e82c1f6-a085-4c72-9da3-8640a32e42ab", Form.OID),
    Attribute(25, "mimeType", "mime_type", Place.ATTRIBUTE, "mimeType", Form.MEDIA, required=True),
    Attribute(26, "logicalId", "logical_id", Place.ATTRIBUTE, "lid", Form.URN),
    Attribute(27, "availabilityStatus", "status", Place.ATTRIBUTE, "status", Form.URN),
    Attribute(28, "homeCommunityId", "home", Place.ATTRIBUTE, "home", Form.URN),
    Attribute(29, "version", "version", Place.VERSION, "", Form.NUMBER),
)
"""Attributes of a DocumentEntry (an ExtrinsicObject)."""

SUBMISSION_SET: Final = (
    _slot(1, "submissionTime", "submission_time", Form.DTM, required=True),
    _slot(2, "intendedRecipient", "recipients", Form.TEXT, many=True),
    Attribute(3, "title", "title", Place.NAME, "", Form.TEXT),
    Attribute(4, "comments", "comments", Place.DESCRIPTION, "", Form.TEXT),
    Attribute(
        5,
        "author",
        "authors",
        Place.AUTHOR,
        "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d",
        Form.AUTHOR,
        required=True,
    ),
    _code(
        6,
        "contentTypeCode",
        "content_type",
        "aa543740-bdda-424e-8c96-df4873be8500",
        values="content_types",
        closed=True,
    ),
    _identifier(7, "patientId", "patient_id", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", Form.INS),
    _identifier(8, "sourceId", "source_id", "554ac39e-e3fe-47fe-b233-965d2a147832", Form.OID),
    _identifier(9, "uniqueId", "unique_id", "96fdda7c-d067-4183-912e-bf5ee74998a8", Form.OID),
    Attribute(10, "availabilityStatus", "status", Place.ATTRIBUTE, "status", Form.URN),
    Attribute(11, "homeCommunityId", "home", Place.ATTRIBUTE, "home", Form.URN),
)
"""Attributes of a SubmissionSet (a RegistryPackage)."""

AUTHOR_PERSON: Final = "authorPerson"
AUTHOR_INSTITUTION: Final = "authorInstitution"
AUTHOR_ROLE: Final = "authorRole"
AUTHOR_SPECIALTY: Final = "authorSpecialty"
AUTHOR_TELECOM: Final = "authorTelecommunication"
CODING_SCHEME: Final = "codingScheme"
