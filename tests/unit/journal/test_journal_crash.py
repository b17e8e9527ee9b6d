"""A process killed with SIGKILL, before and after each commit: nothing is lost, nothing is handed over twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from dui_bridge.journal.errors import RunUnderWay
from dui_bridge.journal.records import Conflict, Fingerprints, KnownSeries, RunState
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.fingerprints import Change, decide
from dui_bridge.pipeline.ids import mint

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
COMMITS = 9
"""Of the run below, from an absent journal: migration, key (2), run, waiting, series, record, mark, end."""

_FORK = multiprocessing.get_context("fork")


def run_once(folder: Path, key: bytes, series, out: Path, run: str) -> Change:
    """What the pipeline does for one document. `out` is the destination: one file for each document handed over."""
    with Journal.open(folder, key) as journal:
        journal.start_run(run, "atlas", "export", {}, AT)
        for waiting in journal.waiting("atlas"):
            if (out / waiting.ids.unique_id).exists():
                journal.mark_handed_over(waiting.ids.unique_id, AT)
        known = journal.series_for(series)
        assert not isinstance(known, Conflict)
        fingerprints = Fingerprints({"plans": "aa"}, "m")
        decision = decide(known, fingerprints.raw, fingerprints.mapped)
        ids = decision.version.ids if decision.version is not None else mint(series, known, "m")
        if decision.change is Change.NEW:
            journal.record_version(
                run,
                series,
                ids,
                finess="010000024",
                fingerprints=fingerprints,
                sha256="ab" * 32,
                size=1,
                versions={},
                at=AT,
            )
        if decision.change in (Change.NEW, Change.RESUMED):
            (out / ids.unique_id).touch(exist_ok=False)
            journal.mark_handed_over(ids.unique_id, AT)
        journal.end_run(run, RunState.DONE, {}, AT)
    return decision.change


def die_at(moment: str, number: int) -> None:
    """Arranges that this process kills itself before, or after, its commit number `number`."""
    commits = 0

    def before(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if moment == "before" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(_connection: object, _record: object) -> None:
        if moment == "after" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", before)
    event.listen(Pool, "checkin", after)


def child(call: Callable[[], object]) -> int | None:
    process = _FORK.Process(target=call)
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("number", range(1, COMMITS + 1))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_run_is_completed_by_the_next(tmp_path: Path, folder: Path, key: bytes, series, moment, number):
    out = tmp_path / "out"
    out.mkdir()

    def doomed() -> None:
        die_at(moment, number)
        run_once(folder, key, series, out, "r1")

    assert child(doomed) == -signal.SIGKILL

    run_once(folder, key, series, out, "r2")
    third = run_once(folder, key, series, out, "r3")

    with Journal.open(folder, key) as journal:
        known = journal.series_for(series)
        assert isinstance(known, KnownSeries)
        assert list(journal.waiting("atlas")) == []
    assert third is Change.UNCHANGED
    assert known.latest.ids.version == 1
    assert [path.name for path in out.iterdir()] == [known.latest.ids.unique_id]


def test_the_run_above_has_as_many_commits_as_are_tried(tmp_path: Path, folder: Path, key: bytes, series):
    (tmp_path / "out").mkdir()

    def doomed() -> None:
        die_at("before", COMMITS + 1)
        run_once(folder, key, series, tmp_path / "out", "r1")

    assert child(doomed) == 0


def test_of_two_processes_that_start_together_on_nothing_one_runs(folder: Path, key: bytes):
    barrier = _FORK.Barrier(2)

    def start(answer: Pipe, run: str) -> None:
        barrier.wait()
        with Journal.open(folder, key) as journal:
            try:
                journal.start_run(run, "atlas", "export", {}, AT)
                answer.send("runs")
            except RunUnderWay:
                answer.send("refused")
            barrier.wait()

    pipes = [_FORK.Pipe(duplex=False) for _ in range(2)]
    processes = [_FORK.Process(target=start, args=(pipe[1], f"r{n}")) for n, pipe in enumerate(pipes)]
    for process in processes:
        process.start()

    answers = sorted(pipe[0].recv() for pipe in pipes if pipe[0].poll(30))

    for process in processes:
        process.join(30)
    assert answers == ["refused", "runs"]
