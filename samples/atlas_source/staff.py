"""The professionals of the three establishments."""

from __future__ import annotations

from dataclasses import dataclass

from atlas_source.tables import Export


@dataclass(frozen=True)
class Intervenant:
    """One row of INTERVENANTS.CSV."""

    code: str
    nom: str
    prenom: str
    fonction: str
    rpps_serial: int | None = None
    adeli: str = ""
    actif: bool = True

    @property
    def rpps(self) -> str:
        """An invented RPPS (11 digits, the last one a Luhn key), or nothing."""
        return "" if self.rpps_serial is None else _with_luhn_key(f"1099900{self.rpps_serial:03d}")

    @property
    def full_name(self) -> str:
        return f"{self.prenom} {self.nom}"


def _with_luhn_key(digits: str) -> str:
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return f"{digits}{-total % 10}"


IME_TEAM = (
    Intervenant("E01", "Berthelot", "Nadège", "EDUC"),
    Intervenant("E02", "N'Guyen-Lacroix", "Benoît", "ME"),
    Intervenant("E03", "Carrère", "Maïté", "EDUC"),
    Intervenant("E04", "Dalmasso", "Loïc", "AES"),
    Intervenant("P01", "Vasseur", "Hélène", "PSY", 11, "019300123"),
    Intervenant("I01", "Le Goff", "Gwenaëlle", "IDE", 12),
    Intervenant("O01", "Pélissier", "Cécile", "ORTHO", 13),
    Intervenant("M01", "Zimmermann", "François", "MEDPSY", 14),
    Intervenant("D01", "Tournier", "Françoise", "DIR"),
)
SESSAD_TEAM = (
    Intervenant("E11", "Casanova", "Ghjulia", "EDUC"),
    Intervenant("E12", "Leca", "Anne-Sophie", "EJE"),
    Intervenant("X11", "Mattei", "Noël", "PSYMOT", 21),
    Intervenant("R11", "Giacobbi", "Océane", "ERGO", 22),
    Intervenant("P11", "Ottaviani", "Stéphane", "PSY", 23),
    Intervenant("D11", "Santucci", "Marie-Ange", "DIR"),
)
ESAT_TEAM = (
    Intervenant("T21", "Perrin", "Gérard", "ETS"),
    Intervenant("T22", "Özdemir", "Selin", "MA"),
    Intervenant("E21", "Châtelain", "Joël", "EDUC"),
    Intervenant("C21", "Bouvier", "Émeline", "CESF"),
    Intervenant("A21", "Lefèvre", "Inès", "ASS"),
    Intervenant("D21", "Roux", "Frédéric", "DIR"),
)
LEFT = Intervenant("E09", "Marchand", "Régis", "EDUC", actif=False)
"""Has left, and never had an RPPS: still the author of older projects."""
UNKNOWN_FUNCTION = Intervenant("Z01", "Kowalski", "Zoé", "ANIMNAT")
"""A local function that the table of functions does not hold."""

ALL = (*IME_TEAM, *SESSAD_TEAM, *ESAT_TEAM, LEFT, UNKNOWN_FUNCTION)


def write_staff(export: Export) -> dict[str, int]:
    """Writes INTERVENANTS.CSV; returns the line of each code."""
    lines = {}
    for person in ALL:
        mail = f"{person.code.lower()}@exemple.mssante.fr" if person.rpps else ""
        lines[person.code] = export["INTERVENANTS"].add(
            CODE_INT=person.code,
            NOM=person.nom,
            PRENOM=person.prenom,
            FONCTION=person.fonction,
            RPPS=person.rpps,
            ADELI=person.adeli,
            MEL_MSS=mail,
            ACTIF="O" if person.actif else "N",
        )
    return lines
