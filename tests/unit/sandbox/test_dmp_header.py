"""The DMP's stand-in compares the metadata of a document with its header, and with its own tables of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from lxml import etree

from dui_bridge.data.codes import Coded
from dui_bridge.sandbox.dmp.forms import same_time
from dui_bridge.sandbox.dmp.header import header_problems
from dui_bridge.sandbox.dmp.objects import Thing, things
from dui_bridge.sandbox.dmp.rules import entry_problems, lot_problems
from dui_bridge.xds.entries import Contents, DocumentEntry
from dui_bridge.xds.messages import submit_objects
from tests.xds_deposits import cda, entry, lot

ROOT = etree.fromstring(cda())
AUTHOR = entry().authors[0]
PERSONS = "&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
ANOTHER = f"899900000000^AUTRE^Paul^^^^^^{PERSONS}"
NAMES, BIRTH, SEX, PLACE = entry().source_patient_info
ORDER = "urn:ihe:iti:xds:2013:order"


def read(document: DocumentEntry) -> Thing:
    (thing,) = things(submit_objects(Contents(entries=(document,))))
    return thing


def said(problems: Iterable[object]) -> str:
    return "\n".join(str(one) for one in problems)


def coded(code: str, system: str = "1.2.3") -> Coded:
    return Coded(code, system, "libellé")


def test_what_is_derived_from_a_document_is_what_it_says() -> None:
    assert (list(header_problems(ROOT, read(entry()))), list(entry_problems(read(entry())))) == ([], [])


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"title": "Autre titre"}, "title"),
        ({"language": "art"}, "languageCode"),
        ({"creation_time": "20260625000000"}, "creationTime"),
        ({"service_start": "19990101"}, "serviceStartTime"),
        ({"service_stop": "20260701000000"}, "serviceStopTime"),
        ({"type_code": coded("11490-0", "2.16.840.1.113883.6.1")}, "typeCode"),
        ({"type_code": coded("80788-3")}, "typeCode"),
        ({"format_code": coded("urn:ihe:pcc:ips:2020", "1.3.6.1.4.1.19376.1.2.3")}, "formatCode"),
        ({"facility_type": coded("SA17", "1.2.250.1.71.4.2.4")}, "healthcareFacilityTypeCode"),
        ({"practice_setting": coded("HAD", "1.2.250.1.213.1.1.4.9")}, "practiceSettingCode"),
        ({"events": (coded("ZZZZ", "1.2.250.1.213.2.5"),)}, "eventCodeList"),
        ({"source_patient_id": "D-0043^^^&2.25.159386471520583645&ISO^PI"}, "sourcePatientId"),
        ({"source_patient_info": (NAMES.replace("LACAZE", "DURAND"), BIRTH, SEX, PLACE)}, "PID-5"),
        ({"source_patient_info": (NAMES.replace("^Lison^", "^Zoé^"), BIRTH, SEX, PLACE)}, "PID-5"),
        ({"source_patient_info": (NAMES.partition("~")[0].replace("^L", "^D"), BIRTH, SEX, PLACE)}, "PID-5"),
        ({"source_patient_info": (NAMES, "PID-7|19000101", SEX, PLACE)}, "PID-7"),
        ({"source_patient_info": (NAMES, SEX, PLACE)}, "PID-7"),
        ({"source_patient_info": (NAMES, BIRTH, "PID-8|M", PLACE)}, "PID-8"),
        ({"source_patient_info": (NAMES, BIRTH, SEX, PLACE.replace("33063", "75056"))}, "PID-11"),
        ({"authors": (replace(AUTHOR, person=ANOTHER),)}, "author"),
        ({"authors": (AUTHOR, AUTHOR)}, "author"),
        ({"authors": (replace(AUTHOR, institutions=()),)}, "author"),
        ({"authors": (replace(AUTHOR, roles=("Directeur",)),)}, "author"),
        ({"authors": (replace(AUTHOR, specialties=("327^Autre^1.2.250.1.213.1.6.1.107",)),)}, "author"),
        ({"legal_authenticators": (ANOTHER,)}, "legalAuthenticator"),
        ({"reference_ids": (f"42^^^&1.2.3&ISO^{ORDER}",)}, "referenceIdList"),
    ],
)
def test_metadata_that_are_not_those_of_the_header_are_told(changes: dict[str, object], name: str) -> None:
    thing = read(replace(entry(), **changes))  # type: ignore[arg-type]
    (problem,) = header_problems(ROOT, thing)
    assert problem.code == "XDSRegistryMetadataError"
    assert f"{name} n'est pas celui du document" in problem.context


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format_code": coded("urn:x:nonsense")}, "formatCode : hors du jeu"),
        ({"format_code": coded("urn:asip:ci-sis:export-dui:2023", "1.2.250.1.213.1.1.4.2.282")}, "formatCode : hors"),
        ({"type_code": coded("80788-3")}, "typeCode : hors du jeu"),
        ({"class_code": coded("31", "1.2.250.1.213.1.1.4.1")}, "classCode n'est pas la classe de typeCode"),
        ({"class_code": coded("99", "1.2.250.1.213.1.1.4.1")}, "classCode : hors du jeu"),
        ({"facility_type": coded("SA99", "1.2.250.1.71.4.2.4")}, "healthcareFacilityTypeCode : hors"),
        ({"practice_setting": coded("XXX", "1.2.250.1.213.1.1.4.9")}, "practiceSettingCode : hors"),
        ({"confidentiality": (*entry().confidentiality, coded("N"))}, "confidentialité de plus"),
        ({"confidentiality": (coded("MASQUE_PS", "1.2.250.1.213.1.1.4.13"), *entry().confidentiality)}, "la première"),
        ({"reference_ids": ("42^^^&1.2.3&ISO^urn:x:other",)}, "referenceIdList"),
    ],
)
def test_codes_outside_their_value_set_are_told(changes: dict[str, object], words: str) -> None:
    assert words in said(entry_problems(read(replace(entry(), **changes))))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["45", "60", "95"])
def test_every_class_of_the_dmp_is_known(number: str) -> None:
    problems = said(entry_problems(read(replace(entry(), class_code=coded(number, "1.2.250.1.213.1.1.4.1")))))
    assert "hors du jeu" not in problems


def test_the_content_type_of_a_lot_is_an_activity_or_a_sector() -> None:
    def told(content_type: Coded) -> str:
        (thing,) = things(submit_objects(Contents(sets=(replace(lot(), content_type=content_type),))))
        return said(lot_problems(thing))

    assert told(coded("04", "1.2.250.1.213.2.2")) == told(coded("SA16", "1.2.250.1.71.4.2.4")) == ""
    assert "contentTypeCode" in told(coded("ZZ99"))
    assert "contentTypeCode" in told(coded("04"))


@pytest.mark.parametrize(
    ("written", "utc", "same"),
    [
        ("20260701000000+0200", "20260630220000", True),
        ("202302091130+0100", "202302091030", True),
        ("2023020911+0100", "2023020910", True),
        ("20230209113005.123+0100", "20230209103005", True),
        ("202302091130+0100", "20230209", False),
        ("20260701", "20260701", True),
        ("20260701120000", "20260701", True),
        ("20260701", "20260702", False),
        ("20269901000000+0200", "20260630220000", False),
        ("", "", True),
        ("20260701", "", False),
    ],
)
def test_a_time_of_a_document_is_compared_in_utc(written: str, utc: str, same: bool) -> None:
    assert same_time(written, utc) is same
