"""Compares a document with its metadata, as far as the DMP is known to (CI-SIS, volet Structuration minimale)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.forms import same_patient
from dui_bridge.sandbox.dmp.header import header_problems
from dui_bridge.sandbox.dmp.objects import Thing
from dui_bridge.sandbox.dmp.problems import Problem, metadata
from dui_bridge.sandbox.dmp.words import CONFIDENTIALITY, ENTRY_PATIENT, HL7, MASKS
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_INS_AUTHORITIES: Final = frozenset(f"1.2.250.1.213.1.4.{arc}" for arc in (8, 9, 10, 11))


def document_problems(entry: Thing, data: bytes, replaced: str | None) -> Iterator[Problem]:
    """What a document says otherwise than its metadata.

    Args:
        replaced: uniqueId of the document that it replaces; None for none.
    """
    try:
        root = parse_xml(data, max_bytes=len(data), huge=True)
    except XmlRefused:
        yield Problem("XDSRepositoryMetadataError", f"{entry.id} : le document n'est pas un XML lisible")
        return
    if root.tag != f"{{{HL7}}}ClinicalDocument":
        yield Problem("XDSRepositoryMetadataError", f"{entry.id} : le document n'est pas un CDA")
        return
    identifier = root.find(f"{{{HL7}}}id")
    if identifier is None or identifier.get("root") != entry.unique_id or identifier.get("extension"):
        yield metadata(f"{entry.id} : uniqueId n'est pas l'id du document, sans extension")
    yield from _patient(root, entry)
    yield from header_problems(root, entry)
    level = next((one.code for one in entry.codes.get(CONFIDENTIALITY, ())), None)
    if _value(root, "confidentialityCode", "code") != level:
        yield metadata(f"{entry.id} : la confidentialité n'est pas celle du document")
    if any(one.get("code") in MASKS for one in root.iter(f"{{{HL7}}}confidentialityCode")):
        yield metadata(f"{entry.id} : un masquage est écrit dans le document")
    path = f"{{{HL7}}}relatedDocument[@typeCode='RPLC']/{{{HL7}}}parentDocument/{{{HL7}}}id"
    # A document may replace one that went elsewhere and never came here: then the lot replaces nothing.
    if replaced and replaced not in {one.get("root") for one in root.findall(path)}:
        yield metadata(f"{entry.id} : le document remplacé n'est pas celui que dit le document")


def _patient(root: etree._Element, entry: Thing) -> Iterator[Problem]:
    numbers = [
        f"{one.get('extension')}^^^&{one.get('root')}&ISO^NH"
        for one in root.findall(f"{{{HL7}}}recordTarget/{{{HL7}}}patientRole/{{{HL7}}}id")
        if one.get("root") in _INS_AUTHORITIES
    ]
    if len(numbers) != 1 or not same_patient(numbers[0], entry.identifier(ENTRY_PATIENT)):
        yield Problem("XDSPatientIdDoesNotMatch", f"{entry.id} : l'INS n'est pas celui du document")


def _value(root: etree._Element, name: str, attribute: str) -> str | None:
    found = root.find(f"{{{HL7}}}{name}")
    return None if found is None else found.get(attribute)
