"""What the characters of a NIR or NIA say: `describe`.

Tolerant when it reads (spaces, lower-case 2a and 2b, no key), so that a person may paste what is on a card. Nothing
here knows whether a number was attributed to anybody. Sources: INSEE, description of the NIR; CNAM, validation rules of
the NIR (months 20 to 99).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from dui_bridge.findings import Finding
from dui_bridge.ins import nir_rules
from dui_bridge.ins.birthplace import Birthplace, Gazetteer, birthplace
from dui_bridge.ins.invented import is_listed_test_matricule
from dui_bridge.ins.matricule import is_well_formed, key

_BLANKS: Final = re.compile(r"\s+")
_SHAPE: Final = re.compile(r"\d{5}(?:\d{2}|2A|2B)\d{6}(?:\d{2})?", re.ASCII)
_SEXES: Final[dict[str, Literal["M", "F"]]] = {"1": "M", "2": "F"}
_CORSICA: Final = ("2A", "2B", "20")
_LENGTHS: Final = (13, 15)


@dataclass(frozen=True, slots=True)
class NirReading:
    """A number, part by part; a part is None when the form does not give it.

    Args:
        normalised: without spaces, in capitals; 13 or 15 characters when the form is right.
        form_ok: whether the 13 characters have the structure of a NIR or NIA.
        key_valid: None when no key was given or none can be computed.
        expected_key: 1 to 97.
        annee: two digits; the century is not in the number.
        mois: 1 to 12; None when the month is unknown (20 to 99).
        departement: two characters, or three overseas; ``99`` abroad.
        lieu: what the characters 6 to 10 stand for.
        ordre: order number of the birth in the month and place.
        nia_possible: a NIA has the same form: the OID tells, not the number.
        corsica: born in Corsica.
        listed_test: belongs to nobody (invented, or a published test matricule).
        notes: what is wrong (errors) or worth knowing, none of which repeats the number.
    """

    normalised: str
    form_ok: bool
    key_valid: bool | None = None
    expected_key: int | None = None
    sexe: Literal["M", "F"] | None = None
    annee: str | None = None
    mois: int | None = None
    departement: str | None = None
    lieu: Birthplace | None = None
    ordre: str | None = None
    nia_possible: bool = False
    corsica: bool = False
    listed_test: bool = False
    notes: tuple[Finding, ...] = ()

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with it; a missing key is not wrong."""
        return self.form_ok and self.key_valid is not False


def describe(number: str, places: Gazetteer | None = None) -> NirReading:
    """Reads a number of 13 characters, or 15 with its key.

    Args:
        number: as typed or pasted.
        places: INSEE's files for the place of birth; by default what comes with the bridge.
    """
    text = _BLANKS.sub("", number).upper()
    if _SHAPE.fullmatch(text) is None:
        wrong = (
            Finding(nir_rules.NIR_LENGTH, values={"count": str(len(text))})
            if len(text) not in _LENGTHS
            else Finding(nir_rules.NIR_CHARACTERS)
        )
        return NirReading(text, False, notes=(wrong,))
    form_ok = is_well_formed(f"{text[:13]}00")
    expected = key(text[:13]) if form_ok else None
    key_valid = None if expected is None or len(text) == 13 else int(text[13:]) == expected
    month, place = int(text[3:5]), birthplace(text[5:10], places)
    whole = text if len(text) == 15 else f"{text}{expected or 0:02d}"
    return NirReading(
        normalised=text,
        form_ok=form_ok,
        key_valid=key_valid,
        expected_key=expected,
        sexe=_SEXES.get(text[0]),
        annee=text[1:3],
        mois=month if 1 <= month <= 12 else None,
        departement=_department(text),
        lieu=place,
        ordre=text[10:13],
        nia_possible=form_ok,
        corsica=text[5:7] in _CORSICA,
        listed_test=form_ok and is_listed_test_matricule(whole),
        notes=tuple(_notes(text, month, expected, key_valid, whole)),
    )


def _department(text: str) -> str:
    return text[5:8] if text[5:7] in ("97", "98") else text[5:7]


def _notes(text: str, month: int, expected: int | None, key_valid: bool | None, whole: str) -> Iterator[Finding]:
    if text[0] not in _SEXES:
        yield Finding(nir_rules.NIR_FIRST_DIGIT, values={"digit": text[0]})
    if not (1 <= month <= 12 or month >= 20):
        yield Finding(nir_rules.NIR_MONTH, values={"month": f"{month:02d}"})
    elif month >= 20:
        yield Finding(nir_rules.NIR_MONTH_UNKNOWN, values={"month": str(month)})
    if expected is None:
        return
    if key_valid is None:
        yield Finding(nir_rules.NIR_NO_KEY, values={"expected": f"{expected:02d}"})
    elif not key_valid:
        yield Finding(nir_rules.NIR_KEY, values={"expected": f"{expected:02d}"})
    if is_listed_test_matricule(whole):
        yield Finding(nir_rules.NIR_TEST)
    yield Finding(nir_rules.NIR_OR_NIA)
