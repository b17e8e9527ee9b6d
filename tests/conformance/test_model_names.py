"""Every attribute of the official content model, for the classes in scope, has its field or a reason to have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dui_bridge.model.identite import Usager
from dui_bridge.model.names import CLASSES, EXCEPTIONS, LEFT, RNIV, field_for, synonyms
from tests.shared import shared_path


@pytest.fixture(scope="module")
def classes() -> dict[str, Any]:
    shared = shared_path()
    if shared is None:
        pytest.skip("the official reference material is not beside the checkout")
    with Path(shared, "reference/fhir/model/dui-content-model.yaml").open(encoding="utf-8") as text:
        found: dict[str, Any] = yaml.safe_load(text)["classes"]
    return found


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_attribute_has_a_field_of_the_model_or_is_left_with_a_reason(classes: dict[str, Any], name: str) -> None:
    attributes = [attribute["nom"] for attribute in classes[name]["attributs"]]
    missing = []
    for attribute in attributes:
        path = field_for(name, attribute)
        if path is None:
            assert LEFT[name][attribute]
        elif path.partition(".")[0] not in CLASSES[name].model_fields:
            missing.append((attribute, path))
    assert missing == []
    stale = {*EXCEPTIONS.get(name, {}), *LEFT.get(name, {})} - set(attributes)
    assert stale == set()


def test_a_field_that_lies_deeper_exists_too() -> None:
    assert field_for("Usager", "matriculeINS") == "ins.matricule"
    assert "matricule" in type(Usager(identifiant_local="1").ins).model_fields
    assert field_for("Usager", "communeNaissance") == "lieu_naissance.cog"


def test_the_rule_gives_what_the_tables_do_not() -> None:
    assert field_for("Objectif", "titreObjectif") == "titre"
    assert field_for("Sejour", "idSejour") == "identifiant"
    assert field_for("Transport", "idTrajet") is None


def test_synonyms_name_fields_that_exist() -> None:
    for model in {*CLASSES.values()}:
        assert set(synonyms(model).values()) <= set(model.model_fields)
        assert not set(synonyms(model)) & set(model.model_fields)
    assert synonyms(Usager)["nom_de_naissance"] == "nom_naissance"
    assert set(RNIV["Usager"].values()) <= set(Usager.model_fields)
