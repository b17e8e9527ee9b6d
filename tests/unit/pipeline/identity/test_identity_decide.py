"""Where an identity stands: what INSi said, what the DUI said, and whether anything allows a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dui_bridge.connectors.insi.settings import CallOn
from dui_bridge.ins.rules import MISSING
from dui_bridge.ins.statut import Attribut, Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.identity_records import IdentityState
from dui_bridge.model.accompagnement import Sejour
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.insi import Individu, MatriculeIns
from dui_bridge.pipeline.identity.decide import Circumstances, Event, Situation, decide
from dui_bridge.pipeline.identity.record import IdentityRecord, Search

TODAY = date(2026, 11, 22)
RECENT, REVERIFY = timedelta(days=30), timedelta(days=3 * 365)
EVENTS = (CallOn.ADMISSION, CallOn.STAY, CallOn.CORRECTED, CallOn.DOCUMENT)
TRAITS = Traits("VASSEUR", "JEAN", "JEAN", "M", "1950-05-05", "63220")
FOUND = Individu(MatriculeIns("1500563220001", "1.2.250.1.213.1.4.8", "12"), "VASSEUR", "JEAN", "M", "1950-05-05", "")
NOW = Circumstances(TODAY, "now")
PROVISIONAL = IdentityRecord(Identite(), TRAITS)
RECOVERED = IdentityRecord(Identite(StatutIdentite.RECUPEREE, matricule="1", oid="2"), TRAITS)
QUALIFIED = IdentityRecord(Identite(StatutIdentite.QUALIFIEE, matricule="1", oid="2"), TRAITS)


def stands(record: IdentityRecord = PROVISIONAL, now: Circumstances = NOW, call_on=EVENTS) -> Situation:
    return decide(record, now, call_on, RECENT, REVERIFY)


def searched(*codes: str, record: IdentityRecord = PROVISIONAL, **values: object) -> IdentityRecord:
    steps = tuple((f"step{number}", code) for number, code in enumerate(codes))
    return replace(record, search=Search("now", steps, **values))


def told(situation: Situation) -> tuple[str, str, Event | None]:
    return situation.state.value, situation.rule.id if situation.rule else "", situation.call


def test_an_identity_that_is_qualified_needs_nothing() -> None:
    assert told(stands(QUALIFIED)) == ("qualified", "", None)


@pytest.mark.parametrize(("days", "state"), [(3 * 365, "qualified"), (3 * 365 + 1, "to_verify")])
def test_one_that_was_confirmed_long_ago_is_to_be_verified_again(days: int, state: str) -> None:
    old = replace(NOW, confirmed=TODAY - timedelta(days=days))

    assert stands(QUALIFIED, old).state == state


def test_a_recovered_one_waits_for_a_document() -> None:
    assert told(stands(RECOVERED)) == ("to_check", "INS-302", None)


@pytest.mark.parametrize("attribut", [Attribut.DOUTEUSE, Attribut.FICTIVE])
def test_a_marked_one_is_never_called_for_even_at_a_visit(attribut: Attribut) -> None:
    marked = IdentityRecord(Identite(attributs=frozenset({attribut})), TRAITS)

    assert told(stands(marked, replace(NOW, visit=True), (CallOn.ANY,))) == ("blocked", "INS-308", None)


def test_what_the_pre_flight_forbids_is_not_called_for_even_at_a_visit() -> None:
    assert told(stands(now=replace(NOW, refused=MISSING, visit=True))) == ("blocked", MISSING.id, None)


@pytest.mark.parametrize(
    ("now", "event"),
    [
        pytest.param(NOW, None, id="nothing happened"),
        pytest.param(replace(NOW, sejours=[Sejour(date_admission=TODAY)]), Event.ADMISSION, id="admission"),
        pytest.param(replace(NOW, sejours=[Sejour(date_entree=TODAY - RECENT)]), Event.STAY, id="stay, 30 days ago"),
        pytest.param(replace(NOW, sejours=[Sejour(date_entree=TODAY - RECENT - timedelta(1))]), None, id="31 days ago"),
        pytest.param(replace(NOW, sejours=[Sejour(date_admission=TODAY + timedelta(1))]), None, id="admission ahead"),
        pytest.param(replace(NOW, document_le=TODAY), Event.DOCUMENT, id="document checked"),
        pytest.param(replace(NOW, before="then"), Event.CORRECTED, id="traits corrected"),
        pytest.param(replace(NOW, before="now"), None, id="the same traits"),
        pytest.param(replace(NOW, state=IdentityState.RETRY), Event.AGAIN, id="the call before did not end"),
        pytest.param(replace(NOW, visit=True), Event.VISIT, id="the person is here"),
    ],
)
def test_a_call_needs_an_event(now: Circumstances, event: Event | None) -> None:
    assert told(stands(now=now)) == ("to_call", "INS-301", event)


@pytest.mark.parametrize("left_out", [CallOn.ADMISSION, CallOn.STAY, CallOn.DOCUMENT, CallOn.CORRECTED])
def test_an_event_that_the_site_leaves_out_allows_no_call(left_out: CallOn) -> None:
    days = {"date_admission": TODAY} if left_out is CallOn.ADMISSION else {"date_entree": TODAY}
    now = {
        CallOn.ADMISSION: replace(NOW, sejours=[Sejour(**days)]),
        CallOn.STAY: replace(NOW, sejours=[Sejour(**days)]),
        CallOn.DOCUMENT: replace(NOW, document_le=TODAY),
        CallOn.CORRECTED: replace(NOW, before="then"),
    }[left_out]

    assert stands(now=now).call is not None
    assert stands(now=now, call_on=[one for one in EVENTS if one is not left_out]).call is None


def test_any_allows_a_call_without_an_event() -> None:
    assert stands(call_on=(CallOn.ANY,)).call is Event.ANY


@pytest.mark.parametrize(
    ("record", "state", "code"),
    [
        pytest.param(searched("01", "01"), "blocked", "INS-305", id="nobody"),
        pytest.param(searched("01", "02"), "blocked", "INS-306", id="several"),
        pytest.param(searched("00", individu=FOUND), "to_decide", "INS-303", id="other traits"),
        pytest.param(searched("00", individu=FOUND, refused=True), "blocked", "INS-307", id="refused"),
    ],
)
def test_the_same_traits_are_not_searched_twice(record: IdentityRecord, state: str, code: str) -> None:
    assert told(stands(record, replace(NOW, sejours=[Sejour(date_entree=TODAY)]))) == (state, code, None)
    assert stands(record, replace(NOW, visit=True)).call is Event.VISIT
    assert stands(record, replace(NOW, traits="corrected")).call is Event.CORRECTED


def test_the_codes_of_each_step_are_told() -> None:
    assert stands(searched("01", "02")).values["codes"] == "step0 01, step1 02"


def test_one_that_insi_found_and_that_was_set_aside_since_is_asked_for_again() -> None:
    assert told(stands(searched("00"), replace(NOW, document_le=TODAY))) == ("to_call", "INS-301", Event.DOCUMENT)


def test_a_search_that_did_not_end_is_made_again() -> None:
    cut = replace(searched("01"), error="TSI-302")

    assert stands(cut, replace(NOW, state=IdentityState.RETRY)).call is Event.AGAIN


@pytest.mark.parametrize("record", [searched("00", individu=FOUND), QUALIFIED])
def test_a_matricule_of_another_dossier_waits_for_a_person(record: IdentityRecord) -> None:
    twin = replace(record, twin=7)

    assert told(stands(twin, replace(NOW, visit=True))) == ("to_decide", "INS-304", None)


OLD = replace(NOW, confirmed=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("now", "event"),
    [
        pytest.param(OLD, None, id="nobody is here"),
        pytest.param(replace(OLD, visit=True), Event.VISIT, id="the person is here"),
        pytest.param(replace(OLD, state=IdentityState.RETRY), Event.AGAIN, id="the call before did not end"),
        pytest.param(replace(OLD, visit=True, refused=MISSING), None, id="the pre-flight forbids it"),
    ],
)
def test_an_identity_to_verify_again_is_called_for_at_a_visit(now: Circumstances, event: Event | None) -> None:
    assert told(stands(QUALIFIED, now)) == ("to_verify", "INS-309", event)


def test_one_that_insi_did_not_confirm_says_what_it_answered() -> None:
    unconfirmed = stands(searched("01", record=QUALIFIED), OLD)

    assert told(unconfirmed) == ("to_verify", "INS-313", None)
    assert unconfirmed.values["codes"] == "step0 01"


def test_a_qualified_one_that_the_gate_refuses_is_blocked_under_its_reasons() -> None:
    refused = stands(QUALIFIED, replace(NOW, gate=("birthplace",)))

    assert told(refused) == ("blocked", "INS-312", None)
    assert refused.values["reasons"] == "INSEE code of the birthplace missing"
