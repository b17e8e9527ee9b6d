"""What operators keep back, let go, stop, and send ahead: it counts at once, and is audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from action_world import ASKING, DMP, FINESS, LOCAL, NOW, Office

from dui_bridge.journal.records import DossierEntry, ItemEntry
from dui_bridge.model.states import DeliveryState, RunEvent, RunState
from dui_bridge.pipeline.actions.brakes import pause, resume
from dui_bridge.pipeline.actions.desk import Scope
from dui_bridge.pipeline.actions.errors import (
    HoldUnknown,
    LeavesNow,
    NotReconciled,
    NotStopped,
    ReasonMissing,
    RunNotHeld,
    ScopeMissing,
    TimePast,
    UnknownType,
)
from dui_bridge.pipeline.actions.holds import hold, holds_in_force, release
from dui_bridge.pipeline.actions.runs import discard_run, release_run
from dui_bridge.pipeline.actions.send_now import send_now
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.reports.errors import SubjectUnknown, UnknownDestination

READY, HELD = (DeliveryState.READY, ""), (DeliveryState.BLOCKED, "POL-003")


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param(Scope(finess=FINESS), id="establishment"),
        pytest.param(Scope(doc_type="projet_personnalise"), id="type"),
        pytest.param(Scope(destination=DMP), id="destination"),
        pytest.param(Scope(number="U1"), id="dossier"),
    ],
)
def test_a_hold_keeps_back_what_was_ready_and_its_release_lets_it_leave_in_order(office: Office, scope: Scope) -> None:
    first, second = office.add(usager="U1"), office.add(usager="U1")

    kept = hold(office.desk(), scope, "incident")
    held = [office.state(one) for one in (first, second)]
    number = int(str(kept.values["holds"]))
    release(office.desk(), [number])

    assert held == [HELD, HELD]
    assert kept.values["number"] == 2
    assert [office.state(one) for one in (first, second)] == [READY, READY]
    following = office.journal.deliveries.next(DMP, NOW)
    assert following is not None
    assert following.case.delivery.id == first
    assert office.audited() == [("martin", "hold", f"hold-{number}"), ("martin", "release", f"hold-{number}")]


def test_a_hold_on_one_document_leaves_the_others_alone(office: Office) -> None:
    one, other = office.add(usager="U1"), office.add(usager="U1")

    hold(office.desk(), Scope(document=office.document(one)), "to be corrected")

    assert (office.state(one), office.state(other)) == (HELD, READY)


def test_a_hold_is_released_by_the_scope_it_was_placed_with_and_by_no_other(office: Office) -> None:
    one = office.add()
    hold(office.desk(), Scope(destination=DMP), "incident")

    with pytest.raises(HoldUnknown):
        release(office.desk(), [], Scope(destination=DMP, finess=FINESS))
    still = office.state(one)
    release(office.desk(), [], Scope(destination=DMP))

    assert (still, office.state(one)) == (HELD, READY)
    assert holds_in_force(office.desk()).rows == ()


@pytest.mark.parametrize(
    ("scope", "reason", "refusal"),
    [
        (Scope(), "incident", ScopeMissing),
        (Scope(destination=DMP), " ", ReasonMissing),
        (Scope(destination="dpm"), "incident", UnknownDestination),
        (Scope(doc_type="projet"), "incident", UnknownType),
        (Scope(number="nobody"), "incident", SubjectUnknown),
        (Scope(document=999), "incident", SubjectUnknown),
    ],
)
def test_a_hold_that_means_nothing_known_does_nothing(
    office: Office, scope: Scope, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        hold(office.desk(), scope, reason)

    assert holds_in_force(office.desk()).rows == ()
    assert office.audited() == []


def test_the_audit_of_a_hold_names_no_dossier_number(office: Office) -> None:
    office.add(usager="DOSSIER-77")

    hold(office.desk(), Scope(number="DOSSIER-77"), "incident")

    [row] = office.journal.audit.entries()
    assert "DOSSIER-77" not in f"{row.subject} {row.details}"


def test_a_pause_lasts_until_its_time_and_a_resumed_destination_is_probed(office: Office) -> None:
    pause(office.desk(), DMP, "maintenance", NOW + timedelta(hours=1))
    brake = office.journal.brakes.get(DMP)
    gates = [brake.gate(NOW), brake.gate(NOW + timedelta(hours=2))]

    resume(office.desk(), DMP)

    assert gates == ["shut", "probe"]
    assert office.journal.brakes.get(DMP).gate(NOW) == "probe"
    with pytest.raises(TimePast):
        pause(office.desk(), DMP, "maintenance", NOW)


def test_nothing_is_resumed_that_nothing_stops(office: Office) -> None:
    with pytest.raises(NotStopped):
        resume(office.desk(), DMP)


def test_a_restored_journal_is_not_resumed_before_it_was_reconciled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause(office.desk(), DMP, "restored")
    monkeypatch.setattr(office.journal.restoration, "is_open", lambda: True)

    with pytest.raises(NotReconciled):
        resume(office.desk(), DMP)

    assert office.journal.brakes.get(DMP).gate(NOW) == "shut"


def test_what_is_sent_now_leaves_alone_and_policy_still_decides(office: Office) -> None:
    first, chosen, asked = office.add(LOCAL), office.add(LOCAL), office.add(ASKING)

    done = send_now(office.desk(), [chosen, asked], "document-2", Steps())

    assert office.state(chosen)[0] is DeliveryState.DELIVERED
    assert office.state(first) == READY
    assert office.state(asked) == (DeliveryState.BLOCKED, "POL-015")
    assert (done.values["number"], done.values["left"], done.exit_code) == (1, 1, 1)
    with pytest.raises(LeavesNow):
        send_now(office.desk(), [chosen], "document-2", Steps())


def test_a_released_run_leaves_and_a_discarded_one_never_does(office: Office) -> None:
    one = office.add(end=RunEvent.HOLD)
    first_run, kept = office.run_id, office.state(one)
    two = office.add(end=RunEvent.HOLD)
    second_run = office.run_id

    release_run(office.desk(), first_run)
    discard_run(office.desk(), second_run, "wrong export")

    assert kept == (DeliveryState.BLOCKED, "POL-002")
    assert office.state(one) == READY
    assert office.state(two) == (DeliveryState.CANCELLED, "DLV-007")
    with pytest.raises(RunNotHeld):
        release_run(office.desk(), second_run)


def test_a_released_run_accepts_the_persons_whose_numbers_changed(office: Office) -> None:
    office.add(usager="U1")
    office.journal.start_run("r2", "atlas", "export", {}, NOW)
    known = office.journal.dossiers.known("atlas", "U1")
    assert known is not None
    held = DossierEntry("atlas", "U1", "U1", FINESS, {}, {})
    detail = {"traits": {"nom": "bb" * 8}}
    item = ItemEntry("usager", "U1", held, None, None, FINESS, "quarantined", "PIP-020", "identito", detail)
    office.journal.items.record("r2", "atlas", [item], NOW)
    office.journal.end_run("r2", RunEvent.HOLD, {}, NOW, cause="PIP-032")
    before = office.journal.dossiers.known("atlas", "U1")

    done = release_run(office.desk(), "r2")

    after = office.journal.dossiers.known("atlas", "U1")
    assert before is not None
    assert before.traits == known.traits
    assert before.facts == known.facts
    assert after is not None
    assert after.traits == {"nom": "bb" * 8}
    assert done.values["persons"] == 1
    run = office.journal.run("r2")
    assert run is not None
    assert run.state is RunState.RELEASED
