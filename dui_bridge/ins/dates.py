"""Birth dates of which a part is unknown, or of another calendar.

Sources: Guide d'implémentation de l'INS, EXI ID 11 (how an unknown day or month is interpreted); IHE PAM France, ZFD-1
(lunar dates: days 31 to 35 for the weeks 1 to 5, months above 12). An interpreted date serves in the DUI only: an
identity with one is neither récupérée nor qualifiée, and its matricule does not leave (IHE PAM France, PID-7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_ISO: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_FRENCH: Final = re.compile(r"(?:(?:(\d{2})/)?(\d{2})/)?(\d{4})", re.ASCII)
_LUNAR_DAYS: Final = range(31, 36)


class Known(StrEnum):
    """What is known of a birth date."""

    WHOLE = "whole"
    NO_DAY = "no_day"
    NO_MONTH = "no_month"
    NO_DAY_NOR_MONTH = "no_day_nor_month"
    NO_YEAR = "no_year"
    LUNAR = "lunar"
    NOT_A_DATE = "not_a_date"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A birth date and what the rule makes of it.

    Args:
        original: as held.
        known: which part is known. `LUNAR` is a guess by form: 31 February may also be a typing error.
        value: ``AAAA-MM-JJ``, the date itself or the interpreted one; None when the rule gives none.
    """

    original: str
    known: Known
    value: str | None

    @property
    def interpreted(self) -> bool:
        """Whether the value was completed by rule, and so is not the date of birth."""
        return self.value is not None and self.known is not Known.WHOLE


def interpretation(text: str) -> Interpretation:
    """Reads `AAAA-MM-JJ`, `JJ/MM/AAAA` or a part of one; 00 and 0000 stand for an unknown part.

    An unknown day is read as the first of the month, an unknown month as January, both as 31 December. An unknown year
    cannot be read from the date alone: the rule takes one that fits the age.
    """
    if iso := _ISO.fullmatch(text):
        year, month, day = (part or "00" for part in iso.groups())
    elif french := _FRENCH.fullmatch(text):
        day, month, year = (part or "00" for part in french.groups())
    else:
        return Interpretation(text, Known.NOT_A_DATE, None)
    if year == "0000":
        return Interpretation(text, Known.NO_YEAR, None)
    if month == "00":
        known, month, day = (Known.NO_DAY_NOR_MONTH, "12", "31") if day == "00" else (Known.NO_MONTH, "01", day)
    elif day == "00":
        known, day = Known.NO_DAY, "01"
    else:
        known = Known.WHOLE
    value = f"{year}-{month}-{day}"
    if not _in_calendar(value):
        return Interpretation(text, Known.LUNAR if is_lunar(value) else Known.NOT_A_DATE, None)
    return Interpretation(text, known, value)


def is_lunar(value: str) -> bool:
    """Whether an `AAAA-MM-JJ` has the form of a lunar date and is no day of our calendar."""
    parts = _ISO.fullmatch(value)
    if parts is None or parts[3] is None or _in_calendar(value):
        return False
    month, day = int(parts[2]), int(parts[3])
    return month >= 1 and 1 <= day <= _LUNAR_DAYS[-1] and (month > 12 or day in _LUNAR_DAYS)


def lunar_week(day: int) -> int | None:
    """The week of the month, 1 to 5, that a lunar day 31 to 35 stands for; None for any other day."""
    return day - 30 if day in _LUNAR_DAYS else None


def _in_calendar(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
