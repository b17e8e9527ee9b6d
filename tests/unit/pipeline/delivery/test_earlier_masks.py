"""From whom the version that a delivery replaces is hidden, as far as the journal knows; and the secret connection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from action_world import DOCUMENT, NOW, Office
from delivery_world import built

from dui_bridge.connectors.ports import DeliveryContext
from dui_bridge.model.exchange import Channel, DocumentIds
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery.context import context_of
from dui_bridge.pipeline.delivery.rules import DELETED_THERE
from dui_bridge.pipeline.policy.facts import DocumentFacts
from dui_bridge.xds.entries import Mask

PS, PATIENT, REPS = Mask.PROFESSIONALS, Mask.PATIENT, Mask.LEGAL_REPRESENTATIVES
PLAIN = DOCUMENT
MASKED = replace(DOCUMENT, masked_from_professionals=True)
HIDDEN = replace(DOCUMENT, hidden_from_usager=True)


def version(office: Office, number: int, facts: DocumentFacts, *, arrives: bool = True) -> int:
    before = f"2.25.{number - 1}" if number > 1 else None
    made = built(DocumentIds(f"2.25.{number}", "2.25.900", number, before, number - 1 if before else None))
    delivery = office.add(usager="U1", document="P1", made=made, document_facts=facts)
    # A person decided about what is hidden.
    office.journal.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "nobody")], NOW)
    return office.ended(delivery, DeliveryEvent.DELIVER) if arrives else delivery


def context(office: Office, delivery: int, channel: Channel = Channel.DMP) -> DeliveryContext:
    sendable = office.journal.deliveries.sendable(delivery)
    assert sendable is not None
    return context_of(sendable, channel, office.journal)


def test_a_first_version_hides_nothing_of_an_earlier_one(office: Office) -> None:
    first = version(office, 1, MASKED, arrives=False)
    assert (context(office, first).masks, context(office, first).earlier_masks) == ({PS}, None)


def test_what_was_sent_of_every_earlier_version_counts_because_each_stays_hidden_as_the_one_before(
    office: Office,
) -> None:
    for number, facts in enumerate((HIDDEN, MASKED, PLAIN), 1):
        version(office, number, facts)
    last = version(office, 4, PLAIN, arrives=False)
    assert context(office, last).earlier_masks == {PS, PATIENT}
    assert context(office, last, Channel.MSSANTE_PRO).earlier_masks is None


@pytest.mark.parametrize(
    ("result", "known"),
    [("masked", {PS, PATIENT}), ("shown_patient", set()), ("unmasked", {PATIENT}), ("dmp-051", {PATIENT})],
)
def test_what_a_professional_changed_through_the_bridge_counts(office: Office, result: str, known: set[Mask]) -> None:
    first = version(office, 1, HIDDEN)
    last = version(office, 2, PLAIN, arrives=False)
    office.desk().audit("dmp …", office.known(first).unique_id, result=result)
    assert context(office, last).earlier_masks == known


def test_a_version_that_was_deleted_there_hides_nothing_any_more(office: Office) -> None:
    first = version(office, 1, HIDDEN)
    for event in (DeliveryEvent.RETURN, DeliveryEvent.CANCEL):
        office.journal.deliveries.change([(first, event, DELETED_THERE.id, "nobody")], NOW)
    version(office, 2, MASKED)
    last = version(office, 3, PLAIN, arrives=False)
    assert context(office, last).earlier_masks == {PS}


def test_an_earlier_version_whose_facts_are_not_known_makes_all_of_it_unknown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    version(office, 1, PLAIN)
    last = version(office, 2, PLAIN, arrives=False)
    monkeypatch.setattr(
        type(office.journal.deliveries), "earlier", lambda *_: {"2.25.1": MASKED.to_json(), "2.25.2": None}
    )
    assert context(office, last).earlier_masks is None


def test_facts_that_do_not_open_are_told_as_unknown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    version(office, 1, MASKED)
    last = office.known(version(office, 2, PLAIN, arrives=False))
    assert list(office.journal.deliveries.earlier(last).values()) == [MASKED.to_json()]
    monkeypatch.setattr("dui_bridge.journal.deliveries.facts_place", lambda name: f"elsewhere:{name}")
    assert list(office.journal.deliveries.earlier(last).values()) == [None]


@pytest.mark.parametrize(("asked", "told"), [(True, True), (False, False), (None, False)])
def test_a_delivery_is_made_under_the_secret_connection_that_its_document_asks_for(
    office: Office, asked: bool | None, told: bool
) -> None:
    first = version(office, 1, replace(PLAIN, secret_connection=asked), arrives=False)
    assert context(office, first).secret_access is told
