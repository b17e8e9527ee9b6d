"""The header and body of a level 1 document."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.patient import guardians, is_minor
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.identite import Adresse, Contact, Ins, Lien, RoleContact, StatutIdentite
from dui_bridge.model.profile import Profile
from tests.cda_dossiers import (
    CAYENNE,
    EDUCATRICE,
    FOYER,
    FULL,
    IDS,
    MATRICULE,
    MERE,
    PDF,
    PROJET,
    TUTELLE,
    USAGERE,
    VARIANTS,
    built,
    child_with_parents,
    minimal,
    with_usager,
)

NS = {"h": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc"}
PATIENT = "h:recordTarget/h:patientRole/h:patient"


def root(data: bytes) -> etree._Element:
    return etree.fromstring(data)


def values(data: bytes, path: str) -> list[str]:
    found = root(data).xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [str(item) for item in found]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_content_gives_the_same_bytes(name: str) -> None:
    assert VARIANTS[name]() == VARIANTS[name]()


@pytest.mark.parametrize("name", VARIANTS)
def test_no_variant_leaks_a_matricule_that_the_gate_held(name: str) -> None:
    data = VARIANTS[name]()
    roots = values(data, "//h:patientRole/h:id/@root")
    matricules = set(re.findall(rb"\b[12]\d{14}\b", data))
    assert len(matricules) <= ("1.2.250.1.213.1.4.10" in roots)


def test_the_body_is_the_pdf_unchanged() -> None:
    (text,) = values(built(), "h:component/h:nonXMLBody/h:text[@mediaType='application/pdf']/text()")
    assert b64decode(text, validate=True) == PDF


def test_the_pdf_stands_in_the_body_whatever_the_header_says() -> None:
    named = PROJET.model_copy(update={"titre": "Projet en PDF"})
    data = built(item=named, establishment=replace(FOYER, name="Foyer >PDF<"))
    assert values(data, "h:title/text()") == ["Projet en PDF"]
    (text,) = values(data, "h:component/h:nonXMLBody/h:text/text()")
    assert b64decode(text, validate=True) == PDF


def test_a_document_is_confidentiality_n_whatever_masking_is_asked_for() -> None:
    masked = PROJET.model_copy(
        update={"visibilite": PROJET.visibilite.model_copy(update={"masque_ps": True, "invisible_patient": True})}
    )
    data = built(item=masked)
    assert values(data, "h:confidentialityCode/@code") == ["N"]
    assert b"MASQUE_PS" not in data
    assert b"INVISIBLE" not in data


def test_the_ids_of_a_first_version() -> None:
    data = built()
    assert values(data, "h:id/@root | h:setId/@root | h:versionNumber/@value") == [IDS.unique_id, IDS.set_id, "1"]
    assert values(data, "h:relatedDocument") == []


def test_a_later_version_replaces_the_one_handed_over_and_names_no_series() -> None:
    data = built(ids=replace(IDS, unique_id="2.25.9", version=3, replaces="2.25.7", replaces_version=1))
    assert values(data, "h:relatedDocument/@typeCode") == ["RPLC"]
    assert values(data, "h:relatedDocument/h:parentDocument/*/@*") == ["2.25.7", "1"]


def test_the_title_is_the_projects_own_else_the_type() -> None:
    assert values(built(), "h:title/text()") == ["Projet personnalisé 2026"]
    assert values(minimal(), "h:title/text()") == ["Projet personnalisé d'accompagnement"]


def test_times_come_from_the_record_in_the_zone_of_the_establishment() -> None:
    times = "h:effectiveTime/@value | h:author/h:time/@value | h:legalAuthenticator/h:time/@value"
    assert values(built(), times) == ["20260625000000+0200", "20260602000000+0200", "20260625000000+0200"]
    overseas = built(establishment=CAYENNE)
    assert values(overseas, times) == ["20260625000000-0300", "20260602000000-0300", "20260625000000-0300"]
    low = "h:documentationOf/h:serviceEvent/h:effectiveTime/h:low/@value"
    assert values(overseas, low) == ["20260701000000-0300"]


def test_an_unknown_stay_is_said_to_be_unknown() -> None:
    encounter = "h:componentOf/h:encompassingEncounter/h:effectiveTime"
    assert values(minimal(), f"{encounter}/@nullFlavor") == ["UNK"]
    assert values(built(), f"{encounter}/h:low/@value") == ["20200106000000+0100"]


def test_a_qualified_identity_carries_the_ins_and_its_traits() -> None:
    data = built()
    assert values(data, "//h:patientRole/h:id/@extension") == [MATRICULE, "D-0042"]
    names = values(data, f"{PATIENT}/h:name/*/text()")
    assert names == ["LACAZE", "ANNE-LISE MARIE JOSEPHE", "ANNE-LISE", "Lacaze d'Estœuf", "Lison"]
    assert values(data, f"{PATIENT}/h:name/*/@qualifier") == ["BR", "BR", "CL", "CL"]
    assert values(data, f"{PATIENT}/h:birthplace//h:county/text()") == ["33063"]
    assert values(data, f"{PATIENT}/h:birthTime/@value") == ["19870314"]


@pytest.mark.parametrize("status", [s for s in StatutIdentite if s is not StatutIdentite.QUALIFIEE])
def test_without_qualification_no_form_of_the_matricule_leaves(status: StatutIdentite) -> None:
    held = with_usager(
        ins=Ins(matricule=MATRICULE, oid="1.2.250.1.213.1.4.8", statut=status),
        numero_securite_sociale=MATRICULE,
    )
    data = built(held)
    assert qualified_ins(held.usager, Profile.SANDBOX) is None
    assert MATRICULE[:13].encode() not in data
    assert b"1.2.250.1.213.1.4." not in data


def test_the_citizen_mail_of_a_relative_never_leaves() -> None:
    relative = MERE.model_copy(update={"courriels": ("260058815400233@patient.mssante.fr",)})
    assert b"260058815400233" not in built(with_usager(entourage=(relative,)))


@pytest.mark.parametrize(("sexe", "code"), [("M", "M"), ("F", "F"), ("I", "UN"), (None, "UN")])
def test_the_sex(sexe: str | None, code: str) -> None:
    data = built(with_usager(sexe=sexe, ins=Ins()))
    assert values(data, f"{PATIENT}/h:administrativeGenderCode/@code") == [code]


def test_the_parents_of_a_child_are_its_guardians() -> None:
    families = values(child_with_parents(), f"{PATIENT}/h:guardian/h:guardianPerson/h:name/h:family/text()")
    assert families == ["O'Brien-Lacaze", "Lacaze"]


def test_the_body_that_holds_the_mandate_is_the_guardian_of_an_adult() -> None:
    assert values(built(), f"{PATIENT}/h:guardian/*/h:name/text()") == [TUTELLE.organisme]
    assert values(built(), f"{PATIENT}/h:guardian/h:guardianPerson") == []


@pytest.mark.parametrize(
    ("contact", "represents"),
    [
        (Contact(nom="A", lien=Lien.TUTEUR), True),
        (Contact(nom="A", role=RoleContact.REPRESENTANT_LEGAL), True),
        (Contact(nom="A", lien=Lien.CURATEUR), False),
        (Contact(nom="A", lien=Lien.MERE, autorite_parentale=True), False),
        (Contact(lien=Lien.TUTEUR), False),
    ],
)
def test_who_represents_an_adult(contact: Contact, represents: bool) -> None:
    usager = USAGERE.model_copy(update={"entourage": (contact,)})
    assert bool(guardians(usager, date(2026, 1, 1))) is represents


@pytest.mark.parametrize(
    ("born", "minor"),
    [
        ("2008-06-25", False),
        ("2008-06-26", True),
        ("2008", False),
        ("2009", True),
        ("2008-06", False),
        ("2008-07", True),
        (None, False),
    ],
)
def test_who_is_certainly_a_minor_on_25_june_2026(born: str | None, minor: bool) -> None:
    assert is_minor(USAGERE.model_copy(update={"date_naissance": born}), date(2026, 6, 25)) is minor


def test_the_trusted_person_and_those_to_call() -> None:
    data = built()
    assert values(data, "h:informant/h:relatedEntity/@classCode") == ["NOK", "ECON", "ECON"]
    assert values(data, "h:informant//h:family/text()") == ["O'Brien-Lacaze", "O'Brien-Lacaze", "Roux"]


def test_professionals_are_identified_by_rpps_else_by_the_structures_code() -> None:
    data = built()
    assert values(data, "h:author/h:assignedAuthor/h:id/@extension") == ["3330000019/EDUC04"]
    assert values(data, "h:legalAuthenticator/h:assignedEntity/h:id/@extension") == ["810000000000"]


def test_a_profession_outside_the_official_list_is_not_passed_through() -> None:
    odd = EDUCATRICE.model_copy(update={"profession": EDUCATRICE.profession.model_copy(update={"code": "51"})})  # type: ignore[union-attr]
    data = built(item=PROJET.model_copy(update={"auteur": odd}))
    assert values(data, "h:author/h:assignedAuthor/h:code") == []


def test_an_address_has_parts_or_lines_never_both() -> None:
    both = Adresse(numero_voie="4", libelle_voie="rue A", lignes=("Bât. B",), code_postal="33000")
    data = built(with_usager(adresses=(both, Adresse(lignes=("rue C",), localite="Bordeaux"))))
    for addr in root(data).iterfind(".//h:addr", NS):
        tags = {etree.QName(child).localname for child in addr}
        assert "streetAddressLine" not in tags or tags == {"streetAddressLine"}
    assert values(data, "//h:patientRole/h:addr[1]/h:additionalLocator/text()") == ["Bât. B"]


def test_the_establishment_stands_with_its_facility_type_and_practice_setting() -> None:
    data = built()
    assert values(data, "//h:healthCareFacility/h:code/@code") == ["SA16"]
    assert values(data, "//h:performer//h:standardIndustryClassCode/@code") == ["ESSMS"]
    assert values(data, "h:custodian//h:id/@extension") == [f"1{FOYER.finess}"]


@given(st.text(max_size=60), st.text(max_size=60), st.lists(st.text(max_size=30), max_size=3))
def test_any_text_gives_a_document_that_can_be_read_again(title: str, name: str, lines: list[str]) -> None:
    dossier = with_usager(
        nom_usage=name,
        telephones=tuple(lines),
        courriels=tuple(f"{line}@{line}" for line in lines),
        adresses=(Adresse(lignes=tuple(lines)), Adresse(libelle_voie=name)),
    )
    parsed = root(built(dossier, PROJET.model_copy(update={"titre": title})))
    assert parsed.findtext("h:title", namespaces=NS)
    assert all(element.text or len(element) for element in parsed.iterfind(".//h:addr//*", NS))
    assert FULL.usager.nom_naissance in "".join(parsed.itertext())  # type: ignore[operator]
