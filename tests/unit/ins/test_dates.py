"""Birth dates of which a part is unknown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.ins.dates import Known, interpretation, is_lunar, lunar_week


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("1987-05-14", Known.WHOLE, "1987-05-14"),
        ("14/05/1987", Known.WHOLE, "1987-05-14"),
        ("1987-05", Known.NO_DAY, "1987-05-01"),
        ("00/05/1987", Known.NO_DAY, "1987-05-01"),
        ("14/00/1987", Known.NO_MONTH, "1987-01-14"),
        ("1987", Known.NO_DAY_NOR_MONTH, "1987-12-31"),
        ("00/00/1987", Known.NO_DAY_NOR_MONTH, "1987-12-31"),
        ("14/05/0000", Known.NO_YEAR, None),
        ("1987-05-33", Known.LUNAR, None),
        ("1987-14-02", Known.LUNAR, None),
        ("1987-02-31", Known.LUNAR, None),
        ("1987-02-30", Known.NOT_A_DATE, None),
        ("1987-05-40", Known.NOT_A_DATE, None),
        ("14/05/87", Known.NOT_A_DATE, None),
        ("", Known.NOT_A_DATE, None),
    ],
)
def test_a_date_is_read_or_interpreted_by_rule(text: str, known: Known, value: str | None) -> None:
    read = interpretation(text)
    assert (read.original, read.known, read.value) == (text, known, value)
    assert read.interpreted is (value is not None and known is not Known.WHOLE)


def test_the_days_31_to_35_are_the_weeks_of_a_lunar_month() -> None:
    assert [lunar_week(day) for day in (30, 31, 35, 36)] == [None, 1, 5, None]
    assert not is_lunar("1987-05-31")


@given(st.dates())
def test_a_whole_date_is_itself(day: date) -> None:
    assert interpretation(day.isoformat()).value == day.isoformat()


@given(st.text(max_size=10) | st.builds("{:04d}-{:02d}-{:02d}".format, *[st.integers(0, 40)] * 3))
def test_every_value_is_a_day_of_the_calendar(text: str) -> None:
    read = interpretation(text)
    assert read.value is None or date.fromisoformat(read.value)
