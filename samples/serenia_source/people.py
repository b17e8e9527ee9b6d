"""The residents: names, births, identity statuses. The first twelve have a clinical file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from dui_bridge.ins.invented import invented_matricule
from serenia_source.places import BIRTHPLACES, EHPAD, SSIAD, Commune, Etablissement

NAMESPACE = UUID("5e7e41a0-0000-4000-8000-000000000000")
"""Of every identifier of the sample: `uuid5(NAMESPACE, what it names)`."""


@dataclass(frozen=True)
class Resident:
    """What the generator knows of a resident; his object is made from it."""

    rank: int
    nom: str
    usage: str | None
    prenoms: tuple[str, ...]
    sexe: str
    born: date
    at: Commune
    place: Etablissement
    statut: str
    etat: str
    entered: date

    @property
    def id(self) -> str:
        return str(uuid5(NAMESPACE, f"resident/{self.rank}"))

    @property
    def matricule(self) -> str:
        """An invented matricule: order number 000, right key."""
        return invented_matricule("M" if self.sexe == "H" else "F", self.born.year, self.born.month, self.at.cog)

    @property
    def full_name(self) -> str:
        return f"{self.prenoms[0]} {self.usage or self.nom}"


_WITH_FILE = (
    ("Béraud", "Chalmette", ("Marguerite", "Anne"), "F", date(1936, 4, 12), EHPAD, "QUALIFIEE"),
    ("Delorme", None, ("Antonin", "Louis"), "H", date(1939, 9, 3), EHPAD, "QUALIFIEE"),
    ("Fournerie", None, ("Jean-Marie",), "H", date(1942, 1, 28), EHPAD, "QUALIFIEE"),
    ("Garachon", "Néron", ("Odette", "Lucie", "Pierrette"), "F", date(1931, 11, 7), EHPAD, "QUALIFIEE"),
    ("Hérisson", "L'Hermite", ("Simone",), "F", date(1934, 6, 19), EHPAD, "QUALIFIEE"),
    ("Jaladon", None, ("Yvonne", "Marie-Claude"), "F", date(1940, 2, 25), EHPAD, "QUALIFIEE"),
    ("Kœrber", "Mazuel", ("Élise",), "F", date(1933, 8, 14), EHPAD, "QUALIFIEE"),
    ("Lescure", None, ("Gaston", "Henri"), "H", date(1938, 12, 1), EHPAD, "QUALIFIEE"),
    ("Montel", "D'Aubière", ("Thérèse", "Jeanne"), "F", date(1930, 3, 30), EHPAD, "VALIDEE"),
    ("Noëllet", None, ("Raymond",), "H", date(1937, 5, 22), EHPAD, "RECUPEREE"),
    ("Ollagnier", "Peschaud", ("Colette",), "F", date(1943, 10, 9), SSIAD, "QUALIFIEE"),
    ("Pereira", None, ("Manuel", "José"), "H", date(1941, 7, 16), SSIAD, "QUALIFIEE"),
)
_WITHOUT_FILE = (
    ("Quayrat", None, ("Camille",), "I", date(1944, 4, 2), EHPAD, "PROVISOIRE", "PRESENT"),
    ("Roudaire", "Savignat", ("Andrée",), "F", date(1935, 9, 27), EHPAD, "QUALIFIEE", "PRESENT"),
    ("Tixier", None, ("Marcel", "Émile"), "H", date(1932, 2, 11), EHPAD, "QUALIFIEE", "PRESENT"),
    ("Urbanowicz", "Urbanowicz", ("Hélène",), "F", date(1938, 6, 5), EHPAD, "VALIDEE", "PRESENT"),
    ("Vidalenc", None, ("Paul",), "H", date(1945, 1, 19), EHPAD, "VALIDEE", "PRESENT"),
    ("Walter", "Zaffran", ("Germaine",), "F", date(1933, 1, 1), EHPAD, "PROVISOIRE", "PRESENT"),
    ("Achard", None, ("Lucienne",), "F", date(1939, 3, 8), EHPAD, "VALIDEE", "PRESENT"),
    ("Bouchet", None, ("Fernand", "Louis"), "H", date(1936, 10, 30), EHPAD, "VALIDEE", "PRESENT"),
    ("Crouzeix", None, ("Mireille",), "F", date(1946, 8, 21), SSIAD, "VALIDEE", "PRESENT"),
    ("Dumas-Rochette", None, ("Roger",), "H", date(1940, 5, 13), SSIAD, "QUALIFIEE", "PRESENT"),
    ("Estival", None, ("René",), "H", date(1929, 12, 24), EHPAD, "VALIDEE", "PRESENT"),
    ("Faucon", "Giraudet", ("Paulette",), "F", date(1934, 7, 7), EHPAD, "QUALIFIEE", "SORTI"),
    ("Gourdon", None, ("Albert",), "H", date(1931, 4, 17), EHPAD, "QUALIFIEE", "DECEDE"),
    ("Huguet", None, ("Suzanne",), "F", date(1942, 11, 2), EHPAD, "PROVISOIRE", "PREADMISSION"),
    ("Imbaud", None, ("Claudius",), "H", date(1935, 3, 15), EHPAD, "PROVISOIRE", "PRESENT"),
    ("Jouvet", "Lhéritier", ("Ginette", "Rose"), "F", date(1937, 9, 10), EHPAD, "QUALIFIEE", "PRESENT"),
)

INTERSEX, NO_PROOF, NO_TRAITS, SAME_NAMES, POSTCODE, YEAR_ONLY, NULL, MISSING, EMPTY, CONSENT, MOJIBAKE = range(13, 24)
LEFT, DECEASED, PREADMISSION, DELETED, TWO_MATRICULES = range(24, 29)
"""Ranks of the residents that stand for a pathology or a state of their own."""


def residents() -> tuple[Resident, ...]:
    """Twenty-eight residents, by rank from 1."""
    listed = [(*row, "PRESENT") for row in _WITH_FILE] + list(_WITHOUT_FILE)
    return tuple(
        Resident(rank, nom, usage, prenoms, sexe, born, _birthplace(rank), place, statut, etat, _entered(rank))
        for rank, (nom, usage, prenoms, sexe, born, place, statut, etat) in enumerate(listed, start=1)
    )


def _birthplace(rank: int) -> Commune:
    return BIRTHPLACES[(rank - 1) % len(BIRTHPLACES)]


def _entered(rank: int) -> date:
    return date(2019 + rank % 7, 1 + rank * 5 % 12, 1 + rank * 11 % 28)
