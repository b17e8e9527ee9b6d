"""Whatever the DMP answers or leaves unanswered, a delivery ends in the right state, in words, and never twice there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.journal.records import KnownDelivery
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery.deliver import deliver
from dui_bridge.pipeline.delivery.plan import EVERYTHING
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.pipeline.sending import policy_of
from dui_bridge.sandbox.dmp import Cut, DmpServer, Dossier, State, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import Pki
from dui_bridge.site.settings import Site, load_site

DEPOSIT, EXISTS = Transaction.DEPOSIT, Transaction.EXISTS
DELIVERED, READY, REFUSED, DOUBTFUL = (
    DeliveryState.DELIVERED,
    DeliveryState.READY,
    DeliveryState.REFUSED,
    DeliveryState.DOUBTFUL,
)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """A site whose one document has been built, and may go to the DMP; nothing was sent yet."""
    made = small_site(tmp_path_factory.mktemp("dmp") / "out", dmp=True)
    lines = made.config.read_text(encoding="utf-8").replace("  documents: {kind: file, path: ../documents}\n", "")
    made.config.write_text(lines, encoding="utf-8")
    site = load_site(made.config)
    run_site(site, RunOptions(send=False), Steps())
    words = ("--establishment", "010000024", "--channel", "dmp", "--date", "2026-11-20", "--evidence", "courrier")
    assert invoke("consents", "declare", *words, "--config", str(made.config)).code == 0
    return made


@dataclass
class World:
    site: Site
    server: DmpServer
    journal: Journal
    now: datetime

    def send(self, *, hours: float = 0) -> KnownDelivery:
        """Sends what is due, so many hours later; the one delivery."""
        self.now += timedelta(hours=hours)
        tools = Tools(clock=lambda: self.now, random=lambda: 0.5, patience=0.0, sleep=lambda _: None, at_once=True)
        deliver(self.site, self.journal, policy_of(self.site), tools, states=EVERYTHING)
        (case,) = self.journal.deliveries.cases("dmp", tuple(DeliveryState))
        return case.delivery

    def kept(self) -> int:
        """How many versions of documents the DMP has, by its own count."""
        return len(list(self.server.store.folder.glob("*.metadata.xml")))


@contextmanager
def world(ready: DemoSite, folder: Path, *troubles: Trouble, state: State = State.OPEN) -> Iterator[World]:
    shutil.copytree(ready.out, folder / "out")
    site = load_site(folder / "out" / "site" / "bridge.yaml")
    pki = Pki(site.file.parent / "secrets" / "pki")
    with DmpServer(pki, folder / "dmp", default=Dossier(state), troubles=troubles) as server:
        address = site.data / "sandbox" / "dmp.url"
        address.parent.mkdir(parents=True, exist_ok=True)
        address.write_text(server.url, encoding="ascii")
        with open_journal(site) as journal:
            yield World(site, server, journal, datetime.now(UTC))


REFUSALS = [
    ("XDSUnknownPatientId", "DMP-010"),
    ("XDSNonIdenticalHash", "DMP-018"),
    ("XDSRepositoryMetadataError", "DMP-020"),
    ("DMPErreurDeDemain", "DMP-051"),
]


@pytest.mark.parametrize(("code", "cause"), REFUSALS)
def test_a_refusal_is_for_good_and_says_who_acts(ready: DemoSite, tmp_path: Path, code: str, cause: str) -> None:
    with world(ready, tmp_path, Trouble(DEPOSIT, error=code)) as at:
        first, second = at.send(), at.send(hours=48)

        assert (first.state, first.cause, at.kept()) == (REFUSED, cause, 0)
        assert second.state is REFUSED
        told = explain_cause(first.cause, None, "fr")
        assert told.message
        assert told.action
        assert first.who


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(DEPOSIT, error="XDSRepositoryBusy"),
        Trouble(DEPOSIT, status=503, body=b"<html>maintenance</html>"),
        Trouble(DEPOSIT, cut=Cut.UNDONE),
        Trouble(DEPOSIT, cut=Cut.DONE),
        Trouble(DEPOSIT, cut=Cut.ANSWER),
        Trouble(DEPOSIT, wrong=Wrong.RELATES_TO),
        Trouble(DEPOSIT, fault="receiver"),
        Trouble(DEPOSIT, error="XDSRegistryNotAvailable"),
        Trouble(EXISTS, cut=Cut.ANSWER),
    ],
    ids=lambda one: f"{one.error}{one.fault}{one.status or one.cut or one.wrong or ''}",
)
def test_what_fails_for_now_arrives_once_all_the_same(ready: DemoSite, tmp_path: Path, trouble: Trouble) -> None:
    with world(ready, tmp_path, trouble) as at:
        found = at.send()
        for _ in range(4):
            found = found if found.state is DELIVERED else at.send(hours=12)

        assert (found.state, at.kept()) == (DELIVERED, 1)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [("certificate", "DMP-033"), ("not_linked", "DMP-035")],
)
def test_what_a_person_must_configure_leaves_the_destination_alone(
    ready: DemoSite, tmp_path: Path, fault: str, cause: str
) -> None:
    with world(ready, tmp_path, Trouble(DEPOSIT, fault=fault, times=2)) as at:
        first = at.send()
        assert (first.state, first.cause, at.kept()) == (READY, cause, 0)

        at.send(hours=24)
        assert at.send(hours=24).state is DELIVERED
        assert at.kept() == 1


@pytest.mark.parametrize(("state", "cause"), [(State.CLOSED, "DMP-012"), (State.NONE, "DMP-011")])
def test_a_dmp_that_cannot_be_fed_is_not_fed(ready: DemoSite, tmp_path: Path, state: State, cause: str) -> None:
    with world(ready, tmp_path, state=state) as at:
        found = at.send()

        assert (found.state, found.cause, at.kept()) == (REFUSED, cause, 0)
        assert not [call for call in at.server.calls if call.transaction is DEPOSIT]


def test_a_stand_in_that_does_not_run_is_said_and_costs_nothing(ready: DemoSite, tmp_path: Path) -> None:
    with world(ready, tmp_path) as at:
        (at.site.data / "sandbox" / "dmp.url").unlink()
        first = at.send()
        assert (first.state, first.cause) == (READY, "CFG-121")

        (at.site.data / "sandbox" / "dmp.url").write_text(at.server.url, encoding="ascii")
        assert at.send(hours=1).state is DELIVERED


def test_when_the_dmp_refuses_to_say_a_person_finds_out(ready: DemoSite, tmp_path: Path) -> None:
    lost = Trouble(DEPOSIT, cut=Cut.UNDONE)
    with world(ready, tmp_path, lost, Trouble(Transaction.QUERY, fault="rights", times=9)) as at:
        found = at.send()

        assert (found.state, at.kept()) == (DOUBTFUL, 0)
