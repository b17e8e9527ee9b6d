"""The pathologies of the dump: where each stands, what it is, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from atlas_source.cases import VOCABULARY, Note

_FILE = {
    "doctype-lost": ("-", "a DOCTYPE whose DTD is lost", "repaired: dropped, and counted"),
    "finess-empty": (
        "STRUCTURE",
        "every `finess` is blank, only the SIRET is given",
        "accepted: matched by its local code",
    ),
    "html-entity": ("SUIVI", "`&nbsp;` in REFERENT: not well-formed XML", "repaired: counted"),
    "bare-ampersand": ("ORIENTATION", "`Pharmacie du Marché & Fils`: an ampersand alone", "repaired: counted"),
    "mixed-synthesis": (
        "DOCS",
        "a signed `synthese`, of which the PDF mixes social and care data",
        "left out: its PDF never leaves; the bridge makes the summary from the care data alone",
    ),
    "contract": ("DOCS", "a DIPC", "left out: contracts never leave"),
    "signed-by-image": (
        "DOCS",
        "`signe` is `image`: the picture of a signature, which signs nothing",
        "accepted: built, and policy holds it",
    ),
    "file-not-copied": ("DOCS", "the file is on the share and not in its copy", "document quarantined"),
    "type-unknown": ("DOCS", "`attestation` is no type of the table", "document quarantined"),
}
_DOSSIERS = {
    "latin-9": ("ETATCIVIL", "`Kœhler`: a letter of ISO-8859-15 that Latin-1 lacks", "accepted"),
    "consent-oral": ("CONSENTEMENTS", "consents given by word of mouth, with their day", "accepted: consents"),
    "consent-undated": (
        "CONSENTEMENTS",
        "`partage_pharmacie` is `oral` without a day",
        "accepted: no consent for the pharmacy, which gets nothing until it is dated",
    ),
    "consent-refused": ("CONSENTEMENTS", "`partage_hopital` is `refus`", "accepted: the hospital gets nothing"),
    "consent-word-unknown": ("CONSENTEMENTS", "`dmp` is `oui ?`, a word of no table", "dossier held"),
    "product-unknown": (
        "CONSOMMATIONS",
        "local product `P77` is not in the table",
        "warned: that consumption is dropped",
    ),
    "molecule-unknown": (
        "TRAITEMENTS",
        "`SKENAN` is no substitution treatment of the table",
        "warned: told as written, without a code",
    ),
    "mailbox-stale": ("ORIENTATION", "a mailbox last known in 2022", "accepted: to be checked before it is written to"),
    "mailbox-ordinary": ("ORIENTATION", "`contact_mss` is an ordinary mail address", "accepted: never written to"),
    "mailbox-none": ("ORIENTATION", "no mailbox is known", "accepted: to be looked up"),
    "minor": ("ETATCIVIL", "a person of 16 years", "accepted: whether their own mailbox is written to is asked"),
    "age-only": ("ETATCIVIL", "no DDN, `environ 35 ans`", "document quarantined: no birth date is made of an age"),
    "out-of-active-file": ("SUIVI", "`FILE_ACTIVE` is N", "accepted: counted as archived, nothing is shared"),
    "path-elsewhere": (
        "DOCS",
        "a path of another server, which nobody reaches",
        "document quarantined: the others go on",
    ),
    "anonymous": (
        "-",
        "an anonymous dossier, alias only, with two documents",
        "left out: no document carries an identity",
    ),
    "anonymous-named": ("-", "an anonymous dossier in which the name was typed all the same", "left out: all the same"),
    "anonymity-blank": ("-", "`anonyme` is blank", "accepted: not recorded, which is no « no »"),
    "number-twice-first": ("num", "two persons under the number 2026-0901, in two structures", "dossier held: both"),
    "number-twice-second": ("num", "two persons under the number 2026-0901, in two structures", "dossier held: both"),
    "two-dossiers": ("num", "the same person as 2026-0104, in the CAARUD", "warned: merging is proposed, never done"),
    "sex-unknown": ("ETATCIVIL", "`SEXE` is `?`", "accepted: sex absent, UN in the document"),
    "structure-unknown": ("STRUCTURE", "a structure that closed, which no site declares", "dossier held"),
}


@dataclass
class Notes:
    """The lines met while the dump was written."""

    of_dossiers: frozenset[str] = frozenset(_DOSSIERS) - {"path-elsewhere"}
    _lines: dict[str, int] = field(default_factory=dict)

    def take(self, ident: str, line: int) -> None:
        """Notes the line of a case. Raises ValueError when it was already noted."""
        if ident in self._lines:
            raise ValueError(f"{ident} was already noted")
        self._lines[ident] = line

    def first(self, ident: str, line: int) -> None:
        """Notes the line of a case that stands in several places, once."""
        self._lines.setdefault(ident, line)

    def table(self, file: str) -> list[Note]:
        """Every case with its line. Raises KeyError when one was never written."""
        notes = []
        for ident, (column, what, must_become) in {**_FILE, **_DOSSIERS}.items():
            if not must_become.startswith(tuple(VOCABULARY)):
                raise ValueError(f"{ident}: {must_become!r} starts with no word of the vocabulary")
            notes.append(Note(ident, file, self._lines[ident], column, what, must_become))
        return sorted(notes, key=lambda note: (note.row, note.id))
