"""A destination that refuses one establishment: its documents wait for a person, those of the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from delivery_world import AT, HELD_BACK, KEY, Gatekeeper, World

from dui_bridge.connectors.dmp.errors import StructureRefused
from dui_bridge.errors import AnswerLost
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState as S
from dui_bridge.model.states import RunEvent
from dui_bridge.pipeline.delivery.plan import Planned, plan
from dui_bridge.pipeline.delivery.refusals import Refusals
from dui_bridge.pipeline.policy.chain import Ruling, Verdict

REFUSED = StructureRefused(answer="Sender", words="Structure introuvable ou Inactive")
HERE, ELSEWHERE = "010000024", "330000019"
BLOCKED = (S.BLOCKED, "DMP-034")


class Asking(Gatekeeper):
    """What policy allows leaves unless its establishment is refused, as `Gate` asks."""

    def __init__(self, journal: Journal, *, at_once: bool = False) -> None:
        super().__init__()
        self.journal, self.refusals = journal, Refusals(at_once=at_once)

    def ruling(self, case: DeliveryCase, now: datetime) -> Ruling:
        self.refusals.known = self.journal.brakes.of_establishments()
        ruling = super().ruling(case, now)
        rule = self.refusals.of(case.delivery, now) if ruling.allows else None
        return ruling if rule is None else Ruling(Verdict.HOLD, rule, {}, ())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Journal.open(tmp_path / "data", KEY) as journal:
        journal.start_run("r1", "atlas", "export", {"bridge": "0.1"}, AT)
        made = World(tmp_path, journal)
        made.ready("1", "2", "3", finess=HERE)
        made.ready("4", finess=ELSEWHERE)
        journal.end_run("r1", RunEvent.END, {}, AT)
        made.there.sends["2.25.1"] = [REFUSED]
        yield made


def go(world: World, minutes: float = 0, *, at_once: bool = False) -> Planned:
    """What a pass does, so many minutes later."""
    world.clock.now += timedelta(minutes=minutes)
    planned = plan(world.journal, Asking(world.journal, at_once=at_once), world.clock())
    world.gate = Asking(world.journal, at_once=at_once)
    world.worked = world.work(at_once=at_once)
    return planned


def states(world: World) -> list[tuple[S, str]]:
    return [world.state(name) for name in "1234"]


def sent(world: World) -> list[str]:
    return [name.removeprefix("2.25.") for call, name in world.there.calls if call == "send"]


def test_its_documents_are_blocked_with_who_acts_and_the_others_go_on(world: World) -> None:
    go(world)

    assert states(world) == [BLOCKED, BLOCKED, BLOCKED, (S.DELIVERED, "")]
    assert world.known("2").who == "it"
    assert sent(world) == ["1", "4"]
    assert (world.worked.error, world.worked.refused_for) == (None, {HERE: REFUSED})
    assert world.journal.brakes.get("there").gate(world.clock()) == "open"


def test_nothing_of_it_is_tried_before_its_time_nor_by_a_person_more_than_once(world: World) -> None:
    world.there.sends["2.25.1"] = [REFUSED, REFUSED]
    go(world)
    go(world)
    go(world, at_once=True)

    assert sent(world) == ["1", "4", "1"]
    assert states(world)[:3] == [BLOCKED] * 3


def test_one_goes_first_and_the_others_follow_in_the_same_pass(world: World) -> None:
    go(world)
    planned = go(world, minutes=1)

    assert (planned.ready, planned.unchanged) == (1, 2)
    assert sent(world) == ["1", "4", "1", "2", "3"]
    assert states(world) == [(S.DELIVERED, "")] * 4
    assert world.journal.brakes.of_establishments()["there", HERE].gate(world.clock()) == "open"


def test_a_probe_that_is_refused_makes_the_next_wait_longer_and_uses_up_no_try(world: World) -> None:
    world.there.sends["2.25.1"] = [REFUSED] * 20
    for _ in range(12):
        go(world, minutes=16)

    assert sent(world) == ["1", "4", *["1"] * 11]
    assert states(world)[:3] == [BLOCKED] * 3
    retry_at = world.journal.brakes.of_establishments()["there", HERE].retry_at
    assert retry_at == world.clock() + timedelta(minutes=15)


def test_what_policy_forbids_is_no_probe(world: World) -> None:
    go(world)
    world.clock.now += timedelta(minutes=1)
    gate = Asking(world.journal)
    gate.forbidden = {"2.25.1"}
    plan(world.journal, gate, world.clock())

    assert [world.state("1"), world.state("2")] == [(S.BLOCKED, HELD_BACK.id), (S.READY, "")]


def test_resume_of_the_destination_lets_one_go_first(world: World) -> None:
    go(world)
    assert world.journal.brakes.resume("there", "Mme Tournier", world.clock())
    go(world)

    assert states(world) == [(S.DELIVERED, "")] * 4
    assert not world.journal.brakes.resume("there", "Mme Tournier", world.clock())


def test_a_restore_pauses_destinations_and_no_establishment(world: World) -> None:
    go(world)
    world.journal.brakes.pause_all("restored", "anne", world.clock(), [])

    assert [one.destination for one in world.journal.brakes.all()] == ["there"]
    assert world.journal.brakes.of_establishments()["there", HERE].paused_at is None


def test_a_lost_answer_that_cannot_be_asked_for_is_asked_for_later(world: World) -> None:
    world.there.sends["2.25.1"] = [AnswerLost(service="x", reason="x", reason_fr="x")]
    world.there.asks["2.25.1"] = [REFUSED]
    world.there.taken_all_the_same = {"2.25.1"}

    go(world)
    assert states(world) == [(S.SENDING, ""), BLOCKED, BLOCKED, (S.DELIVERED, "")]

    go(world, minutes=1)
    assert states(world) == [(S.DELIVERED, "")] * 4
    assert sent(world) == ["1", "4", "2", "3"]
