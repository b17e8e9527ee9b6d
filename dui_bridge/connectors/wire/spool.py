"""A temporary store of objects, so that a list larger than memory can be held until it is known to be whole.

SQLite keeps a database without a name in its page cache, spills it to a file that is unlinked as soon as it is opened,
and drops it when the connection closes. It is no journal: nothing is synced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from dui_bridge.errors import FileUnusable

_SCHEMA = """
CREATE TABLE objects (alias TEXT NOT NULL, number INTEGER NOT NULL, key TEXT, text BLOB NOT NULL);
CREATE INDEX by_key ON objects (alias, key);
"""


class SpoolFailed(FileUnusable):
    """The temporary store cannot be written."""

    code = "OBJ-301"
    en = "the temporary store of what is read cannot be written: {reason}"
    fr = "le stockage temporaire de ce qui est lu ne peut pas être écrit : {reason_fr}"
    action_en = "Free space in the folder of temporary files (TMPDIR, else /var/tmp); nothing was lost."
    action_fr = "Libérez de la place dans le dossier temporaire (TMPDIR, sinon /var/tmp) ; rien n'est perdu."


class Spool:
    """Objects by alias and key, each with its number."""

    def __init__(self) -> None:
        with reported():
            self._database = sqlite3.connect("", isolation_level=None)
            self._database.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;" + _SCHEMA
            )

    def add(self, alias: str, number: int, key: str | None, text: str) -> None:
        """One more object. Raises SpoolFailed."""
        with reported():
            self._database.execute("INSERT INTO objects VALUES (?, ?, ?, ?)", (alias, number, key, _packed(text)))

    def replace(self, alias: str, key: str, text: str) -> None:
        """Another version of the object of a key; it keeps its number. Raises SpoolFailed."""
        with reported():
            self._database.execute(
                "UPDATE objects SET text = ? WHERE alias = ? AND key = ?", (_packed(text), alias, key)
            )

    def of(self, alias: str, key: str) -> list[tuple[int, str]]:
        """(number, text) of the objects of a key, in the order of their numbers."""
        query = "SELECT number, text FROM objects WHERE alias = ? AND key = ? ORDER BY number"
        with reported():
            return [(number, _text(data)) for number, data in self._database.execute(query, (alias, key))]

    def scan(self, alias: str) -> Iterator[tuple[int, str]]:
        """(number, text) of all objects of an alias, in the order they were added."""
        with reported():
            query = "SELECT number, text FROM objects WHERE alias = ? ORDER BY rowid"
            for number, data in self._database.execute(query, (alias,)):
                yield number, _text(data)

    def close(self) -> None:
        """Drops everything."""
        self._database.close()


def _packed(text: str) -> bytes:
    # Bytes that could not be decoded stand in the text as halves of surrogates.
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


@contextmanager
def reported() -> Iterator[None]:
    """Turns what SQLite raises into SpoolFailed, with its name (`SQLITE_FULL`): its text could show a value."""
    try:
        yield
    except sqlite3.Error as error:
        raise SpoolFailed(reason=getattr(error, "sqlite_errorname", type(error).__name__)) from None
