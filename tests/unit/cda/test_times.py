"""A day becomes local midnight with that day's offset."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.cda.content import DocumentDates, document_dates
from dui_bridge.cda.times import local_midnight, partial_day
from dui_bridge.model.accompagnement import ProjetPersonnalise, Signataire, Signature

ZONES = ["Europe/Paris", "America/Cayenne", "Indian/Reunion", "Pacific/Noumea", "America/Miquelon", "Pacific/Marquesas"]


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 1, 15), "Europe/Paris", "20260115000000+0100"),
        (date(2026, 7, 15), "Europe/Paris", "20260715000000+0200"),
        (date(2026, 3, 29), "Europe/Paris", "20260329000000+0100"),
        (date(2026, 10, 25), "Europe/Paris", "20261025000000+0200"),
        (date(2026, 7, 15), "America/Cayenne", "20260715000000-0300"),
        (date(2026, 7, 15), "Indian/Reunion", "20260715000000+0400"),
        (date(2026, 7, 15), "Pacific/Marquesas", "20260715000000-0930"),
    ],
)
def test_local_midnight(day: date, zone: str, expected: str) -> None:
    assert local_midnight(day, ZoneInfo(zone)) == expected


@given(st.dates(date(1972, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_local_midnight_is_that_very_instant(day: date, zone: str) -> None:
    read = datetime.strptime(local_midnight(day, ZoneInfo(zone)), "%Y%m%d%H%M%S%z")
    assert read == datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("value", "expected"), [("1950", "1950"), ("1950-02", "195002"), ("1950-02-09", "19500209")])
def test_a_partial_day_keeps_its_precision(value: str, expected: str) -> None:
    assert partial_day(value) == expected


WRITTEN, VALIDATED, SIGNED, STARTED = (date(2026, month, 1) for month in (1, 2, 3, 4))


def dates(**fields: object) -> DocumentDates | None:
    signed = fields.pop("signed", None)
    signatures = (
        Signature(qui=Signataire.USAGER, le=date(2026, 12, 1)),
        Signature(qui=Signataire.DIRECTION, le=signed),
    )
    return document_dates(ProjetPersonnalise.model_validate({"identifiant": "1", "signatures": signatures} | fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"date_redaction": WRITTEN, "date_validation": VALIDATED, "signed": SIGNED, "date_debut": STARTED},
            (SIGNED, WRITTEN, STARTED),
        ),
        ({"date_redaction": WRITTEN, "date_validation": VALIDATED}, (VALIDATED, WRITTEN, WRITTEN)),
        ({"date_redaction": WRITTEN}, (WRITTEN, WRITTEN, WRITTEN)),
        ({"date_validation": VALIDATED, "signed": SIGNED}, (SIGNED, VALIDATED, VALIDATED)),
        ({"signed": SIGNED}, (SIGNED, SIGNED, SIGNED)),
    ],
)
def test_which_day_is_which_time(fields: dict[str, object], expected: tuple[date, date, date]) -> None:
    assert dates(**fields) == DocumentDates(*expected)


def test_a_start_or_the_usagers_signature_alone_date_nothing() -> None:
    assert dates(date_debut=STARTED) is None
