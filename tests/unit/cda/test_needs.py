"""What a document cannot do without is a finding, before anything is built."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.cda import needs
from dui_bridge.cda.content import document_content
from dui_bridge.cda.needs import document_needs
from dui_bridge.findings import Finding, Rule
from dui_bridge.model.accompagnement import DocumentPret, Professionnel, ProjetPersonnalise, TypeDocument
from dui_bridge.model.identite import Ins
from dui_bridge.model.types import Code
from tests.cda_dossiers import EDUCATRICE, FOYER, FULL, IDS, MATRICULE, PROJET, with_usager

UNDATED = ProjetPersonnalise(identifiant="1", auteur=EDUCATRICE)


def found(**changes: object) -> tuple[Finding, ...]:
    return document_needs(with_usager(**changes), PROJET, FOYER, "projets_personnalises[0]")


def rules(findings: tuple[Finding, ...]) -> list[Rule]:
    return [finding.rule for finding in findings]


def test_a_full_dossier_needs_nothing() -> None:
    assert found() == ()


def test_a_document_without_a_day_is_a_finding_at_its_path() -> None:
    (finding,) = document_needs(FULL, UNDATED, FOYER, "projets_personnalises[2]")
    assert finding.rule is needs.NO_DATE
    assert finding.path == "projets_personnalises[2].date_redaction"
    assert finding.is_error


@pytest.mark.parametrize("field", ["nom_naissance", "prenoms", "date_naissance"])
def test_a_blank_trait_is_a_finding(field: str) -> None:
    (finding,) = found(**{field: None})
    assert (finding.rule, finding.path) == (needs.IDENTITY, f"usager.{field}")


def test_a_blank_sex_is_not() -> None:
    assert found(sexe=None, ins=Ins()) == ()


def test_an_anonymous_dossier_makes_no_document() -> None:
    assert rules(found(anonyme=True)) == [needs.ANONYMOUS]


@pytest.mark.parametrize("local", [MATRICULE, MATRICULE[:13], f"{MATRICULE[:13]} {MATRICULE[13:]}", "187033306300089"])
def test_a_matricule_never_leaves_as_a_local_identifier(local: str) -> None:
    assert rules(found(identifiant_local=local, numero_securite_sociale="1 87 03 33 063 000 89")) == [
        needs.IPP_IS_MATRICULE
    ]


def test_an_ordinary_number_may_be_a_local_identifier() -> None:
    assert found(identifiant_local="1234567890121") == ()


@pytest.mark.parametrize("author", [Professionnel(nom="Roux"), Professionnel(code_local="X")])
def test_an_author_has_an_identifier_and_a_name(author: Professionnel) -> None:
    item = PROJET.model_copy(update={"auteur": author})
    assert rules(document_needs(FULL, item, FOYER, "p")) == [needs.AUTHOR]


def test_without_an_author_the_establishment_answers() -> None:
    item = PROJET.model_copy(update={"auteur": None})
    assert document_needs(FULL, item, FOYER, "p") == ()
    assert document_content(FULL, item, FOYER, IDS, None).author is EDUCATRICE


def test_without_any_author_there_is_no_document() -> None:
    item = PROJET.model_copy(update={"auteur": None})
    bare = replace(FOYER, default_author=None)
    assert rules(document_needs(FULL, item, bare, "p")) == [needs.AUTHOR]


def test_a_director_answers_else_the_default_author() -> None:
    assert document_content(FULL, PROJET, FOYER, IDS, None).legal_authenticator is FOYER.legal_authenticator
    without = replace(FOYER, legal_authenticator=None)
    assert document_content(FULL, PROJET, without, IDS, None).legal_authenticator is EDUCATRICE
    nobody = replace(without, default_author=None)
    assert rules(document_needs(FULL, PROJET, nobody, "p")) == [needs.LEGAL_AUTHENTICATOR]


def test_local_identifiers_need_a_root() -> None:
    assert rules(document_needs(FULL, PROJET, replace(FOYER, oid_ipp=""), "p")) == [needs.NO_IPP_ROOT]


@pytest.mark.parametrize(
    "code", [Code(code="51", systeme="1.2.250.1.213.1.6.1.4"), Code(code="326", systeme="1.2.3"), Code(code="EDUC")]
)
def test_a_profession_outside_the_official_list_is_told_and_left_out(code: Code) -> None:
    item = PROJET.model_copy(update={"auteur": EDUCATRICE.model_copy(update={"profession": code})})
    (finding,) = document_needs(FULL, item, FOYER, "p")
    assert finding.rule is needs.PROFESSION_LEFT_OUT
    assert not finding.is_error


def test_a_document_that_is_not_level_1_is_a_finding() -> None:
    item = DocumentPret(identifiant="1", type=TypeDocument.DLU, date=PROJET.date_redaction, auteur=EDUCATRICE)
    assert rules(document_needs(FULL, item, FOYER, "documents[0]")) == [needs.NOT_LEVEL_1]


def test_building_content_whose_needs_are_not_met_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="needs"):
        document_content(FULL, UNDATED, FOYER, IDS, None)


def test_rule_ids_are_unique_and_texts_exist_in_both_languages() -> None:
    assert len({rule.id for rule in needs.RULES}) == len(needs.RULES)
    assert all(rule.en and rule.fr for rule in needs.RULES)
