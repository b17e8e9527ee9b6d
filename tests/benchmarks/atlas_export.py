"""Writes an export in the format of the Atlas sample with as many usagers as asked, row by row: nothing is kept.

The same arguments give the same bytes. Columns come from the sample's own files, and so do the establishments and the
professionals; children per usager are as many as in the sample. One usager in a hundred has a telephone that is none,
so that the findings of a large export are there.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from datetime import date, timedelta
from io import TextIOWrapper
from pathlib import Path

from dui_bridge.ins.invented import invented_matricule

ENCODING = "cp1252"
MARKER = "TERMINE.TXT"
MOST = 100_000
"""Beyond, two usagers would have the same traits."""

_COPIED = ("ETABLISSEMENTS", "INTERVENANTS")
_WRITTEN = (
    "USAGERS", "CONTACTS", "EQUIPE", "DECISIONS_MDPH", "EVALUATIONS", "PROJETS", "ATTENTES", "OBJECTIFS", "ACTIONS",
    "DOCUMENTS",
)  # fmt: skip
_STARTS = (
    "Ab", "Bel", "Car", "Dam", "Er", "Fau", "Gré", "Hé", "Is", "Jo", "Ker", "Lan", "Mar", "Nau", "Or", "Pé", "Quin",
    "Ro", "Sau", "Té", "Ur", "Val", "Wal", "Yv", "Zé", "Ar", "Bré", "Clé", "Du", "Es", "Fro", "Gui", "Hau", "Im",
    "Jac", "Lou", "Mé", "Nou", "Oli", "Pra", "Ré", "Sé", "Tri", "Vau", "Bou", "Cha", "Del", "Fé", "Gor", "Mon",
)  # fmt: skip
_ENDS = (
    "adie", "bert", "castel", "dier", "étan", "fort", "gnac", "hours", "ineau", "jol", "kerque", "lier", "mont", "nois",
    "ouin", "pré", "quet", "rand", "sac", "tier", "ussel", "vigne", "willer", "yer", "zac", "anche", "bois", "court",
    "dart", "euil", "fontan", "gère", "hier", "isse", "lac", "maud", "nac", "oux", "pin", "reau", "sart", "thon",
    "ugue", "val", "ville", "zon", "beau", "clair", "denis", "roche",
)  # fmt: skip
_GIVEN = (
    "Maëlys Jeanne", "Théo", "Chloé", "Jean-Baptiste", "Léonie", "Loïc Yann", "Inès Fatima", "Noé", "Zoé", "Raphaël",
    "Élodie", "Gaël", "Noémie Rose", "Mathéo", "Héloïse", "Benoît", "Océane", "Joël", "Thaïs", "Ulysse", "Solène",
    "Mickaël", "Agnès", "Stéphane", "Victoire", "Léandre", "Ève", "Côme", "Aïcha", "Grégory", "Mélissa", "Rémi",
    "Nolwenn", "Hugo", "Kenza", "Valentin", "Rose", "Antoine", "Céleste", "Étienne",
)  # fmt: skip
_PLACES = (("IME01", "E01", "P01"), ("SES2A", "E11", "X11"))
_BOOK = "Mise à jour du cahier avec la famille"
_NEEDS = (("1.1.4", "2.1.2.1"), ("1.3.1.1", "2.3.1.2"), ("1.1.6", "2.1.1.2"))


def write_export(folder: Path, sample: Path, usagers: int, project_state: str) -> int:
    """Writes the files and their end marker.

    Args:
        folder: made when it is not there.
        sample: an export of the sample.
        usagers: how many, at most `MOST`.
        project_state: `V` (current: mapped, and would be built) or `B` (a draft: joined, then left out).
    Returns:
        rows written, the headers not counted.
    """
    if usagers > MOST:
        raise ValueError(f"at most {MOST} usagers")
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        tables = {}
        for name in _WRITTEN:
            file = f"{name}.CSV"
            with (sample / file).open(encoding=ENCODING, newline="") as original:
                header = original.readline().rstrip("\r\n")
            stream = stack.enter_context((folder / file).open("w", encoding=ENCODING, newline=""))
            tables[name] = _Table(stream, header)
        for rank in range(usagers):
            _write_usager(tables, rank)
            _write_project(tables, rank, project_state)
        rows = sum(table.rows for table in tables.values())
    for name in _COPIED:
        shutil.copyfile(sample / f"{name}.CSV", folder / f"{name}.CSV")
        rows += (sample / f"{name}.CSV").read_bytes().count(b"\n") - 1
    (folder / MARKER).write_bytes(b"OK\r\n")
    return rows


class _Table:
    """One file; cells that are not given stay blank."""

    def __init__(self, stream: TextIOWrapper, header: str) -> None:
        self._stream = stream
        self._columns = header.split(";")
        self.rows = 0
        stream.write(f"{header}\r\n")

    def add(self, **cells: str) -> None:
        line = ";".join([cells.pop(column, "") for column in self._columns])
        if cells:
            raise KeyError(f"no such column: {', '.join(cells)}")
        self._stream.write(f"{line}\r\n")
        self.rows += 1


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def _write_usager(tables: dict[str, _Table], rank: int) -> None:
    dossier = f"{100_000 + rank}"
    place, first, second = _PLACES[rank % 2]
    woman = rank % 4 < 2
    name = _STARTS[rank % 50] + _ENDS[rank // 50 % 50]
    born = date(1996, 1, 1) + timedelta(days=rank * 7 % 6000)
    entered = date(born.year + 6, 9, 1)
    department = (rank // 400) % 18 + 1
    cog = f"{department:02d}{rank % 400 + 1:03d}"
    matricule = invented_matricule("F" if woman else "M", born.year, born.month, cog)
    tables["USAGERS"].add(
        NUM_DOSSIER=dossier,
        CODE_ETAB=place,
        CIVILITE="MME" if woman else "M",
        NOM=name,
        NOM_JF=name if woman else "",
        PRENOMS=_GIVEN[rank // 2500 % 40],
        SEXE="2" if woman else "1",
        DATE_NAISS=_day(born),
        LIEU_NAISS="BOURG EN BRESSE",
        COG_NAISS=cog,
        NUM_SECU=matricule,
        INS=matricule,
        INS_STATUT="Q",
        DATE_QUALIF="10/01/2022",
        ADRESSE=f"{rank % 90 + 1} rue des Écoles",
        CP="01000",
        VILLE="BOURG-EN-BRESSE",
        TEL="voir la mère" if rank % 100 == 7 else f"04 65 71 {rank % 100:02d} {rank // 100 % 100:02d}",
        EMAIL=f"famille{dossier}@courriel.example",
        NATIONALITE="FRANCAISE",
        REGIME="01",
        CAISSE="011",
        DATE_ENTREE=_day(entered),
        DECEDE="N",
        REPR_LEGAL="O",
        OPPO_DMP="N",
        OPPO_MSS="N",
        ANONYME="N",
    )
    mobile = f"06 39 98 {rank % 100:02d} {rank // 100 % 100:02d}"
    for number, (given, link) in enumerate((("Aurore", "MERE"), ("Désiré", "PERE")), start=1):
        tables["CONTACTS"].add(
            NUM_DOSSIER=dossier,
            RANG=str(number),
            NOM=name,
            PRENOM=given,
            LIEN=link,
            ADR="2 chemin des Œillets",
            TEL1=mobile,
            AUTORITE_PARENTALE="O",
            PREVENIR="O",
        )
    for code, role in ((first, "référent"), (second, ""), ("D01", ""))[: 2 + rank % 3 % 2]:
        tables["EQUIPE"].add(NUM_DOSSIER=dossier, CODE_INT=code, ROLE=role, DEBUT=_day(entered))
    tables["DECISIONS_MDPH"].add(
        NUM_DOSSIER=dossier,
        DEPT_MDPH="01",
        NUM_INDIVIDU=f"01-{entered.year}-{rank:06d}",
        NATURE="Orientation",
        DATE_DEB=_day(entered),
        DATE_FIN=_day(entered.replace(year=entered.year + 10)),
        TYPE_STRUCT="IME",
    )
    for item, value in (("S'orienter dans le temps", "A"), ("Faire sa toilette", "B"), ("S'habiller", "C")):
        tables["EVALUATIONS"].add(NUM_DOSSIER=dossier, DATE="04/10/2025", GRILLE="GEVA", ITEM=item, VALEUR=value)
    if rank % 5 == 0:
        tables["DOCUMENTS"].add(
            ID_DOC=f"D{rank:06d}",
            NUM_DOSSIER=dossier,
            CODE_TYPE="20",
            LIBELLE="Contrat de séjour",
            DATE_DOC="02/12/2025",
            AUTEUR=first,
            FICHIER=f"DOCS\\D{rank:06d}.PDF",
            CONFID="0",
            VALIDE="O",
        )


def _write_project(tables: dict[str, _Table], rank: int, state: str) -> None:
    _, first, second = _PLACES[rank % 2]
    ident = f"PP-2026-{100_000 + rank}"
    tables["PROJETS"].add(
        NUM_DOSSIER=f"{100_000 + rank}",
        ID_PROJET=ident,
        VERSION="1",
        ETAT=state,
        DATE_REDAC="03/11/2025",
        DATE_SIGN_USAGER="10/11/2025",
        DATE_SIGN_DIR="17/11/2025",
        AUTEUR=first,
    )
    for origin, text in (("usager", "« Je veux aller à la piscine avec mon frère. »"), ("famille", "Être écoutés.")):
        tables["ATTENTES"].add(ID_PROJET=ident, ORIGINE=origin, TEXTE=text)
    for number in (1, 2, 3):
        need, service = _NEEDS[(rank + number) % 3]
        tables["OBJECTIFS"].add(
            ID_PROJET=ident,
            NUM=str(number),
            LIBELLE="Participer au conseil de la vie sociale et y prendre la parole",
            SERAFIN_BESOIN=need,
            SERAFIN_PREST=service,
            ETAT="C",
            ECHEANCE="10/08/2026",
        )
    for number, label in ((1, "Préparation de l'ordre du jour en facile à lire"), (1, _BOOK), (2, _BOOK), (3, _BOOK)):
        tables["ACTIONS"].add(
            ID_PROJET=ident,
            NUM_OBJ=str(number),
            LIBELLE=label,
            CODE_INT=second,
            DEBUT="23/11/2025",
            FIN="30/08/2026",
            ETAT="C",
        )
