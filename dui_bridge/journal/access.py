"""What each part of the journal works with: the database, the keys, and transactions whose errors a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from dui_bridge.journal.database import Database, translated
from dui_bridge.journal.errors import JournalDamaged, JournalOvertaken
from dui_bridge.journal.vault import Vault

_IDLE: Final = 2
"""So many connections of each kind are kept at hand."""


@dataclass(frozen=True)
class Access:
    """An open database with the keys of the site.

    Args:
        database: where the tables are.
        folder: the site's data folder.
        key: what digests are keyed with (`keys.blind`), and what further keys are derived from (`keys.derive`).
        vault: seals and opens.
    """

    database: Database
    folder: Path
    key: bytes = field(repr=False)
    vault: Vault = field(repr=False)
    _readers: list[Connection] = field(default_factory=list, repr=False)
    _writers: list[Connection] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """The database as it is named to a person."""
        return self.database.name

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, at one moment.

        Raises a JournalUnusable for what the database and the machine raise.
        """
        return self._transaction(self.database.reader, self._readers)

    def glancing(self) -> AbstractContextManager[Connection]:
        """For statements that read, each at a moment of its own: on a server one message each, and none around them.

        Raises like `reading`.
        """
        return self._transaction(self.database.glance, self._readers)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes: committed at the end of the block, or not at all. Raises like `reading`."""
        return self._transaction(self.database.writer, self._writers)

    def overtaken(self) -> JournalOvertaken:
        """The error for what does not follow what the journal holds."""
        return JournalOvertaken(file=self.name)

    def close(self) -> None:
        """Closes the database and lets go of its locks."""
        for connection in (*self._readers, *self._writers):
            connection.close()
        self._readers.clear()
        self._writers.clear()
        self.database.close()

    @contextmanager
    def _transaction(self, engine: Engine, idle: list[Connection]) -> Iterator[Connection]:
        with translated(self.name):
            # Taking a connection out of the pool and giving it back costs more than a small transaction on SQLite.
            try:
                connection = idle.pop()
            except IndexError:
                connection = engine.connect()
            try:
                with connection.begin():
                    try:
                        yield connection
                    except ValueError:
                        # A cell that this code did not write there, or that does not open: SQLite has no checksums.
                        raise JournalDamaged(file=self.name, reason="a value") from None
            except BaseException:
                connection.close()
                raise
            # One to a server may break off meanwhile: the pool looks after it.
            if self.database.on_server or len(idle) >= _IDLE:
                connection.close()
            else:
                idle.append(connection)
