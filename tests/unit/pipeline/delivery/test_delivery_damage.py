"""One document that cannot be opened or made ready stops no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from delivery_world import AT, World
from sqlalchemy import update

from dui_bridge.errors import DuiBridgeError, FileUnusable, FixData, ServiceUnreachable
from dui_bridge.findings import Who
from dui_bridge.journal.records import KnownSeries, KnownVersion, SeriesKey
from dui_bridge.journal.schema import document_version, dossier, payload
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import DeliveryState as S
from dui_bridge.model.states import RunEvent
from dui_bridge.pipeline.delivery.plan import Planned, plan
from dui_bridge.pipeline.delivery.retries import longest_delay

DAMAGED = "DLV-016"
UNREACHABLE = ServiceUnreachable(service="there", reason="timeout")
UNUSABLE = FileUnusable(file="/out", reason="full", reason_fr="plein")


class Unfit(FixData):
    code = "TST-003"
    who = Who.DUI


def body(world: World, name: str, value: bytes) -> bytes:
    """Puts other bytes in the place of a document's; those that stood there."""
    known = world.known(name)
    with world.journal.access.writing() as connection:
        version = connection.execute(document_version.select().where(document_version.c.id == known.version_id)).one()
        was = connection.execute(payload.select().where(payload.c.id == version.cda_id)).one().body
        connection.execute(update(payload).where(payload.c.id == version.cda_id).values(body=value))
    return bytes(was)


def standing(world: World, name: str) -> KnownVersion:
    known = world.journal.series_for(SeriesKey("site", "atlas", TypeDocument.PROJET_PERSONNALISE, name, f"U-{name}"))
    assert isinstance(known, KnownSeries)
    assert known.standing is not None
    return known.standing


def damage_body(world: World, name: str) -> None:
    body(world, name, b"\x01" + bytes(60))


def damage_facts(world: World, name: str) -> None:
    with world.journal.access.writing() as connection:
        connection.execute(
            update(document_version)
            .where(document_version.c.id == world.known(name).version_id)
            .values(facts=b"\x01" + bytes(60))
        )


def damage_key(world: World, name: str) -> None:
    with world.journal.access.writing() as connection:
        connection.execute(
            update(dossier).where(dossier.c.id == world.known(name).dossier_id).values(wrapped_key=b"\x01" + bytes(60))
        )


def lose_file(world: World, name: str) -> None:
    with world.journal.access.writing() as connection:
        version = connection.execute(
            document_version.select().where(document_version.c.id == world.known(name).version_id)
        ).one()
        connection.execute(update(payload).where(payload.c.id == version.cda_id).values(in_file=True, body=None))


@pytest.mark.parametrize("damage", [damage_body, damage_facts, damage_key, lose_file])
def test_what_does_not_open_is_kept_back_and_the_others_leave(
    world: World, damage: Callable[[World, str], None]
) -> None:
    world.ready("1", "2", "3")
    damage(world, "2")

    worked = world.work()

    assert (worked.delivered, worked.blocked) == (2, 1)
    assert world.state("2") == (S.BLOCKED, DAMAGED)
    assert world.known("2").who == Who.IT


def test_what_does_not_open_is_kept_back_until_it_opens(world: World) -> None:
    world.ready("1")
    was = body(world, "1", b"\x01" + bytes(60))
    world.work()
    since = world.known("1").since
    world.journal.end_run("r1", RunEvent.END, {}, world.clock())

    world.clock.now += timedelta(hours=1)
    assert plan(world.journal, world.gate, world.clock()) == Planned(unchanged=1)
    assert world.known("1").since == since

    body(world, "1", was)
    assert plan(world.journal, world.gate, world.clock()) == Planned(ready=1)
    assert world.work().delivered == 1


def test_what_was_being_sent_and_does_not_open_waits_for_a_person(world: World) -> None:
    world.ready("1", "2")
    world.started("1")
    damage_facts(world, "1")

    assert world.work().delivered == 1

    assert world.state("1") == (S.DOUBTFUL, "DLV-011")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (UNREACHABLE, (S.READY, UNREACHABLE.code)),
        (UNUSABLE, (S.READY, UNUSABLE.code)),
        (Unfit(), (S.REFUSED, "TST-003")),
    ],
)
def test_what_cannot_be_made_ready_ends_as_what_cannot_be_sent(
    world: World, error: DuiBridgeError, state: tuple[S, str]
) -> None:
    world.ready("1")
    world.there.unfit["2.25.1"] = error

    world.work()

    assert world.state("1") == state
    assert world.there.calls == []


def test_what_cannot_be_made_ready_does_not_stop_the_others(world: World) -> None:
    world.ready("1", "2")
    world.there.unfit["2.25.1"] = Unfit()

    worked = world.work()

    assert (worked.refused, worked.delivered, worked.error) == (1, 1, None)


def test_what_may_have_left_and_cannot_be_made_ready_waits_for_a_person(world: World) -> None:
    world.ready("1")
    world.started("1")
    world.there.unfit["2.25.1"] = Unfit()

    world.work()

    assert world.state("1")[0] is S.DOUBTFUL


def test_a_mistake_of_ours_while_it_is_made_ready_leaves_it_as_it_was(world: World) -> None:
    world.ready("1")
    world.there.unfit["2.25.1"] = TypeError()

    with pytest.raises(TypeError):
        world.work()

    assert world.state("1") == (S.READY, "")


def test_a_clock_that_went_back_makes_nothing_wait_longer_than_any_failure_does(world: World) -> None:
    world.ready("1", "2")
    longest = longest_delay("scripted")
    world.clock.now += timedelta(days=400)
    world.there.sends["2.25.1"] = [UNREACHABLE]
    world.work()
    world.clock.now = AT

    assert world.work().waiting_until == AT + longest
    world.clock.now = AT + longest

    assert world.work().delivered == 1
    assert world.state("1")[0] is S.DELIVERED


def test_what_waits_no_longer_than_it_should_keeps_its_time(world: World) -> None:
    world.ready("1")
    world.there.sends["2.25.1"] = [UNREACHABLE]
    world.work()
    until = world.known("1").not_before

    world.work()

    assert until is not None
    assert world.known("1").not_before == until


def test_what_does_not_open_is_made_again_when_a_person_asks(world: World) -> None:
    world.ready("1", "2", "3")
    damage_body(world, "2")
    world.work()

    asked = world.journal.rebuilds.candidates()
    world.journal.rebuilds.ask(asked)

    assert asked == ["2.25.2"]
    assert [standing(world, name).fingerprints.mapped for name in ("1", "2")] == ["1", ""]


def test_what_is_made_again_takes_the_place_of_what_does_not_open(world: World) -> None:
    world.ready("1", series="A")
    damage_body(world, "1")
    world.work()

    world.ready("2", series="A")

    assert world.work().delivered == 1
    assert world.state("1") == (S.CANCELLED, "DLV-006")
