"""The pathologies of the sample: where each stands, what it is, and what must come of it.

`column` is the one that a finding shows; what the value's whole path is, `what` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from atlas_source.cases import VOCABULARY

from serenia_source.people import (
    CONSENT,
    DELETED,
    EMPTY,
    INTERSEX,
    MISSING,
    MOJIBAKE,
    NO_PROOF,
    NO_TRAITS,
    NULL,
    POSTCODE,
    PREADMISSION,
    SAME_NAMES,
    TWO_MATRICULES,
    YEAR_ONLY,
)

GIR_TEXT, NAIVE_STAMP = 1, 2
"""Ranks of residents with a clinical file."""


@dataclass(frozen=True)
class Case:
    """One row of the README's table. `row` is the 1-based place of the object in the list of its file."""

    id: str
    file: str
    row: int
    column: str
    what: str
    must_become: str


_RESIDENTS = (
    (GIR_TEXT, "gir-text", "gir", "`gir.valeur` is the text `2`, a number elsewhere", "accepted"),
    (
        NAIVE_STAMP,
        "stamp-without-zone",
        "synthese",
        "`synthese.signatures[0].date` is `2026-11-04T09:30:00`, without time zone",
        "accepted: its day is taken",
    ),
    (INTERSEX, "sex-intersex", "identite.sexe", "`identite.sexe` is `I`", "accepted: no INS can go with it"),
    (
        NO_PROOF,
        "qualified-without-proof",
        "identite.identifiants[].statut",
        "`identite.identifiants[?type=='INS-NIR'].preuve` is null under statut QUALIFIEE",
        "warned: counted as récupérée, the matricule never leaves",
    ),
    (
        NO_TRAITS,
        "qualified-without-traits",
        "identite.identifiants[].statut",
        "statut QUALIFIEE, and `identite.lieuNaissance` is null",
        "accepted: the matricule never leaves, and the report says why",
    ),
    (
        SAME_NAMES,
        "usage-name-same",
        "identite.nomUsage",
        "`identite.nomUsage` repeats `identite.nomNaissance`",
        "accepted: no usage name",
    ),
    (
        POSTCODE,
        "postcode-as-cog",
        "identite.lieuNaissance.cog",
        "`identite.lieuNaissance.cog` is the postcode `63000`",
        "dossier held",
    ),
    (
        YEAR_ONLY,
        "birth-date-year-only",
        "identite.dateNaissance",
        "`identite.dateNaissance` is `1933-00-00`",
        "accepted: kept as 1933, partial",
    ),
    (NULL, "value-null", "identite.prenomUtilise", "`identite.prenomUtilise` is null", "accepted: absent"),
    (MISSING, "value-missing", "identite.prenomUtilise", "`identite.prenomUtilise` is not there", "accepted: absent"),
    (EMPTY, "value-empty", "identite.prenomUtilise", "`identite.prenomUtilise` is an empty text", "accepted: absent"),
    (
        CONSENT,
        "consent-unnoticed",
        "consentements.date",
        "`consentements.date` is `2026-11-18`, and `dateModification` did not move since February",
        "accepted: a whole export sees it; an incremental one needs its full sweep",
    ),
    (
        MOJIBAKE,
        "double-encoded",
        "identite.prenomsNaissance[0]",
        "`RenÃ©`, UTF-8 encoded twice, in a strict trait",
        "dossier held",
    ),
    (PREADMISSION, "pre-admission", "etat", "`etat` is `PREADMISSION`", "left out: preadmission"),
    (DELETED, "soft-deleted", "supprime", "`supprime` is true: deleted in the DUI", "left out: supprime"),
    (
        TWO_MATRICULES,
        "two-matricules",
        "-",
        "two objects of type INS-NIR in `identite.identifiants`",
        "dossier held",
    ),
)
_DOCUMENTS = {
    "same-file": (
        "contenu.sha256",
        "`contenu.sha256` of a project, under another id",
        "left out: same file as the project",
    ),
    "replaces-unknown": (
        "remplace",
        "`remplace` names a document that was never exported",
        "accepted: not read, the chain of versions is the bridge's own",
    ),
    "profession-free": (
        "auteur.profession",
        "`auteur.profession` is free text: « animateur/référent vie sociale »",
        "warned: profession absent",
    ),
    "type-unknown": ("typeMetier", "`COURRIER` is no type of the API", "document quarantined"),
    "file-missing": ("contenu.url", "`contenu.url`: the file is not in the export", "document quarantined"),
    "file-empty": ("contenu.url", "`contenu.url`: a file of 0 byte", "document quarantined"),
}


def cases(document_rows: dict[str, int]) -> tuple[Case, ...]:
    """The table. `document_rows`: case → its place in documents.json.

    Raises:
        ValueError: a case is not of the vocabulary.
        KeyError: a case of a document was never written.
    """
    found = [Case(ident, "residents.json", rank, *rest) for rank, ident, *rest in _RESIDENTS]
    found += [Case(ident, "documents.json", document_rows[ident], *rest) for ident, rest in _DOCUMENTS.items()]
    _check(found)
    return tuple(found)


def _check(found: Iterable[Case]) -> None:
    for case in found:
        if not case.must_become.startswith(tuple(VOCABULARY)):
            raise ValueError(f"{case.id}: {case.must_become!r} starts with no word of the vocabulary")
