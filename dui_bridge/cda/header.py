"""The header of every document, one function an element, in the order of the CDA schema.

Source of every rule: CI-SIS, volet Structuration minimale des documents de santé (STRUCMIN), template
1.2.250.1.213.1.1.1.1; element order: HL7 CDA R2, POCD_MT000040.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.patient import record_target
from dui_bridge.cda.people import (
    address,
    assigned_person,
    establishment_address,
    establishment_phone,
    name_part,
    person_name,
    profession,
    professional_id,
    represented_organization,
    structure_id,
    telecoms,
)
from dui_bridge.cda.times import local_midnight
from dui_bridge.cda.xml import XSI, E, Element, coded
from dui_bridge.data.codes import Coded, codes, facility_type, relation
from dui_bridge.model.accompagnement import Professionnel
from dui_bridge.model.identite import Contact, RoleContact, Usager

HL7_FRANCE: Final = "2.16.840.1.113883.2.8.2.1"
CI_SIS: Final = "1.2.250.1.213.1.1.1.1"
LOINC: Final = "2.16.840.1.113883.6.1"

REFERRING_DOCTOR: Final = Coded("PCP", "2.16.840.1.113883.5.88", "Médecin Traitant")
"""JDV_J47 spells "Médecin traitant"; the Schematrons of VSM and IPS-FR test this spelling."""

NEXT_OF_KIN: Final = "NOK"
EMERGENCY: Final = "ECON"


def header(content: HeaderContent) -> list[Element]:
    """Every element before `component`."""
    return [
        *declaration(content),
        record_target(content),
        author(content),
        *informants(content),
        custodian(content),
        legal_authenticator(content),
        *referring_doctor(content),
        documentation_of(content),
        *related_document(content),
        component_of(content),
    ]


def declaration(content: HeaderContent) -> list[Element]:
    """realmCode to versionNumber. Confidentiality is always N: masking is asked for in the metadata of a deposit."""
    ids, kind = content.ids, content.type
    name = {"codeSystemName": "LOINC"} if kind.coded.system == LOINC else {}
    return [
        E.realmCode(code="FR"),
        E.typeId(root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        E.templateId(root=HL7_FRANCE),
        E.templateId(root=CI_SIS),
        *([E.templateId(root=kind.parent)] if kind.parent else []),
        E.templateId(root=kind.template, **({"extension": kind.extension} if kind.extension else {})),
        E.id(root=ids.unique_id),
        coded("code", kind.coded, **name),
        E.title(content.title),
        E.effectiveTime(value=_effective(content)),
        coded("confidentialityCode", codes("confidentiality")["N"]),
        E.languageCode(code="fr-FR"),
        E.setId(root=ids.set_id),
        E.versionNumber(value=str(ids.version)),
    ]


def author(content: HeaderContent) -> Element:
    """The author: time of writing, identifier, profession, person, establishment."""
    person, establishment = content.author, content.establishment
    return E.author(
        E.time(value=local_midnight(content.dates.written, establishment.timezone)),
        E.assignedAuthor(
            *_professional(person, content),
            represented_organization(establishment),
        ),
    )


def informants(content: HeaderContent) -> list[Element]:
    """An informant for each of `informing`."""
    return [_informant(contact, role) for contact, role in informing(content.usager)]


def informing(usager: Usager) -> list[tuple[Contact, str]]:
    """The personne de confiance (NOK) and who is to be called in an emergency (ECON), in the order of calling."""
    people = sorted(
        (contact for contact in usager.entourage if name_part(contact.nom)),
        key=lambda contact: contact.ordre_appel if contact.ordre_appel is not None else 1000,
    )
    trusted = [c for c in people if c.personne_confiance is True or c.role is RoleContact.PERSONNE_CONFIANCE]
    called = [c for c in people if c.a_prevenir is True or c.role is RoleContact.A_PREVENIR]
    return [*((contact, NEXT_OF_KIN) for contact in trusted), *((contact, EMERGENCY) for contact in called)]


def custodian(content: HeaderContent) -> Element:
    """The establishment keeps the document."""
    establishment = content.establishment
    return E.custodian(
        E.assignedCustodian(
            E.representedCustodianOrganization(
                structure_id(establishment.finess),
                E.name(name_part(establishment.name)),
                *establishment_phone(establishment),
                *establishment_address(establishment),
            )
        )
    )


def legal_authenticator(content: HeaderContent) -> Element:
    """Who answers for the document, at the effective time."""
    return E.legalAuthenticator(
        E.time(value=_effective(content)),
        E.signatureCode(code="S"),
        E.assignedEntity(
            *_professional(content.legal_authenticator, content),
            represented_organization(content.establishment),
        ),
    )


def referring_doctor(content: HeaderContent) -> list[Element]:
    """The médecin traitant as participant INF with function PCP; nothing when the team names none."""
    member = content.referring_doctor
    if member is None:
        return []
    zone = content.establishment.timezone
    time = E.time({f"{{{XSI}}}type": "IVL_TS"})
    if member.debut is None:
        time.set("nullFlavor", "UNK")
    else:
        time.append(E.low(value=local_midnight(member.debut, zone)))
    doctor = member.professionnel
    ids = [professional_id(doctor, content.establishment.finess)] if doctor.rpps else []
    return [
        E.participant(
            coded("functionCode", REFERRING_DOCTOR),
            time,
            E.associatedEntity(
                *ids,
                *profession(doctor),
                *telecoms(content.referring_doctor_phones, [doctor.courriel_mss] if doctor.courriel_mss else [], "WP"),
                E.associatedPerson(person_name(doctor.nom, doctor.prenom, doctor.civilite)),
                classCode="PROV",
            ),
            typeCode="INF",
        )
    ]


def documentation_of(content: HeaderContent) -> Element:
    """What the document records: the accompaniment, from its start, by the author in a medico-social establishment."""
    start = local_midnight(content.dates.service_start, content.establishment.timezone)
    return E.documentationOf(
        E.serviceEvent(
            E.effectiveTime(E.low(value=start)),
            E.performer(
                E.assignedEntity(
                    *_professional(content.author, content),
                    represented_organization(content.establishment, industry=True),
                ),
                typeCode="PRF",
            ),
        )
    )


def related_document(content: HeaderContent) -> list[Element]:
    """The version that this one replaces. No setId inside: a closed rule of STRUCMIN rejects it."""
    ids = content.ids
    if ids.replaces is None:
        return []
    version = [E.versionNumber(value=str(ids.replaces_version))] if ids.replaces_version is not None else []
    return [E.relatedDocument(E.parentDocument(E.id(root=ids.replaces), *version), typeCode="RPLC")]


def component_of(content: HeaderContent) -> Element:
    """The stay (UNK when its start is not known) and the establishment, with the type of its category."""
    establishment = content.establishment
    addr = establishment_address(establishment)
    return E.componentOf(
        E.encompassingEncounter(
            _stay(content),
            E.location(
                E.healthCareFacility(
                    structure_id(establishment.finess),
                    coded("code", facility_type(establishment.category, establishment.facility_type)),
                    E.location(E.name(name_part(establishment.name)), *addr),
                )
            ),
        )
    )


def _stay(content: HeaderContent) -> Element:
    sejour, zone = content.sejour, content.establishment.timezone
    start = (sejour.date_entree or sejour.date_admission) if sejour else None
    if sejour is None or start is None:
        return E.effectiveTime(nullFlavor="UNK")
    end = sejour.date_sortie if sejour.date_sortie and sejour.date_sortie > start else None
    return E.effectiveTime(
        E.low(value=local_midnight(start, zone)),
        *([E.high(value=local_midnight(end, zone))] if end else []),
    )


def _effective(content: HeaderContent) -> str:
    return local_midnight(content.dates.effective, content.establishment.timezone)


def _professional(person: Professionnel, content: HeaderContent) -> list[Element]:
    return [
        professional_id(person, content.establishment.finess),
        *profession(person),
        *telecoms([], [person.courriel_mss] if person.courriel_mss else [], "WP"),
        assigned_person(person),
    ]


def _informant(contact: Contact, role: str) -> Element:
    link = relation(contact.lien.value, contact.civilite) if contact.lien else None
    return E.informant(
        E.relatedEntity(
            *([coded("code", link)] if link else []),
            *(address(contact.adresse) if contact.adresse else ()),
            *telecoms(contact.telephones, contact.courriels, "H"),
            E.relatedPerson(person_name(contact.nom, contact.prenom, contact.civilite)),
            classCode=role,
        )
    )
