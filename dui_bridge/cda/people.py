"""Identifiers, names, addresses and telecoms of people and structures.

Sources: CI-SIS, volet Structuration minimale (STRUCMIN): addresses, telecoms, names of persons; annexe "Sources des
données métier pour les personnes et les structures": national identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from dui_bridge.cda.xml import E, Element, clean, coded, filled
from dui_bridge.data.codes import codes
from dui_bridge.ins.carriers import CITIZEN_MAIL, citizen_address
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import Professionnel
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Adresse

PERSONS: Final = "1.2.250.1.71.4.2.1"
STRUCTURES: Final = "1.2.250.1.71.4.2.2"
MAX_ADDRESS_LINES: Final = 7  # STRUCMIN CI-SISAddr

_MOBILE: Final = re.compile(r"(?:\+33|0033|0)[67]")
_KEPT_IN_MAIL: Final = "@!$&'*+/=?"
_NOT_DIALLED: Final = re.compile(r"[^\d+]")


def person_id(person: Professionnel, finess: str) -> str | None:
    """National identifier of a professional: `8`+RPPS, else `3`+FINESS+`/`+local code; None without either."""
    if person.rpps:
        return f"8{person.rpps}"
    local = clean(person.code_local)
    return f"3{finess}/{local}" if local else None


def structure_id(finess: str) -> Element:
    """Identifier of an establishment: `1`+FINESS géographique."""
    return E.id(root=STRUCTURES, extension=f"1{finess}")


def professional_id(person: Professionnel, finess: str) -> Element:
    """The `id` of a professional.

    Raises:
        ValueError: it has no identifier (`needs` finds it first).
    """
    extension = person_id(person, finess)
    if extension is None:
        raise ValueError("a professional has neither RPPS nor local code")
    return E.id(root=PERSONS, extension=extension)


def profession(person: Professionnel) -> tuple[Element, ...]:
    """The `code` of a professional when it is one of JDV_J01, in its own system; nothing otherwise."""
    if person.profession is None:
        return ()
    known = codes("professions").get(person.profession.code)
    if known is None or person.profession.systeme not in {None, known.system}:
        return ()
    return (coded("code", known),)


def name_part(value: str | None) -> str:
    """A part of a name: clean, and without an opening quotation mark (STRUCMIN dtr1-4-EN)."""
    return clean(value).lstrip('" ')


def person_name(family: str | None, given: str | None, civility: str | None = None) -> Element:
    """A `name`: civility of JDV_J245, one given, one family."""
    parts = [("prefix", civility or ""), ("given", name_part(given)), ("family", name_part(family))]
    return E.name(*(E(tag, text) for tag, text in parts if text))


def assigned_person(person: Professionnel) -> Element:
    """The `assignedPerson` of a professional."""
    return E.assignedPerson(person_name(person.nom, person.prenom, person.civilite))


def address(adresse: Adresse, use: str = "") -> tuple[Element, ...]:
    """An `addr`: structured parts or lines, never both; nothing when the address is blank."""
    lines = [line for line in map(clean, adresse.lignes) if line]
    structured = [
        ("houseNumber", clean(adresse.numero_voie)),
        ("streetName", clean(adresse.libelle_voie)),
        ("additionalLocator", clean(adresse.complement)),
    ]
    place = [("postalCode", clean(adresse.code_postal)), ("city", clean(adresse.localite))]
    country = clean(adresse.pays)
    attributes = {"use": use} if use else {}
    if lines and not any(text for _, text in structured):
        town = " ".join(text for _, text in place if text)
        kept = [*lines, *filter(None, (town, country))]
        if len(kept) > MAX_ADDRESS_LINES:
            kept = [*kept[: MAX_ADDRESS_LINES - 1], " ".join(kept[MAX_ADDRESS_LINES - 1 :])]
        return filled(E.addr(*(E.streetAddressLine(line) for line in kept), **attributes))
    if lines:
        structured[2] = ("additionalLocator", ", ".join(filter(None, (structured[2][1], *lines))))
    parts = [*structured, *place, ("country", country)]
    return filled(E.addr(*(E(tag, text) for tag, text in parts if text), **attributes))


def addresses(values: Iterable[Adresse], use: str = "") -> list[Element]:
    """The `addr` of each address, without repetition (two equal addresses break rule RIM-002)."""
    return _distinct(element for value in values for element in address(value, use))


def telecoms(phones: Sequence[str], mails: Sequence[str], use: str, ins: QualifiedIns | None = None) -> list[Element]:
    """The `telecom` of each number and mail address, without repetition.

    Args:
        phones: as recorded; what is not dialled is dropped. A French mobile number gets `MC`, the others `use`.
        mails: as recorded; what a URI cannot hold is percent-encoded.
        use: `H` or `WP`.
        ins: what the gate let through. An address of the citizen mail holds a matricule: it leaves only with that one.
    """
    numbers = [_NOT_DIALLED.sub("", phone) for phone in phones]
    elements = [E.telecom(value=f"tel:{n}", use="MC" if _MOBILE.match(n) else use) for n in numbers if n]
    kept = [mail for mail in map(clean, mails) if "@" in mail and _may_leave(mail, ins)]
    elements += [E.telecom(value=f"mailto:{quote(mail, safe=_KEPT_IN_MAIL)}") for mail in kept]
    return _distinct(elements)


def _may_leave(mail: str, ins: QualifiedIns | None) -> bool:
    text = mail.lower()
    return not text.endswith(CITIZEN_MAIL) or (ins is not None and text == citizen_address(ins).lower())


def establishment_address(establishment: Establishment) -> tuple[Element, ...]:
    """The `addr` of an establishment."""
    return address(
        Adresse(
            lignes=establishment.address_lines,
            code_postal=establishment.postal_code,
            localite=establishment.city,
        )
    )


def establishment_phone(establishment: Establishment) -> list[Element]:
    """The `telecom` of an establishment: none or one."""
    return telecoms([establishment.phone] if establishment.phone else [], [], "WP")


def represented_organization(establishment: Establishment, *, industry: bool = False) -> Element:
    """The `representedOrganization` of a professional: the establishment; with its practice setting for `industry`."""
    setting = [coded("standardIndustryClassCode", codes("practice_settings")["ESSMS"])] if industry else []
    return E.representedOrganization(
        structure_id(establishment.finess),
        E.name(name_part(establishment.name)),
        *establishment_phone(establishment),
        *establishment_address(establishment),
        *setting,
    )


def _distinct(elements: Iterable[Element]) -> list[Element]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for element in elements:
        content = (
            element.get("use"),
            element.get("value"),
            *((child.tag, child.text) for child in element),
        )
        if content not in seen:
            seen.add(content)
            kept.append(element)
    return kept
