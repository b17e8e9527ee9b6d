"""The meaning of the mapping language, on rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.mappings.mapped import ItemState, Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.mappings.shape import SourceShape
from tests.unit.mappings.mapping_world import (
    CONTEXT,
    SHAPE,
    TODAY,
    apply,
    check,
    document,
    lines,
    projet,
    row,
    swap,
    usager,
)


def states(mapped: Mapped, name: str) -> list[tuple[str, str, str]]:
    return [(i.key, i.state.value, i.left_out or "") for i in mapped.items if i.list_name == name]


def ids(mapped: Mapped) -> list[str]:
    return [finding.rule.id for finding in mapped.findings]


def test_a_clean_record_has_no_finding() -> None:
    mapped = apply(usager(projets=(projet(),), documents=(document(),)))
    assert lines(list(mapped.findings)) == []
    assert mapped.dossier is not None
    assert mapped.establishment is not None
    assert mapped.establishment.finess == "010000024"


def test_where_passes_the_listed_values_and_names_the_others() -> None:
    mapped = apply(
        usager(projets=(projet(ETAT="B"), projet(ID_PROJET="P2", ETAT=""), projet(ID_PROJET="P3", ETAT="A")))
    )
    assert states(mapped, "projets_personnalises") == [
        ("P3", "mapped", ""),
        ("P1", "left_out", "not selected (ETAT=B)"),
        ("P2", "left_out", "not selected (ETAT=)"),
    ]


def test_except_passes_what_is_not_listed_and_not_blank() -> None:
    contacts = tuple(row("contacts", NOM=name, LIEN=lien) for name, lien in (("A", "PERE"), ("B", "UDAF"), ("C", "")))
    mapped = apply(usager(contacts=contacts))
    assert mapped.dossier is not None
    found = [(c.nom, c.organisme, c.role) for c in mapped.dossier.usager.entourage]
    assert found == [("A", None, None), (None, "B", "mandataire")]
    assert mapped.not_selected == {"contacts: not selected (LIEN=)": 1}


def test_an_empty_text_in_except_lets_blanks_through() -> None:
    text = swap("except: {LIEN: [UDAF]}", 'except: {LIEN: [UDAF, ""]}')
    mapped = apply(usager(contacts=(row("contacts", NOM="C", LIEN=""),)), text)
    assert mapped.dossier is not None
    assert [c.nom for c in mapped.dossier.usager.entourage] == ["C"]


def test_where_with_several_columns_needs_all_of_them() -> None:
    text = swap("where: {VALIDE: [O]}", 'where: {VALIDE: [O], CODE_TYPE: ["12"]}')
    mapped = apply(usager(documents=(document(), document(ID_DOC="D2", CODE_TYPE="12"))), text)
    assert states(mapped, "documents") == [("D2", "mapped", ""), ("D1", "left_out", "not selected (CODE_TYPE=07)")]


@pytest.mark.parametrize(
    ("value", "passes"),
    [("20/11/2026", True), ("21/11/2026", False), ("", False), ("soon", False), ("31/02/2026", False)],
)
def test_before_today_is_typed_and_blank_never_passes(value: str, passes: bool) -> None:
    text = swap("where: {ETAT: [V, A]}", "where: {ETAT: [V, A], DATE_SIGN: {before: today}}")
    mapped = apply(usager(projets=(projet(DATE_SIGN=value),)), text)
    assert (mapped.items[0].state is ItemState.MAPPED) is passes


def test_an_expression_may_select_rows() -> None:
    text = swap("where: {VALIDE: [O]}", "where: {expression: \"VALIDE == 'O' && contains(ID_DOC, 'X')\"}")
    mapped = apply(usager(documents=(document(), document(ID_DOC="X2"))), text)
    assert states(mapped, "documents")[0] == ("X2", "mapped", "")


def test_keep_comes_after_where_so_that_a_draft_hides_nothing() -> None:
    rows = (projet(VERSION="2"), projet(VERSION="10", DATE_SIGN="02/02/2026"), projet(VERSION="11", ETAT="B"))
    mapped = apply(usager(projets=rows))
    assert mapped.dossier is not None
    assert [p.version for p in mapped.dossier.projets_personnalises] == ["10"]
    assert sorted(states(mapped, "projets_personnalises")) == [
        ("P1", "left_out", "not selected (ETAT=B)"),
        ("P1", "left_out", "superseded"),
        ("P1", "mapped", ""),
    ]


@pytest.mark.parametrize(
    ("versions", "rule"), [(("1", "b"), "MAP-182"), (("1", ""), "MAP-182"), (("2", "2"), "MAP-183")]
)
def test_versions_that_cannot_be_ordered_hold_the_document(versions: tuple[str, str], rule: str) -> None:
    mapped = apply(usager(projets=tuple(projet(VERSION=v) for v in versions)))
    assert [(i.state, i.findings[0].rule.id) for i in mapped.items] == [(ItemState.QUARANTINED, rule)] * 2
    assert mapped.dossier is not None
    assert mapped.dossier.projets_personnalises == ()


def test_the_same_key_twice_without_keep_holds_both() -> None:
    mapped = apply(usager(documents=(document(), document(CODE_TYPE="12"), document(ID_DOC="D2"))))
    assert states(mapped, "documents") == [("D1", "quarantined", ""), ("D1", "quarantined", ""), ("D2", "mapped", "")]
    assert ids(mapped) == ["MAP-184", "MAP-184"]


def test_first_of_takes_the_first_that_is_not_blank() -> None:
    dossier = apply(usager(NOM_JF="", SEXE="1")).dossier
    assert dossier is not None
    assert dossier.usager.nom_naissance == "MARTIN"


def test_a_fallback_is_marked_and_said() -> None:
    mapped = apply(usager(NOM_JF="", SEXE="2"))
    assert mapped.marks == {"usager.nom_naissance": "presumed"}
    assert ids(mapped) == ["MAP-156"]
    assert apply(usager(NOM_JF="", SEXE="1")).marks == {}


def test_a_conversion_that_fails_is_no_fall_through() -> None:
    mapped = apply(usager(NOM_JF="DUR?ND"))
    assert mapped.dossier is None
    assert ids(mapped) == ["MAP-153"]


def test_a_reserved_code_makes_a_value_absent_without_a_word() -> None:
    dossier = apply(usager(SEXE="")).dossier
    assert dossier is not None
    assert dossier.usager.sexe is None


def test_an_unknown_code_is_refused_or_flagged_as_the_table_says() -> None:
    assert ids(apply(usager(SEXE="3"))) == ["MAP-111"]
    assert apply(usager(SEXE="3")).dossier is None
    mapped = apply(usager(projets=(projet(AUTEUR="Z01"),)))
    assert ids(mapped) == ["MAP-112"]
    assert mapped.dossier is not None
    auteur = mapped.dossier.projets_personnalises[0].auteur
    assert auteur is not None
    assert (auteur.nom, auteur.profession) == ("Kowalski", None)


def test_a_table_file_matches_without_case_and_accents_and_gives_codes_with_labels() -> None:
    dossier = apply(usager(projets=(projet(AUTEUR="E01"), projet(ID_PROJET="P2", AUTEUR="I01")))).dossier
    assert dossier is not None
    codes = [p.auteur.profession for p in dossier.projets_personnalises if p.auteur]
    assert [(c.code, c.libelle, c.systeme) for c in codes if c] == [
        ("ÉDUC", "Éducateur", None),
        ("60", "Infirmier", "1.2.250.1.71.1.2.7"),
    ]


def test_left_out_by_a_code_names_the_code() -> None:
    assert states(apply(usager(documents=(document(CODE_TYPE="99"),))), "documents") == [
        ("D1", "left_out", "left_out (CODE_TYPE=99)")
    ]


def test_a_whole_dossier_may_be_left_out_and_its_documents_are_counted() -> None:
    mapped = apply(usager(DATE_ENTREE="", projets=(projet(),), documents=(document(),)))
    assert (mapped.left_out, mapped.dossier, mapped.held) == ("sans_sejour", None, ())
    assert [item.left_out for item in mapped.items] == ["sans_sejour", "sans_sejour"]


def test_a_lookup_keeps_the_code_and_says_when_the_row_is_missing() -> None:
    mapped = apply(usager(projets=(projet(AUTEUR="E01"), projet(ID_PROJET="P2", AUTEUR="E99"))))
    assert mapped.dossier is not None
    first, second = mapped.dossier.projets_personnalises
    assert first.auteur is not None
    assert (first.auteur.code_local, first.auteur.rpps) == ("E01", None)
    assert second.auteur is None
    assert 'no row "E99" in intervenants' in mapped.findings[0].message()


def test_folded_pairs_become_details() -> None:
    items = (row("items", ITEM="GIR", VALEUR="2"), row("items", ITEM="Cohérence", VALEUR=""))
    dossier = apply(usager(evaluations=(row("evaluations", DATE="01/02/2026", GRILLE="GEVA", items=items),))).dossier
    assert dossier is not None
    assert [(d.champ, d.valeur) for d in dossier.evaluations[0].details] == [("GIR", "2"), ("Cohérence", None)]


@pytest.mark.parametrize("path", ["DOCS\\PP.PDF", "docs/pp.pdf", ".\\DOCS\\\\PP.pdf"])
def test_the_same_path_is_one_document(path: str) -> None:
    mapped = apply(usager(projets=(projet(FICHIER="DOCS\\PP.PDF"),), documents=(document(FICHIER=path),)))
    assert states(mapped, "documents") == [("D1", "left_out", "same file as projets_personnalises P1")]


def test_the_same_content_is_one_document() -> None:
    digests = {"A.PDF": "aa", "B.PDF": "aa", "C.PDF": None}
    context = Context(TODAY, CONTEXT.establishments, digests.get)
    rows = (document(FICHIER="B.PDF"), document(ID_DOC="D2", FICHIER="C.PDF"))
    mapped = apply(usager(projets=(projet(FICHIER="A.PDF"),), documents=rows), context=context)
    assert states(mapped, "documents") == [
        ("D1", "left_out", "same file as projets_personnalises P1"),
        ("D2", "mapped", ""),
    ]


def test_an_element_of_which_every_column_is_blank_drops_out() -> None:
    dossier = apply(usager(TEL1="", TEL2="04 74 00 00 00", projets=(projet(DATE_SIGN=""),))).dossier
    assert dossier is not None
    assert dossier.usager.telephones == ("+33474000000",)
    assert dossier.projets_personnalises[0].signatures == ()


def test_blank_never_means_no() -> None:
    dossier = apply(usager(OPPO_DMP="", ANONYME=" ")).dossier
    assert dossier is not None
    assert dossier.usager.oppositions.dmp.exprimee is None
    assert dossier.usager.anonyme is None


@pytest.mark.parametrize(
    ("birth", "admission", "expected"),
    [
        ("05/06/87", "01/09/2020", "1987-06-05"),
        ("05/06/19", "01/09/2020", None),
        ("05/06/25", "01/09/2020", "1925-06-05"),
    ],
)
def test_a_short_year_is_read_by_the_age_at_admission(birth: str, admission: str, expected: str | None) -> None:
    mapped = apply(usager(DATE_NAISS=birth, DATE_ENTREE=admission))
    assert (mapped.dossier.usager.date_naissance if mapped.dossier else None) == expected
    assert ids(mapped) == ([] if expected else ["MAP-103"])


def test_one_hit_among_several_objects_or_none() -> None:
    text = swap("{matricule: INS, ", "{matricule: {path: \"ids[?type=='INS'].valeur | [0]\"}, ")
    text = swap(
        "  lieu_naissance:    {from: LIEU_NAISS, cog: COG_NAISS, postcode: CP_NAISS, as: commune_naissance}",
        "  lieu_naissance: {one: \"lieux[?naissance=='oui']\", item: {cog: cog, libelle: nom}}",
        text,
    )

    aliases = {**SHAPE.aliases, "usagers": replace(SHAPE.aliases["usagers"], columns=None)}
    plan, findings = check(text, SourceShape("usagers", aliases))
    assert lines(findings) == []
    place = {"naissance": "oui", "cog": "2A004", "nom": "AJACCIO"}
    one = plan.apply(usager(lieux=[place, {"naissance": "non"}]), CONTEXT)
    assert one.dossier is not None
    assert one.dossier.usager.lieu_naissance.cog == "2A004"
    two = plan.apply(usager(lieux=[place, place]), CONTEXT)
    assert (ids(two), two.dossier) == (["MAP-185"], None)
    assert plan.apply(usager(lieux=None), CONTEXT).dossier is not None
