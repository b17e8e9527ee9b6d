"""What the stand-in keeps: mails as files, everything else in SQLite beside them."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Final

INBOX: Final = "INBOX"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS taken (
  number INTEGER PRIMARY KEY, file TEXT, sender TEXT, envid TEXT, ret TEXT, recipients TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS folders (mailbox TEXT, name TEXT, validity INTEGER, next INTEGER,
  PRIMARY KEY (mailbox, name));
CREATE TABLE IF NOT EXISTS mails (
  mailbox TEXT, folder TEXT, uid INTEGER, file TEXT, flags TEXT, at TEXT, PRIMARY KEY (mailbox, folder, uid));
CREATE TABLE IF NOT EXISTS served (number INTEGER PRIMARY KEY);
"""
_NAME: Final = re.compile(r"[^A-Za-z0-9.@_-]+")
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a mail, with what it asks of RFC 3461: the words of NOTIFY, and ORCPT (`rfc822;<address>`)."""

    address: str
    notify: tuple[str, ...] = ()
    orcpt: str = ""

    def wants(self, event: str) -> bool:
        """Whether a report of SUCCESS, FAILURE or DELAY is wanted; a failure is reported unless nobody wants it."""
        return event in self.notify or (event == "FAILURE" and not self.notify)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that was taken: its number (from 1), its file, its envelope, and when (aware)."""

    number: int
    path: Path
    sender: str
    recipients: tuple[Recipient, ...]
    envid: str
    ret: str
    at: datetime

    @property
    def content(self) -> bytes:
        """Its bytes as they came, CR LF at the end of lines."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in a folder of a mailbox."""

    uid: int
    path: Path
    flags: frozenset[str]
    at: datetime

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a mailbox: its name, its UIDVALIDITY, and the UID of the next mail."""

    name: str
    validity: int
    next: int


class Store:
    """The folder of a stand-in. Every access is alone.

    Raises:
        OSError, sqlite3.Error: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.sent, self.served = folder / "sent", folder / "served"
        for one in (self.sent, self.served):
            one.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "mssante.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Ends the use of the folder."""
        with self._lock:
            self._db.close()

    def take(
        self, content: bytes, sender: str, recipients: Sequence[Recipient], envid: str, ret: str, at: datetime
    ) -> Taken:
        """Keeps a mail as `sent/<n>-<id>.eml`."""
        listed = json.dumps([[one.address, list(one.notify), one.orcpt] for one in recipients])
        with self._lock:
            number = self._next("taken")
            path = _written(self.sent, number, content)
            row = (number, path.name, sender, envid, ret, listed, at.isoformat())
            self._run("INSERT INTO taken VALUES (?, ?, ?, ?, ?, ?, ?)", *row)
        return Taken(number, path, sender, tuple(recipients), envid, ret, at)

    def taken(self) -> list[Taken]:
        """Every mail that was taken, in order."""
        rows = self._run("SELECT * FROM taken ORDER BY number").fetchall()
        return [
            Taken(
                row[0],
                self.sent / row[1],
                row[2],
                tuple(Recipient(address, tuple(notify), orcpt) for address, notify, orcpt in json.loads(row[5])),
                row[3],
                row[4],
                datetime.fromisoformat(row[6]),
            )
            for row in rows
        ]

    def serve(self, mailbox: str, content: bytes, at: datetime, folder: str = INBOX) -> int:
        """Keeps a mail as `served/<n>-<id>.eml` and puts it in a folder, which is made; its UID."""
        with self._lock:
            number = self._next("served")
            self._run("INSERT INTO served VALUES (?)", number)
            path = _written(self.served, number, content)
            self.make_folder(mailbox, folder)
            return self._put(mailbox, folder, path.name, frozenset(), at)

    def folders(self, mailbox: str) -> list[Folder]:
        """The folders of a mailbox, INBOX among them."""
        with self._lock:
            self.make_folder(mailbox, INBOX)
            rows = self._run("SELECT name, validity, next FROM folders WHERE mailbox = ? ORDER BY rowid", mailbox)
            return [Folder(*row) for row in rows.fetchall()]

    def folder(self, mailbox: str, name: str) -> Folder | None:
        """One folder of a mailbox; the name INBOX is that in any case."""
        wanted = INBOX if name.upper() == INBOX else name
        return next((one for one in self.folders(mailbox) if one.name == wanted), None)

    def make_folder(self, mailbox: str, name: str) -> bool:
        """Makes a folder; whether it is new."""
        return self._run("INSERT OR IGNORE INTO folders VALUES (?, ?, 1, 1)", mailbox, name).rowcount == 1

    def mails(self, mailbox: str, folder: str) -> list[Mail]:
        """The mails of a folder by UID."""
        rows = self._run(
            "SELECT uid, file, flags, at FROM mails WHERE mailbox = ? AND folder = ? ORDER BY uid", mailbox, folder
        ).fetchall()
        return [
            Mail(uid, self.served / file, frozenset(flags.split()), datetime.fromisoformat(at))
            for uid, file, flags, at in rows
        ]

    def flag(self, mailbox: str, folder: str, uid: int, flags: Iterable[str]) -> None:
        """Gives a mail these flags and no other."""
        where = "WHERE mailbox = ? AND folder = ? AND uid = ?"
        self._run(f"UPDATE mails SET flags = ? {where}", " ".join(sorted(flags)), mailbox, folder, uid)  # noqa: S608

    def copy(self, mailbox: str, mail: Mail, to: str) -> int:
        """Puts a mail in a second folder, which exists; its UID there."""
        with self._lock:
            return self._put(mailbox, to, mail.path.name, mail.flags, mail.at)

    def expunge(self, mailbox: str, folder: str, uid: int) -> None:
        """Takes a mail out of a folder; its file stays."""
        self._run("DELETE FROM mails WHERE mailbox = ? AND folder = ? AND uid = ?", mailbox, folder, uid)

    def renumber(self, mailbox: str, folder: str) -> None:
        """Another UIDVALIDITY: the mails get other UIDs, as after a server was put back from a copy."""
        with self._lock:
            found = self.folder(mailbox, folder)
            if found is None:
                return
            mails = self.mails(mailbox, found.name)
            self._run("DELETE FROM mails WHERE mailbox = ? AND folder = ?", mailbox, found.name)
            where = "WHERE mailbox = ? AND name = ?"
            self._run(f"UPDATE folders SET validity = validity + 1, next = 1 {where}", mailbox, found.name)  # noqa: S608
            for mail in reversed(mails):
                self._put(mailbox, found.name, mail.path.name, mail.flags, mail.at)

    def _put(self, mailbox: str, folder: str, file: str, flags: frozenset[str], at: datetime) -> int:
        where = "WHERE mailbox = ? AND name = ?"
        uid = int(self._run(f"SELECT next FROM folders {where}", mailbox, folder).fetchone()[0])  # noqa: S608
        self._run(f"UPDATE folders SET next = next + 1 {where}", mailbox, folder)  # noqa: S608
        row = (mailbox, folder, uid, file, " ".join(sorted(flags)), at.isoformat())
        self._run("INSERT INTO mails VALUES (?, ?, ?, ?, ?, ?)", *row)
        return uid

    def _next(self, table: str) -> int:
        return int(self._run(f"SELECT 1 + coalesce(max(number), 0) FROM {table}").fetchone()[0])  # noqa: S608

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(statement, values)


def message_id(content: bytes) -> str:
    """The Message-ID of a mail, with its angle brackets; empty when it has none."""
    head = content.partition(b"\r\n\r\n")[0]
    return str(BytesHeaderParser().parsebytes(head).get("Message-ID", "")).strip()


def _written(folder: Path, number: int, content: bytes) -> Path:
    name = _NAME.sub("_", message_id(content).strip("<> "))[:_LONGEST_NAME]
    path = folder / f"{number:04d}-{name or 'sans-id'}.eml"
    being_written = folder / f"{path.name}.part"
    being_written.write_bytes(content)
    being_written.replace(path)
    return path
