"""Matricules that belong to nobody: the invented ones of the samples, and the published official test matricules.

An invented matricule has the order number 000 (characters 11 to 13), which INSEE never attributes, so that it can be
told from a real one by its form alone.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from dui_bridge.data.codes import rows
from dui_bridge.ins.matricule import is_well_formed, key

ORDER_NEVER_ATTRIBUTED: Final = "000"
_SEX_DIGIT: Final = {"M": "1", "F": "2"}


def invented_matricule(sexe: str, annee: int, mois: int, cog5: str) -> str:
    """A matricule of 15 characters, order number 000 and right key, coherent with the traits given.

    Args:
        sexe: ``M`` or ``F``.
        annee: year of birth, four digits.
        mois: month of birth, 1 to 12.
        cog5: COG of the place of birth, five characters (``99xxx`` for another country).

    Raises:
        ValueError: a trait is not of that form.
    """
    digit = _SEX_DIGIT.get(sexe)
    if digit is None or not 1 <= mois <= 12:
        raise ValueError("a matricule needs a sex (M or F) and a month of birth (1 to 12)")
    nir13 = f"{digit}{annee % 100:02d}{mois:02d}{cog5}{ORDER_NEVER_ATTRIBUTED}"
    return f"{nir13}{key(nir13):02d}"


def is_listed_test_matricule(matricule: str) -> bool:
    """Whether a matricule is invented by form (order number 000) or a published official test matricule."""
    if is_well_formed(matricule) and matricule[10:13] == ORDER_NEVER_ATTRIBUTED:
        return True
    return matricule in _published()


@cache
def _published() -> frozenset[str]:
    return frozenset(row["matricule"] for row in rows("test_matricules"))
