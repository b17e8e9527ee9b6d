"""What an error stops: the dossier, one document, or only the value; and the golden cases of identities."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.findings import Finding, Origin, Rule, Scope, Severity
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.mappings.mapped import ItemState
from dui_bridge.mappings.run import Context
from dui_bridge.mappings.scopes import scope_of
from tests.unit.mappings.mapping_world import (
    MAPPING,
    TODAY,
    apply,
    document,
    lines,
    projet,
    row,
    swap,
    usager,
    with_findings,
)

BROKEN = Finding(Rule("CSV-101", Severity.ERROR, Scope.VALUE, "broken", "abîmé"), Origin("X.CSV", 3))


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        (("usager", "date_naissance"), Scope.DOSSIER),
        (("usager", "ins", "matricule"), Scope.DOSSIER),
        (("usager", "etablissement", "finess"), Scope.DOSSIER),
        (("usager", "oppositions", "dmp", "exprimee"), Scope.DOSSIER),
        (("usager", "consentements", "information_dmp", "le"), Scope.DOSSIER),
        (("usager", "telephones[]"), Scope.VALUE),
        (("usager", "nom_usage"), Scope.VALUE),
        (("sejours[]", "date_sortie"), Scope.DOSSIER),
        (("sejours[]", "date_entree"), Scope.VALUE),
        (("projets_personnalises[]", "signatures[]", "le"), Scope.DOSSIER),
        (("projets_personnalises[]", "identifiant"), Scope.DOCUMENT),
        (("projets_personnalises[]", "visibilite", "masque_ps"), Scope.DOCUMENT),
        (("documents[]", "connexion_secrete"), Scope.DOCUMENT),
        (("projets_personnalises[]", "objectifs[]", "echeance"), Scope.VALUE),
        (("documents[]", "type"), Scope.DOCUMENT),
        (("documents[]", "titre"), Scope.VALUE),
    ],
)
def test_the_scope_of_an_error_is_the_one_of_its_field(path: tuple[str, ...], scope: Scope) -> None:
    assert scope_of(path) is scope


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (
            {"DATE_NAISS": "31/02/1987"},
            'USAGERS.CSV:118:DATE_NAISS  "31/02/1987" is not a date (mapping line 19). Dossier 20145 is held. '
            "Correct it in the DUI.",
        ),
        (
            {"INS": "287020100400099"},
            "USAGERS.CSV:118:INS  the key of the matricule INS is wrong (mapping line 22). Dossier 20145 is held. "
            "Correct it in the DUI.",
        ),
        (
            {"ANONYME": "?"},
            'USAGERS.CSV:118:ANONYME  "?" is neither yes nor no (mapping line 24). Dossier 20145 is held. '
            "Correct it in the DUI.",
        ),
    ],
)
def test_an_error_in_a_strict_trait_or_a_safety_field_holds_the_dossier(cells: dict[str, str], line: str) -> None:
    mapped = apply(usager(projets=(projet(), projet(ID_PROJET="P2", ETAT="B")), **cells))
    assert mapped.dossier is None
    assert lines(list(mapped.held)) == [line]
    # its documents wait for the same reason; what was left out stays left out
    assert [(i.state, i.index) for i in mapped.items] == [(ItemState.QUARANTINED, None), (ItemState.LEFT_OUT, None)]
    assert mapped.items[0].findings == mapped.held


def test_an_error_in_a_field_that_a_document_needs_holds_that_document_only() -> None:
    mapped = apply(usager(documents=(document(CODE_TYPE="47"), document(ID_DOC="D2"))))
    assert mapped.dossier is not None
    assert [d.identifiant for d in mapped.dossier.documents] == ["D2"]
    assert [(i.key, i.state.value, i.index) for i in mapped.items] == [("D1", "quarantined", None), ("D2", "mapped", 0)]
    assert 'code "47" is not in table type_doc' in mapped.items[0].findings[0].message()
    assert "Document D1 is held." in mapped.items[0].findings[0].message()


def test_elsewhere_the_value_is_dropped_with_a_warning() -> None:
    goal = row("objectifs", NUM="1", LIBELLE="Marcher", BESOIN="9.9", ECHEANCE="31/02/2026")
    mapped = apply(usager(TEL1="voir la mère", projets=(projet(objectifs=(goal,)),)))
    assert mapped.dossier is not None
    assert mapped.dossier.usager.telephones == ()
    found = mapped.dossier.projets_personnalises[0].objectifs[0]
    assert (found.titre, found.besoin, found.echeance) == ("Marcher", None, None)
    assert {f.severity for f in mapped.findings} == {Severity.WARNING}
    assert [f.path for f in mapped.findings] == [
        "usager.telephones[0]",
        "projets_personnalises[0].objectifs[0].besoin",
        "projets_personnalises[0].objectifs[0].echeance",
    ]


def test_a_mask_that_cannot_be_read_never_unmasks() -> None:
    mapped = apply(usager(projets=(projet(CONFID="7"),)))
    assert mapped.items[0].state is ItemState.QUARANTINED


def test_a_document_without_a_trait_that_it_needs_is_not_made() -> None:
    mapped = apply(usager(PRENOMS="", projets=(projet(),)))
    assert mapped.dossier is not None
    assert mapped.dossier.projets_personnalises == ()
    assert "needs usager.prenoms, which is blank" in mapped.items[0].findings[0].message()
    assert apply(usager(SEXE="", projets=(projet(),))).items[0].state is ItemState.MAPPED


def test_a_document_row_without_its_identifier_is_quarantined() -> None:
    mapped = apply(usager(projets=(projet(ID_PROJET=""),)))
    (item,) = mapped.items
    assert (item.state, item.findings[0].rule.id) == (ItemState.QUARANTINED, "MAP-180")


def test_a_usager_without_a_number_is_held() -> None:
    mapped = apply(usager(NUM_DOSSIER=""))
    assert [f.rule.id for f in mapped.held] == ["MAP-180"]


def test_what_the_source_found_counts_where_the_row_stands() -> None:
    plain = usager(projets=(projet(), projet(ID_PROJET="P2")), contacts=(row("contacts", NOM="A", LIEN="PERE"),))
    (first, second), (contact,) = plain.root.children["projets"], plain.root.children["contacts"]
    goal = row("objectifs", NUM="1", LIBELLE="Marcher")

    on_root = apply(replace(plain, root=with_findings(plain.root, BROKEN)))
    assert (on_root.dossier, len(on_root.held)) == (None, 1)

    below = replace(first, children={"objectifs": (with_findings(goal, BROKEN),)})
    in_document = apply(replace(plain, root=replace(plain.root, children={"projets": (below, second)})))
    assert [i.state for i in in_document.items] == [ItemState.QUARANTINED, ItemState.MAPPED]
    assert in_document.dossier is not None

    children = {**plain.root.children, "contacts": (with_findings(contact, BROKEN),)}
    elsewhere = apply(replace(plain, root=replace(plain.root, children=children)))
    assert elsewhere.dossier is not None
    assert elsewhere.dossier.usager.entourage == ()
    assert [f.severity for f in elsewhere.findings] == [Severity.WARNING]


# --- golden cases (identities, establishments) --------------------------------------------------------------------


def test_an_eight_digit_finess_is_repaired_only_when_the_site_has_it() -> None:
    repaired = apply(usager(CODE_ETAB="ESA01"))
    assert repaired.establishment is not None
    assert repaired.establishment.finess == "010780054"
    assert lines(list(repaired.findings)) == [
        'ETABLISSEMENTS.CSV:3:FINESS  "10780054" has 8 digits: the leading zero was probably lost by a spreadsheet; '
        "010780054 is one of your establishments: repaired, flagged (mapping line 13). Correct it in the DUI."
    ]
    other = apply(usager(CODE_ETAB="LOST"))
    assert [f.rule.id for f in other.held] == ["MAP-121"]


def test_lost_precision_is_said_and_never_guessed() -> None:
    assert [f.rule.id for f in apply(usager(CODE_ETAB="ANT75")).held] == ["MAP-122"]


def test_an_establishment_is_found_by_its_local_code_when_the_export_has_no_row() -> None:
    plain = usager()
    mapped = apply(replace(plain, lookup=lambda alias, key: None))
    assert mapped.establishment is not None
    assert mapped.establishment.finess == "010000024"


@pytest.mark.parametrize("code", ["", "NOWHERE"])
def test_an_unknown_establishment_holds_the_dossier(code: str) -> None:
    mapped = apply(usager(CODE_ETAB=code))
    assert [f.rule.id for f in mapped.held] == ["MAP-124"]


def test_without_a_site_any_well_formed_finess_is_accepted() -> None:
    mapped = apply(usager(), context=Context(TODAY))
    assert mapped.dossier is not None
    assert mapped.establishment is None


def test_a_missing_nir_key_is_computed_and_a_wrong_one_never_replaced() -> None:
    nir = invented_matricule("F", 1987, 2, "2A004")
    computed = apply(usager(NUM_SECU=nir[:13])).dossier
    assert computed is not None
    assert computed.usager.numero_securite_sociale == nir
    wrong = apply(usager(NUM_SECU=nir[:13], CLE_SECU=f"{(int(nir[13:]) + 1) % 97:02}"))
    assert wrong.dossier is not None
    assert wrong.dossier.usager.numero_securite_sociale is None
    assert [f.rule.id for f in wrong.findings] == ["MAP-141"]
    assert nir[:13] not in lines(list(wrong.findings))[0]


def test_a_postcode_given_as_cog_is_absent_and_flagged_and_the_text_is_kept() -> None:
    mapped = apply(usager(COG_NAISS="01100"))
    assert mapped.dossier is not None
    place = mapped.dossier.usager.lieu_naissance
    assert (place.cog, place.libelle, place.code_postal) == (None, "OYONNAX", "01100")
    assert lines(list(mapped.findings))[0].startswith("USAGERS.CSV:118:COG_NAISS  ")


def test_mixed_given_names_become_one_list_and_say_so() -> None:
    mapped = apply(usager(PRENOMS="Jean-Pierre Marie, Luc"))
    assert mapped.dossier is not None
    assert mapped.dossier.usager.prenoms == "Jean-Pierre Marie Luc"
    assert mapped.dossier.usager.premier_prenom_effectif == "Jean-Pierre"
    assert [f.rule.id for f in mapped.findings] == ["MAP-152"]


def test_a_partial_birth_date_is_kept_when_the_mapping_says_so() -> None:
    dossier = apply(usager(DATE_NAISS="00/00/1999")).dossier
    assert dossier is not None
    assert dossier.usager.date_naissance == "1999"
    strict = apply(usager(DATE_NAISS="00/00/1999"), swap(", partial: keep", "", MAPPING))
    assert [f.rule.id for f in strict.held] == ["MAP-102"]
