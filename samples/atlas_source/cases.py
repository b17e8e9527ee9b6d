"""The pathologies of the export: where each is, what it is, and what must come of it.

A case is noted when its row is written, so that the table of the README always names the right line.
"""

from __future__ import annotations

from dataclasses import dataclass, field

VOCABULARY = {
    "repaired": "the value is put right by a rule, used, and flagged",
    "warned": "the value is dropped or flagged; the dossier and its documents go on",
    "document quarantined": "that document is not built; the rest of the dossier goes on",
    "dossier held": "nothing of that dossier is built",
    "left out": "not built, under a name, and counted",
    "accepted": "read as it is meant; nothing more than an information is reported",
}

_USAGERS = {
    "birthplace-district": (
        "COG_NAISS",
        "dossier 20104: no COG, birthplace `PARIS 14`",
        "warned: code of the birthplace absent",
    ),
    "usage-name-only": (
        "NOM",
        "dossier 20108: a woman's NOM with NOM_JF empty may be a usage name",
        "warned: birth name presumed, never sent to INSi unconfirmed",
    ),
    "postcode-as-cog": (
        "COG_NAISS",
        "dossier 20112: the postcode `01000` typed as INSEE code",
        "warned: code of the birthplace absent",
    ),
    "sex-blank": ("SEXE", "dossier 20116: SEXE blank", "accepted: sex absent, UN in the document"),
    "accents-lost": ("PRENOMS", "dossier 20120: `Ga?tan`, an accent lost in a strict trait", "dossier held"),
    "two-digit-year-ambiguous": (
        "DATE_NAISS",
        "dossier 20124: `03/04/12`, of which 1912 and 2012 both fit the age at admission",
        "dossier held",
    ),
    "ins-not-qualified": (
        "INS_STATUT",
        "dossier 20128: a matricule with status 2 (récupérée)",
        "accepted: the matricule never leaves",
    ),
    "given-names-mixed": (
        "PRENOMS",
        "dossier 20132: `Jean-Pierre Marie, Luc`, mixed separators",
        "accepted: three given names, the first is Jean-Pierre",
    ),
    "birthplace-abroad": (
        "COG_NAISS",
        "dossier 20204: no COG, birthplace `ALGER (ALGERIE)`",
        "warned: code of the birthplace absent",
    ),
    "anonymous": (
        "ANONYME",
        "dossier 20208: an anonymous dossier with a project",
        "left out: no document carries an identity",
    ),
    "nss-with-spaces": ("NUM_SECU", "dossier 20212: NSS of 15 characters with spaces", "accepted"),
    "nss-corsica-2a": ("NUM_SECU", "dossier 20216: NSS with department `2A`, key apart", "accepted"),
    "not-a-telephone": ("TEL", "dossier 20220: `voir la mère` as telephone", "warned: value dropped"),
    "birth-date-year-only": ("DATE_NAISS", "dossier 20304: `00/00/1999`", "accepted: kept as 1999, partial"),
    "ins-wrong-key": ("INS", "dossier 20306: a qualified matricule with a wrong key", "dossier held"),
    "two-digit-year": (
        "DATE_NAISS",
        "dossier 20308: `14/05/87`, of which only 1987 fits the age at admission",
        "accepted: 1987-05-14",
    ),
    "birth-date-impossible": ("DATE_NAISS", "dossier 20312: `31/02/1987`", "dossier held"),
    "birthplace-old-commune": (
        "COG_NAISS",
        "dossier 20316: no COG, a commune that was merged into another (`ANNECY LE VIEUX`)",
        "warned: code of the birthplace absent",
    ),
    "nss-corsica-20": (
        "NUM_SECU",
        "dossier 20320: NSS of a birth in Corsica before 1976, department `20`",
        "accepted",
    ),
    "nss-wrong-key": (
        "NUM_SECU",
        "dossier 20324: NSS of 15 characters with a wrong key",
        "warned: value dropped, never corrected silently",
    ),
    "nss-together": ("NUM_SECU", "dossier 20325: NSS of 15 characters together", "accepted"),
    "nss-key-apart": ("NUM_SECU", "dossier 20327: NSS of 13 characters, key in CLE_SECU", "accepted"),
    "number-twice-first": ("NUM_DOSSIER", "two persons under the number 20901", "dossier held: both"),
    "number-twice-second": ("NUM_DOSSIER", "two persons under the number 20901", "dossier held: both"),
    "no-stay": ("DATE_ENTREE", "dossier 20902 has not come in yet", "left out: sans_sejour"),
    "two-dossiers": (
        "NUM_DOSSIER",
        "dossier 20903 is the same person as 20101",
        "warned: merging is proposed, never done",
    ),
    "twins": ("NUM_DOSSIER", "dossiers 20904 and 20905 are twins", "accepted: two persons"),
}

_ETABLISSEMENTS = {
    "finess-8-digits": (
        "FINESS",
        "`10780054`: the leading zero of 010780054 is lost",
        "repaired: 010780054 is in the site's list",
    ),
    "finess-corsica": ("FINESS", "`2A0000014`, a FINESS of Corsica", "accepted"),
    "finess-scientific": (
        "FINESS",
        "`7,50012E+08`: the number is lost for good",
        "dossier held: 20401 and 20402, those of that establishment",
    ),
}

_INTERVENANTS = {
    "left-without-rpps": ("RPPS", "left (ACTIF=N), never had an RPPS", "accepted: identified as `3FINESS/E09`"),
    "function-unknown": (
        "FONCTION",
        "local function `ANIMNAT` is not in the table (team of dossier 20125)",
        "warned: profession absent",
    ),
}

_PROJETS = {
    "author-left": (
        "AUTEUR",
        "dossier 20126: author with ACTIF=N and no RPPS",
        "accepted: identified as `3FINESS/E09`",
    ),
    "author-unknown": (
        "AUTEUR",
        "dossier 20127: author `E99` is not in INTERVENANTS.CSV",
        "warned: the establishment's default author is taken",
    ),
    "pdf-missing": ("FICHIER", "the file is not in the export", "document quarantined"),
    "pdf-empty": ("FICHIER", "a file of 0 byte", "document quarantined"),
    "pdf-locked": ("FICHIER", "a PDF that asks for a password", "document quarantined"),
}

_OBJECTIFS = {
    "unquoted-separator": (
        "-",
        "`;` unquoted in free text: one cell too many",
        "document quarantined: the row cannot be read",
    ),
    "serafin-unknown": ("SERAFIN_BESOIN", "`1.1.99` is no SERAFIN-PH need", "warned: value dropped"),
    "deadline-impossible": ("ECHEANCE", "`31/06/2027`", "warned: value dropped"),
    "orphan": ("ID_PROJET", "an objective whose project is not in PROJETS.CSV", "warned: row dropped"),
}

_DOCUMENTS = {
    "pdf-twice-path": ("FICHIER", "the project's own PDF, named again", "left out: same file as the project"),
    "pdf-twice-bytes": (
        "FICHIER",
        "a copy of the project's PDF under another name",
        "left out: same file as the project",
    ),
    "document-missing": ("FICHIER", "the file is not in the export", "document quarantined"),
    "document-empty": ("FICHIER", "a file of 0 byte", "document quarantined"),
    "document-outside": ("FICHIER", "a path that leaves the export", "document quarantined"),
    "pdf-not-a": (
        "FICHIER",
        "a PDF that is not PDF/A",
        "warned: and of a type (a medical summary) that the bridge makes from no file",
    ),
    "type-unknown": ("CODE_TYPE", "local type 47 (« divers ») is not in the table", "document quarantined"),
}

CASES = {
    ident: (f"{table}.CSV", *case)
    for table, cases in (
        ("USAGERS", _USAGERS),
        ("ETABLISSEMENTS", _ETABLISSEMENTS),
        ("INTERVENANTS", _INTERVENANTS),
        ("PROJETS", _PROJETS),
        ("OBJECTIFS", _OBJECTIFS),
        ("DOCUMENTS", _DOCUMENTS),
    )
    for ident, case in cases.items()
}
"""By identifier: file, column (`-` = the whole row), what it is, what it must become."""


@dataclass(frozen=True)
class Note:
    """One row of the README's table."""

    id: str
    file: str
    row: int
    column: str
    what: str
    must_become: str


@dataclass
class Notes:
    """The cases met while rows were written."""

    _rows: dict[str, int] = field(default_factory=dict)

    def take(self, ident: str, row: int) -> None:
        """Notes that a case stands on this physical line of its file."""
        if ident in self._rows:
            raise ValueError(f"{ident} was already noted")
        self._rows[ident] = row

    def table(self) -> list[Note]:
        """Every case with its line, by file and line. Raises KeyError when one was never written."""
        notes = []
        for ident, (file, column, what, must_become) in CASES.items():
            if not must_become.startswith(tuple(VOCABULARY)):
                raise ValueError(f"{ident}: {must_become!r} starts with no word of the vocabulary")
            notes.append(Note(ident, file, self._rows[ident], column, what, must_become))
        return sorted(notes, key=lambda note: (note.file, note.row, note.id))
