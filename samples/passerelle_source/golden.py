"""The small dumps of the mapping's own tests: a few dossiers each."""

from __future__ import annotations

from pathlib import Path

from passerelle_source.cases import Notes
from passerelle_source.people import dossiers
from passerelle_source.written import FILE, dump

_FOLDERS = {
    "complet": ("2026-0101", "2026-0102"),
    "anonyme": ("2026-0117",),
    "accords": ("2026-0110", "2026-0111"),
    "accord-inconnu": ("2026-0112",),
    "produit-inconnu": ("2026-0105",),
    "age-seul": ("2026-0114",),
    "autre-serveur": ("2026-0116",),
}
"""Folder → numbers of the dossiers that it holds."""


def write_golden_exports(tests: Path) -> None:
    """Writes one folder for each test; their documents have no files, which a mapping's tests do not open."""
    for name, numbers in _FOLDERS.items():
        people = tuple(person for person in dossiers() if person.num in numbers)
        (tests / name).mkdir(parents=True)
        (tests / name / FILE).write_bytes(dump(people, Notes()))
