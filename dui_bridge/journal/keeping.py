"""How long the journal keeps bytes, and the erasure of a dossier. Ids, hashes, sizes and states stay for ever.

Rows first, files after: a file whose row says that it is purged, or that no row names, is removed by the next purge
when this one could not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection

from dui_bridge.findings import Who
from dui_bridge.journal import sqlite
from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import Purged
from dui_bridge.journal.database import translated
from dui_bridge.journal.errors import JournalLocked
from dui_bridge.journal.inbox import forget_candidate
from dui_bridge.journal.lock import held
from dui_bridge.journal.queries import exchanges, inbox
from dui_bridge.journal.queries import keeping as queries

LOCK: Final = "keeping"
"""Held by what removes files, and by a backup while it copies them."""
ERASED: Final = "DLV-013"
"""The cause of a delivery that was cancelled because its dossier was erased."""

_BATCH: Final = 50
_PAGE: Final = 500
_WAIT: Final = 10.0
_T = TypeVar("_T")
_Find = Callable[..., Sequence[int]]
"""A query of `queries.keeping` that still lacks its connection, `after` (a row id) and `limit`."""
_UNFINISHED: Final = timedelta(days=1)
"""A file that no row names yet may belong to a transaction that is under way; not for so long."""


class Keeping:
    """Forgets what was delivered, and erases dossiers. Times are aware."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def purge(self, now: datetime, delivered: timedelta, unsettled: timedelta) -> Purged:
        """Drops the bytes that nobody needs any more, in small transactions.

        Kept are the bytes of what is still to leave, and of the latest version of a document for which a delivery is
        blocked or doubtful, however old.

        Args:
            now: the present.
            delivered: how long bytes are kept after every delivery of theirs was settled (delivered, acknowledged or
                cancelled); as long as this, outcome rows keep their content after they were written, exchanges after
                they took place, and mails that came theirs after they were treated; those that were refused as long as
                `unsettled`.
            unsettled: how long after a delivery was refused, came back, or got stuck; of a version that was never to
                be delivered: after it was built.
        Returns:
            What was removed; `postponed` while a backup is made or another process purges.
        """
        settled_before, stuck_before = now - delivered, now - max(delivered, unsettled)
        with held(self._access.database.locks, LOCK) as taken:
            if not taken:
                return Purged(0, 0, 0, postponed=True)
            forgotten: dict[str, int] = {}
            # What is spent is looked for without the write lock, and asked again under it, a batch at a time.
            for versions in self._pages(partial(queries.spent_versions, settled=settled_before, stuck=stuck_before)):
                for batch in _batches(versions):
                    forgotten |= self._forget_versions(batch, settled_before, stuck_before, now)
            for attempts in self._pages(partial(queries.spent_attempts, settled=settled_before, stuck=stuck_before)):
                for batch in _batches(attempts):
                    forgotten |= self._forget_answers(batch, settled_before, stuck_before, now)
            for kept in self._pages(partial(exchanges.spent, before=settled_before)):
                for batch in _batches(kept):
                    forgotten |= self._forget_payloads(batch, now)
            for mails in self._pages(partial(inbox.spent, settled=settled_before, stuck=stuck_before)):
                forgotten |= self._forget_mails(mails, now)
            for rows in self._pages(partial(queries.spent_rows, written=settled_before)):
                self._forget_rows(rows)
            failed = self._sweep(now)
        gone = [size for name, size in forgotten.items() if name not in failed]
        return Purged(len(gone), sum(gone), len(failed))

    def erase(self, dossier_id: int, at: datetime) -> Purged:
        """Destroys the key of a dossier, so that nothing sealed with it can be read, and removes what was sealed.

        What has not left is cancelled. Backups and, on PostgreSQL, what it has not vacuumed yet keep what they hold.

        Raises:
            JournalOvertaken: there is no such dossier.
            JournalLocked: a backup is being made.
        """
        with held(self._access.database.locks, LOCK, _WAIT) as taken:
            if not taken:
                raise JournalLocked(file=self._access.name)
            with self._access.writing() as connection:
                payloads = queries.bytes_of_dossier(connection, dossier_id)
                mails = inbox.of_dossier(connection, dossier_id)
                if not queries.erase(connection, dossier_id, ERASED, Who.NOBODY, at):
                    raise self._access.overtaken()
                for batch in _batches([payload.id for payload in payloads]):
                    queries.forget(connection, batch, at)
                payloads += _forget_mails(connection, mails, at)
                forget_candidate(connection, self._access, dossier_id)
            if not self._access.database.on_server:
                with translated(self._access.name):
                    sqlite.shorten_log(self._access.database.reader)
            failed = {payload.name for payload in payloads if payload.in_file and not self._remove(payload.name)}
        gone = [payload.size for payload in payloads if payload.name not in failed]
        return Purged(len(gone), sum(gone), len(failed))

    def purged_versions(self, unique_ids: Collection[str]) -> list[str]:
        """Those of these versions whose bytes are purged."""
        with self._access.reading() as connection:
            return queries.purged_versions(connection, unique_ids)

    def _pages(self, find: _Find) -> Iterator[Sequence[int]]:
        """Row ids of what is spent, in their order."""
        after = 0
        while True:
            with self._access.reading() as connection:
                found = find(connection, after=after, limit=_PAGE)
            if not found:
                return
            yield found
            after = found[-1]

    def _forget_versions(
        self, versions: Sequence[int], settled_before: datetime, stuck_before: datetime, now: datetime
    ) -> dict[str, int]:
        with self._access.writing() as connection:
            # Asked again here: a delivery may have been added to one of them since they were listed.
            return _forget(connection, queries.payloads_of(connection, versions, settled_before, stuck_before), now)

    def _forget_answers(
        self, attempts: Sequence[int], settled_before: datetime, stuck_before: datetime, now: datetime
    ) -> dict[str, int]:
        with self._access.writing() as connection:
            return _forget(connection, queries.answers_of(connection, attempts, settled_before, stuck_before), now)

    def _forget_payloads(self, payloads: Sequence[int], now: datetime) -> dict[str, int]:
        with self._access.writing() as connection:
            return _forget(connection, payloads, now)

    def _forget_mails(self, mails: Sequence[int], now: datetime) -> dict[str, int]:
        with self._access.writing() as connection:
            return {mail.name: mail.size for mail in _forget_mails(connection, mails, now)}

    def _forget_rows(self, rows: Sequence[int]) -> None:
        with self._access.writing() as connection:
            queries.forget_rows(connection, rows)

    def _sweep(self, now: datetime) -> set[str]:
        """Removes the files that nothing needs; the names of those that could not be."""
        failed: set[str] = set()
        with translated(self._access.name):
            files = list(self._access.vault.files())
        for batch in _batches(files):
            names = [path.name for path in batch]
            with self._access.reading() as connection:
                needed = queries.files(connection, names)
                purged = queries.purged_files(connection, names)
            for path in batch:
                if path.name in needed or (path.name not in purged and not _is_old(path, now)):
                    continue
                if not self._remove(path.name):
                    failed.add(path.name)
        return failed

    def _remove(self, name: str) -> bool:
        try:
            self._access.vault.remove(name)
        except OSError:
            return False
        return True


def _forget(connection: Connection, payloads: Sequence[int], now: datetime) -> dict[str, int]:
    """Name → size of the payloads that were not purged yet and now are."""
    kept = queries.bytes_of(connection, payloads)
    queries.forget(connection, [payload.id for payload in kept], now)
    return {payload.name: payload.size for payload in kept}


def _forget_mails(connection: Connection, mails: Sequence[int], now: datetime) -> list[queries.Kept]:
    """The mails that were not purged yet and now are."""
    kept = [queries.Kept(**row) for row in inbox.bytes_of(connection, mails)]
    inbox.forget(connection, [mail.id for mail in kept], now)
    return kept


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return now.timestamp() - path.stat().st_mtime > _UNFINISHED.total_seconds()
    except FileNotFoundError:
        return False


def _batches(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
