"""The CSV tables of an Atlas PH export: columns, rows, and the physical line on which each row starts."""

from __future__ import annotations

from pathlib import Path

COLUMNS = {
    "ETABLISSEMENTS": "CODE_ETAB LIBELLE FINESS FINESS_EJ TYPE_ETAB ADR1 ADR2 CP VILLE TEL MEL",
    "USAGERS": (
        "NUM_DOSSIER CODE_ETAB CIVILITE NOM NOM_JF PRENOMS PRENOM_USUEL SEXE DATE_NAISS LIEU_NAISS CP_NAISS COG_NAISS "
        "NUM_SECU CLE_SECU INS INS_STATUT DATE_QUALIF ADRESSE CP VILLE TEL EMAIL NATIONALITE REGIME CAISSE "
        "DATE_ENTREE DATE_SORTIE MOTIF_SORTIE DECEDE REPR_LEGAL OPPO_DMP OPPO_MSS ANONYME"
    ),
    "CONTACTS": "NUM_DOSSIER RANG NOM PRENOM LIEN ADR TEL1 TEL2 MEL AUTORITE_PARENTALE PERS_CONFIANCE PREVENIR",
    "INTERVENANTS": "CODE_INT NOM PRENOM FONCTION RPPS ADELI MEL_MSS ACTIF",
    "EQUIPE": "NUM_DOSSIER CODE_INT ROLE DEBUT FIN",
    "PROJETS": "NUM_DOSSIER ID_PROJET VERSION ETAT DATE_REDAC DATE_SIGN_USAGER DATE_SIGN_DIR AUTEUR FICHIER",
    "OBJECTIFS": "ID_PROJET NUM LIBELLE SERAFIN_BESOIN SERAFIN_PREST ETAT ECHEANCE",
    "ATTENTES": "ID_PROJET ORIGINE TEXTE",
    "ACTIONS": "ID_PROJET NUM_OBJ LIBELLE CODE_INT DEBUT FIN ETAT",
    "EVALUATIONS": "NUM_DOSSIER DATE GRILLE ITEM VALEUR TOTAL",
    "DECISIONS_MDPH": "NUM_DOSSIER DEPT_MDPH NUM_INDIVIDU NATURE DATE_DEB DATE_FIN TYPE_STRUCT",
    "DOCUMENTS": "ID_DOC NUM_DOSSIER CODE_TYPE LIBELLE DATE_DOC AUTEUR FICHIER CONFID VALIDE",
}
ENCODING = "cp1252"
_NEEDS_QUOTES = frozenset(';"\r\n')


class Table:
    """One file of the export, written row after row."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns = COLUMNS[name].split(" ")
        self._lines = [";".join(self.columns)]
        self._next = 2

    @property
    def file(self) -> str:
        """`USAGERS.CSV`"""
        return f"{self.name}.CSV"

    def add(self, **cells: str) -> int:
        """Writes a row, quoted where it must be, and returns its physical line."""
        return self._append([_quote(value) for value in self._in_order(cells)])

    def add_unquoted(self, **cells: str) -> int:
        """Writes a row as a careless export would, and returns its physical line."""
        return self._append(self._in_order(cells))

    def _in_order(self, cells: dict[str, str]) -> list[str]:
        unknown = cells.keys() - set(self.columns)
        if unknown:
            raise KeyError(f"{self.file} has no column {', '.join(sorted(unknown))}")
        return [cells.get(column, "") for column in self.columns]

    def _append(self, values: list[str]) -> int:
        line = ";".join(values)
        started = self._next
        self._lines.append(line)
        self._next += 1 + line.count("\n")
        return started

    def write(self, folder: Path) -> None:
        """Writes the file in Windows-1252 with CRLF; raises UnicodeEncodeError on what that encoding lacks."""
        text = "".join(f"{line}\r\n" for line in self._lines)
        Path(folder, self.file).write_bytes(text.encode(ENCODING))


class Export:
    """The tables of one export, by name."""

    def __init__(self) -> None:
        self._tables = {name: Table(name) for name in COLUMNS}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def write(self, folder: Path) -> None:
        """Writes every table and then the end marker, as the vendor does."""
        folder.mkdir(parents=True, exist_ok=True)
        for table in self._tables.values():
            table.write(folder)
        Path(folder, "TERMINE.TXT").write_bytes(b"OK\r\n")


def _quote(value: str) -> str:
    if not _NEEDS_QUOTES.intersection(value):
        return value
    return '"' + value.replace('"', '""') + '"'
