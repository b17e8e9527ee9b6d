"""The establishments of the invented organisme gestionnaire, and the communes where its residents were born."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Etablissement:
    """One establishment as every resident's object repeats it."""

    name: str
    category: str
    finess: str
    siret: str
    address: tuple[str, str, str]
    phone: str


FINESS_EJ = "630000024"

EHPAD = Etablissement(
    "EHPAD Les Ormeaux",
    "EHPAD",
    "630000032",
    "00000000000018",
    ("4 chemin des Ormeaux", "63200", "RIOM"),
    "04 65 71 50 00",
)
SSIAD = Etablissement(
    "SSIAD des Combrailles – Les Ormeaux",
    "SSIAD",
    "630000040",
    "00000000000026",
    ("11 place du Marché", "63390", "SAINT-GERVAIS-D'AUVERGNE"),
    "04 65 71 60 00",
)
SITE = (EHPAD, SSIAD)


@dataclass(frozen=True)
class Commune:
    """A place of birth: label as typed, INSEE code valid at birth (`99xxx` for a country), country."""

    label: str
    cog: str
    pays: str = "FRANCE"


BIRTHPLACES = (
    Commune("CLERMONT-FERRAND", "63113"),
    Commune("RIOM", "63300"),
    Commune("ISSOIRE", "63178"),
    Commune("Thiers", "63430"),
    Commune("AMBERT", "63003"),
    Commune("VICHY", "03310"),
    Commune("MONTLUÇON", "03185"),
    Commune("AURILLAC", "15014"),
    Commune("LE PUY-EN-VELAY", "43157"),
    Commune("BRIOUDE", "43040"),
    Commune("SAINT-FLOUR", "15187"),
    Commune("PORTO", "99139", "PORTUGAL"),
    Commune("PARIS 12E", "75112"),
    Commune("LYON 3E", "69383"),
)
