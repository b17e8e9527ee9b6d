"""What the DUI says and what the bridge knows, put together: never better than either allows."""

from __future__ import annotations

from datetime import date

import pytest

from dui_bridge.ins.effective import effective, first_seen, seen_again
from dui_bridge.ins.statut import Attribut, Evenement, Identite
from dui_bridge.ins.traits import traits_of
from dui_bridge.ins.transitions import EvenementRefuse, Raison, apply
from dui_bridge.model.identite import DocumentControle, Ins, LieuNaissance, PieceIdentite, StatutIdentite, Usager
from dui_bridge.model.insi import Individu, MatriculeIns

P, R, V, Q = StatutIdentite
NIR = "1.2.250.1.213.1.4.8"
NUMBER = "287033306300081"
CHECK = DocumentControle(type=PieceIdentite.CNI, le=date(2026, 3, 2))
LATER = DocumentControle(type=PieceIdentite.CNI, le=date(2026, 5, 4))
LICENCE = DocumentControle(type=PieceIdentite.PERMIS_CONDUIRE, le=date(2026, 5, 4))
FOUND = Individu(MatriculeIns(NUMBER[:13], NIR, "81"), "D OEUVRE", "ANNE LISE MARIE", "F", "1987-03-14", "33063")


def person(name: str = "D'ŒUVRE", **ins: object) -> Usager:
    return Usager(
        identifiant_local="1",
        nom_naissance=name,
        prenoms="Anne-Lise",
        sexe="F",
        date_naissance="1987-03-14",
        lieu_naissance=LieuNaissance(cog="33063", libelle="Bordeaux", code_postal="33000"),
        ins=Ins.model_validate(ins),
    )


def recovered(usager: Usager) -> Identite:
    return apply(first_seen(usager), Evenement.INSI_OK, local=traits_of(usager), individu=FOUND)


@pytest.mark.parametrize(
    ("said", "statut", "keeps_the_number"),
    [
        ({}, P, False),
        ({"statut": Q, "matricule": NUMBER}, Q, True),
        ({"statut": Q}, V, False),
        ({"statut": R, "matricule": NUMBER}, R, True),
        ({"statut": R}, P, False),
        ({"statut": V, "matricule": NUMBER}, V, False),
        ({"statut": P, "matricule": NUMBER}, P, False),
        ({"document": CHECK}, V, False),
        ({"statut": P, "document": CHECK}, P, False),
        ({"statut": V, "document": LICENCE}, P, False),
        ({"statut": Q, "matricule": NUMBER, "document": LICENCE}, R, True),
        ({"statut": Q, "matricule": NUMBER, "douteuse": True}, P, False),
        ({"statut": Q, "matricule": NUMBER, "homonyme": True}, Q, True),
    ],
    ids=str,
)
def test_before_insi_was_asked_the_dui_s_word_makes_the_status(
    said: dict[str, object], statut: StatutIdentite, keeps_the_number: bool
) -> None:
    usager = person(**said)
    found = effective(usager, first_seen(usager)).ins
    assert (found.statut, found.matricule) == (statut, NUMBER if keeps_the_number else None)


def test_a_recovered_person_shows_the_traits_of_insi_unaltered() -> None:
    usager = person(statut=V, document=CHECK)
    shown = effective(usager, recovered(usager))
    assert (shown.ins.statut, shown.ins.matricule, shown.ins.oid) == (Q, NUMBER, NIR)
    assert (shown.nom_naissance, shown.prenoms, shown.premier_prenom) == ("D OEUVRE", "ANNE LISE MARIE", "ANNE LISE")
    assert shown.lieu_naissance == LieuNaissance(cog="33063", libelle="Bordeaux")


def test_the_day_of_qualification_dates_a_check_without_its_own() -> None:
    dated = person(statut=V, qualifie_le=date(2026, 3, 2))
    assert recovered(dated).statut is Q
    assert recovered(person(statut=V)).statut is R


def test_a_check_dated_later_in_the_dui_qualifies_what_insi_recovered() -> None:
    identite = recovered(person(statut=P))
    assert identite.statut is R
    assert seen_again(identite, person(statut=V, document=CHECK)).statut is Q
    assert seen_again(identite, person(statut=V)).statut is R


def test_a_check_that_the_dui_takes_back_is_taken_back() -> None:
    identite = recovered(person(statut=V, document=CHECK))
    assert seen_again(identite, person(statut=P, document=CHECK)).statut is R
    assert seen_again(identite, person(statut=V, document=LICENCE)).statut is R


def test_a_strict_trait_that_changes_sends_back_to_provisoire_but_not_another_way_to_write_it() -> None:
    identite = recovered(person(statut=V, document=CHECK))
    changed = effective(person("DURAND", statut=V, document=CHECK), identite)
    assert (changed.ins.statut, changed.ins.matricule, changed.nom_naissance) == (P, None, "DURAND")
    assert effective(person("d’œuvre", statut=V, document=CHECK), identite).ins.statut is Q
    assert effective(person("D OEUVRE", statut=V, document=CHECK), identite).ins.statut is Q


def test_an_answer_for_traits_that_changed_since_is_not_taken() -> None:
    asked = person()
    now = seen_again(first_seen(asked), person("DURAND"))
    with pytest.raises(EvenementRefuse) as refused:
        apply(now, Evenement.INSI_OK, local=traits_of(asked), individu=FOUND, accepte=True)
    assert refused.value.raison is Raison.TRAITS_PERIMES


def test_a_number_of_the_dui_that_is_not_the_one_of_insi_takes_it_away() -> None:
    identite = recovered(person(statut=V, document=CHECK))
    assert effective(person(statut=V, document=CHECK, matricule=NUMBER), identite).ins.statut is Q
    other = effective(person(statut=V, document=CHECK, matricule="287033306400099"), identite)
    assert (other.ins.statut, other.ins.matricule) == (P, None)


def test_after_insi_has_spoken_the_dui_alone_gives_no_number_back() -> None:
    says = {"statut": Q, "matricule": NUMBER}
    refused = apply(first_seen(person(**says, document=CHECK)), Evenement.VERIFICATION_KO)
    assert seen_again(refused, person(**says, document=LATER)).statut is V
    assert effective(person(**says, document=LATER), refused).ins.matricule is None


def test_where_insi_is_not_asked_a_new_act_of_the_dui_counts_and_an_old_word_does_not() -> None:
    said = person(statut=Q, matricule=NUMBER, document=CHECK)
    changed = seen_again(first_seen(said), person("DURAND", statut=Q, matricule=NUMBER, document=CHECK))
    assert (changed.statut, changed.historique) == (P, ((NUMBER, ""),))
    again = seen_again(changed, person("DURAND", statut=Q, matricule=NUMBER, document=LATER))
    assert (again.statut, again.matricule, again.historique) == (Q, NUMBER, ())


def test_a_mark_of_the_dui_is_lifted_by_its_no_and_not_by_a_blank() -> None:
    doubted = first_seen(person(douteuse=True))
    assert seen_again(doubted, person()).attributs == {Attribut.DOUTEUSE}
    assert seen_again(doubted, person(douteuse=False)).attributs == frozenset()


def test_a_mark_made_in_the_bridge_is_not_lifted_by_the_dui() -> None:
    doubted = apply(first_seen(person(douteuse=False)), Evenement.DOUTE)
    assert seen_again(doubted, person(douteuse=False)).attributs == {Attribut.DOUTEUSE}


def test_the_dui_may_adopt_the_traits_of_insi_that_a_person_accepted() -> None:
    said = person("DURAND", statut=V, document=CHECK)
    identite = apply(first_seen(said), Evenement.INSI_OK, local=traits_of(said), individu=FOUND, accepte=True)
    assert effective(said, identite).nom_naissance == "D OEUVRE"
    assert effective(person("D'ŒUVRE", statut=V, document=CHECK), identite).ins.statut is Q
    assert effective(person("MARTIN", statut=V, document=CHECK), identite).ins.statut is P
