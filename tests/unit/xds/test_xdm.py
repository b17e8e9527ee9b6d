"""An archive as we write it: where its files are, what they say, and what they must not say."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from lxml import etree

from dui_bridge.xds.entries import Mask
from dui_bridge.xds.messages import read_submission
from dui_bridge.xds.vocabulary import HAS_MEMBER
from dui_bridge.xds.xdm import MAX_DOCUMENTS, XdmDocument, archive_contents, archive_findings, write
from tests.xdm_archives import DOCUMENT, METADATA, SENDER, archive, unpacked
from tests.xds_deposits import cda, entry, ins, lot

ONE = [XdmDocument(cda(), entry())]


def test_the_files_are_where_ihe_xdm_has_them() -> None:
    assert list(unpacked(archive())) == ["INDEX.HTM", "README.TXT", METADATA, DOCUMENT]


def test_the_document_is_byte_for_byte_the_one_given() -> None:
    assert unpacked(archive())[DOCUMENT] == cda()


def test_the_metadata_tell_name_hash_and_size_of_each_file_and_carry_no_signature() -> None:
    second = cda().replace(b"</ClinicalDocument>", b"<!-- 2 --></ClinicalDocument>")
    files = unpacked(write([*ONE, XdmDocument(second, replace(entry(), unique_id="2.25.5"))], lot(), SENDER))
    told = read_submission(etree.fromstring(files[METADATA])).contents

    assert [(one.id, one.uri) for one in told.entries] == [("Document01", "DOC0001.XML"), ("Document02", "DOC0002.XML")]
    for one, data in zip(told.entries, (cda(), second), strict=True):
        assert files[f"IHE_XDM/SUBSET01/{one.uri}"] == data
        assert (one.hash, one.size) == (hashlib.sha1(data).hexdigest(), len(data))
    assert [(one.type, one.target) for one in told.associations] == [
        (HAS_MEMBER, "Document01"),
        (HAS_MEMBER, "Document02"),
    ]


def test_the_metadata_are_those_of_a_deposit_to_the_dmp() -> None:
    told = archive_contents([XdmDocument(cda(), entry([Mask.PROFESSIONALS]))], lot())

    assert replace(told.entries[0], uri=None) == entry([Mask.PROFESSIONALS])
    assert told.sets == (lot(),)


def test_the_same_documents_give_the_same_bytes_whenever_and_wherever_they_are_packed() -> None:
    with zipfile.ZipFile(BytesIO(archive())) as read:
        assert {(one.date_time, one.create_system, one.external_attr) for one in read.infolist()} == {
            ((2026, 11, 22, 5, 0, 0), 0, 0x20)
        }
    assert write(ONE, lot(), SENDER) == write(ONE, lot(), SENDER)


@pytest.mark.parametrize(
    ("submitted", "dated"),
    [
        (None, (1980, 1, 1, 0, 0, 0)),
        ("2026", (2026, 1, 1, 0, 0, 0)),
        ("20269999", (1980, 1, 1, 0, 0, 0)),
        ("19700101", (1980, 1, 1, 0, 0, 0)),
        ("99990101", (1980, 1, 1, 0, 0, 0)),
    ],
)
def test_a_time_that_a_zip_cannot_hold_stops_nothing(submitted: str | None, dated: tuple[int, ...]) -> None:
    data = write(ONE, replace(lot(), submission_time=submitted), SENDER)
    assert {one.date_time for one in zipfile.ZipFile(BytesIO(data)).infolist()} == {dated}


def test_a_person_finds_who_sends_and_a_link_to_each_file() -> None:
    files = unpacked(archive())
    page = etree.fromstring(files["INDEX.HTM"])
    text = "".join(page.itertext())
    readme = files["README.TXT"].decode("utf-8")

    assert set(page.xpath("//@href")) == {"README.TXT", DOCUMENT}
    assert "Foyer de vie L'Œillet" in text
    assert "+33400000000" in text
    for said in ("Association Les Œillets", "1 rue des Lilas", "+33400000000", "0.1.0", "Éditeur inventé", DOCUMENT):
        assert said in readme


def test_what_a_person_reads_beside_the_documents_names_no_patient() -> None:
    files = unpacked(archive())
    beside = (files["INDEX.HTM"] + files["README.TXT"]).decode("utf-8").casefold()
    family = entry().source_patient_info[0].removeprefix("PID-5|").split("^")[0].casefold()

    assert len(family) > 2
    assert family not in beside
    assert ins().matricule not in beside


def test_what_a_sender_is_called_cannot_add_a_line_or_a_tag() -> None:
    files = unpacked(write(ONE, lot(), replace(SENDER, name="A\r\nApplication\r\n<script>x</script>")))

    assert b"<script>" not in files["INDEX.HTM"]
    assert b"  Nom : A Application <script>x</script>\r\n" in files["README.TXT"]


def test_a_right_archive_has_no_finding_and_another_patients_document_has_one() -> None:
    assert archive_findings(ONE, lot()) == ()
    other = replace(entry(), patient_id="1^^^&1.2.250.1.213.1.4.10&ISO^NH")
    assert "XDS-741" in {one.rule.id for one in archive_findings([XdmDocument(cda(), other)], lot())}


@pytest.mark.parametrize("count", [0, MAX_DOCUMENTS + 1])
def test_an_archive_holds_one_to_99_documents(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        write(ONE * count, lot(), SENDER)
