"""Read-only pages: who has documents, and what each person's DMP holds and shows to whom."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from dui_bridge.sandbox.dmp.objects import Thing, read_thing
from dui_bridge.sandbox.dmp.store import Document, Store
from dui_bridge.sandbox.dmp.words import INVISIBLE, MASKED, NOT_FOR_REPRESENTATIVES, TYPE
from dui_bridge.sandbox.pages import html

_COLUMNS: Final = (
    "titre",
    "type",
    "créé (UTC)",
    "statut",
    "version",
    "professionnels",
    "patient",
    "représentants",
    "taille",
    "identifiant",
)


def page(store: Store, path: str) -> str | None:
    """The page of a path: `/`, or `/patients/<rank>`; None for another. A title holds no personal data."""
    patients = store.patients()
    if path == "/":
        return _index(patients, store)
    rank = path.removeprefix("/patients/")
    if not (rank.isascii() and rank.isdecimal() and 1 <= int(rank) <= len(patients)):
        return None
    return _patient(store.documents(patients[int(rank) - 1]), patients[int(rank) - 1])


def _index(patients: Sequence[str], store: Store) -> str:
    rows = [
        f'<tr><td><a href="/patients/{rank}">{escape(patient.split("^")[0])}</a></td>'
        f"<td>{sum(one.signature is None for one in store.documents(patient))}</td></tr>"
        for rank, patient in enumerate(patients, 1)
    ]
    return html("DMP du bac à sable", "<table><tr><th>INS</th><th>documents</th></tr>{}</table>".format("".join(rows)))


def _patient(documents: Sequence[Document], patient: str) -> str:
    rows = "".join(_row(one, read_thing(one.element)) for one in documents if one.signature is None)
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    heading = f'<p><a href="/">tous</a></p><h2>INS {escape(patient.split("^")[0])}</h2>'
    return html("Un DMP du bac à sable", f"{heading}<table><tr>{head}</tr>{rows}</table>")


def _row(document: Document, entry: Thing) -> str:
    types = entry.codes.get(TYPE, ())
    cells = (
        entry.title,
        types[0].name if types else "",
        entry.slot("creationTime"),
        document.status.rpartition(":")[2],
        str(document.version),
        *("masqué" if mask in entry.masks else "visible" for mask in (MASKED, INVISIBLE, NOT_FOR_REPRESENTATIVES)),
        str(document.size),
        document.unique_id,
    )
    return "<tr>{}</tr>".format("".join(f"<td>{escape(cell)}</td>" for cell in cells))
