"""Identities: one row a dossier, sealed; every call and every event; what carries the INS out there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from journal_site import AT, FINESS, SOURCE, delivery_of, record, settle, start_run

from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.identity_records import EndedCall, IdentityEntry, IdentityEvent, IdentityState
from dui_bridge.journal.records import DossierEntry, ItemEntry
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import RunEvent

DAY = timedelta(days=1)
MATRICULE = "275126322074974"


def dossier(usager: str = "U-1", source: str = SOURCE, finess: str = FINESS) -> DossierEntry:
    return DossierEntry(source, usager, f"D-{usager}", finess, {"age": 40}, {"nom": "ab" * 8})


def entry(state: IdentityState = IdentityState.TO_CHECK, cause: str = "INS-302", **values: object) -> IdentityEntry:
    made = IdentityEntry("recuperee", state, cause, "dui", "l" * 64, {"nom": "VASSEUR"}, MATRICULE)
    return replace(made, **values)


def stored_id(journal: Journal, usager: str = "U-1", **values: object) -> int:
    journal.identities.store([(dossier(usager), entry(**values))], AT)
    known = journal.identities.of(SOURCE, usager)
    assert known is not None
    return known.dossier_id


def read_again(journal: Journal, run: str, *usagers: str) -> None:
    """A run that reads these usagers and no other."""
    journal.start_run(run, SOURCE, "export", {}, AT)
    items = [ItemEntry("usager", one, dossier(one), None, None, FINESS, "mapped", "", "nobody", {}) for one in usagers]
    journal.items.record(run, SOURCE, items, AT)
    journal.items.finish(run, SOURCE, AT)


def test_an_identity_is_found_by_the_duis_own_id_and_by_the_dossier(stored: Journal) -> None:
    number = stored_id(stored)

    known = stored.identities.get(number)

    assert known == stored.identities.of(SOURCE, "U-1")
    assert known is not None
    assert (known.number, known.finess, known.statut, known.state) == ("D-U-1", FINESS, "recuperee", "to_check")
    assert known.record == {"nom": "VASSEUR"}
    assert stored.identities.of("autre", "U-1") is None


def test_nothing_of_the_person_stands_in_clear(stored: Journal, folder: Path) -> None:
    stored_id(stored, events=(IdentityEvent("insi_ok", "provisoire", "recuperee", "run", "", detail={"n": "VASSEUR"}),))
    stored.close()

    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert MATRICULE.encode() not in kept
    assert b"VASSEUR" not in kept


def test_the_time_since_which_it_waits_stays_while_state_and_cause_do(stored: Journal) -> None:
    number = stored_id(stored)

    stored.identities.store([(dossier(), entry(record={"nom": "AUTRE"}))], AT + DAY)
    same = stored.identities.get(number)
    stored.identities.store([(dossier(), entry(IdentityState.BLOCKED, "INS-305"))], AT + 2 * DAY)
    other = stored.identities.get(number)

    assert same is not None
    assert other is not None
    assert (same.since, same.record) == (AT, {"nom": "AUTRE"})
    assert other.since == AT + 2 * DAY


def test_the_days_of_a_call_and_of_a_confirmation_stay_until_there_are_others(stored: Journal) -> None:
    number = stored_id(stored, called_at=AT, verified_at=AT)

    stored.identities.store([(dossier(), entry())], AT + DAY)
    known = stored.identities.get(number)

    assert known is not None
    assert (known.called_at, known.verified_at) == (AT, AT)


def test_the_confirmation_of_one_number_is_not_that_of_another(stored: Journal) -> None:
    number = stored_id(stored, verified_at=AT)

    stored.identities.store([(dossier(), entry(matricule=None))], AT + DAY)
    known = stored.identities.get(number)

    assert known is not None
    assert known.verified_at is None


def test_a_matricule_finds_its_dossiers_until_it_is_taken_away(stored: Journal) -> None:
    first, second = stored_id(stored, "U-1"), stored_id(stored, "U-2")

    both = stored.identities.with_matricule(MATRICULE)
    stored.identities.store([(dossier("U-2"), entry(matricule=None))], AT)

    assert both == [first, second]
    assert stored.identities.with_matricule(MATRICULE) == [first]
    assert stored.identities.with_matricule("275126322074975") == []


def test_a_dossier_that_the_dui_merged_away_has_no_matricule_and_waits_for_nothing(stored: Journal) -> None:
    stays, goes = stored_id(stored, "U-1"), stored_id(stored, "U-2")
    read_again(stored, "r1", "U-1", "U-2")
    stored.end_run("r1", RunEvent.END, {}, AT)
    before = stored.identities.with_matricule(MATRICULE)

    read_again(stored, "r2", "U-1")

    assert before == [stays, goes]
    assert stored.identities.with_matricule(MATRICULE) == [stays]
    assert [one.dossier_id for one in stored.identities.page(list(IdentityState))] == [stays]
    assert stored.identities.states() == {"to_check": 1}


def test_the_worklist_is_read_page_by_page_and_by_what_is_asked(stored: Journal) -> None:
    numbers = [stored_id(stored, f"U-{number}") for number in range(5)]
    stored.identities.store([(dossier("U-9", "autre", "999999999"), entry(IdentityState.BLOCKED))], AT)

    first = stored.identities.page([IdentityState.TO_CHECK], limit=3)
    rest = stored.identities.page([IdentityState.TO_CHECK], after=first[-1].dossier_id, limit=3)

    assert [one.dossier_id for one in (*first, *rest)] == numbers
    assert [one.source for one in stored.identities.page(list(IdentityState), finess="999999999")] == ["autre"]
    assert len(stored.identities.page(list(IdentityState), source=SOURCE)) == 5
    assert stored.identities.states() == {"to_check": 5, "blocked": 1}
    assert stored.identities.states("autre") == {"blocked": 1}


def test_a_call_counts_from_its_beginning_also_when_nothing_ended_it(stored: Journal) -> None:
    cut = stored.identities.begin_call(dossier(), by="run r1", run="r1", at=AT)
    known = stored_id(stored)

    [call] = stored.identities.calls(known)

    assert stored.identities.calls_since(AT) == 1
    assert stored.identities.calls_since(AT + DAY) == 0
    assert (call.id, call.code, call.ended_at) == (cut, "", None)


def test_a_call_that_ended_tells_its_step_its_code_and_by_whom(stored: Journal) -> None:
    call = stored.identities.begin_call(dossier(), by="Mme Martin", run="", at=AT)
    ended = EndedCall("first", "00", b'{"nom": "VASSEUR"}', b"{}", "uuid:1")

    stored.identities.end_call(dossier(), call, ended, AT + DAY)
    [known] = stored.identities.calls(stored_id(stored))

    assert (known.step, known.code, known.by, known.message_id) == ("first", "00", "Mme Martin", "uuid:1")
    assert (known.at, known.ended_at) == (AT, AT + DAY)


def test_events_are_told_in_their_order_with_what_is_sealed_in_them(stored: Journal) -> None:
    first = IdentityEvent("insi_ok", "provisoire", "recuperee", "run r1", "r1")
    second = IdentityEvent("document_ok", "recuperee", "qualifiee", "Mme Martin", "poste", "vu", {"document": "cni"})
    number = stored_id(stored, events=(first,))

    stored.identities.change(number, entry(IdentityState.QUALIFIED, events=(second,)), AT + DAY)

    told = stored.identities.events(number)
    assert told == [replace(first, at=AT), replace(second, at=AT + DAY)]


def test_a_dossier_that_is_not_known_cannot_be_changed(stored: Journal) -> None:
    with pytest.raises(JournalOvertaken):
        stored.identities.change(404, entry(), AT)


def test_nothing_of_an_erased_dossier_is_given_nor_changed(stored: Journal) -> None:
    number = stored_id(stored, events=(IdentityEvent("insi_ok", "provisoire", "recuperee", "run", ""),))

    stored.keeping.erase(number, AT)

    known = stored.identities.get(number)
    assert known is not None
    assert (dict(known.record), known.number) == ({}, "")
    assert stored.identities.events(number) == []
    with pytest.raises(JournalOvertaken):
        stored.identities.change(number, entry(), AT)


def test_those_whose_record_holds_a_value_are_found_and_nobody_who_is_gone_or_erased(stored: Journal) -> None:
    born = {"locaux": {"date_naissance": "1951-01-02"}}
    here = stored_id(stored, "U-1", record=born)
    stored_id(stored, "U-2", record={"locaux": {"date_naissance": "1951-01-20"}})
    gone, erased = (stored_id(stored, usager, record=born) for usager in ("U-3", "U-4"))
    stored.keeping.erase(erased, AT)
    read_again(stored, "r1", "U-1", "U-2")

    assert [one.dossier_id for one in stored.identities.holding("1951-01-02")] == [here]
    assert list(stored.identities.holding("1951-01-0")) == []
    assert gone != here


def test_only_what_arrived_with_the_ins_is_deposited(stored: Journal) -> None:
    start_run(stored)
    with_ins = record(stored, "PP-1", destinations=("dmp", "mail"), facts={"with_ins": True})
    settle(stored, with_ins)
    settle(stored, record(stored, "PP-2", facts={"with_ins": False}))
    record(stored, "PP-3", facts={"with_ins": True})

    [one] = stored.identities.deposited(stored_id(stored))

    assert (one.doc_type, one.destination, one.settled_at) == ("projet_personnalise", "dmp", AT)
    assert one.delivery_id == delivery_of(stored, with_ins)


def test_what_was_asked_and_answered_stays_when_bytes_of_documents_go(stored: Journal) -> None:
    start_run(stored)
    settle(stored, record(stored))
    call = stored.identities.begin_call(dossier(), by="run r1", run="r1", at=AT)
    stored.identities.end_call(dossier(), call, EndedCall("first", "00", b"{}", b"{}"), AT)

    purged = stored.keeping.purge(AT + 1000 * DAY, DAY, DAY)

    assert purged.payloads == 1  # the document's
