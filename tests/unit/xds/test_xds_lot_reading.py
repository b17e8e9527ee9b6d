"""A right signature is found right, and each thing that is changed in it is found wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.xds.lot import Algorithms, Digest, SignedDocument, sign_lot
from dui_bridge.xds.lot_reading import Verdict, read_lot_signature
from dui_bridge.xds.messages import NotXds
from dui_bridge.xmlsafe import XmlRefused
from tests.xds_signer import signer

AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
DOCUMENTS = {"2.25.4": b"<a>1</a>", "2.25.5": b"%PDF-1.4"}


def signed(digest: Digest = Digest.SHA256) -> bytes:
    documents = [SignedDocument("2.25.4", b"<a>1</a>"), SignedDocument("2.25.5", b"%PDF-1.4", is_xml=False)]
    return sign_lot("2.25.3", documents, signer(), signature_id="_lot", at=AT, algorithms=Algorithms(digest, digest))


@pytest.mark.parametrize("digest", list(Digest))
def test_what_we_sign_is_right(digest: Digest) -> None:
    found = read_lot_signature(signed(digest), DOCUMENTS)
    assert found.is_right
    assert found.manifest == {
        "2.25.3": Verdict.NOT_DIGESTED,
        "2.25.4": Verdict.RIGHT,
        "2.25.5": Verdict.RIGHT,
    }
    assert (found.method, found.certificate) == (digest.rsa_uri, signer().certificates[0])
    assert found.signing_time == "2026-11-22T05:00:00Z"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (b"urn:oid:2.25.3", b"urn:oid:2.25.9", "#IHEManifest"),
        (b"2026-11-22T05", b"2026-11-22T06", "#S0-SignedProperties"),
    ],
)
def test_a_part_that_was_changed_is_wrong(old: bytes, new: bytes, wrong: str) -> None:
    found = read_lot_signature(signed().replace(old, new), DOCUMENTS)
    assert found.references[wrong] is Verdict.WRONG
    assert not found.is_right


def test_signed_info_that_was_changed_is_wrong() -> None:
    changed = signed().replace(b'Type="http://www.w3.org/2000/09/xmldsig#Manifest"', b'Type="x"')
    assert read_lot_signature(changed, DOCUMENTS).value is Verdict.WRONG


def test_other_bytes_are_wrong_and_missing_ones_absent() -> None:
    found = read_lot_signature(signed(), {"2.25.4": b"<a>2</a>"})
    assert found.manifest["2.25.4"] is Verdict.WRONG
    assert found.manifest["2.25.5"] is Verdict.ABSENT
    assert found.value is Verdict.RIGHT
    assert not found.is_right


def test_only_the_lot_may_have_the_null_digest() -> None:
    right = Digest.SHA256.of(b"%PDF-1.4").encode()
    found = read_lot_signature(signed().replace(right, b"AA=="), DOCUMENTS)
    assert found.manifest["2.25.5"] is Verdict.WRONG


def test_a_part_that_stands_twice_is_not_judged() -> None:
    twice = signed().replace(b"</ds:Signature>", b'<ds:Object Id="IHEManifest"/></ds:Signature>')
    assert read_lot_signature(twice, DOCUMENTS).references["#IHEManifest"] is Verdict.UNKNOWN


def test_what_is_no_signature_is_refused() -> None:
    with pytest.raises(NotXds):
        read_lot_signature(b"<a/>", {})
    with pytest.raises(XmlRefused):
        read_lot_signature(b"%PDF", {})


@given(st.data())
def test_whatever_was_changed_it_is_never_right_and_never_fails_otherwise(data: st.DataObject) -> None:
    right = signed()
    start = right.index(b"<ds:SignedInfo")
    # The last letter of the value is left out: it has bits that say nothing.
    end = right.index(b"==</ds:SignatureValue>") - 1
    at = data.draw(st.integers(start, end - 1))
    changed = right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]
    try:
        found = read_lot_signature(changed, DOCUMENTS)
    except (XmlRefused, NotXds):
        return
    assert not found.is_right
