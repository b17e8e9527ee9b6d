"""The establishments of the invented organisme gestionnaire, and the places where its usagers were born."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Etablissement:
    """One row of ETABLISSEMENTS.CSV. `finess` is the true one, `exported` what a spreadsheet made of it."""

    code: str
    name: str
    finess: str
    exported: str
    type_local: str
    category: str
    address: tuple[str, str, str, str]
    phone: str
    mail: str


FINESS_EJ = "010000016"

IME = Etablissement(
    "IME01",
    "IME Les Tilleuls",
    "010000024",
    "010000024",
    "IME",
    "IME",
    ("12 allée des Tilleuls", "BP 40", "01000", "BOURG-EN-BRESSE"),
    "04 65 71 10 00",
    "ime@tilleuls.example",
)
ESAT = Etablissement(
    "ESA01",
    "ESAT Les Tilleuls",
    "010780054",
    "10780054",
    "ESA",
    "ESAT",
    ("3 rue de l'Œuvre", "", "01100", "OYONNAX"),
    "04 65 71 30 00",
    "esat@tilleuls.example",
)
SESSAD = Etablissement(
    "SES2A",
    "SESSAD A Teghja – Les Tilleuls",
    "2A0000014",
    "2A0000014",
    "SES",
    "SESSAD",
    ("Résidence L'Amandulu", "Bâtiment C", "20090", "AJACCIO"),
    "04 65 71 20 00",
    "sessad@tilleuls.example",
)
ANTENNE = Etablissement(
    "ANT75",
    "Antenne parisienne (fermée)",
    "",
    "7,50012E+08",
    "SES",
    "SESSAD",
    ("8 passage des Vignes", "", "75014", "PARIS"),
    "",
    "",
)

SITE = (IME, ESAT, SESSAD)
"""Those that a site configuration names; `ANTENNE` stands only in the export."""


@dataclass(frozen=True)
class Commune:
    """A place of birth: text as typed, postcode, and INSEE code at birth."""

    label: str
    postcode: str
    cog: str


AIN = (
    Commune("BOURG EN BRESSE", "01000", "01053"),
    Commune("OYONNAX", "01100", "01283"),
    Commune("Belley", "01300", "01034"),
    Commune("AMBERIEU EN BUGEY", "01500", "01004"),
    Commune("MÂCON", "71000", "71270"),
    Commune("LYON 3EME", "69003", "69383"),
    Commune("Saint-Étienne", "42000", "42218"),
    Commune("LONS LE SAUNIER", "39000", "39300"),
    Commune("PARIS 14", "75014", "75114"),
    Commune("GRENOBLE", "38000", "38185"),
    Commune("SAINT DENIS (REUNION)", "97400", "97411"),
    Commune("CASABLANCA (MAROC)", "", "99350"),
)
CORSE = (
    Commune("AJACCIO", "20000", "2A004"),
    Commune("BASTIA", "20200", "2B033"),
    Commune("PORTO-VECCHIO", "20137", "2A247"),
    Commune("Corte", "20250", "2B096"),
    Commune("MARSEILLE 5EME", "13005", "13205"),
    Commune("PORTO (PORTUGAL)", "", "99139"),
)
