"""Verifies the signature of a lot: IHE DSG manifest, XAdES 1.1.1 (CI-SIS, volet Partage de documents de santé)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from dui_bridge.sandbox.dmp.trust import Untrusted, alone, canonical, check_digest, check_value, embedded_certificate
from dui_bridge.sandbox.dmp.words import DS, XADES
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
_PURPOSE: Final = "1.2.840.10065.1.12.1.14"
_PARTS: Final = {
    "#IHEManifest": (f"{DS}Manifest", f"{{{DS}}}Manifest"),
    "#S0-SignedProperties": (f"{XADES}SignedProperties", f"{{{XADES}}}SignedProperties"),
}
"""URI of each reference: its type, and the element."""


def check_lot(data: bytes, lot_id: str, documents: Mapping[str, bytes], sealed_with: x509.Certificate) -> None:
    """Makes sure that a signature is that of a lot.

    Args:
        documents: the XML of each document, by uniqueId.
        sealed_with: certificate of the assertion: the lot must be signed with the same.
    Raises:
        Untrusted: the reason, in French.
    """
    try:
        root = parse_xml(data)
    except XmlRefused:
        raise Untrusted("elle n'est pas lisible") from None
    signed = root.find(f"{{{DS}}}SignedInfo")
    if root.tag != f"{{{DS}}}Signature" or signed is None:
        raise Untrusted("ce n'est pas une ds:Signature")
    method = signed.find(f"{{{DS}}}CanonicalizationMethod")
    if method is None or method.get("Algorithm") != _C14N:
        raise Untrusted("la forme canonique n'est pas c14n avec commentaires")
    certificate = embedded_certificate(root)
    if certificate != sealed_with:
        raise Untrusted("le certificat n'est pas celui du VIHF")
    check_value(root, certificate, canonical(alone(signed), comments=True))
    parts = _signed_parts(root, signed)
    _check_manifest(parts["#IHEManifest"], lot_id, documents)
    _check_properties(root, parts["#S0-SignedProperties"], certificate)


def _signed_parts(root: etree._Element, signed: etree._Element) -> dict[str, etree._Element]:
    references = {one.get("URI", ""): one for one in signed.findall(f"{{{DS}}}Reference")}
    if set(references) != set(_PARTS):
        raise Untrusted("les références ne sont pas le manifeste et les propriétés signées")
    found: dict[str, etree._Element] = {}
    for uri, reference in references.items():
        kind, tag = _PARTS[uri]
        meant = [one for one in root.iter("*") if one.get("Id") == uri[1:]]
        if reference.get("Type") != kind or len(meant) != 1 or meant[0].tag != tag:
            raise Untrusted(f"la référence {uri} n'est pas du type voulu")
        if reference.find(f"{{{DS}}}Transforms") is not None:
            raise Untrusted(f"la référence {uri} a des transformations")
        check_digest(reference, canonical(alone(meant[0])))
        found[uri] = meant[0]
    return found


def _check_manifest(manifest: etree._Element, lot_id: str, documents: Mapping[str, bytes]) -> None:
    references = {one.get("URI", ""): one for one in manifest.findall(f"{{{DS}}}Reference")}
    wanted = {f"urn:oid:{lot_id}"} | {f"urn:oid:{unique_id}" for unique_id in documents}
    if set(references) != wanted or len(references) != len(manifest):
        raise Untrusted("le manifeste ne nomme pas le lot et chacun de ses documents, une fois")
    lot = references[f"urn:oid:{lot_id}"].find(f"{{{DS}}}DigestValue")
    if lot is None or lot.text != "AA==":
        raise Untrusted("l'empreinte du lot n'est pas AA==")
    for unique_id, data in documents.items():
        reference = references[f"urn:oid:{unique_id}"]
        transforms = [one.get("Algorithm") for one in reference.iter(f"{{{DS}}}Transform")]
        if transforms != [_C14N]:
            raise Untrusted("un document XML n'a pas la transformation c14n avec commentaires")
        check_digest(reference, _canonical_document(data))


def _canonical_document(data: bytes) -> bytes:
    """Of the whole tree: comments before and after the root are part of it."""
    try:
        return canonical(parse_xml(data, max_bytes=len(data), huge=True).getroottree(), comments=True)
    except XmlRefused:
        raise Untrusted("un document n'est pas un XML lisible") from None


def _check_properties(root: etree._Element, properties: etree._Element, certificate: x509.Certificate) -> None:
    qualifying = properties.getparent()
    target = f"#{root.get('Id')}"
    if qualifying is None or qualifying.tag != f"{{{XADES}}}QualifyingProperties" or qualifying.get("Target") != target:
        raise Untrusted("QualifyingProperties n'a pas la signature pour cible")
    # The published sample has its SignatureProperties in no namespace: both are read.
    purposes = [one for one in root.iter("{*}SignatureProperty") if one.get("Id") == "purposeOfSignature"]
    if len(purposes) != 1 or purposes[0].get("Target") != target or (purposes[0].text or "").strip() != _PURPOSE:
        raise Untrusted("l'objet de la signature n'est pas celui d'une source")
    said = properties.find(f"{{{XADES}}}SignedSignatureProperties")
    policy = f"{{{XADES}}}SignaturePolicyIdentifier/{{{XADES}}}SignaturePolicyImplied"
    if said is None or said.find(policy) is None or said.find(f"{{{XADES}}}SigningTime") is None:
        raise Untrusted("SigningTime ou SignaturePolicyImplied manque")
    cert = said.find(f"{{{XADES}}}SigningCertificate/{{{XADES}}}Cert")
    digest = None if cert is None else cert.find(f"{{{XADES}}}CertDigest")
    if cert is None or digest is None:
        raise Untrusted("SigningCertificate manque")
    check_digest(_as_reference(digest), certificate.public_bytes(Encoding.DER))
    serial = cert.find(f"{{{XADES}}}IssuerSerial/{{{DS}}}X509SerialNumber")
    if serial is None or (serial.text or "").strip() != str(certificate.serial_number):
        raise Untrusted("SigningCertificate a un autre numéro de série")


def _as_reference(digest: etree._Element) -> etree._Element:
    """XAdES 1.1.1 has DigestMethod and DigestValue of its own namespace."""
    made = etree.Element(f"{{{DS}}}Reference", URI="SigningCertificate")
    method, value = (digest.find(f"{{*}}{name}") for name in ("DigestMethod", "DigestValue"))
    if method is not None and value is not None:
        etree.SubElement(made, f"{{{DS}}}DigestMethod", Algorithm=method.get("Algorithm", ""))
        etree.SubElement(made, f"{{{DS}}}DigestValue").text = value.text
    return made
