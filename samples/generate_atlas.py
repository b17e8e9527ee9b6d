"""Writes the invented vendor's sample: `python samples/generate_atlas.py [--out DIR]`.

The same code gives the same bytes: no clock, no randomness. The PDF files also depend on the
versions of fpdf2, pikepdf and fonttools.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from atlas_source.cases import Notes
from atlas_source.documents import note_project_files, write_documents, write_project_files
from atlas_source.golden import write_golden_exports
from atlas_source.pathologies import case_of, cells_of, special_usagers
from atlas_source.people import Usager, ordinary_usagers
from atlas_source.places import ANTENNE, FINESS_EJ, SITE
from atlas_source.projects import WITHOUT_PROJECT, has_vendor_pdf, project_id, write_project, write_surroundings
from atlas_source.readme import readme
from atlas_source.staff import LEFT, UNKNOWN_FUNCTION, write_staff
from atlas_source.tables import Export

NIGHT = "20261120"
_FINESS_CASES = {
    "10780054": "finess-8-digits",
    "7,50012E+08": "finess-scientific",
    "2A0000014": "finess-corsica",
}


def generate(out: Path) -> None:
    """Writes the export, the exports of the mapping's tests and the README under `out`."""
    night = out / "export" / NIGHT
    tests = out / "tests"
    for folder in (night, *(f for f in tests.glob("*") if f.is_dir())):
        shutil.rmtree(folder, ignore_errors=True)
    docs = night / "DOCS"
    docs.mkdir(parents=True)
    people = (*ordinary_usagers(), *special_usagers())
    export, notes = Export(), Notes()
    _write_establishments(export, notes)
    staff_lines = write_staff(export)
    notes.take("function-unknown", staff_lines[UNKNOWN_FUNCTION.code])
    notes.take("left-without-rpps", staff_lines[LEFT.code])
    files = write_project_files(docs, people)
    project_lines: dict[str, int] = {}
    for person in people:
        usager_line = export["USAGERS"].add(**cells_of(person))
        if case := case_of(person):
            notes.take(case, usager_line)
        line = write_project(export, notes, person, files)
        if line is not None:
            project_lines.setdefault(person.dossier, line)
        write_surroundings(export, person)
    orphan = export["OBJECTIFS"].add(
        ID_PROJET="PP-2024-99999", NUM="1", LIBELLE="Objectif d'un projet supprimé", ETAT="C"
    )
    notes.take("orphan", orphan)
    note_project_files(notes, project_lines)
    write_documents(export, notes, docs, people)
    export.write(night)
    write_golden_exports(tests)
    (out / "README.md").write_text(readme(notes.table(), _figures(people)), encoding="utf-8", newline="\n")


def _write_establishments(export: Export, notes: Notes) -> None:
    for place in (*SITE, ANTENNE):
        adr1, adr2, postcode, city = place.address
        line = export["ETABLISSEMENTS"].add(
            CODE_ETAB=place.code,
            LIBELLE=place.name,
            FINESS=place.exported,
            FINESS_EJ=FINESS_EJ,
            TYPE_ETAB=place.type_local,
            ADR1=adr1,
            ADR2=adr2,
            CP=postcode,
            VILLE=city,
            TEL=place.phone,
            MEL=place.mail,
        )
        if case := _FINESS_CASES.get(place.exported):
            notes.take(case, line)


def _figures(people: tuple[Usager, ...]) -> dict[str, int]:
    with_project = [person for person in people if person.dossier not in WITHOUT_PROJECT]
    rendered = [person for person in with_project if not has_vendor_pdf(person)]
    return {
        "rows of USAGERS.CSV": len(people),
        "usagers with a current project": len({project_id(person) for person in with_project}),
        "of which to be rendered (no file of the vendor)": len({project_id(person) for person in rendered}),
        "of which the INS is qualified": len({person.dossier for person in rendered if person.qualified}),
    }


def main() -> None:
    """Parses the command line and writes the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "atlas-ph")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
