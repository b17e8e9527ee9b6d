"""The DocumentEntry of a CDA document, derived from its bytes and from nothing else but what the sender decides.

One table tells where each attribute comes from. Sources: CI-SIS, volet Structuration minimale (STRUCMIN) §3.5, and
volet Partage de documents de santé (correspondence of CDA header and XDS); ANS, ASS_X04 (class of a type) and ASS_A11
(format of a model). The same function serves the DMP and the archives of MSSanté.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from dui_bridge.cda.reader import MAX_BYTES, CdaDocument, ServiceEvent, parse_cda, read_parsed
from dui_bridge.cda.reading_people import INS_ROOTS, Organization, Participation, Party, Patient
from dui_bridge.cda.reading_values import CodedTerm, Identifier
from dui_bridge.cda.xml import Element
from dui_bridge.data.codes import Coded, codes, rows
from dui_bridge.errors import FixData
from dui_bridge.ins.carriers import xds_patient_id
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds import forms
from dui_bridge.xds.entries import Author, DocumentEntry, Mask

CDA_MEDIA: Final = "text/xml"
_CLASSES: Final = "1.2.250.1.213.1.1.4.1"


class OtherPatient(FixData):
    """The document names another person than the one it would be sent for."""

    code = "XDS-901"
    en = "the document does not name the person whose INS it would be sent under"
    fr = "le document ne nomme pas la personne sous l'INS de laquelle il serait envoyé"
    action_en = "Have the document made again from the right dossier: it was not sent."
    action_fr = "Faites refaire le document à partir du bon dossier : il n'a pas été envoyé."


@dataclass(frozen=True, slots=True)
class _Given:
    """What the entry is made of; `event` is the principal one of the document."""

    cda: CdaDocument
    event: ServiceEvent | None
    size: int
    sha1: str
    ins: QualifiedIns | None
    masks: tuple[Mask, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an attribute comes from: its field, the place in the header, and how it is taken.

    The place is an XPath of the document, in no language; empty for what only its bytes tell.
    """

    field: str
    place: str
    take: Callable[[_Given], Any]


def document_entry(
    data: bytes,
    ins: QualifiedIns | None,
    *,
    id: str = "Document01",
    masks: Iterable[Mask] = (),
    comments: str | None = None,
    uri: str | None = None,
    max_bytes: int = MAX_BYTES,
    root: Element | None = None,
    sha1: str = "",
) -> DocumentEntry:
    """The metadata of a CDA document, level 1 or structured.

    What the document does not say stays None or empty: `check` tells what is missing.

    Args:
        data: the document exactly as it will be sent: hash and size are of these bytes.
        ins: what the gate let through; None for a document that goes without an INS (never to the DMP). The INS that is
            written in the document is never taken from it.
        id: of the entry in the submission.
        masks: who is not to see it.
        uri: name of the file, in an archive.
        max_bytes: refuse more than this before parsing.
        root: of these bytes, when they are parsed already; the file in them need not be there.
        sha1: of these bytes, in hexadecimal, when it is known already; `check` compares it with them.

    Raises:
        NotCda: this is no CDA document.
        OtherPatient: the document does not carry this INS, once and for one person.
    """
    cda = read_parsed(parse_cda(data, max_bytes=max_bytes) if root is None else root, whole=False)
    if ins is not None and not _is_about(cda.patient, ins):
        raise OtherPatient
    asked = frozenset(masks)
    digest = sha1 or hashlib.sha1(data, usedforsecurity=False).hexdigest()
    given = _Given(cda, cda.principal_event, len(data), digest, ins, tuple(mask for mask in Mask if mask in asked))
    taken: dict[str, Any] = {source.field: source.take(given) for source in SOURCES}
    return DocumentEntry(id=id, comments=comments, uri=uri, **taken)


def class_of(type_code: Coded) -> Coded | None:
    """The classCode of a typeCode; None for a type that ASS_X04 does not know."""
    found = _classes().get((type_code.code, type_code.system))
    return None if found is None else codes("document_classes")[found]


@cache
def _classes() -> Mapping[tuple[str, str], str]:
    return {(row["type"], row["systeme"]): row["classe"] for row in rows("type_classes")}


def _is_about(patient: Patient | None, ins: QualifiedIns) -> bool:
    if patient is None:
        return False
    written = [(one.extension, one.root) for one in patient.ids if one.root in INS_ROOTS]
    return written == [(ins.matricule, ins.oid)]


def _coded(term: CodedTerm | None, table: str = "") -> Coded | None:
    """A code with the display of its value set when that has it, else with its own."""
    if term is None or term.code is None:
        return None
    known = codes(table).get(term.code) if table else None
    if known is not None and known.system == term.system:
        return known
    return Coded(term.code, term.system or "", term.display or "")


def _class(given: _Given) -> Coded | None:
    kind = _coded(given.cda.code)
    return None if kind is None else class_of(kind)


def _format(given: _Given) -> Coded | None:
    found = given.cda.format_code
    return None if found is None else codes("format_codes").get(found)


def _confidentiality(given: _Given) -> tuple[Coded, ...]:
    level = _coded(given.cda.confidentiality, "confidentiality")
    return (*(() if level is None else (level,)), *(mask.coded for mask in given.masks))


def _events(given: _Given) -> tuple[Coded, ...]:
    found = (_coded(event.code) for event in given.cda.service_events)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _patient_id(given: _Given) -> str:
    return xds_patient_id(given.ins) if given.ins is not None else _local_id(given) or ""


def _source_patient_id(given: _Given) -> str | None:
    return _local_id(given) or (None if given.ins is None else xds_patient_id(given.ins))


def _local_id(given: _Given) -> str | None:
    patient = given.cda.patient
    found = () if patient is None else patient.local_ids
    return next((forms.cx(one.extension, one.root, "PI") for one in found if one.extension and one.root), None)


def _patient_info(given: _Given) -> tuple[str, ...]:
    """PID-5 (names of birth, then those in use), PID-7, PID-8 and PID-11 (place of birth), as far as known."""
    patient = given.cda.patient
    if patient is None:
        return ()
    day = patient.birth.day if patient.birth is not None else None
    fields = {
        "PID-5": "~".join(_names(patient)),
        "PID-7": (day or "").replace("-", ""),
        "PID-8": _sex(patient.sex),
        "PID-11": _birthplace(patient),
    }
    return tuple(f"{field}|{value}" for field, value in fields.items() if value)


def _names(patient: Patient) -> list[str]:
    name = patient.name
    if name is None:
        return []
    birth = (name.birth_name or name.family, name.first_given_name or name.given, name.given_names)
    used = (name.used_name, name.used_given_name or birth[1], None)
    return [
        "^".join((*map(forms.part, parts), "", "", "", use))
        for parts, use in ((birth, "L"), (used, "D"))
        if parts[0] and parts[0] != (birth[0] if use == "D" else None)
    ]


def _sex(term: CodedTerm | None) -> str:
    return {"M": "M", "F": "F", "U": "U", "UN": "U"}.get((term.code if term else None) or "", "")


def _birthplace(patient: Patient) -> str:
    place = patient.birthplace
    if place is None or not (place.county or place.city):
        return ""
    return f"^^{forms.part(place.city)}^^^^BDL^^{forms.part(place.county)}"


def _authors(given: _Given) -> tuple[Author, ...]:
    return tuple(_author(one, given.ins) for one in given.cda.authors)


def _author(one: Participation, ins: QualifiedIns | None) -> Author:
    party = one.party
    role = one.function.display if one.function is not None else None
    code = party.code if party.code is not None and party.code.code else None
    patient = party.ids and party.ids[0].root in INS_ROOTS
    return Author(
        person=_xcn(party, ins),
        institutions=() if patient else _institutions(party.organization),
        roles=() if role is None else (role,),
        specialties=() if code is None else (forms.specialty(code.code or "", code.display, code.system),),
    )


def _institutions(organization: Organization | None) -> tuple[str, ...]:
    if organization is None:
        return ()
    found = next((one for one in organization.ids if one.extension and one.root), Identifier())
    said = forms.xon(organization.name, found.extension, found.root)
    return (said,) if said else ()


def _xcn(party: Party, ins: QualifiedIns | None) -> str | None:
    """A person or a software; None when there is nothing to say. An INS leaves only as the gate let it through."""
    found = party.ids[0] if party.ids else Identifier()
    if found.root in INS_ROOTS and (ins is None or (found.extension, found.root) != (ins.matricule, ins.oid)):
        found = Identifier()
    if party.device is not None:
        said = (found.extension, found.root, party.device.software, party.device.model)
        return forms.xcn_device(*said) if any(said) else None
    kind = "NH" if found.root in INS_ROOTS else "IDNPS" if found.root == forms.PERSONS else "RI"
    family, given = (party.name.family, party.name.given) if party.name is not None else (None, None)
    if not (family or given or found.extension):
        return None
    return forms.xcn_person(found.extension, found.root, family, given, kind)


def _legal_authenticators(given: _Given) -> tuple[str, ...]:
    signatory = given.cda.legal_authenticator
    said = None if signatory is None else _xcn(signatory.party, given.ins)
    return () if said is None else (said,)


def _references(given: _Given) -> tuple[str, ...]:
    """The orders that the document answers: their ids, then the accession numbers of imaging."""
    orders = given.cda.orders
    told = [(one, forms.ORDER) for order in orders for one in order.ids]
    told += [(one, forms.ACCESSION) for order in orders for one in order.accession_numbers]
    return tuple(forms.cxi(one.extension, one.root or "", kind) for one, kind in told if one.extension)


def _start(given: _Given) -> str | None:
    event = given.event
    if event is None or event.period is None:
        return None
    return forms.utc(event.period.low or event.period.value)


def _stop(given: _Given) -> str | None:
    event = given.event
    return None if event is None or event.period is None else forms.utc(event.period.high)


SOURCES: Final = (
    Source("unique_id", "id", lambda given: given.cda.unique_id or ""),
    Source("patient_id", "recordTarget/patientRole/id (INS)", _patient_id),
    Source("mime_type", "", lambda given: CDA_MEDIA),
    Source("hash", "", lambda given: given.sha1),
    Source("size", "", lambda given: given.size),
    Source("title", "title", lambda given: given.cda.title),
    Source("creation_time", "effectiveTime", lambda given: forms.utc(given.cda.effective)),
    Source("language", "languageCode/@code", lambda given: given.cda.language),
    Source("service_start", "documentationOf/serviceEvent/effectiveTime/low", _start),
    Source("service_stop", "documentationOf/serviceEvent/effectiveTime/high", _stop),
    Source("source_patient_id", "recordTarget/patientRole/id", _source_patient_id),
    Source("source_patient_info", "recordTarget/patientRole/patient", _patient_info),
    Source("legal_authenticators", "legalAuthenticator/assignedEntity", _legal_authenticators),
    Source("authors", "author", _authors),
    Source("class_code", "code (ASS_X04)", _class),
    Source("type_code", "code", lambda given: _coded(given.cda.code, "document_types")),
    Source("format_code", "templateId, nonXMLBody/text/@mediaType (ASS_A11)", _format),
    Source(
        "facility_type",
        "componentOf/encompassingEncounter/location/healthCareFacility/code",
        lambda given: _coded(given.cda.encounter.facility_type, "facility_types") if given.cda.encounter else None,
    ),
    Source(
        "practice_setting",
        "documentationOf/serviceEvent/performer/…/standardIndustryClassCode",
        lambda given: _coded(given.event.industry, "practice_settings") if given.event else None,
    ),
    Source("confidentiality", "confidentialityCode", _confidentiality),
    Source("events", "documentationOf/serviceEvent/code", _events),
    Source("reference_ids", "inFulfillmentOf/order", _references),
)
"""Every attribute, in the order of the record."""
