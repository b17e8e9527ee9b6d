"""Reads a VIHF: what it says, and whether its signature holds. The homologation number is never shown.

Sources: as of `vihf`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from dui_bridge.connectors.wire.capture import REMOVED
from dui_bridge.connectors.wire.vihf import HOMOLOGATION, SAML
from dui_bridge.xds.lot import DS
from dui_bridge.xds.lot_reading import Verdict as PartVerdict
from dui_bridge.xds.lot_reading import compared, digest_method

ASSERTION: Final = f"{{{SAML}}}Assertion"

_NAMES: Final = {"s": SAML, "d": DS}
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS: Final = [f"{DS}enveloped-signature", _EXCLUSIVE]
_ACCEPTED: Final = SignatureConfiguration(
    location="./",
    signature_methods=frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256}),
)
"""Messages before 2024 are signed with SHA-1; they are read, and the algorithm is told."""


class Verdict(StrEnum):
    """Whether the certificate that the signature names made it, whoever that is, and be it over since."""

    ABSENT = "absent"
    HOLDS = "holds"
    BROKEN = "broken"
    MASKED = "masked_after_signing"  # its value is right, and a secret was taken out of what it signs


@dataclass(frozen=True, slots=True)
class ReadVihf:
    """What an assertion says; a text that is missing is empty.

    Args:
        issued: as written, as `not_on_or_after`.
        attributes: values by name, in their order; a code is `code^display name^OID`, the homologation number `***`.
        value: of the signature, with the key of the certificate.
        reference: whether the assertion is what the signature says that it signs.
        algorithm: of the signature, a URI.
        certificate: that the signature names, None when there is none that can be read.
    """

    identifier: str
    issued: str
    issuer: str
    name_id: str
    authentication: str
    declaration: str
    not_on_or_after: str
    attributes: Mapping[str, tuple[str, ...]]
    signature: Verdict
    value: PartVerdict
    reference: PartVerdict
    algorithm: str
    certificate: x509.Certificate | None


def read_vihf(assertion: etree._Element) -> ReadVihf:
    """What an assertion says, alone or inside the message that carries it."""

    def text(path: str) -> str:
        return (assertion.findtext(path, "", _NAMES) or "").strip()

    conditions, method = assertion.find("s:Conditions", _NAMES), assertion.find(".//d:SignatureMethod", _NAMES)
    certificate = _certificate(text("d:Signature/d:KeyInfo/d:X509Data/d:X509Certificate"))
    signature, value = _verdicts(assertion, certificate)
    reference = _reference(assertion)
    if signature is Verdict.BROKEN and value is PartVerdict.RIGHT and _is_masked(assertion):
        signature, reference = Verdict.MASKED, PartVerdict.UNKNOWN
    return ReadVihf(
        assertion.get("ID", ""),
        assertion.get("IssueInstant", ""),
        text("s:Issuer"),
        text("s:Subject/s:NameID"),
        text("s:AuthnStatement/s:AuthnContext/s:AuthnContextClassRef"),
        text("s:AuthnStatement/s:AuthnContext/s:AuthnContextDecl"),
        conditions.get("NotOnOrAfter", "") if conditions is not None else "",
        {one.get("Name", ""): _values(one) for one in assertion.iterfind("s:AttributeStatement/s:Attribute", _NAMES)},
        signature,
        value,
        reference,
        method.get("Algorithm", "") if method is not None else "",
        certificate,
    )


def _values(attribute: etree._Element) -> tuple[str, ...]:
    if attribute.get("Name") == HOMOLOGATION:
        return ("***",)
    return tuple(_value(one) for one in attribute.iterfind("s:AttributeValue", _NAMES))


def _value(value: etree._Element) -> str:
    coded = next(value.iterchildren("*"), None)
    if coded is None:
        return (value.text or "").strip()
    return "^".join(coded.get(name, "") for name in ("code", "displayName", "codeSystem"))


def _certificate(base64: str) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(b64decode(base64))
    except ValueError:
        return None


def _verdicts(assertion: etree._Element, certificate: x509.Certificate | None) -> tuple[Verdict, PartVerdict]:
    """On the whole, and on the value of the signature alone."""
    if assertion.find("d:Signature", _NAMES) is None:
        return Verdict.ABSENT, PartVerdict.ABSENT
    if certificate is None:
        return Verdict.BROKEN, PartVerdict.UNKNOWN
    try:
        found = XMLVerifier().verify(
            etree.tostring(assertion, with_tail=False),
            x509_cert=certificate,
            id_attribute="ID",
            validate_schema=False,
            # Whether the certificate was good that day is another question, for who knows the day.
            expect_config=replace(_ACCEPTED, verification_time=certificate.not_valid_before_utc),
        )
    except InvalidDigest:
        # What is signed is looked at once the value is known to be right.
        return Verdict.BROKEN, PartVerdict.RIGHT
    except InvalidSignature:
        return Verdict.BROKEN, PartVerdict.WRONG
    except (SignXMLException, ValueError):
        return Verdict.BROKEN, PartVerdict.UNKNOWN
    # A signature of something else, put into an assertion, holds as well.
    signed = found.signed_xml if isinstance(found, VerifyResult) else None
    whole = signed is not None and signed.tag == ASSERTION and signed.get("ID") == assertion.get("ID")
    return Verdict.HOLDS if whole else Verdict.BROKEN, PartVerdict.RIGHT


def _reference(assertion: etree._Element) -> PartVerdict:
    signature = assertion.find("d:Signature", _NAMES)
    if signature is None:
        return PartVerdict.ABSENT
    references = signature.findall("d:SignedInfo/d:Reference", _NAMES)
    if [one.get("URI") for one in references] != [f"#{assertion.get('ID')}"]:
        return PartVerdict.UNKNOWN
    (reference,) = references
    transforms = reference.findall("d:Transforms/d:Transform", _NAMES)
    digest = digest_method(reference)
    if digest is None or [one.get("Algorithm") for one in transforms] != _TRANSFORMS:
        return PartVerdict.UNKNOWN
    named = transforms[1].find(f"{{{_EXCLUSIVE}}}InclusiveNamespaces")
    prefixes = None if named is None else named.get("PrefixList", "").split()
    written = etree.tostring(
        _unsigned(assertion), method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes, with_comments=False
    )
    return compared(reference, digest.of(written))


def _unsigned(assertion: etree._Element) -> etree._Element:
    """A copy without its signature; the space that followed it stays."""
    copy = deepcopy(assertion)
    copy.tail = None
    signature = copy.find("d:Signature", _NAMES)
    if signature is not None:
        before, tail = signature.getprevious(), signature.tail or ""
        if before is None:
            copy.text = (copy.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
        copy.remove(signature)
    return copy


def _is_masked(assertion: etree._Element) -> bool:
    values = assertion.iterfind(f"s:AttributeStatement/s:Attribute[@Name='{HOMOLOGATION}']/s:AttributeValue", _NAMES)
    return any((one.text or "").strip() == REMOVED.decode() for one in values)
