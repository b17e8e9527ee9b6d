"""A run killed with SIGKILL at each named point: nothing is lost, nothing arrives twice, and the states add up."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from crash_site import LATER, MAIL, Prepared, assert_nothing_lost_or_doubled, copied, run

import dui_bridge
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery.points import POINTS, RECEIVING, VARIABLE

PACKAGE = Path(dui_bridge.__file__).parent


def killed_at(given: Prepared, point: str, folder: Path) -> None:
    site = copied(given.site, folder / "out")

    assert run(site, point) == -signal.SIGKILL, "the run never reached this point"

    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, given.whole)


ONLY_LATER = ("raw.before", "raw.after", "block.before", "block.after")
"""Points that a first run does not reach."""
AGAIN = ("record.before:2", "send.before:4", "finish.after:2")
OF_A_FIRST_RUN = [point for point in POINTS if point not in ONLY_LATER] + list(AGAIN)


def those_before_in_test_all(points: Iterable[str]) -> list[object]:
    """`make test` has no minute for what lies before a step: it is near what lies after the one before."""
    return [pytest.param(point, marks=pytest.mark.real) if ".before" in point else point for point in points]


@pytest.mark.parametrize("point", those_before_in_test_all(OF_A_FIRST_RUN))
def test_a_first_run_killed_there_is_completed_by_the_next(fresh: Prepared, tmp_path: Path, point: str) -> None:
    killed_at(fresh, point, tmp_path)


OF_A_LATER_RUN = (*ONLY_LATER, "record.after", "gone.before", "send.after", "told.before")


@pytest.mark.parametrize("point", those_before_in_test_all(OF_A_LATER_RUN))
def test_a_later_run_killed_there_is_completed_by_the_next(changed: Prepared, tmp_path: Path, point: str) -> None:
    killed_at(changed, point, tmp_path)


def test_what_the_sites_above_come_to_holds_every_case(fresh: Prepared, changed: Prepared) -> None:
    delivered, blocked = DeliveryState.DELIVERED, DeliveryState.BLOCKED

    assert {len(states) for states in fresh.whole.states.values()} == {3}
    assert set(fresh.whole.states[MAIL].values()) == {delivered}
    assert fresh.whole.status["states"]["quarantined"] == 2
    assert {len(states) for states in changed.whole.states.values()} == {4}
    assert set(changed.whole.states[LATER].values()) == {blocked, DeliveryState.CANCELLED}


def test_the_list_names_every_point_of_the_code_and_no_other() -> None:
    named = {
        node.args[0].value
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached"
        if isinstance(node.args[0], ast.Constant)
    }
    assert named == {*POINTS, *RECEIVING}
    assert len(POINTS) >= 12


def test_the_command_itself_dies_where_the_environment_says(fresh: Prepared, tmp_path: Path) -> None:
    site = copied(fresh.site, tmp_path / "out")
    words = [sys.executable, "-m", "dui_bridge.cli.main", "run", "--config", str(site.config)]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), VARIABLE: "send.after"}

    ran = subprocess.run(words, env=environment, capture_output=True, timeout=120, check=False)

    assert ran.returncode == -signal.SIGKILL
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)
