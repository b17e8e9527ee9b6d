"""A destination that takes so many documents a day: the others wait for the next day, and nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from delivery_world import AT, KEY, Scripted, World

from dui_bridge.connectors.dmp import DmpSettings, rest_of
from dui_bridge.connectors.ports import Rest
from dui_bridge.errors import AnswerLost
from dui_bridge.journal.store import Journal
from dui_bridge.model.profile import Profile
from dui_bridge.model.states import DeliveryState as S
from dui_bridge.site.settings import Site

MIDNIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
"""In Paris."""


class TwoADay(Scripted):
    """It takes two documents a day, as the DMP counts them."""

    def rest_of(
        self, settings: Any, profile: Profile, taken_between: Callable[[datetime, datetime], int], now: datetime
    ) -> Rest | None:
        return rest_of(DmpSettings(daily_documents=2), profile, taken_between, now)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Journal.open(tmp_path / "data", KEY) as journal:
        journal.start_run("r1", "atlas", "export", {"bridge": "0.1"}, AT)
        made = World(tmp_path, journal)
        made.there = TwoADay(made.clock)
        made.ready("1", "2", "3")
        yield made


def go(world: World) -> None:
    site = cast(Site, SimpleNamespace(profile=Profile.SANDBOX))
    world.worked = world.work(replace(world.destination(), site=site))


def test_what_is_too_much_for_the_day_is_not_tried_and_nothing_is_shut(world: World) -> None:
    go(world)
    go(world)

    assert [world.state(name)[0] for name in "123"] == [S.DELIVERED, S.DELIVERED, S.READY]
    assert world.results("3") == []
    assert (world.known("3").tries, world.journal.brakes.get("there").failures) == (0, 0)
    assert (world.worked.error, world.worked.waiting_until) == (None, MIDNIGHT)
    assert world.worked.resting is not None
    assert world.worked.resting.message("en").startswith("2 documents went to the DMP today, which takes 2 a day")


def test_it_leaves_the_next_day_in_paris(world: World) -> None:
    go(world)
    world.clock.now = MIDNIGHT - timedelta(seconds=1)
    go(world)
    assert world.state("3")[0] is S.READY

    world.clock.now = MIDNIGHT
    go(world)
    assert world.state("3")[0] is S.DELIVERED


def test_what_may_have_been_taken_counts(world: World) -> None:
    world.there.sends["2.25.1"] = [AnswerLost(service="x", reason="x", reason_fr="x")]
    world.there.asks["2.25.1"] = [None]
    go(world)

    assert [world.state(name)[0] for name in "123"] == [S.DOUBTFUL, S.DELIVERED, S.READY]
