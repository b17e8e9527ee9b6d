"""Who the stand-in knows, and how a search finds them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from dui_bridge.sandbox.insi.request import Search

COLUMNS: Final = (
    "nom_naissance",
    "premier_prenom",
    "prenoms",
    "sexe",
    "date_naissance",
    "lieu_naissance",
    "matricule",
    "oid",
    "historique",
)
"""Of a table of persons; the first line holds these names."""


@dataclass(frozen=True, slots=True)
class Number:
    """A matricule of 15 characters, its OID, and `type` (NIR, NIA) when the answer tells it."""

    matricule: str
    oid: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as INSi holds them: capital letters, `prenoms` with one space between, the date as AAAA-MM-JJ.

    Args:
        premier_prenom: how much of `prenoms` a search must give at least; it may hold a space ("JEAN PIERRE").
        history: former numbers, in the order of the answer.
    """

    nom_naissance: str
    premier_prenom: str
    prenoms: str
    sexe: str
    date_naissance: str
    lieu_naissance: str
    number: Number
    history: tuple[Number, ...] = ()

    def is_meant_by(self, search: Search) -> bool:
        """Whether the traits of a search are theirs: exactly, and from the first given name on."""
        given = " ".join(search.prenoms)
        return (
            search.nom_naissance == self.nom_naissance
            and search.sexe == self.sexe
            and search.date_naissance == self.date_naissance
            and search.lieu_naissance in {None, self.lieu_naissance}
            and f"{self.prenoms} ".startswith(f"{given} ")
            and f"{given} ".startswith(f"{self.premier_prenom} ")
        )


def found(search: Search, persons: Iterable[Person]) -> tuple[Person, ...]:
    """Everybody whom a search means."""
    return tuple(person for person in persons if person.is_meant_by(search))


@cache
def official_persons() -> tuple[Person, ...]:
    """The published test identities that the national test base, or a file of its conformity tests, answers for."""
    return read_persons(files("dui_bridge.sandbox.insi").joinpath("persons.csv").read_text("utf-8"))


def read_persons(text: str) -> tuple[Person, ...]:
    """The persons of a table: `COLUMNS` with `;` between, comments on lines that begin with `#`.

    Former numbers stand in `historique`, a space between: ``<matricule>/<oid>`` or ``<matricule>/<oid>/<type>``.

    Raises:
        ValueError: a line has another form; the text is its number, from 1.
    """
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if not line.startswith("#")]
    found: list[Person] = []
    for (number, _), cells in zip(numbered, csv.reader((line for _, line in numbered), delimiter=";"), strict=False):
        if not found and tuple(cells) == COLUMNS:
            continue
        if len(cells) != len(COLUMNS):
            raise ValueError(str(number))
        try:
            found.append(_person(dict(zip(COLUMNS, cells, strict=True))))
        except TypeError:  # a former number without its OID
            raise ValueError(str(number)) from None
    return tuple(found)


def _person(row: dict[str, str]) -> Person:
    number = Number(row.pop("matricule"), row.pop("oid"))
    history = tuple(Number(*former.split("/")) for former in row.pop("historique").split())
    return Person(**row, number=number, history=history)
