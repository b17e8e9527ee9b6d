"""The files of the documents, below the network share of which the export holds a copy."""

from __future__ import annotations

from pathlib import Path

from atlas_source import pdfs

from passerelle_source.partners import TEAMS
from passerelle_source.people import Dossier, Paper

SHARE = "\\\\srv\\partage"
_TITLES = {
    "courrier": "Lettre de liaison",
    "ordonnance": "Ordonnance",
    "synthese": "Synthèse sociale et médicale",
    "DIPC": "Document individuel de prise en charge",
    "attestation": "Attestation",
}
_TEXTS = {
    "courrier": "Merci de recevoir cette personne, suivie chez nous ; nous restons joignables pour la suite.",
    "ordonnance": "Traitement de substitution, dispensation fractionnée tous les sept jours, quatorze jours.",
    "synthese": "Droits ouverts, obligation de soins en cours (canarisynthese) ; traitement équilibré.",
    "DIPC": "Objectifs convenus avec la personne.",
    "attestation": "Présence attestée.",
}


def share_path(person: Dossier, place: int, paper: Paper) -> str:
    """How the export names the file: a path of the network share."""
    return paper.path or f"{SHARE}\\2026\\{_name(person, place, paper)}"


def write_documents(night: Path, people: tuple[Dossier, ...]) -> int:
    """Writes the files below `night`/2026 and returns how many."""
    folder = night / "2026"
    folder.mkdir(parents=True)
    count = 0
    for person in people:
        for place, paper in enumerate(person.papers, start=1):
            if paper.path is None and paper.is_there:
                (folder / _name(person, place, paper)).write_bytes(_pdf(person, paper))
                count += 1
    return count


def _name(person: Dossier, place: int, paper: Paper) -> str:
    return f"{person.num.partition('-')[2]}_{place}_{paper.kind}.pdf"


def _pdf(person: Dossier, paper: Paper) -> bytes:
    author = TEAMS[person.structure][0].who
    who = f"{person.prenom} {person.nom}" if person.anonyme != "oui" else "Personne anonyme"
    lines = [
        f"{who}, dossier {person.num}",
        f"{person.structure.name} – établi le {paper.day} par {author.full_name}",
        _TEXTS[paper.kind],
        "Document d'un logiciel inventé : aucune personne réelle n'y figure.",
    ]
    return pdfs.pdf_a(_TITLES[paper.kind], lines, author.full_name, producer="Passerelle (invented)")
