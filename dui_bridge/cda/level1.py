"""A level 1 document: the common header around a PDF (IHE XDS-SD, CI-SIS "document non structuré")."""

from __future__ import annotations

from base64 import b64encode

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.header import header
from dui_bridge.cda.xml import E, serialize


def build_level1(content: HeaderContent, pdf: bytes) -> bytes:
    """The document as UTF-8 XML; the same content and PDF give the same bytes.

    Raises:
        ValueError: a need of the document is not met (`needs.document_needs` returns findings for it first).
    """
    body = E.text(b64encode(pdf).decode("ascii"), mediaType="application/pdf", representation="B64")
    return serialize(E.ClinicalDocument(*header(content), E.component(E.nonXMLBody(body))))
