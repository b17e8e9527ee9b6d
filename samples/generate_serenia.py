"""Writes the invented vendor's sample: `python samples/generate_serenia.py [--out DIR]`.

The same code gives the same bytes: no clock, no randomness. The PDF files also depend on the
versions of fpdf2, pikepdf and fonttools.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from serenia_source.cases import cases
from serenia_source.clinical import FILES
from serenia_source.documents import all_papers, write_documents
from serenia_source.golden import write_golden_exports
from serenia_source.pathologies import spoil
from serenia_source.people import residents
from serenia_source.readme import readme
from serenia_source.resident import resident_object
from serenia_source.written import write_export

NIGHT = "20261120"


def generate(out: Path) -> None:
    """Writes the export, the exports of the mapping's tests and the README under `out`."""
    night = out / "export" / NIGHT
    tests = out / "tests"
    for folder in (night, *(f for f in tests.glob("*") if f.is_dir())):
        shutil.rmtree(folder, ignore_errors=True)
    people = residents()
    objects = [resident_object(person) for person in people]
    for person, found in zip(people, objects, strict=True):
        spoil(person, found)
    night.mkdir(parents=True)
    listed = all_papers(people)
    documents = write_documents(night, people, listed)
    write_export(night, objects, documents)
    write_golden_exports(tests)
    places = {paper.case: place for place, paper in enumerate(listed, start=1) if paper.case}
    figures = {
        "residents": len(people),
        "of which with a clinical file": len(FILES),
        "documents": len(documents),
        "of which validated": sum(paper.statut == "VALIDE" for paper in listed),
    }
    (out / "README.md").write_text(readme(cases(places), figures), encoding="utf-8", newline="\n")


def main() -> None:
    """Parses the command line and writes the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "serenia-ehpad")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
