"""The VIHF: a SAML 2.0 assertion by which the structure says who calls, about whom and why; new for each request.

The key of the structure signs it (modes INDIRECTE and INDIRECTE_RENFORCEE). Where published messages differ, the form
is in `Forms`. Sources: ASIP Santé, référentiel d'imputabilité and CI-SIS, volet Transport synchrone; messages published
by the GIE SESAM-Vitale and in the ANS volet "Transmission de document CDA en HL7 v2"; SAML 2.0 core; nomenclature
TRE_R248.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, cast
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from dui_bridge.cda.xml import in_text
from dui_bridge.connectors.wire.net_errors import VihfIncomplete
from dui_bridge.ins.carriers import xds_patient_id
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds.lot import DS, Digest, Signer

# It logs all that it signs or verifies: the person and the homologation number.
logging.getLogger("signxml").setLevel(logging.WARNING)

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
HOMOLOGATION: Final = "LPS_ID_HOMOLOGATION_DMP"
"""Name of the attribute that is a secret."""

_HL7: Final = "urn:hl7-org:v3"
_XS: Final = "http://www.w3.org/2001/XMLSchema"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XSI_TYPE: Final = f"{{{_XSI}}}type"
_X509_NAME: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_CLASSES: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_SECTORS: Final = "1.2.250.1.71.4.2.4"
_PURPOSES: Final = "1.2.250.1.213.1.1.4.248"
_LABELS: Final = {
    "normal": "Accès normal",
    "bris_de_glace": "Accès en bris de glace",
    "centre_15": "Accès par un centre de régulation médicale",
}
_SECRET_ACCESS: Final = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"  # noqa: S105 - a code of JDV_J64

_PROFESSIONS: Final = "1.2.250.1.71.1.2.7"
_WITH_SPECIALTY: Final = frozenset({"10", "21"})
"""Médecin and pharmacien (TRE_G15): the DMP wants a second role of them."""

_ID: Final = "{dui-bridge:id}"
_NOW: Final = "{dui-bridge:now}"
_UNTIL: Final = "{dui-bridge:until}"
_PERSON: Final = "{dui-bridge:person}"
_UNSIGNED: Final = b"{dui-bridge:signature}"
_SIGNATURE: Final = b64encode(_UNSIGNED).decode("ascii")
"""Marks of what is new in each request: no name or number of a caller looks like one."""


class Mode(StrEnum):
    """How the caller was authenticated."""

    INDIRECTE = "INDIRECTE"
    RENFORCEE = "INDIRECTE_RENFORCEE"


class Purpose(StrEnum):
    """Why the record is opened (TRE_R248); the value is the code."""

    NORMAL = "normal"
    BRIS_DE_GLACE = "bris_de_glace"
    CENTRE_15 = "centre_15"


@dataclass(frozen=True, slots=True)
class Role:
    """A profession, a specialty or a role: code, OID of the code system, display name."""

    code: str
    system: str
    label: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Args:
        mode: INDIRECTE to feed, INDIRECTE_RENFORCEE (AIR) for a professional who reads.
        national_id: PS_IdNat of the person, for an automate that of the person responsible.
        name: family name and given name, for an automate software, model and service.
        structure: Struct_IdNat, as `1` and the geographic FINESS.
        sector: SAxx (JDV_J61).
        roles: profession first; then for médecins and pharmaciens the specialty.
        authentication: last part of the class of SAML 2.0: `Password`, `TLSClient`, `MobileTwoFactorUnregistered`,
            `unspecified`; it must be what really happened.
        authenticated_at: aware.
    """

    mode: Mode
    national_id: str
    name: str
    structure: str
    sector: str
    roles: tuple[Role, ...]
    authentication: str
    authenticated_at: datetime


@dataclass(frozen=True, slots=True)
class Software:
    """What calls: name and version as the user sees them, and the number that the homologation gave, a secret."""

    name: str
    version: str
    homologation: str = field(repr=False)
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Forms:
    """What published messages and texts do not agree on.

    Args:
        version: of the VIHF.
        mode_attribute: name of the attribute of the mode.
        purpose_system_name: codeSystemName of the purpose.
        declaration: AuthnContextDecl of the mode INDIRECTE_RENFORCEE; the others have none.
        validity: how long the assertion is good, in Conditions; None to leave them out.
    """

    version: str = "3.0"
    mode_attribute: str = "Authentification_Mode"
    purpose_system_name: str = "mode acces VIHF 2.0"
    declaration: str = "CONF_EXI_PGSSIS"
    validity: timedelta | None = None


_USUAL: Final = Forms()


def signed_vihf(
    caller: Caller,
    software: Software,
    ins: QualifiedIns,
    signer: Signer,
    *,
    assertion_id: UUID,
    now: datetime,
    purpose: Purpose = Purpose.NORMAL,
    secret_access: bool = False,
    forms: Forms = _USUAL,
) -> bytes:
    """An assertion, signed: UTF-8 without an XML declaration, as `soap.secured_envelope` takes it.

    Args:
        ins: the person whose record it is.
        assertion_id: new for each request, as `now`, aware.
        secret_access: "connexion secrète" of a minor: nothing will be visible to the legal representatives.
    Raises:
        VihfIncomplete: something is missing of which it is known that the DMP refuses the assertion without it.
        ValueError: the signer gives no certificate that can be read.
    """
    form = _signed_form(caller, software, signer.certificates[0], purpose, secret_access, forms)
    values = {_ID: f"_{assertion_id}", _NOW: _instant(now), _PERSON: in_text(xds_patient_id(ins))}
    if forms.validity is not None:
        values[_UNTIL] = _instant(now + forms.validity)
    values[form.digest] = Digest.SHA256.of(_filled(form.digested, values).encode())
    signature = signer.sign(_filled(form.signed, values).encode(), Digest.SHA256)
    values[_SIGNATURE] = b64encode(signature).decode("ascii")
    return _filled(form.whole, values).encode()


@dataclass(frozen=True, slots=True)
class _Form:
    """The assertion of every request of a caller as texts, with marks where its own values stand.

    Args:
        digested: its canonical form, without the signature.
        digest: what stands for the digest.
        signed: the canonical form of SignedInfo.
        whole: as it leaves.
    """

    digested: str
    digest: str
    signed: str
    whole: str


def _filled(text: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


@lru_cache(maxsize=16)
def _signed_form(
    caller: Caller, software: Software, certificate: bytes, purpose: Purpose, secret_access: bool, forms: Forms
) -> _Form:
    """What signxml makes of the marks. What is around them is the same in every request of a caller, and to make it
    anew would cost nearly as much as the signature itself.

    Args:
        certificate: of who signs, in DER.
    """
    root = _told(caller, software, certificate, purpose, secret_access, forms)
    key = _Asked()
    # Without a reference that is told, the root is referred to by its ID.
    whole = _MACHINE.sign(root, key=cast(RSAPrivateKey, key), key_info=_key_info(certificate))
    (place,) = root.iterchildren(f"{{{DS}}}Signature")
    root.remove(place)
    digested = etree.tostring(root, method="c14n", exclusive=True)
    return _Form(
        digested.decode(),
        Digest.SHA256.of(digested),
        key.data.decode(),
        etree.tostring(whole, encoding="unicode"),
    )


def _told(
    caller: Caller, software: Software, certificate: bytes, purpose: Purpose, secret_access: bool, forms: Forms
) -> etree._Element:
    """What a caller says, with marks, and a place for the signature."""
    _check(caller, software)
    root = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml2": SAML, "xsi": _XSI})
    root.attrib.update({"ID": _ID, "IssueInstant": _NOW, "Version": "2.0"})
    subject = x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    _add(root, "Issuer", subject, Format=_X509_NAME)
    etree.SubElement(root, f"{{{DS}}}Signature", Id="placeholder", nsmap={"ds": DS})  # to be replaced
    _add(_add(root, "Subject"), "NameID", caller.national_id)
    if forms.validity is not None:
        _add(root, "Conditions", NotBefore=_NOW, NotOnOrAfter=_UNTIL)
    context = _add(_add(root, "AuthnStatement", AuthnInstant=_instant(caller.authenticated_at)), "AuthnContext")
    _add(context, "AuthnContextClassRef", _CLASSES + caller.authentication)
    if caller.mode is Mode.RENFORCEE:
        _add(context, "AuthnContextDecl", forms.declaration)
    statement = _add(root, "AttributeStatement")
    _text(statement, "Identifiant_Structure", caller.structure)
    _text(statement, "Secteur_Activite", f"{caller.sector}^{_SECTORS}")
    _text(statement, "urn:oasis:names:tc:xspa:1.0:subject:subject-id", caller.name)
    roles = [("Role", {"code": one.code, "codeSystem": one.system, "displayName": one.label}) for one in caller.roles]
    _coded(statement, "urn:oasis:names:tc:xacml:2.0:subject:role", roles)
    _text(statement, "VIHF_Version", forms.version)
    _text(statement, forms.mode_attribute, caller.mode)
    _text(statement, "urn:oasis:names:tc:xacml:2.0:resource:resource-id", _PERSON)
    _text(statement, "Ressource_URN", "urn:dmp")
    why = {
        "code": purpose.value,
        "codeSystem": _PURPOSES,
        "codeSystemName": forms.purpose_system_name,
        "displayName": _LABELS[purpose],
    }
    _coded(statement, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", [("PurposeOfUse", why)])
    if secret_access:
        _text(statement, "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code", _SECRET_ACCESS)
    if software.identifier is not None:
        _text(statement, "LPS_ID", software.identifier)
    _text(statement, "LPS_Nom", software.name)
    _text(statement, "LPS_Version", software.version)
    _text(statement, HOMOLOGATION, software.homologation)
    return root


def _check(caller: Caller, software: Software) -> None:
    said = (caller.national_id, caller.name, caller.structure, caller.sector, caller.authentication)
    if not all(one.strip() for one in (*said, software.name, software.version, software.homologation)):
        raise VihfIncomplete(
            reason="the caller, the structure or the software is not told in full",
            reason_fr="l'appelant, la structure ou le logiciel n'est pas entièrement indiqué",
        )
    if not caller.roles:
        raise VihfIncomplete(reason="no profession is told", reason_fr="aucune profession n'est indiquée")
    first = caller.roles[0]
    if first.system == _PROFESSIONS and first.code in _WITH_SPECIALTY and len(caller.roles) == 1:
        raise VihfIncomplete(
            reason="a doctor or pharmacist without a specialty",
            reason_fr="un médecin ou un pharmacien sans spécialité",
        )


def _instant(time: datetime) -> str:
    """In UTC, to the millisecond: nobody may rely on more (SAML 2.0 core §1.3.3)."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{SAML}}}{name}", attributes)
    child.text = text
    return child


def _text(statement: etree._Element, name: str, value: str) -> None:
    attribute = _add(statement, "Attribute", Name=name)
    one = etree.SubElement(attribute, f"{{{SAML}}}AttributeValue", {_XSI_TYPE: "xs:string"}, nsmap={"xs": _XS})
    one.text = value


def _coded(statement: etree._Element, name: str, values: Sequence[tuple[str, dict[str, str]]]) -> None:
    attribute = _add(statement, "Attribute", Name=name)
    for element, coded in values:
        value = _add(attribute, "AttributeValue")
        etree.SubElement(value, f"{{{_HL7}}}{element}", {_XSI_TYPE: "CE"}, nsmap={None: _HL7}, **coded)


class _Asked:
    """A private key for signxml, which notes what is to be signed and gives a mark for it."""

    data = b""

    def sign(self, data: bytes, padding: object, algorithm: object) -> bytes:
        self.data = data
        return _UNSIGNED


_MACHINE: Final = XMLSigner(
    signature_algorithm="rsa-sha256",
    digest_algorithm="sha256",
    c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
)


def _key_info(certificate: bytes) -> etree._Element:
    """Who signs."""
    key_info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    data = etree.SubElement(key_info, f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = b64encode(certificate).decode("ascii")
    return key_info
