"""The medicines and vaccines of the sample, by ATC class (WHO).

Only one presentation code (CIP13) stands here: that of the official examples of the CI-SIS. The others are left blank.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Medicine:
    """What the API says of a medicine, whoever takes it."""

    libelle: str
    dci: str
    atc: str
    forme: str
    unite: str
    voie: str = "orale"
    cip13: str | None = None


MEDICINES = {
    medicine.dci: medicine
    for medicine in (
        Medicine("Paracétamol 1 g, comprimé", "paracétamol", "N02BE01", "comprimé", "comprimé"),
        Medicine("Apixaban 2,5 mg, comprimé", "apixaban", "B01AF02", "comprimé", "comprimé"),
        Medicine("Bisoprolol 2,5 mg, comprimé", "bisoprolol", "C07AB07", "comprimé", "comprimé"),
        Medicine("Ramipril 5 mg, comprimé", "ramipril", "C09AA05", "comprimé", "comprimé"),
        Medicine("Amlodipine 5 mg, gélule", "amlodipine", "C08CA01", "gélule", "gélule"),
        Medicine("Furosémide 40 mg, comprimé", "furosémide", "C03CA01", "comprimé", "comprimé"),
        Medicine("Metformine 850 mg, comprimé", "metformine", "A10BA02", "comprimé", "comprimé"),
        Medicine(
            "Insuline glargine 100 U/mL", "insuline glargine", "A10AE04", "solution injectable", "UI", "sous-cutanée"
        ),
        Medicine("Mémantine 20 mg, comprimé", "mémantine", "N06DX01", "comprimé", "comprimé"),
        Medicine("Lévodopa 100 mg/bensérazide 25 mg, gélule", "lévodopa et bensérazide", "N04BA02", "gélule", "gélule"),
        Medicine("Escitalopram 10 mg, comprimé", "escitalopram", "N06AB10", "comprimé", "comprimé"),
        Medicine("Mirtazapine 15 mg, comprimé", "mirtazapine", "N06AX11", "comprimé", "comprimé"),
        Medicine("Atorvastatine 20 mg, comprimé", "atorvastatine", "C10AA05", "comprimé", "comprimé"),
        Medicine("Oméprazole 20 mg, gélule", "oméprazole", "A02BC01", "gélule", "gélule"),
        Medicine(
            "LEVOTHYROX 75 microgrammes, comprimé sécable",
            "lévothyroxine sodique",
            "H03AA01",
            "comprimé",
            "comprimé",
            cip13="3400930065785",
        ),
        Medicine("Colécalciférol 50 000 UI, ampoule", "colécalciférol", "A11CC05", "solution buvable", "ampoule"),
        Medicine("Macrogol 4000 10 g, sachet", "macrogol", "A06AD15", "poudre", "sachet"),
        Medicine("Acide acétylsalicylique 75 mg", "acide acétylsalicylique", "B01AC06", "comprimé", "comprimé"),
        Medicine("Tiotropium 2,5 µg/dose", "tiotropium", "R03BB04", "solution à inhaler", "dose", "inhalée"),
        Medicine("Salbutamol 100 µg/dose", "salbutamol", "R03AC02", "suspension à inhaler", "dose", "inhalée"),
        Medicine("Latanoprost 50 µg/mL", "latanoprost", "S01EE01", "collyre", "goutte", "ophtalmique"),
        Medicine("Oxazépam 10 mg, comprimé", "oxazépam", "N05BA04", "comprimé", "comprimé"),
        Medicine("Tamsulosine 0,4 mg, gélule LP", "tamsulosine", "G04CA02", "gélule", "gélule"),
        Medicine("Lévétiracétam 500 mg, comprimé", "lévétiracétam", "N03AX14", "comprimé", "comprimé"),
        Medicine("Amiodarone 200 mg, comprimé", "amiodarone", "C01BD01", "comprimé", "comprimé"),
    )
}

VACCINES = {
    "grippe": ("Vaccin grippal saisonnier haute dose", "J07BB02"),
    "pneumocoque": ("Vaccin pneumococcique conjugué", "J07AL02"),
    "covid": ("Vaccin Covid-19 à ARNm", "J07BN01"),
    "dtp": ("Vaccin diphtérie, tétanos, poliomyélite", "J07CA01"),
    "zona": ("Vaccin contre le zona", "J07BK03"),
}
"""Short name → (label, ATC class)."""
