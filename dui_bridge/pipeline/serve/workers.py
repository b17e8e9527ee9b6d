"""Who does what the clock says: one thread for each source, one for each destination, one for the rest.

Each loop ends soon after `Work.stop` is set. What it cannot do now is told as an event and tried again; only a fault of
ours ends a loop otherwise, and with it the process.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dui_bridge.errors import DuiBridgeError, ExportUnreadable
from dui_bridge.journal.errors import LocksLost, RunUnderWay
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.plan import ALSO_READY, NEW, plan
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.inbox.receive import receive
from dui_bridge.pipeline.outcomes.write import write_outcomes
from dui_bridge.pipeline.results import SourceState
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.pipeline.sending import gate_of, send_due
from dui_bridge.pipeline.serve.watch import DONE, REFUSED, Watch
from dui_bridge.site.settings import Site

TICK: Final = 5.0
"""Seconds between two looks at what is due, when nothing wakes a destination earlier."""
_LONGEST_TICK: Final = 60.0
_REST: Final = 10.0
"""A look that takes long is made less often: so many times as long passes in between."""
_AGAIN: Final = 30.0
"""Seconds after which an urgent export that could not be read now is tried again."""
_RETRY: Final = 600.0
"""Seconds after which a reading that found no complete export, or could not be made, is tried again."""
_LOOK: Final = 1.0


class Stopped(KeyboardInterrupt):
    """The process is to stop: a run ends between two dossiers, and the next one reads what it left.

    A KeyboardInterrupt, because that is what it is to the run: it stays open in the journal, and is not called failed.
    """


@dataclass
class Work:
    """What all loops share.

    Args:
        stop: set once nothing new may begin.
        due: destination → set when something may leave.
        steps: may be told from any thread.
        lost: the journal's locks are gone (PostgreSQL): only a new process can take them again.
    """

    site: Site
    journal: Journal
    steps: Steps
    stop: threading.Event = field(default_factory=threading.Event)
    due: dict[str, threading.Event] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    lost: LocksLost | None = None

    def __post_init__(self) -> None:
        self.due.update({name: threading.Event() for name in self.site.destinations})

    def wake(self) -> None:
        """Something may leave."""
        for event in self.due.values():
            event.set()

    def failed(self, event: str, error: DuiBridgeError, **values: Any) -> None:
        """Tells of what could not be done now: never more than a code."""
        self.steps.event(event, code=error.code, **values)
        if isinstance(error, LocksLost):
            self.lost = error


class _Interruptible(Steps):
    """The steps of a run, which ends between two dossiers once the process is to stop."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def event(self, name: str, **values: Any) -> None:
        self._work.steps.event(name, **values)

    def advance(self, source: str, read: int, total: int | None) -> None:
        if self._work.stop.is_set():
            raise Stopped
        self._work.steps.advance(source, read, total)


class SourceWorker:
    """Reads one source, one reading at a time; what is urgent comes first."""

    def __init__(self, work: Work, name: str, watch: Watch | None = None) -> None:
        self.name = name
        self._work, self._watch = work, watch
        self._wanted = threading.Condition()
        self._scheduled = self._busy = False
        self._urgent: deque[Path] = deque()
        self._later: list[tuple[float, Path]] = []
        self._retry_at: float | None = None

    def offer(self) -> None:
        """A reading is due. Refused while another one of this source is under way or due."""
        with self._wanted:
            refused = self._busy or self._scheduled
            self._scheduled = True if not refused else self._scheduled
            self._wanted.notify()
        if refused:
            self._work.steps.event("run_refused", source=self.name, reason="under_way")

    def offer_urgent(self, export: Path) -> None:
        """An export was laid into the watched folder."""
        with self._wanted:
            self._urgent.append(export)
            self._wanted.notify()

    def work(self) -> None:
        """Until the process is to stop."""
        while not self._work.stop.is_set():
            with self._wanted:
                if not self._urgent and not self._scheduled:
                    self._wanted.wait(_LOOK)
                now = time.monotonic()
                self._scheduled |= self._retry_at is not None and self._retry_at <= now
                self._urgent.extend(path for at, path in self._later if at <= now)
                self._later = [(at, path) for at, path in self._later if at > now]
                export = self._urgent.popleft() if self._urgent else None
                if export is None and not self._scheduled:
                    continue
                if export is None:
                    self._scheduled, self._retry_at = False, None
                self._busy = True
            try:
                self._read(export)
            except Stopped:
                self._work.steps.event("run_stopped", source=self.name)
            finally:
                self._busy = False

    def _read(self, export: Path | None) -> None:
        work = self._work
        options = RunOptions(source=self.name, export=export, send=False)
        try:
            result = run_site(work.site, options, _Interruptible(work))
        except RunUnderWay as error:
            work.failed("run_refused", error, source=self.name, reason="under_way")
            self._again(export)
        except ExportUnreadable as error:
            work.failed("run_failed", error, source=self.name)
            if export is None:
                self._again(None)
            self._file(export, REFUSED)
        except DuiBridgeError as error:
            work.failed("run_failed", error, source=self.name)
            self._again(export)
        else:
            if export is None and any(source.state is SourceState.WAITING for source in result.sources):
                self._again(None)
            self._file(export, DONE)
        self._plan()

    def _plan(self) -> None:
        """Asks policy about what is new, so that what is urgent overtakes what a destination is at."""
        work = self._work
        try:
            gate = gate_of(work.site, work.journal)
            plan(work.journal, gate, work.clock(), source=self.name, states=NEW)
        except DuiBridgeError as error:
            work.failed("planning_failed", error, source=self.name)
        work.wake()

    def _again(self, export: Path | None) -> None:
        """An urgent export soon; a daily reading before its next day. One that comes `every` so often comes anyway."""
        now = time.monotonic()
        if export is not None:
            self._later.append((now + _AGAIN, export))
        elif self._work.site.sources[self.name].schedule is not None:
            self._retry_at = now + _RETRY

    def _file(self, export: Path | None, kind: str) -> None:
        if export is None or self._watch is None:
            return
        try:
            self._watch.file(export, kind)
        except DuiBridgeError as error:
            # Read again at the next start: nothing changes by it.
            self._work.failed("urgent_not_moved", error, source=self.name)
            return
        self._work.steps.event(f"urgent_{kind}", source=self.name, export=export.name)


class DestinationWorker:
    """Sends to one destination, so that none waits for another."""

    def __init__(self, work: Work, name: str) -> None:
        self._work, self._name = work, name

    def work(self) -> None:
        """Until the process is to stop."""
        due = self._work.due[self._name]
        while not self._work.stop.is_set():
            due.clear()
            begun = time.monotonic()
            self._send()
            pause = min(_LONGEST_TICK, max(TICK, _REST * (time.monotonic() - begun)))
            due.wait(pause)

    def _send(self) -> None:
        work, name = self._work, self._name
        try:
            done = send_due(work.site, work.journal, work.steps, only=name, stop=work.stop)
        except DuiBridgeError as error:
            work.failed("sending_failed", error, destination=name)
            return
        for worked in done.worked.values():
            if isinstance(worked.error, LocksLost):
                work.failed("sending_failed", worked.error, destination=name)
            if worked.delivered or worked.refused or worked.doubtful or worked.error is not None:
                work.steps.event(
                    "sent",
                    destination=name,
                    delivered=worked.delivered,
                    refused=worked.refused,
                    doubtful=worked.doubtful,
                    transient=worked.transient,
                    code=worked.error.code if worked.error is not None else "",
                )


class MailWorker:
    """Reads the mailboxes, and answers what came."""

    def __init__(self, work: Work, every: float) -> None:
        self._work, self._every = work, every

    def work(self) -> None:
        """Until the process is to stop."""
        while not self._work.stop.is_set():
            self._receive()
            self._work.stop.wait(self._every)

    def _receive(self) -> None:
        work = self._work
        try:
            cycle = receive(work.site, work.journal, clock=work.clock)
        except DuiBridgeError as error:
            work.failed("receiving_failed", error)
            return
        for wrong in cycle.errors:
            work.failed("receiving_failed", wrong)
        treated = {f"inbox_{state}": number for state, number in cycle.treated.items()}
        if cycle.kept or treated:
            work.steps.event("received", kept=cycle.kept, **treated)


class OutcomeWorker:
    """Gives each DUI the rows that wait for it."""

    def __init__(self, work: Work, mappings: dict[str, Any]) -> None:
        self._work, self._mappings = work, mappings

    def work(self) -> None:
        """Until the process is to stop."""
        while not self._work.stop.wait(TICK):
            for source, mapping in self._mappings.items():
                self._write(source, mapping)

    def _write(self, source: str, mapping: Any) -> None:
        work = self._work
        try:
            written = write_outcomes(work.site, work.journal, source, mapping, work.clock())
        except DuiBridgeError as error:
            work.failed("outcomes_failed", error, source=source)
            return
        if written.rows or written.failed:
            work.steps.event("outcomes_written", source=source, rows=written.rows, failed=written.failed)


class Watcher:
    """Looks into the watched folders, and hands what came to the worker of its source."""

    def __init__(self, work: Work, watched: list[tuple[Watch, SourceWorker]]) -> None:
        self._work, self._watched = work, watched
        self._unusable: set[str] = set()

    def work(self) -> None:
        """Until the process is to stop."""
        started: set[str] = set()
        while not self._work.stop.wait(_LOOK):
            for watch, worker in self._watched:
                try:
                    found = [] if worker.name in started else watch.left()
                    found += watch.taken()
                except DuiBridgeError as error:
                    if worker.name not in self._unusable:
                        self._work.failed("watched_folder_unusable", error, source=worker.name)
                    self._unusable.add(worker.name)
                    continue
                started.add(worker.name)
                self._unusable.discard(worker.name)
                for export in found:
                    self._work.steps.event("urgent_came", source=worker.name, export=export.name)
                    worker.offer_urgent(export)


def plan_everything(work: Work) -> None:
    """Asks policy once about all that waits, also for destinations that the site no longer names."""
    plan(work.journal, gate_of(work.site, work.journal), work.clock(), states=ALSO_READY)
