"""Comparison of the dossier's traits with those of INSi."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.ins.compare import Kind, begins_list, comparable, differences, match
from dui_bridge.ins.traits import Traits, traits_of
from dui_bridge.model.identite import LieuNaissance, Usager

INSI = Traits("D'ARTAGNAN DE L'HERAULT", "PIERRE-ALAIN GUNTHER", "PIERRE-ALAIN", "M", "2001-06-17", "63220")


def kinds(local: Traits, insi: Traits = INSI) -> dict[str, Kind]:
    return {difference.trait: difference.kind for difference in differences(local, insi)}


def test_the_same_traits_have_no_difference() -> None:
    assert differences(INSI, INSI) == ()
    assert match(INSI, INSI)


def test_case_accents_ligatures_hyphens_and_apostrophes_make_no_person_another() -> None:
    local = replace(INSI, nom_naissance="d’Artagnan de l Hérault", prenoms="Pierre Alain Günther")
    assert kinds(local) == {"nom_naissance": Kind.EQUIVALENT, "prenoms": Kind.EQUIVALENT}
    assert match(local, INSI)
    assert comparable("CŒUR") == comparable("coeur")


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("nom_naissance", "DARTAGNAN DE L'HERAULT"),
        ("prenoms", "GUNTHER PIERRE-ALAIN"),
        ("prenoms", "PIERRE"),
        ("prenoms", "PIERRE-ALAIN GUNTHER LOUIS"),
        ("premier_prenom", "PIERRE"),
        ("sexe", "F"),
        ("sexe", "I"),
        ("date_naissance", "2001-06-18"),
        ("date_naissance", "2001-06"),
        ("lieu_naissance", "63221"),
    ],
)
def test_another_value_is_a_difference_and_no_match(trait: str, value: str) -> None:
    local = replace(INSI, **{trait: value})
    assert kinds(local) == {trait: Kind.DIFFERENT}
    assert not match(local, INSI)


@pytest.mark.parametrize("trait", ["nom_naissance", "prenoms", "sexe", "date_naissance"])
def test_a_trait_that_one_side_lacks_does_not_match(trait: str) -> None:
    assert kinds(replace(INSI, **{trait: ""})) == {trait: Kind.MISSING}
    assert not match(replace(INSI, **{trait: ""}), INSI)
    assert not match(INSI, replace(INSI, **{trait: ""}))


@pytest.mark.parametrize(
    ("trait", "value"), [("lieu_naissance", ""), ("premier_prenom", ""), ("prenoms", "Pierre-Alain")]
)
def test_insi_may_complete_the_place_and_the_given_names(trait: str, value: str) -> None:
    assert kinds(replace(INSI, **{trait: value})) == {trait: Kind.MISSING}
    assert match(replace(INSI, **{trait: value}), INSI)


def test_the_first_given_name_is_looked_for_in_the_list_when_insi_gives_none() -> None:
    answered = replace(INSI, premier_prenom="", prenoms="PIERRE ALAIN GUNTHER")
    assert match(replace(INSI, prenoms="PIERRE ALAIN GUNTHER"), answered)
    assert not match(replace(INSI, prenoms="PIERRE ALAIN GUNTHER", premier_prenom="ALAIN"), answered)


def test_a_corsican_code_is_the_same_before_and_after_1976() -> None:
    assert match(replace(INSI, lieu_naissance="20033"), replace(INSI, lieu_naissance="2B033"))
    assert not match(replace(INSI, lieu_naissance="20033"), replace(INSI, lieu_naissance="2B034"))


def test_half_of_a_compound_name_does_not_begin_a_list() -> None:
    assert begins_list("Jean Pierre", "JEAN-PIERRE PAUL")
    assert not begins_list("MARIE", "MARIE-ANNE LOUISE")
    assert not begins_list("", "MARIE")


def test_the_traits_of_a_dossier_are_unaltered() -> None:
    usager = Usager(
        identifiant_local="1",
        nom_naissance="Béraud",
        prenoms="Marguerite Anne",
        sexe="F",
        date_naissance="1936-04",
        lieu_naissance=LieuNaissance(cog="63113"),
    )
    assert traits_of(usager) == Traits("Béraud", "Marguerite Anne", "Marguerite", "F", "1936-04", "63113")
    assert traits_of(Usager(identifiant_local="1")) == Traits("", "", "", "", "", "")


@given(text=st.text(max_size=20) | st.text(st.sampled_from("éEŉßıœ-\u0303\u0301 ’ǽ"), max_size=8))
def test_comparing_what_is_compared_changes_nothing(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)
