"""What a document says in its header is what its metadata say, and nothing that the gate did not let through."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.reader import NotCda
from dui_bridge.cda.reading_values import moment
from dui_bridge.cda.xml import clean
from dui_bridge.data.codes import Coded
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds import forms
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.metadata import SOURCES, OtherPatient, class_of, document_entry
from tests import cda_dossiers
from tests.xds_deposits import cda, entry, ins


def changed(*pairs: tuple[str, str]) -> bytes:
    text = cda().decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


def test_every_attribute_of_a_level_1_document_is_derived() -> None:
    found = entry()
    assert found.unique_id == "2.25.31415926535.1"
    assert found.patient_id == f"{ins().matricule}^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert found.source_patient_id == "D-0042^^^&2.25.159386471520583645&ISO^PI"
    assert found.mime_type == "text/xml"
    assert found.title == "Projet personnalisé 2026"
    assert found.language == "fr-FR"
    assert found.type_code == Coded("80788-3", "2.16.840.1.113883.6.1", "Projet personnalisé d'accompagnement")
    assert found.class_code == Coded("44", "1.2.250.1.213.1.1.4.1", "Plan de soins, protocole de soins")
    assert found.format_code is not None
    assert (found.format_code.code, found.format_code.system) == (
        "urn:ihe:iti:xds-sd:pdf:2008",
        "1.3.6.1.4.1.19376.1.2.3",
    )
    assert found.facility_type is not None
    assert found.facility_type.code == "SA16"
    assert found.practice_setting is not None
    assert found.practice_setting.code == "ESSMS"
    assert [one.code for one in found.confidentiality] == ["N"]
    assert found.legal_authenticators == ("810000000000^D'Aubigné^Loïc^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",)
    assert [author.person for author in found.authors] == [
        "3330000019/EDUC04^Le Goff^Maëlle^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    ]
    assert found.authors[0].institutions == ("Foyer de vie L'Œillet^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1330000019",)
    assert found.authors[0].specialties == ("326^Educateur spécialisé^1.2.250.1.213.1.6.1.107",)


def test_hash_and_size_are_those_of_the_bytes_given() -> None:
    data = cda() + b"\n"
    found = document_entry(data, ins())
    assert found.hash == hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert found.size == len(data)


def test_local_times_become_utc() -> None:
    found = document_entry(
        changed(
            ('<effectiveTime value="20260625000000+0200"/>', '<effectiveTime value="20260101003000+0100"/>'),
            ('<low value="20260701000000+0200"/>', '<low value="202607010130+0200"/><high value="20260702"/>'),
        ),
        ins(),
    )
    assert found.creation_time == "20251231233000"
    assert found.service_start == "202606302330"
    assert found.service_stop == "20260702"


def test_traits_are_those_of_birth_then_those_in_use() -> None:
    assert entry().source_patient_info == (
        "PID-5|LACAZE^ANNE-LISE^ANNE-LISE MARIE JOSEPHE^^^^L~Lacaze d'Estœuf^Lison^^^^^D",
        "PID-7|19870314",
        "PID-8|F",
        "PID-11|^^Bordeaux^^^^BDL^^33063",
    )


def test_masks_stand_after_the_level_in_one_order_however_they_are_asked() -> None:
    asked = entry([Mask.LEGAL_REPRESENTATIVES, Mask.PROFESSIONALS])
    assert [one.code for one in asked.confidentiality] == ["N", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"]
    assert asked.masks == {Mask.PROFESSIONALS, Mask.LEGAL_REPRESENTATIVES}
    assert [one.code for one in asked.masked([]).confidentiality] == ["N"]


def test_a_document_of_another_person_is_refused() -> None:
    other = QualifiedIns("187031234567890", ins().oid)
    with pytest.raises(OtherPatient) as refused:
        document_entry(cda(), other)
    assert other.matricule not in str(refused.value)


def test_a_document_under_another_oid_is_refused() -> None:
    with pytest.raises(OtherPatient):
        document_entry(cda(), QualifiedIns(ins().matricule, "1.2.250.1.213.1.4.8"))


def test_a_document_that_names_two_persons_is_refused() -> None:
    text = cda().decode()
    target = text[text.index("<recordTarget>") : text.index("</recordTarget>") + len("</recordTarget>")]
    with pytest.raises(OtherPatient):
        document_entry(text.replace(target, target + target).encode(), ins())


def test_without_an_ins_let_through_no_ins_is_taken_from_the_document() -> None:
    author = f'<assignedAuthor>\n      <id root="1.2.250.1.213.1.4.10" extension="{ins().matricule}"/>'
    data = changed(
        ('<assignedAuthor>\n      <id root="1.2.250.1.71.4.2.1" extension="3330000019/EDUC04"/>', author),
    )
    found = document_entry(data, None)
    assert ins().matricule not in repr(found)
    assert found.patient_id == "D-0042^^^&2.25.159386471520583645&ISO^PI"
    assert ins().matricule in str(document_entry(data, ins()).authors[0].person)


def test_a_software_author_is_told_by_its_name_and_model() -> None:
    person = "<assignedPerson>\n        <name>\n          <prefix>MME</prefix>\n          <given>Maëlle</given>\n          <family>Le Goff</family>\n        </name>\n      </assignedPerson>"
    device = (
        "<assignedAuthoringDevice><manufacturerModelName>M1</manufacturerModelName>"
        "<softwareName>DUI^X</softwareName></assignedAuthoringDevice>"
    )
    found = document_entry(changed((person, device)), ins())
    assert found.authors[0].person == ("3330000019/EDUC04^DUI\\S\\X^M1^^^^^^&1.2.250.1.71.4.2.1&ISO^U^^^RI")


def test_orders_and_accession_numbers_are_references() -> None:
    orders = (
        '<inFulfillmentOf><order><id root="1.2.3" extension="A1"/>'
        '<ps3-20:accessionNumber xmlns:ps3-20="urn:dicom-org:ps3-20" root="1.2.4" extension="B2"/>'
        "</order></inFulfillmentOf><documentationOf>"
    )
    found = document_entry(changed(("<documentationOf>", orders)), ins())
    assert found.reference_ids == (
        "A1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order",
        "B2^^^&1.2.4&ISO^urn:ihe:iti:xds:2013:accession",
    )


def test_what_the_header_does_not_say_stays_empty() -> None:
    found = document_entry(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', None)
    told = {source.field: getattr(found, source.field) for source in SOURCES}
    assert {field for field, value in told.items() if value} == {"mime_type", "hash", "size"}


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(NotCda):
        document_entry(b"%PDF-1.4", ins())


def test_an_unknown_type_has_no_class() -> None:
    assert class_of(Coded("80788-3", "1.2.3", "")) is None


@pytest.mark.parametrize("variant", sorted(cda_dossiers.VARIANTS))
def test_every_document_of_the_bridge_has_metadata(variant: str) -> None:
    found = document_entry(cda_dossiers.VARIANTS[variant](), None)
    assert found.class_code is not None
    assert found.format_code is not None
    assert found.creation_time is not None


def test_each_field_of_the_table_is_one_of_the_record_and_stands_once() -> None:
    fields = [source.field for source in SOURCES]
    assert len(fields) == len(set(fields))
    assert set(fields) <= set(DocumentEntry.__dataclass_fields__)


@given(st.text())
def test_a_component_reads_back_as_the_text_that_it_says(text: str) -> None:
    written = forms.part(text)
    assert not set("^&~|") & set(written)
    assert forms.component(f"a^{written}^b", 2) == clean(text)


@given(st.integers(-60_000_000_000, 200_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_a_time_with_its_offset_is_the_same_instant_in_utc(seconds: int, offset: int) -> None:
    at = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset)))
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    value = f"{at:%m%d%H%M%S}{sign}{minutes // 60:02d}{minutes % 60:02d}"
    found = forms.utc(moment(etree.fromstring(f'<t value="{at.year:04d}{value}"/>')))
    assert found is not None
    assert int(datetime.strptime(f"{found}+0000", "%Y%m%d%H%M%S%z").timestamp()) == seconds


@pytest.mark.parametrize(
    ("written", "dtm"),
    [
        ("2026", "2026"),
        ("202607", "202607"),
        ("20260701", "20260701"),
        ("20260701+0200", "20260701"),
        ("2026070101+0200", "2026063023"),
        ("2026070101+0530", "202606301930"),
        ("20260701013000", "20260701"),
        ("20260701013000.5+0200", "20260630233000"),
        ("00010101000000+0200", None),
        ("20261301", None),
        ("hier", None),
    ],
)
def test_a_time_is_as_precise_in_utc_as_it_can_be(written: str, dtm: str | None) -> None:
    assert forms.utc(moment(etree.fromstring(f'<t value="{written}"/>'))) == dtm
