"""The tables of the IPS-FR documents (`data/tables/ips_*.csv`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final

from dui_bridge.data.codes import Coded, rows
from dui_bridge.data.terminologies import folded

_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SectionType:
    """How a section is declared: its code, and its templateIds in their order."""

    coded: Coded
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VitalSign:
    """A vital sign: its code, the unit meant when none is written, and the values that may go without a unit."""

    coded: Coded
    unit: str
    least: Decimal
    most: Decimal


@cache
def section_types() -> Mapping[str, SectionType]:
    """The sections, by the name of the list of the model that they tell."""
    return MappingProxyType(
        {row["section"]: SectionType(_coded(row), tuple(row["templates"].split())) for row in rows("ips_sections")}
    )


@cache
def absence_words() -> Mapping[tuple[str, str], str]:
    """(section, state) → what an empty section says; a section that is not here is then left out."""
    return MappingProxyType({(row["section"], row["etat"]): row["libelle"] for row in rows("ips_absent")})


def absence(section: str, state: str) -> Coded | None:
    """The code of the IPS code system "absent and unknown data" for an empty section, or None."""
    return _absences().get((section, state))


def value_of(field: str, value: str) -> Coded:
    """The code of a closed value of the model: `("probleme.statut", "actif")`. Raises KeyError for any other."""
    return _values()[field, value]


def allergy_type(kind: str | None, category: str | None) -> Coded:
    """The code of an allergy or intolerance by its type and category; both may be unknown."""
    table = _allergy_types()
    return table.get((kind or "", category or "")) or table[kind or "", ""]


def vital_sign(kind: str) -> Coded:
    """The code of a vital sign."""
    return _vital_signs()[kind].coded


def measure(kind: str, value: str, unit: str | None) -> tuple[str, str] | None:
    """A measure as value and UCUM unit.

    Returns:
        None when the value is not a number, the unit is not one of that sign, or the unit is missing and the value
        could not be in the usual one (a pressure of 12 is in cmHg).
    """
    if _NUMBER.fullmatch(value) is None:
        return None
    if folded(unit):
        known = _vital_units().get((kind, folded(unit).replace("²", "2").removeprefix("°")))
        return (value, known) if known else None
    sign = _vital_signs()[kind]
    return (value, sign.unit) if sign.least <= Decimal(value) <= sign.most else None


def _coded(row: Mapping[str, str]) -> Coded:
    return Coded(row["code"], row["systeme"], row["libelle"])


@cache
def _absences() -> Mapping[tuple[str, str], Coded]:
    return {(row["section"], row["etat"]): _coded(row) for row in rows("ips_absent") if row["code"]}


@cache
def _values() -> Mapping[tuple[str, str], Coded]:
    return {(row["champ"], row["valeur"]): _coded(row) for row in rows("ips_values")}


@cache
def _allergy_types() -> Mapping[tuple[str, str], Coded]:
    return {(row["type"], row["categorie"]): _coded(row) for row in rows("ips_allergy_types")}


@cache
def _vital_signs() -> Mapping[str, VitalSign]:
    return {
        row["type"]: VitalSign(_coded(row), row["unite"], Decimal(row["min"]), Decimal(row["max"]))
        for row in rows("ips_vital_signs")
    }


@cache
def _vital_units() -> Mapping[tuple[str, str], str]:
    return {(row["type"], row["ecrit"]): row["ucum"] for row in rows("ips_vital_units")}
