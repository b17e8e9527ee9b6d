"""Whatever the DMP answers or leaves unanswered, a delivery ends in the right state, in words, and never twice there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.journal.records import KnownDelivery
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.delivery.deliver import deliver
from dui_bridge.pipeline.delivery.plan import EVERYTHING
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.reports.causes import explain_cause, is_code
from dui_bridge.pipeline.reports.trace import trace_delivery
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.pipeline.sending import policy_of
from dui_bridge.sandbox.dmp import FAULTS, Cut, DmpServer, Dossier, State, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import Pki
from dui_bridge.site.settings import Site, load_site

DEPOSIT, EXISTS = Transaction.DEPOSIT, Transaction.EXISTS
QUERY = Transaction.QUERY
DELIVERED, READY, REFUSED, DOUBTFUL, BLOCKED = (
    DeliveryState.DELIVERED,
    DeliveryState.READY,
    DeliveryState.REFUSED,
    DeliveryState.DOUBTFUL,
    DeliveryState.BLOCKED,
)
SAID = "Ce que dit le DMP"
"""The words of the service in every answer that is asked for here."""


@pytest.fixture(scope="module", autouse=True)
def keys_opened_once() -> Iterator[None]:
    """To derive the key that opens a PKCS#12 file takes longer than all else that is done here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pkcs12, "load_pkcs12", cache(pkcs12.load_pkcs12))
        yield


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


@dataclass(frozen=True)
class Row:
    """An answer of the DMP (dmp.md §12), and what it makes of a delivery.

    Args:
        error, fault, status: of the stand-in, see `Trouble`.
        state, cause: of the delivery after the first try.
        asked: whether the DMP was asked if it has the document (TD3.1b).
        shut: the whole destination is left alone.
        on: the call that is answered so.
    """

    error: str = ""
    fault: str = ""
    status: int | None = None
    state: DeliveryState = REFUSED
    cause: str = ""
    asked: bool = False
    shut: bool = False
    on: Transaction = DEPOSIT

    @property
    def trouble(self) -> Trouble:
        return Trouble(self.on, error=self.error, context=SAID, fault=self.fault, status=self.status, body=b"<html>")

    def __str__(self) -> str:
        return f"{self.error or self.fault or self.status}"


TABLE = [
    Row("XDSUnknownPatientId", cause="DMP-010"),
    Row("XDSPatientIdDoesNotMatch", cause="DMP-017"),
    Row("XDSNonIdenticalHash", cause="DMP-018"),
    Row("XDSDocumentUniqueIdError", cause="DMP-019"),
    Row("XDSMissingDocument", cause="DMP-019"),
    Row("XDSMissingDocumentMetadata", cause="DMP-019"),
    Row("XDSRegistryMetadataError", cause="DMP-020"),
    Row("XDSRepositoryMetadataError", cause="DMP-020"),
    Row("XDSRegistryError", cause="DMP-051"),
    Row("XDSRepositoryError", cause="DMP-051"),
    Row("XDSTooManyResults", cause="DMP-052"),
    Row("XDSStoredQueryMissingParam", cause="DMP-053"),
    Row("XDSStoredQueryParamNumber", cause="DMP-053"),
    Row("XDSUnknownStoredQuery", cause="DMP-053"),
    Row("DMPErreurDeDemain", cause="DMP-051"),
    Row(fault="rights", cause="DMP-050"),
    Row(fault="unknown", cause="DMP-051"),
    Row("XDSRegistryBusy", state=READY, cause="DMP-002"),
    Row("XDSRepositoryBusy", state=READY, cause="DMP-002"),
    Row(status=503, state=READY, cause="DMP-002"),
    Row("XDSRegistryDeprecatedDocumentError", state=READY, cause="DMP-003"),
    Row(status=502, state=READY, cause="DLV-009", asked=True),
    Row(fault="receiver", state=READY, cause="DLV-009", asked=True),
    Row("XDSRegistryNotAvailable", state=READY, cause="DLV-009", asked=True),
    Row("XDSDuplicateUniqueIdInRegistry", state=READY, cause="DLV-009", asked=True),
    Row(fault="certificate", state=READY, cause="DMP-033", shut=True),
    Row(status=404, state=READY, cause="DMP-037", shut=True),
    Row(fault="structure", state=BLOCKED, cause="DMP-034"),
    Row(fault="legal_person", state=BLOCKED, cause="DMP-034"),
    Row(fault="not_linked", state=BLOCKED, cause="DMP-035"),
    Row(fault="structure", state=BLOCKED, cause="DMP-034", on=EXISTS),
    Row("AE", state=READY, cause="DMP-001", on=EXISTS),
]


@pytest.fixture(scope="module")
def one_world(ready: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(ready, tmp_path_factory.mktemp("table")) as at:
        yield at


@pytest.fixture
def fresh(one_world: World) -> World:
    """The same, as if its delivery had never been tried; the DMP has nothing of it."""
    (case,) = one_world.journal.deliveries.cases("dmp", tuple(DeliveryState))
    number, now = case.delivery.id, one_world.now
    if case.delivery.state in (READY, BLOCKED):
        cancelled = (number, DeliveryEvent.CANCEL, "", "")
        one_world.journal.deliveries.change([cancelled], now)
    one_world.journal.selections.replay([number], one_world.journal.tasks.add("replay", {}, "test", now), now)
    one_world.journal.brakes.resume("dmp", "test", now)
    one_world.journal.brakes.succeeded("dmp", now)
    one_world.server.service.calls.clear()
    return one_world


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_every_answer_ends_in_the_right_state_with_the_right_words(fresh: World, row: Row) -> None:
    fresh.server.troubles.add(row.trouble)

    found = fresh.send()

    assert (found.state, found.cause, fresh.kept()) == (row.state, row.cause, 0)
    assert (fresh.journal.brakes.get("dmp").gate(fresh.now) == "shut") is row.shut
    assert any(call.transaction is QUERY for call in fresh.server.calls) is row.asked
    told = explain_cause(found.cause, None, "fr", state=found.state, who=found.who)
    assert told.message
    assert told.action
    assert "…" not in told.message
    last = trace_delivery(fresh.site, fresh.journal, found.id, "fr")["versions"][0]["deliveries"][0]["attempts"][-1]
    service = SAID if row.error not in ("", "AE") else FAULTS[row.fault][1] if row.fault else ""
    assert service in f"{last['cause']} {last['answer']}"
    assert is_code(last["code"]) == (last["cause"] is not None)


def test_a_refusal_is_for_good(fresh: World) -> None:
    fresh.server.troubles.add(Trouble(DEPOSIT, error="XDSRegistryMetadataError"))
    fresh.send()

    assert fresh.send(hours=48).state is REFUSED


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


@pytest.mark.parametrize("fault", ["certificate", "not_linked"])
def test_what_a_person_must_configure_leaves_by_itself_once_it_is(ready: DemoSite, tmp_path: Path, fault: str) -> None:
    with world(ready, tmp_path, Trouble(DEPOSIT, fault=fault, times=2)) as at:
        at.send()

        assert at.send(hours=24).state in (READY, BLOCKED)
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
