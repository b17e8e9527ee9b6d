"""What the stand-in keeps: the bytes of the documents as files, everything else in SQLite beside them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.mime import Span
from dui_bridge.xmlsafe import parse_xml

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS lots (uuid TEXT PRIMARY KEY, unique_id TEXT UNIQUE, patient TEXT, xml BLOB);
CREATE TABLE IF NOT EXISTS documents (
  uuid TEXT PRIMARY KEY, lid TEXT UNIQUE, version INTEGER, unique_id TEXT UNIQUE, patient TEXT, status TEXT,
  hash TEXT, size INTEGER, structure TEXT, lot TEXT, xml BLOB, signature BLOB);
CREATE INDEX IF NOT EXISTS documents_of_patient ON documents (patient);
CREATE TABLE IF NOT EXISTS former (uuid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS associations (uuid TEXT PRIMARY KEY, kind TEXT, source TEXT, target TEXT, slots TEXT);
CREATE INDEX IF NOT EXISTS associations_from ON associations (source);
CREATE INDEX IF NOT EXISTS associations_to ON associations (target);
CREATE TABLE IF NOT EXISTS assertions (id TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the registry.

    Args:
        uuid: entryUUID, another one after each change of the metadata. lid: which stays.
        structure: Struct_IdNat that deposited it.
        xml: the ExtrinsicObject, as it is answered.
        signature: the bytes when it is the signature of a lot; None for a document, whose bytes are a file.
    """

    uuid: str
    lid: str
    version: int
    unique_id: str
    patient: str
    status: str
    hash: str
    size: int
    structure: str
    lot: str
    xml: bytes
    signature: bytes | None = None

    @property
    def element(self) -> etree._Element:
        """The ExtrinsicObject, anew."""
        return parse_xml(self.xml)


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of the registry."""

    uuid: str
    unique_id: str
    patient: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class Tie:
    """An association of the registry; `slots` are its values by name."""

    uuid: str
    kind: str
    source: str
    target: str
    slots: Mapping[str, str]


class Store:
    """The folder of a stand-in. Every access is alone; `changing` makes several of them one.

    Raises:
        OSError, sqlite3.Error: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "dmp.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Ends the use of the folder."""
        with self._lock:
            self._db.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that is read and written inside is one change, or none when something is raised."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def path(self, unique_id: str) -> Path:
        """Where the bytes of a document are; the id is an OID, checked before."""
        return self.folder / f"{unique_id}.xml"

    def withdraw_files(self, unique_id: str) -> None:
        """Moves the files of a deleted document to `deleted/`, under names that are not those of documents."""
        gone = self.folder / "deleted"
        gone.mkdir(exist_ok=True)
        for name in (f"{unique_id}.xml", f"{unique_id}.metadata.xml"):
            if (self.folder / name).exists():
                (self.folder / name).replace(gone / f"{name}.deleted")

    def keep_file(self, unique_id: str, body: mmap | bytes, span: Span, request: bytes) -> None:
        """Writes the bytes of a document and the metadata that came with it."""
        being_written = self.folder / f"{unique_id}.part"
        with being_written.open("wb") as stream, memoryview(body) as view, view[span.start : span.end] as part:
            stream.write(part)
        being_written.replace(self.path(unique_id))
        being_written.write_bytes(request)
        being_written.replace(self.folder / f"{unique_id}.metadata.xml")

    def is_new_assertion(self, identifier: str) -> bool:
        """Whether an assertion was not used before; from now on it is."""
        return self._run("INSERT OR IGNORE INTO assertions VALUES (?)", identifier).rowcount == 1

    def add_lot(self, lot: Lot) -> None:
        """A new lot."""
        self._run("INSERT INTO lots VALUES (?, ?, ?, ?)", lot.uuid, lot.unique_id, lot.patient, lot.xml)

    def put_document(self, one: Document) -> None:
        """A new document, or a new state of the one with its lid; what was said of its former id is said of the new."""
        former = self._run("SELECT uuid FROM documents WHERE lid = ? AND uuid <> ?", one.lid, one.uuid).fetchone()
        if former is not None:
            self._run("INSERT INTO former VALUES (?)", former[0])
            self._run("UPDATE associations SET source = ? WHERE source = ?", one.uuid, former[0])
            self._run("UPDATE associations SET target = ? WHERE target = ?", one.uuid, former[0])
        values = (one.uuid, one.lid, one.version, one.unique_id, one.patient, one.status, one.hash, one.size)
        more = (one.structure, one.lot, one.xml, one.signature)
        self._run("DELETE FROM documents WHERE lid = ?", one.lid)
        self._run(f"INSERT INTO documents VALUES ({', '.join('?' * 12)})", *values, *more)  # noqa: S608 - marks only

    def add_tie(self, tie: Tie) -> None:
        """A new association."""
        slots = json.dumps(dict(tie.slots))
        self._run("INSERT INTO associations VALUES (?, ?, ?, ?, ?)", tie.uuid, tie.kind, tie.source, tie.target, slots)

    def is_former(self, uuid: str) -> bool:
        """Whether an entryUUID was that of a document, before its metadata changed."""
        return self._run("SELECT 1 FROM former WHERE uuid = ?", uuid).fetchone() is not None

    def document(self, unique_id: str) -> Document | None:
        """The document of a uniqueId."""
        return next(self._documents("unique_id = ?", unique_id), None)

    def by_uuid(self, uuid: str) -> Document | None:
        """The document that now has an entryUUID."""
        return next(self._documents("uuid = ?", uuid), None)

    def by_lid(self, lid: str) -> Document | None:
        """The document of a logical id."""
        return next(self._documents("lid = ?", lid), None)

    def documents(self, patient: str | None = None) -> list[Document]:
        """All documents, or those of a patient, signatures among them, what changed last at the end."""
        if patient is None:
            return list(self._documents("1 = 1"))
        return list(self._documents("patient = ?", patient))

    def lots(self, patient: str) -> list[Lot]:
        """The lots of a patient."""
        rows = self._run("SELECT * FROM lots WHERE patient = ? ORDER BY rowid", patient).fetchall()
        return [Lot(*row) for row in rows]

    def lot(self, uuid: str) -> Lot | None:
        """The lot of an entryUUID."""
        row = self._run("SELECT * FROM lots WHERE uuid = ?", uuid).fetchone()
        return None if row is None else Lot(*row)

    def has_lot(self, unique_id: str) -> bool:
        """Whether a lot was submitted under a uniqueId."""
        return self._run("SELECT 1 FROM lots WHERE unique_id = ?", unique_id).fetchone() is not None

    def ties(self, uuids: Iterable[str]) -> list[Tie]:
        """The associations from or to some objects."""
        found: dict[str, Tie] = {}
        for uuid in uuids:
            for row in self._run("SELECT * FROM associations WHERE source = ? OR target = ?", uuid, uuid):
                found[row[0]] = _tie(row)
        return list(found.values())

    def patients(self) -> list[str]:
        """The patients that have a document, in the order of their first."""
        rows = self._run("SELECT patient FROM documents GROUP BY patient ORDER BY min(rowid)").fetchall()
        return [row[0] for row in rows]

    def count(self) -> int:
        """How many documents were deposited, whatever became of them; signatures are none."""
        row = self._run("SELECT count(*) FROM documents WHERE signature IS NULL").fetchone()
        return int(row[0])

    def _documents(self, where: str, *values: str) -> Iterator[Document]:
        rows = self._run(f"SELECT * FROM documents WHERE {where} ORDER BY rowid", *values).fetchall()  # noqa: S608
        return (Document(*row) for row in rows)

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(statement, values)


def _tie(row: tuple[str, str, str, str, str]) -> Tie:
    uuid, kind, source, target, slots = row
    return Tie(uuid, kind, source, target, json.loads(slots))
