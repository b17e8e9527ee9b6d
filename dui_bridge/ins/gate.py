"""The one place that decides whether an INS may leave.

Every writer of a document, message or address takes the matricule and its OID from `qualified_ins` and from nowhere
else. Sources: RNIV (only a qualified identity carries matricule and OID; douteuse and fictive invalidate them; the five
strict traits), Référentiel INS (OIDs), CI-SIS annexe "Prise en charge de l'INS" (traits that go with an INS).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from dui_bridge.ins.invented import ORDER_NEVER_ATTRIBUTED, is_listed_test_matricule
from dui_bridge.ins.matricule import INS_NIA, INS_NIR, INS_TEST, has_right_key, is_well_formed
from dui_bridge.model.identite import StatutIdentite, Usager
from dui_bridge.model.profile import Profile

_TRAITS: Final = ("nom_naissance", "prenoms", "premier_prenom", "date_naissance", "sexe", "lieu_naissance")
_COG: Final = re.compile(r"\d{5}|2[AB]\d{3}", re.ASCII)


class Refusal(StrEnum):
    """Why an INS does not leave."""

    NO_MATRICULE = "no_matricule"
    STATUS = "status_not_qualified"
    ANONYMOUS = "anonymous"
    DOUBTFUL = "doubtful"
    FICTITIOUS = "fictitious"
    FORM = "matricule_form"
    KEY = "matricule_key"
    BIRTH_NAME = "birth_name"
    PRESUMED = "presumed_trait"
    GIVEN_NAMES = "given_names"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    BIRTHPLACE = "birthplace"
    OID = "oid"
    NOT_A_TEST_MATRICULE = "not_a_test_matricule"
    TEST_MATRICULE = "test_matricule"
    CHANGED = "identity_changed"  # of a document that was made before: known where it is about to leave


@dataclass(frozen=True, slots=True)
class QualifiedIns:
    """A matricule of 15 characters that may leave, with its OID and the traits that the gate found complete."""

    matricule: str
    oid: str


def qualified_ins(usager: Usager, profile: Profile, marked: Collection[str] = ()) -> QualifiedIns | None:
    """The INS of a qualified identity, or None: then nothing of it leaves. `ins_refusals` tells why."""
    matricule = usager.ins.matricule
    if matricule is None or ins_refusals(usager, profile, marked):
        return None
    return QualifiedIns(matricule, oid_of(matricule, usager.ins.oid, profile))


def ins_refusals(usager: Usager, profile: Profile, marked: Collection[str] = ()) -> tuple[Refusal, ...]:
    """Every reason why the INS of this person does not leave; empty when it may.

    Args:
        marked: model paths whose value a mapping marks as a fallback (`usager.nom_naissance` from the usual name): such
            a trait cannot be that of a qualified identity.
    """
    ins = usager.ins
    reasons = [
        reason
        for reason, holds in (
            (Refusal.NO_MATRICULE, not ins.matricule),
            (Refusal.STATUS, ins.statut is not StatutIdentite.QUALIFIEE),
            (Refusal.ANONYMOUS, usager.anonyme is True),
            (Refusal.DOUBTFUL, ins.douteuse is True),
            (Refusal.FICTITIOUS, ins.fictive is True),
            (Refusal.BIRTH_NAME, not _is_name(usager.nom_naissance)),
            (Refusal.PRESUMED, any(f"usager.{trait}" in marked for trait in _TRAITS)),
            (Refusal.GIVEN_NAMES, not (_is_name(usager.prenoms) and _is_name(usager.premier_prenom_effectif))),
            (Refusal.BIRTH_DATE, not _is_calendar_day(usager.date_naissance)),
            (Refusal.SEX, usager.sexe not in {"M", "F"}),
            (Refusal.BIRTHPLACE, not is_cog(usager.lieu_naissance.cog)),
        )
        if holds
    ]
    if ins.matricule:
        reasons += _matricule_refusals(ins.matricule, ins.oid, profile)
    return tuple(reasons)


def is_cog(value: str | None) -> bool:
    """Whether this has the form of an INSEE code of a commune or (99xxx) of a country."""
    return value is not None and _COG.fullmatch(value) is not None


def _matricule_refusals(matricule: str, oid: str | None, profile: Profile) -> list[Refusal]:
    if not is_well_formed(matricule):
        return [Refusal.FORM]
    reasons = [] if has_right_key(matricule) else [Refusal.KEY]
    listed = is_listed_test_matricule(matricule)
    if profile is Profile.PRODUCTION:
        if listed:
            reasons.append(Refusal.TEST_MATRICULE)
        if (oid or INS_NIR) not in {INS_NIR, INS_NIA}:
            reasons.append(Refusal.OID)
    else:
        if not listed:
            reasons.append(Refusal.NOT_A_TEST_MATRICULE)
        if (oid or INS_NIR) not in {INS_NIR, INS_NIA, INS_TEST}:
            reasons.append(Refusal.OID)
    return reasons


def let_through(matricule: str, oid: str) -> QualifiedIns:
    """What the gate let into a document when it was made, read back from the document.

    The caller makes sure that these are the bytes that were recorded, and that the identity still stands.
    """
    return QualifiedIns(matricule, oid)


def oid_of(matricule: str, given: str | None, profile: Profile) -> str:
    """The OID that goes with a matricule: NIR or NIA is the DUI's word (the first digit does not tell), NIR by default.

    In qualification a published test matricule keeps the NIR or NIA OID under which the national test base knows it;
    invented ones, and everything in the sandbox, carry the test OID.
    """
    if profile is Profile.PRODUCTION:
        return given or INS_NIR
    published = matricule[10:13] != ORDER_NEVER_ATTRIBUTED
    if profile is Profile.QUALIFICATION and published and given in {INS_NIR, INS_NIA}:
        return given
    return INS_TEST


def _is_name(value: str | None) -> bool:
    """At least one letter, and no digit (INSi traits hold letters, spaces, hyphens and apostrophes)."""
    return value is not None and any(c.isalpha() for c in value) and not any(c.isdigit() for c in value)


def _is_calendar_day(value: str | None) -> bool:
    """A corrected or lunar date cannot be that of a qualified identity, and CDA could not carry it."""
    if value is None or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
