"""Which usagers carry the pathologies: changes to ordinary rows, and the usagers written for one of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise

from atlas_source.people import Usager, ordinary_usagers
from atlas_source.places import AIN, ANTENNE, ESAT, IME, Commune, Etablissement
from dui_bridge.ins.invented import invented_matricule

PAT_TROIS = "20906"
"""Dossier of the official test identity; everybody else is invented."""
DUPLICATE = "20903"
TWICE, NO_STAY, DECEASED = "20901", "20902", "20907"

TWISTS: dict[str, tuple[str, dict[str, str]]] = {
    "20104": ("birthplace-district", {"LIEU_NAISS": "PARIS 14", "CP_NAISS": "75014"}),
    "20108": ("usage-name-only", {"NOM_JF": ""}),
    "20112": ("postcode-as-cog", {"LIEU_NAISS": "BOURG", "CP_NAISS": "01000", "COG_NAISS": "01000"}),
    "20116": ("sex-blank", {"SEXE": "", "CIVILITE": ""}),
    "20120": ("accents-lost", {"PRENOMS": "Ga?tan"}),
    "20124": ("two-digit-year-ambiguous", {"DATE_NAISS": "03/04/12", "DATE_ENTREE": "01/09/2019"}),
    "20128": ("ins-not-qualified", {}),
    "20132": ("given-names-mixed", {"PRENOMS": "Jean-Pierre Marie, Luc", "PRENOM_USUEL": ""}),
    "20204": ("birthplace-abroad", {"LIEU_NAISS": "ALGER (ALGERIE)", "CP_NAISS": "", "COG_NAISS": ""}),
    "20208": ("anonymous", {"ANONYME": "O"}),
    "20212": ("nss-with-spaces", {}),
    "20216": ("nss-corsica-2a", {}),
    "20220": ("not-a-telephone", {"TEL": "voir la mère"}),
    "20304": ("birth-date-year-only", {"DATE_NAISS": "00/00/1999"}),
    "20306": ("ins-wrong-key", {}),
    "20308": ("two-digit-year", {"DATE_NAISS": "14/05/87", "DATE_ENTREE": "15/03/2010"}),
    "20312": ("birth-date-impossible", {"DATE_NAISS": "31/02/1987"}),
    "20316": ("birthplace-old-commune", {"LIEU_NAISS": "ANNECY LE VIEUX", "CP_NAISS": "74940", "COG_NAISS": ""}),
    "20320": (
        "nss-corsica-20",
        {
            "DATE_NAISS": "11/06/1972",
            "LIEU_NAISS": "BASTIA",
            "CP_NAISS": "20200",
            "COG_NAISS": "",
            "INS": "",
            "INS_STATUT": "1",
        },
    ),
    "20324": ("nss-wrong-key", {}),
    "20325": ("nss-together", {}),
    "20327": ("nss-key-apart", {}),
    TWICE: ("number-twice", {}),
    NO_STAY: ("no-stay", {"DATE_ENTREE": ""}),
    DUPLICATE: ("two-dossiers", {}),
    "20905": ("twins", {}),
    PAT_TROIS: ("", {"INS": "279035121518989", "NUM_SECU": "", "CLE_SECU": ""}),
    DECEASED: ("", {"DECEDE": "O", "DATE_SORTIE": "14/02/2026", "MOTIF_SORTIE": "Décès"}),
}
"""By dossier: the case, if it is one, and the cells that differ from an ordinary row."""


def cells_of(person: Usager) -> dict[str, str]:
    """The row of USAGERS.CSV with what is wrong in it."""
    _, changed = TWISTS.get(person.dossier, ("", {}))
    return {**person.cells(), **_numbers(person), **changed}


def case_of(person: Usager) -> str | None:
    """The case that this person's row is."""
    case, _ = TWISTS.get(person.dossier, ("", {}))
    if person.dossier == TWICE:
        return f"{case}-first" if person.sexe == "M" else f"{case}-second"
    return case or None


def _numbers(person: Usager) -> dict[str, str]:
    """The cells that hold a number made from the person's own traits."""
    own = person.matricule
    match person.dossier:
        case "20212":
            cuts = (0, 1, 3, 5, 7, 10, 13, 15)
            return _nss(" ".join(own[start:end] for start, end in pairwise(cuts)))
        case "20216":
            corsican = invented_matricule(person.sexe, person.born.year, person.born.month, "2A004")
            return _nss(corsican[:13], corsican[13:])
        case "20306":
            return {"INS": with_wrong_key(own)}
        case "20320":
            return _nss(invented_matricule("M", 1972, 6, "20033"))
        case "20324":
            return _nss(with_wrong_key(own))
        case "20325":
            return _nss(own)
        case "20327":
            return _nss(own[:13], own[13:])
        case _:
            return {}


def _nss(number: str, key: str = "") -> dict[str, str]:
    return {"NUM_SECU": number, "CLE_SECU": key}


def with_wrong_key(matricule: str) -> str:
    """The same matricule with the next key."""
    return f"{matricule[:13]}{int(matricule[13:]) % 97 + 1:02d}"


def special_usagers() -> Iterable[Usager]:
    """The usagers written after the ordinary ones, each for a pathology of its own."""
    paris, la_cheppe = Commune("PARIS 14", "75014", "75114"), Commune("LA CHEPPE", "51600", "51215")
    twins = Usager(
        dossier="20904",
        place=IME,
        sexe="M",
        nom="Tissot-Guérin",
        nom_jf="",
        prenoms="Maël",
        born=date(2014, 6, 21),
        at=AIN[4],
        statut="Q",
        entered=date(2021, 9, 1),
        rank=88,
    )
    patient = replace(
        twins,
        dossier=PAT_TROIS,
        place=ESAT,
        sexe="F",
        nom="PAT-TROIS",
        nom_jf="PAT-TROIS",
        prenoms="DOMINIQUE MARIE-LOUISE",
        born=date(1979, 3, 28),
        at=la_cheppe,
        entered=date(2012, 5, 2),
        rank=90,
    )
    yield _plain("20401", ANTENNE, "M", "Lafont", "Gwenaël", date(2012, 2, 3), paris, 82)
    yield _plain("20402", ANTENNE, "F", "Milhaud", "Rosalie", date(2013, 7, 9), paris, 83)
    yield _plain(TWICE, IME, "M", "Sauvage", "Timothé", date(2011, 3, 8), AIN[1], 84)
    yield _plain(TWICE, IME, "F", "Sauvaget", "Romane", date(2010, 10, 2), AIN[2], 85)
    yield _plain(NO_STAY, ESAT, "M", "Noël", "Amaury", date(1999, 12, 24), AIN[3], 86)
    yield replace(ordinary_usagers()[0], dossier=DUPLICATE, place=ESAT, entered=date(2026, 9, 1), rank=87)
    yield twins
    yield replace(twins, dossier="20905", sexe="F", nom_jf=twins.nom, prenoms="Maëlle", rank=89)
    yield patient
    yield _plain(DECEASED, ESAT, "M", "Garnier", "Lucien", date(1971, 11, 30), AIN[0], 91)


def _plain(
    dossier: str, place: Etablissement, sexe: str, nom: str, prenoms: str, born: date, at: Commune, rank: int
) -> Usager:
    """A usager whose INS was never asked for."""
    nom_jf = nom if sexe == "F" else ""
    entered = date(born.year + (21 if place is ESAT else 7), 9, 1)
    return Usager(dossier, place, sexe, nom, nom_jf, prenoms, born, at, "1", entered, rank)
