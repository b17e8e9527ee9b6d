"""What the samples of the invented vendors have in common: a generator that gives the committed bytes, and a README."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
WORDS = ("repaired", "warned", "document quarantined", "dossier held", "left out", "accepted")
"""With which of them what must become of a pathology begins."""
_PDF_MADE_WITH = {"fpdf2": "2.8.9", "pikepdf": "10.17.0", "fonttools": "4.68.0"}


def pathologies(vendor: str) -> list[dict[str, str]]:
    """The table of a sample's README: id, file, row, column, what, must."""
    text = (SAMPLES / vendor / "README.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ")]
    start = table.index("| id | file | row | column | what | must become |")
    names = ("id", "file", "row", "column", "what", "must")
    return [dict(zip(names, (c.strip() for c in row.strip("|").split("|")), strict=True)) for row in table[start + 1 :]]


def regenerate(generator: str, folder: Path) -> Path:
    """Runs a generator of `samples` into a folder."""
    subprocess.run([sys.executable, str(SAMPLES / f"{generator}.py"), "--out", str(folder)], check=True)
    return folder


def differences(made_in: Path, vendor: str, by_hand: Collection[str], told_of_pdf: Collection[str] = ()) -> list[str]:
    """The files that the generator does not write as they are committed, or writes and are not, or the reverse.

    Args:
        by_hand: names of files that nobody generates.
        told_of_pdf: names of files that hold a digest of the PDF files, which depend on the versions of their tools.
    """
    sample = SAMPLES / vendor
    same_tools = all(version(package) == made_with for package, made_with in _PDF_MADE_WITH.items())
    made = {path.relative_to(made_in): path.read_bytes() for path in made_in.rglob("*") if path.is_file()}
    committed = {
        path.relative_to(sample): path.read_bytes()
        for path in sample.rglob("*")
        if path.is_file() and path.name not in by_hand and path.parent.name != "tests"
    }
    only_one = made.keys() ^ committed.keys()
    differing = {
        name
        for name in made.keys() & committed.keys()
        if (same_tools or (name.suffix.lower() != ".pdf" and name.name not in told_of_pdf))
        and made[name] != committed[name]
    }
    return sorted(str(name) for name in only_one | differing)
