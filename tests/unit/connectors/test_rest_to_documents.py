"""From a DUI's answers to documents: a vendor's mistake ends in a finding or a retry, never in a wrong document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.connectors.rest import RestSource, errors, shape_of
from dui_bridge.connectors.wire import object_rules
from dui_bridge.declared import Problems, loads
from dui_bridge.mappings import rules
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.document import Layer, load_mapping
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.model.establishments import Establishment
from dui_bridge.sandbox.dui_rest import Fault
from tests.unit.connectors.rest_world import DECLARED, PDF, SECRET, World, document, settings, world

EHPAD = Establishment("010780054", "EHPAD Les Ormeaux", "EHPAD")
MAPPING = """\
mapping: petit-serenia
version: 1
source: {rest: {}}
tables:
  sexe:   {codes: {H: M, F: F}, unknown: refuse}
  statut: {codes: {PROVISOIRE: provisoire, QUALIFIEE: qualifiee}, unknown: refuse}
  metier: {codes: {LIAISON: lettre_liaison_sortie, ORD: prescription}, unknown: refuse}
usager:
  each: residents
  etablissement:     {finess: {path: etablissement.finess}}
  identifiant_local: id
  nom_naissance:     {path: identite.nomNaissance}
  prenoms:           {path: "join(' ', identite.prenoms)"}
  sexe:              {path: identite.sexe, table: sexe}
  date_naissance:    {path: identite.dateNaissance}
  lieu_naissance:    {cog: {path: identite.cog}}
  ins:
    one: "identite.identifiants[?type=='INS-NIR']"
    item: {matricule: valeur, statut: {from: statut, table: statut}, qualifie_le: le}
  anonyme:           {absent: "not recorded"}
  oppositions:
    dmp:            {path: oppositions.dmp}
    mssante_usager: {absent: "not recorded"}
    mssante_pro:    {absent: "not recorded"}
  consentements:     {absent: "not recorded"}
  decede:            {absent: "not recorded"}
  archive:           {absent: "not recorded"}
  representant_legal: {absent: "not recorded"}
sejours: {path: "sejours[]", item: {date_entree: debut, date_sortie: fin}}
documents:
  each: documents
  where: {statut: [VALIDE]}
  item: {identifiant: id, type: {from: typeMetier, table: metier}, titre: titre, fichier: {path: contenu.url}}
"""


def identity(**values: Any) -> dict[str, Any]:
    identifiants = [{"type": "INS-NIR", "valeur": "236046311300093", "statut": "PROVISOIRE", "le": None}]
    own = {"nomNaissance": "Béraud", "prenoms": ["Anne", "Marie"], "sexe": "F", "dateNaissance": "1936-04-12"}
    return {**own, "cog": "63113", "identifiants": identifiants, **values}


@pytest.fixture
def dui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("DUI_ID", "pont")
    monkeypatch.setenv("DUI_SECRET", SECRET)
    letter = document("d1", typeMetier="LIAISON", statut="VALIDE")
    with world(tmp_path / "dui", 1, r0000=[letter]) as made:
        made.server.change(
            "r0000",
            identite=identity(),
            etablissement={"finess": "010780054"},
            oppositions={"dmp": False},
            sejours=[{"debut": "2024-01-01", "fin": None}],
        )
        yield made


def mapped(dui: World) -> tuple[Mapped, RestSource]:
    problems = Problems("petit.yaml")
    file = load_mapping(Layer(loads(MAPPING, "petit.yaml"), lambda name: b""), problems)
    plan = compile_mapping(file, shape_of(settings(DECLARED), None), problems)
    assert not problems.has_errors, [finding.line() for finding in problems.findings]
    source = dui.source()
    (record,) = source.records()
    return plan.apply(record, Context(date(2026, 11, 18), (EHPAD,))), source


def test_without_mistake_the_document_is_the_resident_s_own(dui: World):
    found, source = mapped(dui)

    assert found.dossier is not None, [finding.line() for finding in found.findings]
    assert found.dossier.usager.nom_naissance == "Béraud"
    (letter,) = found.dossier.documents
    assert (letter.identifiant, letter.fichier) == ("d1", "residents/r0000/documents/d1")
    assert source.open(letter.fichier or "").read() == PDF


def test_two_identifiers_where_one_is_meant_hold_the_dossier(dui: World):
    twice = identity()["identifiants"] * 2
    dui.server.change("r0000", identite=identity(identifiants=twice))

    found, _ = mapped(dui)

    assert found.dossier is None
    assert [finding.rule for finding in found.held] == [rules.SEVERAL_HITS]


def test_a_name_encoded_twice_holds_the_dossier(dui: World):
    dui.server.change("r0000", identite=identity(prenoms=["RenÃ©"]))

    found, _ = mapped(dui)

    assert found.dossier is None
    assert object_rules.DOUBLE_UTF8 in [finding.rule for finding in found.held]


def test_a_title_encoded_twice_holds_its_document_only(dui: World):
    wrong = document("d2", typeMetier="ORD", statut="VALIDE", titre="RÃ©sumÃ©")
    right = document("d1", typeMetier="LIAISON", statut="VALIDE")
    dui.server.store.set_documents("r0000", [wrong, right])

    found, _ = mapped(dui)

    assert found.dossier is not None
    assert [one.identifiant for one in found.dossier.documents] == ["d1"]
    assert [(item.key, item.index is None) for item in found.items] == [("d2", True), ("d1", False)]


def test_documents_that_cannot_be_listed_hold_the_dossier(dui: World):
    dui.server.quirks.fail(Fault("/residents/r0000/", times=99, status=503))

    found, source = mapped(dui)

    assert found.dossier is None
    assert [finding.rule for finding in found.held] == [object_rules.CHILDREN_UNREADABLE]
    assert source.next_cursor() is None


def test_two_documents_of_one_key_are_both_held(dui: World):
    one = document("d1", typeMetier="LIAISON", statut="VALIDE")
    dui.server.store.set_documents("r0000", [one, {**one, "titre": "Un autre"}])

    found, _ = mapped(dui)

    assert found.dossier is not None
    assert found.dossier.documents == ()
    assert [item.index for item in found.items] == [None]


def test_an_expired_address_gives_the_same_file(dui: World):
    found, source = mapped(dui)
    assert found.dossier is not None
    dui.now += timedelta(hours=1)

    assert source.open(found.dossier.documents[0].fichier or "").read() == PDF


def test_another_file_than_the_one_announced_gives_none(dui: World):
    dui.server.quirks.wrong_sha256.add("d1")
    found, source = mapped(dui)
    assert found.dossier is not None

    with pytest.raises(errors.FileDamaged):
        source.open(found.dossier.documents[0].fichier or "")
