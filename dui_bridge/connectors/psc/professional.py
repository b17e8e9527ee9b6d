"""The professional as the service describes them (userinfo): a frozen record, with nothing guessed.

Source: ANS, samples of userinfo of Pro Santé Connect (`SubjectNameID`, `SubjectRefPro.exercices[].activities[]`,
`Palier_Authentification`, `otherIds`); an empty text there means that nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.psc.errors import ProfessionalIncomplete

_RPPS: Final = re.compile(r"8(\d{11})", re.ASCII)
_FINESS: Final = re.compile(r"\d[0-9AB]\d{7}", re.ASCII)
_SIRET: Final = re.compile(r"\d{14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Activity:
    """Where and how a profession is practised.

    Args:
        name: of the structure.
        finess: geographic FINESS, legal_finess: that of the entity it belongs to.
        technical_id: of the structure in the national directory.
        former_id: Struct_IdNat as it was, for a private practice 4 and the RPPS with a rank.
        sector: SAxx. mode: L(ibéral), S(alarié), B(énévole). kind: GENRxx.
        role: code of the role, of those who are characterised by it.
        pharmacist_section: of the order.
    """

    name: str | None = None
    finess: str | None = None
    legal_finess: str | None = None
    siret: str | None = None
    technical_id: str | None = None
    former_id: str | None = None
    sector: str | None = None
    mode: str | None = None
    kind: str | None = None
    role: str | None = None
    pharmacist_section: str | None = None

    @property
    def national_id(self) -> str | None:
        """Struct_IdNat: of the geographic FINESS, else of the SIRET, else as it was."""
        if self.finess is not None:
            return f"1{self.finess}"
        return f"3{self.siret}" if self.siret is not None else self.former_id


@dataclass(frozen=True, slots=True)
class Exercise:
    """One practice situation.

    Args:
        profession: code of TRE_G15. category: C(ivil), M(ilitaire), E (student), else as given.
        speciality_kind, speciality: type and code of the savoir-faire (`S`, `SM26`).
        family, given: the names under which it is practised.
    """

    profession: str | None = None
    category: str | None = None
    speciality_kind: str | None = None
    speciality: str | None = None
    family: str | None = field(default=None, repr=False)
    given: str | None = field(default=None, repr=False)
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Professional:
    """A professional.

    Args:
        national_id: PS_IdNat, `8` and the RPPS for most.
        family, given: as the person is called.
        exercises: practice situations, in the order of the service.
        roles: `SubjectRole`, each `code^OID`.
        organisation, organisation_id: of the situation in which the person was authenticated, if told.
        sector: `SAxx^OID` of that situation.
        level: `Palier_Authentification`: how surely the person was identified.
        other_ids: origin and identifier.
    """

    national_id: str = field(repr=False)
    family: str = field(repr=False)
    given: str = field(repr=False)
    exercises: tuple[Exercise, ...] = field(repr=False)
    roles: tuple[str, ...] = ()
    organisation: str | None = None
    organisation_id: str | None = None
    sector: str | None = None
    level: str | None = None
    other_ids: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def rpps(self) -> str | None:
        """The 11 digits, of those who have one."""
        found = _RPPS.fullmatch(self.national_id)
        return found[1] if found is not None else None


def read_professional(claims: Mapping[str, object], national_id: str) -> Professional:
    """The professional of a userinfo answer.

    Args:
        national_id: the claim that holds their national id.
    Raises:
        ProfessionalIncomplete: it tells no national id or no name.
    """
    identifier, family, given = (_text(claims, name) for name in (national_id, "family_name", "given_name"))
    if identifier is None or not identifier.isascii() or not identifier.isprintable():
        raise ProfessionalIncomplete(reason="no national id", reason_fr="pas d'identifiant national")
    if family is None:
        raise ProfessionalIncomplete(reason="no family name", reason_fr="pas de nom")
    listed = claims.get("SubjectRole")
    roles = listed if isinstance(listed, list) else []
    return Professional(
        identifier,
        family,
        given or "",
        tuple(_exercise(one) for one in _objects(claims.get("SubjectRefPro"), "exercices")),
        roles=tuple(one for one in roles if isinstance(one, str)),
        organisation=_text(claims, "SubjectOrganization"),
        organisation_id=_text(claims, "SubjectOrganizationID"),
        sector=_text(claims, "Secteur_Activite"),
        level=_text(claims, "Palier_Authentification"),
        other_ids=tuple(
            (_text(one, "origine") or "", _text(one, "identifiant") or "") for one in _objects(claims, "otherIds")
        ),
    )


def _exercise(said: Mapping[str, object]) -> Exercise:
    return Exercise(
        profession=_text(said, "codeProfession"),
        category=_text(said, "codeCategorieProfessionnelle"),
        speciality_kind=_text(said, "codeTypeSavoirFaire"),
        speciality=_text(said, "codeSavoirFaire"),
        family=_text(said, "nomDexercice"),
        given=_text(said, "prenomDexercice"),
        activities=tuple(_activity(one) for one in _objects(said, "activities")),
    )


def _activity(said: Mapping[str, object]) -> Activity:
    return Activity(
        name=_text(said, "raisonSocialeSite") or _text(said, "enseigneCommercialeSite"),
        finess=_formed(said, "numeroFinessSite", _FINESS),
        legal_finess=_formed(said, "numeroFinessetablissementJuridique", _FINESS),
        siret=_formed(said, "numeroSiretSite", _SIRET),
        technical_id=_text(said, "identifiantTechniqueDeLaStructure"),
        former_id=_text(said, "ancienIdentifiantDeLaStructure"),
        sector=_text(said, "codeSecteurDactivite"),
        mode=_text(said, "codeModeExercice"),
        kind=_text(said, "codeGenreActivite"),
        role=_text(said, "codeRole"),
        pharmacist_section=_text(said, "codeSectionPharmacien"),
    )


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _formed(said: Mapping[str, object], name: str, form: re.Pattern[str]) -> str | None:
    value = _text(said, name)
    return value if value is not None and form.fullmatch(value) else None


def _objects(said: object, name: str) -> Iterator[Mapping[str, object]]:
    listed = said.get(name) if isinstance(said, Mapping) else None
    return (one for one in listed if isinstance(one, Mapping)) if isinstance(listed, list) else iter(())
