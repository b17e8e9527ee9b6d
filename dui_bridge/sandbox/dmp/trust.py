"""Whom the stand-in trusts: signature certificates ("cachet", ORG SIGN), and RSA signatures made with their keys."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lxml import etree

from dui_bridge.sandbox.dmp.soap import Refusal
from dui_bridge.sandbox.dmp.words import DS
from dui_bridge.sandbox.pki import Pki
from dui_bridge.xmlsafe import parse_xml

DIGESTS: Final[Mapping[str, str]] = {f"{DS}sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}
_SIGNATURES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    f"{DS}rsa-sha1": hashes.SHA1(),  # noqa: S303 - what the published messages of the DMP have
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
_END_OF_CRL: Final = b"-----END X509 CRL-----\n"


class Untrusted(ValueError):
    """A signature does not hold; the text says why, in French."""


class Trust:
    """The authorities and the revoked certificates of a PKI of the sandbox.

    Raises:
        OSError: a file cannot be read.
    """

    def __init__(self, pki: Pki) -> None:
        self._authorities = x509.load_pem_x509_certificates(pki.ca.read_bytes())
        lists = [part for part in pki.crl.read_bytes().split(_END_OF_CRL) if part.strip()]
        self._revoked = {one.serial_number for part in lists for one in x509.load_pem_x509_crl(part + _END_OF_CRL)}

    def check_seal(self, certificate: x509.Certificate, now: datetime) -> None:
        """Makes sure that a certificate may sign assertions and lots.

        Raises:
            Refusal: DMPInvalidCertificate, in the words that were seen.
        """
        if not (self._is_ours(certificate) and _is_seal(certificate)) or not (
            certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        ):
            raise Refusal("DMPInvalidCertificate", "Not a valid signature certificate")

    def _is_ours(self, certificate: x509.Certificate) -> bool:
        for authority in self._authorities:
            try:
                certificate.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return certificate.serial_number not in self._revoked
        return False


def _is_seal(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and usage.content_commitment and ExtendedKeyUsageOID.EMAIL_PROTECTION in purposes


def unit(certificate: x509.Certificate) -> str:
    """The structure that a certificate names (`OU`); empty when it names none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(found[0].value) if found else ""


def embedded_certificate(signature: etree._Element) -> x509.Certificate:
    """The one certificate in the KeyInfo of a signature.

    Raises:
        Untrusted: there is none, or several, or it cannot be read.
    """
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if len(found) != 1:
        raise Untrusted("KeyInfo ne porte pas un seul certificat")
    try:
        return x509.load_der_x509_certificate(decoded(found[0]))
    except ValueError:
        raise Untrusted("le certificat est illisible") from None


def check_value(signature: etree._Element, certificate: x509.Certificate, signed: bytes) -> None:
    """Verifies the RSA signature of the canonical form of a SignedInfo.

    Raises:
        Untrusted: another algorithm, another key, or it does not hold.
    """
    method = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}SignatureMethod")
    digest = _SIGNATURES.get("" if method is None else method.get("Algorithm", ""))
    key = certificate.public_key()
    value = signature.find(f"{{{DS}}}SignatureValue")
    if digest is None or value is None or not isinstance(key, RSAPublicKey):
        raise Untrusted("algorithme de signature refusé")
    try:
        key.verify(decoded(value), signed, PKCS1v15(), digest)
    except InvalidSignature:
        raise Untrusted("la signature n'est pas celle de SignedInfo") from None


def check_digest(reference: etree._Element, data: bytes) -> None:
    """Compares the digest of a Reference.

    Raises:
        Untrusted: another algorithm, or another digest.
    """
    method, value = (reference.find(f"{{{DS}}}{name}") for name in ("DigestMethod", "DigestValue"))
    name = DIGESTS.get("" if method is None else method.get("Algorithm", ""))
    if name is None or value is None:
        raise Untrusted("algorithme d'empreinte refusé")
    if b64encode(hashlib.new(name, data, usedforsecurity=False).digest()) != b64encode(decoded(value)):
        raise Untrusted(f"l'empreinte de {reference.get('URI', '')} diffère")


def alone(element: etree._Element) -> etree._Element:
    """The element read again by itself, with every namespace in scope: its canonical form is then that in place."""
    return parse_xml(etree.tostring(element, with_tail=False), huge=True)


def canonical(
    element: etree._Element | etree._ElementTree[etree._Element],
    *,
    comments: bool = False,
    exclusive: bool = False,
    prefixes: Sequence[str] = (),
) -> bytes:
    """A canonical form (C14N 1.0, Exclusive C14N 1.0) of a whole tree.

    Args:
        prefixes: of an exclusive form, the PrefixList of its InclusiveNamespaces.
    Raises:
        Untrusted: there is none (a namespace that is a relative URI).
    """
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=exclusive,
            with_comments=comments,
            inclusive_ns_prefixes=list(prefixes) or None,
        )
    except etree.C14NError:
        raise Untrusted("pas de forme canonique") from None


def decoded(element: etree._Element) -> bytes:
    """The base64 of an element.

    Raises:
        Untrusted: it is none.
    """
    try:
        return b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error:
        raise Untrusted("un base64 illisible") from None
