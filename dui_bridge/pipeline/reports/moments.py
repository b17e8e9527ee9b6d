"""Times and ages as a person reads and gives them: local, to the minute."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.pipeline.reports.errors import DayOutOfReach
from dui_bridge.pipeline.reports.texts import text

_HOUR = 3600
_DAY = 24 * _HOUR
_YEARS: Final = range(1900, 3000)
"""At the ends of the calendar the same time in UTC, or the day after, does not exist."""


def given_day(at: datetime) -> date:
    """The day that a person gave. Raises DayOutOfReach."""
    if at.year not in _YEARS:
        raise DayOutOfReach(day=at.date().isoformat(), first=str(_YEARS[0]), last=str(_YEARS[-1]))
    return at.date()


def given_moment(at: datetime, zone: tzinfo) -> datetime:
    """The time that a person gave without a zone, as the site means it. Raises DayOutOfReach."""
    return datetime.combine(given_day(at), at.time(), zone)


def moment(at: datetime, zone: tzinfo, language: Language) -> str:
    """`22/11/2026 02:00` in French, `2026-11-22 02:00` in English."""
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M" if language == "fr" else "%Y-%m-%d %H:%M")


def age(since: datetime, now: datetime, language: Language) -> str:
    """The time between, in the largest unit that it fills; two days and more in days."""
    elapsed = max(0, int((now - since).total_seconds()))
    if elapsed >= 2 * _DAY:
        return text("age_days", language).format(number=elapsed // _DAY)
    if elapsed >= _HOUR:
        return text("age_hours", language).format(number=elapsed // _HOUR)
    return text("age_minutes", language).format(number=elapsed // 60)
