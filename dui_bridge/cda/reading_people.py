"""Who a header names: the patient, and everybody else, each as a `Party`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from dui_bridge.cda.reading_values import (
    Address,
    CodedTerm,
    Identifier,
    Moment,
    Name,
    Period,
    Telecom,
    addresses,
    attribute,
    coded_term,
    each,
    first,
    identifiers,
    moment,
    names,
    period,
    telecoms,
    text,
)
from dui_bridge.cda.xml import SDTC, Element
from dui_bridge.ins.matricule import INS_DEMO, INS_NIA, INS_NIR, INS_TEST

INS_ROOTS: Final = frozenset({INS_NIR, INS_NIA, INS_TEST, INS_DEMO})
NATIONAL_PATIENT_IDS: Final = "1.2.250.1.213.1.4."
"""The arc of the national identifiers of patients: INS, the older INS-C, numéro de sécurité sociale."""

_PERSONS: Final = ("assignedPerson", "associatedPerson", "relatedPerson", "informationRecipient", "guardianPerson")
_ORGANIZATIONS: Final = (
    "representedOrganization",
    "scopingOrganization",
    "receivedOrganization",
    "guardianOrganization",
)


@dataclass(frozen=True, slots=True)
class Organization:
    """A structure; `industry` is its standardIndustryClassCode (cadre d'exercice)."""

    ids: tuple[Identifier, ...] = ()
    name: str | None = None
    telecoms: tuple[Telecom, ...] = ()
    addresses: tuple[Address, ...] = ()
    industry: CodedTerm | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A software that is an author."""

    model: str | None = None
    software: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A person, a device or an organization in a role.

    Args:
        role: classCode (`PROV`, `ECON`, `NOK`…).
        code: of a professional, the profession; of a relative, the link.
        names: of the person; empty when there is no person, or one without a name.
    """

    role: str | None = None
    ids: tuple[Identifier, ...] = ()
    code: CodedTerm | None = None
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    names: tuple[Name, ...] = ()
    device: Device | None = None
    organization: Organization | None = None

    @property
    def name(self) -> Name | None:
        return self.names[0] if self.names else None


@dataclass(frozen=True, slots=True)
class Participation:
    """A party that takes part: an author, a signatory, a recipient, a performer…

    Args:
        type: typeCode (`INF`, `PRF`, `ADM`…).
        function: functionCode.
        time: when, for a point in time.
        period: when, for an interval.
        signature: signatureCode of a signatory.
    """

    party: Party
    type: str | None = None
    function: CodedTerm | None = None
    time: Moment | None = None
    period: Period | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the document is about."""

    ids: tuple[Identifier, ...] = ()
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    names: tuple[Name, ...] = ()
    sex: CodedTerm | None = None
    birth: Moment | None = None
    birth_order: str | None = None
    birthplace: Address | None = None
    deceased: bool | None = None
    death: Moment | None = None
    guardians: tuple[Party, ...] = ()

    @property
    def name(self) -> Name | None:
        return self.names[0] if self.names else None

    @property
    def ins(self) -> Identifier | None:
        """The matricule INS with its OID; whether it is qualified, the document cannot prove."""
        return next((one for one in self.ids if one.root in INS_ROOTS and one.extension), None)

    @property
    def local_ids(self) -> tuple[Identifier, ...]:
        """The identifiers of establishments (IPP): neither INS nor another national one."""
        return tuple(one for one in self.ids if one.root and not one.root.startswith(NATIONAL_PATIENT_IDS))


def read_patient(role: Element, *, whole: bool = True) -> Patient:
    """A `patientRole`; unless `whole`, who it is and nothing else: no address, no death, no guardian."""
    person = first(role, "patient")
    places = addresses(person, "birthplace/place/addr")
    patient = Patient(
        identifiers(role),
        names=names(each(person, "name")),
        sex=coded_term(first(person, "administrativeGenderCode")),
        birth=moment(first(person, "birthTime")),
        birthplace=places[0] if places else None,
    )
    if not whole:
        return patient
    return replace(
        patient,
        addresses=addresses(role),
        telecoms=telecoms(role),
        birth_order=attribute(_sdtc(person, "multipleBirthOrderNumber"), "value"),
        deceased=_boolean(attribute(_sdtc(person, "deceasedInd"), "value")),
        death=moment(_sdtc(person, "deceasedTime")),
        guardians=tuple(read_party(guardian) for guardian in each(person, "guardian")),
    )


def read_party(entity: Element | None, *, whole: bool = True) -> Party:
    """An assignedAuthor, assignedEntity, associatedEntity, relatedEntity, intendedRecipient, guardian…

    Args:
        whole: whether addresses and telecoms are wanted, too.
    """
    person = _one_of(entity, _PERSONS)
    device = first(entity, "assignedAuthoringDevice")
    return Party(
        attribute(entity, "classCode"),
        identifiers(entity),
        coded_term(first(entity, "code")),
        addresses(entity) if whole else (),
        telecoms(entity) if whole else (),
        names(each(person, "name")),
        None if device is None else read_device(device),
        read_structure(entity, whole=whole),
    )


def read_participation(element: Element, entity: str, *, whole: bool = True) -> Participation:
    """An author, legalAuthenticator, participant, performer…, whose party is in the child `entity`.

    Args:
        whole: whether addresses, telecoms, the time and the signature are wanted, too.
    """
    party, function = read_party(first(element, entity), whole=whole), coded_term(first(element, "functionCode"))
    if not whole:
        return Participation(party, function=function)
    time = first(element, "time")
    return Participation(
        party,
        attribute(element, "typeCode"),
        function,
        moment(time),
        period(time),
        attribute(first(element, "signatureCode"), "code"),
    )


def read_structure(entity: Element | None, *, whole: bool = True) -> Organization | None:
    """The structure for which a party acts; `whole` as of `read_party`."""
    organization = _one_of(entity, _ORGANIZATIONS)
    return None if organization is None else read_organization(organization, whole=whole)


def read_device(element: Element) -> Device:
    """An `assignedAuthoringDevice`."""
    return Device(text(first(element, "manufacturerModelName")), text(first(element, "softwareName")))


def read_organization(element: Element, *, whole: bool = True) -> Organization:
    """A representedOrganization, scopingOrganization, representedCustodianOrganization…; `whole` as of `read_party`."""
    return Organization(
        identifiers(element),
        text(first(element, "name")),
        telecoms(element) if whole else (),
        addresses(element) if whole else (),
        coded_term(first(element, "standardIndustryClassCode")),
    )


def _one_of(parent: Element | None, tags: tuple[str, ...]) -> Element | None:
    return next((found for tag in tags if (found := first(parent, tag)) is not None), None)


def _sdtc(parent: Element | None, tag: str) -> Element | None:
    return None if parent is None else parent.find(f"{{{SDTC}}}{tag}")


def _boolean(value: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(value or "")
