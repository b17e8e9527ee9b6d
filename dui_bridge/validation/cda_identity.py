"""Checks of the patient: identity, and the INS that goes with it.

That an INS stands under the OID of a NIR and not of a NIA cannot be told from a document: the first digit does not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from dui_bridge.cda.xml import SDTC, Element
from dui_bridge.data.codes import codes
from dui_bridge.ins.carriers import CITIZEN_MAIL
from dui_bridge.ins.gate import is_cog
from dui_bridge.ins.matricule import INS_DEMO, INS_NIA, INS_NIR, INS_TEST, has_right_key, is_well_formed
from dui_bridge.validation import rules
from dui_bridge.validation.cda_document import Hit, Hits, each, first, header_of, local_name, present, text_of
from dui_bridge.validation.cda_values import code_hits, time_hits

INS_OIDS: Final = frozenset({INS_NIR, INS_NIA, INS_TEST, INS_DEMO})
BILLING_OIDS: Final = frozenset({"1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.14"})
"""NSS-NIR and NSS-NIA: a billing number, not an INS (content model of the DUI transfer)."""
INS_ARC: Final = "1.2.250.1.213.1.4."
_QUALIFIERS: Final = ("BR", "CL")
_POSITIVE: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)


def check_patient(root: Element) -> Hits:
    """recordTarget: one patient, identifiers, name, sex, birth, guardians."""
    roles = each(root, "recordTarget/patientRole")
    patient = first(roles[0], "patient") if len(roles) == 1 else None
    if patient is None:
        yield Hit(rules.PATIENT, root)
        return
    ids = [element for element in each(roles[0], "id") if not element.get("nullFlavor")]
    if not ids or any(not (element.get("root") and element.get("extension")) for element in ids):
        yield Hit(rules.PATIENT_ID, roles[0])
    yield from _name(patient)
    birth = present(patient, "birthTime")
    if birth is None or not birth.get("value"):
        yield Hit(rules.BIRTH_TIME, patient)
    else:
        yield from time_hits(birth, instant=False)
    gender = first(patient, "administrativeGenderCode")
    if gender is None or gender.get("code") is None:
        yield Hit(rules.GENDER, patient)
    yield from code_hits(gender, "genders", rules.GENDER)
    for guardian in each(patient, "guardian"):
        person, body = each(guardian, "guardianPerson"), each(guardian, "guardianOrganization")
        if len(person) + len(body) != 1 or (person and not text_of(first(person[0], "name/family"))):
            yield Hit(rules.GUARDIAN, guardian)
    order = patient.find(f"{{{SDTC}}}multipleBirthOrderNumber")
    if order is not None and _POSITIVE.fullmatch(order.get("value", "")) is None:
        yield Hit(rules.BIRTH_ORDER, order)


def check_ins(root: Element) -> Hits:
    """The INS: its OID, form and key, and the traits that go with it."""
    role = first(root, "recordTarget/patientRole")
    patient = first(role, "patient")
    if role is None or patient is None:
        return
    carried = [element for element in each(role, "id") if element.get("root") in INS_OIDS]
    for element in carried:
        matricule = element.get("extension", "")
        if not is_well_formed(matricule):
            yield Hit(rules.INS_FORM, element)
        elif not has_right_key(matricule):
            yield Hit(rules.INS_KEY, element)
    for element in each(role, "id"):
        oid = element.get("root", "")
        if oid not in INS_OIDS | BILLING_OIDS and (
            oid.startswith(INS_ARC) or has_right_key(element.get("extension", ""))
        ):
            yield Hit(rules.INS_OID, element, {"root": oid})
    yield from _citizen_mails(root, {element.get("extension", "").lower() for element in carried})
    if not carried:
        yield Hit(rules.INS_ABSENT, role)
        return
    if len(carried) > 1:
        yield Hit(rules.INS_SEVERAL, carried[1])
    yield from _traits(patient)


def _name(patient: Element) -> Hits:
    name = present(patient, "name")
    families, givens = ([], []) if name is None else (each(name, "family"), each(name, "given"))
    if (
        not any(text_of(family) for family in families)
        or not any(text_of(given) for given in givens)
        or any(family.get("qualifier") not in _QUALIFIERS for family in families)
        or any(given.get("qualifier") not in {None, *_QUALIFIERS} for given in givens)
    ):
        yield Hit(rules.PATIENT_NAME, patient if name is None else name)


def _traits(patient: Element) -> Hits:
    names = each(patient, "name/family") + each(patient, "name/given")
    held = {(local_name(element), element.get("qualifier")) for element in names if text_of(element)}
    county = first(patient, "birthplace/place/addr/county")
    for trait, stands in (
        ("family BR", ("family", "BR") in held),
        ("given", ("given", None) in held),
        ("given BR", ("given", "BR") in held),
        ("birthplace/place/addr/county", bool(text_of(county))),
    ):
        if not stands:
            yield Hit(rules.INS_TRAITS, patient, {"trait": trait})
    if county is not None and text_of(county) and not is_cog(text_of(county)):
        yield Hit(rules.INS_BIRTHPLACE, county)
    birth = present(patient, "birthTime")
    if birth is not None and not _is_full_day(birth.get("value", "")):
        yield Hit(rules.INS_BIRTH_TIME, birth)
    gender = first(patient, "administrativeGenderCode")
    if gender is not None and gender.get("code") in codes("genders").keys() - {"M", "F"}:
        yield Hit(rules.INS_GENDER, gender)


def _is_full_day(value: str) -> bool:
    try:
        datetime.strptime(value[:8], "%Y%m%d")  # noqa: DTZ007 - only whether the day exists
    except ValueError:
        return False
    return len(value) >= 8


def _citizen_mails(root: Element, matricules: set[str]) -> Hits:
    for telecom in header_of(root, "telecom"):
        value = telecom.get("value", "").lower()
        if value.endswith(CITIZEN_MAIL) and value.removeprefix("mailto:").removesuffix(CITIZEN_MAIL) not in matricules:
            yield Hit(rules.INS_MAIL, telecom)


CHECKS: Final[tuple[Callable[[Element], Hits], ...]] = (check_patient, check_ins)
