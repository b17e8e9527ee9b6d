"""Writes the dump as that software does: XML put together by hand, in ISO-8859-15, with a DTD that nobody has any more.

Attributes are escaped; a text is written as it is given, so that what the software forgets to escape stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from passerelle_source.cases import Notes
from passerelle_source.documents import share_path
from passerelle_source.partners import CANARIES, TEAMS, USUAL_DOCTOR, Partner, Structure, Worker
from passerelle_source.people import Dossier, Paper

ENCODING = "iso8859-15"
FILE = "EXPORT_PASSERELLE.XML"


@dataclass
class Dump:
    """The lines of the file."""

    lines: list[str] = field(default_factory=list)
    depth: int = 0

    @property
    def next_line(self) -> int:
        """1-based."""
        return len(self.lines) + 1

    def raw(self, text: str) -> None:
        self.lines.append(" " * self.depth + text)

    def leaf(self, name: str, text: str = "", **attributes: str) -> None:
        """An element on one line."""
        tag = f"{name}{_written(attributes)}"
        self.raw(f"<{tag}>{text}</{name}>" if text else f"<{tag}/>")

    def open(self, name: str, **attributes: str) -> None:
        self.raw(f"<{name}{_written(attributes)}>")
        self.depth += 1

    def close(self, name: str) -> None:
        self.depth -= 1
        self.raw(f"</{name}>")

    def data(self) -> bytes:
        return ("\n".join(self.lines) + "\n").encode(ENCODING)


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())


def dump(people: Iterable[Dossier], notes: Notes) -> bytes:
    """The file, by structure; the line of each case is noted."""
    out = Dump()
    out.raw('<?xml version="1.0" encoding="ISO-8859-15"?>')
    notes.take("doctype-lost", out.next_line)
    out.raw('<!DOCTYPE EXPORT SYSTEM "passerelle-4.2.dtd">')
    out.open("EXPORT", version="4.2", genere="21/11/2026 02:13")
    by_structure: dict[Structure, list[Dossier]] = {}
    for person in people:
        by_structure.setdefault(person.structure, []).append(person)
    for structure, listed in by_structure.items():
        notes.first("finess-empty", out.next_line)
        out.open("STRUCTURE", code=structure.code, finess="", siret=structure.siret)
        for person in listed:
            _dossier(out, person, notes)
        out.close("STRUCTURE")
    out.close("EXPORT")
    return out.data()


def _dossier(out: Dump, person: Dossier, notes: Notes) -> None:
    if person.case in notes.of_dossiers:
        notes.take(person.case, out.next_line)
    out.open("DOSSIER", num=person.num, anonyme=person.anonyme, type=person.structure.kind)
    _identity(out, person)
    _follow_up(out, person, notes)
    _care(out, person)
    _social(out)
    for place, partner in enumerate(person.to, start=1):
        _orientation(out, place, partner, notes)
    out.leaf("PROJET", present="non")
    if person.papers:
        out.open("DOCS")
        for place, paper in enumerate(person.papers, start=1):
            _paper(out, person, place, paper, notes)
        out.close("DOCS")
    out.open("CONSENTEMENTS")
    for name, (word, day) in person.consents.items():
        out.leaf(name, escape(word), date=day)
    out.close("CONSENTEMENTS")
    out.close("DOSSIER")


def _identity(out: Dump, person: Dossier) -> None:
    out.open("ETATCIVIL")
    out.leaf("NOM", escape(person.nom))
    out.leaf("PRENOM", escape(person.prenom))
    out.leaf("ALIAS", escape(f"{person.alias} {CANARIES['ETATCIVIL.ALIAS']}" if person.alias else ""))
    out.leaf("DDN", person.born)
    out.leaf("AGE_DECLARE", escape(person.age))
    out.leaf("SEXE", person.sexe)
    out.leaf("NATION", f"Syldavie {CANARIES['ETATCIVIL.NATION']}")
    out.leaf("TITRE_SEJOUR", f"récépissé {CANARIES['ETATCIVIL.TITRE_SEJOUR']}")
    out.leaf("SECU", f"AME en cours {CANARIES['ETATCIVIL.SECU']}")
    out.leaf("DOMICILIATION", asso=f"CCAS {CANARIES['ETATCIVIL.DOMICILIATION']}", cp="42000")
    out.close("ETATCIVIL")


def _follow_up(out: Dump, person: Dossier, notes: Notes) -> None:
    team = TEAMS[person.structure]
    out.open("SUIVI")
    out.leaf("DATE_1ERE_DEMANDE", person.since)
    out.leaf("FILE_ACTIVE", person.active)
    notes.first("html-entity", out.next_line)
    out.leaf("REFERENT", f"{escape(team[0].who.prenom)}&nbsp;{escape(team[0].who.nom)}")
    out.open("EQUIPE")
    for worker in team:
        out.leaf("PRO", **_worker(worker))
    out.close("EQUIPE")
    if person.usual_doctor:
        out.leaf("MEDECIN_TRAITANT", **_worker(USUAL_DOCTOR))
    out.close("SUIVI")


def _worker(worker: Worker) -> Mapping[str, str]:
    who = worker.who
    return {
        "code": worker.code, "nom": who.nom, "prenom": who.prenom, "fonction": who.profession, "rpps": who.rpps or "",
        "mss": worker.mailbox, "mss_maj": worker.known_on,
    }  # fmt: skip


def _care(out: Dump, person: Dossier) -> None:
    if person.products:
        out.open("CONSOMMATIONS")
        for product in person.products:
            out.open("CONSO")
            out.leaf("PRODUIT", product)
            out.leaf("VOIE", f"injectée {CANARIES['CONSOMMATIONS.CONSO.VOIE']}")
            out.leaf("FREQUENCE", f"quotidienne {CANARIES['CONSOMMATIONS.CONSO.FREQUENCE']}")
            out.leaf("AGE_DEBUT", f"17 {CANARIES['CONSOMMATIONS.CONSO.AGE_DEBUT']}")
            out.close("CONSO")
        out.close("CONSOMMATIONS")
    if person.molecule:
        out.open("TRAITEMENTS")
        out.leaf(
            "TSO", molecule=person.molecule, forme="gélule", dose_mg="40,0", date_debut="10/03/2026",
            prescripteur="Agathe Chazelle", pharmacie_relais=person.to[0].name if person.to else "",
        )  # fmt: skip
        out.close("TRAITEMENTS")
        out.open("DELIVRANCES")
        out.leaf("DELIVRANCE", date="12/11/2026", quantite="7", lieu=CANARIES["DELIVRANCES"], temoin="B. Forissier")
        out.close("DELIVRANCES")


def _social(out: Dump) -> None:
    out.open("PRESTATIONS_SOCIALES")
    out.leaf("PRESTATION", CANARIES["PRESTATIONS_SOCIALES"], type="RSA", debut="01/01/2026", fin="31/12/2026")
    out.close("PRESTATIONS_SOCIALES")
    out.leaf("JUSTICE", CANARIES["JUSTICE"], obligation_soins="oui", SPIP="Saint-Étienne")


def _orientation(out: Dump, place: int, partner: Partner, notes: Notes) -> None:
    if "&" in partner.name:
        notes.first("bare-ampersand", out.next_line)
    # The motive stands between tags, where that software escapes nothing.
    out.leaf(
        "ORIENTATION", f"{partner.name} : {partner.reason}" if "&" in partner.name else escape(partner.reason),
        num=str(place), vers=partner.to, nom=partner.name, finess=partner.finess, contact_mss=partner.mailbox,
        contact_maj=partner.known_on,
    )  # fmt: skip


def _paper(out: Dump, person: Dossier, place: int, paper: Paper, notes: Notes) -> None:
    if paper.path:
        notes.take(person.case, out.next_line)
    if paper.case:
        notes.take(paper.case, out.next_line)
    if paper.kind == "synthese":
        notes.first("mixed-synthesis", out.next_line)
    writer = TEAMS[person.structure][0]
    author = writer.who
    out.leaf(
        "DOC", num=f"{person.num}-{place}", type=paper.kind, date=paper.day, chemin=share_path(person, place, paper),
        signe=paper.signed, pour=str(paper.to or ""), auteur_code=writer.code, auteur_nom=author.nom,
        auteur_prenom=author.prenom, auteur_fonction=author.profession, auteur_rpps=author.rpps or "",
    )  # fmt: skip
