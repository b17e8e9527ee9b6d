"""What is found before a call of INSi, and what is then never sent."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dui_bridge.findings import Rule, Severity
from dui_bridge.ins import rules
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.preflight import Envoi, Preflight, preflight
from dui_bridge.ins.traits import traits_of
from dui_bridge.model.identite import Usager
from dui_bridge.model.types import Code

TODAY = date(2026, 11, 22)
HEALTHY: dict[str, Any] = {
    "identifiant_local": "R-0001",
    "nom_naissance": "Béraud",
    "nom_usage": "Chalmette",
    "prenoms": "Marguerite Anne-Marie",
    "premier_prenom": "Marguerite",
    "sexe": "F",
    "civilite": "MME",
    "date_naissance": "1936-04-12",
    "lieu_naissance": {"cog": "63113", "libelle": "CLERMONT FERRAND"},
}
NSS = invented_matricule("F", 1936, 4, "63113")


def check(*marked: str, **changes: object) -> Preflight:
    return preflight(Usager.model_validate(HEALTHY | changes), marked, TODAY)


def found(result: Preflight) -> set[Rule]:
    return {finding.rule for finding in result.findings}


def proposed(result: Preflight, trait: str) -> list[str]:
    return [proposal.value for proposal in result.proposals if proposal.trait == trait]


def test_a_healthy_dossier_may_be_asked_for_in_the_lexicon_of_insi() -> None:
    result = check()
    assert (result.findings, result.proposals, result.callable) == ((), (), True)
    assert result.envoi == Envoi("BERAUD", ("MARGUERITE", "ANNE-MARIE"), "F", "1936-04-12", "63113")
    assert result.traits.nom_naissance == "Béraud"


def test_the_first_given_name_is_not_asked_for_twice_when_it_is_written_otherwise() -> None:
    result = check(premier_prenom="Jean Luc", prenoms="Jean-Luc Paul Paul", sexe="M", civilite="M")
    assert result.envoi is not None
    assert result.envoi.prenoms == ("JEAN LUC", "PAUL", "PAUL")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"anonyme": True}, rules.ANONYMOUS),
        ({"ins": {"douteuse": True}}, rules.DOUBTFUL),
        ({"ins": {"fictive": True}}, rules.FICTITIOUS),
        ({"nom_naissance": None}, rules.MISSING),
        ({"nom_naissance": "-"}, rules.MISSING),
        ({"prenoms": None, "premier_prenom": None}, rules.MISSING),
        ({"sexe": None}, rules.MISSING),
        ({"date_naissance": None}, rules.MISSING),
        ({"sexe": "I"}, rules.SEX_INDETERMINATE),
        ({"date_naissance": "1936"}, rules.PARTIAL_DATE),
        ({"date_naissance": "1936-04"}, rules.PARTIAL_DATE),
        ({"date_naissance": "1936-02-31"}, rules.LUNAR_DATE),
        ({"date_naissance": "1936-02-30"}, rules.NOT_A_DATE),
        ({"date_naissance": "2026-11-23"}, rules.FUTURE_DATE),
        ({"nom_naissance": "Béraud 2"}, rules.NAME_DIGITS),
        ({"prenoms": "Marguerite A."}, rules.NAME_CHARACTERS),
        ({"premier_prenom": "Margu?rite"}, rules.NAME_DAMAGED),
        ({"nom_naissance": "Béraud-"}, rules.NAME_FORM),
        ({"nom_naissance": "Chalmette née Béraud"}, rules.TWO_NAMES_IN_ONE),
        ({"nom_naissance": "Béraud (épouse Chalmette)"}, rules.TWO_NAMES_IN_ONE),
        ({"nom_naissance": "Inconnue"}, rules.NO_NAME),
    ],
)
def test_what_forbids_the_call(changes: dict[str, object], rule: Rule) -> None:
    result = check(**changes)
    assert [finding.rule for finding in result.findings if finding.is_error] == [rule]
    assert result.envoi is None
    assert not result.callable
    assert all(finding.dossier == "R-0001" and finding.path for finding in result.findings)


@pytest.mark.parametrize("trait", ["nom_naissance", "prenoms", "premier_prenom", "sexe", "date_naissance"])
def test_a_presumed_trait_is_never_sent(trait: str) -> None:
    result = check(f"usager.{trait}")
    assert found(result) == {rules.PRESUMED}
    assert not result.callable


def test_a_presumed_birth_name_is_proposed_for_a_person_to_confirm() -> None:
    woman = check("usager.nom_naissance", entourage=[{"lien": "pere", "nom": "Durand"}])
    assert proposed(woman, "nom_naissance") == ["Durand", "Béraud"]
    assert check("usager.nom_naissance", sexe="M", civilite="M").proposals[0].confidence > 0.8


def test_a_presumed_place_is_left_out_of_the_call() -> None:
    result = check("usager.lieu_naissance.cog")
    assert [(finding.rule, finding.severity) for finding in result.findings] == [(rules.PRESUMED, Severity.WARNING)]
    assert result.envoi is not None
    assert result.envoi.lieu_naissance is None


@pytest.mark.parametrize(
    "changes",
    [
        {"nom_naissance": "Chalmette", "entourage": [{"lien": "conjoint", "nom": "CHALMETTE"}]},
        {"nom_naissance": "Chalmette", "situation_familiale": Code(code="4", libelle="Veuf(ve) / Veuve")},
    ],
)
def test_a_married_name_in_the_place_of_the_birth_name_is_suspected(changes: dict[str, object]) -> None:
    result = check(**changes)
    assert found(result) == {rules.MARRIED_NAME}
    assert result.callable
    assert not found(check(**changes, sexe="M", civilite="M"))


@pytest.mark.parametrize(
    ("changes", "trait", "value"),
    [
        ({"nom_naissance": "Chalmette née Béraud"}, "nom_naissance", "BERAUD"),
        ({"nom_naissance": "Béraud ép. Chalmette"}, "nom_naissance", "BERAUD"),
        ({"nom_naissance": "Marguerite Béraud"}, "nom_naissance", "BERAUD"),
        ({"prenoms": "JEANPIERRE Paul", "premier_prenom": None}, "prenoms", "JEAN-PIERRE Paul"),
        ({"prenoms": "MargueriteAnne", "premier_prenom": None}, "prenoms", "Marguerite Anne"),
        ({"prenoms": "Marie-Anne-Louise", "premier_prenom": None}, "prenoms", "Marie-Anne Louise"),
        ({"prenoms": "Marguerite-Anne-Louise", "premier_prenom": None}, "prenoms", "Marguerite Anne Louise"),
        ({"premier_prenom": "Anne"}, "premier_prenom", "Marguerite"),
        ({"prenoms": None, "premier_prenom": None, "prenom_utilise": "Margot"}, "premier_prenom", "Margot"),
        ({"sexe": None}, "sexe", "F"),
        ({"sexe": None, "civilite": None, "numero_securite_sociale": NSS}, "sexe", "F"),
        ({"lieu_naissance": {"cog": "63000", "libelle": "Clermont-Ferrand"}}, "lieu_naissance", "63113"),
        ({"lieu_naissance": {"libelle": "PARIS 14", "code_postal": "75014"}}, "lieu_naissance", "75114"),
        ({"lieu_naissance": {"libelle": "ALGER (ALGERIE)"}}, "lieu_naissance", "99352"),
        ({"lieu_naissance": {}, "numero_securite_sociale": NSS}, "lieu_naissance", "63113"),
    ],
)
def test_what_can_be_guessed_is_proposed_and_not_applied(changes: dict[str, object], trait: str, value: str) -> None:
    result = check(**changes)
    assert proposed(result, trait)[0] == value
    assert result.traits == traits_of(Usager.model_validate(HEALTHY | changes))
    assert all(0 < proposal.confidence < 1 and proposal.why in found(result) for proposal in result.proposals)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"civilite": "M"}, rules.CIVILITY),
        ({"date_naissance": "1836-04-12"}, rules.VERY_OLD),
        ({"date_naissance": "1936-12-31"}, rules.ROUND_DATE),
        ({"prenoms": "Anne Béraud", "premier_prenom": "Anne"}, rules.NAMES_IN_WRONG_FIELD),
        ({"numero_securite_sociale": invented_matricule("M", 1936, 4, "63113")}, rules.NIR_DISAGREES),
        ({"numero_securite_sociale": invented_matricule("F", 1938, 4, "63113")}, rules.NIR_DISAGREES),
        ({"lieu_naissance": {"cog": "63113", "libelle": "RIOM"}}, rules.PLACE_NAME),
        (
            {"lieu_naissance": {"cog": "20004", "libelle": "AJACCIO"}, "date_naissance": "1980-02-02"},
            rules.PLACE_IS_POSTCODE,
        ),
    ],
)
def test_what_makes_a_failure_likely_is_told_and_forbids_nothing(changes: dict[str, object], rule: Rule) -> None:
    result = check(**changes)
    assert found(result) == {rule}
    assert result.callable


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        ({}, rules.NO_PLACE),
        ({"cog": "01000"}, rules.PLACE_IS_POSTCODE),
        ({"cog": "63200", "code_postal": "63200"}, rules.PLACE_IS_POSTCODE),
        ({"cog": "RIOM"}, rules.PLACE_FORM),
        ({"cog": "99999"}, rules.PLACE_UNKNOWN),
        ({"cog": "63990"}, rules.PLACE_UNKNOWN),
        ({"cog": "99998"}, rules.PLACE_NOT_LISTED),
    ],
)
def test_a_wrong_place_is_left_out_of_the_call(place: dict[str, str], rule: Rule) -> None:
    result = check(lieu_naissance=place)
    assert found(result) == {rule}
    assert result.envoi is not None
    assert result.envoi.lieu_naissance is None


def test_a_place_is_sent_in_capitals_without_blanks() -> None:
    envoi = check(lieu_naissance={"cog": " 2b033 "}).envoi
    assert envoi is not None
    assert envoi.lieu_naissance == "2B033"


def test_a_place_abroad_may_name_the_town() -> None:
    assert check(lieu_naissance={"cog": "99139", "libelle": "PORTO (PORTUGAL)"}).findings == ()


def test_a_number_that_does_not_tell_the_same_birth_proposes_nothing() -> None:
    other = invented_matricule("F", 1938, 4, "63300")
    assert proposed(check(lieu_naissance={}, numero_securite_sociale=other), "lieu_naissance") == []


def test_every_finding_reads_in_both_languages() -> None:
    results = [
        check(nom_naissance="B2", sexe="I", date_naissance="1936", lieu_naissance={"cog": "01000"}),
        check(sexe=None),
    ]
    for finding in (finding for result in results for finding in result.findings):
        for language in ("fr", "en"):
            assert "{" not in finding.message(language) + finding.remedy(language)


TEXTS = st.text(st.sampled_from("aéB2 -'’?.œß(née)"), max_size=12)


@given(
    nom=TEXTS | st.none(),
    prenoms=TEXTS | st.none(),
    premier=TEXTS | st.none(),
    sexe=st.sampled_from([None, "M", "F", "I"]),
    born=st.sampled_from([None, "1936", "1936-04", "2030-01-01"]) | st.dates(date(1930, 1, 1)).map(str),
    cog=TEXTS | st.none() | st.sampled_from(["63113", "63000", "99999", "2b033"]),
    marked=st.sets(st.sampled_from(["usager.nom_naissance", "usager.sexe", "usager.lieu_naissance.cog"])),
)
@example(nom=None, prenoms=" ", premier="A", sexe=None, born=None, cog=None, marked=set())
def test_whatever_the_dossier_holds_only_the_lexicon_is_sent(
    nom: str | None,
    prenoms: str | None,
    premier: str | None,
    sexe: Any,
    born: str | None,
    cog: str | None,
    marked: set[str],
) -> None:
    usager = Usager.model_validate(
        {
            "identifiant_local": "1",
            "nom_naissance": nom,
            "prenoms": prenoms,
            "premier_prenom": premier,
            "sexe": sexe,
            "date_naissance": born,
            "lieu_naissance": {"cog": cog},
        }
    )
    result = preflight(usager, marked, TODAY)
    assert result.traits == traits_of(usager)
    assert result.callable is not any(finding.is_error for finding in result.findings)
    if result.envoi is not None:
        assert re.fullmatch(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*", result.envoi.nom_naissance)
        assert all(re.fullmatch(r"[A-Z]+(?:[-' ][A-Z]+)*", name) for name in result.envoi.prenoms)
        assert date.fromisoformat(result.envoi.date_naissance) <= TODAY
        assert not marked - {"usager.lieu_naissance.cog"}
        assert result.envoi.lieu_naissance in (None, "63113", "2B033")
