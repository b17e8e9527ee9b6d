"""The signature of a lot: a manifest of its documents (IHE DSG, detached) under XAdES 1.1.1, as the DMP wants it.

Written here because libraries of XAdES write version 1.3.2 without an implied policy. No key is in this room: a
`Signer` is given. Each part that is digested is written in its canonical form (inclusive, C14N 1.0), with every prefix
that is in scope declared at its top, and stands in the signature as it was digested.

Sources: IHE ITI, Document Digital Signature (manifest, purpose of signature); W3C XML Signature (2002); ETSI TS 101 903
v1.1.1; the messages of the DMP (null digest of the lot, one Cert for each certificate of the chain).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from cryptography import x509
from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.cda.outline import MARK, Outline
from dui_bridge.cda.reader import MAX_BYTES
from dui_bridge.cda.xml import Element, in_attribute
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

_DECLARED: Final = f'xmlns:ds="{DS}"'
_TIME: Final = "{time}"
"""Stands in the place of the time of signing."""
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

    def of(self, *parts: bytes) -> str:
        """The digest of some bytes, which may be in several parts, in base64."""
        hashed = hashlib.new(self.value, usedforsecurity=False)
        for part in parts:
            hashed.update(part)
        return b64encode(hashed.digest()).decode("ascii")


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
    parts = ((MANIFEST_ID, manifest, MANIFEST_TYPE), (SIGNED_PROPERTIES_ID, properties, SIGNED_PROPERTIES_TYPE))
    digests = (
        _reference(f"#{name}", chosen.digest, chosen.digest.of(part.encode()), kind) for name, part, kind in parts
    )
    signed = (
        f'<ds:SignedInfo {_DECLARED}><ds:CanonicalizationMethod Algorithm="{C14N_WITH_COMMENTS}">'
        f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{chosen.signature.rsa_uri}"></ds:SignatureMethod>'
        f"{''.join(digests)}</ds:SignedInfo>"
    )
    value = b64encode(signer.sign(signed.encode(), chosen.signature)).decode("ascii")
    certificate = b64encode(signer.certificates[0]).decode("ascii")
    name = in_attribute(signature_id)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<ds:Signature {_DECLARED} Id="{name}">{signed}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f"<ds:Object>{manifest}</ds:Object>"
        f'<ds:Object><ds:SignatureProperties><ds:SignatureProperty Id="purposeOfSignature" Target="#{name}">'
        f"{SOURCE_PURPOSE.code}</ds:SignatureProperty></ds:SignatureProperties></ds:Object>"
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{name}">{properties}'
        f"</xades:QualifyingProperties></ds:Object></ds:Signature>"
    ).encode()


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
    return canonical_digest(Outline(parse_xml(document.data, max_bytes=MAX_BYTES, huge=True)), digest)


def canonical_digest(document: Outline, digest: Digest) -> str:
    """The digest of an XML document in a manifest, in base64.

    Raises:
        ValueError: it has no canonical form (a namespace that is a relative URI), or says the mark of its file itself.
    """
    root = document.root
    # The tree, not its root: comments and instructions before and after the root are part of the canonical form.
    try:
        written = etree.tostring(root.getroottree(), method="c14n", exclusive=False, with_comments=True)
    except etree.C14NError:
        raise ValueError("an XML document without a canonical form") from None
    if document.file is None:
        return digest.of(written)
    before, after = written.split(MARK)
    return digest.of(before, document.file, after)


def _manifest(lot_id: str, documents: Iterable[SignedDocument], digest: Digest) -> str:
    references = [
        _reference(f"urn:oid:{lot_id}", digest, LOT_DIGEST),
        *(_document_reference(one, digest) for one in documents),
    ]
    return f'<ds:Manifest {_DECLARED} Id="{MANIFEST_ID}">{"".join(references)}</ds:Manifest>'


def _document_reference(document: SignedDocument, digest: Digest) -> str:
    transform = f'<ds:Transform Algorithm="{C14N_WITH_COMMENTS}"></ds:Transform>'
    return _reference(
        f"urn:oid:{document.unique_id}",
        digest,
        document.digest or document_digest(document, digest),
        transforms=f"<ds:Transforms>{transform}</ds:Transforms>" if document.is_xml else "",
    )


def _reference(uri: str, digest: Digest, value: str, kind: str = "", *, transforms: str = "") -> str:
    stated = f' Type="{kind}"' if kind else ""
    return (
        f'<ds:Reference{stated} URI="{in_attribute(uri)}">{transforms}'
        f'<ds:DigestMethod Algorithm="{digest.uri}"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue>'
        f"</ds:Reference>"
    )


def _signed_properties(certificates: Sequence[bytes], at: datetime, digest: Digest) -> str:
    # The time comes before the names of authorities: the first mark is the one that was set for it.
    said = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return _timeless_properties(tuple(certificates), digest).replace(_TIME, f"{said}Z", 1)


@lru_cache(maxsize=16)
def _timeless_properties(certificates: tuple[bytes, ...], digest: Digest) -> str:
    """The properties with a mark instead of the time: all else is that of the chain, whose names libraries write."""
    properties = _XADES.SignedProperties(
        _XADES.SignedSignatureProperties(
            _XADES.SigningTime(_TIME),
            _XADES.SigningCertificate(*(_certificate(one, digest) for one in certificates)),
            _XADES.SignaturePolicyIdentifier(_XADES.SignaturePolicyImplied()),
        ),
        # Empty, as in the messages of the DMP.
        _XADES.SignedDataObjectProperties(),
        Id=SIGNED_PROPERTIES_ID,
    )
    return canonical(properties).decode()


def _certificate(der: bytes, digest: Digest) -> Element:
    certificate = x509.load_der_x509_certificate(der)
    return _XADES.Cert(
        _XADES.CertDigest(_XADES.DigestMethod(Algorithm=digest.uri), _XADES.DigestValue(digest.of(der))),
        _XADES.IssuerSerial(
            _DS.X509IssuerName(certificate.issuer.rfc4514_string()),
            _DS.X509SerialNumber(str(certificate.serial_number)),
        ),
    )
