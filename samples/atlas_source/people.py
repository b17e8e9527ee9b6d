"""The ordinary usagers: names, births, places and identity statuses, drawn from lists by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from atlas_source.places import AIN, CORSE, ESAT, IME, SESSAD, Commune, Etablissement
from dui_bridge.ins.invented import invented_matricule

_GIRLS = (
    "Maëlys Jeanne", "Chloé", "Anaïs Marie", "Léonie", "Marie-Ange", "Inès Fatima", "Zoé", "Capucine Aliénor",
    "Élodie", "Noémie Rose", "Gaëlle", "Lou-Anne", "Héloïse", "Sofia Maria", "Océane", "Apolline",
    "Rachel Sarah", "Thaïs", "Ludivine", "Émilie Anne", "Solène", "Jade", "Agnès", "Yaëlle", "Victoire",
    "Ève", "Charlotte Louise", "Aïcha", "Clémence", "Mélissa", "Françoise", "Bérénice", "Nolwenn",
    "Constance", "Joséphine", "Kenza", "Alizée", "Myriam Odile", "Rose", "Céleste",
)  # fmt: skip
_BOYS = (
    "Théo", "Jean-Baptiste", "Loïc Yann", "Noé", "Raphaël", "Gaël", "Aurélien Paul", "Mathéo",
    "Ange Toussaint", "Benoît", "Joël", "Pierre-Louis", "Ulysse", "Mickaël", "Stéphane", "Ismaël", "Léandre",
    "Côme", "François-Xavier", "Grégory", "Sékou", "Anthony", "Marc Aurèle", "Rémi", "Eliott", "Hugo",
    "Kévin Jordan", "Tom", "Valentin", "Jérôme Luc", "Antoine", "Nathanaël", "Cédric", "Gustave", "Lény",
    "Étienne", "Moïse", "Olivier", "Zacharie", "Philémon",
)  # fmt: skip
_FAMILIES = (
    "Abadie", "Bœuf", "Chaffanjon", "D'Amico", "Échallier", "Faÿsse", "Grandclément", "Hénon", "Imbert-Rey",
    "Jacquemet", "Kermarrec", "L'Hostis", "Mériaux", "Nicolaï", "Ouédraogo", "Prévôt", "Quéméneur", "Ravaux",
    "Saïdi", "Thévenin", "Urbain", "Vuillermoz", "Weiß", "Xatart", "Yildiz", "Zaïre", "Alliaume", "Bégué",
    "Coëffet", "De La Tour", "Esnault", "Ferreira da Silva", "Guéret", "Hochet", "Issartel", "Joubert",
    "Klein", "Loÿs", "Marcantoni", "Nées", "Orsini", "Paoli-Vincenti", "Quilichini", "Rossi", "Susini",
    "Tafani", "Ucciani", "Valéry", "Wagner", "Yvars", "Zuccarelli", "Agostini", "Bianchi", "Colonna d'Istria",
    "Desprès", "Évrard", "Fabiani", "Graziani", "Héritier", "Ibañez", "Jaÿs", "Kœnig", "Le Bœuf", "Münch",
    "N'Diaye", "O'Neill", "Péan", "Quinquis", "Rollin", "Sœur", "Tréguier", "Uzan", "Vanneste", "Walbecq",
    "Ybert", "Zérah", "Aubépart", "Bréchard", "Crépin", "Duçu",
)  # fmt: skip
_STREETS = (
    "rue des Écoles",
    "chemin de l'Étang",
    "impasse du Pré",
    "route de Seyssel",
    "cours Napoléon",
    "place de l'Hôtel-de-Ville",
)
_LIVES_IN = {"IME01": ("01000", "BOURG-EN-BRESSE"), "ESA01": ("01100", "OYONNAX"), "SES2A": ("20090", "AJACCIO")}


@dataclass(frozen=True)
class Usager:
    """What the generator knows of a person; `fields` of USAGERS.CSV are made from it. Dates are calendar days."""

    dossier: str
    place: Etablissement
    sexe: str
    nom: str
    nom_jf: str
    prenoms: str
    born: date
    at: Commune
    statut: str
    entered: date
    rank: int

    @property
    def qualified(self) -> bool:
        return self.statut == "Q"

    @property
    def matricule(self) -> str:
        return invented_matricule(self.sexe, self.born.year, self.born.month, self.at.cog)

    def cells(self) -> dict[str, str]:
        """The row of USAGERS.CSV, without any pathology."""
        postcode, city = _LIVES_IN.get(self.place.code, ("75014", "PARIS"))
        known = self.statut in ("2", "Q")
        nir = self.matricule
        together = self.rank % 3
        return {
            "NUM_DOSSIER": self.dossier,
            "CODE_ETAB": self.place.code,
            "CIVILITE": "M" if self.sexe == "M" else ("MLLE" if self.rank % 5 == 0 else "MME"),
            "NOM": self.nom,
            "NOM_JF": self.nom_jf,
            "PRENOMS": self.prenoms,
            "PRENOM_USUEL": self.prenoms.split(" ")[0] if self.rank % 2 else "",
            "SEXE": "1" if self.sexe == "M" else "2",
            "DATE_NAISS": day(self.born),
            "LIEU_NAISS": self.at.label,
            "CP_NAISS": self.at.postcode,
            "COG_NAISS": self.at.cog if known else "",
            "NUM_SECU": ("", nir[:13], nir)[together],
            "CLE_SECU": nir[13:] if together == 1 else "",
            "INS": nir if known else "",
            "INS_STATUT": self.statut,
            "DATE_QUALIF": day(date(2022, 1, 10) + timedelta(days=9 * self.rank)) if self.qualified else "",
            "ADRESSE": f"{self.rank % 90 + 1} {_STREETS[self.rank % len(_STREETS)]}",
            "CP": postcode,
            "VILLE": city,
            "TEL": f"04 65 71 {40 + self.rank % 50:02d} {self.rank % 100:02d}" if self.rank % 4 else "",
            "EMAIL": f"famille{self.dossier}@courriel.example" if self.rank % 3 == 0 else "",
            "NATIONALITE": "FRANCAISE" if self.rank % 11 else "PORTUGAISE",
            "REGIME": "01" if self.rank % 7 else "02",
            "CAISSE": "011" if self.place is not SESSAD else "201",
            "DATE_ENTREE": day(self.entered),
            "DECEDE": "N",
            "REPR_LEGAL": "O" if self.place is not ESAT or self.rank % 3 == 0 else "N",
            "OPPO_DMP": ("N", "", "N", "O", "N")[self.rank % 5],
            "OPPO_MSS": ("N", "N", "", "N")[self.rank % 4],
            "ANONYME": "N",
        }


def day(value: date) -> str:
    """`JJ/MM/AAAA`"""
    return f"{value:%d/%m/%Y}"


def ordinary_usagers() -> tuple[Usager, ...]:
    """80 usagers: 32 of the IME, 20 of the SESSAD, 28 of the ESAT. No two matricules are alike."""
    people: list[Usager] = []
    seen: set[str] = set()
    for rank, family in enumerate(_FAMILIES):
        person = _usager(rank, family)
        while person.matricule in seen:
            person = replace(person, born=person.born - timedelta(days=31))
        seen.add(person.matricule)
        people.append(person)
    return tuple(people)


def _usager(rank: int, family: str) -> Usager:
    place, dossier, oldest, span = _seat(rank)
    sexe = "F" if rank % 5 in (0, 2) else "M"
    given = _GIRLS[rank // 2] if sexe == "F" else _BOYS[rank // 2]
    born = date(oldest, 1, 1) + timedelta(days=(rank * 1237) % span)
    places = CORSE if place is SESSAD else AIN
    married = place is ESAT and sexe == "F" and rank % 3 == 0
    statut = "Q" if rank % 4 != 3 else ("0", "1", "2", "3")[rank // 4 % 4]
    return Usager(
        dossier=dossier,
        place=place,
        sexe=sexe,
        nom="Roche-Delmas" if married else family,
        nom_jf=family if sexe == "F" else "",
        prenoms=given,
        born=born,
        at=places[rank % len(places)],
        statut=statut,
        entered=_entry(place, born, rank),
        rank=rank,
    )


def _entry(place: Etablissement, born: date, rank: int) -> date:
    if place is ESAT:
        return date(max(born.year + 20, 2009) + rank % 3, 1 + rank % 12, 15)
    return date(born.year + (6 if place is IME else 4) + rank % 4, 9, 1)


def _seat(rank: int) -> tuple[Etablissement, str, int, int]:
    """The establishment, the dossier number, the oldest year of birth there and the span of births in days."""
    if rank < 32:
        return IME, f"201{rank + 1:02d}", 2007, 3000
    if rank < 52:
        return SESSAD, f"202{rank - 31:02d}", 2009, 2600
    return ESAT, f"203{rank - 51:02d}", 1976, 9000
