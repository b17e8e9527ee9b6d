"""An IPS-FR document: header, sections that are there, what an empty one says, identifiers and references."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

import pytest
from lxml import etree

from dui_bridge.cda.ips import build_ips, ips_content, ips_dates
from dui_bridge.cda.xml import Element
from dui_bridge.model.accompagnement import Signataire, Signature, TypeDocument
from dui_bridge.model.clinique import (
    Constante,
    EtatRubrique,
    NomRubrique,
    Probleme,
    Rubrique,
    TypeConstante,
    Vaccination,
)
from dui_bridge.model.dossier import Dossier
from tests.cda_dossiers import IDS, PDF, USAGERE
from tests.ips_dossiers import (
    DOCTOR,
    DRAWN_UP,
    EHPAD,
    IPS_VARIANTS,
    KINDS,
    MAXIMAL,
    NOT_ASKED,
    NOTHING_KNOWN,
    built_ips,
)

NS = {"h": "urn:hl7-org:v3"}
MANDATORY = ["11450-4", "47519-4", "48765-2", "10160-0", "46264-8"]
ABSENT = "2.16.840.1.113883.5.1150.1"


def values(data: bytes, path: str) -> list[str]:
    found = etree.fromstring(data).xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [str(item) for item in found]


def sections(data: bytes) -> list[str]:
    return values(data, "//h:section/h:code/@code")


def absences(data: bytes) -> list[str]:
    return values(data, f"//h:entry//*[@codeSystem='{ABSENT}']/@code")


@pytest.mark.parametrize("name", IPS_VARIANTS)
def test_the_same_content_gives_the_same_bytes(name: str) -> None:
    assert IPS_VARIANTS[name]() == IPS_VARIANTS[name]()


@pytest.mark.parametrize("name", IPS_VARIANTS)
def test_every_reference_points_to_one_place_of_the_narrative(name: str) -> None:
    data = IPS_VARIANTS[name]()
    targets = values(data, "//@ID")
    assert len(targets) == len(set(targets))
    references = {value.removeprefix("#") for value in values(data, "//h:entry//h:reference/@value")}
    assert references
    assert references <= set(targets)


@pytest.mark.parametrize("name", IPS_VARIANTS)
def test_every_identifier_of_a_document_is_unique(name: str) -> None:
    ids = values(IPS_VARIANTS[name](), "//h:structuredBody//h:id/@root")
    assert ids
    assert len(ids) == len(set(ids))


def test_another_version_has_other_identifiers_of_entries() -> None:
    first = values(built_ips(), "//h:structuredBody//h:id/@root")
    content = ips_content(MAXIMAL, TypeDocument.DLU, EHPAD, replace(IDS, unique_id="2.25.31415926535.2"), None)
    assert not set(first) & set(values(build_ips(content), "//h:structuredBody//h:id/@root"))


@pytest.mark.parametrize(
    ("kind", "code", "title"),
    [
        (TypeDocument.DLU, "74207-2", "Document de liaison d'urgence"),
        (TypeDocument.SYNTHESE_MEDICALE, "60591-5", "Synthèse médicale"),
    ],
)
def test_the_header_declares_the_model(kind: TypeDocument, code: str, title: str) -> None:
    data = built_ips(NOT_ASKED, kind)
    assert values(data, "/h:ClinicalDocument/h:code/@code") == [code]
    assert values(data, "/h:ClinicalDocument/h:title/text()") == [title]
    assert values(data, "/h:ClinicalDocument/h:templateId/@root")[2:] == [
        "2.16.840.1.113883.10.22.1.1",
        "1.2.250.1.213.1.1.1.51",
    ]
    assert values(data, "/h:ClinicalDocument/h:templateId/@extension") == ["2024.01"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_asked_is_said_so(kind: TypeDocument) -> None:
    data = built_ips(NOT_ASKED, kind)
    assert sections(data) == MANDATORY
    assert absences(data) == [
        "no-problem-info",
        "no-procedure-info",
        "no-allergy-info",
        "no-medication-info",
        "no-device-info",
    ]


def test_what_nobody_has_is_said_so() -> None:
    data = built_ips(NOTHING_KNOWN)
    assert sorted(sections(data)) == sorted([*MANDATORY, "11348-0", "11369-6", "42348-3"])
    assert absences(data) == [
        "no-known-problems",
        "no-known-problems",
        "no-known-procedures",
        "no-known-allergies",
        "no-known-medications",
        "no-known-devices",
        "no-known-immunizations",
    ]
    assert values(data, "//h:observation[h:code/@code='42348-3']/h:value/@value") == ["false"]


def test_a_full_dossier_says_no_absence() -> None:
    assert absences(built_ips()) == []


def test_what_is_recorded_wins_over_nothing_known() -> None:
    said = (Rubrique(nom=NomRubrique.PROBLEMES, etat=EtatRubrique.AUCUNE_CONNUE),)
    dossier = NOT_ASKED.model_copy(update={"problemes": (Probleme(libelle="Diabète"),), "rubriques": said})
    assert "no-known-problems" not in absences(built_ips(dossier))


def test_two_opposite_statements_are_not_nothing_known() -> None:
    said = tuple(
        Rubrique(nom=NomRubrique.ALLERGIES, etat=etat)
        for etat in (EtatRubrique.AUCUNE_CONNUE, EtatRubrique.NON_RENSEIGNEE)
    )
    assert "no-allergy-info" in absences(built_ips(NOT_ASKED.model_copy(update={"rubriques": said})))


def test_a_resolved_problem_is_history_and_leaves_the_active_ones_unknown() -> None:
    data = built_ips(NOT_ASKED.model_copy(update={"problemes": (Probleme(libelle="Grippe", statut="resolu"),)}))
    assert "no-problem-info" in absences(data)
    assert values(data, "//h:section[h:code/@code='11348-0']//h:content/text()") == ["Grippe", "résolu"]
    assert values(data, "//h:section[h:code/@code='11348-0']/h:entry/h:act/h:statusCode/@code") == ["completed"]


def test_a_vaccination_that_was_not_done_is_negated() -> None:
    refused = Vaccination(libelle="Vaccin", realisee=False)
    data = built_ips(NOT_ASKED.model_copy(update={"vaccinations": (refused,)}))
    assert values(data, "//h:substanceAdministration/@negationInd") == ["true"]


def test_measures_of_one_day_are_one_organizer() -> None:
    days = values(built_ips(), "//h:organizer[h:code/@code='85353-1']/h:effectiveTime/@value")
    assert days == ["20261110", "20261102"]


def test_the_usual_doctor_is_a_participant_with_the_spelling_that_ips_fr_tests() -> None:
    data = built_ips()
    assert values(data, "h:participant/h:functionCode/@displayName") == ["Médecin Traitant"]
    assert values(data, "h:participant/h:associatedEntity/h:telecom/@value") == ["tel:0500000009"]


def test_the_copy_is_the_pdf_unchanged_in_its_own_section() -> None:
    data = built_ips(NOT_ASKED, TypeDocument.DLU, PDF)
    assert sections(data) == [*MANDATORY, "55108-5"]
    assert values(data, "//h:section[h:code/@code='55108-5']/h:title/text()") == ["Copie du document"]
    (text,) = values(data, "//h:observationMedia/h:value/text()")
    assert b64decode(text, validate=True) == PDF


def test_no_matricule_leaves_that_the_gate_held() -> None:
    content = ips_content(MAXIMAL, TypeDocument.DLU, EHPAD, IDS, None)
    assert str(USAGERE.ins.matricule).encode() not in build_ips(content)


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    data = built_ips(NOT_ASKED.model_copy(update={"problemes": (Probleme(libelle="Dia\x00bète\ttype\n2"),)}))
    assert "Diabète type 2" in values(data, "//h:section//h:content/text()")


def dated(**fields: object) -> Dossier:
    return Dossier.model_validate({"usager": USAGERE, **fields})


def test_the_day_is_that_of_the_last_signature() -> None:
    signed = (
        Signature(qui=Signataire.PROFESSIONNEL, le=DRAWN_UP.date.replace(day=20) if DRAWN_UP.date else None),
        Signature(qui=Signataire.USAGER, le=DRAWN_UP.date.replace(day=25) if DRAWN_UP.date else None),
    )
    dates = ips_dates(dated(syntheses=(DRAWN_UP.model_copy(update={"signatures": signed}),)))
    assert dates is not None
    assert (dates.effective.day, dates.written.day) == (20, 12)


def test_without_a_summary_the_day_is_that_of_the_latest_fact() -> None:
    measure = Constante(type=TypeConstante.POIDS, valeur="60", date=DRAWN_UP.date)
    dates = ips_dates(dated(problemes=(Probleme(libelle="Diabète", debut="2020-01-02"),), constantes=(measure,)))
    assert dates is not None
    assert dates.effective == DRAWN_UP.date


def test_a_month_or_a_planned_vaccination_dates_nothing() -> None:
    planned = Vaccination(libelle="Vaccin", date="2027-01-05", realisee=False)
    assert ips_dates(dated(problemes=(Probleme(libelle="Diabète", debut="2020-01"),), vaccinations=(planned,))) is None


def test_the_author_is_who_drew_it_up_else_the_establishments() -> None:
    assert ips_content(NOT_ASKED, TypeDocument.DLU, EHPAD, IDS, None).header.author is DOCTOR
    nobody = NOT_ASKED.model_copy(update={"syntheses": (DRAWN_UP.model_copy(update={"auteur": None}),)})
    assert ips_content(nobody, TypeDocument.DLU, EHPAD, IDS, None).header.author is EHPAD.default_author


def test_a_document_whose_needs_are_not_met_is_not_made() -> None:
    with pytest.raises(ValueError, match="needs"):
        ips_content(dated(), TypeDocument.DLU, EHPAD, IDS, None)


def test_elements_of_every_entry_are_in_their_namespace() -> None:
    root: Element = etree.fromstring(built_ips())
    assert {etree.QName(node).namespace for node in root.iter("*")} == {
        "urn:hl7-org:v3",
        "urn:hl7-org:sdtc",
        "urn:ihe:pharm:medication",
    } - ({"urn:hl7-org:sdtc"} if root.find(".//{urn:hl7-org:sdtc}*") is None else set())
