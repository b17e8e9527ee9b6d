"""recordTarget: who the document is about.

Sources: CI-SIS STRUCMIN, CI-SISRecordTarget (l.52: the traits that go with an INS); annexe "Prise en charge de l'INS".
"""

from __future__ import annotations

from datetime import date
from typing import Final

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.people import address, addresses, name_part, person_name, telecoms
from dui_bridge.cda.times import partial_day
from dui_bridge.cda.xml import E, Element, S, clean, coded, filled
from dui_bridge.data.codes import codes
from dui_bridge.ins.carriers import cda_id
from dui_bridge.ins.gate import is_cog
from dui_bridge.model.identite import Contact, Lien, RoleContact, Usager

MAJORITY: Final = 18

_MANDATED_LINKS: Final = frozenset({Lien.TUTEUR, Lien.MANDATAIRE})
_MANDATED_ROLES: Final = frozenset({RoleContact.MANDATAIRE, RoleContact.REPRESENTANT_LEGAL})


def record_target(content: HeaderContent) -> Element:
    """The usager: identifiers, coordinates, identity."""
    usager = content.usager
    return E.recordTarget(
        E.patientRole(
            *_ids(content),
            *addresses(usager.adresses, "H"),
            *telecoms(usager.telephones, usager.courriels, "H", content.ins),
            patient(usager, content.dates.effective),
        )
    )


def patient(usager: Usager, on: date) -> Element:
    """The identity: name, sex, birth, death, representatives."""
    sex = codes("genders")[usager.sexe if usager.sexe in {"M", "F"} else "UN"]
    return E.patient(
        _name(usager),
        coded("administrativeGenderCode", sex),
        E.birthTime(value=partial_day(usager.date_naissance or "")),
        *_death(usager),
        *([S.multipleBirthOrderNumber(value=str(usager.ordre_naissance))] if (usager.ordre_naissance or 0) > 0 else []),
        *(guardian(contact) for contact in guardians(usager, on)),
        *_birthplace(usager),
        classCode="PSN",
    )


def guardians(usager: Usager, on: date) -> list[Contact]:
    """The legal representatives: for a minor also those who hold parental authority; the bodies and persons mandated.

    A curateur assists and does not represent; a partial birth date makes a minor only when every day of it does.
    """
    minor = is_minor(usager, on)
    return [
        contact
        for contact in usager.entourage
        if (contact.nom or contact.organisme)
        and (
            (minor and contact.autorite_parentale is True)
            or contact.lien in _MANDATED_LINKS
            or contact.role in _MANDATED_ROLES
        )
    ]


def is_minor(usager: Usager, on: date) -> bool:
    """Whether the person is certainly under age on a day."""
    born = usager.date_naissance
    if not born:
        return False
    year, month, day = (int(part) for part in (*born.split("-"), "1", "1")[:3])
    return (on.year - year) - ((on.month, on.day) < (month, day)) < MAJORITY


def guardian(contact: Contact) -> Element:
    """A representative: an organization when one is mandated, else a person (STRUCMIN: one or the other)."""
    coordinates = [
        *(address(contact.adresse) if contact.adresse else ()),
        *telecoms(contact.telephones, contact.courriels, "H" if not contact.organisme else "WP"),
    ]
    if contact.organisme:
        return E.guardian(*coordinates, E.guardianOrganization(E.name(name_part(contact.organisme))))
    return E.guardian(*coordinates, E.guardianPerson(person_name(contact.nom, contact.prenom, contact.civilite)))


def _ids(content: HeaderContent) -> list[Element]:
    ids = [E.id(**cda_id(content.ins))] if content.ins else []
    if content.establishment.oid_ipp:
        local = clean(content.usager.identifiant_local)
        ids.append(E.id(root=content.establishment.oid_ipp, extension=local))
    return ids


def _name(usager: Usager) -> Element:
    """Birth name (BR), all given names in one element without qualifier, the first one (BR), then names in use (CL)."""
    parts = [
        ("family", usager.nom_naissance, "BR"),
        ("given", usager.prenoms, ""),
        ("given", usager.premier_prenom_effectif, "BR"),
        ("family", usager.nom_usage, "CL"),
        ("given", usager.prenom_utilise, "CL"),
    ]
    return E.name(
        *(
            E(tag, text, **({"qualifier": qualifier} if qualifier else {}))
            for tag, value, qualifier in parts
            if (text := name_part(value))
        )
    )


def _death(usager: Usager) -> list[Element]:
    if usager.decede is not True:
        return []
    day = [S.deceasedTime(value=f"{usager.date_deces:%Y%m%d}")] if usager.date_deces else []
    return [S.deceasedInd(value="true"), *day]


def _birthplace(usager: Usager) -> tuple[Element, ...]:
    place = usager.lieu_naissance
    parts = [("county", place.cog if place.cog and is_cog(place.cog) else ""), ("city", clean(place.libelle))]
    addr = filled(E.addr(*(E(tag, text) for tag, text in parts if text)))
    return (E.birthplace(E.place(*addr)),) if addr else ()
