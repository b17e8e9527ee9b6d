"""The journal as the pipeline sees it.

The order that makes a crash harmless, for each document:

1. `series_for` says what is known of its series; the pipeline decides and mints ids, which consumes nothing.
2. `record_version` commits the version as `built`, after its checks and before any byte leaves.
3. The bytes are handed over.
4. `mark_handed_over` commits that a destination has them.

Killed before 2, nothing happened. Killed between 2 and 4, the version is found again by `waiting` (the next run asks
the destination whether it has it) and by `KnownSeries.waiting`: the same ids are used again, never a second set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, RowMapping

from dui_bridge.journal import database, queries
from dui_bridge.journal.errors import (
    JournalDamaged,
    JournalKeyWrong,
    JournalLocked,
    JournalOvertaken,
    RunUnderWay,
)
from dui_bridge.journal.keys import MINIMUM_BYTES, blind, derive
from dui_bridge.journal.lock import FileLock
from dui_bridge.journal.records import (
    Conflict,
    Fingerprints,
    KnownRun,
    KnownSeries,
    RunState,
    SeriesKey,
    VersionState,
    Waiting,
)
from dui_bridge.model.exchange import DocumentIds

_KEY_CHECK = "key_check"
_CURSOR = "cursor:"
_PAGE = 500


class Journal:
    """An open journal. One per process; `with Journal.open(...)` closes it and lets go of the locks of its runs.

    Every method may raise a `JournalUnusable` (see `journal.errors`); none leaves a transaction half written. Times
    given are aware; times returned are aware and in UTC.
    """

    def __init__(self, engine: Engine, path: Path, key: bytes) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{database.WRITES: True})
        self._path = path
        self._key = key
        self._runs: dict[str, FileLock] = {}

    @classmethod
    def open(cls, folder: Path, key: bytes, wait: float = 10.0) -> Journal:
        """Opens `<folder>/journal.sqlite`; makes it, and the folder, when they are not there, and migrates it.

        Args:
            folder: the site's data folder.
            key: the site's master key, 32 bytes or more; always the same for one journal.
            wait: seconds to wait for another process that writes.
        Raises:
            JournalLocked, JournalDamaged, JournalNewer, JournalKeyWrong, JournalUnwritable
        """
        path = folder / database.FILE_NAME
        if len(key) < MINIMUM_BYTES:
            raise JournalKeyWrong(file=str(path))
        with database.translated(path), ExitStack() as undo:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Two processes that make the same journal at once would both find it missing.
            opening = FileLock(folder, "open")
            if not opening.acquire(wait):
                raise JournalLocked(file=str(path))
            undo.callback(opening.release)
            engine = database.open_engine(database.make_file(folder), wait)
            with ExitStack() as failed:
                failed.callback(engine.dispose)
                journal = cls(engine, path, derive(key, "journal"))
                database.migrate(engine, journal._writer, path)
                journal._check_key()
                failed.pop_all()
            return journal

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database. A run that was not ended stays `running` and becomes `interrupted` at the next one."""
        self._engine.dispose()
        for lock in self._runs.values():
            lock.release()
        self._runs.clear()

    def start_run(self, run: str, source: str, export: str, versions: Mapping[str, str], at: datetime) -> None:
        """Opens a run of a source, and closes as `interrupted` those that a killed process left open.

        Args:
            run: its id (`pipeline.ids.run_id`).
            source: the source's name in the site's configuration.
            export: the name of the folder or file that is read.
            versions: of the bridge, the mapping and the tables.
        Raises:
            RunUnderWay: another process runs this source; nothing was written.
        """
        lock = FileLock(self._path.parent, f"run {source}")
        with database.translated(self._path):
            if not lock.acquire():
                raise RunUnderWay(file=str(self._path), source=source, process=lock.holder())
        with ExitStack() as failed:
            failed.callback(lock.release)
            with self._writing() as connection:
                queries.interrupt_runs(connection, source, at)
                queries.add_run(connection, run, source, export, versions, at)
            failed.pop_all()
        self._runs[run] = lock

    def end_run(self, run: str, state: RunState, counts: Mapping[str, int], at: datetime) -> None:
        """Closes a run with the numbers of its summary, and lets the source's next run start."""
        with self._writing() as connection:
            if not queries.end_run(connection, run, state, counts, at):
                raise JournalOvertaken(file=str(self._path))
        if lock := self._runs.pop(run, None):
            lock.release()

    def cursor(self, source: str) -> str | None:
        """How far the last complete reading of a source went; opaque, None when there was none."""
        with self._reading() as connection:
            return queries.setting_value(connection, f"{_CURSOR}{source}")

    def store_cursor(self, source: str, cursor: str) -> None:
        """Keeps how far a complete reading went; to be called when all that it gave has been dealt with."""
        with self._writing() as connection:
            queries.set_setting(connection, f"{_CURSOR}{source}", cursor)

    def last_run(self, source: str) -> KnownRun | None:
        """The run of this source that started last."""
        with self._reading() as connection:
            return queries.last_run(connection, source)

    def series_for(self, key: SeriesKey) -> KnownSeries | Conflict | None:
        """What is known of the series of a document: None when there is none, `Conflict` when it is another usager's.

        One indexed look-up, to be made for each document: nothing of the journal is held in memory.
        """
        with self._reading() as connection:
            row = self._series_row(connection, key)
            known = None if row is None else queries.known_series(connection, row)
        if row is None or known is None:
            return None
        if row["usager_key"] != self._blind_usager(key):
            return Conflict(set_id=known.set_id, latest_built_at=known.latest.built_at)
        return known

    def record_version(
        self,
        run: str,
        key: SeriesKey,
        ids: DocumentIds,
        *,
        finess: str,
        fingerprints: Fingerprints,
        sha256: str,
        size: int,
        versions: Mapping[str, str],
        at: datetime,
    ) -> None:
        """Commits a version as `built`, and its series when it is the first. To be called before any byte leaves.

        Raises:
            JournalOvertaken: `ids` do not follow what the journal holds (another version came first, another usager has
                the series, the id exists, the version to replace was never handed over). Nothing was written.
        """
        with self._writing() as connection:
            row = self._series_row(connection, key)
            known = None if row is None else queries.known_series(connection, row)
            if not self._follows(row, known, key, ids):
                raise JournalOvertaken(file=str(self._path))
            series_id = int(row["id"]) if row is not None else self._add_series(connection, key, ids, finess)
            queries.add_version(connection, series_id, run, ids, fingerprints, sha256, size, versions, at)

    def mark_handed_over(self, unique_id: str, at: datetime) -> None:
        """Commits that a destination has this version. Once it is so, a further call changes nothing."""
        with self._writing() as connection:
            match queries.version_state(connection, unique_id):
                case VersionState.BUILT:
                    queries.hand_over(connection, unique_id, at)
                case VersionState.HANDED_OVER:
                    return
                case None:
                    raise JournalOvertaken(file=str(self._path))

    def waiting(self, source: str) -> Iterator[Waiting]:
        """The versions of a source that were recorded and not handed over, unless a later one of the series exists.

        Read page by page: versions may be marked as handed over while one reads.
        """
        after = 0
        while True:
            with self._reading() as connection:
                page = queries.waiting_after(connection, source, after, _PAGE)
            yield from (waiting for _, waiting in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def refresh_raw(self, raw: Mapping[str, Mapping[str, str]]) -> None:
        """Stores anew the raw fingerprints (unique id → parts) of documents found unchanged, in one transaction."""
        if not raw:
            return
        with self._writing() as connection:
            for unique_id, parts in raw.items():
                queries.set_raw_parts(connection, unique_id, parts)

    def _check_key(self) -> None:
        check = blind(self._key, "check")
        with self._reading() as connection:
            stored = queries.setting_value(connection, _KEY_CHECK)
        if stored is None:
            with self._writing() as connection:
                queries.add_setting(connection, _KEY_CHECK, check)
        elif stored != check:
            raise JournalKeyWrong(file=str(self._path))

    def _series_row(self, connection: Connection, key: SeriesKey) -> RowMapping | None:
        return queries.series_row(connection, key.source, key.kind.value, blind(self._key, "document", key.doc_key))

    def _blind_usager(self, key: SeriesKey) -> str:
        return blind(self._key, "usager", key.usager_key)

    def _follows(self, row: RowMapping | None, known: KnownSeries | None, key: SeriesKey, ids: DocumentIds) -> bool:
        if row is not None and (row["set_id"] != ids.set_id or row["usager_key"] != self._blind_usager(key)):
            return False
        version = known.latest.ids.version if known is not None else 0
        replaces = known.handed_over.ids.unique_id if known is not None and known.handed_over is not None else None
        return ids.version == version + 1 and ids.replaces == replaces

    def _add_series(self, connection: Connection, key: SeriesKey, ids: DocumentIds, finess: str) -> int:
        return queries.add_series(
            connection,
            {
                "site": key.site,
                "source": key.source,
                "kind": key.kind.value,
                "doc_key": blind(self._key, "document", key.doc_key),
                "usager_key": self._blind_usager(key),
                "finess": finess,
                "generation": 1,
                "set_id": ids.set_id,
            },
        )

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._transaction(self._engine)

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._transaction(self._writer)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with database.translated(self._path), engine.begin() as connection:
            try:
                yield connection
            except ValueError:
                # A cell that is not what this code writes there: SQLite has no checksums.
                raise JournalDamaged(file=str(self._path), reason="a value") from None
