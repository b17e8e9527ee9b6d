"""What the Annuaire Santé publishes, read: which addresses are mailboxes of MSSanté, whose, and what is said of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from annuaire_world import bundle, mailbox, person, structure
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.annuaire.entries import Mailbox, Owner, Structure
from dui_bridge.connectors.annuaire.errors import AnswerUnreadable
from dui_bridge.connectors.annuaire.fhir import read_page
from dui_bridge.connectors.annuaire.reading import Gathered, mailboxes_of, owners_of
from dui_bridge.connectors.annuaire.settings import Kind
from tests.shared import shared_path

SAMPLE = (shared_path() or Path("absent")) / "reference" / "ins" / "annuaire" / "organization-with-mss-mailbox.json"
OPENAPI = "https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


def read(*resources: Any) -> list[Mailbox]:
    gathered = Gathered()
    gathered.add(read_page(bundle(*resources).content).matches)
    return list(mailboxes_of(gathered))


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the reference answer is not there")
def test_the_published_answer_gives_its_mailbox() -> None:
    page = read_page(SAMPLE.read_bytes())

    (found,) = read(*page.matches)
    assert (found.address, found.owner, found.kind) == (
        "secretariat.drhouse@aura.mssante.fr",
        Owner.ORGANISATION,
        Kind.ORG,
    )
    assert (found.name, found.description, found.digitization) == (
        "CENTRE DE SANTE DR HOUSE",
        "DR HOUSE Secrétariat",
        True,
    )


def test_a_person_has_a_mailbox_of_their_own_and_one_for_a_practice() -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "r1",
        "practitioner": {"reference": "https://annuaire.example/fhir/v2/Practitioner/p10998011018/_history/3"},
        "organization": {"reference": "Organization/o420000028"},
        "telecom": [mailbox("Agathe@csapa.mssante.fr", "PER")],
    }
    own = person("10998011018", "CHAZELLE", "AGATHE", mailbox("agathe@medecin.mssante.fr", "PER"))

    alone, there = read(own, role, structure("420000028", "CSAPA"))
    csapa = Structure(("420000028",), "CSAPA", "42000", "SAINT-ETIENNE")
    assert (alone.address, alone.bound, alone.structures) == ("agathe@medecin.mssante.fr", False, (csapa,))
    assert (there.address, there.bound, there.structures) == ("agathe@csapa.mssante.fr", True, (csapa,))
    assert {one.name for one in (alone, there)} == {"AGATHE CHAZELLE"}
    assert {one.rpps for one in (alone, there)} == {"10998011018"}


@pytest.mark.parametrize(
    "point",
    [
        {"system": "email", "value": "contact@hopital.example"},
        {"system": "phone", "value": "0383153030"},
        {**mailbox("a@b.mssante.fr", "ORG"), "system": "fax"},
        mailbox("sans-arobase", "ORG"),
        mailbox("deux blancs@b.mssante.fr", "ORG"),
        mailbox("été@b.mssante.fr", "ORG"),
        mailbox("Nom <a@b.mssante.fr>", "ORG"),
    ],
)
def test_what_is_no_usable_address_of_mssante_is_no_mailbox(point: Any) -> None:
    assert read(structure("420000028", "CSAPA", point)) == []


@pytest.mark.parametrize(
    "kind",
    [
        {"url": "type", "valueCodeableConcept": {"coding": [{"system": OPENAPI, "code": "APP"}]}},
        {"url": "type", "valueCode": "APP"},
    ],
)
def test_the_kind_is_read_in_the_forms_of_the_guide_and_of_the_draft(kind: Any) -> None:
    point = {"system": "email", "value": "a@b.mssante.fr", "extension": [{"url": METADATA, "extension": [kind]}]}

    (found,) = read(structure("420000028", "CSAPA", point))
    assert (found.owner, found.kind) == (Owner.APPLICATION, Kind.APP)


def test_a_kind_that_cannot_stand_there_is_not_believed() -> None:
    (found,) = read(structure("420000028", "CSAPA", mailbox("a@b.mssante.fr", "PER")))

    assert (found.owner, found.kind) == (Owner.ORGANISATION, None)


def test_a_national_identifier_gives_the_rpps_and_the_finess() -> None:
    somebody = {**person("x", "A", "B", mailbox("a@b.mssante.fr")), "identifier": [
        {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810998011018"}]}  # fmt: skip
    place = {**structure("x", "C", mailbox("c@b.mssante.fr")), "identifier": [
        {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "12A0000014"}]}  # fmt: skip

    one, other = read(somebody, place)
    assert (one.rpps, other.finess) == ("10998011018", ("2A0000014",))


def test_who_is_no_longer_active_and_the_red_list_are_told() -> None:
    gone = person("1", "A", "B", mailbox("a@b.mssante.fr", "PER", rank=2, listeRouge=True), active=False)

    (found,) = read({**gone, "meta": {"lastUpdated": "2026-11-02T01:00:00.000+01:00"}})
    assert (found.active, found.red_list, found.rank, found.updated_on) == (False, True, 2, date(2026, 11, 2))


def test_an_owner_without_a_mailbox_is_known_too() -> None:
    gathered = Gathered()
    gathered.add([person("10998011018", "CHAZELLE", "AGATHE"), structure("420000028", "CSAPA")])

    assert [one.name for one in owners_of(gathered)] == ["AGATHE CHAZELLE", "CSAPA"]


def test_the_label_of_a_profession_comes_with_its_code() -> None:
    coding = {
        "system": "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante",
        "code": "10",
    }
    degree = {"system": "https://mos.esante.gouv.fr/NOS/TRE_R48-DiplomeEtatFrancais/FHIR/TRE-R48", "code": "DE05"}
    doctor = person("1", "A", "B", mailbox("a@b.mssante.fr"), qualification=[{"code": {"coding": [coding, degree]}}])

    assert read(doctor)[0].professions == (("10", "Médecin"),)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"[]", b"\xff", b'{"resourceType": "OperationOutcome"}', b'{"resourceType":"Bundle"}'],
)
def test_what_is_no_page_of_a_search_is_not_used(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_page(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Practitioner", "email", "a@b.mssante.fr", METADATA]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["resourceType", "id", "telecom", "identifier", "name", "extension", "url", "value", "system", "address", "meta"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=4))
def test_a_resource_of_any_form_is_read_without_failing(resources: list[Any]) -> None:
    told = [{"resourceType": "Practitioner", **one} if isinstance(one, dict) else one for one in resources]

    assert all("@" in one.address for one in read(*told))


def test_what_comes_with_a_match_is_no_match() -> None:
    page = read_page(bundle(person("1", "A", "B"), included=(structure("2", "C"),), next="https://a/next").content)

    assert ([one["id"] for one in page.matches], [one["id"] for one in page.included]) == (["p1"], ["o2"])
    assert page.next == "https://a/next"
