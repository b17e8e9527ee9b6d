"""The DMP's stand-in judges the published messages: what is right in them is taken, what is known to be wrong is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from shared import shared_path

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.sandbox.dmp.header import header_problems
from dui_bridge.sandbox.dmp.lot_signature import check_lot
from dui_bridge.sandbox.dmp.mime import NotMultipart, Span, read_multipart
from dui_bridge.sandbox.dmp.objects import ENTRY, LOT, Thing, things
from dui_bridge.sandbox.dmp.query_text import NotAParameter, read_query
from dui_bridge.sandbox.dmp.rules import entry_problems, lot_problems
from dui_bridge.sandbox.dmp.soap import Refusal, read_request
from dui_bridge.sandbox.dmp.trust import Untrusted, embedded_certificate
from dui_bridge.sandbox.dmp.words import BASE_PATH, Transaction
from dui_bridge.xds.entries import Contents
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xmlsafe import parse_xml

CONTENT_TYPE = (
    'multipart/related; type="application/xop+xml"; start="<rootpart@soapui.org>"; '
    'start-info="application/soap+xml"; boundary="----=_Part_9_20030738.1554380517598"'
)
DOCUMENT = "1.2.250.1.999.1.1.7898.4.9956570902"
LOT_ID = "1.2.250.1.999.1.1.7898.3.9956570900"


@pytest.fixture(scope="module")
def samples() -> Path:
    if (shared := shared_path()) is None:
        pytest.skip("the official messages are not on this machine")
    return shared / "reference" / "xds" / "samples"


@pytest.fixture(scope="module")
def deposit(samples: Path) -> list[Thing]:
    """The objects of the published deposit, whose line ends were changed when it was published."""
    body = (samples / "dmp-gie-sv" / "TD2.1-alimentation-requete-mime.txt").read_bytes().replace(b"\n", b"\r\n")
    found = read_multipart(CONTENT_TYPE, body)
    assert list(found.parts) == ["WS_DMP_TD2.1-DocumentME2.xml", "WS_DMP_TD2.1-SignatureXades.xml"]
    message = etree.fromstring(body[found.root.start : found.root.end].strip())
    request = message.find(".//{*}SubmitObjectsRequest")
    assert request is not None
    return things(request)


def test_the_metadata_of_the_published_deposit_lack_hash_and_size_alone(deposit: list[Thing]) -> None:
    lots = [one for one in deposit if one.element.tag == LOT]
    entries = [one for one in deposit if one.element.tag == ENTRY]
    assert [list(lot_problems(one)) for one in lots] == [[]]
    said = [problem.context for one in entries for problem in entry_problems(one)]
    assert said == ["DocumentME2 : hash ou size manque", "Signature01 : hash ou size manque"]
    assert [list(entry_problems(one, needs_hash=False)) for one in entries] == [[], []]
    assert [one.is_signature for one in entries] == [False, True]


def test_the_lot_of_the_published_archiving_lacks_the_objects_of_its_identifiers(samples: Path) -> None:
    message = etree.parse(samples / "dmp-gie-sv" / "TD3.3d-archiver-requete.xml")
    request = message.find(".//{*}SubmitObjectsRequest")
    assert request is not None
    lot = next(one for one in things(request) if one.element.tag == LOT)
    assert {problem.context.partition(" : ")[2] for problem in lot_problems(lot)} == {
        "une classification ou un identifiant d'un autre objet, ou sans id"
    }


def test_the_published_signature_holds_and_its_document_was_edited_afterwards(samples: Path) -> None:
    signature = (samples / "dmp-gie-sv" / "TD2.1-SignatureXades.xml").read_bytes()
    document = (samples / "dmp-gie-sv" / "TD2.1-DocumentME2.xml").read_bytes()
    certificate = embedded_certificate(etree.fromstring(signature))
    with pytest.raises(Untrusted, match=f"l'empreinte de urn:oid:{DOCUMENT} diffère"):
        check_lot(signature, LOT_ID, {DOCUMENT: document}, certificate)
    for before, after, found in (
        (b"2019-04-04T14:20", b"2019-04-04T14:21", "#S0-SignedProperties"),
        (b'URI="urn:oid:1.2', b'URI="urn:oid:1.3', "#IHEManifest"),
        (b"#WithComments", b"", "canonique"),
    ):
        with pytest.raises(Untrusted, match=found):
            check_lot(signature.replace(before, after), LOT_ID, {DOCUMENT: document}, certificate)


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("TD0.2-test-existence-requete.xml", "patients", Transaction.EXISTS),
        ("TD3.1-find-documents-requete.xml", "registry", Transaction.QUERY),
        ("TD3.2-retrieve-requete.xml", "repository", Transaction.RETRIEVE),
        ("TD3.3d-archiver-requete.xml", "registry", Transaction.UPDATE),
    ],
)
def test_the_envelopes_of_the_published_requests_are_read(
    samples: Path, name: str, path: str, expected: Transaction
) -> None:
    data = (samples / "dmp-gie-sv" / name).read_bytes()
    assert read_request(data, f"{BASE_PATH}/{path}").transaction is expected
    with pytest.raises(Refusal):
        read_request(data, f"{BASE_PATH}/{'registry' if path != 'registry' else 'repository'}")


def test_the_published_deposit_is_in_the_wrong_version_of_soap(samples: Path) -> None:
    body = (samples / "dmp-gie-sv" / "TD2.1-alimentation-requete-mime.txt").read_bytes().replace(b"\n", b"\r\n")
    root = read_multipart(CONTENT_TYPE, body).root
    with pytest.raises(Refusal) as refused:
        read_request(body[root.start : root.end].strip(), f"{BASE_PATH}/repository")
    assert "SOAP 1.2" in refused.value.reason


def test_the_queries_of_nist_are_read_and_a_patient_in_parentheses_is_not(samples: Path) -> None:
    read = {path.name: read_query(_query(path)) for path in (samples / "nist").glob("iti18-1*.xml")}
    both = read["iti18-11897-classcode_two.xml"].parameters["$XDSDocumentEntryClassCode"]
    assert [len(group) for group in both] == [2]
    between = read["iti18-11897-creationtime_between.xml"]
    assert (between.one("$XDSDocumentEntryCreationTimeFrom") or "").isdecimal()
    with pytest.raises(NotAParameter):
        read_query(_query(samples / "ipf" / "iti18request.xml"))


def _query(path: Path) -> etree._Element:
    return next(etree.parse(path).getroot().iter("{*}AdhocQueryRequest"))


# --- multipart ------------------------------------------------------------------------------------------------------

HEAD = b'--b\r\nContent-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <%s>\r\n\r\n'
TYPES = 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; boundary=b'


def test_the_root_is_the_part_that_start_names_else_the_first() -> None:
    body = b"preamble\r\n" + HEAD % b"one" + b"1\r\n" + HEAD % b"two" + b"\r\n--b--\r\n"
    second = read_multipart(f'{TYPES}; start="<two>"', body)
    assert (list(second.parts), second.root.end - second.root.start) == (["one"], 0)
    first = read_multipart(TYPES, body).root
    assert body[first.start : first.end] == b"1"
    assert isinstance(first, Span)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b--\r\n",
        b"--b\r\n",
        HEAD % b"one" + b"never ends",
        HEAD % b"one" + b"\r\n" + HEAD % b"one" + b"\r\n--b--",
        (HEAD % b"one").replace(b"--b", b"--bx") + b"\r\n--b--",
        HEAD.replace(b"<%s>", b"one") + b"\r\n--b--",
        (HEAD % b"one").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + b"MQ==\r\n--b--",
        (b"\r\n".join([HEAD % str(number).encode() for number in range(101)])) + b"\r\n--b--",
    ],
)
def test_what_is_no_multipart_is_refused(body: bytes) -> None:
    with pytest.raises(NotMultipart):
        read_multipart(TYPES, body)


@pytest.mark.parametrize(
    "name", ["DOC_NON_STRUCTURE_CDA-R2-N1", "DLU-EHPAD-DLU_2022.01", "LDL-SES_2022.01", "VSM_1.4_2022.01"]
)
def test_of_the_published_documents_it_reads_what_we_derive(samples: Path, name: str) -> None:
    data = (samples.parents[1] / "cisis" / "ExemplesCDA" / f"{name}.xml").read_bytes()
    root = parse_xml(data, huge=True)
    (number,) = [
        QualifiedIns(one.get("extension", ""), one.get("root", ""))
        for one in root.findall("{*}recordTarget/{*}patientRole/{*}id")
        if one.get("root", "").startswith("1.2.250.1.213.1.4.")
    ]
    (entry,) = things(submit_objects(Contents(entries=(document_entry(data, number),))))
    assert [*header_problems(root, entry), *entry_problems(entry)] == []
