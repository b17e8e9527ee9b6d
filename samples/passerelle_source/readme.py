"""The README of the sample, with its table of pathologies."""

from __future__ import annotations

from collections.abc import Iterable

from atlas_source.cases import VOCABULARY, Note

from passerelle_source.partners import CANARIES, FINESS_EJ, SITE


def readme(found: Iterable[Note], figures: dict[str, int]) -> str:
    """The text of README.md. `figures`: what the export holds, by English label."""
    establishments = "\n".join(f"| {e.name} | {e.category} | `{e.finess}` | `{FINESS_EJ}` | `{e.code}` |" for e in SITE)
    words = "\n".join(f"- `{word}`: {meaning}" for word, meaning in VOCABULARY.items())
    rows = "\n".join(f"| {c.id} | {c.file} | {c.row} | {c.column} | {c.what} | {c.must_become} |" for c in found)
    counted = "\n".join(f"- {label}: {count}" for label, count in figures.items())
    canaries = "\n".join(f"- `{path}`: `{word}`" for path, word in CANARIES.items())
    return f"""# Passerelle: an invented vendor

The weekly dump of a software for addiction care and social reception: one XML file in ISO-8859-15, put together by
hand, with a DTD that nobody has any more, entities of HTML and ampersands that stand alone. Documents are named by
their path on a network share, of which the export folder holds a copy (`2026/`). Social data, justice and care stand
in one `DOSSIER`; many dossiers are anonymous; consents are given by word of mouth. `passerelle-pds.yaml` maps it;
`tests/` holds the mapping's own small dumps.

**Everything here is invented**: the vendor, the association, its structures, the professionals and the persons. FINESS,
SIRET and RPPS numbers are examples and say nothing about whoever may hold such a number; mail addresses are under
`.example` or `exemple.mssante.fr`. There is no INS in this dump. Nothing here is medical advice.

The whole folder except the mapping and what its tests expect is written by `samples/generate_passerelle.py`: change the
generator, never the files.

## The establishments

| name | category | FINESS | FINESS of the legal entity | local code |
|---|---|---|---|---|
{establishments}

A fifth one, `ACT09`, stands in the export and in no site. The export gives no FINESS at all: the site's
`local_codes` do.

## What it holds

{counted}

## What must never leave

These paths are forbidden in the mapping: they are dropped while parsing, and enter no record. In each stands a word
that is found nowhere else, so that a leak can be looked for:

{canaries}

The PDF of each `synthese` mixes care with rights and justice, and says `canarisynthese`: no document carries it.

## Pathologies

`row` is the physical line of the file, `column` the element. `must become` starts with one of:

{words}

| id | file | row | column | what | must become |
|---|---|---|---|---|---|
{rows}
"""
