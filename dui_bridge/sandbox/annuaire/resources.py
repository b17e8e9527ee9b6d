"""Professionals and structures as the FHIR API v2 of the Annuaire Santé publishes them.

Written from the guide FHIR Annuaire Santé v1.1 of the ANS (examples of AS Practitioner, AS PractitionerRole, AS
Organization, AS Mailbox MSS), apart from what reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from dui_bridge.sandbox.annuaire.holders import Box, Exercise, Holders, Professional, Structure

Json = dict[str, Any]

_NOS: Final = "https://mos.esante.gouv.fr/NOS"
_AS: Final = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition"
_FR: Final = "https://hl7.fr/ig/fhir/core"
_UPDATED: Final = "2026-11-02T01:00:00.000+01:00"


def resources(holders: Holders) -> list[Json]:
    """Everything that the API serves of them; ids are the stand-in's own."""
    return [
        *map(_organization, holders.structures),
        *map(_practitioner, holders.professionals),
        *(one for each in holders.professionals for one in _roles(each, holders.structures)),
    ]


def _organization(one: Structure) -> Json:
    return {
        **_head("Organization", f"001-01-{one.finess}", one.active),
        "identifier": [
            _identifier("urn:oid:1.2.250.1.71.4.2.2", f"1{one.finess}", "IDNST", "official"),
            _identifier("https://finess.esante.gouv.fr", one.finess, "FINEG"),
        ],
        "type": [_concept("TRE_R02-SecteurActivite", one.sector)] if one.sector else [],
        "name": one.name,
        "telecom": _telecom(one.mailboxes),
        "address": [{"city": one.city, "postalCode": one.postal_code}],
    }


def _practitioner(one: Professional) -> Json:
    tables = (("TRE_G15-ProfessionSante", one.profession), ("TRE_R38-SpecialiteOrdinale", one.speciality))
    return {
        **_head("Practitioner", f"003-{one.rpps}", one.active),
        "identifier": [
            _identifier("urn:oid:1.2.250.1.71.4.2.1", f"8{one.rpps}", "IDNPS", "official"),
            _identifier("https://rpps.esante.gouv.fr", one.rpps, "RPPS", "official"),
        ],
        "name": [{"use": "usual", "family": one.family, "given": [one.given], "prefix": [one.prefix]}],
        "telecom": _telecom(one.mailboxes),
        "qualification": [{"code": _concept(table, code)} for table, code in tables if code],
    }


def _roles(one: Professional, structures: Iterable[Structure]) -> Iterator[Json]:
    known = {structure.finess for structure in structures}
    for number, exercise in enumerate(one.exercises):
        yield {
            **_head("PractitionerRole", f"005-{one.rpps}-{number}", exercise.active),
            "practitioner": {"reference": f"Practitioner/003-{one.rpps}"},
            **({"organization": _at(exercise)} if exercise.finess in known else {}),
            "telecom": _telecom(exercise.mailboxes),
        }


def _at(exercise: Exercise) -> Json:
    return {"reference": f"Organization/001-01-{exercise.finess}"}


def _head(kind: str, number: str, active: bool) -> Json:
    return {"resourceType": kind, "id": number, "meta": {"lastUpdated": _UPDATED}, "active": active, "language": "fr"}


def _identifier(system: str, value: str, kind: str, use: str = "") -> Json:
    coding = {"system": f"{_FR}/CodeSystem/fr-core-cs-v2-0203", "code": kind}
    return {**({"use": use} if use else {}), "type": {"coding": [coding]}, "system": system, "value": value}


def _concept(table: str, code: str) -> Json:
    return {"coding": [{"system": f"{_NOS}/{table}/FHIR/{table.replace('_', '-')}", "code": code}]}


def _telecom(mailboxes: Iterable[Box]) -> list[Json]:
    return [
        {
            **({} if one.plain else {"extension": _extensions(one)}),
            "system": "email",
            "value": one.address,
            **({"rank": one.rank} if one.rank else {}),
        }
        for one in mailboxes
    ]


def _extensions(one: Box) -> list[Json]:
    coding = _concept("TRE_R256-TypeMessagerie", "MSSANTE")["coding"][0]
    said: list[Json] = []
    if one.kind:
        said.append({"url": "type", "valueCodeableConcept": _concept("TRE_R257-TypeBAL", one.kind)})
    texts = {"description": one.description, "service": one.service}
    said += [{"url": name, "valueString": value} for name, value in texts.items() if value]
    flags = {"digitization": one.digitization, "listeRouge": one.red_list}
    said += [{"url": name, "valueBoolean": value} for name, value in flags.items() if value is not None]
    return [
        {"url": f"{_FR}/StructureDefinition/fr-core-contact-point-email-type", "valueCoding": coding},
        {"url": f"{_AS}/as-ext-mailbox-mss-metadata", "extension": said},
    ]
