"""Checks of sex, birth date and place of birth before a call of INSi, with the social security number as a witness.

The number that the dossier holds may be that of the person under whom somebody is insured: it is never taken for the
INS, and proposes a value only where year and month of birth agree with it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from dui_bridge.findings import Rule, Severity
from dui_bridge.ins import rules
from dui_bridge.ins.birthplace import Gazetteer, Kind, Place, birthplace, looks_like_postcode
from dui_bridge.ins.compare import comparable
from dui_bridge.ins.dates import Known, interpretation
from dui_bridge.ins.nir import NirReading, describe
from dui_bridge.ins.proposal import Hits, Proposal, about
from dui_bridge.model.identite import Usager

_SEX_OF: Final = {"M": "M", "MME": "F"}
_OLDEST: Final = 115
_ROUND: Final = ("-01-01", "-12-31")
_AT_MOST: Final = 5


def sex_hits(usager: Usager, marked: bool) -> Hits:
    """The sex, against the title and the social security number."""
    titled = _SEX_OF.get(usager.civilite or "")
    if usager.sexe is None:
        yield about(rules.MISSING, "sexe")
        witness = _witness(usager)
        if titled:
            yield Proposal("sexe", titled, 0.9, rules.MISSING)
        if witness and witness.sexe:
            yield Proposal("sexe", witness.sexe, 0.8, rules.MISSING)
        return
    if marked:
        yield about(rules.PRESUMED, "sexe")
    if usager.sexe == "I":
        yield about(rules.SEX_INDETERMINATE, "sexe")
    elif titled and titled != usager.sexe:
        yield about(rules.CIVILITY, "sexe")
        yield Proposal("sexe", titled, 0.4, rules.CIVILITY)


def date_hits(usager: Usager, today: date, marked: bool) -> Hits:
    """The birth date: whole, in the calendar, in the past."""
    text = usager.date_naissance
    if not text:
        yield about(rules.MISSING, "date_naissance")
        return
    if marked:
        yield about(rules.PRESUMED, "date_naissance")
    read = interpretation(text)
    if read.known is not Known.WHOLE or read.value is None:
        yield about(_DATE_RULES.get(read.known, rules.PARTIAL_DATE), "date_naissance", value=text)
        if read.value is not None:
            yield Proposal("date_naissance", read.value, 0.1, rules.PARTIAL_DATE)
        return
    born = date.fromisoformat(read.value)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if born > today:
        yield about(rules.FUTURE_DATE, "date_naissance", value=text)
    elif age > _OLDEST:
        yield about(rules.VERY_OLD, "date_naissance", age=str(age))
    elif text.endswith(_ROUND):
        yield about(rules.ROUND_DATE, "date_naissance")


_DATE_RULES: Final = {Known.LUNAR: rules.LUNAR_DATE, Known.NOT_A_DATE: rules.NOT_A_DATE}


def number_hits(usager: Usager) -> Hits:
    """The social security number of the dossier and the matricule, against the sex and the birth date."""
    given = (usager.numero_securite_sociale, usager.ins.matricule)
    numbers = [number for number in (describe(one) for one in given if one) if number.right]
    if usager.sexe in ("M", "F") and any(number.sexe not in (None, usager.sexe) for number in numbers):
        yield about(rules.NIR_DISAGREES, "sexe", what_en="sex", what_fr="sexe")
    if not all(_same_birth(number, usager.date_naissance or "") for number in numbers):
        yield about(
            rules.NIR_DISAGREES,
            "date_naissance",
            what_en="year or month of birth",
            what_fr="année ou mois de naissance",
        )


def place_hits(usager: Usager, places: Gazetteer, marked: bool) -> Hits:
    """The place of birth. None of these findings forbids the call: INSi is first asked without a place."""
    place, born = usager.lieu_naissance, _day(usager)
    code = place.cog or ""
    if not code:
        yield about(rules.NO_PLACE, "lieu_naissance")
        yield from _likely_places(usager, places, rules.NO_PLACE)
        return
    if marked:
        yield about(rules.PRESUMED, "lieu_naissance", severity=Severity.WARNING)
    wrong = _wrong_place(code, place.code_postal, places, born)
    if wrong is not None:
        yield about(wrong, "lieu_naissance", value=code)
        yield from _likely_places(usager, places, wrong)
        return
    read = birthplace(code, places, born)
    if read is not None and read.known is False:
        yield about(rules.PLACE_AT_BIRTH, "lieu_naissance", value=code)
        yield from _likely_places(usager, places, rules.PLACE_AT_BIRTH)
    elif read is not None and read.nom is not None and not _agrees(place.libelle or "", read.cog, places):
        yield about(rules.PLACE_NAME, "lieu_naissance", value=code, known=read.nom, label=place.libelle or "")
        yield from _likely_places(usager, places, rules.PLACE_NAME)


def place_sendable(usager: Usager, places: Gazetteer, marked: bool) -> str | None:
    """The code of the place of birth as INSi may be asked with it; None when it is blank, wrong or presumed."""
    place = usager.lieu_naissance
    if not place.cog or marked or _wrong_place(place.cog, place.code_postal, places, _day(usager)) is not None:
        return None
    return place.cog.strip().upper()


def _wrong_place(code: str, postcode: str | None, places: Gazetteer, born: str) -> Rule | None:
    read = birthplace(code, places)
    if read is None:
        return rules.PLACE_FORM
    if looks_like_postcode(code, postcode, born):
        return rules.PLACE_IS_POSTCODE
    if read.kind in (Kind.UNKNOWN, Kind.DEPARTMENT_ONLY):
        return rules.PLACE_UNKNOWN
    return rules.PLACE_NOT_LISTED if read.known is False else None


def _likely_places(usager: Usager, places: Gazetteer, why: Rule) -> Hits:
    born, held = _day(usager), usager.lieu_naissance.cog
    named = dict.fromkeys(
        place.code
        for place in places.named(usager.lieu_naissance.libelle or "")
        if place.code != held and (not born or place.on(born))
    )
    for code in list(named)[:_AT_MOST]:
        yield Proposal("lieu_naissance", code, round(0.9 / len(named), 2), why)
    witness = _witness(usager)
    told = witness.lieu if witness else None
    certain = told is not None and told.kind in (Kind.COMMUNE, Kind.COUNTRY) and told.known is not False
    if told is not None and certain and told.cog not in {held, *named}:
        yield Proposal("lieu_naissance", told.cog, 0.7, why)


def _agrees(label: str, code: str, places: Gazetteer) -> bool:
    """Whether a label may be that of a code: another name, its beginning, or a town abroad of any name."""
    wanted = comparable(label)
    if not wanted or code.startswith("99"):
        return True
    named: tuple[Place, ...] = places.named(label)
    return any(place.code == code for place in named) or any(
        comparable(place.nom).startswith(wanted) for place in places.with_code(code)
    )


def _witness(usager: Usager) -> NirReading | None:
    """The social security number, when it has the right key and tells the year and month of birth of the dossier."""
    number = describe(usager.numero_securite_sociale or "")
    born = usager.date_naissance or ""
    agrees = number.mois is not None and len(born) >= len("AAAA-MM") and _same_birth(number, born)
    return number if number.key_valid and agrees else None


def _same_birth(number: NirReading, born: str) -> bool:
    """Whether year and month agree, as far as both are known."""
    if born[2:4] not in ("", number.annee):
        return False
    return number.mois is None or born[5:7] in ("", f"{number.mois:02d}")


def _day(usager: Usager) -> str:
    """The day of birth as the places are looked up by it; empty when it is not known whole."""
    read = interpretation(usager.date_naissance or "")
    return read.value if read.value is not None and read.known is Known.WHOLE else ""
