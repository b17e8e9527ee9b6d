"""Elements of a CDA document: namespaces, and text that XML can hold."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.data.codes import Coded

Element: TypeAlias = etree._Element

HL7: Final = "urn:hl7-org:v3"
SDTC: Final = "urn:hl7-org:sdtc"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

E: Final = ElementMaker(namespace=HL7, nsmap={None: HL7, "xsi": XSI, "sdtc": SDTC})
"""Makes elements of the HL7 v3 namespace: `E.id(root=…)`."""

S: Final = ElementMaker(namespace=SDTC, nsmap={None: HL7, "xsi": XSI, "sdtc": SDTC})
"""Makes elements of the SDTC extension."""

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS: Final = re.compile(r"\s+")


def clean(value: str | None) -> str:
    """One line of text: characters that XML 1.0 cannot hold dropped, blanks collapsed; empty for None."""
    if value and value.isprintable() and "  " not in value:
        return value.strip()  # nearly every text: what XML cannot hold is not printable, nor any blank but the space
    return _BLANKS.sub(" ", _NOT_XML.sub("", value)).strip() if value else ""


def in_text(value: str | None) -> str:
    """`clean`, as it stands between tags, escaped as the canonical form of XML has it."""
    return clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_attribute(value: str | None) -> str:
    """`clean`, as it stands between double quotes, escaped as the canonical form of XML has it."""
    return clean(value).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def coded(tag: str, code: Coded, **attributes: str) -> Element:
    """An element that carries a code with its system and display."""
    return E(tag, code=code.code, codeSystem=code.system, displayName=code.display, **attributes)


def filled(element: Element) -> tuple[Element, ...]:
    """The element alone, or nothing when it holds no child."""
    return (element,) if len(element) else ()


def serialize(root: Element) -> bytes:
    """The document as bytes: UTF-8 with an XML declaration, indented; the same tree gives the same bytes."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
