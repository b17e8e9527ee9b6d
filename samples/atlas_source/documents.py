"""The files that the export names: the vendor's own PDF of a project, and the ready-made documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from atlas_source.cases import Notes
from atlas_source.pdfs import locked_pdf, pdf_a, plain_pdf
from atlas_source.people import Usager, day
from atlas_source.projects import author_of, has_vendor_pdf, team_of, written_on
from atlas_source.tables import Export

MISSING, EMPTY, LOCKED = "20109", "20114", "20129"
SAME_PATH, SAME_BYTES = "20207", "20217"

_KINDS = (
    ("08", "Grille d'évaluation GEVA"),
    ("10", "Compte rendu de synthèse – été"),
    ("07", "Lettre de liaison de sortie"),
    ("03", "Lettre de liaison d'entrée"),
    ("01", "Projet personnalisé signé (numérisé)"),
    ("20", "Contrat de séjour"),
)


def write_project_files(folder: Path, people: Iterable[Usager]) -> dict[str, str]:
    """Writes the PDF of every project that has one; returns what PROJETS.CSV says of it, by dossier."""
    named: dict[str, str] = {}
    for person in people:
        if not has_vendor_pdf(person):
            continue
        name = f"PP_{person.dossier}.PDF"
        named[person.dossier] = f"DOCS\\{name}"
        if person.dossier == MISSING:
            continue
        (folder / name).write_bytes(_project_bytes(person))
    return named


def note_project_files(notes: Notes, lines: Mapping[str, int]) -> None:
    """Notes the faulty ones. `lines`: dossier → line of PROJETS.CSV."""
    cases = {"pdf-missing": MISSING, "pdf-empty": EMPTY, "pdf-locked": LOCKED}
    for ident, dossier in cases.items():
        notes.take(ident, lines[dossier])


def _project_bytes(person: Usager) -> bytes:
    if person.dossier == EMPTY:
        return b""
    title = "Projet personnalisé d'accompagnement"
    text = [
        f"{person.prenoms} {person.nom_jf or person.nom}, dossier {person.dossier}",
        f"{person.place.name} – rédigé le {day(written_on(person))}",
        "Document d'un logiciel inventé : aucune personne réelle n'y figure.",
    ]
    if person.dossier == LOCKED:
        return locked_pdf(title, text[2:])
    return pdf_a(title, text, "Atlas PH")


def write_documents(export: Export, notes: Notes, folder: Path, people: Iterable[Usager]) -> None:
    """Writes DOCUMENTS.CSV and the files that it names."""
    for serial, person in enumerate(people, start=1):
        if person.dossier in (SAME_PATH, SAME_BYTES):
            _same_file(export, notes, folder, person, serial)
        elif person.rank % 6 == 2 and person.rank < 80:
            _ordinary(export, folder, person, serial)
    _faulty(export, notes, folder)


def _ordinary(export: Export, folder: Path, person: Usager, serial: int) -> None:
    code, label = _KINDS[person.rank // 6 % len(_KINDS)]
    written = written_on(person) + timedelta(days=3)
    name = f"D{serial:04d}_{code}.PDF"
    author = next((member for member in team_of(person) if member.code == author_of(person)), team_of(person)[0])
    text = [
        f"{person.prenoms} {person.nom_jf or person.nom}",
        f"Établi le {day(written)} par {author.full_name}",
        "Document inventé.",
    ]
    (folder / name).write_bytes(pdf_a(label, text, author.full_name))
    export["DOCUMENTS"].add(
        ID_DOC=f"D{serial:04d}",
        NUM_DOSSIER=person.dossier,
        CODE_TYPE=code,
        LIBELLE=label,
        DATE_DOC=day(written),
        AUTEUR=author.code,
        FICHIER=f"DOCS\\{name}",
        CONFID=str(person.rank % 3),
        VALIDE="N" if person.rank % 24 == 8 else "O",
    )


def _same_file(export: Export, notes: Notes, folder: Path, person: Usager, serial: int) -> None:
    if person.dossier == SAME_PATH:
        path, ident = f"DOCS\\.\\PP_{person.dossier}.PDF", "pdf-twice-path"
    else:
        path, ident = f"DOCS\\SCAN_{person.dossier}.PDF", "pdf-twice-bytes"
        (folder / f"SCAN_{person.dossier}.PDF").write_bytes(_project_bytes(person))
    line = export["DOCUMENTS"].add(
        ID_DOC=f"D{serial:04d}",
        NUM_DOSSIER=person.dossier,
        CODE_TYPE="01",
        LIBELLE="Projet personnalisé (copie)",
        DATE_DOC=day(written_on(person)),
        AUTEUR=author_of(person),
        FICHIER=path,
        CONFID="0",
        VALIDE="O",
    )
    notes.take(ident, line)


def _faulty(export: Export, notes: Notes, folder: Path) -> None:
    (folder / "D0902_10.PDF").write_bytes(b"")
    (folder / "D0905_11.PDF").write_bytes(plain_pdf("Synthese", ["Document inventé, qui n'est pas un PDF/A."]))
    (folder / "D0904_47.PDF").write_bytes(pdf_a("Divers", ["Document inventé, de type local 47."], "Atlas PH"))
    cases = (
        ("document-missing", "D0901", "20101", "10", "DOCS\\D0901_10.PDF"),
        ("document-empty", "D0902", "20102", "10", "DOCS\\D0902_10.PDF"),
        ("document-outside", "D0903", "20103", "10", "..\\..\\SECRET\\PAYE.PDF"),
        ("type-unknown", "D0904", "20105", "47", "DOCS\\D0904_47.PDF"),
        ("pdf-not-a", "D0905", "20106", "11", "DOCS\\D0905_11.PDF"),
    )
    for ident, key, dossier, code, path in cases:
        line = export["DOCUMENTS"].add(
            ID_DOC=key,
            NUM_DOSSIER=dossier,
            CODE_TYPE=code,
            LIBELLE="Document divers",
            DATE_DOC="02/03/2026",
            AUTEUR="E01",
            FICHIER=path,
            CONFID="0",
            VALIDE="O",
        )
        notes.take(ident, line)
