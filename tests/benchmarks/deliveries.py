"""What the journal costs a delivery: from a built document to its end, at a destination that takes no time.

The floor does as many steps (recorded, allowed, being sent, ended), and commits one row for each through the plain
driver, with the same promise that a commit is on the disk.
"""

from __future__ import annotations

import hashlib
import json
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

sys.path.insert(0, str(Path(__file__).parent.parent))

from delivery_world import built
from journal_builder import fill
from postgres_server import running_server

from dui_bridge.connectors.ports import Prepared
from dui_bridge.errors import ServiceUnreachable
from dui_bridge.journal.records import DossierEntry, Fingerprints, PlannedDelivery, SeriesKey
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
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.reports.status import gather
from dui_bridge.site.settings import Site, load_site

KEY = bytes(range(32))
FINESS = "010000024"
SIZE = 20_000
"""Bytes of a document."""
_TURN = 50
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
    rates: dict[str, list[float]] = {"ours": [], "floor": []}
    for number in range(rounds):
        here = folder / str(number)
        site = _site(here, "null")
        url = fresh() if fresh is not None else None
        took = {"ours": 0.0, "floor": 0.0}
        with Journal.open(here / "data", KEY, url=url) as journal, _plain(here, url) as commit:
            # In turns: what a commit costs changes from one second to the next on a disk that others use.
            for start in range(0, documents, _TURN):
                took["ours"] += _timed(partial(_through, site, journal, start, min(_TURN, documents - start)))
                took["floor"] += _timed(partial(_floor, commit, start, min(_TURN, documents - start)))
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
    _record(journal, start, documents, "null")
    gate = Gate(site, journal, default_rules())
    plan(journal, gate, datetime.now(UTC))
    opened = replace(open_destinations(site)["null"], module=Null())
    worked = Worker(journal, gate, opened, Tools()).work()
    if worked.delivered != documents:
        raise ValueError(worked)


def _record(journal: Journal, start: int, documents: int, *to: str) -> None:
    now = datetime.now(UTC)
    run = f"r{start}"
    journal.start_run(run, "atlas", "export", {"bridge": "0.1"}, now)
    for number in range(start, start + documents):
        data = b"<ClinicalDocument>" + str(number).encode() * (SIZE // len(str(number)))
        document = replace(
            built(DocumentIds(f"2.25.{number}", f"2.25.9{number}", 1)),
            data=data,
            sha256=hashlib.sha256(data).hexdigest(),
        )
        usager = f"U{number % 100}"
        journal.record_version(
            run,
            SeriesKey("bench", "atlas", TypeDocument.PROJET_PERSONNALISE, f"P{number}", usager),
            document,
            fingerprints=Fingerprints({"plans": "x"}, "x"),
            dossier=DossierEntry("atlas", usager, usager, FINESS, {}, {}),
            facts={"type": "projet_personnalise", "dated": "2026-10-01"},
            deliveries=[PlannedDelivery(name, False) for name in to],
            at=now,
        )
    journal.end_run(run, RunEvent.END, {}, now)


Commit = Callable[[str, tuple[object, ...]], None]
_STEPS = ("allowed", "sending", "delivered")


def _floor(commit: Commit, start: int, documents: int) -> None:
    body = bytes(SIZE)
    for number in range(start, start + documents):
        commit("INSERT INTO floor (id, state, body) VALUES (?, ?, ?)", (number, "recorded", body))
        for state in _STEPS:
            commit("UPDATE floor SET state = ? WHERE id = ?", (state, number))


@contextmanager
def _plain(folder: Path, url: str | None) -> Iterator[Commit]:
    """Commits one statement at a time."""
    if url is None:
        with closing(sqlite3.connect(folder / "floor.sqlite", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, state TEXT, body BLOB)")
            yield lambda statement, values: connection.execute(statement, values).close()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, state TEXT, body BYTEA)")
        yield lambda statement, values: server.execute(statement.replace("?", "%s").encode(), values).close()


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
                    _record(journal, 0, documents, *to)
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
