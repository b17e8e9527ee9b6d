"""Dates as French exports write them, by formats in French letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import (
    Conversion,
    Convert,
    Parameter,
    ParameterKind,
    Reading,
    Rejected,
    Remembered,
    Settings,
    SettingsInvalid,
)

DEFAULT_FORMATS: Final = ("JJ/MM/AAAA", "AAAA-MM-JJ")
OLDEST_AGE: Final = 110
_FIRST_YEAR, _LAST_YEAR = 1850, 2199
_TOKENS: Final = {
    "AAAA": r"(?P<year>\d{4})",
    "AA": r"(?P<short>\d{2})",
    "JJ": r"(?P<day>\d{2})",
    "J": r"(?P<day>\d{1,2})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "hh": r"(?:[01]\d|2[0-3])",
    "mm": r"[0-5]\d",
    "ss": r"[0-5]\d",
}
_TOKEN: Final = re.compile("|".join(_TOKENS))
ISO: Final = "ISO"
"""The format of ISO 8601: a day, or a time stamp with or without an offset."""

_STAMP: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:[.,]\d{1,9})?)?"
    r"(?P<offset>Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?",
    re.ASCII,
)
Century = Callable[[int, int, int, str, Reading], int]


@dataclass(frozen=True, slots=True)
class _Format:
    pattern: re.Pattern[str]
    short: bool


def _compile(text: str) -> _Format:
    if text == ISO:
        return _Format(_STAMP, short=False)
    pattern, end = [], 0
    seen: list[str] = []
    for token in _TOKEN.finditer(text):
        pattern.append(re.escape(text[end : token.start()]))
        pattern.append(_TOKENS[token[0]])
        seen.append(token[0][0])
        end = token.end()
    pattern.append(re.escape(text[end:]))
    if seen.count("A") != 1 or seen.count("J") > 1 or seen.count("M") > 1 or ("J" in seen and "M" not in seen):
        raise SettingsInvalid(
            f"'{text}' is not a date format: use AAAA or AA, MM, JJ, hh, mm, ss, each once; or ISO",
            f"'{text}' n'est pas un format de date : AAAA ou AA, MM, JJ, hh, mm, ss, une fois chacun ; ou ISO",
        )
    return _Format(re.compile("".join(pattern), re.ASCII), short="AAAA" not in text)


def _date(settings: Settings) -> Convert:
    formats = [_compile(text) for text in settings.given.get("formats", DEFAULT_FORMATS)]
    name = settings.one("century")
    if any(form.short for form in formats) and not name:
        raise SettingsInvalid(
            "a format with a year of two digits needs century: birth, past or future",
            "un format à année sur deux chiffres exige century: birth, past ou future",
        )
    keep_partial = settings.one("partial") == "keep"
    if keep_partial and settings.target is not str:
        raise SettingsInvalid(
            "partial: keep stands only on a field that may hold a partial date (date_naissance)",
            "partial: keep ne vaut que pour un champ qui admet une date partielle (date_naissance)",
        )
    century = _CENTURIES.get(name, _born)
    must_be_past = name == "birth"
    as_text = settings.target is str

    def convert(text: str, reading: Reading) -> object:
        match = next((m for form in formats if (m := form.pattern.fullmatch(text)) is not None), None)
        if match is None:
            raise Rejected(rules.NOT_A_DATE, value=text)
        parts = match.groupdict()
        month, day = int(parts.get("month") or 0), int(parts.get("day") or 0)
        full = parts.get("year")
        year = int(full) if full else century(int(parts["short"]), month, day, text, reading)
        if not _FIRST_YEAR <= year <= _LAST_YEAR or month > 12 or (day and not month):
            raise Rejected(rules.NOT_A_DATE, value=text)
        if not month or not day:
            if not keep_partial:
                raise Rejected(rules.PARTIAL_DATE, value=text)
            if must_be_past and (year, month) > (reading.today.year, reading.today.month if month else 0):
                raise Rejected(rules.BORN_LATER, value=text)
            return f"{year:04}-{month:02}" if month else f"{year:04}"
        try:
            value = _local(date(year, month, day), parts, reading) if parts.get("offset") else date(year, month, day)
        except ValueError:
            raise Rejected(rules.NOT_A_DATE, value=text) from None
        if must_be_past and value > reading.today:
            raise Rejected(rules.BORN_LATER, value=text)
        return value.isoformat() if as_text else value

    # A century, or a day that must be past, depends on the day of the run or the usager too; an offset on the site.
    return convert if name or any(form.pattern is _STAMP for form in formats) else Remembered(convert)


def _local(day: date, parts: dict[str, str], reading: Reading) -> date:
    """The day of the site in which an instant falls: 23:30 by UTC is the next day in Paris."""
    text = parts["offset"].replace(":", "")
    shift = timedelta() if text == "Z" else timedelta(hours=int(text[1:3]), minutes=int(text[3:] or 0))
    zone = timezone(-shift if text[0] == "-" else shift)
    return (
        datetime.combine(day, time(int(parts["hour"]), int(parts["minute"]), tzinfo=zone))
        .astimezone(reading.zone)
        .date()
    )


def _born(short: int, month: int, day: int, text: str, reading: Reading) -> int:
    """The century that gives an age of 0 to 110 at admission (today when that is unknown)."""
    on = reading.admission or reading.today
    years = [
        year for year in (1800 + short, 1900 + short, 2000 + short) if 0 <= _age(year, month, day, on) <= OLDEST_AGE
    ]
    if len(years) > 1:
        raise Rejected(rules.CENTURY, value=text, years=", ".join(map(str, years)))
    if not years:
        raise Rejected(rules.NO_CENTURY, value=text)
    return years[0]


def _age(year: int, month: int, day: int, on: date) -> int:
    return on.year - year - ((on.month, on.day) < (month, day))


def _past(short: int, month: int, day: int, text: str, reading: Reading) -> int:
    today = reading.today
    return max(
        y for y in (1900 + short, 2000 + short, 1800 + short) if (y, month, day) <= (today.year, today.month, today.day)
    )


def _future(short: int, month: int, day: int, text: str, reading: Reading) -> int:
    today = reading.today
    return min(y for y in (2000 + short, 2100 + short) if (y, month, day) >= (today.year, today.month, today.day))


_CENTURIES: Final[dict[str, Century]] = {"birth": _born, "past": _past, "future": _future}

CONVERSIONS: Final = (
    Conversion(
        "date",
        (date, str),
        _date,
        "A day. Without formats: JJ/MM/AAAA and AAAA-MM-JJ. The first format that fits decides.",
        "Un jour. Sans formats : JJ/MM/AAAA et AAAA-MM-JJ. Le premier format qui convient décide.",
        (
            Parameter(
                "formats",
                ParameterKind.TEXTS,
                "formats in the letters AAAA AA MM JJ hh mm ss; ISO is a day or time stamp of ISO 8601: with an"
                " offset or Z, the day that it was at the site",
                "formats en lettres AAAA AA MM JJ hh mm ss ; ISO est un jour ou un horodatage ISO 8601 : avec un"
                " décalage ou Z, le jour qu'il était sur le site",
            ),
            Parameter(
                "century",
                ParameterKind.CHOICE,
                "for AA: birth = age of 0 to 110 at admission; past = not after today; future = not before today",
                "pour AA : birth = âge de 0 à 110 ans à l'admission ; past = pas après ce jour ; future = pas avant",
                tuple(_CENTURIES),
            ),
            Parameter(
                "partial",
                ParameterKind.CHOICE,
                "keep: 00/00/1999 is 1999, 00/03/1999 is 1999-03",
                "keep : 00/00/1999 vaut 1999, 00/03/1999 vaut 1999-03",
                ("keep",),
            ),
        ),
    ),
)
