"""Every value remembers where it came from; what a document depends on can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.mappings.mapped import Mapped
from tests.unit.mappings.mapping_world import MAPPING, apply, document, projet, row, swap, usager


@pytest.fixture(scope="module")
def mapped() -> Mapped:
    goals = (
        row("objectifs", 40, NUM="1", LIBELLE="Marcher", BESOIN="1.1.3"),
        row("objectifs", 41, NUM="2", LIBELLE="", BESOIN=""),
        row("objectifs", 42, NUM="3", LIBELLE="Lire"),
    )
    rows = (projet(ID_PROJET="P0", CONFID="9"), replace(projet(AUTEUR="I01", objectifs=goals), number=31))
    return apply(usager(NOM_JF="", TEL1="", TEL2="0474000000", projets=rows, documents=(document(),)))


@pytest.mark.parametrize(
    ("path", "place", "key"),
    [
        ("usager.date_naissance", "USAGERS.CSV:118:DATE_NAISS", "date_naissance:"),
        ("usager.nom_naissance", "USAGERS.CSV:118:NOM", "nom_naissance:"),
        ("usager.telephones[0]", "USAGERS.CSV:118:TEL2", "telephones:"),
        ("usager.lieu_naissance.cog", "USAGERS.CSV:118:LIEU_NAISS", "lieu_naissance:"),
        ("usager.etablissement.finess", "ETABLISSEMENTS.CSV:2:FINESS", "etablissement:"),
        ("usager.oppositions.dmp.exprimee", "USAGERS.CSV:118:OPPO_DMP", "oppositions:"),
        ("sejours[0].date_entree", "USAGERS.CSV:118:DATE_ENTREE", "sejours:"),
        ("projets_personnalises[0].etat", "PROJETS.CSV:31:ETAT", "etat:"),
        ("projets_personnalises[0].signatures[0].le", "PROJETS.CSV:31:DATE_SIGN", "signatures:"),
        ("projets_personnalises[0].objectifs[1].titre", "OBJECTIFS.CSV:42:LIBELLE", "objectifs:"),
        ("projets_personnalises[0].auteur.profession", "INTERVENANTS.CSV:3:FONCTION", "profession:"),
    ],
)
def test_a_value_knows_its_row_column_and_mapping_line(mapped: Mapped, path: str, place: str, key: str) -> None:
    origin = mapped.origin(path)
    assert origin is not None
    assert str(origin) == place
    assert origin.mapping is not None
    assert key in MAPPING.splitlines()[origin.mapping.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "cells", "place"),
    [
        (
            "from: DATE_NAISS",
            "path: DATE_NAISS.naissance.date",
            {"DATE_NAISS": {"naissance": {"date": "hier"}}},
            "DATE_NAISS.naissance.date",
        ),
        (
            "sejours: {each: usagers, item: {date_entree: DATE_ENTREE, date_sortie: DATE_SORTIE}}",
            "sejours: {path: 'DATE_SORTIE.sejours[]', item: {date_entree: debut, date_sortie: {path: fin.le}}}",
            {"DATE_SORTIE": {"sejours": [{"debut": "01/02/2020", "fin": {"le": "hier"}}]}},
            "DATE_SORTIE.sejours[].fin.le",
        ),
    ],
)
def test_a_finding_in_nested_data_names_the_whole_path_of_keys(
    old: str, new: str, cells: dict[str, object], place: str
) -> None:
    mapped = apply(usager(**cells), swap(old, new))

    assert f"USAGERS.CSV:118:{place}" in {str(finding.at) for finding in mapped.findings}


def test_conversions_are_told_and_unmapped_values_have_no_column(mapped: Mapped) -> None:
    origin = mapped.origin("usager.prenoms")
    assert origin is not None
    assert origin.conversions == ("given_names",)
    assert mapped.origin("usager.civilite") is not None
    assert getattr(mapped.origin("usager.civilite"), "column", "") is None


def test_the_raw_parts_of_a_document_are_the_columns_it_reads_and_what_they_refer_to(mapped: Mapped) -> None:
    parts = mapped.raw_parts(mapped.items[1])
    assert {name.partition(".")[0] for name in parts if "/" not in name} == {
        "usagers", "contacts", "evaluations", "projets", "objectifs",
    }  # fmt: skip
    assert {name for name in parts if name.startswith("intervenants") and "." not in name} == {"intervenants/I01"}
    assert parts["contacts"] == "[0]"
    assert "Marcher" in parts["objectifs.LIBELLE"]
    assert not any("REGIME" in name for name in parts)  # an ignored column counts for nothing
    assert {name.partition(".")[0] for name in mapped.raw_parts(None)} == {
        "usagers", "contacts", "evaluations", "etablissements", "etablissements/IME01",
    }  # fmt: skip


def test_raw_parts_of_one_document_do_not_change_with_another() -> None:
    def parts(*goals: str, other: str = "A") -> dict[str, str]:
        rows = tuple(row("objectifs", LIBELLE=goal) for goal in goals)
        mapped = apply(
            usager(projets=(projet(objectifs=rows), projet(ID_PROJET="P2", DATE_SIGN=f"0{len(other)}/01/2026")))
        )
        return dict(mapped.raw_parts(mapped.items[0]))

    assert parts("a", "b") == parts("a", "b", other="AB")
    assert parts("a", "b") != parts("a", "c")
    assert parts("a", "b") != parts("a")
    assert parts()["objectifs"] == "[0]"
