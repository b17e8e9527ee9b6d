"""The journal as the pipeline sees it.

The order that makes a crash harmless, for each document:

1. `series_for` says what is known of its series; the pipeline decides and mints ids, which consumes nothing.
2. `record_versions` commits versions with their sealed bytes and their planned deliveries, before any byte leaves.
3. Policy is asked: `deliveries.change` makes them ready, or blocked.
4. `deliveries.start` commits that one is being sent; its bytes leave; `deliveries.finish` commits how it ended.

Killed before 2, nothing happened. Killed after 2, the next pass goes on where this one stopped. Killed within 4, the
delivery stands as `sending`: the destination is asked whether it has it, and it is never simply sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from dui_bridge.journal import database, facts
from dui_bridge.journal.access import Access
from dui_bridge.journal.addressees import Addressees
from dui_bridge.journal.audit import Audit
from dui_bridge.journal.baselines import Baselines
from dui_bridge.journal.brakes import Brakes
from dui_bridge.journal.decisions import Decisions
from dui_bridge.journal.deliveries import Deliveries
from dui_bridge.journal.dossiers import Dossiers
from dui_bridge.journal.errors import JournalKeyWrong, JournalLocked, RunUnderWay
from dui_bridge.journal.exchanges import Exchanges
from dui_bridge.journal.gauges import Gauges
from dui_bridge.journal.identities import Identities
from dui_bridge.journal.inbox import Inbox
from dui_bridge.journal.items import Items
from dui_bridge.journal.keeping import Keeping
from dui_bridge.journal.keys import MINIMUM_BYTES, blind, derive
from dui_bridge.journal.lock import FileLock, Lock, held, number
from dui_bridge.journal.outbox import Outbox
from dui_bridge.journal.overview import Overview
from dui_bridge.journal.queries import locks, runs, settings, transitions
from dui_bridge.journal.rebuilds import Rebuilds
from dui_bridge.journal.receipts import Receipts
from dui_bridge.journal.records import (
    AtStake,
    Conflict,
    Json,
    KnownRun,
    KnownSeries,
    NewVersion,
    SeriesKey,
)
from dui_bridge.journal.restoration import Restoration
from dui_bridge.journal.selections import Selections
from dui_bridge.journal.tasks import Tasks
from dui_bridge.journal.vault import Vault
from dui_bridge.journal.versions import Versions
from dui_bridge.model.states import RUN, RunEvent, RunState, run_after

_KEY_CHECK: Final = "key_check"
_CURSOR: Final = "cursor:"
SPOOL: Final = "spool"
"""The folder of large sealed bodies, in the data folder."""


class Journal:
    """An open journal. One per process; `with Journal.open(...)` closes it and lets go of the locks of its runs.

    Every method may raise a `JournalUnusable` (see `journal.errors`); none leaves a transaction half written. Times
    given are aware; times returned are aware and in UTC. What belongs to one subject stands in its own part:
    `dossiers`, `items`, `identities`, `deliveries`; `brakes`, `decisions`, `tasks`; `outbox`, `audit`, `keeping`,
    `overview`, `restoration`, `gauges`; `inbox`, `receipts`, `exchanges`.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._versions = Versions(access)
        self._runs: dict[str, Lock] = {}
        self.dossiers: Final = Dossiers(access)
        self.items: Final = Items(access)
        self.identities: Final = Identities(access)
        self.deliveries: Final = Deliveries(access)
        self.brakes: Final = Brakes(access)
        self.decisions: Final = Decisions(access)
        self.tasks: Final = Tasks(access)
        self.outbox: Final = Outbox(access)
        self.audit: Final = Audit(access)
        self.keeping: Final = Keeping(access)
        self.overview: Final = Overview(access)
        self.restoration: Final = Restoration(access)
        self.selections: Final = Selections(access)
        self.rebuilds: Final = Rebuilds(access)
        self.baselines: Final = Baselines(access)
        self.gauges: Final = Gauges(access)
        self.inbox: Final = Inbox(access)
        self.receipts: Final = Receipts(access)
        self.addressees: Final = Addressees(access)
        self.exchanges: Final = Exchanges(access)

    @classmethod
    def open(
        cls, folder: Path, key: bytes, wait: float = 10.0, url: str | None = None, *, make: bool = True
    ) -> Journal:
        """Opens the journal of a data folder, and migrates it.

        Args:
            folder: the site's data folder; large sealed bodies stand there even when the tables are on a server.
            key: the site's master key, 32 bytes or more; always the same for one journal.
            wait: seconds to wait for another process that writes.
            url: the address of a PostgreSQL database; None for `journal.sqlite` in the folder.
            make: makes the journal, and the folder, when they are not there.
        Raises:
            JournalMissing: not with `make`; nothing was written.
            JournalLocked, JournalDamaged, JournalNewer, JournalKeyWrong, JournalUnwritable
            AddressUnusable, DriverMissing, JournalUnreachable, JournalRefused: with `url`.
        """
        place = str(folder)
        if len(key) < MINIMUM_BYTES:
            raise JournalKeyWrong(file=str(folder / database.FILE_NAME))
        with database.translated(place), ExitStack() as undo:
            if make:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            else:
                database.check_there(folder, url)
            # Two processes that make the same journal at once would both find it missing.
            opening = FileLock(folder, "open")
            if not opening.acquire(wait):
                raise JournalLocked(file=place)
            undo.callback(opening.release)
            opened = database.open_database(folder, wait, url)
            with database.translated(opened.name), ExitStack() as failed:
                failed.callback(opened.close)
                database.migrate(opened, make=make)
                access = Access(opened, folder, derive(key, "journal"), Vault(key, folder / SPOOL))
                _check_key(access)
                journal = cls(access)
                failed.pop_all()
            return journal

    @property
    def access(self) -> Access:
        """What the parts of the journal work with; for the other modules of this room."""
        return self._access

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database. A run that was not ended stays `running` and becomes `interrupted` at the next one."""
        for lock in self._runs.values():
            lock.release()
        self._runs.clear()
        self._access.close()

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Keeps other processes, and other threads, out of what the name stands for: True while it is held; False,
        at once, when another holds it."""
        with ExitStack() as stack:
            with database.translated(self._access.name):
                taken = stack.enter_context(held(self._access.database.locks, name))
            yield taken

    def start_run(
        self, run: str, source: str, export: str, versions: Mapping[str, str], at: datetime, kind: str = "full"
    ) -> None:
        """Opens a run of a source, and closes as `interrupted` those that a killed process left open.

        Args:
            run: its id (`pipeline.ids.run_id`).
            source: the source's name in the site's configuration.
            export: the name of the folder or file that is read.
            versions: of the bridge, the mapping and the tables.
            kind: full, changes or urgent.
        Raises:
            RunUnderWay: another process runs this source; nothing was written.
        """
        lock = self._access.database.locks.lock(f"run {source}")
        with database.translated(self._access.name):
            if not lock.acquire():
                raise RunUnderWay(file=self._access.name, source=source, process=lock.holder())
        with ExitStack() as failed:
            failed.callback(lock.release)
            with self._access.writing() as connection:
                runs.interrupt(connection, source, at)
                runs.add(connection, run, source, export, versions, at, kind)
            failed.pop_all()
        self._runs[run] = lock

    def end_run(
        self,
        run: str,
        event: RunEvent,
        counts: Mapping[str, int],
        at: datetime,
        cause: str = "",
        cursor: str | None = None,
    ) -> None:
        """Closes a run with the numbers of its summary, and lets the source's next run start.

        Args:
            event: END, WAIT, HOLD or FAIL.
            cause: why it is held or failed.
            cursor: how far it read its source, when nothing is missing. Of a run that ENDs it is the source's at once,
                of one that is HELD once it is released.
        Raises:
            JournalOvertaken: no such run is under way.
        """
        kept = cursor if event is RunEvent.HOLD else None
        with self._access.writing() as connection:
            if not runs.end(connection, run, run_after(RunState.RUNNING, event), counts, at, cause, kept):
                raise self._access.overtaken()
            if cursor is not None and event is RunEvent.END and (ended := runs.get(connection, run)) is not None:
                settings.put(connection, _CURSOR + ended.source, cursor)
        if lock := self._runs.pop(run, None):
            lock.release()

    def release_run(self, run: str, at: datetime, *, again: bool = False) -> None:
        """A person lets what a held run recorded leave, and the next reading go on from where it ended.

        What earlier runs that were cut short had recorded leaves with it: its guard counted that too.

        Args:
            again: the next reading is to start where this one did.
        Raises:
            JournalOvertaken: it is not held.
        """
        with self._access.writing() as connection:
            held = runs.decide(connection, run, RUN[RunState.HELD, RunEvent.RELEASE])
            if held is None:
                raise self._access.overtaken()
            if held.cursor is not None and not again and not runs.went_further(connection, held):
                settings.put(connection, _CURSOR + held.source, held.cursor)

    def discard_run(self, run: str, at: datetime) -> int:
        """A person cancels what a held run recorded, unless it left; the next reading does not count its versions.

        So is what earlier runs of its source had recorded that were cut short: its guard counted that too. What these
        versions had superseded is planned again. How far its source was read is forgotten: the next reading is whole.

        Returns:
            how many deliveries were cancelled.
        Raises:
            JournalOvertaken: it is not held.
        """
        with self._access.writing() as connection:
            held = runs.decide(connection, run, RUN[RunState.HELD, RunEvent.DISCARD])
            if held is None:
                raise self._access.overtaken()
            discarded = [run, *runs.unjudged_before(connection, held)]
            cancelled = sum(transitions.discard(connection, one, at) for one in discarded)
            for one in discarded:
                runs.discard_versions(connection, one)
            for one in discarded:
                transitions.revive(connection, one, at)
            # What it read stands in the items, and a later run may have gone on from there: only all of it, read again,
            # makes what was discarded anew.
            settings.remove(connection, _CURSOR + held.source)
            return cancelled

    def at_stake(self, run: str) -> AtStake:
        """What a person decides of with a run, as it stands now. A run that is not held has nothing at stake."""
        with self._access.reading() as connection:
            held = runs.held(connection, run)
            if held is None:
                return AtStake(0, 0, 0)
            earlier = runs.unjudged_before(connection, held)
            own = runs.not_left(connection, [run])
            return AtStake(own, runs.not_left(connection, earlier) if earlier else 0, len(earlier))

    def run(self, run: str) -> KnownRun | None:
        """The run of this id."""
        with self._access.reading() as connection:
            return runs.get(connection, run)

    def runs(self, source: str | None = None, state: RunState | None = None, limit: int = 50) -> list[KnownRun]:
        """The runs that started last, the last first; of one source and in one state if these are given."""
        with self._access.reading() as connection:
            return list(runs.latest(connection, source, state, limit))

    def last_run(self, source: str) -> KnownRun | None:
        """The run of this source that started last."""
        return next(iter(self.runs(source, limit=1)), None)

    def cursor(self, source: str) -> str | None:
        """How far the last complete reading of a source went that was not held; opaque, None when all is to be read."""
        with self._access.reading() as connection:
            return settings.value(connection, _CURSOR + source)

    def series_for(self, key: SeriesKey) -> KnownSeries | Conflict | None:
        """What is known of the series of a document: None when there is none, `Conflict` when it is another usager's.

        One indexed look-up, to be made for each document: nothing of the journal is held in memory.
        """
        return self._versions.series_for(key)

    def record_versions(self, run: str, versions: Sequence[NewVersion], at: datetime) -> list[int]:
        """Commits versions as `built` with their sealed bytes and their deliveries, and their series when they are the
        first; all of them or none.

        To be called before any byte leaves. What an earlier version was still to bring to the same destinations is
        cancelled: one that follows another is to be given alone, for two processes that change the same deliveries must
        not wait for each other. A dossier that is known stays as the last reading left it.

        Returns:
            the row ids of the versions, for `deliveries.add` and `decisions`.
        Raises:
            JournalOvertaken: the ids of one do not follow what the journal holds (another version came first, another
                usager has the series, the id exists, the version to replace was never handed over). Nothing was
                written.
        """
        return self._versions.record(run, versions, at)

    def refresh_raw(self, raw: Mapping[str, Mapping[str, str]]) -> None:
        """Stores anew the raw fingerprints (unique id → parts) of documents found unchanged, in one transaction."""
        self._versions.refresh_raw(raw)

    def refresh_facts(self, read: Mapping[str, tuple[Mapping[str, Json], str]]) -> None:
        """Stores anew what policy reads of documents of which no version was made, in one transaction.

        Args:
            read: unique id → the facts and their digest (`Fingerprints.facts`). Facts that are not given stay.
        """
        facts.refresh(self._access, read)


def _check_key(access: Access) -> None:
    check = blind(access.key, "check")
    with access.reading() as connection:
        stored = settings.value(connection, _KEY_CHECK)
    if stored is None:
        with access.writing() as connection:
            # Another host may be making the same journal: the first one writes it.
            locks.alone(connection, number(_KEY_CHECK))
            stored = settings.value(connection, _KEY_CHECK)
            if stored is None:
                settings.add(connection, _KEY_CHECK, check)
    if stored is not None and stored != check:
        raise JournalKeyWrong(file=access.name)
