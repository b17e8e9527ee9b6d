"""Facility types by category, and relations by link."""

from __future__ import annotations

import pytest

from dui_bridge.data.codes import codes, facility_type, relation, rows
from dui_bridge.model.identite import Lien


@pytest.mark.parametrize(
    ("category", "code"),
    [
        ("IME", "SA16"),
        ("sessad", "SA16"),
        ("Foyer de vie", "SA16"),
        ("EHPAD", "SA17"),
        ("Résidence-autonomie", "SA17"),
        ("SSIAD", "SA18"),
        ("Foyer de l'enfance", "SA20"),
        ("CHRS", "SA21"),
        ("CSAPA", "SA41"),
        ("", "SA41"),
    ],
)
def test_the_facility_type_of_a_category(category: str, code: str) -> None:
    assert facility_type(category).code == code


@pytest.mark.parametrize(
    ("lien", "civilite", "code"),
    [("mere", None, "MTH"), ("frere_soeur", "MME", "SIS"), ("frere_soeur", None, "FAMMEMB"), ("ami", "M", "FRND")],
)
def test_the_relation_of_a_contact(lien: str, civilite: str | None, code: str) -> None:
    found = relation(lien, civilite)
    assert found is not None
    assert found.code == code


def test_a_link_without_an_official_code_has_none() -> None:
    assert relation("mandataire", "M") is None


def test_every_row_of_our_correspondences_names_known_values() -> None:
    assert {row["code"] for row in rows("facility_by_category")} <= codes("facility_types").keys()
    assert {row["code"] for row in rows("relation_by_lien")} <= codes("relations").keys()
    assert {row["lien"] for row in rows("relation_by_lien")} <= {lien.value for lien in Lien}
