"""Code systems of clinical facts: which form a code has, and how units and routes are written in them.

The lists of codes themselves are not in the package: a code of the right form may still be unknown, which the official
pack's Schematrons tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from dui_bridge.data.codes import Coded, rows

CIM10: Final = "cim10"
_UNDOTTED: Final = re.compile(r"([A-Z]\d\d)(\d.*)")
_GTIN13: Final = frozenset({"cip13", "ucd"})


@dataclass(frozen=True, slots=True)
class Terminology:
    """A code system: the field of the model that names it, its OID, its name in documents, the form of its codes."""

    name: str
    system: str
    display: str
    form: re.Pattern[str]


@cache
def terminologies() -> Mapping[str, Terminology]:
    """Every code system, by the name of the field that holds its codes."""
    return MappingProxyType(
        {
            row["terminologie"]: Terminology(
                row["terminologie"], row["systeme"], row["libelle"], re.compile(row["forme"], re.ASCII)
            )
            for row in rows("ips_terminologies")
        }
    )


def normal_form(name: str, code: str | None) -> str | None:
    """A code as its system writes it: capitals, no blank, the dot of CIM-10; None when it has not the form of one.

    13-digit identifiers of medicines have the right check digit (GS1).
    """
    text = re.sub(r"\s+", "", code).upper() if code else ""
    if name == CIM10 and (undotted := _UNDOTTED.fullmatch(text)):
        text = f"{undotted[1]}.{undotted[2]}"
    if terminologies()[name].form.fullmatch(text) is None:
        return None
    if name in _GTIN13 and len(text) == 13 and not _has_right_digit(text):
        return None
    return text


def coded_in(name: str, code: str | None, display: str) -> Coded | None:
    """A usable code with its system and the words that go with it, or None."""
    normal = normal_form(name, code)
    return Coded(normal, terminologies()[name].system, display) if normal else None


def route(words: str | None) -> Coded | None:
    """The EDQM route of administration of French words (`voie orale`, `per os`), or None."""
    text = folded(words).removeprefix("voie")
    return _routes().get(text)


def dose_unit(words: str | None) -> str | None:
    """The UCUM unit of a dose: a unit of measure, else an annotation of the words (`{comprime}`); None without any."""
    text = folded(words)
    known = _dose_units().get(text)
    if known:
        return known
    letters = re.sub(r"[^a-z]", "", text)
    return f"{{{letters}}}" if len(letters) > 1 else None


def folded(words: str | None) -> str:
    """Lower case, no accent, no blank."""
    plain = unicodedata.normalize("NFD", words or "")
    return "".join(c for c in plain.lower() if not unicodedata.combining(c) and not c.isspace())


@cache
def _routes() -> Mapping[str, Coded]:
    return {row["ecrit"]: Coded(row["code"], row["systeme"], row["libelle"]) for row in rows("ips_routes")}


@cache
def _dose_units() -> Mapping[str, str]:
    return {row["ecrit"]: row["ucum"] for row in rows("ips_dose_units")}


def _has_right_digit(text: str) -> bool:
    weighted = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(text[:12]))
    return (10 - weighted % 10) % 10 == int(text[12])
