"""A process killed with SIGKILL, before and after each commit: nothing is lost, nothing is handed over twice."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.engine.default import DefaultDialect

from dui_bridge.journal import database
from dui_bridge.journal.errors import RunUnderWay
from dui_bridge.journal.records import (
    Conflict,
    DossierEntry,
    Fingerprints,
    Finished,
    KnownSeries,
    NewVersion,
    PlannedDelivery,
    Sendable,
)
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import BuiltDocument, Document
from dui_bridge.model.states import DeliveryEvent, DeliveryState, DocumentState, RunEvent
from dui_bridge.pipeline.fingerprints import Change, decide
from dui_bridge.pipeline.ids import mint

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
COMMITS = 13
"""Of the run below, from an absent journal; those of readings count."""

_FORK = multiprocessing.get_context("fork")


def run_once(folder: Path, key: bytes, series, out: Path, run: str) -> Change:
    """What the pipeline does for one document. `out` is the destination: one file for each document handed over."""
    with Journal.open(folder, key) as journal:
        journal.start_run(run, "atlas", "export", {}, AT)
        for orphan in journal.deliveries.sending("file"):
            arrived = (out / orphan.unique_id).exists()
            event = DeliveryEvent.DELIVER if arrived else DeliveryEvent.FAIL
            journal.deliveries.finish(Finished(orphan.id, event, AT))
        known = journal.series_for(series)
        assert not isinstance(known, Conflict)
        fingerprints = Fingerprints({"plans": "aa"}, "m")
        change = decide(known, fingerprints.raw, fingerprints.mapped).change
        if change is Change.NEW:
            ids = mint(series, known, "m")
            document = Document(series.kind, "", "atlas", "D-1", "010000024", "", DocumentState.BUILT)
            data = b"<ClinicalDocument/>"
            journal.record_versions(
                run,
                [
                    NewVersion(
                        series,
                        BuiltDocument(document, ids, data, "text/xml", "", hashlib.sha256(data).hexdigest()),
                        fingerprints=fingerprints,
                        dossier=DossierEntry("atlas", series.usager_key, "D-1", None, {}, {}),
                        facts={},
                        deliveries=[PlannedDelivery("file", False)],
                    )
                ],
                at=AT,
            )
        planned = [case.delivery.id for case in journal.deliveries.cases()]
        journal.deliveries.change([(one, DeliveryEvent.ALLOW, "", "") for one in planned], AT)
        while (sendable := journal.deliveries.next("file", AT)) is not None:
            send(journal, sendable, out)
        journal.end_run(run, RunEvent.END, {}, AT)
    return change


def send(journal: Journal, sendable: Sendable, out: Path) -> None:
    delivery = sendable.case.delivery
    assert journal.deliveries.start(delivery.id, "w", AT)
    (out / delivery.unique_id).touch(exist_ok=False)
    journal.deliveries.finish(Finished(delivery.id, DeliveryEvent.DELIVER, AT))


def die_at(moment: str, number: int) -> None:
    """Arranges that this process kills itself before, or after, its commit number `number`."""
    commits = 0
    commit, say = DefaultDialect.do_commit, database._say

    def counted(committed: Callable[[], None]) -> None:
        nonlocal commits
        commits += 1
        if moment == "before" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)
        committed()
        if moment == "after" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def said(driver: PoolProxiedConnection, words: str) -> None:
        if words == database.COMMIT:
            counted(lambda: say(driver, words))
        else:
            say(driver, words)

    DefaultDialect.do_commit = lambda self, driver: counted(lambda: commit(self, driver))  # type: ignore[method-assign,assignment,misc]
    database._say = said


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
        cases = journal.deliveries.cases(states=tuple(DeliveryState))
    assert third is Change.UNCHANGED
    assert known.latest.ids.version == 1
    assert [case.delivery.state for case in cases] == [DeliveryState.DELIVERED]
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
