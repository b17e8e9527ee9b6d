"""The README of the sample, with its table of pathologies written from the notes."""

from __future__ import annotations

from collections.abc import Iterable

from atlas_source.cases import VOCABULARY, Note
from atlas_source.places import FINESS_EJ, SITE


def readme(notes: Iterable[Note], figures: dict[str, int]) -> str:
    """The text of README.md. `figures`: what the export holds, by English label."""
    establishments = "\n".join(
        f"| {e.name} | {e.category} | `{e.finess}` | `{FINESS_EJ}` | `{e.code}` | `{e.exported}` |" for e in SITE
    )
    words = "\n".join(f"- `{word}`: {meaning}" for word, meaning in VOCABULARY.items())
    rows = "\n".join(f"| {n.id} | {n.file} | {n.row} | {n.column} | {n.what} | {n.must_become} |" for n in notes)
    counted = "\n".join(f"- {label}: {count}" for label, count in figures.items())
    return f"""# Atlas PH: an invented vendor

An export as a DUI for disabled persons could write it every night: twelve files in Windows-1252 with `;` and CRLF,
dates as `JJ/MM/AAAA`, quotes only when needed, the files of the documents under `DOCS`, and `TERMINE.TXT` when the
export is complete. `atlas-ph.yaml` maps it; `fonctions.csv` holds its local functions; `tests/` holds the mapping's
own small exports.

**Everything here is invented**: the vendor, the organisme gestionnaire, its establishments, the professionals and the
usagers. FINESS and RPPS numbers are examples and say nothing about whoever may hold such a number; telephones are in
the ranges reserved for fiction, mail addresses under `.example` or `exemple.mssante.fr`. Matricules INS have the
order number 000, which is never attributed, and a right key, except one person: PAT-TROIS DOMINIQUE MARIE-LOUISE
(279035121518989) is the official test identity.

The whole folder except the mapping, its tables and what its tests expect is written by `samples/generate_atlas.py`:
change the generator, never the files.

## The establishments

| name | category | FINESS | FINESS of the legal entity | local code | FINESS as exported |
|---|---|---|---|---|---|
{establishments}

A fourth one, `ANT75`, stands in the export and in no site: its FINESS was destroyed by a spreadsheet.

## What it holds

{counted}

## Pathologies

`row` is the physical line of the file (the header is line 1), `column` is `-` when the whole row is at fault. `must
become` starts with one of:

{words}

| id | file | row | column | what | must become |
|---|---|---|---|---|---|
{rows}
"""
