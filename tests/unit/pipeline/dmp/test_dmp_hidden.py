"""What lies in the DMP and the patient does not see yet: who undertook to release it, and by when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from action_world import DMP, DOCUMENT, FINESS, LOCAL, NOW, Office
from delivery_world import built
from demo_site import invoke

from dui_bridge.journal.overview import Scope
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.errors import NameMissing
from dui_bridge.pipeline.actions.reviews import Choice, decide, decide_all, questions
from dui_bridge.pipeline.dmp.hidden import Hidden, hidden_there
from dui_bridge.pipeline.reports.status import Status, gather
from dui_bridge.pipeline.reports.status_print import as_text

HIDDEN = replace(DOCUMENT, hidden_from_usager=True)
SENT = NOW - timedelta(days=3)


def by_name(office: Office, name: str = "Dr Lefèvre", now: datetime = SENT) -> Desk:
    return office.desk(now, name)


def released(office: Office, usager: str = "U1", at: datetime = SENT, **more: object) -> int:
    """A document that is in the DMP, hidden from the patient, because Dr Lefèvre undertook to release it."""
    delivery = office.add(usager=usager, document_facts=HIDDEN, **more)  # type: ignore[arg-type]
    assert decide(by_name(office), delivery, Choice.ALLOW, "annonce prévue")
    return office.ended(delivery, DeliveryEvent.DELIVER, at=at)


def hidden(office: Office, now: datetime = NOW, finess: str | None = None) -> list[Hidden]:
    return hidden_there(office.site, office.journal, now, finess)


def status(office: Office, now: datetime = NOW) -> Status:
    with office.journal.overview.snapshot(Scope()) as seen:
        return gather(office.site, office.journal, seen, now, "fr")


def shown(office: Office, delivery: int, result: str) -> None:
    """What `dmp unhide` and `dmp mask` write of a document."""
    office.desk().audit("dmp unhide patient", office.known(delivery).unique_id, result=result, changed=True)


def test_who_undertook_it_and_by_when_is_listed_until_it_is_done(office: Office) -> None:
    delivery = released(office)

    (one,) = hidden(office)
    assert (one.by, one.destination, one.since, one.late) == ("Dr Lefèvre", DMP, SENT, False)
    assert one.until == SENT.date() + timedelta(days=14)
    assert one.unique_id == office.known(delivery).unique_id
    assert one.unique_id in one.command
    assert one.document.startswith("document-")

    shown(office, delivery, "masked")
    assert hidden(office) == [one]
    shown(office, delivery, "shown_patient")
    assert hidden(office) == []


def test_what_is_seen_or_did_not_arrive_or_went_elsewhere_is_not(office: Office) -> None:
    office.ended(office.add(), DeliveryEvent.DELIVER)
    office.add(document_facts=HIDDEN)
    office.ended(office.add(LOCAL, document_facts=HIDDEN), DeliveryEvent.DELIVER)
    waiting = office.add(document_facts=HIDDEN)
    decide(by_name(office), waiting, Choice.ALLOW, "annonce prévue")

    assert hidden(office) == []


def test_of_a_replaced_document_the_latest_version_counts(office: Office) -> None:
    first = released(office, document="P1")
    ids = office.known(first)
    made = built(DocumentIds("2.25.777", "2.25.91", 2, ids.unique_id, 1))
    second = released(office, document="P1", version=2, made=made, at=SENT + timedelta(days=1))

    assert [one.unique_id for one in hidden(office)] == [office.known(second).unique_id]


def test_the_first_that_is_due_comes_first_and_only_of_the_establishment(office: Office) -> None:
    released(office, "U1", at=SENT)
    released(office, "U2", at=SENT - timedelta(days=9))

    found = hidden(office)
    assert [one.since for one in found] == sorted(one.since for one in found)
    assert (len(found), len(hidden(office, finess=FINESS)), hidden(office, finess="630000032")) == (2, 2, [])


def test_the_last_day_is_still_in_time_and_the_next_is_an_alert(office: Office) -> None:
    released(office, at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC))  # the 2nd in Paris
    in_time = status(office, datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    late = status(office, datetime(2026, 11, 16, 23, 30, tzinfo=UTC))

    assert in_time.hidden[0].until == date(2026, 11, 16)
    assert [[one.kind for one in told.alerts if one.kind == "hidden"] for told in (in_time, late)] == [[], ["hidden"]]


def test_status_counts_it_with_its_age_cause_and_action_and_is_not_all_well(office: Office) -> None:
    assert "DLV-018" not in as_text(status(office), UTC, "fr")
    released(office)

    told = status(office, NOW + timedelta(days=20))
    (group,) = [one for one in told.groups if one.waiting.cause == "DLV-018"]
    words = as_text(told, UTC, "fr")

    assert (group.waiting.number, group.waiting.oldest, group.waiting.destinations) == (1, SENT, {DMP: 1})
    assert "dmp unhide" in group.cause.action
    assert not told.all_well
    assert "pas encore visible par le patient" in words
    assert "dui-bridge dmp hidden" in words
    assert told.read == sum(told.states.values())


def test_nobody_undertakes_it_as_the_user_of_the_system(office: Office) -> None:
    delivery = office.add(document_facts=HIDDEN)
    anonymous = Desk(office.site, office.journal, Actor("root", "host/-", named=False), NOW)

    for single in (True, False):
        with pytest.raises(NameMissing):
            decide_all(anonymous, [delivery], Choice.ALLOW, "annonce prévue", single=single)
    with pytest.raises(NameMissing):
        decide(anonymous, delivery, Choice.ALLOW, "annonce prévue")
    assert [one.code for one in questions(anonymous, None, "fr")] == ["POL-064"]

    assert decide(anonymous, delivery, Choice.ALLOW, "annonce prévue", by="Dr Lefèvre")


def test_to_refuse_it_needs_no_name(office: Office) -> None:
    delivery = office.add(document_facts=HIDDEN)
    anonymous = Desk(office.site, office.journal, Actor("root", "host/-", named=False), NOW)

    assert decide(anonymous, delivery, Choice.REFUSE, "pas d'annonce prévue")


def test_at_the_command_line(office: Office) -> None:
    config, delivery = str(office.site.file), office.add(document_facts=HIDDEN)
    none = invoke("dmp", "hidden", "--config", config)
    words = ("review", "allow", f"delivery-{delivery}", "--reason", "annonce", "--config", config)
    unnamed, named = invoke(*words), invoke(*words, "--by", "Dr Lefèvre")
    office.ended(delivery, DeliveryEvent.DELIVER, at=datetime.now(UTC))

    listed = invoke("dmp", "hidden", "--config", config)
    told = invoke("dmp", "hidden", "--json", "--establishment", FINESS, "--config", config)
    elsewhere = invoke("dmp", "hidden", "--establishment", "999999999", "--config", config)
    whole = invoke("status", "--json", "--config", config)

    assert [one.code for one in (none, unnamed, named, listed, told, elsewhere, whole)] == [0, 2, 0, 1, 1, 2, 1]
    assert "[CFG-149]" in unnamed.stderr
    assert "Dr Lefèvre" in listed.stdout
    (row,) = told.json["rows"]
    assert row | {"by": "Dr Lefèvre", "late": False, "code": "DLV-018"} == row
    assert json.loads(whole.stdout)["hidden"] == [row]
