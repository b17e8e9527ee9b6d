"""Structure and key of a matricule INS (NIR or NIA): 13 characters and a key of two digits.

Sources: INSEE's description of the NIR; CNAM's published validation rules (month 20 to 99 stands for an unknown month);
Référentiel INS (OIDs). Nothing here knows whether a matricule was attributed to anybody.
"""

from __future__ import annotations

import re
from typing import Final

INS_NIR: Final = "1.2.250.1.213.1.4.8"
INS_NIA: Final = "1.2.250.1.213.1.4.9"
INS_TEST: Final = "1.2.250.1.213.1.4.10"
INS_DEMO: Final = "1.2.250.1.213.1.4.11"

_NIR: Final = r"[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2A|2B)\d{3}\d{3}"
_NIR13: Final = re.compile(_NIR, re.ASCII)
_MATRICULE15: Final = re.compile(_NIR + r"\d{2}", re.ASCII)
_CORSICA: Final = {"2A": "19", "2B": "18"}


def key(nir13: str) -> int:
    """The key (1 to 97) of the 13 first characters of a matricule: 97 minus the number modulo 97.

    The Corsican departments count as 19 (2A) and 18 (2B), and only as the sixth and seventh characters.

    Raises:
        ValueError: the text has not the structure of a NIR (the value is not repeated in the message).
    """
    if _NIR13.fullmatch(nir13) is None:
        raise ValueError("not the 13 characters of a NIR")
    department = nir13[5:7]
    number = int(nir13[:5] + _CORSICA.get(department, department) + nir13[7:])
    return 97 - number % 97


def is_well_formed(matricule15: str) -> bool:
    """Whether the text has the 15 characters of a NIR or NIA with its key; the key itself is not checked.

    Upper case, no space: a lower-case ``2a`` or a missing key is repaired when read, never accepted here.
    """
    return _MATRICULE15.fullmatch(matricule15) is not None


def has_right_key(matricule15: str) -> bool:
    """Whether the text is well formed and its two last digits are its key."""
    return is_well_formed(matricule15) and int(matricule15[13:]) == key(matricule15[:13])
