"""What `runs show` says of a run that waits for a decision."""

from __future__ import annotations

from datetime import UTC, datetime

from dui_bridge.journal.records import AtStake, KnownRun
from dui_bridge.model.states import RunKind, RunState
from dui_bridge.pipeline.reports.runs import as_dict, as_text

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STAKE = AtStake(deliveries=12, cut_short=3, runs=2)


def run(state: RunState) -> KnownRun:
    return KnownRun("r1", "atlas", "20261122", AT, AT, state, {}, {}, "PIP-031", RunKind.CHANGES)


def test_it_says_what_the_decision_concerns_also_of_runs_that_were_cut_short() -> None:
    shown = as_text(run(RunState.HELD), UTC, "fr", STAKE)

    assert "12 envoi(s) de cette exécution" in shown
    assert "3 envoi(s) de 2 exécution(s) antérieure(s) interrompue(s)" in shown
    assert as_dict(run(RunState.HELD), "fr", STAKE)["at_stake"] == {"deliveries": 12, "cut_short": 3, "runs": 2}


def test_of_a_run_that_is_decided_nothing_is_at_stake() -> None:
    assert "concerne" not in as_text(run(RunState.DONE), UTC, "fr", STAKE)
    assert "at_stake" not in as_dict(run(RunState.DONE), "fr", STAKE)
