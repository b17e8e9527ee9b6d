"""A run killed with SIGKILL at any instant, on SQLite and on PostgreSQL. `DUI_BRIDGE_CRASHES`: how many of each."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from crash_site import Prepared, assert_nothing_lost_or_doubled, copied, ended, on_server, run, started, work

from dui_bridge.pipeline.delivery.points import POINTS

INSTANTS = int(os.environ.get("DUI_BRIDGE_CRASHES", "40"))
OF_A_FIRST_RUN = [point for point in POINTS if point.partition(".")[0] not in ("raw", "block")]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def seconds(fresh: Prepared, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a run takes when nothing stops it."""
    site = copied(fresh.site, tmp_path_factory.mktemp("whole") / "out")
    begun = time.monotonic()
    assert run(site) == 0
    return time.monotonic() - begun


def killed_after(given: Prepared, folder: Path, wait: float, url: str | None = None) -> None:
    site = copied(given.site, folder / "out")
    if url is not None:
        on_server(site, url)
    process = started(lambda: work(site))
    process.join(wait)
    process.kill()
    assert ended(process) in (-signal.SIGKILL, 0)
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, given.whole)


@pytest.mark.parametrize("number", range(INSTANTS))
def test_killed_at_a_random_instant_on_sqlite(fresh: Prepared, tmp_path: Path, seconds: float, number: int) -> None:
    killed_after(fresh, tmp_path, random.Random(number).random() * seconds)


@pytest.mark.parametrize("number", range(INSTANTS))
def test_killed_at_a_random_instant_on_postgresql(
    fresh: Prepared, tmp_path: Path, seconds: float, number: int, postgresql_url: str
) -> None:
    killed_after(fresh, tmp_path, random.Random(-number).random() * seconds * 1.5, postgresql_url)


@pytest.mark.parametrize("point", OF_A_FIRST_RUN)
def test_killed_at_a_named_point_on_postgresql(
    fresh: Prepared, tmp_path: Path, point: str, postgresql_url: str
) -> None:
    site = copied(fresh.site, tmp_path / "out")
    on_server(site, postgresql_url)
    assert run(site, point) == -signal.SIGKILL
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)
