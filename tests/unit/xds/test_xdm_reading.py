"""An archive as it is received: every oddity of public archives is survived, no doubt about a document is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest

from dui_bridge.xds.xdm_reading import MAX_LOTS, Archive, read_xdm
from tests.xdm_archives import DOCUMENT, METADATA, archive, packed, unpacked
from tests.xds_deposits import cda, entry, lot

FILES = unpacked(archive())
OTHER = b"<ClinicalDocument/>"
URI = rb'<rim:Slot name="URI">.*?</rim:Slot>'
HASH = rb'<rim:Slot name="hash">.*?</rim:Slot>'
SIZE = rb'<rim:Slot name="size">.*?</rim:Slot>'

Names = Callable[[str], str]


def rules(read: Archive) -> list[str]:
    return [one.rule.id for one in read.findings]


def renamed(new: Names) -> bytes:
    return packed([(new(name), data) for name, data in FILES.items()])


def told(*without: bytes, **instead: str) -> bytes:
    """Our metadata without some slots, or with another value in one."""
    data = FILES[METADATA]
    for slot in without:
        data, count = re.subn(slot, b"", data)
        assert count == 1
    for name, value in instead.items():
        form = rf'(<rim:Slot name="{name}"><rim:ValueList><rim:Value>)[^<]*'.encode()
        data, count = re.subn(form, rb"\g<1>" + value.encode(), data)
        assert count == 1
    return data


def archived(metadata: bytes, **more: bytes) -> Archive:
    """Our archive with other metadata, and with other files beside its document."""
    beside = {f"IHE_XDM/SUBSET01/{name.replace('_', '.')}": data for name, data in more.items()}
    return read_xdm(packed({**FILES, METADATA: metadata, **beside}))


def test_what_we_write_is_read_to_what_it_was_made_of() -> None:
    read = read_xdm(archive())

    assert read.names == tuple(FILES)
    assert read.lots[0].submission == lot()
    assert [(one.name, one.data) for one in read.documents] == [(DOCUMENT, cda())]
    assert read.documents[0].entry.unique_id == entry().unique_id
    assert rules(read) == []
    assert read.lots[0].findings == ()


@pytest.mark.parametrize(
    ("new", "found"),
    [
        pytest.param(lambda name: f"samplexdm/{name}", ["XDM-019"], id="a folder around all"),
        pytest.param(lambda name: name.replace("/", "\\"), ["XDM-019"], id="backslashes"),
        pytest.param(str.lower, ["XDM-019"], id="lower case"),
        pytest.param(lambda name: name.replace("METADATA.XML", "Metadata.xml"), ["XDM-019"], id="mixed case"),
        pytest.param(lambda name: f"./{name}", ["XDM-019"], id="the present folder"),
        pytest.param(lambda name: name.rpartition("/")[2], ["XDM-019"], id="no folder at all"),
        pytest.param(lambda name: name.replace("SUBSET01", "LOT_A"), [], id="another name of the lot"),
        pytest.param(lambda name: f"/{name}", ["XDM-017", "XDM-017", "XDM-017", "XDM-019", "XDM-017"], id="absolute"),
        pytest.param(
            lambda name: name.replace("IHE_XDM/", "../../"), ["XDM-017", "XDM-019", "XDM-017"], id="leads upwards"
        ),
        pytest.param(lambda name: f"C:\\{name}", ["XDM-017", "XDM-017", "XDM-017", "XDM-019", "XDM-017"], id="a drive"),
    ],
)
def test_the_document_is_found_wherever_the_files_are(new: Names, found: list[str]) -> None:
    read = read_xdm(renamed(new))

    assert read.names == tuple(map(new, FILES))
    assert [(one.name, one.data) for one in read.documents] == [(new(DOCUMENT), cda())]
    assert rules(read) == found
    assert not any(one.is_error for one in read.findings)


def test_folders_of_the_zip_are_named_and_otherwise_nothing() -> None:
    read = read_xdm(packed([("IHE_XDM/", b""), ("IHE_XDM/SUBSET01/", b""), *FILES.items()]))
    assert (read.names[:2], rules(read)) == (("IHE_XDM/", "IHE_XDM/SUBSET01/"), [])


@pytest.mark.parametrize(
    ("metadata", "more", "found"),
    [
        pytest.param(told(URI), {}, ["XDM-031"], id="no URI, by its hash"),
        pytest.param(told(URI, HASH, SIZE), {}, ["XDM-031", "XDM-036"], id="no URI, no hash: the only file"),
        pytest.param(told(URI, HASH), {"STYLE_XSL": b"<x/>"}, ["XDM-031", "XDM-036"], id="no URI, with a style sheet"),
        pytest.param(
            told(URI, HASH, SIZE).replace(b'"Document01"', b'"DOC0001"'),
            {"OTHER_XML": OTHER},
            ["XDM-031", "XDM-036", "XDM-038"],
            id="no URI, no hash: named as its entry",
        ),
        pytest.param(told(HASH, SIZE), {}, ["XDM-036"], id="neither hash nor size"),
        pytest.param(told(URI="doc0001.xml"), {}, [], id="URI in lower case"),
        pytest.param(told(URI="SUBSET01\\\\DOC0001.XML"), {}, [], id="URI with a backslash"),
        pytest.param(told(URI="../../DOC0001.XML"), {}, [], id="URI that leads upwards"),
        pytest.param(told(URI="AUTRE.XML"), {}, ["XDM-032"], id="URI of no file, right hash"),
        pytest.param(told(), {"STYLE_XSL": b"<x/>"}, [], id="a style sheet beside it"),
        pytest.param(told(), {"OTHER_XML": OTHER}, ["XDM-038"], id="a file that nobody tells of"),
        pytest.param(told(hash=hashlib.sha1(cda()).hexdigest().upper()), {}, [], id="hash in capitals"),
    ],
)
def test_a_document_is_matched_with_its_file(metadata: bytes, more: dict[str, bytes], found: list[str]) -> None:
    read = archived(metadata, **more)

    assert [one.data for one in read.documents] == [cda()]
    assert rules(read) == found


@pytest.mark.parametrize(
    ("metadata", "more", "found"),
    [
        pytest.param(told(hash="0" * 40), {}, "XDM-034", id="another hash"),
        pytest.param(told(size="1"), {}, "XDM-035", id="another size"),
        pytest.param(told(HASH, URI="AUTRE.XML"), {}, "XDM-030", id="URI of no file"),
        pytest.param(told(URI, HASH), {"OTHER_XML": OTHER}, "XDM-030", id="no URI, several files"),
        pytest.param(told(URI="OTHER.XML"), {"OTHER_XML": OTHER}, "XDM-034", id="URI of another file"),
    ],
)
def test_a_doubt_about_a_document_is_an_error_and_its_bytes_are_not_given(
    metadata: bytes, more: dict[str, bytes], found: str
) -> None:
    read = archived(metadata, **more)

    assert [one.data for one in read.documents] == [None]
    assert found in [one.rule.id for one in read.findings if one.is_error]


@pytest.mark.parametrize(
    ("metadata", "data", "found"),
    [
        (told(), cda(), ["XDM-018", "XDM-038"]),
        (told(HASH, SIZE), None, ["XDM-018", "XDM-033", "XDM-038", "XDM-038"]),
    ],
    ids=["the hash tells", "nothing tells"],
)
def test_of_two_files_of_one_name_only_a_hash_tells_which(
    metadata: bytes, data: bytes | None, found: list[str]
) -> None:
    other = [(name, content) for name, content in FILES.items() if name != METADATA]
    read = read_xdm(packed([(METADATA, metadata), (DOCUMENT, OTHER), *other]))

    assert [one.data for one in read.documents] == [data]
    assert rules(read) == found


def test_two_entries_never_share_a_file() -> None:
    start, end = FILES[METADATA].index(b"<rim:ExtrinsicObject"), FILES[METADATA].index(b"</rim:ExtrinsicObject>") + 22
    second = FILES[METADATA][start:end].replace(b"Document01", b"Document02")
    read = archived(FILES[METADATA][:end] + second + FILES[METADATA][end:])

    assert [one.data for one in read.documents] == [cda(), None]
    assert rules(read) == ["XDM-037"]


def test_each_lot_has_its_own_documents() -> None:
    second = {name.replace("01/", "02/"): data for name, data in FILES.items() if "SUBSET01" in name}
    read = read_xdm(packed({**FILES, **second}))

    assert [one.name for one in read.documents] == [DOCUMENT, "IHE_XDM/SUBSET02/DOC0001.XML"]
    missing = read_xdm(packed({**FILES, "IHE_XDM/SUBSET02/METADATA.XML": FILES[METADATA]}))
    assert [one.data for one in missing.documents] == [cda(), None]


def test_two_lots_with_the_same_unique_ids_are_told() -> None:
    second = {name.replace("01/", "02/"): data for name, data in FILES.items() if "SUBSET01" in name}
    told_of = [one for one in read_xdm(packed({**FILES, **second})).findings if one.rule.id == "XDM-039"]

    assert {one.path for one in told_of} == {entry().id, lot().id}
    assert not any(one.is_error for one in told_of)


@pytest.mark.parametrize("file", ["INDEX.HTM", "README.TXT"])
def test_an_archive_without_what_a_person_opens_is_told(file: str) -> None:
    read = read_xdm(packed({name: data for name, data in FILES.items() if name != file}))

    assert [(one.rule.id, one.values, one.is_error) for one in read.findings] == [("XDM-027", {"file": file}, False)]
    assert [one.data for one in read.documents] == [cda()]


def test_a_file_belongs_to_the_nearest_metadata_above_it() -> None:
    outer = {name.rpartition("/")[2]: data for name, data in FILES.items() if "SUBSET01" in name}
    read = read_xdm(packed({**outer, **FILES}))

    assert [one.name for one in read.documents] == ["DOC0001.XML", DOCUMENT]


def test_an_archive_of_two_patients_is_an_error_and_no_document_of_it_is_given() -> None:
    other = FILES[METADATA].replace(entry().patient_id.replace("&", "&amp;").encode(), b"1^^^&amp;1.2.3&amp;ISO^PI")
    read = read_xdm(packed({**FILES, "IHE_XDM/SUBSET02/METADATA.XML": other, "IHE_XDM/SUBSET02/DOC0001.XML": cda()}))
    assert [one.rule.id for one in read.findings if one.is_error] == ["XDM-040"]
    assert [one.data for one in read.documents] == [None, None]


def test_a_lot_that_names_no_patient_is_not_of_another_one() -> None:
    start = FILES[METADATA].index(b"<rim:RegistryPackage")
    lot_without = FILES[METADATA][start:].replace(entry().patient_id.replace("&", "&amp;").encode(), b"", 1)
    read = archived(FILES[METADATA][:start] + lot_without)

    assert (read.lots[0].submission or lot()).patient_id == ""
    assert [one.data for one in read.documents] == [cda()]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param({}, ["XDM-020"], id="nothing"),
        pytest.param({"A.XML": cda()}, ["XDM-020"], id="no metadata"),
        pytest.param({METADATA: b"<a"}, ["XDM-021"], id="no XML"),
        pytest.param({METADATA: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, ["XDM-021"], id="a DOCTYPE"),
        pytest.param({METADATA: b"<a/>"}, ["XDM-022"], id="another message"),
        pytest.param({METADATA: told().replace(b"ExtrinsicObject", b"ObjectRef")}, ["XDM-024"], id="no document"),
        pytest.param({METADATA: b"<a>" + b"<b/>" * 20_000 + b"</a>"}, ["XDM-025"], id="too many elements"),
        pytest.param(
            {METADATA: b"<!--" + bytes(range(64, 91)) * 80_000 + b"--><a/>"}, ["XDM-025"], id="too many bytes"
        ),
        pytest.param(
            {METADATA: told().replace(b"<rim:ExtrinsicObject", b"<rim:ObjectRef/>" * 500 + b"<rim:ExtrinsicObject")},
            ["XDM-023"],
            id="too many objects",
        ),
        pytest.param({f"{n}/METADATA.XML": b"" for n in range(MAX_LOTS + 1)}, ["XDM-026"], id="too many lots"),
    ],
)
def test_metadata_that_cannot_be_read_are_an_error_that_says_why(files: dict[str, bytes], found: list[str]) -> None:
    read = read_xdm(packed(files, method=0))

    assert read.lots == () or found == ["XDM-024"]
    assert [one.rule.id for one in read.findings if one.is_error] == found
