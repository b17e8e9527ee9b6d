"""The signature of a lot: a manifest of its documents (IHE DSG, detached) under XAdES 1.1.1, as the DMP wants it.

Written here because libraries of XAdES write version 1.3.2 without an implied policy. No key is in this room: a
`Signer` is given. Each part that is digested is made alone, with every namespace prefix declared at its top, so that
its canonical form is the same alone as in the signature.

Sources: IHE ITI, Document Digital Signature (manifest, purpose of signature); W3C XML Signature (2002); ETSI TS 101 903
v1.1.1; the messages of the DMP (null digest of the lot, one Cert for each certificate of the chain).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from cryptography import x509
from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.cda.reader import MAX_BYTES
from dui_bridge.cda.xml import Element
from dui_bridge.xds.submission import SOURCE_PURPOSE
from dui_bridge.xmlsafe import parse_xml

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.1.1#"
C14N_WITH_COMMENTS: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
MANIFEST_TYPE: Final = f"{DS}Manifest"
SIGNED_PROPERTIES_TYPE: Final = f"{XADES}SignedProperties"
MANIFEST_ID: Final = "IHEManifest"
SIGNED_PROPERTIES_ID: Final = "S0-SignedProperties"
LOT_DIGEST: Final = "AA=="
"""Digest of the lot in its own manifest: one null byte, for its metadata are not digested."""

_DS: Final = ElementMaker(namespace=DS, nsmap={"ds": DS})
_XADES: Final = ElementMaker(namespace=XADES, nsmap={"ds": DS, "xades": XADES})


class Digest(StrEnum):
    """A hash function."""

    SHA1 = "sha1"
    SHA256 = "sha256"

    @property
    def uri(self) -> str:
        """Its DigestMethod."""
        return {"sha1": f"{DS}sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256"}[self.value]

    @property
    def rsa_uri(self) -> str:
        """The SignatureMethod of RSA (PKCS #1 v1.5) with it."""
        return {"sha1": f"{DS}rsa-sha1", "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}[self.value]

    def of(self, data: bytes) -> str:
        """The digest of some bytes, in base64."""
        return b64encode(hashlib.new(self.value, data, usedforsecurity=False).digest()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Algorithms:
    """What the signature is made with: every published message of the DMP has SHA-1, so that it is the default.

    Args:
        signature: hash that is signed, with RSA.
        digest: of the references and documents.
    """

    signature: Digest = Digest.SHA1
    digest: Digest = Digest.SHA1


class Signer(Protocol):
    """Whoever holds the key."""

    @property
    def certificates(self) -> Sequence[bytes]:
        """The chain in DER, the certificate of the key first."""

    def sign(self, data: bytes, digest: Digest) -> bytes:
        """The RSA signature (PKCS #1 v1.5) of the hash of the data."""


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document of the lot: its OID, its bytes, and whether they are XML (then its canonical form is digested).

    Args:
        digest: of `canonical_digest`, when it is made already.
    """

    unique_id: str
    data: bytes
    is_xml: bool = True
    digest: str | None = None


def sign_lot(
    lot_id: str,
    documents: Iterable[SignedDocument],
    signer: Signer,
    *,
    signature_id: str,
    at: datetime,
    algorithms: Algorithms | None = None,
) -> bytes:
    """The signature of a lot, a document of its own: UTF-8, with an XML declaration.

    Args:
        lot_id: uniqueId of the lot, an OID.
        signature_id: Id of the signature; an NCName (it begins with a letter or `_`).
        at: time of signing, aware.

    Raises:
        XmlRefused: a document that should be XML is not.
        ValueError: such a document has no canonical form, or the signer gives no certificate that can be read.
    """
    chosen = algorithms or Algorithms()
    if not signer.certificates:
        raise ValueError("the signer gives no certificate")
    manifest = _manifest(lot_id, documents, chosen.digest)
    properties = _signed_properties(signer.certificates, at, chosen.digest)
    signed = _DS.SignedInfo(
        _DS.CanonicalizationMethod(Algorithm=C14N_WITH_COMMENTS),
        _DS.SignatureMethod(Algorithm=chosen.signature.rsa_uri),
        _reference(f"#{MANIFEST_ID}", chosen.digest, canonical(manifest), MANIFEST_TYPE),
        _reference(f"#{SIGNED_PROPERTIES_ID}", chosen.digest, canonical(properties), SIGNED_PROPERTIES_TYPE),
    )
    value = signer.sign(canonical(signed, comments=True), chosen.signature)
    purpose = _DS.SignatureProperty(SOURCE_PURPOSE.code, Id="purposeOfSignature", Target=f"#{signature_id}")
    qualifying = _XADES.QualifyingProperties(properties, Target=f"#{signature_id}")
    root = _DS.Signature(
        signed,
        _DS.SignatureValue(b64encode(value).decode("ascii")),
        _DS.KeyInfo(_DS.X509Data(_DS.X509Certificate(b64encode(signer.certificates[0]).decode("ascii")))),
        _DS.Object(manifest),
        _DS.Object(_DS.SignatureProperties(purpose)),
        _DS.Object(qualifying),
        Id=signature_id,
    )
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def canonical(element: Element, *, comments: bool = False) -> bytes:
    """The inclusive canonical form of a whole tree (C14N 1.0)."""
    return etree.tostring(element, method="c14n", exclusive=False, with_comments=comments)


def document_digest(document: SignedDocument, digest: Digest) -> str:
    """The digest of a document in a manifest, in base64.

    Raises:
        XmlRefused: it should be XML and is not.
        ValueError: it has no canonical form (a namespace that is a relative URI).
    """
    if not document.is_xml:
        return digest.of(document.data)
    return canonical_digest(parse_xml(document.data, max_bytes=MAX_BYTES, huge=True), digest)


def canonical_digest(root: Element, digest: Digest) -> str:
    """The digest of an XML document in a manifest, in base64.

    Raises:
        ValueError: it has no canonical form (a namespace that is a relative URI).
    """
    # The tree, not its root: comments and instructions before and after the root are part of the canonical form.
    try:
        return digest.of(etree.tostring(root.getroottree(), method="c14n", exclusive=False, with_comments=True))
    except etree.C14NError:
        raise ValueError("an XML document without a canonical form") from None


def _manifest(lot_id: str, documents: Iterable[SignedDocument], digest: Digest) -> Element:
    lot = _DS.Reference(_DS.DigestMethod(Algorithm=digest.uri), _DS.DigestValue(LOT_DIGEST), URI=f"urn:oid:{lot_id}")
    return _DS.Manifest(lot, *(_document_reference(one, digest) for one in documents), Id=MANIFEST_ID)


def _document_reference(document: SignedDocument, digest: Digest) -> Element:
    transforms = [_DS.Transforms(_DS.Transform(Algorithm=C14N_WITH_COMMENTS))] if document.is_xml else []
    return _DS.Reference(
        *transforms,
        _DS.DigestMethod(Algorithm=digest.uri),
        _DS.DigestValue(document.digest or document_digest(document, digest)),
        URI=f"urn:oid:{document.unique_id}",
    )


def _reference(uri: str, digest: Digest, data: bytes, kind: str) -> Element:
    return _DS.Reference(_DS.DigestMethod(Algorithm=digest.uri), _DS.DigestValue(digest.of(data)), URI=uri, Type=kind)


def _signed_properties(certificates: Sequence[bytes], at: datetime, digest: Digest) -> Element:
    return _XADES.SignedProperties(
        _XADES.SignedSignatureProperties(
            _XADES.SigningTime(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
            deepcopy(_signing_certificate(tuple(certificates), digest)),
            _XADES.SignaturePolicyIdentifier(_XADES.SignaturePolicyImplied()),
        ),
        # Empty, as in the messages of the DMP.
        _XADES.SignedDataObjectProperties(),
        Id=SIGNED_PROPERTIES_ID,
    )


@lru_cache(maxsize=16)
def _signing_certificate(certificates: tuple[bytes, ...], digest: Digest) -> Element:
    """The chain, in an element to be copied."""
    return _XADES.SigningCertificate(*(_certificate(one, digest) for one in certificates))


def _certificate(der: bytes, digest: Digest) -> Element:
    certificate = x509.load_der_x509_certificate(der)
    return _XADES.Cert(
        _XADES.CertDigest(_XADES.DigestMethod(Algorithm=digest.uri), _XADES.DigestValue(digest.of(der))),
        _XADES.IssuerSerial(
            _DS.X509IssuerName(certificate.issuer.rfc4514_string()),
            _DS.X509SerialNumber(str(certificate.serial_number)),
        ),
    )
