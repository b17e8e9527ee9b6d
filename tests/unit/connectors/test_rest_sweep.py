"""A list that moves while its pages are read; and the days on which everything is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.rest import cursor as cursors
from dui_bridge.connectors.rest.cursor import DAYS, Cursor
from dui_bridge.connectors.rest.errors import ListMoves
from dui_bridge.connectors.rest.pages import Page
from dui_bridge.connectors.rest.settings import RestList
from dui_bridge.connectors.rest.sweep import KeptInMemory, sweep
from dui_bridge.findings import Place
from tests.unit.connectors.rest_world import DECLARED, START, settings

PART = RestList("residents", Place("m", 1), "/residents", ("residents",), "id")
SIZE = 3
CHANGES = st.lists(st.none() | st.tuples(st.sampled_from(["end", "front", "add"]), st.integers(0, 20)), max_size=12)


class Moving:
    """A list by offsets, changed between its pages; a change shows in the object, as a date of modification does."""

    def __init__(self, count: int, changes: list[tuple[str, int] | None]) -> None:
        self.objects = [{"id": str(number), "v": 0} for number in range(count)]
        self._changes = iter(changes)
        self._stamp = 0

    def pages(self) -> Iterator[Page]:
        start = 0
        while True:
            found = self.objects[start : start + SIZE]
            start += SIZE
            last = start >= len(self.objects)
            yield Page(tuple(json.dumps(one) for one in found))
            if last:
                return
            self._change(next(self._changes, None))

    def _change(self, change: tuple[str, int] | None) -> None:
        if change is None:
            return
        where, at = change
        self._stamp += 1
        if where == "add":
            self.objects.insert(at % (len(self.objects) + 1), {"id": f"new{self._stamp}", "v": 0})
            return
        moved = {**self.objects.pop(at % len(self.objects)), "v": self._stamp}
        self.objects.insert(len(self.objects) if where == "end" else 0, moved)


@given(st.integers(0, 20), CHANGES)
def test_whatever_moves_nobody_is_lost_or_it_is_a_retry(count: int, changes: list[tuple[str, int] | None]):
    moving, kept = Moving(count, changes), KeptInMemory()

    try:
        swept = sweep(PART, moving.pages, kept)
    except ListMoves:
        return
    assert {str(number) for number in range(count)} <= set(kept.objects)
    assert swept.unclear == set()


@given(st.integers(0, 20))
def test_a_list_that_stands_still_is_read_once_in_its_order(count: int):
    moving, kept = Moving(count, []), KeptInMemory()

    assert sweep(PART, moving.pages, kept).times == 1
    assert list(kept.objects) == [str(number) for number in range(count)]


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(1, 3), min_size=30, max_size=30),
    st.sampled_from(DAYS),
)
def test_with_a_run_every_few_days_everything_is_read_once_a_week(start: date, steps: list[int], day: str):
    full, today, reads = start, start, []
    for step in steps:
        today += timedelta(days=step)
        if Cursor(START, full).is_due(today, day):
            full = today
            reads.append(today)

    named = [start + timedelta(days=ahead) for ahead in range(1, (today - start).days + 1)]
    named = [one for one in named if DAYS[one.weekday()] == day]
    for one in named[:-1]:
        assert any(one <= read <= one + timedelta(days=2) for read in reads)
    assert len(reads) <= len(named)


def test_a_cursor_is_read_back_and_asks_ten_minutes_earlier():
    of = settings(DECLARED)
    cursor = Cursor(datetime(2026, 11, 18, 9, 5, tzinfo=UTC), date(2026, 11, 15))

    assert cursors.read(cursors.write(cursor, of), of) == cursor
    assert cursor.asked() == "2026-11-18T08:55:00Z"


def test_a_cursor_of_another_list_means_everything():
    text = cursors.write(Cursor(START, START.date()), settings(DECLARED))

    assert cursors.read(text, settings(DECLARED.replace("modifieDepuis", "depuis"))) is None
