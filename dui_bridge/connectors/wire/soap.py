"""SOAP 1.2 with WS-Addressing 1.0: writes envelopes, reads answers and faults (SOAP 1.1 is read too).

Nothing here knows of HTTP: national services answer a fault with any status, so that the body alone is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.cda.xml import in_text
from dui_bridge.connectors.wire.net_errors import AnswerToAnother, NotSoap
from dui_bridge.xmlsafe import MAX_BYTES, XmlRefused, parse_xml

SOAP_1_1: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_1_2: Final = "http://www.w3.org/2003/05/soap-envelope"
WSA: Final = "http://www.w3.org/2005/08/addressing"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

_ANONYMOUS: Final = f"{WSA}/anonymous"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ROLES_1_1: Final = {"Client": "Sender", "Server": "Receiver"}
"""Fault codes of SOAP 1.1 (§4.4.1) → those of SOAP 1.2 (part 1, §5.4.6)."""
_WEB_PAGE: Final = re.compile(rb"(<\?xml[^>]*\?>\s*)?<(!doctype )?html", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault.

    Args:
        code: `Sender` (do not repeat it as it is), `Receiver`, `VersionMismatch`, `MustUnderstand`…: no prefix, and in
            the words of SOAP 1.2 when the fault is of SOAP 1.1.
        subcodes: outermost first, without prefix: services choose their prefixes freely.
        reason: in French when there is a choice, else the first text; empty when there is none.
        language: as the fault announces it, which is not always true; empty when it does not.
        detail: the element, None when there is none.
    """

    code: str
    subcodes: tuple[str, ...] = ()
    reason: str = ""
    language: str = ""
    detail: etree._Element | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message.

    Args:
        header: None when there is none.
        body: the first element inside Body; None when it is empty or a fault.
        message_id, relates_to, action: of WS-Addressing; None when not given.
        fault: None for an ordinary answer.
    """

    header: etree._Element | None
    body: etree._Element | None
    message_id: str | None = None
    relates_to: str | None = None
    action: str | None = None
    fault: Fault | None = None


def envelope(
    body: etree._Element,
    headers: Sequence[etree._Element] = (),
    *,
    action: str,
    message_id: str,
    to: str | None = None,
) -> bytes:
    """A SOAP 1.2 message in UTF-8 with an XML declaration, not indented.

    Args:
        body, headers: copied as they are; the headers come first, in their order.
        action, message_id, to: `wsa:Action`, `wsa:MessageID`, `wsa:To`, in this order; an id is a URI, whole.
    """
    root = etree.Element(etree.QName(SOAP_1_2, "Envelope"), nsmap={"soap": SOAP_1_2})
    header = etree.SubElement(root, etree.QName(SOAP_1_2, "Header"))
    header.extend(deepcopy(one) for one in headers)
    for name, text in (("Action", action), ("MessageID", message_id), ("To", to)):
        if text is not None:
            etree.SubElement(header, etree.QName(WSA, name), nsmap={"wsa": WSA}).text = text
    etree.SubElement(root, etree.QName(SOAP_1_2, "Body")).append(deepcopy(body))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def secured_envelope(body: etree._Element | bytes, assertion: bytes, *, action: str, message_id: str, to: str) -> bytes:
    """A SOAP 1.2 message with a SAML assertion, its headers as the messages of the DMP have them.

    Args:
        body: written as it is; bytes as an element in UTF-8 without an XML declaration, which declares its namespaces.
        assertion: such bytes, too; they stand in the message byte for byte, so that its signature cannot suffer.
        action, message_id, to: as for `envelope`; an answer on the same connection is asked for.
    """
    must = 'soap:mustUnderstand="true"'
    head = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<soap:Envelope xmlns:soap="{SOAP_1_2}"><soap:Header xmlns:wsa="{WSA}">'
        f"<wsa:MessageID>{in_text(message_id)}</wsa:MessageID><wsa:To>{in_text(to)}</wsa:To>"
        f"<wsa:ReplyTo {must}><wsa:Address>{_ANONYMOUS}</wsa:Address></wsa:ReplyTo>"
        f"<wsa:Action {must}>{in_text(action)}</wsa:Action>"
        f'<wsse:Security xmlns:wsse="{WSSE}">'
    )
    content = body if isinstance(body, bytes) else etree.tostring(body, encoding="UTF-8", xml_declaration=False)
    between, end = b"</wsse:Security></soap:Header><soap:Body>", b"</soap:Body></soap:Envelope>"
    return b"".join((head.encode(), assertion, between, content, end))


def content_type(action: str) -> str:
    """The Content-Type of a SOAP 1.2 request (RFC 3902)."""
    return f'application/soap+xml; charset=utf-8; action="{action}"'


def open_envelope(data: bytes, *, max_bytes: int = MAX_BYTES, huge: bool = False) -> Envelope:
    """A message as it was received, a fault included.

    Args:
        data: the body of the answer, whatever its status.
        max_bytes, huge: as for `xmlsafe.parse_xml`.
    Raises:
        NotSoap: something else, as the page of a proxy.
    """
    root = _root(data, max_bytes, huge)
    namespace = etree.QName(root).namespace
    if namespace not in (SOAP_1_1, SOAP_1_2) or etree.QName(root).localname != "Envelope":
        raise NotSoap(reason="an XML document of another kind", reason_fr="un document XML d'une autre nature")
    bodies = root.findall(f"{{{namespace}}}Body")
    if len(bodies) != 1:
        raise NotSoap(reason="an envelope without its one Body", reason_fr="une enveloppe sans son unique Body")
    header, content = root.find(f"{{{namespace}}}Header"), next(bodies[0].iterchildren("*"), None)
    fault = None
    if content is not None and content.tag == f"{{{namespace}}}Fault":
        fault = _fault_1_1(content) if namespace == SOAP_1_1 else _fault_1_2(content)
    return Envelope(
        header,
        None if fault is not None else content,
        _addressing(header, "MessageID"),
        _addressing(header, "RelatesTo"),
        _addressing(header, "Action"),
        fault,
    )


def check_reply(message: Envelope, message_id: str, *, service: str) -> None:
    """Makes sure that an answer is the one to our message (WS-Addressing 1.0 §3.4).

    A fault may relate to nothing: whoever refuses a message need not have read its headers.

    Raises:
        AnswerToAnother: it relates to another message, or to none.
    """
    if message.relates_to != message_id and (message.relates_to is not None or message.fault is None):
        raise AnswerToAnother(service=service)


def _root(data: bytes, max_bytes: int, huge: bool) -> etree._Element:
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise NotSoap(reason="it is empty", reason_fr="elle est vide")
    if _WEB_PAGE.match(start):
        raise NotSoap(
            reason="a web page, as a proxy or a portal gives", reason_fr="une page web, comme en donne un proxy"
        )
    if start.startswith(b"--"):
        raise NotSoap(reason="a message in several parts", reason_fr="un message en plusieurs parties")
    try:
        return parse_xml(data, max_bytes=max_bytes, huge=huge)
    except XmlRefused as error:
        if error.reason == "too_large":
            raise NotSoap(reason="it is too large", reason_fr="elle est trop volumineuse") from None
        raise NotSoap(reason="it is not readable XML", reason_fr="ce n'est pas du XML lisible") from None


def _addressing(header: etree._Element | None, name: str) -> str | None:
    found = header.findtext(f"{{{WSA}}}{name}") if header is not None else None
    return (found.strip() or None) if found is not None else None


def _fault_1_2(fault: etree._Element) -> Fault:
    code = fault.find(f"{{{SOAP_1_2}}}Code")
    values = [_local(one.text) for one in code.iter(f"{{{SOAP_1_2}}}Value")] if code is not None else []
    texts = fault.findall(f"{{{SOAP_1_2}}}Reason/{{{SOAP_1_2}}}Text")
    chosen = next((one for one in texts if one.get(_LANG, "").lower().startswith("fr")), texts[0] if texts else None)
    return Fault(
        values[0] if values else "",
        tuple(values[1:]),
        (chosen.text or "").strip() if chosen is not None else "",
        chosen.get(_LANG, "") if chosen is not None else "",
        fault.find(f"{{{SOAP_1_2}}}Detail"),
    )


def _fault_1_1(fault: etree._Element) -> Fault:
    """The parts have no namespace there; refinements of the code follow a dot."""
    code, *subcodes = _local(fault.findtext("faultcode")).split(".")
    text = fault.find("faultstring")
    reason, language = ((text.text or "").strip(), text.get(_LANG, "")) if text is not None else ("", "")
    return Fault(_ROLES_1_1.get(code, code), tuple(subcodes), reason, language, fault.find("detail"))


def _local(name: str | None) -> str:
    return (name or "").strip().rpartition(":")[2]
