"""Thousands of deliveries to a destination that fails as it is told: exactly the counts that were drawn."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from delivery_world import AT, KEY, MEMORY, Clock, Gatekeeper, built

from dui_bridge.journal.records import DossierEntry, Fingerprints, NewVersion, PlannedDelivery, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel, DocumentIds
from dui_bridge.model.states import DeliveryState, RunEvent
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.plan import Planned, plan
from dui_bridge.pipeline.delivery.rules import GAVE_UP, LOST
from dui_bridge.pipeline.delivery.worker import Tools, Worked, Worker
from dui_bridge.sandbox.dummy import Counts, DummyDestination, DummyStore, expected
from dui_bridge.site.declaration import DummySettings
from dui_bridge.site.settings import Site

USAGERS = 200
HOUR = 3600.0


class PassingClock(Clock):
    """Nobody waits for it, and it passes: what failed comes due again while others are sent, as it does."""

    def __call__(self) -> datetime:
        self.sleep(0.01)
        return super().__call__()


class Dummy:
    """The kind, with a clock that nobody waits for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open_destination(self, settings: DummySettings, source: str, means: object) -> DummyDestination:
        return DummyDestination(settings, source, self._clock, self._clock.sleep)

    def channel_of(self, settings: DummySettings) -> Channel:
        return settings.plays


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY or tmp_path) as name:
        yield Path(name)


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with Journal.open(folder / "data", KEY) as journal:
        journal.start_run("r1", "atlas", "export", {"bridge": "0.1"}, AT)
        yield journal


def fill(journal: Journal, many: int, *destinations: str) -> list[str]:
    """So many documents for each destination, all planned; their ids."""
    names = [f"2.25.{number}" for number in range(1, many + 1)]
    for number, name in enumerate(names):
        usager = f"U{number % USAGERS}"
        journal.record_versions(
            "r1",
            [
                NewVersion(
                    SeriesKey("site", "atlas", TypeDocument.PROJET_PERSONNALISE, f"P{number}", usager),
                    built(DocumentIds(name, f"2.25.9{number}", 1)),
                    fingerprints=Fingerprints({"plans": name}, name),
                    dossier=DossierEntry("atlas", usager, usager, "010000024", {}, {}),
                    facts={},
                    deliveries=[PlannedDelivery(to, False) for to in destinations],
                )
            ],
            at=AT,
        )
    return names


def work(journal: Journal, clock: Clock, name: str, settings: DummySettings) -> Worked:
    tools = Tools(clock=clock, random=lambda: 0.5, patience=HOUR, sleep=clock.sleep)
    destination = OpenDestination(name, "dummy", settings.plays, settings, Dummy(clock), cast(Site, None))
    return Worker(journal, Gatekeeper(), destination, tools).work()


def ends(journal: Journal, destination: str) -> Counter[tuple[DeliveryState, str]]:
    cases = journal.deliveries.cases(destination, tuple(DeliveryState), limit=100_000)
    return Counter((case.delivery.state, case.delivery.cause) for case in cases)


def released(journal: Journal) -> Planned:
    journal.end_run("r1", RunEvent.END, {}, AT)
    return plan(journal, Gatekeeper(), AT)


@pytest.mark.parametrize("many", [2_000, pytest.param(10_000, marks=pytest.mark.real)])  # it takes half a minute
def test_thousands_of_deliveries_end_exactly_as_they_were_drawn(journal: Journal, folder: Path, many: int) -> None:
    settings = DummySettings.model_validate(
        {"path": folder / "mail.sqlite", "transient": "20%", "permanent": "5%", "cut_after": "2%", "asked": False}
    )
    names = fill(journal, many, "mail")
    assert released(journal).ready == many
    drawn = expected(settings, names, settings.retries)
    assert min(drawn.delivered, drawn.refused, drawn.doubtful) > many // 100

    worked = work(journal, PassingClock(), "mail", settings)

    assert (worked.delivered, worked.refused, worked.doubtful) == (
        drawn.delivered,
        drawn.refused + drawn.gave_up,
        drawn.doubtful,
    )
    assert worked.transient == drawn.sends - many
    states = ends(journal, "mail")
    assert states[DeliveryState.DELIVERED, ""] == drawn.delivered
    assert states[DeliveryState.DOUBTFUL, LOST.id] == drawn.doubtful
    assert states[DeliveryState.REFUSED, GAVE_UP.id] == drawn.gave_up
    assert sum(states.values()) == many
    assert DummyStore(settings.path).counts() == Counts(drawn.taken, 0, drawn.sends)
