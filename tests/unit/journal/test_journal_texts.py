"""Texts that no database holds, from file names and from what services answer, never read as a damaged journal."""

from __future__ import annotations

from datetime import timedelta

from journal_site import AT, RUN, SOURCE, delivery_of, record

from dui_bridge.findings import Who
from dui_bridge.journal.records import DossierEntry, Finished, ItemEntry
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, RunEvent

UNHOLDABLE = "caf\udce9\0"
HELD = "caf?"


def test_a_file_name_that_is_not_utf_8_is_kept_as_far_as_it_can_be(stored: Journal) -> None:
    stored.start_run(RUN, SOURCE, f"{UNHOLDABLE}.zip", {}, AT)
    stored.end_run(RUN, RunEvent.HOLD, {}, AT, cause=UNHOLDABLE + "x" * 200)

    run = stored.run(RUN)

    assert run is not None
    assert (run.export, run.cause) == (f"{HELD}.zip", HELD + "x" * 76)


def test_what_a_service_answered_is_kept_as_far_as_it_can_be(stored: Journal) -> None:
    stored.start_run(RUN, SOURCE, "export", {}, AT)
    delivery = delivery_of(stored, record(stored))
    stored.deliveries.change([(delivery, DeliveryEvent.BLOCK, UNHOLDABLE, Who.IT.value)], AT)
    blocked = stored.deliveries.case(delivery)
    stored.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "")], AT)
    stored.deliveries.start(delivery, "worker", AT)

    ended = Finished(delivery, DeliveryEvent.DELIVER, AT, cause=UNHOLDABLE, code=UNHOLDABLE, reference=UNHOLDABLE)
    assert stored.deliveries.finish(ended) is not None

    delivered, [attempt] = stored.deliveries.case(delivery), stored.deliveries.attempts(delivery)
    assert blocked is not None
    assert delivered is not None
    assert (blocked.delivery.cause, delivered.delivery.cause, delivered.delivery.reference) == (HELD, HELD, HELD)
    assert (attempt.code, attempt.reference) == (HELD, HELD)


def test_a_cell_that_a_cause_quotes_is_kept_as_far_as_it_can_be_and_stays_the_same_cause(stored: Journal) -> None:
    stored.start_run(RUN, SOURCE, "export", {}, AT)
    dossier = DossierEntry(SOURCE, "U-1", "D-1", None, {}, {})
    cause = f"not selected ({UNHOLDABLE})"
    entry = ItemEntry("usager", "U-1", dossier, None, None, None, "left_out", cause, Who.NOBODY.value, {})

    stored.items.record(RUN, SOURCE, [entry], AT)
    stored.items.record(RUN, SOURCE, [entry], AT + timedelta(days=1))

    [number] = stored.overview.usager_items("U-1")
    item = stored.items.get(number)
    assert item is not None
    assert (item.cause, item.since) == (f"not selected ({HELD})", AT)
