"""`serve`: puts the clock, the workers and the endpoint together, and stops them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any, Final

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.declared import Problems
from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.records import KnownRun
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import REGULAR, RunState
from dui_bridge.pipeline.assemble import AssembledMapping, assemble_mapping
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.retention import purge
from dui_bridge.pipeline.sending import policy_of
from dui_bridge.pipeline.serve.clock import Clock, cron, missed, trigger_of
from dui_bridge.pipeline.serve.errors import AlreadyServed
from dui_bridge.pipeline.serve.health import Answer, Endpoint
from dui_bridge.pipeline.serve.metrics import Process, metrics, urgent_late
from dui_bridge.pipeline.serve.watch import Watch
from dui_bridge.pipeline.serve.workers import (
    DestinationWorker,
    MailWorker,
    OutcomeWorker,
    SourceWorker,
    Watcher,
    Work,
    plan_everything,
)
from dui_bridge.site.declaration import MssanteDestinationSettings
from dui_bridge.site.forms import seconds
from dui_bridge.site.settings import Site

GRACE: Final = 30.0
"""Seconds that what is under way has to end in."""
_PURGE: Final = "30 3 * * *"
_HOUSEKEEPING: Final = 30.0
_POLL: Final = 0.2
_SCRAPE: Final = 5.0
"""Seconds for which the metrics are not counted anew."""
_MANY_RUNS: Final = 500
_READ: Final = frozenset({RunState.DONE, RunState.HELD, RunState.RELEASED, RunState.DISCARDED})


def serve(site: Site, steps: Steps, *, port: int | None = None, grace: float = GRACE) -> int:
    """Works until SIGTERM or SIGINT: nothing new begins then, and what is under way is ended. A second signal kills.

    Args:
        port: instead of the site's; 0 takes a free one.
    Returns:
        0; 1 when something did not end within `grace` seconds: it is found and asked for at the next start.
    Raises:
        DuiBridgeError: the site, a mapping, a schedule, the policy, the journal or the port cannot be used.
    """
    policy_of(site)
    mappings = {name: _mapping(site, name) for name in site.sources}
    zone = site.zone
    for settings in site.sources.values():
        if settings.schedule is not None:
            cron(settings.schedule, zone)
    with open_journal(site, make=True) as journal, journal.lock("serve") as held:
        if not held:
            raise AlreadyServed
        service = _Service(site, journal, mappings, _Told(steps))
        return service.run(int(site.declaration.serve.port) if port is None else port, grace)


class _Told(Steps):
    """Steps with their time, told by several threads."""

    def __init__(self, steps: Steps) -> None:
        self._steps, self._lock = steps, threading.Lock()

    def event(self, name: str, **values: Any) -> None:
        with self._lock:
            self._steps.event(name, at=datetime.now(UTC).isoformat(timespec="seconds"), **values)

    def advance(self, source: str, read: int, total: int | None) -> None:
        with self._lock:
            self._steps.advance(source, read, total)


class _Service:
    """One run of the resident process."""

    def __init__(self, site: Site, journal: Journal, mappings: dict[str, AssembledMapping], steps: Steps) -> None:
        self._site, self._journal, self._steps = site, journal, steps
        self._work = Work(site, journal, steps)
        self._clock = Clock(site.zone)
        self._mappings = mappings
        self._started_at = datetime.now(UTC)
        self._running = False
        self._overdue: frozenset[str] = frozenset()
        self._late: frozenset[str] = frozenset()
        self._purge_failed = 0
        self._purge_due = threading.Event()
        self._scraped: tuple[float, Answer] | None = None
        self._scraping = threading.Lock()

    def run(self, port: int, grace: float) -> int:
        """Until a signal. Raises LocksLost, and what ended a loop, which is a fault of ours."""
        endpoint = Endpoint({"/health": self._health, "/ready": self._ready, "/metrics": self._metrics}, port)
        endpoint.start()
        try:
            with _signals() as stopping:
                loops = self._begin()
                self._steps.event("serving", site=self._site.id, port=endpoint.port)
                self._running = True
                while not (stopping() or self._work.lost or any(loop.done() for loop in loops)):
                    time.sleep(_POLL)
                code = self._end(loops, grace)
                if self._work.lost is not None:
                    raise self._work.lost
                return code
        finally:
            endpoint.stop()

    def _begin(self) -> list[Future[None]]:
        workers = {}
        watched = []
        for name, source in self._site.sources.items():
            watch = None
            if source.urgent is not None:
                watch = Watch(
                    source.urgent, _complete(self._mappings[name]), clock=self._work.clock, monotonic=time.monotonic
                )
            workers[name] = SourceWorker(self._work, name, watch)
            if watch is not None:
                watched.append((watch, workers[name]))
        plan_everything(self._work)
        self._wind(workers)
        loops: list[Callable[[], None]] = [
            *(worker.work for worker in workers.values()),
            *(DestinationWorker(self._work, name).work for name in self._site.destinations),
            *(worker.work for worker in self._mail()),
            OutcomeWorker(self._work, self._mappings).work,
            Watcher(self._work, watched).work,
            self._housekeeping,
        ]
        threads = ThreadPoolExecutor(len(loops), thread_name_prefix="serve")
        futures = [threads.submit(loop) for loop in loops]
        threads.shutdown(wait=False)
        return futures

    def _mail(self) -> list[MailWorker]:
        """What reads the mailboxes, as often as the destination that wants it most often."""
        settings = (one for one in self._site.destinations.values() if isinstance(one, MssanteDestinationSettings))
        every = [seconds(one.receive_every) for one in settings]
        return [MailWorker(self._work, min(every))] if every else []

    def _wind(self, workers: dict[str, SourceWorker]) -> None:
        zone, now = self._site.zone, datetime.now(UTC)
        for name, source in self._site.sources.items():
            runs = self._journal.runs(name, limit=_MANY_RUNS)
            late = missed(source, zone, runs, now)
            full = [run for run in runs if run.kind in REGULAR]
            since = full[0].started_at if full and not late else now
            trigger = trigger_of(source, zone, since)
            if trigger is not None:
                self._clock.add(f"read {name}", trigger, workers[name].offer)
            if late:
                self._steps.event("run_caught_up", source=name)
                workers[name].offer()
            if source.expected_by is not None:
                hour, minute = source.expected_by.split(":")
                self._clock.add(
                    f"expect {name}", cron(f"{int(minute)} {int(hour)} * * *", zone), partial(self._expect, name)
                )
        self._clock.add("purge", cron(_PURGE, zone), self._purge_due.set)
        self._clock.start()

    def _end(self, loops: list[Future[None]], grace: float) -> int:
        self._running = False
        self._steps.event("stopping")
        self._clock.stop()
        self._work.stop.set()
        self._work.wake()
        until = time.monotonic() + grace
        while time.monotonic() < until and not all(loop.done() for loop in loops):
            time.sleep(_POLL / 4)
        overdue = sum(not loop.done() for loop in loops)
        for loop in loops:
            if loop.done():
                loop.result()
        self._steps.event("stopped", unfinished=overdue)
        if overdue:
            # Its thread would keep the process for as long as it likes. The journal bears being left at any moment.
            os._exit(1)
        return 0

    # --- the rest of the work

    def _housekeeping(self) -> None:
        """What is neither a source's nor a destination's."""
        looked = 0.0
        while not self._work.stop.wait(1.0):
            try:
                if self._purge_due.is_set():
                    self._purge_due.clear()
                    self._purge()
                if time.monotonic() - looked >= _HOUSEKEEPING:
                    looked = time.monotonic()
                    self._look_for_late()
                    self._look_for_overdue()
            except DuiBridgeError as error:
                self._work.failed("housekeeping_failed", error)

    def _purge(self) -> None:
        kept = purge(self._site, self._journal, datetime.now(UTC))
        purged = kept.purged
        self._purge_failed = purged.failed
        if purged.postponed:
            self._purge_due.set()
            return
        self._steps.event(
            "purged", payloads=purged.payloads, bytes=purged.bytes, failed=purged.failed, origins=kept.origins
        )

    def _look_for_late(self) -> None:
        """Urgent deliveries that wait longer than the destination allows: told when it begins."""
        now = datetime.now(UTC)
        numbers = {name: urgent_late(self._site, self._journal, name, now) for name in self._site.destinations}
        late = frozenset(name for name, number in numbers.items() if number)
        for name in sorted(late - self._late):
            self._steps.event("urgent_late", destination=name, number=numbers[name])
        self._late = late

    def _expect(self, name: str) -> None:
        """The hour by which an export must have come."""
        if not came(self._journal.runs(name, limit=_MANY_RUNS), datetime.now(UTC)):
            self._overdue |= {name}
            self._steps.event("export_overdue", source=name)

    def _look_for_overdue(self) -> None:
        """Those that came after all."""
        now = datetime.now(UTC)
        self._overdue -= {name for name in self._overdue if came(self._journal.runs(name, limit=_MANY_RUNS), now)}

    # --- what the endpoint answers

    def _health(self) -> Answer:
        try:
            self._journal.restoration.is_open()
        except DuiBridgeError as error:
            return Answer(False, f"journal unusable ({error.code})\n")
        return Answer(True, "ok\n")

    def _ready(self) -> Answer:
        if not self._running:
            return Answer(False, "stopping\n" if self._work.stop.is_set() else "starting\n")
        try:
            if self._journal.restoration.is_open():
                return Answer(False, "restored: run `dui-bridge reconcile`\n")
        except DuiBridgeError as error:
            return Answer(False, f"journal unusable ({error.code})\n")
        return Answer(True, "ready\n")

    def _metrics(self) -> Answer:
        with self._scraping:
            if self._scraped is not None and time.monotonic() - self._scraped[0] < _SCRAPE:
                return self._scraped[1]
            try:
                process = Process(self._ready().fine, self._started_at, self._overdue, self._purge_failed)
                answer = Answer(True, metrics(self._site, self._journal, process, datetime.now(UTC)))
            except DuiBridgeError as error:
                return Answer(False, f"journal unusable ({error.code})\n")
            self._scraped = (time.monotonic(), answer)
            return answer


def came(runs: list[KnownRun], now: datetime) -> bool:
    """Whether an export came within the last day. The name of a dated folder that was read before is no new export.

    Args:
        runs: of the source, the last first.
    """
    day_ago = now - timedelta(days=1)
    read = [run for run in runs if run.kind in REGULAR and run.state in _READ]
    known = {run.export for run in read if run.started_at <= day_ago and any(map(str.isdigit, run.export))}
    return any(run.started_at > day_ago and run.export not in known for run in read)


def _mapping(site: Site, name: str) -> AssembledMapping:
    path = site.sources[name].mapping
    problems = Problems(path.name)
    assembled = assemble_mapping(path, problems, every_column=False)
    problems.check()
    return assembled


def _complete(mapping: AssembledMapping) -> Complete | None:
    """What the mapping says of a complete export. A vendor's own kind of source may say nothing."""
    settings = mapping.source.settings if mapping.source is not None else None
    complete = getattr(settings, "complete", None)
    return complete if isinstance(complete, Complete) else None


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Whether the process was asked to stop. A second request ends it at once, as a kill would."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        # Nothing but a note: the main thread may hold any lock at this moment.
        if asked:
            os._exit(128 + number)
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
