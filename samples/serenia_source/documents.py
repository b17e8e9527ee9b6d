"""The documents of the residents, as `GET /residents/{id}/documents` answers them, and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid5

from atlas_source import pdfs

from serenia_source.people import DELETED, LEFT, NAMESPACE, PREADMISSION, Resident
from serenia_source.places import SSIAD
from serenia_source.resident import Json, stamp
from serenia_source.staff import (
    COORDINATING_DOCTOR,
    DIRECTOR,
    HEAD_NURSE,
    NURSE,
    OCCUPATIONAL_THERAPIST,
    ORGANISER,
    PSYCHOLOGIST,
    SSIAD_NURSE,
    Professional,
)

FOLDER = "DOCS"


@dataclass(frozen=True)
class Paper:
    """One document before it becomes an object. `case` names the pathology that it stands for."""

    resident: int
    kind: str
    subkind: str | None
    title: str
    author: Professional
    day: date
    text: tuple[str, ...]
    statut: str = "VALIDE"
    case: str = ""
    same_file_as: str = ""
    replaces: str | None = None

    @property
    def id(self) -> str:
        return str(uuid5(NAMESPACE, f"document/{self.resident}/{self.kind}/{self.subkind}/{self.title}/{self.case}"))


def all_papers(people: tuple[Resident, ...]) -> tuple[Paper, ...]:
    """Every document of all the residents, in the order of the API; the faulty ones last."""
    made = [paper for person in people for paper in papers_of(person)]
    return (*made, *_faulty(made))


def papers_of(person: Resident) -> list[Paper]:
    """The ordinary documents of one resident."""
    rank = person.rank
    nurse = SSIAD_NURSE if person.place is SSIAD else HEAD_NURSE
    day = date(2026, 9, 1) + timedelta(days=2 * rank)
    made: list[Paper] = []

    def add(kind: str, subkind: str | None, title: str, author: Professional, *text: str, **more: str) -> None:
        made.append(Paper(rank, kind, subkind, title, author, day + timedelta(days=len(made)), text, **more))

    if rank % 4 == 1 and rank < PREADMISSION:
        add(
            "PP", None, "Projet d'accompagnement personnalisé", nurse,
            "Attentes : garder mes habitudes du matin, recevoir ma famille le dimanche.",
            "Objectifs : marcher chaque jour jusqu'au salon ; participer à l'atelier chant.",
        )  # fmt: skip
    if rank in (2, 6, 10, 14, 18):
        add(
            "ORD", None, "Ordonnance", COORDINATING_DOCTOR,
            "Paracétamol 1 g : un comprimé si douleur, trois par jour au plus, pendant un mois.",
            "Bas de contention de classe 2 : une paire.",
        )  # fmt: skip
    if rank in (3, 8, 12, 17):
        add(
            "LIAISON", "ENTREE", "Lettre de liaison d'entrée", nurse,
            "Motif de l'entrée : retour au domicile impossible après une hospitalisation.",
            "Aide nécessaire pour la toilette et les transferts.",
        )  # fmt: skip
    if rank in (7, 11, LEFT):
        add(
            "LIAISON", "SORTIE", "Lettre de liaison de sortie", nurse,
            "Sortie vers le domicile avec passage quotidien d'un service de soins.",
            "Traitement inchangé, ordonnance remise à la famille.",
        )  # fmt: skip
    if rank in (1, 4, 9, 16):
        add(
            "CR", "GRILLE", "Grille AGGIR", NURSE,
            "Évaluation des dix variables discriminantes, en présence de la personne.",
        )  # fmt: skip
    if rank in (5, 8, 20):
        add(
            "CR", "BILAN", "Bilan d'autonomie", OCCUPATIONAL_THERAPIST,
            "Transferts avec aide partielle ; aménagement de la salle d'eau proposé.",
        )  # fmt: skip
    if rank in (1, 6, 15, 19, 22):
        add(
            "AUTRE", None, "Compte rendu de réunion pluridisciplinaire", PSYCHOLOGIST,
            "Présents : équipe de jour, famille. Décision : proposer la salle Snoezelen.",
        )  # fmt: skip
    if rank in (4, 11):
        add("DLU", None, "Dossier de liaison d'urgence (édition)", nurse, "Édition du logiciel.")
    if rank == 13:
        add("AUTRE", "CONTRAT", "Contrat de séjour", DIRECTOR, "Signé par la personne.")
    if rank in (3, 15):
        add("CR", "GRILLE", "Grille AGGIR (en cours)", NURSE, "Brouillon.", statut="BROUILLON")
    if rank == 16:
        add("ORD", None, "Ordonnance annulée", COORDINATING_DOCTOR, "Annulée.", statut="ANNULE")
    if rank == DELETED:
        add("AUTRE", None, "Note", nurse, "Dossier supprimé.")
    return made


def _faulty(made: list[Paper]) -> list[Paper]:
    project = next(paper for paper in made if paper.kind == "PP" and paper.resident == 9)
    order = next(paper for paper in made if paper.kind == "ORD" and paper.resident == 6)
    base = Paper(20, "AUTRE", None, "Compte rendu d'animation", ORGANISER, date(2026, 10, 20), ("Atelier mémoire.",))
    return [
        replace(
            project, kind="AUTRE", title="Projet (copie numérisée)", case="same-file", same_file_as=project.id
        ),
        replace(
            order,
            title="Ordonnance (version 2)",
            text=("Paracétamol 1 g : matin, midi et soir.",),
            day=date(2026, 10, 30),
            case="replaces-unknown",
            replaces=str(uuid5(NAMESPACE, "document/that-was-never-exported")),
        ),
        replace(base, case="profession-free"),
        replace(base, resident=21, title="Courrier divers", kind="COURRIER", author=NURSE, case="type-unknown"),
        replace(base, resident=19, title="Compte rendu manquant", author=NURSE, case="file-missing"),
        replace(base, resident=22, title="Compte rendu vide", author=SSIAD_NURSE, case="file-empty"),
    ]  # fmt: skip


def write_documents(folder: Path, people: Iterable[Resident], listed: Iterable[Paper]) -> list[Json]:
    """Writes the files of these documents below `folder`/DOCS and returns the objects."""
    (folder / FOLDER).mkdir(parents=True)
    by_rank = {person.rank: person for person in people}
    contents: dict[str, bytes] = {}
    objects: list[Json] = []
    for paper in listed:
        person = by_rank[paper.resident]
        data = contents[paper.same_file_as] if paper.same_file_as else _pdf(paper, person)
        name = f"{FOLDER}/{paper.id}.pdf"
        contents[paper.id] = data
        if paper.case != "file-missing":
            (folder / name).write_bytes(b"" if paper.case == "file-empty" else data)
        objects.append(_object(paper, person, name, data))
    return objects


def _object(paper: Paper, person: Resident, name: str, data: bytes) -> Json:
    return {
        "id": paper.id,
        "residentId": person.id,
        "typeMetier": paper.kind,
        "sousType": paper.subkind,
        "titre": paper.title,
        "dateActe": paper.day.isoformat(),
        "statut": paper.statut,
        "remplace": paper.replaces,
        "auteur": paper.author.author(),
        "signatures": _signatures(paper, person),
        "visibilite": {"usager": True, "representants": True, "professionnels": paper.author is not PSYCHOLOGIST},
        "contenu": {
            "mime": "application/pdf",
            "taille": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "url": name,
        },
    }


def _signatures(paper: Paper, person: Resident) -> list[Json]:
    if paper.statut == "BROUILLON":
        return []
    signed: list[Json] = [
        {"qui": "PROFESSIONNEL", "date": stamp(paper.day + timedelta(days=1), person.rank), "moyen": "e-CPS"}
    ]
    if paper.kind == "PP":
        signed.append({"qui": "USAGER", "date": stamp(paper.day + timedelta(days=6), person.rank), "moyen": "papier"})
    return signed


def _pdf(paper: Paper, person: Resident) -> bytes:
    lines = [
        f"{person.full_name}, né(e) le {person.born:%d/%m/%Y}",
        f"{person.place.name} – établi le {paper.day:%d/%m/%Y} par {paper.author.full_name}",
        *paper.text,
        "Document d'un logiciel inventé : aucune personne réelle n'y figure.",
    ]
    return pdfs.pdf_a(paper.title, lines, paper.author.full_name, producer="Serenia (invented)")
