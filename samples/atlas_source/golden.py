"""The small exports of the mapping's own tests: a few rows each, in the format of the vendor."""

from __future__ import annotations

from pathlib import Path

from atlas_source.pathologies import with_wrong_key
from atlas_source.pdfs import pdf_a
from atlas_source.staff import IME_TEAM
from atlas_source.tables import Export
from dui_bridge.ins.invented import invented_matricule

_SPEECH_THERAPIST = next(member for member in IME_TEAM if member.code == "O01")
_NIR = invented_matricule("F", 2010, 5, "01053")
_ORDINARY = {
    "CODE_ETAB": "IME01",
    "NOM": "Laforêt",
    "NOM_JF": "Laforêt",
    "PRENOMS": "Élise",
    "SEXE": "2",
    "DATE_NAISS": "17/05/2010",
    "LIEU_NAISS": "BOURG EN BRESSE",
    "CP_NAISS": "01000",
    "COG_NAISS": "01053",
    "INS_STATUT": "1",
    "DATE_ENTREE": "01/09/2017",
    "DECEDE": "N",
    "REPR_LEGAL": "O",
    "OPPO_DMP": "N",
    "OPPO_MSS": "N",
    "ANONYME": "N",
}


def write_golden_exports(folder: Path) -> None:
    """Writes `complet`, `identites`, `anomalies` and `dates` under `folder`."""
    _complete(folder / "complet")
    _identities(folder / "identites")
    _faults(folder / "anomalies")
    _dates(folder / "dates")


def _started() -> Export:
    export = Export()
    export["ETABLISSEMENTS"].add(
        CODE_ETAB="IME01", LIBELLE="IME Les Tilleuls", FINESS="010000024", FINESS_EJ="010000016", TYPE_ETAB="IME"
    )
    export["ETABLISSEMENTS"].add(
        CODE_ETAB="ESA01", LIBELLE="ESAT Les Tilleuls", FINESS="10780054", FINESS_EJ="010000016", TYPE_ETAB="ESA"
    )
    export["INTERVENANTS"].add(CODE_INT="E01", NOM="Berthelot", PRENOM="Nadège", FONCTION="EDUC", ACTIF="O")
    export["INTERVENANTS"].add(
        CODE_INT="O01", NOM="Pélissier", PRENOM="Cécile", FONCTION="ORTHO", RPPS=_SPEECH_THERAPIST.rpps, ACTIF="O"
    )
    return export


def _usager(export: Export, dossier: str, **cells: str) -> None:
    export["USAGERS"].add(NUM_DOSSIER=dossier, **{**_ORDINARY, **cells})


def _complete(folder: Path) -> None:
    export = _started()
    _usager(
        export,
        "1",
        CIVILITE="MLLE",
        PRENOMS="Élise Marie-Lou",
        PRENOM_USUEL="Lilou",
        NUM_SECU=_NIR[:13],
        CLE_SECU=_NIR[13:],
        INS=_NIR,
        INS_STATUT="Q",
        DATE_QUALIF="12/01/2026",
        ADRESSE="3 rue des Écoles",
        CP="01000",
        VILLE="BOURG-EN-BRESSE",
        TEL="04 65 71 00 01",
        EMAIL="lilou@courriel.example",
        NATIONALITE="FRANCAISE",
        REGIME="01",
        CAISSE="011",
    )
    export["CONTACTS"].add(NUM_DOSSIER="1", RANG="2", NOM="UDAF de l'Ain", LIEN="UDAF", TEL1="04 65 71 88 00")
    export["CONTACTS"].add(
        NUM_DOSSIER="1",
        RANG="1",
        NOM="Laforêt",
        PRENOM="Aurore",
        LIEN="MERE",
        ADR="3 rue des Écoles\r\nBâtiment B",
        TEL1="06 39 98 00 01",
        TEL2="04 65 71 00 01",
        AUTORITE_PARENTALE="O",
        PERS_CONFIANCE="N",
        PREVENIR="O",
    )
    export["EQUIPE"].add(NUM_DOSSIER="1", CODE_INT="O01", ROLE="référent", DEBUT="01/09/2017")
    export["PROJETS"].add(
        NUM_DOSSIER="1", ID_PROJET="PP1", VERSION="1", ETAT="A", DATE_REDAC="02/01/2025", AUTEUR="E01"
    )
    export["PROJETS"].add(
        NUM_DOSSIER="1",
        ID_PROJET="PP1",
        VERSION="2",
        ETAT="V",
        DATE_REDAC="02/02/2026",
        DATE_SIGN_USAGER="10/02/2026",
        DATE_SIGN_DIR="17/02/2026",
        AUTEUR="E01",
    )
    export["PROJETS"].add(
        NUM_DOSSIER="1", ID_PROJET="PP1", VERSION="3", ETAT="B", DATE_REDAC="02/10/2026", AUTEUR="E01"
    )
    export["OBJECTIFS"].add(
        ID_PROJET="PP1",
        NUM="2",
        LIBELLE="Apprivoiser l'eau",
        SERAFIN_BESOIN="1.3.4.1",
        SERAFIN_PREST="2.3.4.2",
        ETAT="N",
    )
    export["OBJECTIFS"].add(
        ID_PROJET="PP1",
        NUM="1",
        LIBELLE="Mieux parler ; oser",
        SERAFIN_BESOIN="1.1.4",
        SERAFIN_PREST="2.1.2.1",
        ETAT="C",
        ECHEANCE="30/06/2026",
    )
    export["ATTENTES"].add(ID_PROJET="PP1", ORIGINE="usager", TEXTE="« Nager jusqu'à la bouée. »")
    export["ACTIONS"].add(
        ID_PROJET="PP1", NUM_OBJ="1", LIBELLE="Orthophonie", CODE_INT="O01", DEBUT="01/03/2026", ETAT="C"
    )
    for item, value in (("Parler", "B"), ("Faire sa toilette", "A")):
        export["EVALUATIONS"].add(
            NUM_DOSSIER="1", DATE="05/01/2026", GRILLE="CFHP", ITEM=item, VALEUR=value, TOTAL="7,5"
        )
    export["DECISIONS_MDPH"].add(
        NUM_DOSSIER="1",
        DEPT_MDPH="01",
        NUM_INDIVIDU="01-2017-004512",
        NATURE="Orientation vers un IME",
        DATE_DEB="01/07/2017",
        DATE_FIN="30/06/2027",
        TYPE_STRUCT="IME",
    )
    export["DOCUMENTS"].add(
        ID_DOC="D1",
        NUM_DOSSIER="1",
        CODE_TYPE="08",
        LIBELLE="Grille",
        DATE_DOC="05/01/2026",
        AUTEUR="O01",
        FICHIER="DOCS\\D1.PDF",
        CONFID="2",
        VALIDE="O",
    )
    export.write(folder)
    (folder / "DOCS").mkdir()
    (folder / "DOCS" / "D1.PDF").write_bytes(pdf_a("Grille", ["Document inventé."], "Cécile Pélissier"))


def _identities(folder: Path) -> None:
    export = _started()
    _usager(
        export, "10", CODE_ETAB="ESA01", DATE_NAISS="14/05/87", DATE_ENTREE="15/03/2010", NOM="Masson", NOM_JF="Laforêt"
    )
    _usager(export, "11", NUM_SECU=_NIR[:13])
    _usager(
        export,
        "12",
        NOM="Laforêt",
        NOM_JF="",
        SEXE="1",
        PRENOMS="Jean-Pierre Marie, Luc",
        DATE_NAISS="00/00/1999",
        DATE_ENTREE="03/09/2012",
    )
    _usager(export, "13", ANONYME="O")
    _usager(export, "14", OPPO_DMP="", OPPO_MSS="O")
    _usager(
        export, "15", NUM_SECU=" ".join((_NIR[0], _NIR[1:3], _NIR[3:5], _NIR[5:7], _NIR[7:10], _NIR[10:13], _NIR[13:]))
    )
    export.write(folder)


def _faults(folder: Path) -> None:
    export = _started()
    wrong_key = with_wrong_key(_NIR)
    _usager(export, "20", NUM_SECU=wrong_key)
    _usager(export, "21", INS=wrong_key, INS_STATUT="Q", DATE_QUALIF="12/01/2026")
    _usager(export, "22", NOM_JF="", NOM="Dubosc")
    _usager(export, "23", COG_NAISS="01000")
    _usager(export, "24", PRENOMS="Ga?lle")
    _usager(export, "25", CODE_ETAB="ESA01")
    export["DOCUMENTS"].add(
        ID_DOC="D2",
        NUM_DOSSIER="20",
        CODE_TYPE="47",
        LIBELLE="Divers",
        DATE_DOC="05/01/2026",
        AUTEUR="E01",
        FICHIER="DOCS\\D2.PDF",
        CONFID="0",
        VALIDE="O",
    )
    export.write(folder)


def _dates(folder: Path) -> None:
    export = _started()
    _usager(export, "30", DATE_NAISS="31/02/1987")
    export.write(folder)
