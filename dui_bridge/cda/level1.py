"""A level 1 document: the common header around a PDF (IHE XDS-SD, CI-SIS "document non structuré")."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.header import header
from dui_bridge.cda.xml import E, serialize

_PLACE: Final = "PDF"


def build_level1(content: HeaderContent, pdf: bytes) -> bytes:
    """The document as UTF-8 XML; the same content and PDF give the same bytes.

    Raises:
        ValueError: a need of the document is not met (`needs.document_needs` returns findings for it first).
    """
    # The PDF is put into the finished text: as a node of the tree it would be copied five times.
    body = E.text(_PLACE, mediaType="application/pdf", representation="B64")
    frame = serialize(E.ClinicalDocument(*header(content), E.component(E.nonXMLBody(body))))
    before, _, after = frame.rpartition(_PLACE.encode())  # nothing but end tags comes after the body
    return b"".join((before, b64encode(pdf), after))
