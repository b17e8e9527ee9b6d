"""The invented professionals whom the stand-in knows: those of the samples, by the RPPS that their team gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DOCTOR: Final = "10"
_NURSE: Final = "60"
_PHYSIOTHERAPIST: Final = "70"
_PSYCHOLOGIST: Final = "93^1.2.250.1.213.1.6.1.109"
_OTHER: Final = "345^1.2.250.1.213.1.6.1.107"


@dataclass(frozen=True, slots=True)
class Professional:
    """A professional.

    Args:
        rpps: 11 digits.
        finess: of the establishment where they practise; empty for a practice of their own.
        profession: code of TRE_G15; empty for who has no profession of health.
        speciality: code of TRE_R01, of doctors.
        role: `code^OID`, as `SubjectRole` tells it.
        approves: what they answer on their e-CPS.
    """

    rpps: str
    family: str
    given: str
    finess: str = ""
    profession: str = ""
    speciality: str = ""
    role: str = ""
    approves: bool = True

    @property
    def national_id(self) -> str:
        """PS_IdNat."""
        return f"8{self.rpps}"

    def userinfo(self) -> dict[str, object]:
        """What the service tells of them (source: ANS, samples of userinfo of Pro Santé Connect)."""
        activity = {"codeModeExercice": "S" if self.finess else "L", "numeroFinessSite": self.finess}
        exercise = {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": "C",
            "codeTypeSavoirFaire": "S" if self.speciality else "",
            "codeSavoirFaire": self.speciality,
            "nomDexercice": self.family,
            "prenomDexercice": self.given,
            "activities": [activity],
        }
        return {
            "sub": f"f:bac-a-sable:{self.national_id}",
            "SubjectNameID": self.national_id,
            "family_name": self.family,
            "given_name": self.given,
            "SubjectRole": [self.role] if self.role else [],
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "otherIds": [{"identifiant": self.national_id, "origine": "RPPS", "qualite": 1}],
            "SubjectRefPro": {"exercices": [exercise]},
        }


_EHPAD: Final = "630000032"
_IME: Final = "010000024"

PROFESSIONALS: Final = (
    Professional("10998010119", "FAUGÈRE", "Hélène", _EHPAD, _DOCTOR, "SM18"),
    Professional("10998010127", "ASTIER", "Clément", _EHPAD, _NURSE),
    Professional("10998010143", "RODDIER", "Yannick", _EHPAD, _PHYSIOTHERAPIST, approves=False),
    Professional("10998010168", "VAZEILLES", "Maud", _EHPAD, role=_PSYCHOLOGIST),
    Professional("10998010184", "TEYRAS", "Joanny", _EHPAD, role=_OTHER),
    Professional("10998010317", "LIGIER", "Bertrand", profession=_DOCTOR, speciality="SM26"),
    Professional("10999000119", "VASSEUR", "Hélène", _IME, role=_PSYCHOLOGIST),
    Professional("10999000143", "ZIMMERMANN", "François", _IME, _DOCTOR, "SM42"),
)
