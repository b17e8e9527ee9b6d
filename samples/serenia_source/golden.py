"""The small exports of the mapping's own tests: a few objects each, as the API answers them."""

from __future__ import annotations

from pathlib import Path

from serenia_source.documents import papers_of, write_documents
from serenia_source.pathologies import spoil
from serenia_source.people import (
    EMPTY,
    INTERSEX,
    MISSING,
    MOJIBAKE,
    NO_PROOF,
    NULL,
    POSTCODE,
    SAME_NAMES,
    TWO_MATRICULES,
    YEAR_ONLY,
    residents,
)
from serenia_source.resident import resident_object
from serenia_source.written import write_export

_FOLDERS = {
    "complet": (1, 11),
    "identites": (INTERSEX, SAME_NAMES, YEAR_ONLY, NULL, MISSING, EMPTY),
    "sans-preuve": (NO_PROOF,),
    "code-postal": (POSTCODE,),
    "double-encodage": (MOJIBAKE,),
    "deux-matricules": (TWO_MATRICULES,),
}
"""Folder → ranks of the residents that it holds."""


def write_golden_exports(folder: Path) -> None:
    """Writes one folder for each test; only `complet` has documents."""
    for name, ranks in _FOLDERS.items():
        people = tuple(person for person in residents() if person.rank in ranks)
        objects = [resident_object(person) for person in people]
        for person, found in zip(people, objects, strict=True):
            spoil(person, found)
        listed = papers_of(people[0]) if name == "complet" else []
        documents = write_documents(folder / name, people, listed) if listed else []
        write_export(folder / name, objects, documents)
