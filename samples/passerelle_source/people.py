"""The persons of the export: who they are, what they consented to, whom they are sent to, what was written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from passerelle_source.partners import (
    CAARUD,
    CAARUD_PARTNER,
    CHRS,
    CLOSED,
    CSAPA,
    CSAPA_PARTNER,
    HOSPITAL,
    HOSPITAL_WITHOUT_MAILBOX,
    LHSS,
    PHARMACY,
    PHARMACY_ORDINARY,
    PHARMACY_STALE,
    Partner,
    Structure,
)

ORAL = ("oral", "12/03/2026")
WRITTEN = ("écrit", "12/03/2026")
UNDATED = ("oral", "")
REFUSED = ("refus", "02/06/2026")
ALL_AGREED = {
    "partage_pharmacie": ORAL, "partage_hopital": ORAL, "partage_structure": WRITTEN,
    "messagerie": ("informé", "12/03/2026"), "dmp": ORAL,
}  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """A `DOC`. `to`: place of the `ORIENTATION` that it is written to, from 1, or 0. `path` replaces the usual one."""

    kind: str
    day: str
    to: int = 0
    signed: str = "oui"
    path: str | None = None
    case: str = ""
    is_there: bool = True


@dataclass(frozen=True)
class Dossier:
    """A `DOSSIER`. Blank is what the DUI leaves blank; `case` names the pathology that it stands for."""

    num: str
    structure: Structure
    nom: str
    prenom: str
    born: str
    sexe: str
    anonyme: str = "non"
    age: str = ""
    alias: str = ""
    active: str = "O"
    since: str = "04/02/2025"
    molecule: str = ""
    products: tuple[str, ...] = ()
    to: tuple[Partner, ...] = ()
    papers: tuple[Paper, ...] = ()
    consents: dict[str, tuple[str, str]] = field(default_factory=dict)
    usual_doctor: bool = False
    case: str = ""


LETTER = Paper("courrier", "06/10/2026", to=1)
ORDER = Paper("ordonnance", "08/10/2026", to=1)
SYNTHESIS = Paper("synthese", "15/10/2026")


def dossiers() -> tuple[Dossier, ...]:
    """Thirty dossiers, by structure."""
    return (*_csapa(), *_caarud(), *_lhss(), *_chrs(), *_closed())


def _csapa() -> tuple[Dossier, ...]:
    def one(num: str, nom: str, prenom: str, born: str, sexe: str, **more: object) -> Dossier:
        return replace(
            Dossier(f"2026-{num}", CSAPA, nom, prenom, born, sexe, consents=ALL_AGREED),
            **more,  # type: ignore[arg-type]
        )

    return (
        one("0101", "Gonin", "Sylvain", "14/05/1984", "M", molecule="METHADONE", products=("P01",), to=(PHARMACY,),
            papers=(ORDER, SYNTHESIS), usual_doctor=True),
        one("0102", "Rivoire", "Marjolaine", "02/09/1991", "F", molecule="BUPRENORPHINE", products=("P01", "P04"),
            to=(PHARMACY, HOSPITAL), papers=(ORDER, replace(LETTER, to=2))),
        one("0103", "Kœhler", "Zoé", "27/11/1979", "F", molecule="SUBOXONE", products=("P02",), to=(HOSPITAL,),
            papers=(LETTER, SYNTHESIS), case="latin-9"),
        one("0104", "Thiollière", "Armand", "19/01/1988", "M", products=("P03",), to=(CAARUD_PARTNER,),
            papers=(LETTER,), case="consent-oral"),
        one("0105", "Bonnefoy", "Clarisse", "08/07/1995", "F", products=("P77",), to=(HOSPITAL,), papers=(LETTER,),
            case="product-unknown"),
        one("0106", "Drevet", "Malik", "23/03/1982", "M", molecule="SKENAN", products=("P01",), to=(PHARMACY,),
            papers=(ORDER, SYNTHESIS), case="molecule-unknown"),
        one("0107", "Escoffier", "Nadège", "30/10/1986", "F", molecule="METHADONE", to=(PHARMACY_STALE,),
            papers=(ORDER,), case="mailbox-stale"),
        one("0108", "Faure", "Timothée", "11/12/1977", "M", molecule="METHADONE", to=(PHARMACY_ORDINARY,),
            papers=(ORDER,), case="mailbox-ordinary"),
        one("0109", "Grangier", "Solène", "05/06/1990", "F", to=(HOSPITAL_WITHOUT_MAILBOX,), papers=(LETTER,),
            case="mailbox-none"),
        one("0110", "Heurtier", "Jonas", "17/02/1993", "M", to=(PHARMACY,), papers=(ORDER,), case="consent-undated",
            consents={**ALL_AGREED, "partage_pharmacie": UNDATED}),
        one("0111", "Issartel", "Mona", "29/08/1985", "F", to=(HOSPITAL,), papers=(LETTER,), case="consent-refused",
            consents={**ALL_AGREED, "partage_hopital": REFUSED}),
        one("0112", "Joubert", "Ilyes", "20/04/1980", "M", papers=(LETTER,), case="consent-word-unknown",
            consents={**ALL_AGREED, "dmp": ("oui ?", "12/03/2026")}),
        one("0113", "Lafay", "Candice", "03/01/2010", "F", products=("P05",), to=(HOSPITAL,), papers=(LETTER,),
            case="minor"),
        one("0114", "Malartre", "Yohan", "", "M", age="environ 35 ans", to=(HOSPITAL,), papers=(LETTER,),
            case="age-only"),
        one("0115", "Néel", "Ophélie", "12/08/1974", "F", active="N", to=(HOSPITAL,), papers=(LETTER,),
            case="out-of-active-file"),
        one("0116", "Orelle", "Bastien", "25/05/1989", "M", to=(HOSPITAL,), case="path-elsewhere",
            papers=(Paper("courrier", "06/10/2026", 1, path="\\\\ancien-srv\\docs\\orelle.pdf"), LETTER)),
        one("0117", "", "", "", "", anonyme="oui", alias="Le Marin", age="une trentaine d'années", molecule="METHADONE",
            to=(PHARMACY,), papers=(ORDER, SYNTHESIS), case="anonymous"),
        one("0118", "Paulet", "Fanny", "09/09/1992", "F", anonyme="oui", alias="Fée", to=(HOSPITAL,), papers=(LETTER,),
            case="anonymous-named"),
        one("0901", "Quiblier", "Ange", "16/06/1983", "M", papers=(LETTER,), case="number-twice-first"),
    )  # fmt: skip


def _caarud() -> tuple[Dossier, ...]:
    def one(num: str, **more: object) -> Dossier:
        return replace(Dossier(num, CAARUD, "", "", "", "", anonyme="oui"), **more)  # type: ignore[arg-type]

    return (
        one("2026-0201", alias="Gringo", age="40", products=("P01", "P02"), to=(CSAPA_PARTNER,), papers=(LETTER,)),
        one("2026-0202", alias="Mamie", products=("P02",)),
        one("2026-0203", nom="Thiollière", prenom="Armand", born="19/01/1988", sexe="M", anonyme="non",
            to=(CSAPA_PARTNER,), papers=(LETTER,), consents=ALL_AGREED, case="two-dossiers"),
        one("2026-0204", nom="Reynaud", prenom="Élio", born="21/02/1996", sexe="?", anonyme="non", to=(CSAPA_PARTNER,),
            papers=(LETTER,), consents=ALL_AGREED, case="sex-unknown"),
        one("2026-0901", nom="Sagnol", prenom="Lola", born="01/12/1987", sexe="F", anonyme="non",
            case="number-twice-second"),
    )  # fmt: skip


def _lhss() -> tuple[Dossier, ...]:
    def one(num: str, nom: str, prenom: str, born: str, sexe: str, **more: object) -> Dossier:
        return replace(
            Dossier(num, LHSS, nom, prenom, born, sexe, consents=ALL_AGREED),
            **more,  # type: ignore[arg-type]
        )

    return (
        one("2026-0301", "Tardy", "Gaspard", "07/03/1961", "M", to=(HOSPITAL,), papers=(
            LETTER, Paper("DIPC", "02/03/2026", case="contract")), usual_doctor=True),
        one("2026-0302", "Ughetto", "Livia", "13/10/1969", "F", to=(HOSPITAL,), papers=(
            replace(LETTER, signed="image", case="signed-by-image"),)),
        one("2026-0303", "Valla", "Côme", "28/06/1958", "M", to=(HOSPITAL,), papers=(
            LETTER, replace(LETTER, day="20/10/2026", is_there=False, case="file-not-copied"),)),
        one("2026-0304", "Wery", "Doriane", "04/04/1972", "F", anonyme="", to=(HOSPITAL,), papers=(LETTER,),
            case="anonymity-blank"),
    )  # fmt: skip


def _chrs() -> tuple[Dossier, ...]:
    return (
        Dossier("2026-0401", CHRS, "Ygonin", "Abel", "22/07/1999", "M", papers=(
            Paper("attestation", "01/09/2026", case="type-unknown"),)),
    )  # fmt: skip


def _closed() -> tuple[Dossier, ...]:
    return (Dossier("2026-0501", CLOSED, "Zimmer", "Ève", "18/11/1990", "F", case="structure-unknown"),)
