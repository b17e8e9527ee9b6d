"""Who of those around a usager gets a document by MSSanté, and why the others do not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.declared import Problems
from dui_bridge.findings import Who
from dui_bridge.model.accompagnement import (
    Destinataire,
    MembreEquipe,
    Professionnel,
    QualiteDestinataire,
    TypeDocument,
)
from dui_bridge.model.clinique import MedecinTraitant
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.exchange import Channel
from dui_bridge.model.identite import Consentement, Consentements, Usager
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.policy.declaration import default_rules, load_policy
from dui_bridge.pipeline.policy.defaults import Establishment, PolicyRules, sends_to
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts, usager_facts
from dui_bridge.pipeline.policy.recipient_facts import (
    Recipient,
    RecipientKind,
    recipient_facts,
    recipients_in,
    recipients_of,
)
from dui_bridge.pipeline.policy.recipients import Addressed, Sending, choose_recipients, written_to

TODAY = date(2026, 11, 22)
CSAPA = Establishment("420000028", "CSAPA", "PDS")
EHPAD = Establishment("630000032", "EHPAD", "PA")
SENDING = Sending(TODAY, CSAPA, frozenset({Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER}))
AGREED = UsagerFacts(
    anonymous=False,
    birth_date="1984-05-14",
    opposition_mssante_usager=False,
    opposition_mssante_pro=False,
    consent_treating_doctor=True,
    consent_pharmacy=True,
    consent_hospital=True,
    consent_structure=True,
    ins_qualified=True,
)
LETTER, ORDER = TypeDocument.LETTRE_LIAISON_SORTIE.value, TypeDocument.PRESCRIPTION.value
PHARMACY = Recipient(
    RecipientKind.PHARMACIE, key="1", mailbox="pharmacie@exemple.mssante.fr", known_on=date(2026, 10, 3)
)
HOSPITAL = Recipient(RecipientKind.HOPITAL, key="2", mailbox="addicto@exemple.mssante.fr")
CAARUD = Recipient(RecipientKind.STRUCTURE, key="3", mailbox="caarud@exemple.mssante.fr")
DOCTOR = Recipient(RecipientKind.MEDECIN_TRAITANT, mailbox="docteur@exemple.mssante.fr")
NURSE = Recipient(RecipientKind.EQUIPE, mailbox="ide@exemple.mssante.fr")
PERSON = Recipient(RecipientKind.USAGER)


def decided(
    recipient: Recipient,
    kind: str = LETTER,
    usager: UsagerFacts = AGREED,
    sending: Sending = SENDING,
    rules: PolicyRules | None = None,
    **document: Any,
) -> Addressed:
    facts = DocumentFacts(type=kind, **document)
    (found,) = choose_recipients(facts, usager, [recipient], sending, rules or default_rules())
    return found


def rule_of(*args: Any, **more: Any) -> tuple[Verdict, str]:
    found = decided(*args, **more)
    return found.verdict, found.rule.id


@pytest.mark.parametrize(
    ("kind", "recipient"),
    [(LETTER, HOSPITAL), (LETTER, CAARUD), (LETTER, DOCTOR), (ORDER, PHARMACY), (ORDER, DOCTOR), (LETTER, PERSON)],
)
def test_a_recipient_whom_nothing_stands_against_gets_it(kind: str, recipient: Recipient) -> None:
    assert rule_of(recipient, kind) == (Verdict.ALLOW, "POL-001")


@pytest.mark.parametrize(
    ("usager", "recipient", "expected"),
    [
        ({"anonymous": True}, HOSPITAL, (Verdict.NEVER, "POL-030")),
        ({"anonymous": True}, PERSON, (Verdict.NEVER, "POL-030")),
        ({"opposition_mssante_pro": True}, HOSPITAL, (Verdict.NEVER, "POL-040")),
        ({"opposition_mssante_pro": True}, PERSON, (Verdict.ALLOW, "POL-001")),
        ({"opposition_mssante_usager": True}, PERSON, (Verdict.NEVER, "POL-040")),
        ({"consent_hospital": None}, HOSPITAL, (Verdict.HOLD, "POL-074")),
        ({"consent_hospital": False}, HOSPITAL, (Verdict.NEVER, "POL-075")),
        ({"consent_hospital": False}, CAARUD, (Verdict.ALLOW, "POL-001")),
        ({"consent_hospital": None, "consent_out_of_team": True}, HOSPITAL, (Verdict.ALLOW, "POL-001")),
        ({"consent_out_of_team": False}, HOSPITAL, (Verdict.NEVER, "POL-075")),
        ({"consent_treating_doctor": None}, DOCTOR, (Verdict.HOLD, "POL-074")),
        ({"ins_qualified": False, "ins_refusals": ("no_matricule",)}, PERSON, (Verdict.HOLD, "POL-050")),
        ({"birth_date": "2010-01-03"}, PERSON, (Verdict.ASK, "POL-076")),
        ({"birth_date": None}, PERSON, (Verdict.ASK, "POL-076")),
        ({"birth_date": "2010-01-03"}, HOSPITAL, (Verdict.ALLOW, "POL-001")),
    ],
)
def test_what_the_person_said_or_is_decides(
    usager: dict[str, Any], recipient: Recipient, expected: tuple[Verdict, str]
) -> None:
    assert rule_of(recipient, usager=replace(AGREED, **usager)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"mailbox": None}, (Verdict.HOLD, "POL-077")),
        ({"known_on": date(2022, 1, 12)}, (Verdict.ASK, "POL-080")),
        ({"known_on": None}, (Verdict.ALLOW, "POL-001")),
        ({"ends": date(2026, 11, 21)}, (Verdict.NEVER, "POL-073")),
        ({"begins": date(2026, 11, 23)}, (Verdict.NEVER, "POL-073")),
    ],
)
def test_a_recipient_who_cannot_or_may_no_longer_be_reached_is_told_why(
    change: dict[str, Any], expected: tuple[Verdict, str]
) -> None:
    assert rule_of(replace(PHARMACY, **change), ORDER) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"channels": frozenset({Channel.DMP})}, "POL-070"),
        ({"trusts": {"autre.mssante.fr"}.__contains__}, "POL-078"),
        ({"suspect": {"pharmacie@exemple.mssante.fr"}}, "POL-079"),
    ],
)
def test_what_the_site_knows_holds_a_mail(change: dict[str, Any], expected: str) -> None:
    assert rule_of(PHARMACY, ORDER, sending=replace(SENDING, **change)) == (Verdict.HOLD, expected)
    assert (
        rule_of(PHARMACY, ORDER, sending=replace(SENDING, trusts={"exemple.mssante.fr"}.__contains__))[0]
        is Verdict.ALLOW
    )


def test_the_mailbox_of_a_person_is_held_by_what_stands_for_it() -> None:
    held = replace(SENDING, suspect={"usager-7"}, person="usager-7")
    assert rule_of(PERSON, LETTER, sending=held) == (Verdict.HOLD, "POL-079")
    assert rule_of(PERSON, LETTER, sending=replace(held, person="usager-8"))[0] is Verdict.ALLOW


def test_a_citizen_address_is_no_mailbox_of_a_professional() -> None:
    wrong = replace(PHARMACY, mailbox="279035121518989@Patient.mssante.fr")
    assert rule_of(wrong, ORDER) == (Verdict.HOLD, "POL-078")


def test_a_decision_answers_what_is_asked_and_lifts_nothing_else() -> None:
    allowed = replace(SENDING, allowed_by="A. Chazelle")
    old = replace(PHARMACY, known_on=date(2022, 1, 12))
    assert rule_of(old, ORDER, sending=allowed)[0] is Verdict.ALLOW
    assert rule_of(replace(old, mailbox=None), ORDER, sending=allowed) == (Verdict.HOLD, "POL-077")


def test_a_document_that_names_its_addressee_goes_to_nobody_else() -> None:
    assert rule_of(HOSPITAL, addressees=("2",))[0] is Verdict.ALLOW
    for other in (CAARUD, DOCTOR, PERSON):
        assert rule_of(other, addressees=("2",)) == (Verdict.NEVER, "POL-071")


def test_being_the_addressee_replaces_a_default_but_no_never() -> None:
    assert sends_to(ORDER, "hopital") == "no"
    assert rule_of(HOSPITAL, ORDER) == (Verdict.NEVER, "POL-072")
    assert rule_of(HOSPITAL, ORDER, addressees=("2",))[0] is Verdict.ALLOW
    assert sends_to(ORDER, "structure") == "never"
    assert rule_of(CAARUD, ORDER, addressees=("3",)) == (Verdict.NEVER, "POL-072")


def test_a_document_hidden_from_the_person_or_the_representatives_does_not_go_to_their_mailbox() -> None:
    for hidden in ({"hidden_from_usager": True}, {"hidden_from_representatives": True}):
        assert rule_of(PERSON, **hidden) == (Verdict.NEVER, "POL-061")
        assert rule_of(HOSPITAL, **hidden)[0] is Verdict.ALLOW


def test_where_the_declared_doctor_counts_as_of_the_team_no_consent_is_asked_but_a_refusal_stands() -> None:
    unasked = replace(AGREED, consent_treating_doctor=None)
    there = replace(SENDING, establishment=EHPAD)
    assert rule_of(DOCTOR, usager=unasked, sending=there)[0] is Verdict.ALLOW
    assert rule_of(DOCTOR, usager=unasked, sending=replace(SENDING, establishment=None)) == (Verdict.HOLD, "POL-074")
    refused = replace(AGREED, consent_treating_doctor=False)
    assert rule_of(DOCTOR, usager=refused, sending=there) == (Verdict.NEVER, "POL-075")


def test_a_type_that_the_table_does_not_know_goes_to_nobody() -> None:
    for one in (PHARMACY, HOSPITAL, CAARUD, DOCTOR, NURSE, PERSON):
        assert rule_of(one, "unknown", addressees=(one.key,)) == (Verdict.NEVER, "POL-072")


def test_the_table_of_the_package_covers_every_type_and_kind() -> None:
    words = {sends_to(kind.value, one.value) for kind in TypeDocument for one in RecipientKind}
    assert words == {"yes", "no", "never"}
    assert {sends_to(kind.value, "pharmacie") for kind in TypeDocument if kind.value != ORDER} == {"never"}


def policy(folder: Path, text: str) -> tuple[PolicyRules, list[str]]:
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    problems = Problems(file.name)
    return load_policy([file], problems), [finding.rule.id for finding in problems.findings]


def test_a_site_chooses_within_the_table(tmp_path: Path) -> None:
    rules, findings = policy(
        tmp_path, "mailbox_age: 10d\nminors_asked: [PA]\nrecipients: {prescription: {pharmacie: no, hopital: yes}}\n"
    )
    assert findings == []
    assert rule_of(PHARMACY, ORDER, rules=rules) == (Verdict.NEVER, "POL-072")
    assert rule_of(PHARMACY, ORDER, rules=rules, addressees=("1",)) == (Verdict.NEVER, "POL-072")
    assert rule_of(HOSPITAL, ORDER, rules=rules)[0] is Verdict.ALLOW
    assert rule_of(replace(HOSPITAL, known_on=date(2026, 11, 1)), rules=rules) == (Verdict.ASK, "POL-080")
    child = replace(AGREED, birth_date="2015-01-01")
    assert rule_of(PERSON, usager=child, rules=rules, sending=replace(SENDING, establishment=EHPAD))[1] == "POL-076"


def test_a_site_cannot_send_where_the_table_says_never(tmp_path: Path) -> None:
    rules, findings = policy(tmp_path, "recipients: {prescription: {structure: yes}}\n")
    assert findings == ["POL-103"]
    assert rule_of(CAARUD, ORDER, rules=rules) == (Verdict.NEVER, "POL-072")


def test_a_longer_age_of_mailboxes_does_not_lift_the_default(tmp_path: Path) -> None:
    assert policy(tmp_path, "mailbox_age: 900d\n")[0].mailbox_days == default_rules().mailbox_days == 365


def test_a_mailbox_is_written_to_once_and_the_person_besides() -> None:
    same = replace(DOCTOR, mailbox="ADDICTO@exemple.mssante.fr")
    silent = replace(CAARUD, mailbox=None)
    chosen = choose_recipients(
        DocumentFacts(type=LETTER), AGREED, [HOSPITAL, same, silent, PERSON], SENDING, default_rules()
    )
    assert [one.verdict for one in chosen] == [Verdict.ALLOW, Verdict.ALLOW, Verdict.HOLD, Verdict.ALLOW]
    assert written_to(chosen) == (HOSPITAL, PERSON)


def test_the_recipients_of_a_dossier_are_those_whom_it_names() -> None:
    doctor = Professionnel(nom="Berthéas", prenom="Rémi", rpps="10998011117", courriel_mss="remi@exemple.mssante.fr")
    dossier = Dossier(
        usager=Usager(identifiant_local="1"),
        equipe=(
            MembreEquipe(professionnel=Professionnel(nom="Peyrard", prenom="Louison"), role="référente"),
            MembreEquipe(professionnel=Professionnel(nom="Partie", actif=False)),
        ),
        medecins_traitants=(MedecinTraitant(professionnel=doctor, courriel_mss_le=date(2026, 9, 15)),),
        destinataires=(
            Destinataire(
                identifiant="1", qualite=QualiteDestinataire.PHARMACIE, organisme="Pharmacie", finess="420000077"
            ),
        ),
    )
    member, usual, pharmacy, person = recipients_of(dossier)
    assert (member.kind, member.name, member.role) == (RecipientKind.EQUIPE, "Louison Peyrard", "référente")
    assert (usual.rpps, usual.mailbox, usual.known_on) == ("10998011117", "remi@exemple.mssante.fr", date(2026, 9, 15))
    assert (pharmacy.key, pharmacy.name, pharmacy.finess, pharmacy.mailbox) == ("1", "Pharmacie", "420000077", None)
    assert person == Recipient(RecipientKind.USAGER)
    kept = json.loads(json.dumps(recipient_facts(dossier)))
    assert recipients_in(kept) == (member, usual, pharmacy, person)
    assert "Berthéas" not in repr(usual)


def test_a_recipient_kept_by_another_version_is_read_or_nobody() -> None:
    assert Recipient.from_json({"kind": "notaire", "mailbox": "a@exemple.mssante.fr"}) is None
    assert Recipient.from_json({"kind": "pharmacie", "known_on": "hier"}) == Recipient(RecipientKind.PHARMACIE)
    assert recipients_in({}) == recipients_in({"recipients": "x"}) == recipients_in({"recipients": [1]}) == ()


def test_of_an_anonymous_dossier_no_recipient_is_kept() -> None:
    dossier = Dossier(usager=Usager(identifiant_local="1", anonyme=True))
    assert recipients_in(recipient_facts(dossier)) == ()


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (Consentement(accorde=True, le=date(2026, 3, 12), maniere="oral"), True),
        (Consentement(accorde=True, maniere="oral"), None),
        (Consentement(accorde=False), False),
        (Consentement(), None),
    ],
)
def test_a_consent_by_word_of_mouth_holds_with_its_day(said: Consentement, holds: bool | None) -> None:
    usager = Usager(identifiant_local="1", consentements=Consentements(partage_pharmacie=said))
    assert usager_facts(Dossier(usager=usager), ()).consent_pharmacy is holds


def test_every_reason_is_told_in_both_languages_without_a_gap() -> None:
    usager = replace(AGREED, consent_hospital=None)
    found = decided(HOSPITAL, usager=usager)
    assert "a hospital" in found.message("en")
    assert "un hôpital" in found.message("fr")
    assert found.rule.who is Who.DUI
    stale = decided(replace(PHARMACY, known_on=date(2022, 1, 12)), ORDER)
    assert "{" not in stale.message("fr") + stale.message("en")
