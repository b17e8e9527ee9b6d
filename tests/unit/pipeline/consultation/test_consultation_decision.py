"""Who may consult the DMP of whom: a named professional, who knows the rules, for a person who knows and allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role
from dui_bridge.findings import Rule
from dui_bridge.pipeline.consultation import rules
from dui_bridge.pipeline.consultation.decision import (
    CHECKS,
    Acknowledgement,
    Consent,
    Decision,
    Wanted,
    may_consult,
)
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.site.declaration import ConsultationSettings

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NURSE = Caller(
    Mode.RENFORCEE,
    "899700000017",
    "GARANCE Élodie",
    "1990000001",
    "SA25",
    (Role("60", "1.2.250.1.71.1.2.7", "Infirmier"),),
    "MobileTwoFactorUnregistered",
    NOW - timedelta(minutes=10),
)
SOCIAL_WORKER = replace(NURSE, roles=(Role("41", "1.2.250.1.213.1.6.1.4", "Assistant de service social"),))
READ = Wanted(Transaction.READ, by_hand=True)
SEARCH = Wanted(Transaction.SEARCH)
USAGER = UsagerFacts(ins_qualified=True)
UNDERSTOOD = Acknowledgement("899700000017", NOW - timedelta(days=100), "2026-1")
TEAM = Consent(informed=True, in_team=True)


def decide(**given: object) -> Decision:
    usual: dict[str, object] = {
        "wanted": READ,
        "person": NURSE,
        "usager": USAGER,
        "acknowledgement": UNDERSTOOD,
        "consent": TEAM,
        "now": NOW,
        "settings": ConsultationSettings(),
    }
    return may_consult(**{**usual, **given})  # type: ignore[arg-type]


def refused(**given: object) -> list[Rule]:
    return [one.rule for one in decide(**given).refusals]


@pytest.mark.parametrize("wanted", [READ, SEARCH, Wanted(Transaction.EXISTS)])
def test_a_named_professional_of_the_team_of_an_informed_person_may_consult(wanted: Wanted) -> None:
    assert decide(wanted=wanted).allowed


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"person": replace(NURSE, mode=Mode.INDIRECTE), "wanted": Wanted(Transaction.EXISTS)}, rules.NOBODY_NAMED),
        ({"person": replace(NURSE, authenticated_at=NOW - timedelta(minutes=241))}, rules.SIGNED_IN_TOO_LONG_AGO),
        ({"person": replace(NURSE, authenticated_at=NOW + timedelta(seconds=1))}, rules.SIGNED_IN_TOO_LONG_AGO),
        ({"person": SOCIAL_WORKER}, rules.NOT_OF_THE_MATRIX),
        ({"person": replace(NURSE, roles=())}, rules.NOT_OF_THE_MATRIX),
        ({"wanted": Wanted(Transaction.FEED)}, rules.NOT_OF_THE_MATRIX),
        ({"acknowledgement": None}, rules.NOT_ACKNOWLEDGED),
        ({"acknowledgement": replace(UNDERSTOOD, national_id="899700000025")}, rules.NOT_ACKNOWLEDGED),
        ({"acknowledgement": replace(UNDERSTOOD, at=NOW - timedelta(days=180))}, rules.ACKNOWLEDGED_TOO_LONG_AGO),
        ({"settings": ConsultationSettings(acknowledgement_days=90)}, rules.ACKNOWLEDGED_TOO_LONG_AGO),
        ({"acknowledgement": replace(UNDERSTOOD, at=NOW + timedelta(days=1))}, rules.ACKNOWLEDGED_IN_THE_FUTURE),
        ({"settings": ConsultationSettings(text_version="2026-2")}, rules.OTHER_TEXT),
        ({"usager": replace(USAGER, ins_qualified=False)}, rules.INS_NOT_QUALIFIED),
        ({"usager": replace(USAGER, ins_qualified=None)}, rules.INS_NOT_QUALIFIED),
        ({"wanted": Wanted(Transaction.SEARCH, ins_kept=False)}, rules.INS_NOT_KEPT),
        ({"usager": replace(USAGER, anonymous=True)}, rules.ANONYMOUS),
        ({"usager": replace(USAGER, deceased=True)}, rules.DECEASED),
        ({"usager": replace(USAGER, death_date=date(2026, 11, 1))}, rules.DECEASED),
        ({"usager": replace(USAGER, exit_date=date(2026, 11, 21))}, rules.LEFT),
        ({"consent": replace(TEAM, consultation=False)}, rules.OPPOSED),
        ({"usager": replace(USAGER, opposition_dmp=True)}, rules.OPPOSED_TO_DMP),
        ({"consent": replace(TEAM, informed=None)}, rules.NOT_INFORMED),
        ({"consent": replace(TEAM, informed=False)}, rules.NOT_INFORMED),
        ({"consent": replace(TEAM, in_team=None)}, rules.OUT_OF_TEAM),
        ({"consent": replace(TEAM, in_team=False)}, rules.OUT_OF_TEAM),
        ({"wanted": Wanted(Transaction.READ)}, rules.NOT_BY_HAND),
    ],
)
def test_each_rule_refuses_alone(given: dict[str, object], rule: Rule) -> None:
    assert refused(**given) == [rule]


def test_every_rule_of_the_table_has_its_case_and_its_words() -> None:
    table = [rule for rule, _ in CHECKS]
    assert sorted(rule.id for rule in table) == [f"CON-{number:03}" for number in range(1, len(table) + 1)]
    assert {value for value in vars(rules).values() if isinstance(value, Rule)} == set(table)
    for rule in table:
        assert rule.en
        assert rule.fr
        assert rule.remedy_en
        assert rule.remedy_fr
        assert rule.source


@pytest.mark.parametrize(
    "given",
    [
        {"consent": Consent(consultation=True)},
        {"consent": Consent(consultation=True), "usager": replace(USAGER, opposition_dmp=True)},
        {"usager": replace(USAGER, exit_date=date(2026, 11, 22))},
        {"usager": replace(USAGER, opposition_dmp=False)},
        {"person": SOCIAL_WORKER, "wanted": Wanted(Transaction.EXISTS)},
        {"settings": ConsultationSettings(text_version="2026-1")},
    ],
)
def test_what_the_rules_leave_free_is_allowed(given: dict[str, object]) -> None:
    assert decide(**given).allowed


def test_a_job_in_nobodys_name_reads_nothing() -> None:
    assert rules.NOBODY_NAMED in refused(person=None)
    assert rules.NOBODY_NAMED in refused(person=replace(NURSE, national_id=" "))


def test_all_reasons_are_told_at_once_in_french_and_without_a_name() -> None:
    told = decide(acknowledgement=replace(UNDERSTOOD, at=NOW - timedelta(days=200)), usager=UsagerFacts(anonymous=True))
    text = " ".join(one.message("fr") for one in told.refusals)
    assert "2026-05-06" in text
    assert "180 jours" in text
    assert "anonymat" in text
    assert "GARANCE" not in repr(told)
    assert "899700000017" not in repr(told) + repr(UNDERSTOOD)


@given(
    person=st.sampled_from([None, NURSE, SOCIAL_WORKER, replace(NURSE, mode=Mode.INDIRECTE)]),
    acknowledged=st.none() | st.integers(-10, 400),
    consultation=st.none() | st.booleans(),
    informed=st.none() | st.booleans(),
    in_team=st.none() | st.booleans(),
)
def test_nobody_reads_without_a_name_a_confirmation_and_the_persons_will(
    person: Caller | None,
    acknowledged: int | None,
    consultation: bool | None,
    informed: bool | None,
    in_team: bool | None,
) -> None:
    known = None if acknowledged is None else replace(UNDERSTOOD, at=NOW - timedelta(days=acknowledged))
    allowed = decide(person=person, acknowledgement=known, consent=Consent(consultation, informed, in_team)).allowed
    willing = consultation is True or (consultation is None and informed is True and in_team is True)
    assert allowed is (person is NURSE and acknowledged is not None and 0 <= acknowledged < 180 and willing)
