"""Whatever the operator answers or leaves unanswered, a delivery ends in the right state, in words, and nothing leaves
twice unless a person decides so."""

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
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.reviews import Choice, decide
from dui_bridge.pipeline.delivery.deliver import deliver
from dui_bridge.pipeline.delivery.plan import EVERYTHING
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.pipeline.sending import policy_of
from dui_bridge.sandbox.mssante import Mailbox, MssanteServer, Step, Trouble
from dui_bridge.sandbox.pki import Pki
from dui_bridge.site.settings import Site, load_site

OWN = "ime.tilleuls@exemple.mssante.fr"
THERAPIST, EDUCATOR = "c.pelissier@exemple.mssante.fr", "n.berthelot@exemple.mssante.fr"
DELIVERED, READY, REFUSED, DOUBTFUL = (
    DeliveryState.DELIVERED,
    DeliveryState.READY,
    DeliveryState.REFUSED,
    DeliveryState.DOUBTFUL,
)
LATER = "451 4.3.0 plus tard"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """A site whose one document has been built, and may go to two professionals of the team; nothing was sent yet."""
    made = small_site(tmp_path_factory.mktemp("mssante") / "out", mails=True)
    text = made.config.read_text(encoding="utf-8").replace("  documents: {kind: file, path: ../documents}\n", "")
    made.config.write_text(text[: text.index("  mssante-usager:")], encoding="utf-8")
    made.edit(
        "INTERVENANTS.CSV",
        lambda rows: rows.replace(
            "O01;Pélissier;Cécile;ORTHO;10999000135;;", f"O01;Pélissier;Cécile;ORTHO;10999000135;;{THERAPIST}"
        ).replace("E01;Berthelot;Nadège;EDUC;;;", f"E01;Berthelot;Nadège;EDUC;;;{EDUCATOR}"),
    )
    made.edit("EQUIPE.CSV", lambda rows: rows + "1;E01;référent;01/09/2017;\r\n")
    run_site(load_site(made.config), RunOptions(send=False), Steps())
    words = (
        "--establishment",
        "010000024",
        "--channel",
        "mssante_pro",
        "--date",
        "2026-11-20",
        "--evidence",
        "courrier",
    )
    declared = invoke("consents", "declare", *words, "--config", str(made.config))
    assert declared.code == 0, declared.stderr
    return made


@dataclass
class World:
    site: Site
    server: MssanteServer
    journal: Journal
    now: datetime

    def send(self, *, hours: float = 0) -> KnownDelivery:
        """Sends what is due, so many hours later; the first delivery."""
        self.now += timedelta(hours=hours)
        tools = Tools(clock=lambda: self.now, random=lambda: 0.5, patience=0.0, sleep=lambda _: None, at_once=True)
        deliver(self.site, self.journal, policy_of(self.site), tools, states=EVERYTHING)
        return self.delivery

    def send_often(self) -> KnownDelivery:
        """As a bridge that goes on for days."""
        for _ in range(2):
            self.send(hours=13)
        return self.delivery

    @property
    def delivery(self) -> KnownDelivery:
        return self.deliveries[0]

    @property
    def deliveries(self) -> list[KnownDelivery]:
        """The one that was planned, and those of recipients who did not get its mail."""
        return [case.delivery for case in self.journal.deliveries.cases("mssante", tuple(DeliveryState))]

    def decide(self, choice: Choice) -> None:
        decide(Desk(self.site, self.journal, Actor("test", "test"), self.now), self.delivery.id, choice, "vérifié")

    @property
    def mails(self) -> list[bytes]:
        return [one.content for one in self.server.taken]

    @property
    def written_to(self) -> list[list[str]]:
        """The recipients of each mail."""
        return [[one.address for one in taken.recipients] for taken in self.server.taken]


@contextmanager
def world(ready: DemoSite, folder: Path, *troubles: Trouble) -> Iterator[World]:
    shutil.copytree(ready.out, folder / "out")
    site = load_site(folder / "out" / "site" / "bridge.yaml")
    with operator(site, folder / "mss", *troubles) as server, open_journal(site) as journal:
        yield World(site, server, journal, datetime.now(UTC))


@contextmanager
def operator(site: Site, folder: Path, *troubles: Trouble) -> Iterator[MssanteServer]:
    """The stand-in, where the site looks for it."""
    pki = Pki(site.file.parent / "secrets" / "pki")
    with MssanteServer(pki, folder, mailboxes=(Mailbox(OWN),), troubles=troubles) as server:
        tell_where(site, server)
        yield server


def tell_where(site: Site, server: MssanteServer) -> None:
    (site.data / "sandbox").mkdir(parents=True, exist_ok=True)
    for name, address in server.addresses.items():
        (site.data / "sandbox" / f"{name}.url").write_text(address, encoding="ascii")


def assert_told_in_words(found: KnownDelivery) -> None:
    for language in ("fr", "en"):
        told = explain_cause(found.cause, None, language)
        assert told.message
        assert told.action
    assert found.who


UNKNOWN = "550 5.1.1 inconnu"
REFUSALS = [
    ([Trouble(Step.RCPT, answer=UNKNOWN, address=one) for one in (THERAPIST, EDUCATOR)], "MSS-020"),
    ([Trouble(Step.MAIL, answer="552 5.3.4 trop gros")], "MSS-023"),
    ([Trouble(Step.END, answer="554 5.7.1 non")], "MSS-050"),
]


@pytest.mark.parametrize(("troubles", "cause"), REFUSALS)
def test_a_refusal_is_for_good_and_nobody_got_it(
    ready: DemoSite, tmp_path: Path, troubles: list[Trouble], cause: str
) -> None:
    with world(ready, tmp_path, *troubles) as at:
        found = at.send()

        assert (found.state, found.cause) == (REFUSED, cause)
        assert_told_in_words(found)
        assert at.send_often().state is REFUSED
        assert at.mails == []


def test_one_of_several_who_is_refused_is_told_and_keeps_nobody_else_waiting(ready: DemoSite, tmp_path: Path) -> None:
    refusal = Trouble(Step.RCPT, answer=f"550 5.1.1 <{EDUCATOR}> inconnu", address=EDUCATOR)
    with world(ready, tmp_path, refusal) as at:
        assert at.send().state is DELIVERED
        _, refused = at.deliveries
        assert (refused.state, refused.cause) == (DeliveryState.RETURNED, "MSS-020")
        assert at.written_to == [[THERAPIST]]
        config = ("--config", str(at.site.file))
        status, trace = (invoke(*words, *config) for words in (("status",), ("trace", f"delivery-{refused.id}")))

    assert "boîte du destinataire" in status.stdout
    assert EDUCATOR not in status.stdout + status.stderr
    assert "550 5.1.1" in trace.stdout


def test_one_of_several_who_is_not_taken_now_gets_it_later_and_nobody_twice(ready: DemoSite, tmp_path: Path) -> None:
    with world(ready, tmp_path, Trouble(Step.RCPT, answer=LATER, address=EDUCATOR)) as at:
        at.send()
        at.send_often()

        assert [one.state for one in at.deliveries] == [DELIVERED, DELIVERED]
        assert at.written_to == [[THERAPIST], [EDUCATOR]]


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Trouble(Step.GREETING, cut=True), "MSS-001"),
        (Trouble(Step.HANDSHAKE, cut=True), "MSS-001"),
        (Trouble(Step.AUTH, answer="454 4.7.0 plus tard"), "MSS-002"),
        (Trouble(Step.MAIL, answer=LATER), "MSS-002"),
        (Trouble(Step.RCPT, cut=True), "MSS-001"),
        (Trouble(Step.END, answer="452 4.3.1 plus tard"), "MSS-002"),
    ],
    ids=lambda one: f"{one.step}-{one.answer or 'cut'}" if isinstance(one, Trouble) else one,
)
def test_what_was_not_taken_is_tried_again_and_arrives_once(
    ready: DemoSite, tmp_path: Path, trouble: Trouble, cause: str
) -> None:
    with world(ready, tmp_path, trouble) as at:
        found = at.send()
        assert (found.state, found.cause, at.mails) == (READY, cause, [])
        assert_told_in_words(found)

        assert at.send_often().state is DELIVERED
        assert len(at.mails) == 1


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Trouble(Step.AUTH, answer="535 5.7.8 non"), "MSS-033"),
        (Trouble(Step.MAIL, answer="553 5.7.1 pas la boite"), "MSS-034"),
    ],
)
def test_what_it_must_configure_keeps_back_its_establishment(
    ready: DemoSite, tmp_path: Path, trouble: Trouble, cause: str
) -> None:
    with world(ready, tmp_path, trouble) as at:
        found = at.send()
        assert (found.state, found.cause, at.mails) == (DeliveryState.BLOCKED, cause, [])
        assert at.journal.brakes.get("mssante").gate(at.now) == "open"

        assert at.send(hours=1).state is DELIVERED


@pytest.mark.parametrize("kept", [False, True])
def test_after_the_data_without_an_answer_only_a_person_sends_it_again_as_it_was(
    ready: DemoSite, tmp_path: Path, kept: bool
) -> None:
    with world(ready, tmp_path, Trouble(Step.END, cut=True, kept=kept)) as at:
        found = at.send()
        assert (found.state, found.cause) == (DOUBTFUL, "DLV-005")
        assert_told_in_words(found)
        assert at.send_often().state is DOUBTFUL
        before = at.mails
        assert len(before) == int(kept)

        at.decide(Choice.READY)
        assert at.send(hours=1).state is DELIVERED
        assert len(at.mails) == len(before) + 1
        assert len(set(at.mails)) == 1
        assert f"Message-ID: <{at.delivery.reference}>".encode() in at.mails[-1]


def test_a_person_who_knows_that_it_arrived_ends_it(ready: DemoSite, tmp_path: Path) -> None:
    with world(ready, tmp_path, Trouble(Step.END, cut=True, kept=True)) as at:
        at.send()
        at.decide(Choice.DELIVERED)

        assert at.send_often().state is DELIVERED
        assert len(at.mails) == 1


def test_a_server_killed_in_the_data_loses_nothing_and_sends_nothing_twice(ready: DemoSite, tmp_path: Path) -> None:
    """How much of the mail the machine had passed on decides whether it is known not to be taken."""
    with world(ready, tmp_path, Trouble(Step.DATA, cut=True)) as at:
        found = at.send()
        assert (found.state, found.cause) in {(READY, "MSS-001"), (DOUBTFUL, "DLV-005")}
        assert at.mails == []
        if found.state is DOUBTFUL:
            at.decide(Choice.READY)

        assert at.send_often().state is DELIVERED
        assert len(at.mails) == 1


def test_an_operator_that_is_not_there_costs_nothing(ready: DemoSite, tmp_path: Path) -> None:
    with world(ready, tmp_path) as at:
        (at.site.data / "sandbox" / "mssante.url").write_text("smtp://localhost:1", encoding="ascii")
        first = at.send()
        assert (first.state, first.cause) == (READY, "MSS-001")

        tell_where(at.site, at.server)
        assert at.send_often().state is DELIVERED
        assert {one.address for one in at.server.taken[0].recipients} == {THERAPIST, EDUCATOR}


def test_a_bridge_killed_while_it_sends_asks_a_person(ready: DemoSite, tmp_path: Path) -> None:
    with world(ready, tmp_path) as at:
        number = at.delivery.id
        at.journal.deliveries.change([(number, DeliveryEvent.ALLOW, "", "")], at.now)
        assert at.journal.deliveries.start(number, "killed", at.now)

        found = at.send_often()
        assert (found.state, found.cause, at.mails) == (DOUBTFUL, "DLV-008", [])
        assert_told_in_words(found)


def test_after_a_restore_of_yesterdays_backup_no_mail_leaves_again(ready: DemoSite, tmp_path: Path) -> None:
    shutil.copytree(ready.out, tmp_path / "out")
    site = load_site(tmp_path / "out" / "site" / "bridge.yaml")
    config = ("--config", str(site.file))
    with operator(site, tmp_path / "mss") as server:
        assert invoke("backup", *config, "--out", str(tmp_path / "backup")).code == 0
        assert invoke("deliver", *config).code == 0
        assert len(server.taken) == 1
        shutil.rmtree(site.data)
        assert invoke("restore", *config, str(tmp_path / "backup")).code == 0
        tell_where(site, server)

        assert invoke("deliver", *config).code == 0
        reconciled = invoke("reconcile", *config, "--json")
        resumed = invoke("resume", "mssante", *config)
        sent = invoke("deliver", *config)

        assert reconciled.code == 1
        assert reconciled.json["destinations"]["mssante"]["unknown"] == 1
        assert (resumed.code, sent.code) == (0, 0), resumed.stderr + sent.stderr
        assert len(server.taken) == 1
        assert "DLV-" in invoke("review", "list", *config, "--json").stdout
