"""What the journal costs a delivery: from a built document to its end, at a destination that takes no time.

The floor passes the same steps, those that DESIGN.md names (the version is recorded, its delivery is planned, ready,
sending, delivered), and commits one row for each, with what the journal is made with: SQLAlchemy Core, the same
settings of the database, the bytes sealed with AES-GCM. A second floor does so with the bare driver, and seals nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, insert
from sqlalchemy.types import TypeEngine

sys.path.insert(0, str(Path(__file__).parent.parent))

from delivery_world import built
from journal_builder import fill
from postgres_server import running_server

from dui_bridge.connectors.ports import Prepared
from dui_bridge.errors import ServiceUnreachable
from dui_bridge.journal.database import open_database
from dui_bridge.journal.records import DossierEntry, Fingerprints, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Answer, BuiltDocument, Channel, DocumentIds, Outcome
from dui_bridge.model.states import RunEvent
from dui_bridge.pipeline.delivery import destinations
from dui_bridge.pipeline.delivery.deliver import deliver
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import plan
from dui_bridge.pipeline.delivery.worker import Tools, Worker
from dui_bridge.pipeline.handover import Handover
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.reports.status import gather
from dui_bridge.site.settings import Site, load_site

KEY = bytes(range(32))
FINESS = "010000024"
SIZE = 20_000
"""Bytes of a document."""
_TURN = 100
STATUS_STATES = ("delivered", "delivered", "blocked", "ready", "refused", "doubtful")


class Null:
    """A kind of destination, and the destination: takes everything at once, or does not answer."""

    def __init__(self, dead: frozenset[Path] = frozenset()) -> None:
        self._dead, self._path = dead, Path()
        self.last_sent = [0.0]  # shared with what is opened: when something was taken last

    def open_destination(self, settings: Any, source: str, means: object) -> Null:
        opened = Null(self._dead)
        opened._path, opened.last_sent = settings.path, self.last_sent
        return opened

    def channel_of(self, settings: Any) -> Channel:
        return Channel.LOCAL

    def close(self) -> None:
        pass

    def prepare(self, built: BuiltDocument, context: object) -> Prepared:
        return Prepared(built, {})

    def send(self, prepared: Prepared) -> Outcome:
        if self._path in self._dead:
            raise ServiceUnreachable(service="dead", reason="no answer")
        self.last_sent[0] = time.perf_counter()
        return Outcome(Answer.DELIVERED, datetime.now(UTC), reference="x")

    def resolve(self, prepared: Prepared) -> Outcome | None:
        return None


def measure_deliveries(documents: int, rounds: int, status_rows: int) -> dict[str, Any]:
    """Deliveries a second, ours and the floor's, by database; `postgresql` is null where there is no server."""
    with tempfile.TemporaryDirectory(prefix="dui-bridge-bench-") as name:
        folder = Path(name)
        return {
            "documents": documents,
            "sqlite": _rates(folder / "sqlite", documents, rounds, None),
            "postgresql": _on_server(folder / "postgresql", documents, rounds),
            "dead": _dead_beside_live(folder / "dead", documents, rounds),
            "status": _status(folder / "status", status_rows, rounds),
        }


def _rates(folder: Path, documents: int, rounds: int, fresh: Callable[[], str] | None) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {"ours": [], "floor": [], "bare": []}
    for number in range(rounds):
        here = folder / str(number)
        site = _site(here, "null")
        url = fresh() if fresh is not None else None
        took = dict.fromkeys(rates, 0.0)
        with (
            Journal.open(here / "data", KEY, url=url) as journal,
            _committing(here, url) as commit,
            _bare(here, url) as bare,
        ):
            # In turns: what a commit costs changes from one second to the next on a disk that others use.
            for start in range(0, documents, _TURN):
                some = range(start, min(start + _TURN, documents))
                took["ours"] += _timed(partial(_through, site, journal, some.start, len(some)))
                took["floor"] += _timed(partial(_steps, commit, some))
                took["bare"] += _timed(partial(_steps, bare, some))
        for name, seconds in took.items():
            rates[name].append(documents / seconds)
    return rates


def _on_server(folder: Path, documents: int, rounds: int) -> dict[str, list[float]] | None:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(""))
        except BaseException as skipped:  # what pytest raises to skip is no Exception
            if type(skipped).__name__ != "Skipped":
                raise
            return None
        return _rates(folder, documents, rounds, server.fresh)


def _through(site: Site, journal: Journal, start: int, documents: int) -> None:
    _record(site, journal, start, documents)
    plan(journal, Gate(site, journal, default_rules()), datetime.now(UTC))
    opened = replace(open_destinations(site)["null"], module=Null())
    worked = Worker(journal, Gate(site, journal, default_rules(), fresh=True), opened, Tools()).work()
    if worked.delivered != documents:
        raise ValueError(worked)


def _record(site: Site, journal: Journal, start: int, documents: int) -> None:
    now = datetime.now(UTC)
    run = f"r{start}"
    journal.start_run(run, "atlas", "export", {"bridge": "0.1"}, now)
    handover = Handover(site, run, {}, journal, urgent=False)
    for number in range(start, start + documents):
        data = b"<ClinicalDocument>" + str(number).encode() * (SIZE // len(str(number)))
        usager = f"U{number % 100}"
        handover.record(
            SeriesKey("bench", "atlas", TypeDocument.PROJET_PERSONNALISE, f"P{number}", usager),
            replace(
                built(DocumentIds(f"2.25.{number}", f"2.25.9{number}", 1)),
                data=data,
                sha256=hashlib.sha256(data).hexdigest(),
            ),
            Fingerprints({"plans": "x"}, "x"),
            DossierEntry("atlas", usager, usager, FINESS, {}, {}),
            {"type": "projet_personnalise", "dated": "2026-10-01"},
        )
    handover.flush()
    journal.end_run(run, RunEvent.END, {}, now)


Commit = Callable[[int, str, bytes | None], object]
"""Commits one row: the number of a delivery, the step that it passed, the bytes of the document."""
_STEPS = ("recorded", "planned", "ready", "sending", "delivered")


def _steps(commit: Commit, deliveries: range) -> None:
    for number in deliveries:
        body: bytes | None = bytes(SIZE)
        for step in _STEPS:
            commit(number, step, body)
            body = None


@contextmanager
def _committing(folder: Path, url: str | None) -> Iterator[Commit]:
    """With SQLAlchemy Core, on a database that is opened as the journal is."""
    tables = MetaData()
    row = Table("step", tables, *(Column(name, kind) for name, kind in _COLUMNS.items()))
    (folder / "floor").mkdir()
    seal, add = AESGCM(KEY), insert(row)
    with closing(open_database(folder / "floor", 10.0, url)) as database:
        with database.writer.begin() as connection:
            tables.create_all(connection)

        def commit(number: int, step: str, body: bytes | None) -> None:
            nonce = os.urandom(12)
            sealed = nonce + seal.encrypt(nonce, body, None) if body is not None else None
            with database.writer.begin() as connection:
                connection.execute(add, {"delivery": number, "step": step, "body": sealed})

        yield commit


_COLUMNS: dict[str, TypeEngine[Any]] = {"delivery": Integer(), "step": Text(), "body": LargeBinary()}
_BARE_TABLE = "CREATE TABLE bare (delivery INTEGER, step TEXT, body {})"
_BARE_ROW = "INSERT INTO bare (delivery, step, body) VALUES ({})"


@contextmanager
def _bare(folder: Path, url: str | None) -> Iterator[Commit]:
    """With the driver alone."""
    if url is None:
        with closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_BARE_TABLE.format("BLOB"))
            statement = _BARE_ROW.format("?, ?, ?")
            yield lambda *cells: connection.execute(statement, cells).close()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(_BARE_TABLE.format("BYTEA").encode())
        statement = _BARE_ROW.format("%s, %s, %s")
        yield lambda *cells: server.execute(statement.encode(), cells).close()


def _dead_beside_live(folder: Path, documents: int, rounds: int) -> dict[str, list[float]]:
    """Deliveries a second of a live destination: with a dead one beside it, and (the floor) alone."""
    rates: dict[str, list[float]] = {"ours": [], "floor": []}
    kind = destinations._module
    for number in range(rounds):
        for name, to in (("floor", ("null",)), ("ours", ("null", "dead"))):
            here = folder / f"{number}-{name}"
            site = _site(here, *to)
            module = Null(frozenset({here / "dead.sqlite"}))
            destinations._module = lambda _, module=module: module  # type: ignore[assignment,misc]
            try:
                with Journal.open(here / "data", KEY) as journal:
                    _record(site, journal, 0, documents)
                    # The dead one is not waited for: what counts is when the live one had everything.
                    begun = time.perf_counter()
                    done = deliver(site, journal, default_rules(), Tools(patience=0.0))
                    if done.worked["null"].delivered != documents:
                        raise ValueError(done)
                    rates[name].append(documents / (module.last_sent[0] - begun))
            finally:
                destinations._module = kind
    return rates


def _status(folder: Path, rows: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of `status` on so many deliveries, and of one GROUP BY over them."""
    site = _site(folder, "dmp", "archive")
    seconds: dict[str, list[float]] = {"ours": [], "floor": []}
    with Journal.open(folder / "data", KEY) as journal:
        fill(journal, rows, STATUS_STATES)
        for _ in range(rounds):
            with closing(sqlite3.connect(folder / "data" / "journal.sqlite")) as plain:
                seconds["floor"].append(_timed(partial(_fetched, plain)))
            seconds["ours"].append(_timed(partial(_gathered, site, journal)))
    return seconds


def _fetched(plain: sqlite3.Connection) -> None:
    plain.execute("SELECT destination, state, count(*) FROM delivery GROUP BY destination, state").fetchall()


def _gathered(site: Site, journal: Journal) -> None:
    with journal.overview.snapshot() as seen:
        status = gather(site, journal, seen, datetime.now(UTC), "fr")
    if not status.groups:
        raise ValueError("nothing waits")


def _site(folder: Path, *names: str) -> Site:
    folder.mkdir(parents=True)
    (folder / "master.key").write_text(KEY.hex(), "ascii")
    (folder / "master.key").chmod(0o600)
    declared = {
        "site": "bench",
        "profile": "sandbox",
        "data": "data",
        "master_key": {"file": "master.key"},
        "establishments": [{"finess": FINESS, "name": "IME", "category": "IME"}],
        "destinations": {name: {"kind": "dummy", "path": f"{name}.sqlite"} for name in names},
    }
    (folder / "bridge.yaml").write_text(json.dumps(declared), "utf-8")
    return load_site(folder / "bridge.yaml")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
