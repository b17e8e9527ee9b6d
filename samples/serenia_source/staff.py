"""The professionals: what a document, a team or a treatment says of them. Their profession is free text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Professional:
    """A professional as the API repeats it wherever one is named."""

    nom: str
    prenom: str
    profession: str
    rpps_serial: int | None = None

    @property
    def rpps(self) -> str | None:
        """An invented RPPS (11 digits, the last one a Luhn key), or None."""
        return None if self.rpps_serial is None else _with_luhn_key(f"1099801{self.rpps_serial:03d}")

    @property
    def full_name(self) -> str:
        return f"{self.prenom} {self.nom}"

    def author(self) -> dict[str, object]:
        """`{rpps, nom, prenom, profession}`"""
        return {"rpps": self.rpps, "nom": self.nom, "prenom": self.prenom, "profession": self.profession}


def _with_luhn_key(digits: str) -> str:
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return f"{digits}{-total % 10}"


COORDINATING_DOCTOR = Professional("Faugère", "Hélène", "Médecin coordonnateur", 11)
HEAD_NURSE = Professional("Astier", "Clément", "IDEC", 12)
NURSE = Professional("Boudal", "Ségolène", "Infirmière D.E.", 13)
PHYSIO = Professional("Roddier", "Yannick", "Kiné", 14)
OCCUPATIONAL_THERAPIST = Professional("Pommeyrol", "Inès", "ergothérapeute", 15)
PSYCHOLOGIST = Professional("Vazeilles", "Maud", "Psychologue", 16)
DIRECTOR = Professional("Chambriard", "Éric", "directeur")
SSIAD_NURSE = Professional("Gidon", "Aurélie", "infirmière coordinatrice SSIAD", 17)
ORGANISER = Professional("Teyras", "Joanny", "animateur/référent vie sociale", 18)
"""A profession that no table of functions holds."""

EHPAD_TEAM = (COORDINATING_DOCTOR, HEAD_NURSE, PHYSIO, PSYCHOLOGIST)
SSIAD_TEAM = (SSIAD_NURSE, PHYSIO)
USUAL_DOCTORS = (
    (Professional("Ligier", "Bertrand", "Médecin généraliste", 31), "04 65 71 70 01"),
    (Professional("Maradeix", "Anne-Laure", "médecin traitant (MG)", 32), "04 65 71 70 02"),
    (Professional("Saby", "Olivier", "Médecin généraliste", 33), "04 65 71 70 03"),
)
