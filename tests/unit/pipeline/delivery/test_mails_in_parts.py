"""A mail with several recipients: those who can be written to get it, and whoever does not is told, and gets it later
alone; nobody gets it twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from delivery_world import AT
from letters_world import CLINIC, DOCTOR, GONE, HOSPITAL, STALE, UNREACHED, S, World, letters
from small_site import small_site

from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.actions.reviews import Choice, decide, questions
from dui_bridge.pipeline.policy.recipient_facts import Recipient
from dui_bridge.pipeline.reports.explain import Explainer
from dui_bridge.pipeline.reports.status import gather
from dui_bridge.pipeline.reports.trace import trace_delivery
from dui_bridge.pipeline.reports.trace_print import as_text
from dui_bridge.site.settings import Site, load_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load_site(small_site(tmp_path_factory.mktemp("parts") / "out", mails=True).config)


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    with letters(site) as made:
        yield made


def test_whoever_is_taken_gets_it_and_the_refused_one_waits_for_a_person(world: World) -> None:
    world.operator.refuses = {DOCTOR.mailbox or "": GONE}
    world.letter(HOSPITAL, DOCTOR)

    assert world.deliver() == [(S.DELIVERED, ""), (S.RETURNED, "MSS-020")]
    assert world.operator.sent == [{HOSPITAL.mailbox}]
    assert (DOCTOR.mailbox or "") in world.journal.receipts.suspects()
    with world.journal.overview.snapshot() as seen:
        [group] = gather(world.site, world.journal, seen, world.now, "fr").groups
    assert (group.waiting.state, group.waiting.who) == ("returned", "dui")
    assert group.cause.message.startswith("la boîte du destinataire n'existe pas")


def test_trace_names_who_got_it_and_who_did_not_with_the_words_of_the_operator(world: World) -> None:
    world.operator.refuses = {DOCTOR.mailbox or "": GONE}
    world.letter(HOSPITAL, DOCTOR)
    world.deliver()

    traced = trace_delivery(world.site, world.journal, world.deliveries()[0].id, "fr")
    first, other = traced["versions"][0]["deliveries"]
    assert (first["written_to"], first["only_for"]) == ([f"hôpital CH du Furan {HOSPITAL.mailbox}"], [])
    assert (other["written_to"], other["only_for"]) == ([], [f"médecin traitant Dr Camille Durand {DOCTOR.mailbox}"])
    assert [(one["result"], one["code"], one["answer"]) for one in other["attempts"]] == [
        ("refused", "550 5.1.1", "550 no")
    ]
    assert f"seulement pour    médecin traitant Dr Camille Durand {DOCTOR.mailbox}" in as_text(
        traced, world.now.tzinfo, "fr"
    )  # type: ignore[arg-type]


def test_a_refused_recipient_is_written_to_alone_at_another_mailbox(world: World) -> None:
    world.operator.refuses = {DOCTOR.mailbox or "": GONE}
    world.letter(HOSPITAL, DOCTOR)
    world.deliver()
    world.now_reads(HOSPITAL, replace(DOCTOR, mailbox="new@medecin.mssante.fr"))

    assert world.replayed() == ["send"]
    assert world.deliver() == [(S.DELIVERED, ""), (S.DELIVERED, "")]
    assert world.operator.sent == [{HOSPITAL.mailbox}, {"new@medecin.mssante.fr"}]


def test_who_is_not_taken_for_now_gets_it_alone_with_the_next_pass(world: World) -> None:
    world.operator.refuses = {CLINIC.mailbox or "": None}
    world.letter(DOCTOR, CLINIC)
    assert world.deliver() == [(S.DELIVERED, ""), (S.PLANNED, "")]
    assert (CLINIC.mailbox or "") not in world.journal.receipts.suspects()

    world.operator.refuses = {}
    assert world.deliver() == [(S.DELIVERED, ""), (S.DELIVERED, "")]
    assert world.operator.sent == [{DOCTOR.mailbox}, {CLINIC.mailbox}]


def test_who_is_left_out_waits_with_the_cause_until_the_mailbox_comes(world: World) -> None:
    world.letter(HOSPITAL, UNREACHED)
    assert world.deliver() == [(S.DELIVERED, ""), (S.BLOCKED, "POL-077")]
    assert world.deliver() == [(S.DELIVERED, ""), (S.BLOCKED, "POL-077")]
    assert [one.operation for one in world.deliveries()] == [Operation.DEPOSIT, Operation.SEND]

    # Somebody who was not there when it left does not get it.
    world.now_reads(HOSPITAL, DOCTOR, CLINIC)
    assert world.deliver() == [(S.DELIVERED, ""), (S.DELIVERED, "")]
    assert world.operator.sent == [{HOSPITAL.mailbox}, {DOCTOR.mailbox}]


def test_explain_tells_of_both(world: World) -> None:
    world.letter(HOSPITAL, UNREACHED)
    world.deliver()
    explained = Explainer(world.site, world.journal, world.now, "fr").delivery(world.deliveries()[0].id)
    told = [[(to["name"], to["code"]) for to in one["recipients"]] for one in explained["rulings"]]
    assert told == [[(HOSPITAL.name, "POL-001"), (DOCTOR.name, "POL-077")], [(DOCTOR.name, "POL-077")]]


def test_a_stale_mailbox_that_is_left_out_is_asked_about_by_review(world: World) -> None:
    world.letter(HOSPITAL, UNREACHED)
    world.deliver()
    world.now_reads(HOSPITAL, STALE)
    world.deliver()
    [asked] = questions(world.desk, None, "fr")
    assert asked.code == "POL-080"
    assert decide(world.desk, world.deliveries()[1].id, Choice.ALLOW, "vérifiée par téléphone")
    world.deliver()
    assert world.operator.sent == [{HOSPITAL.mailbox}, {DOCTOR.mailbox}]


@pytest.mark.parametrize("around", [(HOSPITAL,), (HOSPITAL, replace(UNREACHED, ends=AT.date()))])
def test_it_ends_when_nobody_is_left_to_get_it(world: World, around: tuple[Recipient, ...]) -> None:
    world.letter(HOSPITAL, UNREACHED)
    world.deliver()
    world.now += timedelta(days=2)
    world.now_reads(*around)
    assert world.deliver() == [(S.DELIVERED, ""), (S.CANCELLED, "POL-084")]


def test_who_may_not_have_it_is_not_waited_for(world: World) -> None:
    world.letter(HOSPITAL, replace(UNREACHED, ends=(AT - timedelta(days=2)).date()))
    assert world.deliver() == [(S.DELIVERED, "")]


def test_who_reads_a_mailbox_that_was_written_to_is_not_waited_for(world: World) -> None:
    world.letter(HOSPITAL, DOCTOR, replace(STALE, name="Autre fiche"), replace(CLINIC, mailbox=HOSPITAL.mailbox))
    assert world.deliver() == [(S.DELIVERED, "")]


def test_what_came_back_from_one_is_sent_again_to_that_one_alone(world: World) -> None:
    world.letter(HOSPITAL, DOCTOR)
    assert world.deliver() == [(S.DELIVERED, "")]
    world.came_back(DOCTOR)
    assert [one.state for one in world.deliveries()] == [S.RETURNED]

    world.replayed()
    assert world.deliver() == [(S.DELIVERED, "")]
    assert world.operator.sent == [{HOSPITAL.mailbox, DOCTOR.mailbox}, {DOCTOR.mailbox}]


@pytest.mark.parametrize(("back", "states"), [(DOCTOR, [S.RETURNED, S.DELIVERED]), (CLINIC, [S.DELIVERED, S.RETURNED])])
def test_a_report_is_about_the_delivery_that_was_written_to_its_recipient(
    world: World, back: Recipient, states: list[DeliveryState]
) -> None:
    world.operator.refuses = {CLINIC.mailbox or "": None}
    world.letter(DOCTOR, CLINIC)
    world.deliver()
    world.operator.refuses = {}
    world.deliver()
    world.came_back(back)
    assert [one.state for one in world.deliveries()] == states


@pytest.mark.parametrize(
    ("said", "sent"), [(Choice.DELIVERED, [{DOCTOR.mailbox}]), (Choice.READY, [{HOSPITAL.mailbox, DOCTOR.mailbox}])]
)
def test_who_was_left_out_of_a_doubtful_mail_is_not_forgotten(world: World, said: Choice, sent: list[set[str]]) -> None:
    world.operator.lost = True
    world.letter(HOSPITAL, UNREACHED)
    assert world.deliver() == [(S.DOUBTFUL, "DLV-005"), (S.BLOCKED, "POL-077")]
    world.now_reads(HOSPITAL, DOCTOR)
    world.deliver()
    assert world.operator.sent == []

    world.operator.lost = False
    assert decide(world.desk, world.deliveries()[0].id, said, "demandé au destinataire")
    world.deliver()
    world.deliver()
    assert world.operator.sent == sent
    assert len(world.deliveries()) == 2


def test_a_newer_version_goes_to_everybody_and_ends_what_waited_of_the_earlier_one(world: World) -> None:
    world.letter(HOSPITAL, UNREACHED)
    world.deliver()
    world.now_reads(HOSPITAL, DOCTOR)
    world.letter(HOSPITAL, DOCTOR, version=2)
    assert world.deliver() == [(S.DELIVERED, ""), (S.CANCELLED, "DLV-006"), (S.DELIVERED, "")]
    assert world.operator.sent == [{HOSPITAL.mailbox}, {HOSPITAL.mailbox, DOCTOR.mailbox}]
    assert [one.operation for one in world.deliveries()] == [Operation.DEPOSIT, Operation.SEND, Operation.REPLACE]
