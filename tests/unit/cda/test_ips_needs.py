"""What an IPS-FR document cannot do without, and what it tells in words only, are findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dui_bridge.cda import needs as header_rules
from dui_bridge.cda.ips import ips_needs
from dui_bridge.cda.ips import needs as ips_rules
from dui_bridge.findings import Finding, Rule
from dui_bridge.model.accompagnement import Professionnel, TypeDocument
from dui_bridge.model.clinique import (
    Acte,
    Constante,
    EtatRubrique,
    NomRubrique,
    Probleme,
    Rubrique,
    Traitement,
    TypeConstante,
)
from dui_bridge.model.dossier import Dossier
from tests.cda_dossiers import USAGERE
from tests.ips_dossiers import DRAWN_UP, EHPAD, MAXIMAL, NOT_ASKED


def found(**fields: object) -> list[tuple[Rule, str]]:
    dossier = NOT_ASKED.model_copy(update=fields)
    return [(finding.rule, finding.path) for finding in ips_needs(dossier, TypeDocument.DLU, EHPAD)]


def test_a_dossier_in_which_nothing_was_asked_still_makes_a_document() -> None:
    assert found() == []


def test_a_document_without_any_day_is_an_error() -> None:
    (finding,) = ips_needs(Dossier(usager=USAGERE), TypeDocument.DLU, EHPAD)
    assert (finding.rule, finding.path, finding.is_error) == (ips_rules.NO_DATE, "syntheses.date", True)


def test_only_the_documents_of_the_clinical_part_are_made() -> None:
    (finding,) = ips_needs(NOT_ASKED, TypeDocument.PRESCRIPTION, EHPAD)
    assert (finding.rule, finding.is_error) == (ips_rules.NOT_IPS, True)


def test_the_identity_the_author_and_the_establishment_are_those_of_any_document() -> None:
    nobody = replace(EHPAD, default_author=None, legal_authenticator=None, oid_ipp="")
    dossier = Dossier(usager=USAGERE.model_copy(update={"nom_naissance": None}), syntheses=(DRAWN_UP,))
    rules = {finding.rule for finding in ips_needs(dossier, TypeDocument.DLU, nobody)}
    assert rules == {header_rules.IDENTITY, header_rules.NO_IPP_ROOT, header_rules.LEGAL_AUTHENTICATOR}


def test_an_author_without_an_identifier_is_an_error_at_its_place() -> None:
    unnamed = DRAWN_UP.model_copy(update={"auteur": Professionnel(nom="Faure")})
    assert found(syntheses=(unnamed,)) == [(header_rules.AUTHOR, "syntheses[0].auteur")]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"problemes": (Probleme(libelle="x", cim10="ALZ"),)}, "problemes[0].cim10"),
        ({"antecedents": (Probleme(libelle="x"), Probleme(libelle="x", cim10="1"))}, "antecedents[1].cim10"),
        ({"traitements": (Traitement(libelle="x", cip13="3400930065784"),)}, "traitements[0].cip13"),
        ({"traitements": (Traitement(libelle="x", atc="N02-BE01"),)}, "traitements[0].atc"),
        ({"actes": (Acte(libelle="x", ccam="NEKA"),)}, "actes[0].ccam"),
    ],
)
def test_a_code_of_the_wrong_form_is_a_warning_at_its_place(fields: dict[str, object], path: str) -> None:
    assert found(**fields) == [(ips_rules.CODE_LEFT_OUT, path)]


def test_a_measure_that_is_not_sure_is_a_warning() -> None:
    low = Constante(type=TypeConstante.PRESSION_SYSTOLIQUE, valeur="12", date=date(2026, 1, 1))
    assert found(constantes=(low,)) == [(ips_rules.MEASURE_LEFT_OUT, "constantes[0].valeur")]


@pytest.mark.parametrize("state", [EtatRubrique.AUCUNE_CONNUE, EtatRubrique.NON_RENSEIGNEE])
def test_a_section_that_holds_what_it_denies_is_a_warning(state: EtatRubrique) -> None:
    said = (Rubrique(nom=NomRubrique.ALLERGIES, etat=state),)
    allergies = MAXIMAL.allergies
    assert found(rubriques=said, allergies=allergies) == [(ips_rules.CONTRADICTION, "rubriques[0].etat")]
    assert found(rubriques=said) == []


def test_a_section_said_to_be_filled_that_holds_nothing_is_a_warning() -> None:
    said = (Rubrique(nom=NomRubrique.TRAITEMENTS, etat=EtatRubrique.RENSEIGNEE),)
    assert found(rubriques=said) == [(ips_rules.CONTRADICTION, "rubriques[0].etat")]


def test_every_message_is_filled() -> None:
    findings: tuple[Finding, ...] = ips_needs(
        NOT_ASKED.model_copy(
            update={
                "problemes": (Probleme(libelle="x", cim10="ALZ"),),
                "constantes": (Constante(type=TypeConstante.POIDS, valeur="5", unite="livres"),),
                "rubriques": (Rubrique(nom=NomRubrique.PROBLEMES, etat=EtatRubrique.AUCUNE_CONNUE),),
            }
        ),
        TypeDocument.DLU,
        EHPAD,
    )
    assert len(findings) == 3
    assert not any("{" in finding.line("en") + finding.line("fr") for finding in findings)
