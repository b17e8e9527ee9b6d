"""The status machine of the RNIV: its table, what comes with an event, and what each identity forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from dui_bridge.data.codes import rows
from dui_bridge.ins.controle import is_probative
from dui_bridge.ins.statut import ATTRIBUTS, TRANSITIONS, Attribut, Evenement, Identite, Interdit, forbids
from dui_bridge.ins.traits import Traits
from dui_bridge.ins.transitions import (
    EvenementRefuse,
    Raison,
    admits,
    answer_event,
    apply,
    merge,
    traits_of_answer,
)
from dui_bridge.model.identite import DocumentControle, PieceIdentite, StatutIdentite
from dui_bridge.model.insi import Individu, MatriculeIns

P, R, V, Q = StatutIdentite
NIR, NIA = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"
LOCAL = Traits("D'ŒUVRE", "Anne-Lise Marie", "Anne-Lise", "F", "1987-03-14", "33063")
FOUND = Individu(MatriculeIns("2870333063000", NIR, "81"), "D OEUVRE", "ANNE LISE MARIE", "F", "1987-03-14", "33063")
CHECK = DocumentControle(type=PieceIdentite.CNI, le=date(2026, 3, 2), par="MME LE GOFF")
OTHER = MatriculeIns("2870333063001", NIR, "79")

PROVISOIRE = Identite()
VALIDEE = apply(PROVISOIRE, Evenement.DOCUMENT_OK, document=CHECK)
RECUPEREE = apply(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=FOUND)
QUALIFIEE = apply(RECUPEREE, Evenement.DOCUMENT_OK, document=CHECK)
IDENTITIES = {P: PROVISOIRE, R: RECUPEREE, V: VALIDEE, Q: QUALIFIEE}


def reason(identite: Identite, evenement: Evenement, **given: object) -> Raison:
    with pytest.raises(EvenementRefuse) as refused:
        apply(identite, evenement, **given)  # type: ignore[arg-type]
    return refused.value.raison


@pytest.mark.parametrize(
    ("evenement", "ends"),
    [
        # from provisoire, récupérée, validée, qualifiée; "-" cannot happen, "!" alerts identitovigilance
        (Evenement.INSI_OK, "R  R  Q  Q"),
        (Evenement.INSI_DIFFERENT, "P! P! V! P!"),
        (Evenement.NIA_VERS_NIR, "-  R  -  Q"),
        (Evenement.DOCUMENT_OK, "V  Q  V  Q"),
        (Evenement.TRAIT_MODIFIE, "P  P  P  P!"),
        (Evenement.DOUTE, "P  P  P  P!"),
        (Evenement.LEVEE_DOUTE, "P  -  -  -"),
        (Evenement.FICTIF, "P  P  P  P!"),
        (Evenement.LEVEE_FICTIF, "P  -  -  -"),
        (Evenement.HOMONYME, "P  R  V  Q"),
        (Evenement.LEVEE_HOMONYME, "P  R  V  Q"),
        (Evenement.VERIFICATION_KO, "-  P! -  P!"),
        (Evenement.DECLASSEMENT, "-  -  P  R!"),
        (Evenement.FUSION, "P  R  V  Q"),
    ],
)
def test_the_table_of_transitions(evenement: Evenement, ends: str) -> None:
    found = []
    for statut in StatutIdentite:
        suite = TRANSITIONS.get((statut, evenement))
        found.append("-" if suite is None else suite.statut.value[0].upper() + "!" * suite.alerte)
    assert found == ends.split()


@pytest.mark.parametrize(("statut", "evenement"), TRANSITIONS)
def test_no_transition_gives_a_number_or_a_check_that_nobody_gave(statut: StatutIdentite, evenement: Evenement) -> None:
    suite = TRANSITIONS[statut, evenement]
    recovered = suite.garde_matricule and (statut in {R, Q} or evenement is Evenement.INSI_OK)
    checked = suite.garde_document and (statut in {V, Q} or evenement is Evenement.DOCUMENT_OK)
    assert suite.statut is {(False, False): P, (True, False): R, (False, True): V, (True, True): Q}[recovered, checked]


def test_an_event_outside_the_table_is_refused() -> None:
    for statut, evenement in product(StatutIdentite, Evenement):
        if (statut, evenement) not in TRANSITIONS:
            assert not admits(IDENTITIES[statut], evenement)
            assert reason(IDENTITIES[statut], evenement) is Raison.TRANSITION


def test_a_recovered_identity_has_the_number_and_the_traits_of_insi_unaltered() -> None:
    assert (RECUPEREE.matricule, RECUPEREE.oid) == ("287033306300081", NIR)
    assert RECUPEREE.traits == Traits("D OEUVRE", "ANNE LISE MARIE", "ANNE LISE", "F", "1987-03-14", "33063")


@pytest.mark.parametrize(
    ("listed", "given", "local", "first"),
    [
        ("ANNE LISE MARIE", None, "Anne-Lise", "ANNE LISE"),
        ("ANNE-LISE MARIE", None, "Anne-Lise", "ANNE-LISE"),
        ("ANNE LISE MARIE", None, "Anne", "ANNE"),
        ("MARIE ANNE", None, "Jeanne Lise", "MARIE"),
        ("MARIE ANNE", None, "", "MARIE"),
        ("MARIE ANNE", "MARIE ANNE", "Marie", "MARIE ANNE"),
    ],
)
def test_the_first_given_name_is_cut_out_of_the_list(listed: str, given: str | None, local: str, first: str) -> None:
    individu = replace(FOUND, prenoms=listed, premier_prenom=given)
    assert traits_of_answer(individu, replace(LOCAL, premier_prenom=local)).premier_prenom == first


def test_a_number_whose_key_is_wrong_is_kept_as_answered() -> None:
    found = replace(FOUND, actif=replace(FOUND.actif, cle="10"))
    assert apply(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=found).matricule == "287033306300010"


def test_other_traits_are_taken_only_when_a_person_accepts_them() -> None:
    found = replace(FOUND, nom_naissance="DURAND")
    assert answer_event(PROVISOIRE, LOCAL, found) is Evenement.INSI_DIFFERENT
    assert reason(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=found) is Raison.TRAITS_DIFFERENTS
    accepted = apply(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=found, accepte=True)
    assert accepted.statut is R
    assert accepted.traits is not None
    assert accepted.traits.nom_naissance == "DURAND"


def test_another_number_is_taken_when_insi_says_that_it_follows_the_one_held() -> None:
    other = replace(FOUND, actif=OTHER)
    assert answer_event(QUALIFIEE, LOCAL, other) is Evenement.INSI_DIFFERENT
    assert reason(QUALIFIEE, Evenement.INSI_OK, local=LOCAL, individu=other) is Raison.AUTRE_MATRICULE
    followed = replace(other, historique=(FOUND.actif,))
    assert answer_event(QUALIFIEE, LOCAL, followed) is Evenement.INSI_OK
    after = apply(QUALIFIEE, Evenement.INSI_OK, local=LOCAL, individu=followed)
    assert (after.statut, after.matricule) == (Q, OTHER.matricule15)
    assert after.historique == (("287033306300081", NIR),)


def test_a_history_that_repeats_the_active_number_adds_nothing() -> None:
    found = replace(FOUND, historique=(FOUND.actif,))
    assert apply(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=found).historique == ()


def test_a_nia_gives_way_to_a_nir_and_stays_in_the_history() -> None:
    nia = apply(VALIDEE, Evenement.INSI_OK, local=LOCAL, individu=replace(FOUND, actif=replace(OTHER, oid=NIA)))
    assert answer_event(nia, LOCAL, FOUND) is Evenement.NIA_VERS_NIR
    after = apply(nia, Evenement.NIA_VERS_NIR, local=LOCAL, individu=FOUND)
    assert (after.statut, after.oid) == (Q, NIR)
    assert after.historique == ((OTHER.matricule15, NIA),)
    assert reason(after, Evenement.NIA_VERS_NIR, local=LOCAL, individu=FOUND) is Raison.PAS_UN_NIR


def test_an_answer_is_needed_to_recover() -> None:
    assert reason(PROVISOIRE, Evenement.INSI_OK, local=LOCAL) is Raison.SANS_REPONSE


@pytest.mark.parametrize(
    ("document", "proves"),
    [
        (CHECK, True),
        (DocumentControle(le=CHECK.le), True),
        (DocumentControle(type=PieceIdentite.CNI), False),
        (DocumentControle(), False),
        (DocumentControle(type=PieceIdentite.PERMIS_CONDUIRE, le=CHECK.le), False),
    ],
)
def test_a_check_needs_its_day_and_a_document_of_high_trust(document: DocumentControle, proves: bool) -> None:
    assert is_probative(document) is proves
    if not proves:
        assert reason(RECUPEREE, Evenement.DOCUMENT_OK, document=document) is Raison.DOCUMENT_NON_PROBANT


def test_a_validated_identity_without_a_dated_check_is_only_recovered_by_insi() -> None:
    undated = Identite(V, document=DocumentControle())
    assert apply(undated, Evenement.INSI_OK, local=LOCAL, individu=FOUND).statut is R


def test_every_document_has_its_row() -> None:
    assert [row["piece"] for row in rows("identity_documents")] == list(PieceIdentite)


@pytest.mark.parametrize(
    "evenement",
    [
        Evenement.TRAIT_MODIFIE,
        Evenement.DOUTE,
        Evenement.FICTIF,
        Evenement.VERIFICATION_KO,
        Evenement.INSI_DIFFERENT,
    ],
)
def test_what_breaks_an_identity_puts_its_number_in_the_history(evenement: Evenement) -> None:
    after = apply(QUALIFIEE, evenement)
    assert (after.statut, after.matricule, after.oid, after.traits, after.document) == (P, None, None, None, None)
    assert after.historique == (("287033306300081", NIR),)


def test_a_downgrade_keeps_the_number_and_asks_for_the_check_again() -> None:
    after = apply(QUALIFIEE, Evenement.DECLASSEMENT)
    assert (after.statut, after.matricule, after.document) == (R, QUALIFIEE.matricule, None)
    assert apply(after, Evenement.DOCUMENT_OK, document=CHECK) == QUALIFIEE


@pytest.mark.parametrize("mark", [Evenement.DOUTE, Evenement.FICTIF])
def test_a_doubtful_or_fictive_identity_is_neither_asked_about_nor_checked(mark: Evenement) -> None:
    held = apply(QUALIFIEE, mark)
    assert forbids(held) == frozenset(Interdit)
    assert not TRANSITIONS[Q, mark].appel_permis
    for evenement in (Evenement.INSI_OK, Evenement.INSI_DIFFERENT, Evenement.DOCUMENT_OK):
        assert not admits(held, evenement)
        assert reason(held, evenement, local=LOCAL, individu=FOUND, document=CHECK) is Raison.ATTRIBUT


def test_only_a_qualified_identity_lets_its_ins_go() -> None:
    held = {statut: Interdit.TRANSMISSION_INS in forbids(identite) for statut, identite in IDENTITIES.items()}
    assert held == {P: True, R: True, V: True, Q: False}
    assert not any(Interdit.APPEL_INSI in forbids(identite) for identite in IDENTITIES.values())


def test_doubtful_and_homonym_go_together_and_fictive_stands_alone() -> None:
    marks = {
        Attribut.HOMONYME: Evenement.HOMONYME,
        Attribut.DOUTEUSE: Evenement.DOUTE,
        Attribut.FICTIVE: Evenement.FICTIF,
    }
    for first, second in product(marks, marks):
        after = apply(apply(QUALIFIEE, marks[first]), marks[second])
        together = first is second or second in ATTRIBUTS[first].avec
        assert after.attributs == (frozenset({first, second}) if together else frozenset({Attribut.FICTIVE}))
        assert all(after.statut in ATTRIBUTS[one].statuts for one in after.attributs)


def test_lifting_a_doubt_gives_nothing_back() -> None:
    after = apply(apply(QUALIFIEE, Evenement.DOUTE), Evenement.LEVEE_DOUTE)
    assert (after.statut, after.attributs, after.matricule) == (P, frozenset(), None)


def test_a_merge_keeps_the_status_of_the_kept_identity_and_the_numbers_of_both() -> None:
    assert merge(QUALIFIEE, PROVISOIRE) == QUALIFIEE
    after = merge(VALIDEE, QUALIFIEE)
    assert (after.statut, after.matricule) == (V, None)
    assert after.historique == (("287033306300081", NIR),)
    assert merge(QUALIFIEE, QUALIFIEE) == QUALIFIEE


@pytest.mark.parametrize(
    "absorbed",
    [
        apply(PROVISOIRE, Evenement.INSI_OK, local=LOCAL, individu=replace(FOUND, actif=OTHER)),
        replace(RECUPEREE, traits=replace(LOCAL, nom_naissance="DURAND")),
        apply(PROVISOIRE, Evenement.DOUTE),
    ],
    ids=["other number", "other traits", "doubtful"],
)
def test_a_merge_that_contradicts_itself_is_doubtful(absorbed: Identite) -> None:
    after = merge(QUALIFIEE, absorbed)
    assert (after.statut, after.matricule, after.attributs) == (P, None, frozenset({Attribut.DOUTEUSE}))


def test_a_merge_with_a_fictive_identity_is_fictive_and_with_a_homonym_a_homonym() -> None:
    assert merge(QUALIFIEE, apply(PROVISOIRE, Evenement.FICTIF)).attributs == {Attribut.FICTIVE}
    homonym = merge(QUALIFIEE, apply(PROVISOIRE, Evenement.HOMONYME))
    assert (homonym.statut, homonym.attributs) == (Q, {Attribut.HOMONYME})
