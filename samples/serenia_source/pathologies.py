"""The residents' pathologies: what each does to an object that was right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serenia_source.cases import GIR_TEXT, NAIVE_STAMP
from serenia_source.people import (
    CONSENT,
    DELETED,
    EMPTY,
    MISSING,
    MOJIBAKE,
    NO_PROOF,
    NO_TRAITS,
    NULL,
    POSTCODE,
    TWO_MATRICULES,
    YEAR_ONLY,
    Resident,
    residents,
)

Object = dict[str, Any]


def double_encoded(text: str) -> str:
    """UTF-8 read as Windows-1252: `RenÃ©` for `René`."""
    return text.encode("utf-8").decode("cp1252")


def spoil(person: Resident, found: Object) -> None:
    """Puts the pathology of this resident into his object, if he has one."""
    _SPOILERS.get(person.rank, _nothing)(found)


def _nothing(found: Object) -> None:
    """An ordinary resident."""


def _ins(found: Object) -> Object:
    return next(item for item in found["identite"]["identifiants"] if item["type"] == "INS-NIR")


def _no_proof(found: Object) -> None:
    _ins(found)["preuve"] = None


def _no_traits(found: Object) -> None:
    found["identite"]["lieuNaissance"] = None
    found["identite"]["premierPrenom"] = None


def _postcode(found: Object) -> None:
    found["identite"]["lieuNaissance"] = {"cog": "63000", "libelle": "CLERMONT-FERRAND", "pays": "FRANCE"}


def _year_only(found: Object) -> None:
    found["identite"]["dateNaissance"] = "1933-00-00"


def _null(found: Object) -> None:
    found["identite"]["prenomUtilise"] = None


def _missing(found: Object) -> None:
    del found["identite"]["prenomUtilise"]


def _empty(found: Object) -> None:
    found["identite"]["prenomUtilise"] = ""


def _consent(found: Object) -> None:
    found["dateModification"] = "2026-02-03T10:12:00+01:00"
    found["consentements"].update(dmpAlimentation=False, date="2026-11-18")


def _mojibake(found: Object) -> None:
    found["identite"]["prenomsNaissance"] = [double_encoded(name) for name in found["identite"]["prenomsNaissance"]]


def _two_matricules(found: Object) -> None:
    other = next(person for person in residents() if person.rank == 1)
    found["identite"]["identifiants"].append({**_ins(found), "valeur": other.matricule})


def _deleted(found: Object) -> None:
    found["supprime"] = True


def _gir_text(found: Object) -> None:
    found["gir"]["valeur"] = str(found["gir"]["valeur"])


def _naive(found: Object) -> None:
    found["synthese"]["signatures"][0]["date"] = "2026-11-04T09:30:00"


_SPOILERS: dict[int, Callable[[Object], None]] = {
    GIR_TEXT: _gir_text,
    NAIVE_STAMP: _naive,
    NO_PROOF: _no_proof,
    NO_TRAITS: _no_traits,
    POSTCODE: _postcode,
    YEAR_ONLY: _year_only,
    NULL: _null,
    MISSING: _missing,
    EMPTY: _empty,
    CONSENT: _consent,
    MOJIBAKE: _mojibake,
    TWO_MATRICULES: _two_matricules,
    DELETED: _deleted,
}
