"""A small invented vendor, in memory: a mapping, the shape of its source, and rows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from dui_bridge.declared import Problems, loads
from dui_bridge.errors import FileUnusable
from dui_bridge.findings import Finding
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.document import Layer, MappingFile, load_mapping
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.plan import Plan
from dui_bridge.mappings.run import Context
from dui_bridge.mappings.shape import AliasShape, SourceShape
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record, Row

TODAY = date(2026, 11, 21)
IME = Establishment("010000024", "IME Les Tilleuls", "IME", local_codes=("IME01",))
ESAT = Establishment("010780054", "ESAT Les Tilleuls", "ESAT", local_codes=("ESA01",))
CONTEXT = Context(TODAY, (IME, ESAT))

USAGER_COLUMNS = (
    "NUM_DOSSIER", "CODE_ETAB", "NOM", "NOM_JF", "PRENOMS", "SEXE", "DATE_NAISS", "LIEU_NAISS", "CP_NAISS", "COG_NAISS",
    "NUM_SECU", "CLE_SECU", "INS", "INS_STATUT", "DATE_QUALIF", "TEL1", "TEL2", "DATE_ENTREE", "DATE_SORTIE", "ANONYME",
    "OPPO_DMP", "NATIONALITE", "REGIME",
)  # fmt: skip
SHAPE = SourceShape(
    "usagers",
    {
        shape.name: shape
        for shape in (
            AliasShape(
                "usagers", "USAGERS.CSV", columns=USAGER_COLUMNS, key=("NUM_DOSSIER",),
                ignored=frozenset({"REGIME"}), forbidden=frozenset({"NATIONALITE"}),
            ),
            AliasShape(
                "etablissements", "ETABLISSEMENTS.CSV", is_reference=True, key=("CODE_ETAB",),
                columns=("CODE_ETAB", "FINESS"),
            ),
            AliasShape(
                "intervenants", "INTERVENANTS.CSV", is_reference=True, key=("CODE_INT",),
                columns=("CODE_INT", "NOM", "PRENOM", "RPPS", "FONCTION"),
            ),
            AliasShape(
                "contacts", "CONTACTS.CSV", parent="usagers", columns=("NUM_DOSSIER", "NOM", "LIEN"),
                used=frozenset({"NUM_DOSSIER"}),
            ),
            AliasShape(
                "projets", "PROJETS.CSV", parent="usagers", key=("ID_PROJET",), keep_last_by="VERSION",
                columns=("NUM_DOSSIER", "ID_PROJET", "VERSION", "ETAT", "DATE_SIGN", "AUTEUR", "FICHIER", "CONFID"),
                used=frozenset({"NUM_DOSSIER"}),
            ),
            AliasShape(
                "objectifs", "OBJECTIFS.CSV", parent="projets",
                columns=("ID_PROJET", "NUM", "LIBELLE", "BESOIN", "ECHEANCE"), used=frozenset({"ID_PROJET", "NUM"}),
            ),
            AliasShape(
                "evaluations", "EVALUATIONS.CSV", parent="usagers",
                columns=("NUM_DOSSIER", "DATE", "GRILLE", "ITEM", "VALEUR"),
                used=frozenset({"NUM_DOSSIER", "DATE", "GRILLE"}), pivot=("ITEM", "VALEUR"),
            ),
            AliasShape(
                "documents", "DOCUMENTS.CSV", parent="usagers", key=("ID_DOC",),
                columns=("NUM_DOSSIER", "ID_DOC", "CODE_TYPE", "FICHIER", "VALIDE"), used=frozenset({"NUM_DOSSIER"}),
            ),
        )
    },
)  # fmt: skip

MAPPING = """\
mapping: petit-dui
version: 1
source: {csv: {}}
tables:
  sexe:      {codes: {"1": M, "2": F, "": absent}, unknown: refuse}
  statut:    {codes: {"0": provisoire, Q: qualifiee}, unknown: refuse}
  etat:      {codes: {B: ENPREPARATION, V: ENCOURS, A: TERMINE}, unknown: refuse}
  fonction:  {file: fonctions.csv, match: folded, unknown: flag}
  type_doc:  {codes: {"07": lettre_liaison_sortie, "12": prescription, "99": left_out}, unknown: refuse}
usager:
  each: usagers
  left_out: {sans_sejour: {DATE_ENTREE: [""]}}
  etablissement:     {lookup: etablissements, by: CODE_ETAB, item: {finess: {from: FINESS, as: finess}}}
  identifiant_local: NUM_DOSSIER
  nom_naissance:     {first_of: [NOM_JF, {from: NOM, when: {SEXE: ["1"]}}, {from: NOM, mark: presumed}]}
  nom_usage:         NOM
  prenoms:           {from: PRENOMS, as: given_names}
  sexe:              {from: SEXE, table: sexe}
  date_naissance:    {from: DATE_NAISS, as: date, formats: [JJ/MM/AAAA, JJ/MM/AA], century: birth, partial: keep}
  lieu_naissance:    {from: LIEU_NAISS, cog: COG_NAISS, postcode: CP_NAISS, as: commune_naissance}
  numero_securite_sociale: {from: NUM_SECU, as: nir, key: CLE_SECU}
  ins:               {matricule: INS, statut: {from: INS_STATUT, table: statut}, qualifie_le: DATE_QUALIF}
  telephones:        [TEL1, TEL2]
  anonyme:           ANONYME
  oppositions:       {dmp: OPPO_DMP, mssante_usager: {absent: "not recorded"}, mssante_pro: {absent: "not recorded"}}
  consentements:     {absent: "not recorded"}
  decede:            {absent: "not recorded"}
  archive:           {absent: "not recorded"}
  representant_legal: {absent: "not recorded"}
  entourage:
    - {each: contacts, except: {LIEN: [UDAF]}, item: {nom: NOM, lien: {from: LIEN, codes: {PERE: pere, MERE: mere}}}}
    - {each: contacts, where: {LIEN: [UDAF]},  item: {organisme: NOM, role: mandataire}}
sejours: {each: usagers, item: {date_entree: DATE_ENTREE, date_sortie: DATE_SORTIE}}
evaluations:
  each: evaluations
  item: {date: DATE, type: GRILLE, details: {each: items, item: {champ: ITEM, valeur: VALEUR}}}
projets_personnalises:
  each: projets
  where: {ETAT: [V, A]}
  item:
    identifiant: ID_PROJET
    version:     VERSION
    etat:        {from: ETAT, table: etat}
    signatures:  [{qui: usager, le: {from: DATE_SIGN, as: date}}]
    visibilite:  {masque_ps: {from: CONFID, codes: {"0": non, "2": oui}}}
    auteur:      {lookup: intervenants, by: AUTEUR, else: etablissement.default_author,
                  item: {rpps: RPPS, nom: NOM, prenom: PRENOM, profession: {from: FONCTION, table: fonction}}}
    fichier:     {from: FICHIER, as: relative_path}
    objectifs:   {each: objectifs, item: {titre: LIBELLE, besoin: {from: BESOIN, as: serafin}, echeance: ECHEANCE}}
documents:
  each: documents
  unless_same_file_as: projets_personnalises
  where: {VALIDE: [O]}
  item: {identifiant: ID_DOC, type: {from: CODE_TYPE, table: type_doc}, fichier: FICHIER}
"""
FILES = {"fonctions.csv": "code;libellé;code officiel;système\nÉDUC;Éducateur;;\nIDE;Infirmier;60;1.2.250.1.71.1.2.7\n"}


def open_file(name: str) -> bytes:
    """The files beside the mapping."""
    if name not in FILES:
        raise FileUnusable(file=name, reason="no such file")
    return FILES[name].encode()


def load(text: str = MAPPING, site: str | None = None) -> tuple[MappingFile, Problems]:
    problems = Problems("petit.yaml")
    over = (Layer(loads(site, "site.yaml"), open_file),) if site else ()
    return load_mapping(Layer(loads(text, "petit.yaml"), open_file), problems, *over), problems


def check(text: str = MAPPING, shape: SourceShape = SHAPE) -> tuple[Plan, list[Finding]]:
    mapping, problems = load(text)
    return compile_mapping(mapping, shape, problems), problems.findings


def lines(findings: list[Finding], language: str = "en") -> list[str]:
    return [finding.line("fr" if language == "fr" else "en") for finding in findings]


def swap(old: str, new: str, text: str = MAPPING) -> str:
    """The mapping with one passage replaced; the passage must be there."""
    assert old in text
    return text.replace(old, new, 1)


_LINES = itertools.count(2)


def row(alias: str, number: int | None = None, **cells: str | Mapping[str, object]) -> Row:
    """A row; keyword arguments in lower case are children by alias."""
    children = {name: value for name, value in cells.items() if isinstance(value, tuple)}
    own = {name: value for name, value in cells.items() if not isinstance(value, tuple)}
    file = SHAPE.aliases[alias].file if alias in SHAPE.aliases else "EVALUATIONS.CSV"
    return Row(alias, file, next(_LINES) if number is None else number, own, children)  # type: ignore[arg-type]


REFERENCES = {
    ("etablissements", "IME01"): row("etablissements", 2, CODE_ETAB="IME01", FINESS="010000024"),
    ("etablissements", "ESA01"): row("etablissements", 3, CODE_ETAB="ESA01", FINESS="10780054"),
    ("etablissements", "ANT75"): row("etablissements", 4, CODE_ETAB="ANT75", FINESS="7,50012E+08"),
    ("etablissements", "LOST"): row("etablissements", 5, CODE_ETAB="LOST", FINESS="10780099"),
    ("intervenants", "E01"): row("intervenants", 2, CODE_INT="E01", NOM="Berthelot", PRENOM="Nadège", FONCTION="educ"),
    ("intervenants", "I01"): row("intervenants", 3, CODE_INT="I01", NOM="Le Goff", RPPS="10002422979", FONCTION="IDE"),
    ("intervenants", "Z01"): row("intervenants", 4, CODE_INT="Z01", NOM="Kowalski", FONCTION="ANIMNAT"),
}


def projet(**cells: object) -> Row:
    given = {"ID_PROJET": "P1", "VERSION": "1", "ETAT": "V", "DATE_SIGN": "01/02/2026", "CONFID": "0", **cells}
    return row("projets", **given)  # type: ignore[arg-type]


def document(**cells: object) -> Row:
    given = {"ID_DOC": "D1", "CODE_TYPE": "07", "FICHIER": "DOCS\\D1.PDF", "VALIDE": "O", **cells}
    return row("documents", **given)  # type: ignore[arg-type]


def usager(**cells: object) -> Record:
    """A record that maps without any finding, with these cells and children changed."""
    given = {
        "NUM_DOSSIER": "20145", "CODE_ETAB": "IME01", "NOM": "MARTIN", "NOM_JF": "DURAND", "PRENOMS": "Jeanne Marie",
        "SEXE": "2", "DATE_NAISS": "28/02/1987", "LIEU_NAISS": "OYONNAX", "CP_NAISS": "01100", "COG_NAISS": "01283",
        "INS_STATUT": "0", "DATE_ENTREE": "01/09/2020", "ANONYME": "N", "OPPO_DMP": "", "REGIME": "RG",
        **cells,
    }  # fmt: skip
    root = row("usagers", 118, **given)  # type: ignore[arg-type]
    return Record(str(given["NUM_DOSSIER"]), root, lambda alias, key: REFERENCES.get((alias, key)))


def apply(record: Record, text: str = MAPPING, context: Context = CONTEXT) -> Mapped:
    plan, findings = check(text)
    assert lines(findings) == []
    return plan.apply(record, context)


def with_findings(found: Row, *findings: Finding) -> Row:
    return replace(found, findings=findings)
