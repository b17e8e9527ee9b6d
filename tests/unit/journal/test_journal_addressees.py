"""Whom a mail was written to, and the deliveries of those who are to get it yet."""

from __future__ import annotations

from pathlib import Path

from journal_site import AT, delivery_of, record, start_run

from dui_bridge.journal.addressee_records import AddresseeEntry, Parted, TurnedDown
from dui_bridge.journal.records import Finished, KnownDelivery
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Operation
from dui_bridge.model.states import DeliveryEvent, DeliveryState

HOSPITAL = AddresseeEntry("hopital ch", "addicto@exemple.mssante.fr")
DOCTOR = AddresseeEntry("rpps 1", "cd@medecin.mssante.fr")
NURSE = AddresseeEntry("equipe martin")
PARTED = Parted(
    (HOSPITAL,), (NURSE,), "POL-077", "dui", (TurnedDown(DOCTOR, "MSS-020", "dui", "550", b"550 no", True),)
)


def left(journal: Journal, event: DeliveryEvent = DeliveryEvent.DELIVER) -> list[KnownDelivery]:
    """A mail that left, or did not; all deliveries of its document."""
    delivery = delivery_of(journal, record(journal))
    journal.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "")], AT)
    journal.deliveries.start(delivery, "w1", AT)
    journal.deliveries.finish(Finished(delivery, event, AT, cause="MSS-002", parted=PARTED))
    cases = (journal.deliveries.case(one) for one in journal.selections.ids(Selection()))
    return [one.delivery for one in cases if one is not None]


def test_those_who_did_not_get_it_have_a_delivery_of_their_own(stored: Journal) -> None:
    start_run(stored)
    first, later, refused = left(stored)
    assert [(one.state, one.cause, one.who, one.operation) for one in (later, refused)] == [
        (DeliveryState.BLOCKED, "POL-077", "dui", Operation.SEND),
        (DeliveryState.RETURNED, "MSS-020", "dui", Operation.SEND),
    ]
    assert [(one.version_id, one.destination, one.tries, one.reference) for one in (later, refused)] == [
        (first.version_id, first.destination, 0, "")
    ] * 2

    own = stored.addressees.of(first)
    assert own.wrote_to(HOSPITAL.address.upper())
    assert not own.is_rest
    for delivery, meant, others in ((later, NURSE, (DOCTOR, HOSPITAL)), (refused, DOCTOR, (NURSE, HOSPITAL))):
        reached = stored.addressees.of(delivery)
        assert reached.is_rest
        assert [reached.is_meant(one) for one in (meant, *others)] == [True, False, False]
        assert [reached.has(one) for one in (HOSPITAL, DOCTOR, NURSE)] == [True, False, False]
        assert not reached.wrote_to(HOSPITAL.address)

    [attempt] = stored.deliveries.attempts(refused.id)
    assert (attempt.result, attempt.code, stored.deliveries.answers(refused.id)) == ("refused", "550", {1: b"550 no"})
    assert [(one.address, one.delivery_id) for one in stored.receipts.suspect_list()] == [(DOCTOR.address, refused.id)]
    # Another delivery of the version is none of these: each may be sent again.
    assert [(one.arrived, one.alive) for one in stored.selections.circumstances([later.id, refused.id])] == [
        (False, False)
    ] * 2


def test_of_a_mail_that_did_not_leave_nobody_has_anything(journal: Journal) -> None:
    [delivery] = left(journal, DeliveryEvent.FAIL)
    assert not journal.addressees.of(delivery).has(HOSPITAL)
    assert not journal.receipts.suspects()


def test_addresses_and_names_stand_nowhere_in_clear(journal: Journal, folder: Path) -> None:
    left(journal)
    journal.close()
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [one for one in (b"medecin.mssante", b"rpps 1", b"hopital ch", b"550 no") if one in content]
