"""From FHIR resources of the Annuaire Santé to mailboxes of MSSanté.

Sources: ANS, guide FHIR Annuaire Santé v1.1 (profiles AS Practitioner, AS PractitionerRole, AS Organization, AS Mailbox
MSS): mailboxes PER and CAB stand at a Practitioner, PER also at a PractitionerRole, ORG and APP at an Organization; an
e-mail address without the extension of a mailbox is none of MSSanté. The name stands at the Practitioner alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from dui_bridge.connectors.annuaire.entries import Mailbox, Owner, Structure
from dui_bridge.connectors.annuaire.fhir import Resource, objects, one, reference, text, texts
from dui_bridge.connectors.annuaire.settings import Kind
from dui_bridge.data.codes import codes

RPPS: Final = "https://rpps.esante.gouv.fr"
FINESS: Final = "https://finess.esante.gouv.fr"
_PERSON_OID: Final = "urn:oid:1.2.250.1.71.4.2.1"  # PS_IdNat: 8 and the RPPS
_STRUCTURE_OID: Final = "urn:oid:1.2.250.1.71.4.2.2"  # Struct_IdNat: 1 and the FINESS
_METADATA: Final = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
_EMAIL_TYPE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
_PROFESSIONS: Final = ("TRE_G15-", "TRE_R94-", "TRE_R95-", "TRE_R291-")
"""Tables of professions: of health, social, with a title for use, others."""
_SPECIALTIES: Final = ("TRE_R38-",)
"""Table of the specialties of the Ordre."""
_LABELLED: Final = {"TRE_G15-": "G15_", "TRE_R38-": "G15_10/"}
"""How their codes begin in the table of professions, which has the labels that the directory leaves out."""
_KINDS: Final[Mapping[Owner, Collection[Kind]]] = {
    Owner.PERSON: (Kind.PER, Kind.CAB),
    Owner.ORGANISATION: (Kind.ORG, Kind.APP),
}


@dataclass(slots=True)
class Gathered:
    """The resources of one search, by `Type/id`; ids are good within it only."""

    practitioners: dict[str, Resource] = field(default_factory=dict)
    roles: dict[str, Resource] = field(default_factory=dict)
    organizations: dict[str, Resource] = field(default_factory=dict)
    complete: bool = True

    def add(self, resources: Iterable[Resource]) -> list[str]:
        """Keeps them, those of other types aside; gives their ids in order."""
        kept = {
            "Practitioner": self.practitioners,
            "PractitionerRole": self.roles,
            "Organization": self.organizations,
        }
        ids = []
        for resource in resources:
            kind, number = text(resource, "resourceType"), text(resource, "id")
            if kind in kept:
                kept[kind][f"{kind}/{number or len(kept[kind])}"] = resource
                ids += [number] if number else []
        return ids


def owners_of(gathered: Gathered) -> Iterator[Mailbox]:
    """Every person and structure, as a mailbox without an address, whether or not they have one."""
    practices = _practices(gathered)
    for key, practitioner in gathered.practitioners.items():
        yield _person(practitioner, practices.get(key, ()))
    for organization in gathered.organizations.values():
        yield _organisation(organization)


def mailboxes_of(gathered: Gathered) -> Iterator[Mailbox]:
    """Every mailbox, with its owner and where the owner practises."""
    practices = _practices(gathered)
    for key, practitioner in gathered.practitioners.items():
        yield from _told(practitioner, _person(practitioner, practices.get(key, ())))
    for role in gathered.roles.values():
        person = _person(gathered.practitioners.get(reference(role, "practitioner"), {}), _practice(gathered, role))
        open_there = role.get("active") is not False and all(at.active for at in person.structures)
        yield from _told(role, replace(person, active=person.active and open_there, bound=True))
    for organization in gathered.organizations.values():
        yield from _told(organization, _organisation(organization))


def _practices(gathered: Gathered) -> dict[str, tuple[Structure, ...]]:
    """Where each person practises, and not where they did, by `Type/id`."""
    found: dict[str, tuple[Structure, ...]] = {}
    for role in (each for each in gathered.roles.values() if each.get("active") is not False):
        who = reference(role, "practitioner")
        found[who] = (*found.get(who, ()), *_practice(gathered, role))
    return found


def _practice(gathered: Gathered, role: Resource) -> tuple[Structure, ...]:
    organization = gathered.organizations.get(reference(role, "organization"))
    return () if organization is None else (structure_of(organization),)


def rpps_of(practitioner: Resource) -> str:
    """Its RPPS number; empty without one."""
    for identifier in objects(practitioner, "identifier"):
        system, value = text(identifier, "system"), text(identifier, "value")
        if system == RPPS and len(value) == 11:
            return value
        if system == _PERSON_OID and len(value) == 12 and value.startswith("8"):
            return value[1:]
    return ""


def structure_of(organization: Resource) -> Structure:
    """Where somebody practises."""
    address = next(objects(organization, "address"), {})
    return Structure(
        _finess(organization),
        text(organization, "name"),
        text(address, "postalCode"),
        text(address, "city"),
        organization.get("active") is not False,
    )


def _finess(organization: Resource) -> tuple[str, ...]:
    found: list[tuple[bool, str]] = []
    for identifier in objects(organization, "identifier"):
        system, value = text(identifier, "system"), text(identifier, "value")
        kinds = {text(coding, "code") for coding in objects(one(identifier, "type"), "coding")}
        if system == FINESS:
            found.append(("FINEG" not in kinds, value))
        elif system == _STRUCTURE_OID and len(value) == 10 and value.startswith("1"):
            found.append((True, value[1:]))
    return tuple(dict.fromkeys(value for _, value in sorted(found)))


def _person(practitioner: Resource, at: tuple[Structure, ...]) -> Mailbox:
    name = next(objects(practitioner, "name"), {})
    family, given = text(name, "family"), " ".join(texts(name, "given"))
    return Mailbox(
        "",
        Owner.PERSON,
        name=f"{given} {family}".strip(),
        rpps=rpps_of(practitioner),
        family=family,
        given=given,
        structures=at,
        professions=tuple(_qualified(practitioner, _PROFESSIONS)),
        specialties=tuple(_qualified(practitioner, _SPECIALTIES)),
        active=practitioner.get("active") is not False,
    )


def _organisation(organization: Resource) -> Mailbox:
    at = structure_of(organization)
    return Mailbox("", Owner.ORGANISATION, name=at.name, structures=(at,), active=at.active)


def _told(resource: Resource, owner: Mailbox) -> Iterator[Mailbox]:
    """The mailboxes of MSSanté that stand at a resource; one of a kind that cannot stand there has no kind."""
    for point in objects(resource, "telecom"):
        address, extensions = text(point, "value").lower(), {text(e, "url"): e for e in objects(point, "extension")}
        email = one(extensions.get(_EMAIL_TYPE, {}), "valueCoding")
        metadata = extensions.get(_METADATA)
        is_mss = metadata is not None or text(email, "code") == "MSSANTE"
        if text(point, "system") != "email" or not is_mss or not _is_address(address):
            continue
        said = {text(e, "url"): e for e in objects(metadata or {}, "extension")}
        kind, rank = _kind(said.get("type", {}), _KINDS[owner.owner]), text(point, "rank")
        yield replace(
            owner,
            address=address,
            owner=Owner.APPLICATION if kind is Kind.APP else owner.owner,
            kind=kind,
            description=text(said.get("description", {}), "valueString"),
            service=text(said.get("service", {}), "valueString"),
            digitization=_boolean(said.get("digitization", {})),
            red_list=_boolean(said.get("listeRouge", {})) is True,
            rank=int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 6 else None,
            updated_on=_day(resource),
        )


def _is_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and address.isascii() and not set(' @<>,;:"()[]\\') & set(local + domain)


def _kind(said: Resource, kinds: Collection[Kind]) -> Kind | None:
    """The table of the code is not looked at: guide and draft of the API name different ones (R257, R256)."""
    concept = [text(coding, "code") for coding in objects(one(said, "valueCodeableConcept"), "coding")]
    codes_told = {*concept, text(said, "valueCode")}
    return next((kind for kind in kinds if kind.value in codes_told), None)


def _boolean(said: Resource) -> bool | None:
    value = said.get("valueBoolean")
    return value if isinstance(value, bool) else None


def _qualified(practitioner: Resource, tables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Codes of some tables, with their labels."""
    known = codes("professions")
    for qualification in objects(practitioner, "qualification"):
        for coding in objects(one(qualification, "code"), "coding"):
            code, system = text(coding, "code"), text(coding, "system")
            if code and any(table in system for table in tables):
                prefix = next((begin for table, begin in _LABELLED.items() if table in system), None)
                official = None if prefix is None else known.get(f"{prefix}{code}")
                yield code, text(coding, "display") or (official.display if official is not None else "")


def _day(resource: Resource) -> date | None:
    try:
        return date.fromisoformat(text(one(resource, "meta"), "lastUpdated")[:10])
    except ValueError:
        return None
