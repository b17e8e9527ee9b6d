"""The README of the sample, with its table of pathologies."""

from __future__ import annotations

from collections.abc import Iterable

from atlas_source.cases import VOCABULARY

from serenia_source.cases import Case
from serenia_source.places import FINESS_EJ, SITE


def readme(found: Iterable[Case], figures: dict[str, int]) -> str:
    """The text of README.md. `figures`: what the export holds, by English label."""
    establishments = "\n".join(f"| {e.name} | {e.category} | `{e.finess}` | `{FINESS_EJ}` |" for e in SITE)
    words = "\n".join(f"- `{word}`: {meaning}" for word, meaning in VOCABULARY.items())
    rows = "\n".join(f"| {c.id} | {c.file} | {c.row} | {c.column} | {c.what} | {c.must_become} |" for c in found)
    counted = "\n".join(f"- {label}: {count}" for label, count in figures.items())
    return f"""# Sérénia EHPAD: an invented vendor

An online DUI for elderly people, as its API answers: nested JSON in UTF-8, identifiers that are UUID, time stamps with
mixed offsets. The night's folder holds the answers as files: `residents.json`, `documents.json` with the `residentId`
of each, the files of the documents under `DOCS`, and `complet.json` when the export is complete.
`serenia-ehpad.yaml` maps it; `professions.csv` holds the professions that are told from free text; `tests/` holds the
mapping's own small exports.

**Everything here is invented**: the vendor, the organisme gestionnaire, its establishments, the professionals and the
residents. FINESS, SIRET and RPPS numbers are examples and say nothing about whoever may hold such a number; telephones
are in the ranges reserved for fiction, mail addresses under `.example`. Matricules INS have the order number 000, which
is never attributed, and a right key. Codes of CIM-10, ATC, CCAM and EMDN exist; the one CIP13 is that of the official
examples of the CI-SIS. Nothing here is medical advice.

The whole folder except the mapping, its table and what its tests expect is written by `samples/generate_serenia.py`:
change the generator, never the files.

## The establishments

| name | category | FINESS | FINESS of the legal entity |
|---|---|---|---|
{establishments}

## What it holds

{counted}

## What only the API shows

These cannot stand in a file; the sandbox's server plays them when it serves this folder:

- a page drifts: a resident is inserted while the pages of 200 are being read;
- 429 with `Retry-After`, and 503;
- a content URL that expires after ten minutes, and a content whose SHA-256 is not the one announced;
- `modifieDepuis` that misses a change of consent (`consent-unnoticed` below): only a full sweep sees it.

## Pathologies

`row` is the place of the object in the list of its file, from 1; `column` is the key that a finding shows, `-` when it
is the whole object. `must become` starts with one of:

{words}

| id | file | row | column | what | must become |
|---|---|---|---|---|---|
{rows}
"""
