"""When a run is held for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import RunKind, RunState
from dui_bridge.pipeline.guard import held
from dui_bridge.site.declaration import Guard

GUARD = Guard(usagers_drop="20%", new_documents="x5")
BEGUN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def run(number: int, usagers: int, built: int, unchanged: int, state: RunState = RunState.DONE) -> KnownRun:
    return KnownRun(
        id=f"r{number}",
        source="atlas",
        export="20261120",
        started_at=BEGUN - timedelta(days=number),
        ended_at=BEGUN - timedelta(days=number),
        state=state,
        counts={"usagers_read": usagers, "built": built, "unchanged": unchanged},
        versions={},
        cause="",
        kind=RunKind.FULL,
    )


NIGHTS = [run(1, 100, 12, 300), run(2, 100, 8, 300), run(3, 100, 300, 0)]


@pytest.mark.parametrize(("usagers", "rule"), [(80, None), (79, "PIP-030"), (0, "PIP-030"), (150, None)])
def test_a_shrunken_export_is_held(usagers: int, rule: str | None) -> None:
    finding = held(GUARD, NIGHTS, usagers, 0, 0)

    assert (finding.rule.id if finding else None) == rule


@pytest.mark.parametrize(("documents", "rule"), [(50, None), (51, "PIP-031")])
def test_far_more_documents_than_usual_are_held(documents: int, rule: str | None) -> None:
    finding = held(GUARD, NIGHTS, 100, documents, 0)

    assert (finding.rule.id if finding else None) == rule


def test_the_first_run_sends_everything_and_says_nothing_of_what_is_usual() -> None:
    assert held(GUARD, [], 100, 10_000, 0) is None
    # The second one: nothing is usual yet, so that only a small number leaves unasked.
    assert held(GUARD, [run(1, 100, 300, 0)], 100, 50, 0) is None
    assert held(GUARD, [run(1, 100, 300, 0)], 100, 51, 0) is not None


def test_a_few_usagers_may_leave_a_small_site() -> None:
    assert held(GUARD, [run(1, 8, 2, 2)], 3, 0, 0) is None
    assert held(GUARD, [run(1, 8, 2, 2)], 2, 0, 0) is not None


def test_runs_that_failed_or_were_discarded_say_nothing() -> None:
    bad = [run(1, 5, 0, 0, RunState.DISCARDED), run(2, 5, 0, 0, RunState.FAILED), run(3, 5, 0, 0, RunState.HELD)]

    finding = held(GUARD, [*bad, run(4, 100, 8, 300)], 60, 0, 0)

    assert finding is not None
    assert finding.values == {"now": "60", "before": "100"}


def test_a_number_that_changed_person_holds_the_run_whatever_the_thresholds() -> None:
    finding = held(Guard(usagers_drop=None, new_documents=None), [], 1, 0, 1)

    assert finding is not None
    assert finding.rule.id == "PIP-032"


def test_changes_say_nothing_of_how_many_usagers_there_are() -> None:
    assert held(GUARD, [run(1, 100, 2, 0)], None, 50, 0) is None


def test_far_more_changes_than_usual_are_held() -> None:
    nights = [run(1, 12, 20, 0), run(2, 8, 18, 0), run(3, 9, 16, 0)]
    usual = [replace(night, kind=RunKind.CHANGES) for night in nights]

    assert held(GUARD, usual, None, 90, 0) is None
    finding = held(GUARD, usual, None, 91, 0)
    assert finding is not None
    assert finding.values == {"now": "91", "before": "18"}


def test_the_first_changes_follow_a_whole_reading_so_that_many_are_not_usual() -> None:
    assert held(GUARD, [], None, 50, 0) is None
    assert held(GUARD, [], None, 51, 0) is not None
