"""The header reader on our own documents, on damaged ones, and on what is not a CDA."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.reader import NotCda, read_cda
from dui_bridge.cda.reading_body import BodyKind
from dui_bridge.cda.reading_values import Moment, moment, name
from dui_bridge.errors import FixData
from tests.cda_dossiers import FOYER, IDS, MATRICULE, PDF, VARIANTS, built
from tests.cda_mutations import mutant

HL7 = "urn:hl7-org:v3"
OURS = etree.fromstring(built())


def wrapped(inside: str) -> bytes:
    """A ClinicalDocument with only this in it."""
    return f'<ClinicalDocument xmlns="{HL7}" xmlns:sdtc="urn:hl7-org:sdtc">{inside}</ClinicalDocument>'.encode()


def element(xml: str) -> etree._Element:
    return etree.fromstring(f'<e xmlns="{HL7}">{xml}</e>')[0]


@pytest.mark.parametrize("title", ["\n Projet\u00a0  personnalisé\t", "Projet\u00a0<!-- --> personnalisé"])
def test_only_the_blanks_of_xml_are_collapsed(title: str) -> None:
    assert read_cda(wrapped(f"<title>{title}</title>")).title == "Projet\u00a0 personnalisé"


def test_what_we_write_we_read_again() -> None:
    read = read_cda(built())

    assert read.unique_id == IDS.unique_id
    assert read.set_id is not None
    assert (read.set_id.root, read.version) == (IDS.set_id, IDS.version)
    assert read.patient is not None
    assert read.patient.ins is not None
    assert read.patient.ins.extension == MATRICULE
    assert [one.root for one in read.patient.local_ids] == [FOYER.oid_ipp]
    assert read.custodian is not None
    assert read.custodian.ids[0].extension == f"1{FOYER.finess}"
    assert read.principal_event is not None
    assert read.principal_event.industry is not None
    assert read.principal_event.industry.code == "ESSMS"
    assert read.format_code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert read.body.pdf == PDF


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_of_ours_names_one_patient_and_one_author(variant: str) -> None:
    read = read_cda(VARIANTS[variant]())

    assert read.patient is not None
    assert read.patient.name is not None
    assert len(read.authors) == 1


def test_an_empty_clinical_document_says_nothing() -> None:
    read = read_cda(wrapped(""))

    assert (read.unique_id, read.patient, read.format_code, read.principal_event) == (None, None, None, None)
    assert (read.authors, read.encounter, read.body.kind) == ((), None, BodyKind.NONE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not XML"),
        (b"%PDF-1.7", "not XML"),
        (b"<ClinicalDocument/>", "another root element"),
        (b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>', "another root element"),
        (b"<!DOCTYPE a><ClinicalDocument xmlns='urn:hl7-org:v3'/>", "DOCTYPE"),
        (wrapped(" " * 1000), "too large"),
    ],
)
def test_what_is_not_a_cda_is_one_error(data: bytes, reason: str) -> None:
    with pytest.raises(NotCda, match=reason) as raised:
        read_cda(data, max_bytes=900)

    assert isinstance(raised.value, FixData)


@given(st.integers(min_value=0))
def test_no_damage_to_one_of_ours_makes_it_fail(seed: int) -> None:
    assert read_cda(mutant(OURS, seed)).body is not None


@given(st.binary() | st.binary().map(lambda junk: built()[:2000] + junk))
def test_bytes_that_are_not_xml_are_refused(data: bytes) -> None:
    with pytest.raises(NotCda):
        read_cda(data)


@pytest.mark.parametrize(("depth", "sections"), [(120, 120), (5000, None)])
def test_a_document_nested_deep_is_read_or_refused(depth: int, sections: int | None) -> None:
    deep = "<component><section>" * depth + "</section></component>" * depth
    data = wrapped(f"<component><structuredBody>{deep}</structuredBody></component>")

    if sections is None:
        with pytest.raises(NotCda):
            read_cda(data)
    else:
        assert len(read_cda(data).body.sections) == sections


def test_two_patients_are_nobody() -> None:
    one = "<recordTarget><patientRole><id root='1.2.3' extension='4'/></patientRole></recordTarget>"

    assert read_cda(wrapped(one)).patient is not None
    assert read_cda(wrapped(one + one)).patient is None
    assert len(read_cda(wrapped(one + one)).patients) == 2


def test_neither_an_old_ins_nor_a_billing_number_is_a_local_id() -> None:
    ids = "".join(f"<id root='1.2.250.1.213.1.4.{arc}' extension='1'/>" for arc in (2, 13, 8))
    read = read_cda(
        wrapped(f"<recordTarget><patientRole>{ids}<id root='1.9' extension='7'/></patientRole></recordTarget>")
    )

    assert read.patient is not None
    assert [one.root for one in read.patient.local_ids] == ["1.9"]
    assert read.patient.ins is not None
    assert read.patient.ins.root == "1.2.250.1.213.1.4.8"


def test_a_death_is_read() -> None:
    read = read_cda(
        wrapped(
            "<recordTarget><patientRole><patient><sdtc:deceasedInd value='true'/>"
            "<sdtc:deceasedTime value='20260102'/></patient></patientRole></recordTarget>"
        )
    )

    assert read.patient is not None
    assert read.patient.deceased is True
    assert read.patient.death == Moment("20260102", "2026-01-02")


@pytest.mark.parametrize(
    ("written", "day", "at"),
    [
        ("1979", "1979", None),
        ("197903", "1979-03", None),
        ("19790328", "1979-03-28", None),
        ("19790328+0100", "1979-03-28", None),
        ("20230209113045", "2023-02-09", None),
        ("2023020911+0100", "2023-02-09", datetime(2023, 2, 9, 10, tzinfo=UTC)),
        ("202302091130-0430", "2023-02-09", datetime(2023, 2, 9, 16, tzinfo=UTC)),
        ("20230209113045.123+0100", "2023-02-09", datetime(2023, 2, 9, 10, 30, 45, tzinfo=UTC)),
        ("20230230", None, None),
        ("202302092530+0100", None, None),
        ("202302091130+9900", None, None),
        ("hier", None, None),
        ("197", None, None),
        ("٢٠٢٣", None, None),
    ],
)
def test_a_time_is_as_precise_as_written(written: str, day: str | None, at: datetime | None) -> None:
    assert moment(element(f'<time value="{written}"/>')) == Moment(written, day, at)


@given(st.datetimes(min_value=datetime(1900, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_an_instant_keeps_its_offset(local: datetime, minutes: int) -> None:
    expected = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))

    read = moment(element(f'<time value="{expected:%Y%m%d%H%M%S%z}"/>'))

    assert read is not None
    assert read.at == expected
    assert read.at is not None
    assert read.at.utcoffset() == expected.utcoffset()


def test_a_name_is_told_by_qualifier() -> None:
    xml = (
        "<name><prefix>MME</prefix><given>Léa  Marie</given><given qualifier='BR'>Léa</given><!-- c -->"
        "<family qualifier='BR CL'>Roy</family><family/></name>"
    )

    read = name(element(xml))

    assert (read.birth_name, read.used_name, read.first_given_name) == ("Roy", "Roy", "Léa")
    assert (read.given_names, read.used_given_name, read.prefix, read.suffix) == ("Léa Marie", None, "MME", None)
    assert (read.family, read.given) == ("Roy", "Léa Marie")


def structured(section: str) -> bytes:
    return wrapped(f"<component><structuredBody><component>{section}</component></structuredBody></component>")


def copied(code: str, value: str) -> bytes:
    media = f"<observationMedia>{value}</observationMedia>"
    return structured(
        f"<section><code code='{code}'/><entry><organizer><component>{media}</component></organizer></entry></section>"
    )


def test_the_copy_of_a_structured_document_is_found() -> None:
    pdf = f"<value mediaType='application/pdf' representation='B64'>\n {b64encode(PDF).decode()} \n</value>"

    assert read_cda(copied("55108-5", pdf)).body.pdf == PDF
    assert read_cda(copied("55107-7", pdf)).body.pdf is None  # documents joined are not the document


@pytest.mark.parametrize(
    ("value", "data", "reference"),
    [
        ("<value mediaType='text/plain'>a  b</value>", b"a  b", None),
        ("<value representation='B64'>YWI=</value>", b"ab", None),
        ("<value representation='B64'>YW<!-- c -->I=</value>", b"ab", None),
        ("<value representation='B64'>YW(I=</value>", None, None),
        ("<value representation='B64'/>", None, None),
        ("<value representation='B64' compression='DF'>YWI=</value>", None, None),
        ("<value mediaType='application/pdf'><reference value='a.pdf'/></value>", None, "a.pdf"),
    ],
)
def test_a_file_is_given_only_when_it_is_whole(value: str, data: bytes | None, reference: str | None) -> None:
    embedded = read_cda(copied("55108-5", value)).body.embedded

    assert embedded is not None
    assert (embedded.data, embedded.reference) == (data, reference)


def test_sections_are_told_at_every_depth_in_order() -> None:
    inner = "<component><section><code code='B'/></section></component>"
    read = read_cda(structured(f"<section><code code='A'/><title>Un</title>{inner}</section>"))

    assert [(section.code.code if section.code else None, section.title) for section in read.body.sections] == [
        ("A", "Un"),
        ("B", None),
    ]


def test_the_most_special_model_gives_the_format() -> None:
    ips = "<templateId root='1.2.250.1.213.1.1.1.1'/><templateId root='1.2.250.1.213.1.1.1.51' extension='2024.01'/>"
    body = "<component><structuredBody/></component>"

    assert read_cda(wrapped(ips + body)).format_code == "urn:ihe:pcc:ips:2020"
    assert read_cda(wrapped("<templateId root='1.2.3'/>" + body)).format_code is None


@pytest.mark.parametrize(
    ("written", "version"), [("2", 2), (" 12 ", 12), ("2.0", None), ("-1", None), ("٢", None), ("9" * 5000, None)]
)
def test_a_version_is_a_small_number(written: str, version: int | None) -> None:
    assert read_cda(wrapped(f"<versionNumber value='{written}'/>")).version == version


def test_an_ins_without_matricule_is_none() -> None:
    ids = "<id root='1.2.250.1.213.1.4.8' nullFlavor='UNK'/>"
    read = read_cda(wrapped(f"<recordTarget><patientRole>{ids}</patientRole></recordTarget>"))

    assert read.patient is not None
    assert read.patient.ins is None
