"""Verifies a VIHF as the DMP would: its signature, its validity, its attributes, its mode.

Sources: SAML 2.0 core; W3C XML Signature and Exclusive C14N; CI-SIS, volet Transport synchrone; the messages published
by the GIE SESAM-Vitale and in the ANS volet "Transmission de document CDA en HL7 v2";
JDV_J61, JDV_J64, JDV_J65, TRE_R248.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography import x509
from lxml import etree

from dui_bridge.sandbox.dmp.codes import allowed
from dui_bridge.sandbox.dmp.forms import INS
from dui_bridge.sandbox.dmp.soap import Refusal, not_conform
from dui_bridge.sandbox.dmp.trust import (
    Trust,
    Untrusted,
    alone,
    canonical,
    check_digest,
    check_value,
    embedded_certificate,
)
from dui_bridge.sandbox.dmp.words import DS, HL7, SAML

_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = f"{DS}enveloped-signature"
_X509_NAME: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_CLASSES: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_KNOWN_CLASSES: Final = frozenset({"Password", "TLSClient", "unspecified", "MobileTwoFactorUnregistered"})
"""What an application may say of how its user was known; SmartcardPKI is for a card, which signs for itself."""
_ROLE: Final = "urn:oasis:names:tc:xacml:2.0:subject:role"
_SUBJECT: Final = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_RESOURCE: Final = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_SECRECY: Final = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_SECRET: Final = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"  # noqa: S105 - the one code of JDV_J64
_PURPOSE: Final = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_PURPOSES: Final = "1.2.250.1.213.1.1.4.248"
_PROFESSIONS: Final = frozenset({"1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8"})
"""G15, and G16 for students."""
_WITH_SPECIALTY: Final = frozenset({"10", "21"})
_SAID: Final = frozenset({"VIHF_Version", "Identifiant_Structure", "Secteur_Activite", "LPS_Nom", "LPS_Version"})
_FRESH: Final = timedelta(minutes=5)
_NCNAME: Final = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_SECTOR: Final = re.compile(r"SA\d{2}\^1\.2\.250\.1\.71\.4\.2\.4", re.ASCII)
_STRUCTURE: Final = re.compile(r"[0-4]\d{8,20}", re.ASCII)


class Mode(StrEnum):
    """How the caller was authenticated; a card's own mode (DIRECTE) is not served."""

    INDIRECTE = "INDIRECTE"
    RENFORCEE = "INDIRECTE_RENFORCEE"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, about whom.

    Args:
        name_id: PS_IdNat, of an automate that of the person responsible.
        structure: Struct_IdNat.
        professional: whether the first role is a profession of health.
        patient: `INS^^^&OID&ISO^NH`.
        purpose: `normal`, `bris_de_glace` or `centre_15`.
        secret: "connexion secrète" of a minor: what is done is not for the legal representatives.
        certificate: what the assertion is signed with.
    """

    mode: Mode
    name_id: str
    structure: str
    professional: bool
    patient: str
    purpose: str
    secret: bool
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class _Code:
    code: str
    system: str


def verify(assertion: etree._Element, trust: Trust, now: datetime, homologations: frozenset[str] | None) -> Caller:
    """The caller of an assertion.

    Args:
        now: aware.
        homologations: numbers that are known; None for any.
    Raises:
        Refusal: the DMP would refuse the assertion.
    """
    read = alone(assertion)
    try:
        certificate = _signed_by(read)
    except Untrusted as reason:
        raise Refusal("DMPInvalidCertificate", f"Bac à sable : signature du VIHF : {reason}") from None
    trust.check_seal(certificate, now)
    _check_frame(read, certificate, now)
    texts, codes = _attributes(read)
    mode = _mode(texts)
    _check_context(read, mode)
    _check_texts(texts, homologations)
    roles = codes.get(_ROLE, ())
    _check_roles(roles)
    purposes = codes.get(_PURPOSE, ())
    if len(purposes) != 1 or purposes[0].system != _PURPOSES:
        raise not_conform("VIHF : purposeofuse")
    if purposes[0].code not in {"normal", "bris_de_glace", "centre_15"}:
        raise not_conform("VIHF : code de purposeofuse")
    return Caller(
        mode=mode,
        name_id=_text(read.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID")),
        structure=texts["Identifiant_Structure"],
        professional=roles[0].system in _PROFESSIONS,
        patient=texts[_RESOURCE],
        purpose=purposes[0].code,
        secret=_SECRECY in texts,
        certificate=certificate,
    )


def _signed_by(read: etree._Element) -> x509.Certificate:
    children = list(read.iterchildren("*"))
    if [child.tag for child in children[:2]] != [f"{{{SAML}}}Issuer", f"{{{DS}}}Signature"]:
        raise Untrusted("elle n'est pas juste après Issuer")
    signature = children[1]
    signed = signature.find(f"{{{DS}}}SignedInfo")
    references = [] if signed is None else signed.findall(f"{{{DS}}}Reference")
    if signed is None or len(references) != 1 or references[0].get("URI") != f"#{read.get('ID')}":
        raise Untrusted("elle n'a pas une seule référence, celle de l'assertion")
    method = signed.find(f"{{{DS}}}CanonicalizationMethod")
    if method is None or method.get("Algorithm") != _EXCLUSIVE:
        raise Untrusted("SignedInfo n'est pas en exc-c14n")
    transforms = references[0].findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if [one.get("Algorithm") for one in transforms] != [_ENVELOPED, _EXCLUSIVE]:
        raise Untrusted("transformations inattendues")
    certificate = embedded_certificate(signature)
    check_value(signature, certificate, _canonical(alone(signed), method))
    check_digest(references[0], _canonical(_without_signature(read), transforms[1]))
    return certificate


def _canonical(element: etree._Element, method: etree._Element) -> bytes:
    return canonical(element, exclusive=True, prefixes=_prefixes(method))


def _prefixes(method: etree._Element) -> list[str]:
    listed = method.find(f"{{{_EXCLUSIVE}}}InclusiveNamespaces")
    return [] if listed is None else listed.get("PrefixList", "").split()


def _without_signature(read: etree._Element) -> etree._Element:
    """The enveloped-signature transform: the text after the signature stays."""
    copy = alone(read)
    issuer, signature = list(copy.iterchildren("*"))[:2]
    issuer.tail = (issuer.tail or "") + (signature.tail or "")
    copy.remove(signature)
    return copy


def _check_frame(read: etree._Element, certificate: x509.Certificate, now: datetime) -> None:
    if read.get("Version") != "2.0" or _NCNAME.fullmatch(read.get("ID", "")) is None:
        raise not_conform("VIHF : Version ou ID")
    issued = _instant(read.get("IssueInstant", ""), "IssueInstant")
    if abs(now - issued) > _FRESH:
        raise not_conform("VIHF : IssueInstant trop loin de maintenant")
    issuer = read[0]
    names = {certificate.subject.rfc4514_string(), x509.Name(reversed(list(certificate.subject))).rfc4514_string()}
    # The order of a DN and the spaces after its commas differ between published messages.
    if issuer.get("Format") != _X509_NAME or re.sub(r",\s+", ",", _text(issuer)) not in names:
        raise not_conform("VIHF : Issuer n'est pas le DN du certificat")
    conditions = read.find(f"{{{SAML}}}Conditions")
    if conditions is None:
        return
    if conditions.find(f"{{{SAML}}}AudienceRestriction") is not None:
        raise not_conform("VIHF : AudienceRestriction")
    before, after = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if before is not None and now < _instant(before, "NotBefore") - _FRESH:
        raise not_conform("VIHF : pas encore valable")
    if after is not None and now >= _instant(after, "NotOnOrAfter"):
        raise not_conform("VIHF : expiré")


def _check_context(read: etree._Element, mode: Mode) -> None:
    if not _text(read.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID")):
        raise not_conform("VIHF : NameID")
    statement = read.find(f"{{{SAML}}}AuthnStatement")
    context = None if statement is None else statement.find(f"{{{SAML}}}AuthnContext")
    if statement is None or context is None:
        raise not_conform("VIHF : AuthnStatement")
    _instant(statement.get("AuthnInstant", ""), "AuthnInstant")
    said = _text(context.find(f"{{{SAML}}}AuthnContextClassRef"))
    if not said.startswith(_CLASSES) or said.removeprefix(_CLASSES) not in _KNOWN_CLASSES:
        raise not_conform("VIHF : AuthnContextClassRef")
    if mode is Mode.RENFORCEE and not _text(context.find(f"{{{SAML}}}AuthnContextDecl")):
        raise not_conform("VIHF : AuthnContextDecl manque en AIR")


def _attributes(read: etree._Element) -> tuple[dict[str, str], dict[str, tuple[_Code, ...]]]:
    texts: dict[str, str] = {}
    codes: dict[str, tuple[_Code, ...]] = {}
    for one in read.findall(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"):
        name, values = one.get("Name", ""), one.findall(f"{{{SAML}}}AttributeValue")
        if name in texts or name in codes or not values:
            raise not_conform("VIHF : attribut répété ou vide")
        inner = [child for value in values for child in value.iterchildren(f"{{{HL7}}}*")]
        if inner:
            codes[name] = tuple(_Code(child.get("code", ""), child.get("codeSystem", "")) for child in inner)
        elif len(values) == 1:
            texts[name] = _text(values[0])
    return texts, codes


def _mode(texts: Mapping[str, str]) -> Mode:
    said = [texts[name] for name in ("Authentification_Mode", "Authentification_mode") if name in texts]
    if len(said) != 1 or said[0] not in set(Mode):
        raise not_conform("VIHF : Authentification_Mode")
    return Mode(said[0])


def _check_texts(texts: Mapping[str, str], homologations: frozenset[str] | None) -> None:
    missing = sorted(name for name in {*_SAID, _SUBJECT, _RESOURCE} if not texts.get(name))
    if missing:
        raise not_conform(f"VIHF : {missing[0]} manque")
    forms = (
        ("VIHF_Version", texts["VIHF_Version"] in {"3.0", "4.0"}),
        ("Identifiant_Structure", _STRUCTURE.fullmatch(texts["Identifiant_Structure"]) is not None),
        ("Secteur_Activite", _SECTOR.fullmatch(texts["Secteur_Activite"]) is not None),
        ("resource-id", INS.fullmatch(texts[_RESOURCE]) is not None),
        ("Ressource_URN", texts.get("Ressource_URN") == "urn:dmp"),
        ("confidentiality-code", texts.get(_SECRECY, _SECRET) == _SECRET),
    )
    for name, holds in forms:
        if not holds:
            raise not_conform(f"VIHF : {name}")
    number = texts.get("LPS_ID_HOMOLOGATION_DMP", "")
    if not number or (homologations is not None and number not in homologations):
        raise not_conform("VIHF : LPS_ID_HOMOLOGATION_DMP inconnu")


def _check_roles(roles: Sequence[_Code]) -> None:
    if not roles or not all(one.code and one.system for one in roles):
        raise not_conform("VIHF : subject:role")
    known = allowed("subject:role")
    systems = {system for _, system in known}
    # Of those characterised by their role a second one is of TRE_R85, whose codes are not in the table.
    unknown = [one for one in roles[1:] if one.system in systems and (one.code, one.system) not in known]
    if unknown or (roles[0].code, roles[0].system) not in known:
        raise not_conform("VIHF : subject:role hors du jeu de valeurs")
    if roles[0].system in _PROFESSIONS and roles[0].code in _WITH_SPECIALTY and len(roles) == 1:
        raise Refusal("", "Aucune spécialité dans le vihf")


def _instant(text: str, name: str) -> datetime:
    try:
        if text.endswith("Z"):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise not_conform(f"VIHF : {name}") from error
    raise not_conform(f"VIHF : {name} n'est pas en UTC")


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
