"""Whatever a dossier holds, its document is well formed, refers to itself only, and says every word."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.ips import ips_needs
from dui_bridge.cda.xml import clean
from dui_bridge.mappings.fields import Field, fields_of
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.clinique import (
    Acte,
    Alerte,
    Allergie,
    Constante,
    Directive,
    Dispositif,
    EtatRubrique,
    NomRubrique,
    Probleme,
    Rubrique,
    Traitement,
    Vaccination,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.types import Modele
from tests.ips_dossiers import EHPAD, NOT_ASKED, built_ips

WORDS = st.text(max_size=30)
PARTIAL = st.sampled_from(["1950", "2020-02", "2024-02-29"])
CODES = st.sampled_from(["I10", "e119", "N02BE01", "NEKA020", "J010104", "3400930065785", "62080626", "?", ""])
NUMBERS = st.sampled_from(["1", "0.5", "72", "120", "x", "1/2"])
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("cim10", "atc", "cis", "cip13", "ucd", "ccam", "emdn"), CODES),
    **dict.fromkeys(("dose", "valeur"), NUMBERS),
    **dict.fromkeys(("rang", "prises_par_jour", "intervalle_heures"), st.integers(-1, 30)),
    "unite": st.sampled_from(["kg", "mmHg", "°C", "", "livres"]),
    "voie": st.sampled_from(["orale", "SC", "autre", " "]),
    "libelle": WORDS.filter(clean),
    "prescripteur": st.none(),
}


def values(field: Field) -> st.SearchStrategy[Any]:
    if field.name in BY_NAME:
        found = BY_NAME[field.name]
    elif field.choices:
        found = st.sampled_from(field.choices)
    elif field.target is str and field.conversion == "date":
        found = PARTIAL
    else:
        found = {bool: st.booleans(), date: st.just(date(2024, 2, 29)), str: WORDS}[field.target]
    return found if field.required else st.none() | found


def items(model: type[Modele]) -> st.SearchStrategy[tuple[Modele, ...]]:
    fields = {name: values(field) for name, field in fields_of(model).items()}
    return st.lists(st.fixed_dictionaries(fields).map(model.model_validate), max_size=2).map(tuple)


DOSSIERS: st.SearchStrategy[Dossier] = st.fixed_dictionaries(
    {
        "problemes": items(Probleme),
        "antecedents": items(Probleme),
        "allergies": items(Allergie),
        "traitements": items(Traitement),
        "actes": items(Acte),
        "dispositifs": items(Dispositif),
        "vaccinations": items(Vaccination),
        "constantes": items(Constante),
        "directives": items(Directive),
        "alertes": items(Alerte),
        "rubriques": st.lists(
            st.builds(Rubrique, nom=st.sampled_from(list(NomRubrique)), etat=st.sampled_from(list(EtatRubrique))),
            max_size=4,
        ).map(tuple),
    }
).map(lambda fields: NOT_ASKED.model_copy(update=fields))


@given(DOSSIERS)
def test_any_dossier_makes_a_document_that_holds_together(dossier: Dossier) -> None:
    assert not [f for f in ips_needs(dossier, TypeDocument.DLU, EHPAD) if f.is_error]
    root = etree.fromstring(built_ips(dossier))
    ids = [str(node.get("ID")) for node in root.iter() if node.get("ID")]
    assert len(ids) == len(set(ids))
    references = {str(node.get("value")) for node in root.iter("{urn:hl7-org:v3}reference")}
    assert references <= {f"#{name}" for name in ids}
    assert all(re.fullmatch(r"[a-z0-9_-]+", name) for name in ids)
    text = "\n".join("".join(node.itertext()) for node in root.iter("{urn:hl7-org:v3}content"))
    for name in ("problemes", "allergies", "traitements", "actes", "dispositifs", "vaccinations", "alertes"):
        for item in getattr(dossier, name):
            assert clean(item.libelle) in text
            assert clean(item.commentaire) in text
