"""The strict traits of an identity, unaltered.

Source: RNIV, strict traits (birth name, first given name, list of given names, sex, date and place of birth).
"""

from __future__ import annotations

from dataclasses import dataclass

from dui_bridge.model.identite import Usager
from dui_bridge.model.insi import Individu


@dataclass(frozen=True, slots=True)
class Traits:
    """Strict traits as one side holds them; an empty text means unknown.

    Args:
        prenoms: the list of given names, one space between.
        premier_prenom: the first given name, which may hold a space.
        sexe: ``M``, ``F``, ``I`` or empty.
        date_naissance: ``AAAA-MM-JJ``, or the part of it that is known.
        lieu_naissance: INSEE code of five characters.
    """

    nom_naissance: str
    prenoms: str
    premier_prenom: str
    sexe: str
    date_naissance: str
    lieu_naissance: str


def traits_of(usager: Usager) -> Traits:
    """The traits that the dossier holds. The first given name is the recorded one, else the head of the list."""
    return Traits(
        nom_naissance=usager.nom_naissance or "",
        prenoms=usager.prenoms or "",
        premier_prenom=usager.premier_prenom_effectif or "",
        sexe=usager.sexe or "",
        date_naissance=usager.date_naissance or "",
        lieu_naissance=usager.lieu_naissance.cog or "",
    )


def traits_answered(individu: Individu) -> Traits:
    """The traits that INSi holds, as answered; the first given name is empty when the service gave none."""
    return Traits(
        nom_naissance=individu.nom_naissance,
        prenoms=individu.prenoms,
        premier_prenom=individu.premier_prenom or "",
        sexe=individu.sexe,
        date_naissance=individu.date_naissance,
        lieu_naissance=individu.lieu_naissance,
    )
