"""Writes the invented vendor's sample: `python samples/generate_passerelle.py [--out DIR]`.

The same code gives the same bytes: no clock, no randomness. The PDF files also depend on the
versions of fpdf2, pikepdf and fonttools.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from passerelle_source.cases import Notes
from passerelle_source.documents import write_documents
from passerelle_source.golden import write_golden_exports
from passerelle_source.people import dossiers
from passerelle_source.readme import readme
from passerelle_source.written import FILE, dump

NIGHT = "20261121"


def generate(out: Path) -> None:
    """Writes the export, the exports of the mapping's tests and the README under `out`."""
    night, tests = out / "export" / NIGHT, out / "tests"
    for folder in (night, *(f for f in tests.glob("*") if f.is_dir())):
        shutil.rmtree(folder, ignore_errors=True)
    night.mkdir(parents=True)
    people, notes = dossiers(), Notes()
    (night / FILE).write_bytes(dump(people, notes))
    figures = {
        "dossiers": len(people),
        "of which anonymous": sum(person.anonyme == "oui" for person in people),
        "files of documents": write_documents(night, people),
    }
    write_golden_exports(tests)
    (out / "README.md").write_text(readme(notes.table(FILE), figures), encoding="utf-8", newline="\n")


def main() -> None:
    """Parses the command line and writes the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "passerelle-pds")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
