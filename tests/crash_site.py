"""A site of four usagers and four destinations, killed somewhere, run to its end, and counted.

A run is the command itself, in a child process made by fork: what the parent has imported need not be imported again.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo_site import DemoSite, invoke
from small_site import assert_plain_words, small_site

from dui_bridge.declared import Problems
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState, RunState
from dui_bridge.pipeline import handover
from dui_bridge.pipeline.assemble import assemble_mapping
from dui_bridge.pipeline.delivery import points
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.outcomes.write import write_outcomes
from dui_bridge.sandbox.dummy import DummyStore
from dui_bridge.site.settings import load_site

FORK = multiprocessing.get_context("fork")
SECONDS = 120
SOURCE = "atlas-ph"

ARCHIVE, ASKED, MAIL, LATER = "documents", "rehearsal", "mail", "later"
DESTINATIONS = f"""destinations:
  {ARCHIVE}: {{kind: file, path: ../documents}}
  {ASKED}: {{kind: dummy, path: data/{ASKED}.sqlite, cut_after: 30%, cut_before: 15%, transient: 15%, seed: 36}}
  {MAIL}: {{kind: dummy, path: data/{MAIL}.sqlite, asked: false}}
"""
DOWN = f"  {LATER}: {{kind: dummy, path: data/{LATER}.sqlite, down: true}}\n"
FORBIDDEN = f"  {LATER}: {{kind: dummy, path: data/{LATER}.sqlite, types: {{projet_personnalise: never}}}}\n"

USAGERS = {
    "2": "2;IME01;M;Abadie;Abadie;Bastien;;1;03/02/2009;LYON;69000;69123;;;;3;;1 rue du Lac;01000;BOURG-EN-BRESSE;"
    "04 65 71 00 02;;;01;011;01/09/2018;;;N;O;N;N;N",
    "3": "3;IME01;M;Ceccaldi;Ceccaldi;Dominique;;1;11/12/2008;AJACCIO;20000;2A004;;;;3;;2 rue du Lac;01000;"
    "BOURG-EN-BRESSE;04 65 71 00 03;;;01;011;01/09/2018;;;N;O;N;N;N",
    "4": "4;IME01;M;Impossible;Impossible;Éric;;1;31/02/2008;LYON;69000;69123;;;;3;;3 rue du Lac;01000;"
    "BOURG-EN-BRESSE;04 65 71 00 04;;;01;011;01/09/2018;;;N;O;N;N;N",
}
"""The last one is quarantined: nobody is born on 31 February."""


@dataclass(frozen=True)
class Counted:
    """What a site came to.

    Args:
        documents: of the file destination, by name.
        taken: by dummy: unique id → how often it took it.
        sends: by dummy, how often it was sent anything.
        states: by destination: unique id → the state of its delivery.
        status: of `status --json`.
        told: rows of outcome files without their date, each once.
    """

    documents: dict[str, bytes]
    taken: dict[str, dict[str, int]]
    sends: dict[str, int]
    states: dict[str, dict[str, DeliveryState]]
    status: dict[str, Any]
    told: set[tuple[str, ...]]


def crash_site(out: Path, later: str = "") -> DemoSite:
    """A site that never ran. `later`: one more destination."""
    site = small_site(out)
    text = site.config.read_text("utf-8")
    text = text[: text.index("destinations:")] + DESTINATIONS + later
    text = text.replace("path: ../export/atlas-ph", "path: ../export/atlas-ph, outcomes: ../retour")
    site.config.write_text(text, "utf-8")
    site.edit("USAGERS.CSV", lambda text: text + "".join(f"{row}\n" for row in USAGERS.values()))
    projects = "".join(f"{n};PP{n};1;V;02/02/2026;10/02/2026;17/02/2026;E01;\n" for n in USAGERS)
    site.edit("PROJETS.CSV", lambda text: text + projects)
    (out / "retour").mkdir()
    return site


def warmed(site: DemoSite, folder: Path) -> DemoSite:
    """The site; this process has run a copy of it, so that its children need not compile every rule again."""
    ran = invoke("run", "--config", str(copied(site, folder / "warm").config))
    assert ran.code == 0, ran.stderr
    return site


def changed_site(out: Path) -> DemoSite:
    """A site after its first run, to which everything has happened since that a second run can find."""
    site = crash_site(out, DOWN)
    run(site)
    text = site.config.read_text("utf-8")
    site.config.write_text(text.replace(DOWN, FORBIDDEN), "utf-8")
    # A new version, a cell whose change changes nothing, and an usager who is gone.
    site.edit("OBJECTIFS.CSV", lambda text: text.replace("Apprivoiser l'eau", "Apprivoiser le grand bain"))
    site.edit("PROJETS.CSV", lambda text: text.replace("2;PP2;1;V;02/02/2026", "2;PP2;1;V; 02/02/2026"))
    site.edit("USAGERS.CSV", lambda text: text.replace(f"{USAGERS['3']}\n", ""))
    site.edit("PROJETS.CSV", lambda text: "".join(row for row in text.splitlines(True) if not row.startswith("3;")))
    return site


def copied(site: DemoSite, out: Path) -> DemoSite:
    """A copy to break."""
    shutil.copytree(site.out, out)
    return DemoSite(out)


def on_server(site: DemoSite, url: str) -> None:
    """Puts the journal of a site that never ran on a server."""
    secret = site.config.parent / "secrets" / "journal.url"
    secret.write_text(url, "utf-8")
    secret.chmod(0o600)
    text = site.config.read_text("utf-8")
    site.config.write_text(
        text.replace("\ndata: data\n", "\ndata: data\njournal: {file: secrets/journal.url}\n"), "utf-8"
    )


def work(site: DemoSite) -> None:
    """`run`, then what the DUI is told; as a process that ends with the exit code of the command."""
    ran = invoke("run", "--config", str(site.config))
    assert_plain_words(ran.stdout + ran.stderr)
    if ran.code == 0:
        loaded = load_site(site.config)
        mapping = assemble_mapping(loaded.sources[SOURCE].mapping, Problems("mapping"), every_column=False)
        with open_journal(loaded) as journal:
            write_outcomes(loaded, journal, SOURCE, mapping, datetime.now(UTC))
    os._exit(ran.code)


def started(call: Callable[[], object], point: str | None = None) -> multiprocessing.Process:
    """A child process that is killed at a point."""

    def child() -> None:
        handover._TOGETHER = 2  # type: ignore[misc]  # its three documents are two commits
        os.environ.pop(points.VARIABLE, None)
        if point is not None:
            os.environ[points.VARIABLE] = point
        call()

    process = FORK.Process(target=child)
    process.start()
    return process


def ended(process: multiprocessing.Process) -> int | None:
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the child did not end")
    return process.exitcode


def run(site: DemoSite, point: str | None = None) -> int | None:
    """Runs to the end, or to the point; the exit code."""
    return ended(started(lambda: work(site), point))


def count(site: DemoSite) -> Counted:
    """What the destinations, the journal and the DUI hold now."""
    loaded = load_site(site.config)
    taken, sends = {}, {}
    for name in loaded.destinations.keys() - {ARCHIVE}:
        store = DummyStore(site.config.parent / "data" / f"{name}.sqlite")
        taken[name], sends[name] = store.taken(), store.counts().sends
    with open_journal(loaded) as journal:
        states = {name: _states(journal, name) for name in loaded.destinations}
        assert not journal.runs(state=RunState.RUNNING)
    shown = invoke("status", "--config", str(site.config), "--json")
    return Counted(site.documents(), taken, sends, states, shown.json, _told(site.out / "retour"))


@dataclass(frozen=True)
class Prepared:
    """A site to be copied, and what it comes to when nothing is killed."""

    site: DemoSite
    whole: Counted


def prepared(site: DemoSite, folder: Path) -> Prepared:
    whole = copied(site, folder / "whole")
    for _ in range(2):
        assert run(whole) == 0
    return Prepared(site, count(whole))


def _states(journal: Journal, destination: str) -> dict[str, DeliveryState]:
    cases = journal.deliveries.cases(destination, tuple(DeliveryState), limit=10_000)
    return {case.delivery.unique_id: case.delivery.state for case in cases}


def _told(folder: Path) -> set[tuple[str, ...]]:
    rows = set()
    for file in folder.iterdir():
        assert file.suffix == ".CSV", file.name
        for row in csv.DictReader(file.read_bytes().decode("cp1252").splitlines(), delimiter=";"):
            row.pop("DATE")
            rows.add(tuple(row.values()))
    return rows


def _until_due(site: DemoSite) -> float:
    """Seconds until the last of what waits for its time may leave."""
    with open_journal(load_site(site.config)) as journal:
        waiting = [case.delivery.not_before for case in journal.deliveries.cases(states=(DeliveryState.READY,))]
        waiting += [brake.retry_at for brake in journal.brakes.all()]
    now = datetime.now(UTC)
    return max((one - now).total_seconds() for one in (now, *waiting) if one is not None) + 0.01


def settled(site: DemoSite) -> Counted:
    """After as many runs as it takes: a try that failed just before the crash may not be due again at the next run."""
    for _ in range(3):
        counted = count(site)
        if not any(DeliveryState.READY in states.values() for states in counted.states.values()):
            break
        time.sleep(_until_due(site))
        assert run(site) == 0
    return counted


def assert_nothing_lost_or_doubled(site: DemoSite, whole: Counted) -> None:
    """After a run that was killed and two that were not.

    Args:
        whole: what the same site came to when nothing was killed.
    """
    before = settled(site)
    assert run(site) == 0
    after = count(site)
    assert after.sends == before.sends, "a run of an unchanged export sent something"
    assert after.states == before.states

    assert after.documents == whole.documents
    assert not list(site.out.rglob("*.part"))
    for name in (ARCHIVE, ASKED):
        assert after.states[name] == whole.states[name]
    assert after.taken[ASKED] == whole.taken[ASKED] == dict.fromkeys(whole.taken[ASKED], 1)
    _assert_mail(after, whole)
    _assert_adds_up(after.status, whole.status)
    arrived = {row for row in whole.told if "remis" in row}
    assert arrived, "the DUI hears of what arrived"
    assert after.told >= {row for row in arrived if row[-1]} - _doubtful_rows(after, arrived)


def _assert_mail(after: Counted, whole: Counted) -> None:
    """It cannot be asked: what was on its way when the process died is for a person; nothing is sent again."""
    states, taken = after.states[MAIL], after.taken[MAIL]
    assert states.keys() == whole.states[MAIL].keys()
    assert all(number == 1 for number in taken.values())
    delivered = {name for name, state in states.items() if state is DeliveryState.DELIVERED}
    doubtful = {name for name, state in states.items() if state is DeliveryState.DOUBTFUL}
    expected = {name for name, state in whole.states[MAIL].items() if state is DeliveryState.DELIVERED}
    assert delivered <= taken.keys()
    assert delivered | doubtful == expected
    assert len(doubtful) <= 1
    assert taken.keys() - delivered <= doubtful


def _doubtful_rows(after: Counted, rows: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    doubtful = {name for name, state in after.states[MAIL].items() if state is DeliveryState.DOUBTFUL}
    return {row for row in rows if row[-1] in doubtful}


def _assert_adds_up(status: dict[str, Any], whole: dict[str, Any]) -> None:
    assert sum(status["states"].values()) == status["read"] == whole["read"]
    for item in status["items"]:
        assert item["cause"]
        assert item["action"]
        assert item["who"]
