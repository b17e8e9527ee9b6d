"""A professional who is signed in, as the caller of a VIHF in the mode INDIRECTE_RENFORCEE (AIR).

Sources: CI-SIS, volet Transport synchrone (roles of a VIHF: profession TRE_G15, of students TRE_G16; then, of doctors,
the savoir-faire TRE_R01, of pharmacists the section TRE_G05; JDV_J65); JDV_J01_XdsAuthorSpecialty_CISIS for the labels.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.connectors.psc.client import Session
from dui_bridge.connectors.psc.errors import ProfessionalIncomplete, SituationAmbiguous
from dui_bridge.connectors.psc.professional import Activity, Exercise, Professional
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role
from dui_bridge.data.codes import codes

_G15: Final = "1.2.250.1.71.1.2.7"
_G16: Final = "1.2.250.1.71.1.2.8"
_R01: Final = "1.2.250.1.71.4.2.5"
_G05: Final = "1.2.250.1.71.4.2.6"
_STUDENT: Final = "E"


def air_caller(
    session: Session, *, finess: str, sector: str, authentication: str, situation: int | None = None
) -> Caller:
    """The caller of the DMP in the name of the person, from one establishment.

    Args:
        finess: geographic FINESS of the establishment that calls; sector: its SAxx.
        authentication: `PscSettings.authentication_class`.
        situation: number of the practice situation, from 1; by default that in this establishment, else the only one.
    Raises:
        SituationAmbiguous: several, none in this establishment, and none chosen; or no such number.
        ProfessionalIncomplete: no profession that a VIHF can tell.
    """
    person = session.professional
    exercise = _exercise(person, finess, situation)
    return Caller(
        mode=Mode.RENFORCEE,
        national_id=person.national_id,
        name=f"{exercise.family or person.family} {exercise.given or person.given}".strip(),
        structure=f"1{finess}",
        sector=sector,
        roles=_roles(person, exercise, finess),
        authentication=authentication,
        authenticated_at=session.authenticated_at,
    )


def _exercise(person: Professional, finess: str, situation: int | None) -> Exercise:
    known = person.exercises
    if situation is not None:
        if not 1 <= situation <= len(known):
            raise SituationAmbiguous
        return known[situation - 1]
    here = [one for one in known if any(finess == at.finess for at in one.activities)]
    fit = here or list(known)
    if not fit:
        raise ProfessionalIncomplete(reason="no practice situation", reason_fr="aucune situation d'exercice")
    if len(fit) > 1:
        raise SituationAmbiguous
    return fit[0]


def _roles(person: Professional, exercise: Exercise, finess: str) -> tuple[Role, ...]:
    profession = exercise.profession
    if profession is None:
        return _told_roles(person)
    student = exercise.category == _STUDENT
    roles = [Role(profession, _G16 if student else _G15, _label(f"G15_{profession}") or profession)]
    if exercise.speciality is not None:
        label = _label(f"G15_{profession}/{exercise.speciality}").rpartition(" - ")[2]
        roles.append(Role(exercise.speciality, _R01, label or exercise.speciality))
    section = _activity(exercise, finess).pharmacist_section
    if section is not None:
        roles.append(Role(section, _G05, _label(f"G15_{profession}/{section}") or section))
    return tuple(roles)


def _activity(exercise: Exercise, finess: str) -> Activity:
    here = [one for one in exercise.activities if one.finess == finess]
    return next(iter([*here, *exercise.activities]), Activity())


def _told_roles(person: Professional) -> tuple[Role, ...]:
    """Of those who have no profession of health: `SubjectRole`, as it stands."""
    split = [one.partition("^") for one in person.roles]
    roles = tuple(Role(code, system, _label(code) or code) for code, _, system in split if code and system)
    if not roles:
        raise ProfessionalIncomplete(reason="no profession", reason_fr="aucune profession")
    return roles


def _label(code: str) -> str:
    found = codes("professions").get(code)
    return found.display if found is not None else ""
