"""The signature of a lot says what it must, and its digests and value are right when it is read again."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.exceptions import InvalidSignature
from lxml import etree

from dui_bridge.xds.lot import DS, XADES, Algorithms, Digest, SignedDocument, canonical, sign_lot
from dui_bridge.xmlsafe import XmlRefused
from tests.xds_deposits import cda
from tests.xds_signer import signer

NS = {"ds": DS, "xades": XADES}
LOT = "2.25.27182818284"
DOCUMENTS = (SignedDocument("2.25.31415926535.1", cda()), SignedDocument("2.25.5", b"%PDF-1.4", is_xml=False))
AT = datetime(2026, 11, 22, 6, 0, tzinfo=timezone(timedelta(hours=1)))


def signed(algorithms: Algorithms | None = None, documents: tuple[SignedDocument, ...] = DOCUMENTS) -> bytes:
    return sign_lot(LOT, documents, signer(), signature_id="_lot", at=AT, algorithms=algorithms)


def read(data: bytes) -> etree._Element:
    return etree.fromstring(data)


def one(root: etree._Element, path: str) -> etree._Element:
    (found,) = root.findall(path, NS)
    return found


def again(element: etree._Element) -> etree._Element:
    """The element as a document of its own, so that its canonical form is made from what was received."""
    return etree.fromstring(etree.tostring(element, with_tail=False))


@pytest.mark.parametrize("digest", list(Digest))
def test_the_signed_digests_and_the_signature_value_are_right(digest: Digest) -> None:
    root = read(signed(Algorithms(digest, digest)))
    for target, path in (("#IHEManifest", ".//ds:Manifest"), ("#S0-SignedProperties", ".//xades:SignedProperties")):
        reference = one(root, f"ds:SignedInfo/ds:Reference[@URI='{target}']")
        assert one(reference, "ds:DigestValue").text == digest.of(canonical(again(one(root, path))))
        assert one(reference, "ds:DigestMethod").get("Algorithm") == digest.uri
    value = b64decode(one(root, "ds:SignatureValue").text or "")
    info = canonical(again(one(root, "ds:SignedInfo")), comments=True)
    signer().verify(value, info, digest)
    with pytest.raises(InvalidSignature):
        signer().verify(value, info.replace(b"IHEManifest", b"IHEMANIFEST"), digest)


def test_what_is_digested_stands_in_the_signature_in_its_canonical_form() -> None:
    documents = (SignedDocument('2.25.5^a&b<"', b"", is_xml=False),)
    data = signed(documents=documents)
    root = read(data)
    for path in ("ds:SignedInfo", ".//ds:Manifest", ".//xades:SignedProperties"):
        assert canonical(again(one(root, path)), comments=True) in data
    assert root.findall(".//ds:Manifest/ds:Reference", NS)[1].get("URI") == f"urn:oid:{documents[0].unique_id}"


def test_published_messages_have_sha1_so_that_it_is_the_default() -> None:
    root = read(signed())
    assert one(root, "ds:SignedInfo/ds:SignatureMethod").get("Algorithm") == f"{DS}rsa-sha1"
    assert {each.get("Algorithm") for each in root.iter(f"{{{DS}}}DigestMethod")} == {f"{DS}sha1"}


def test_the_manifest_names_the_lot_then_each_document() -> None:
    references = one(read(signed()), ".//ds:Manifest").findall("ds:Reference", NS)
    assert [each.get("URI") for each in references] == [
        f"urn:oid:{LOT}",
        "urn:oid:2.25.31415926535.1",
        "urn:oid:2.25.5",
    ]
    lot, xml, binary = references
    assert one(lot, "ds:DigestValue").text == "AA=="
    assert one(xml, "ds:Transforms/ds:Transform").get("Algorithm", "").endswith("REC-xml-c14n-20010315#WithComments")
    assert binary.find("ds:Transforms", NS) is None
    pdf = hashlib.sha1(b"%PDF-1.4", usedforsecurity=False).digest()
    assert one(binary, "ds:DigestValue").text == b64encode(pdf).decode()


def test_comments_around_the_root_are_part_of_a_document_and_its_declaration_is_not() -> None:
    def digest(data: bytes) -> str | None:
        documents = (SignedDocument("2.25.5", data),)
        return one(read(signed(documents=documents)), ".//ds:Manifest/ds:Reference[2]/ds:DigestValue").text

    assert digest(b"<?xml version='1.0'?><a  b='1'/>") == digest(b'<a b="1"></a>')
    assert digest(b"<!-- x --><a/>") != digest(b"<a/>")


def test_properties_name_the_time_the_chain_and_an_implied_policy() -> None:
    chain = (*signer().certificates, *signer().certificates)
    data = sign_lot(LOT, DOCUMENTS, replace(signer(), certificates=chain), signature_id="_lot", at=AT)
    properties = one(read(data), ".//xades:SignedSignatureProperties")
    assert one(properties, "xades:SigningTime").text == "2026-11-22T05:00:00Z"
    assert len(properties.findall("xades:SigningCertificate/xades:Cert", NS)) == 2
    cert = properties.find("xades:SigningCertificate/xades:Cert", NS)
    assert cert is not None
    assert one(cert, ".//ds:X509SerialNumber").text == "12345678901234567890"
    assert one(cert, ".//ds:X509IssuerName").text == "O=Foyer de vie L'Œillet\\, test,C=FR"
    assert properties.find(".//xades:SignaturePolicyImplied", NS) is not None
    assert len(read(data).findall("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NS)) == 1


def test_the_signature_tells_its_purpose() -> None:
    purpose = one(read(signed()), ".//ds:SignatureProperty")
    assert (purpose.get("Id"), purpose.get("Target"), purpose.text) == (
        "purposeOfSignature",
        "#_lot",
        "1.2.840.10065.1.12.1.14",
    )


def test_the_same_lot_at_the_same_time_gives_the_same_bytes() -> None:
    assert signed() == signed()
    assert signed().startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


def test_what_cannot_be_signed_is_refused() -> None:
    with pytest.raises(XmlRefused):
        signed(documents=(SignedDocument("2.25.5", b"%PDF"),))
    with pytest.raises(ValueError, match="canonical"):
        signed(documents=(SignedDocument("2.25.5", b"<a xmlns='relative'/>"),))
    with pytest.raises(ValueError, match="certificate"):
        sign_lot(LOT, DOCUMENTS, replace(signer(), certificates=()), signature_id="_lot", at=AT)
