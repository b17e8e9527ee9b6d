"""What each part of the journal works with: the database, the keys, and transactions whose errors a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from dui_bridge.journal.database import Database, translated
from dui_bridge.journal.errors import JournalDamaged, JournalOvertaken
from dui_bridge.journal.vault import Vault

_IDLE: Final = 4
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
    _glances: list[Connection] = field(default_factory=list, repr=False)
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

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """For statements that read, each at a moment of its own: on a server one message each, and none around them.

        Raises like `reading`.
        """
        with self._connection(self.database.glance, self._glances) as connection:
            yield connection
            if connection.in_transaction():
                connection.commit()

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes: committed at the end of the block, or not at all. Raises like `reading`."""
        return self._transaction(self.database.writer, self._writers)

    @contextmanager
    def writing_at_once(self) -> Iterator[Connection]:
        """As `writing`, for prepared statements only, which a server is sent together: what `Prepared.send` changed is
        known at the end of the block, and what a statement gives costs a message of its own."""
        with (
            self._connection(self.database.glance, self._glances) as connection,
            self.database.at_once(connection),
        ):
            yield connection

    def overtaken(self) -> JournalOvertaken:
        """The error for what does not follow what the journal holds."""
        return JournalOvertaken(file=self.name)

    def close(self) -> None:
        """Closes the database and lets go of its locks."""
        self._let_go()
        self.database.close()

    @contextmanager
    def _transaction(self, engine: Engine, idle: list[Connection]) -> Iterator[Connection]:
        with self._connection(engine, idle) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connection(self, engine: Engine, idle: list[Connection]) -> Iterator[Connection]:
        # Taking a connection out of the pool and giving it back costs more than a small transaction.
        with translated(self.name):
            try:
                connection = idle.pop()
            except IndexError:
                connection = engine.connect()
            try:
                yield connection
            except BaseException as error:
                connection.close()
                if self.database.on_server and isinstance(error, DBAPIError):
                    # A server that broke one off has broken off the others, too.
                    self._let_go(broken=True)
                if isinstance(error, ValueError):
                    # A cell that this code did not write there, or that does not open: SQLite has no checksums.
                    raise JournalDamaged(file=self.name, reason="a value") from None
                raise
            if len(idle) >= _IDLE:
                connection.close()
            else:
                idle.append(connection)

    def _let_go(self, *, broken: bool = False) -> None:
        for idle in (self._readers, self._glances, self._writers):
            while idle:
                connection = idle.pop()
                if broken:
                    connection.invalidate()
                connection.close()
