"""Reads any CI-SIS CDA document to its terms: what XDS metadata and received mail stand on.

Tolerant: whatever is missing from a well-formed ClinicalDocument is None or empty, and nothing is corrected; whether
the document is right is for `validation` to say. Terms and their places: HL7 CDA R2, CI-SIS STRUCMIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from dui_bridge.cda.reading_body import Body, BodyKind, read_body
from dui_bridge.cda.reading_people import (
    Organization,
    Participation,
    Party,
    Patient,
    read_organization,
    read_participation,
    read_party,
    read_patient,
    read_structure,
)
from dui_bridge.cda.reading_values import (
    Address,
    CodedTerm,
    Identifier,
    Moment,
    Period,
    addresses,
    attribute,
    coded_term,
    each,
    first,
    identifier,
    identifiers,
    moment,
    period,
    text,
)
from dui_bridge.cda.xml import HL7, Element
from dui_bridge.data.codes import rows
from dui_bridge.errors import FixData
from dui_bridge.findings import Who
from dui_bridge.xmlsafe import XmlRefused, parse_xml

LEVEL_1_MODEL: Final = "1.3.6.1.4.1.19376.1.2.20"
"""templateId of IHE XDS-SD."""

MAX_BYTES: Final = 140 * 1024 * 1024
"""Default cap: a PDF of 100 MiB in base64, and a header."""

_DICOM: Final = "urn:dicom-org:ps3-20"


class NotCda(FixData):
    """What was received or given is not a CDA document."""

    code = "DAT-002"
    who = Who.VENDOR
    en = "this is not a CDA document: {reason}"
    fr = "ce n'est pas un document CDA : {reason_fr}"
    action_en = "Ask its sender for the document again."
    action_fr = "Redemandez le document à son émetteur."


_REFUSED: Final = {
    "not_xml": {"reason": "not XML", "reason_fr": "ce n'est pas du XML"},
    "doctype": {"reason": "it has a DOCTYPE", "reason_fr": "il a un DOCTYPE"},
    "too_large": {"reason": "it is too large", "reason_fr": "il est trop grand"},
}
_OTHER_ROOT: Final = {"reason": "another root element", "reason_fr": "autre élément racine"}


@dataclass(frozen=True, slots=True)
class RelatedDocument:
    """A document that this one replaces (`RPLC`), appends to (`APND`) or transforms (`XFRM`)."""

    type: str | None = None
    ids: tuple[Identifier, ...] = ()
    set_id: Identifier | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order that the document answers: its ids, and the accession numbers of imaging."""

    ids: tuple[Identifier, ...] = ()
    accession_numbers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """What the document records."""

    ids: tuple[Identifier, ...] = ()
    code: CodedTerm | None = None
    period: Period | None = None
    performers: tuple[Participation, ...] = ()

    @property
    def industry(self) -> CodedTerm | None:
        """The standardIndustryClassCode (cadre d'exercice) of its first performer that has one."""
        structures = (performer.party.organization for performer in self.performers)
        return next((one.industry for one in structures if one is not None and one.industry is not None), None)


@dataclass(frozen=True, slots=True)
class Encounter:
    """The stay or visit; `facility_type` is the healthCareFacility code (modalité de la structure)."""

    ids: tuple[Identifier, ...] = ()
    code: CodedTerm | None = None
    period: Period | None = None
    responsible: Party | None = None
    participants: tuple[Participation, ...] = ()
    facility_ids: tuple[Identifier, ...] = ()
    facility_type: CodedTerm | None = None
    facility_name: str | None = None
    facility_addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """An authorization: a consent, by its code and status."""

    ids: tuple[Identifier, ...] = ()
    code: CodedTerm | None = None
    status: str | None = None


@dataclass(frozen=True, kw_only=True)
class CdaDocument:
    """The terms of a document, in the order of its header, and its body.

    Args:
        id: of this version; `unique_id` is its text form.
        patients: one in a right document; `patient` gives it.
        informants, participants, recipients…: in the order of the document.
    """

    realm: str | None
    templates: tuple[Identifier, ...]
    id: Identifier | None
    code: CodedTerm | None
    title: str | None
    effective: Moment | None
    confidentiality: CodedTerm | None
    language: str | None
    set_id: Identifier | None
    version: int | None
    patients: tuple[Patient, ...]
    authors: tuple[Participation, ...]
    data_enterer: Participation | None = None
    informants: tuple[Party, ...] = ()
    custodian: Organization | None = None
    recipients: tuple[Participation, ...] = ()
    legal_authenticator: Participation | None
    authenticators: tuple[Participation, ...] = ()
    participants: tuple[Participation, ...] = ()
    orders: tuple[Order, ...]
    service_events: tuple[ServiceEvent, ...]
    related_documents: tuple[RelatedDocument, ...] = ()
    consents: tuple[Consent, ...] = ()
    encounter: Encounter | None
    body: Body

    @property
    def unique_id(self) -> str | None:
        """`root`, or `root^extension`: the form of an XDS uniqueId."""
        if self.id is None or self.id.root is None:
            return None
        return f"{self.id.root}^{self.id.extension}" if self.id.extension else self.id.root

    @property
    def patient(self) -> Patient | None:
        """Who the document is about; None without any, and when it names several, for then nobody can tell."""
        return self.patients[0] if len(self.patients) == 1 else None

    @property
    def replaced(self) -> tuple[Identifier, ...]:
        """The ids of the documents that this one replaces."""
        return tuple(one for related in self.related_documents if related.type == "RPLC" for one in related.ids)

    @property
    def principal_event(self) -> ServiceEvent | None:
        """The event that metadata tell of: the first whose performer has a cadre d'exercice, else the first."""
        known = (event for event in self.service_events if event.industry is not None)
        return next(known, self.service_events[0] if self.service_events else None)

    @property
    def format_code(self) -> str | None:
        """The XDS formatCode: of a level 1 body by its media type, else by the model (ASS_A11); None if not listed."""
        if self.body.kind is BodyKind.LEVEL_1:
            return _formats().get((LEVEL_1_MODEL, self.body.embedded.media_type)) if self.body.embedded else None
        found = (_formats().get((template.root or "", "")) for template in reversed(self.templates))
        return next((code for code in found if code is not None), None)


def parse_cda(data: bytes, *, max_bytes: int = MAX_BYTES) -> Element:
    """The root of a document, for `read_parsed`.

    Args:
        data: the whole document.
        max_bytes: refuse more than this before parsing.
    Raises:
        NotCda: not well-formed, a DOCTYPE, too large, or another root element.
    """
    try:
        root = parse_xml(data, max_bytes=max_bytes, huge=True)
    except XmlRefused as refused:
        raise NotCda(**_REFUSED[refused.reason]) from None
    if root.tag != f"{{{HL7}}}ClinicalDocument":
        raise NotCda(**_OTHER_ROOT)
    return root


def read_cda(data: bytes, *, max_bytes: int = MAX_BYTES) -> CdaDocument:
    """The terms of a document. Args and Raises as for `parse_cda`: nothing else is raised, whatever is in it."""
    return read_parsed(parse_cda(data, max_bytes=max_bytes))


def read_parsed(root: Element, *, whole: bool = True) -> CdaDocument:
    """The terms of a document that is parsed. Never raises.

    Args:
        whole: whether the people, consents and documents around the act, who performed it (but for the structure),
            addresses and telecoms, and the bytes of an embedded file are wanted, too; XDS metadata do not tell of them.
    """
    ids, set_ids = identifiers(root), identifiers(root, "setId")
    signatories = _participations(root, "legalAuthenticator", "assignedEntity", whole=whole)
    encounter = first(root, "componentOf/encompassingEncounter")
    document = CdaDocument(
        realm=attribute(first(root, "realmCode"), "code"),
        templates=identifiers(root, "templateId"),
        id=ids[0] if ids else None,
        code=coded_term(first(root, "code")),
        title=text(first(root, "title")),
        effective=moment(first(root, "effectiveTime")),
        confidentiality=coded_term(first(root, "confidentialityCode")),
        language=attribute(first(root, "languageCode"), "code"),
        set_id=set_ids[0] if set_ids else None,
        version=_number(attribute(first(root, "versionNumber"), "value")),
        patients=tuple(read_patient(role, whole=whole) for role in each(root, "recordTarget/patientRole")),
        authors=_participations(root, "author", "assignedAuthor", whole=whole),
        legal_authenticator=signatories[0] if signatories else None,
        orders=tuple(_order(order) for order in each(root, "inFulfillmentOf/order")),
        service_events=tuple(
            _service_event(event, whole=whole) for event in each(root, "documentationOf/serviceEvent")
        ),
        encounter=None if encounter is None else _encounter(encounter, whole=whole),
        body=read_body(root, decoded=whole),
    )
    return _with_the_rest(document, root) if whole else document


def _with_the_rest(document: CdaDocument, root: Element) -> CdaDocument:
    data_enterers = _participations(root, "dataEnterer", "assignedEntity")
    custodian = first(root, "custodian/assignedCustodian/representedCustodianOrganization")
    return replace(
        document,
        data_enterer=data_enterers[0] if data_enterers else None,
        informants=tuple(_informant(informant) for informant in each(root, "informant")),
        custodian=None if custodian is None else read_organization(custodian),
        recipients=_participations(root, "informationRecipient", "intendedRecipient"),
        authenticators=_participations(root, "authenticator", "assignedEntity"),
        participants=_participations(root, "participant", "associatedEntity"),
        related_documents=tuple(_related(related) for related in each(root, "relatedDocument")),
        consents=tuple(_consent(consent) for consent in each(root, "authorization/consent")),
    )


@cache
def _formats() -> Mapping[tuple[str, str], str]:
    return {(row["template"], row["media"]): row["format"] for row in rows("formats")}


def _participations(parent: Element, path: str, entity: str, *, whole: bool = True) -> tuple[Participation, ...]:
    return tuple(read_participation(element, entity, whole=whole) for element in each(parent, path))


def _informant(element: Element) -> Party:
    related = first(element, "relatedEntity")
    return read_party(first(element, "assignedEntity") if related is None else related)


def _order(element: Element) -> Order:
    accession = element.findall(f"{{{_DICOM}}}accessionNumber")
    return Order(identifiers(element), tuple(identifier(number) for number in accession))


def _service_event(element: Element, *, whole: bool) -> ServiceEvent:
    return ServiceEvent(
        identifiers(element),
        coded_term(first(element, "code")),
        period(first(element, "effectiveTime")),
        tuple(_performer(performer, whole=whole) for performer in each(element, "performer")),
    )


def _performer(element: Element, *, whole: bool) -> Participation:
    if whole:
        return read_participation(element, "assignedEntity")
    return Participation(Party(organization=read_structure(first(element, "assignedEntity"), whole=False)))


def _related(element: Element) -> RelatedDocument:
    parent = first(element, "parentDocument")
    set_ids = identifiers(parent, "setId")
    version = _number(attribute(first(parent, "versionNumber"), "value"))
    return RelatedDocument(
        attribute(element, "typeCode"), identifiers(parent), set_ids[0] if set_ids else None, version
    )


def _consent(element: Element) -> Consent:
    status = attribute(first(element, "statusCode"), "code")
    return Consent(identifiers(element), coded_term(first(element, "code")), status)


def _encounter(element: Element, *, whole: bool) -> Encounter:
    facility = first(element, "location/healthCareFacility")
    facility_type = coded_term(first(facility, "code"))
    if not whole:
        return Encounter(facility_type=facility_type)
    responsible = first(element, "responsibleParty/assignedEntity")
    return Encounter(
        identifiers(element),
        coded_term(first(element, "code")),
        period(first(element, "effectiveTime")),
        None if responsible is None else read_party(responsible),
        _participations(element, "encounterParticipant", "assignedEntity"),
        identifiers(facility),
        facility_type,
        text(first(facility, "location/name")),
        addresses(facility, "location/addr"),
    )


def _number(value: str | None) -> int | None:
    """A version; None for what is not a number of at most nine digits."""
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 10 else None
