"""A mail that came back: what is sent again is a mail of its own, and a later version ends it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from letters_world import CLINIC, DOCTOR, HOSPITAL, MAIL, S, World, letters
from small_site import small_site

from dui_bridge.pipeline.actions.reviews import Choice, decide
from dui_bridge.pipeline.policy.recipient_facts import Recipient
from dui_bridge.pipeline.reports.status import Status, gather
from dui_bridge.pipeline.reports.status_print import as_text as status_text
from dui_bridge.pipeline.reports.status_print import write_json
from dui_bridge.pipeline.reports.trace import trace_delivery
from dui_bridge.pipeline.reports.trace_print import as_text
from dui_bridge.site.settings import Site, load_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load_site(small_site(tmp_path_factory.mktemp("again") / "out", mails=True).config)


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    with letters(site) as made:
        yield made


def status(world: World) -> Status:
    with world.journal.overview.snapshot() as seen:
        return gather(world.site, world.journal, seen, world.now, "fr")


@pytest.mark.parametrize(
    ("told", "of", "replaces"),
    [
        ("not_integrated", [DOCTOR, HOSPITAL], "2.25.1"),
        ("failed", [DOCTOR], "2.25.1"),
        ("failed", [DOCTOR, HOSPITAL], None),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_newer_version_says_that_it_replaces_what_somebody_has(
    world: World, told: str, of: list[Recipient], replaces: str | None, again: bool
) -> None:
    world.letter(HOSPITAL, DOCTOR)
    world.deliver()
    for one in of:
        world.came_back(one, told)
    if again:
        world.replayed()
    world.letter(HOSPITAL, DOCTOR, version=2)
    assert world.deliver()[-1] == (S.DELIVERED, "")
    assert world.operator.asked is not None
    assert world.operator.asked.replaces == replaces


def test_what_a_person_sends_again_and_what_goes_to_the_others_are_mails_of_their_own(world: World) -> None:
    world.operator.refuses = {CLINIC.mailbox or "": None}
    world.letter(DOCTOR, CLINIC)
    world.deliver()
    world.operator.refuses = {}
    world.deliver()
    world.came_back(DOCTOR)
    first = world.deliveries()[0].reference
    world.replayed()
    world.deliver()
    assert len({one.sending for one in world.operator.left}) == 3
    # What comes late about the first mail is found, and not taken for news of the second.
    assert world.journal.receipts.delivery_of(first, DOCTOR.mailbox or "") is None
    assert world.journal.receipts.replayed_delivery_of(first) == world.deliveries()[0].id


def test_what_is_tried_again_is_the_same_mail_of_the_date_of_its_first_try(world: World) -> None:
    world.letter(DOCTOR)
    world.now += timedelta(days=21)
    world.operator.lost = True
    world.deliver()
    tried = world.now
    assert decide(world.desk, world.deliveries()[0].id, Choice.READY, "demandé au destinataire")
    world.operator.lost = False
    world.deliver()
    assert [(one.at, one.sending) for one in world.operator.left] == [(tried, "")] * 2

    world.came_back(DOCTOR)
    world.replayed()
    world.deliver()
    assert world.operator.left[-1].at == world.now


def test_a_newer_version_names_the_mail_that_it_replaces(world: World) -> None:
    world.letter(DOCTOR)
    world.deliver()
    world.came_back(DOCTOR)
    world.replayed()
    world.deliver()
    sent_again = world.deliveries()[0].reference
    world.letter(DOCTOR, version=2)
    world.deliver()
    assert world.operator.left[-1].replaced == sent_again


@pytest.mark.parametrize("late", [False, True])
def test_what_came_back_is_closed_once_a_later_version_has_left(world: World, late: bool) -> None:
    world.letter(DOCTOR)
    world.deliver()
    if not late:
        world.came_back(DOCTOR)
        assert [one.waiting.state for one in status(world).groups] == ["returned"]
    world.letter(DOCTOR, version=2)
    world.deliver()
    if late:
        world.came_back(DOCTOR, of=0)
        assert world.journal.deliveries.cancel_needless(MAIL, world.now) == 1
    assert [(one.state, one.cause) for one in world.deliveries()] == [(S.CANCELLED, "DLV-006"), (S.DELIVERED, "")]
    assert status(world).groups == ()
    assert world.journal.deliveries.cancel_needless(MAIL, world.now) == 0


def test_trace_says_about_whom_a_report_is(world: World) -> None:
    world.letter(HOSPITAL, DOCTOR)
    world.deliver()
    world.came_back(DOCTOR)
    traced = trace_delivery(world.site, world.journal, world.deliveries()[0].id, "fr")
    [told] = traced["versions"][0]["deliveries"][0]["receipts"]
    assert told["about"] == f"médecin traitant {DOCTOR.name} {DOCTOR.mailbox}"
    assert f"{told['about']}  non remis" in as_text(traced, world.now.tzinfo, "fr")  # type: ignore[arg-type]


def test_status_tells_receipts_and_which_mails_got_none_in_time(world: World) -> None:
    world.letter(DOCTOR)
    world.deliver()
    [sent] = world.deliveries()
    destination = next(one for one in status(world).destinations if one.name == MAIL)
    assert (destination.delivered, destination.confirmed, status(world).alerts) == (1, 0, ())

    world.now += timedelta(hours=73)
    told = status(world)
    assert [(one.kind, one.deliveries) for one in told.alerts] == [("unconfirmed", (sent.id,))]
    shown = status_text(told, world.now.tzinfo, "fr")  # type: ignore[arg-type]
    assert "1 remis, dont 0 avec accusé" in shown
    assert f"delivery-{sent.id}" in shown
    written = io.StringIO()
    with world.journal.overview.snapshot() as seen:
        write_json(written, world.site, told, seen, "fr")
    assert json.loads(written.getvalue())["alerts"][0]["deliveries"] == [f"delivery-{sent.id}"]
