"""Reads the signature of a lot, ours or another's, and tells which of its digests and values are right.

No certificate is trusted here: whether the signatory is who it should be is for the caller to say.
Sources: W3C XML Signature (2002), IHE ITI Document Digital Signature, ETSI TS 101 903 v1.1.1.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from dui_bridge.cda.xml import Element
from dui_bridge.xds.lot import DS, LOT_DIGEST, XADES, Digest, SignedDocument, canonical, document_digest
from dui_bridge.xds.messages import unexpected
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_NS: Final = {"ds": DS, "xades": XADES}
_OID: Final = "urn:oid:"
_WITH_COMMENTS: Final = "#WithComments"
_DIGESTS: Final = {digest.uri: digest for digest in Digest}
_METHODS: Final = {digest.rsa_uri: digest for digest in Digest}
_HASHES: Final = {Digest.SHA1: SHA1, Digest.SHA256: SHA256}


class Verdict(StrEnum):
    """What was found of a digest or value."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSENT = "absent"  # what it is of is not at hand
    UNKNOWN = "unknown"  # an algorithm or form that is not known here
    NOT_DIGESTED = "not_digested"  # the null digest of the lot


@dataclass(frozen=True, slots=True)
class LotSignature:
    """What a signature says, and what it is worth.

    Args:
        certificate: of the signatory, in DER; None when it cannot be read.
        signing_time: as written.
        value: of the signature, with the key of the certificate.
        references: to its own parts (`#IHEManifest`, `#S0-SignedProperties`…).
        manifest: of the lot and documents, by OID.
    """

    id: str
    method: str
    certificate: bytes | None
    signing_time: str
    value: Verdict
    references: Mapping[str, Verdict]
    manifest: Mapping[str, Verdict]

    @property
    def is_right(self) -> bool:
        """Nothing in it is wrong, unknown or absent."""
        told = (self.value, *self.references.values(), *self.manifest.values())
        return bool(self.references) and all(one in {Verdict.RIGHT, Verdict.NOT_DIGESTED} for one in told)


def read_lot_signature(data: bytes, documents: Mapping[str, bytes]) -> LotSignature:
    """A signature, judged.

    Args:
        data: the signature document.
        documents: bytes of the documents that are at hand, by their uniqueId.

    Raises:
        XmlRefused: it is not XML that the bridge reads.
        NotXds: it is no signature.
    """
    root = parse_xml(data)
    if root.tag != f"{{{DS}}}Signature":
        raise unexpected(root)
    method = _of(root, "ds:SignedInfo/ds:SignatureMethod")
    certificate = _decoded(_text(root, "ds:KeyInfo/ds:X509Data/ds:X509Certificate"))
    signed = root.findall("ds:SignedInfo/ds:Reference", _NS)
    listed = root.findall(".//ds:Manifest/ds:Reference", _NS)
    return LotSignature(
        root.get("Id", ""),
        method,
        certificate,
        _text(root, ".//xades:SigningTime"),
        _value(root, method, certificate),
        {one.get("URI", ""): _part(root, one) for one in signed},
        {_oid(one): _listed(one, documents, first=one is listed[0]) for one in listed},
    )


def _value(root: Element, method: str, certificate: bytes | None) -> Verdict:
    info = root.find("ds:SignedInfo", _NS)
    value, digest = _decoded(_text(root, "ds:SignatureValue")), _METHODS.get(method)
    if info is None or digest is None or certificate is None or value is None:
        return Verdict.UNKNOWN
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return Verdict.UNKNOWN
    if not isinstance(key, rsa.RSAPublicKey):
        return Verdict.UNKNOWN
    comments = _of(info, "ds:CanonicalizationMethod").endswith(_WITH_COMMENTS)
    try:
        key.verify(value, canonical(_alone(info), comments=comments), padding.PKCS1v15(), _HASHES[digest]())
    except InvalidSignature:
        return Verdict.WRONG
    return Verdict.RIGHT


def _part(root: Element, reference: Element) -> Verdict:
    """A reference to a part of the signature: an Id that stands there once, without a transform."""
    name = reference.get("URI", "").removeprefix("#")
    found = [one for one in root.iter(etree.Element) if one.get("Id") == name]
    digest = digest_method(reference)
    if digest is None or len(found) != 1 or reference.find("ds:Transforms", _NS) is not None:
        return Verdict.UNKNOWN
    return compared(reference, digest.of(canonical(_alone(found[0]))))


def _listed(reference: Element, documents: Mapping[str, bytes], *, first: bool) -> Verdict:
    """A reference of the manifest; only the first, that of the lot, may have the null digest."""
    if first and _written(reference) == LOT_DIGEST:
        return Verdict.NOT_DIGESTED
    data = documents.get(_oid(reference))
    digest = digest_method(reference)
    if data is None:
        return Verdict.ABSENT
    if digest is None:
        return Verdict.UNKNOWN
    is_xml = reference.find("ds:Transforms", _NS) is not None
    try:
        return compared(reference, document_digest(SignedDocument("", data, is_xml), digest))
    except (XmlRefused, ValueError):
        return Verdict.WRONG


def _oid(reference: Element) -> str:
    return reference.get("URI", "").removeprefix(_OID)


def compared(reference: Element, right: str) -> Verdict:
    """Whether a `ds:Reference` has the right digest."""
    return Verdict.RIGHT if _written(reference) == right else Verdict.WRONG


def _written(reference: Element) -> str:
    return "".join(_text(reference, "ds:DigestValue").split())


def digest_method(reference: Element) -> Digest | None:
    """With what a `ds:Reference` is digested; None for another algorithm than those of `Digest`."""
    return _DIGESTS.get(_of(reference, "ds:DigestMethod"))


def _alone(element: Element) -> Element:
    """A part as a tree of its own, with the prefixes in scope: in place, lxml adds `xmlns=""` to its canonical form."""
    return parse_xml(etree.tostring(element, with_tail=False))


def _of(element: Element, path: str) -> str:
    found = element.find(path, _NS)
    return "" if found is None else found.get("Algorithm", "")


def _text(element: Element, path: str) -> str:
    return element.findtext(path, "", _NS)


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode("".join(text.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None
