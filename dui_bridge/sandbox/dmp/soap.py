"""Reads the envelope of a request, writes those of answers and faults (SOAP 1.2, WS-Addressing 1.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.sandbox.dmp.words import ROUTES, SAML, SOAP, WSA, WSSE, Transaction
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_ANONYMOUS: Final = "http://www.w3.org/2005/08/addressing/anonymous"
_LONGEST: Final = 5_000_000
_MESSAGE_ID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


class Refusal(Exception):
    """Ends a request with a SOAP fault.

    Args:
        subcode: as `DMPInvalidCertificate`; empty when none was ever seen for this: the words are the stand-in's own.
        reason: French, with no personal data.
        who: `Sender` or `Receiver`.
    """

    def __init__(self, subcode: str, reason: str, who: str = "Sender") -> None:
        self.subcode = subcode
        self.reason = reason
        self.who = who
        super().__init__(subcode, reason)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `assertion` and `body` are in their envelope."""

    transaction: Transaction
    message_id: str
    assertion: etree._Element
    body: etree._Element


def not_conform(what: str) -> Refusal:
    """The stand-in's own refusal of a request that is not as the texts say; the DMP's words for it are not known."""
    return Refusal("", f"Bac à sable : requête non conforme ({what})")


def message_id_of(data: bytes) -> str:
    """The `wsa:MessageID` that an answer relates to, whatever else is wrong; empty when there is none."""
    try:
        return _text(parse_xml(data, max_bytes=_LONGEST).find(f"{{{SOAP}}}Header/{{{WSA}}}MessageID"))
    except XmlRefused:
        return ""


def read_request(data: bytes, path: str) -> Request:
    """The request in an envelope.

    Raises:
        Refusal: it is not one that the path serves.
    """
    try:
        root = parse_xml(data, max_bytes=_LONGEST)
    except XmlRefused as refused:
        raise not_conform(f"XML : {refused.reason}") from None
    header, body = (root.find(f"{{{SOAP}}}{name}") for name in ("Header", "Body"))
    if root.tag != f"{{{SOAP}}}Envelope" or header is None or body is None:
        raise not_conform("ce n'est pas une enveloppe SOAP 1.2 avec Header et Body")
    message_id, action = (_text(_only(header, f"{{{WSA}}}{name}")) for name in ("MessageID", "Action"))
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise not_conform("wsa:MessageID n'est pas un urn:uuid")
    if header.find(f"{{{WSA}}}To") is None:
        raise not_conform("wsa:To manque")
    if _text(header.find(f"{{{WSA}}}ReplyTo/{{{WSA}}}Address")) != _ANONYMOUS:
        raise not_conform("wsa:ReplyTo n'est pas anonyme")
    transaction = next((key for key, route in ROUTES.items() if (route.path, route.action) == (path, action)), None)
    if transaction is None:
        raise not_conform("wsa:Action inconnue à cette adresse")
    if len(body) != 1 or body[0].tag != ROUTES[transaction].body:
        raise not_conform("le corps n'est pas celui de l'action")
    return Request(transaction, message_id, _assertion(header), body[0])


def answer(body: etree._Element, action: str, relates_to: str) -> bytes:
    """The envelope of an answer; the headers in the order of the DMP's messages."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    header = etree.SubElement(root, f"{{{SOAP}}}Header")
    texts = (("Action", action), ("MessageID", f"urn:uuid:{uuid4()}"), ("To", _ANONYMOUS), ("RelatesTo", relates_to))
    for name, text in texts:
        if text:
            etree.SubElement(header, f"{{{WSA}}}{name}", nsmap={None: WSA}).text = text
    etree.SubElement(root, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def fault(refusal: Refusal, relates_to: str) -> bytes:
    """The envelope of a fault."""
    made = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    code = etree.SubElement(made, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = f"soap:{refusal.who}"
    if refusal.subcode:
        subcode = etree.SubElement(code, f"{{{SOAP}}}Subcode")
        etree.SubElement(subcode, f"{{{SOAP}}}Value").text = f"soap:{refusal.subcode}"
    reason = etree.SubElement(etree.SubElement(made, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text")
    reason.set(_LANG, "fr")
    reason.text = refusal.reason
    return answer(made, f"{WSA}/soap/fault", relates_to)


def _assertion(header: etree._Element) -> etree._Element:
    security = _only(header, f"{{{WSSE}}}Security")
    if security is None or [child.tag for child in security.iterchildren("*")] != [f"{{{SAML}}}Assertion"]:
        raise not_conform("wsse:Security ne porte pas une seule assertion SAML 2.0")
    return security[0]


def _only(parent: etree._Element, tag: str) -> etree._Element | None:
    found = parent.findall(tag)
    return found[0] if len(found) == 1 else None


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
