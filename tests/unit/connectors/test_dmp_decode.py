"""Any captured message is told for a person, its defects by name."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.dmp.captures import SHOWN, SHOWN_ATTRIBUTES
from dui_bridge.connectors.dmp.decode import decode
from dui_bridge.connectors.dmp.decode_defects import DEFECTS, REMARKS
from dui_bridge.connectors.dmp.lots import make_lot
from dui_bridge.connectors.wire.capture import KEPT, REMOVED, masked
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.vocabulary import APPROVED, FAILURE
from tests.dmp_world import AUTOMATE, NOW, SECRET, TAKEN, Asked, Dmp, Reply, client, existing, fault, found, refused
from tests.shared import shared_path
from tests.xds_deposits import ENTRY_UUID, cda, entry, ins, registered
from tests.xds_signer import signer

SAMPLES = (shared_path() or Path("absent")) / "reference" / "xds" / "samples"


@cache
def asked() -> Asked:
    """A deposit as a server received it."""
    dmp = Dmp([TAKEN])
    opened = client(dmp)
    lot = make_lot(entry({Mask.PROFESSIONALS}), cda(), AUTOMATE.author, opened.practice, signer(), at=NOW)
    opened.deposit(lot, ins(), AUTOMATE)
    return dmp.asked[0]


def deposit(old: bytes = b"", new: bytes = b"") -> bytes:
    """The bytes of the deposit, with the first place of something changed."""
    data = asked().request.content
    assert old in data
    return data.replace(old, new, 1) if old else data


def answer(reply: Reply) -> bytes:
    return reply(asked()).content


def codes(read: dict[str, Any]) -> list[str]:
    return [one["code"] for one in read["defects"]]


def test_our_own_deposit_has_no_defect_with_its_headers_or_without() -> None:
    head = f"POST /x HTTP/1.1\r\nContent-Type: {asked().request.headers['Content-Type']}\r\n\r\n"
    for data in (deposit(), head.encode() + deposit()):
        read = decode(data)
        assert (read["kind"], read["message"], read["soap"]) == (
            "request",
            "ProvideAndRegisterDocumentSetRequest",
            "1.2",
        )
        assert (read["defects"], read["lot_signature"]["is_right"]) == ([], True)


def test_a_deposit_is_told_with_its_codes_its_masks_and_who_sent_it() -> None:
    read = decode(deposit())
    document, signature = read["entries"]
    assert (document["unique_id"], signature["title"]) == (entry().unique_id, "Source")
    assert [one["code"] for one in document["confidentiality"]] == ["N", "MASQUE_PS"]
    assert read["documents"][0] == {"id": "Document01", "present": True, "size": len(cda()), "sha1": entry().hash}
    assert read["assertion"]["signature"] == "holds"
    assert read["assertion"]["attributes"]["Authentification_Mode"] == ["INDIRECTE"]
    assert SECRET not in json.dumps(read)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'id="Document01"><xop', b'id="document01"><xop', "document_without_entry"),
        (b"cid:Document01", b"cid:Document99", "document_missing"),
        (b">INDIRECTE<", b">INDIRECTx<", "assertion_broken"),
        (b">1330000019<", b">1330000018<", "assertion_structure"),
        (b">287033306300082^", b">187033306399942^", "assertion_patient"),
        (b"Content-Type: text/xml", b"Content-Type\r\nX", "not_soap"),
        (b"</soap:Envelope>", b"", "not_xml"),
        (b"<wsa:MessageID>", b"<!--<wsa:MessageID>", "not_xml"),
        (b"<languageCode", b"<languageCodex", "lot_signature"),
    ],
)
def test_what_was_changed_on_the_way_is_named(old: bytes, new: bytes, code: str) -> None:
    assert code in codes(decode(deposit(old, new)))


def test_an_assertion_whose_number_was_masked_is_no_defect_and_is_told_as_such() -> None:
    read = decode(deposit(SECRET.encode(), REMOVED))
    verdicts = [read["assertion"][name] for name in ("signature", "signature_value", "signature_reference")]
    assert (verdicts, read["defects"]) == (["masked_after_signing", "right", "unknown"], [])
    assert [one["code"] for one in read["remarks"]] == ["assertion_masked"]


def test_the_value_of_the_signature_is_judged_even_of_an_assertion_that_was_masked() -> None:
    data = deposit(SECRET.encode(), REMOVED).replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AA", 1)
    read = decode(data)
    assert codes(read) == ["assertion_broken"]
    assert (read["assertion"]["signature"], read["assertion"]["signature_value"]) == ("broken", "wrong")


def test_what_a_capture_masked_is_told_as_far_as_it_goes_and_not_judged() -> None:
    for data in (asked().parts.body, answer(existing()), answer(found(registered()))):
        whole, read = decode(data), decode(masked(data, KEPT | SHOWN, SHOWN_ATTRIBUTES))
        assert (read["kind"], read["message"]) == (whole["kind"], whole["message"])
        assert ([one["code"] for one in read["remarks"]], read["defects"]) == (["masked"], [])
        assert "assertion" not in read


def test_a_part_of_a_message_is_told_alone() -> None:
    part = asked().parts.attachment("cid:Signature01@dui-bridge")
    assert part is not None
    part.file.seek(0)
    signature = part.file.read()
    assert decode(signature)["defects"] == []
    assert codes(decode(signature.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", 1))) == ["lot_signature"]
    assert decode(cda())["entries"][0]["unique_id"] == entry().unique_id
    for broken in (b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', b"<x/>", b""):
        assert decode(broken)["defects"]


def test_answers_are_told_with_their_codes_and_their_statuses_in_full() -> None:
    read = decode(answer(found(registered(), references=(ENTRY_UUID,))))
    assert (read["kind"], read["entries"][0]["status"], read["references"]) == ("answer", APPROVED, [ENTRY_UUID])
    read = decode(answer(refused("XDSUnknownPatientId", "pas de DMP")))
    assert (read["status"], read["errors"][0]["code"], read["defects"]) == (FAILURE, "XDSUnknownPatientId", [])
    read = decode(answer(fault("DMPInvalidCertificate", "non")))
    assert (read["kind"], read["fault"]["subcodes"]) == ("fault", ["DMPInvalidCertificate"])


def test_the_existence_of_a_record_is_told_without_the_traits() -> None:
    read = decode(answer(existing()))
    assert (read["existence"]["state"], read["existence"]["authorisation"]) == ("open", "VALIDE")
    assert "SECRET" not in json.dumps(read)


@given(st.one_of(st.binary(max_size=60), st.integers(0, 60_000).map(lambda at: deposit()[at:]), st.just(b"--b\n")))
def test_whatever_the_file_holds_something_is_told(data: bytes) -> None:
    read = decode(data)
    assert json.dumps(read)
    assert read["kind"] != "unknown" or read["defects"]


# --- official samples ------------------------------------------------------------------------------------------------

EXPECTED: dict[str, tuple[str, str, set[str]]] = {
    "dmp-gie-sv/TD0.2-test-existence-reponse.xml": ("answer", "PRPA_IN201308UV02", set()),
    "dmp-gie-sv/TD0.2-test-existence-requete.xml": ("request", "PRPA_IN201307UV02", set()),
    "dmp-gie-sv/TD0.3-set-authorization-reponse.xml": ("answer", "setAuthorizationResponse", set()),
    "dmp-gie-sv/TD0.3-set-authorization-requete.xml": ("request", "setAuthorization", set()),
    "dmp-gie-sv/TD2.1-DocumentME2.xml": ("document", "ClinicalDocument", set()),
    "dmp-gie-sv/TD2.1-SignatureXades.xml": ("signature", "Signature", set()),
    "dmp-gie-sv/TD2.1-alimentation-reponse.xml": ("answer", "RegistryResponse", set()),
    "dmp-gie-sv/TD2.1-alimentation-requete-mime.txt": (
        "request",
        "ProvideAndRegisterDocumentSetRequest",
        {"soap_1_1", "document_without_entry", "lot_signature"},
    ),
    "dmp-gie-sv/TD3.1-find-documents-requete.xml": ("request", "AdhocQueryRequest", set()),
    "dmp-gie-sv/TD3.2-retrieve-reponse.xml": ("answer", "RetrieveDocumentSetResponse", set()),
    "dmp-gie-sv/TD3.2-retrieve-requete.xml": ("request", "RetrieveDocumentSetRequest", set()),
    "dmp-gie-sv/TD3.3d-archiver-reponse.xml": ("answer", "RegistryResponse", set()),
    "dmp-gie-sv/TD3.3d-archiver-requete.xml": ("request", "SubmitObjectsRequest", {"XDS-706", "XDS-709"}),
    "dmp-gie-sv/VIHF-DIRECTE-non-signe.xml": ("assertion", "Assertion", {"not_utf8"}),
    "dmp-gie-sv/VIHF-INDIRECTE-signe.xml": ("assertion", "Assertion", {"assertion_broken"}),
    "ipf/SubmitObjectsRequest_ebrs30.xml": ("request", "SubmitObjectsRequest", {"XDS-102"}),
    "ipf/SubmitObjectsRequest_ebrs30_update.xml": ("request", "SubmitObjectsRequest", {"XDS-303"}),
    "ipf/iti18request.xml": ("request", "AdhocQueryRequest", set()),
    "ipf/saml2-assertion-for-xua.xml": ("assertion", "Assertion", {"assertion_broken"}),
    "ipf/xua-assertion.xml": ("assertion", "Assertion", {"assertion_broken"}),
    **{
        f"nist/{name}": ("request", "AdhocQueryRequest", set())
        for name in (
            "iti18-11897-approved.xml",
            "iti18-11897-classcode_two.xml",
            "iti18-11897-confcode.xml",
            "iti18-11897-creationtime_between.xml",
            "iti18-11898-submissiontime_in.xml",
            "iti18-11901-getdocuments.xml",
            "iti18-11903-getassociations.xml",
            "iti18-http-chunked-request.txt",
        )
    },
    "nist/iti18-response-objectref.xml": ("answer", "AdhocQueryResponse", set()),
    **{
        f"nist/{name}": ("request", "ProvideAndRegisterDocumentSetRequest", {"XDS-102", "XDS-108"})
        for name in (
            "iti41-http-mtom-pnr.txt",
            "iti41-mtom-body-encoded-cid.txt",
            "iti41-mtom-body-inline-no-xop.txt",
            "iti41-mtom-body-xop.txt",
        )
    },
    "nist/iti41-response-failure.xml": ("answer", "RegistryResponse", set()),
    "nist/iti43-12028-retrieve.xml": ("request", "RetrieveDocumentSetRequest", set()),
}
"""What each published message is, and defects that it has; none, where none is told."""

official = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official messages are not on this machine")


@official
@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_message_is_what_it_is(name: str) -> None:
    read = decode((SAMPLES / name).read_bytes())
    kind, message, defects = EXPECTED[name]
    assert (read["kind"], read["message"]) == (kind, message)
    assert defects <= set(codes(read))
    assert bool(defects) == bool(read["defects"])


@official
def test_every_published_message_is_tried() -> None:
    assert {f"{one.parent.name}/{one.name}" for one in SAMPLES.glob("*/*")} == set(EXPECTED)


@official
def test_the_published_deposit_is_told_with_its_documents_and_its_codes() -> None:
    read = decode((SAMPLES / "dmp-gie-sv" / "TD2.1-alimentation-requete-mime.txt").read_bytes())
    document, signature = read["entries"]
    assert document["patient_id"].startswith("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH")
    assert [one["code"] for one in signature["confidentiality"]] == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]
    assert [one["present"] for one in read["documents"]] == [True, True]
    assert (read["lot_signature"]["value"], read["lot_signature"]["is_right"]) == ("right", False)
    assert read["assertion"]["attributes"]["Authentification_mode"] == ["DIRECTE"]


@official
def test_the_published_answers_are_told_with_what_they_hold() -> None:
    folder = SAMPLES / "dmp-gie-sv"
    assert decode((folder / "TD0.2-test-existence-reponse.xml").read_bytes())["existence"] == {
        "state": "open",
        "authorisation": "VALIDE",
        "treating_doctor": True,
        "status": "active",
        "observations": {"COMPTE_INTERNET_OUVERT": "true", "RATTACHEMENT_ENS": "false"},
    }
    failure = decode((SAMPLES / "nist" / "iti41-response-failure.xml").read_bytes())
    assert (failure["status"], bool(failure["errors"][0]["code"])) == (FAILURE, True)
    (retrieved,) = decode((folder / "TD3.2-retrieve-reponse.xml").read_bytes())["documents"]
    assert retrieved["unique_id"] == "1.2.250.1.999.1.1.7898.1.995657292"


def test_each_named_defect_has_words_in_both_languages() -> None:
    assert all(en and fr and en != fr for en, fr in (*DEFECTS.values(), *REMARKS.values()))
