"""What the body of a document carries: its level, its sections, the file in it."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lxml import etree

from dui_bridge.cda.reading_values import CodedTerm, Identifier, attribute, coded_term, each, first, identifiers, text
from dui_bridge.cda.xml import HL7, Element

PDF: Final = "application/pdf"
COPY_OF_THE_DOCUMENT: Final = "55108-5"
"""Section "Copie du document", FR-Document-PDF-copie (1.2.250.1.213.1.1.2.243)."""

_MEDIA: Final = f"{{{HL7}}}observationMedia"
_STRING: Final = etree.XPath("string()")


class BodyKind(StrEnum):
    """How a document says what it says."""

    NONE = "none"
    LEVEL_1 = "level_1"
    STRUCTURED = "structured"


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file in the document; `data` is None when it cannot be decoded, or is elsewhere (`reference`, a URI)."""

    media_type: str
    data: bytes | None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a structured body, by its code, title and templates."""

    code: CodedTerm | None = None
    title: str | None = None
    templates: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The body.

    Args:
        embedded: the file of a level 1 body; of a structured one, the copy in the section "Copie du document".
        sections: of all depths, in the order of the document.
    """

    kind: BodyKind = BodyKind.NONE
    embedded: Embedded | None = None
    sections: tuple[Section, ...] = ()

    @property
    def pdf(self) -> bytes | None:
        """The document as a PDF, when it carries one."""
        return self.embedded.data if self.embedded is not None and self.embedded.media_type == PDF else None


def read_body(root: Element, *, decoded: bool = True) -> Body:
    """The body of a ClinicalDocument; of kind `none` when it has none. A level 1 body goes before a structured one.

    Args:
        decoded: whether the bytes of an embedded file are wanted, too.
    """
    unstructured = first(root, "component/nonXMLBody")
    if unstructured is not None:
        file = first(unstructured, "text")
        return Body(BodyKind.LEVEL_1, None if file is None else _embedded(file, decoded=decoded))
    structured = first(root, "component/structuredBody")
    if structured is None:
        return Body()
    sections = list(structured.iter(f"{{{HL7}}}section"))
    copies = (copy for section in sections if (copy := _copy(section, decoded=decoded)) is not None)
    return Body(BodyKind.STRUCTURED, next(copies, None), tuple(_section(section) for section in sections))


def _section(element: Element) -> Section:
    return Section(
        coded_term(first(element, "code")), text(first(element, "title")), identifiers(element, "templateId")
    )


def _copy(section: Element, *, decoded: bool) -> Embedded | None:
    if attribute(first(section, "code"), "code") != COPY_OF_THE_DOCUMENT:
        return None
    media = (first(media, "value") for entry in each(section, "entry") for media in entry.iter(_MEDIA))
    return next((_embedded(value, decoded=decoded) for value in media if value is not None), None)


def _embedded(element: Element, *, decoded: bool) -> Embedded:
    """An ED. Its own defaults are text/plain and text (HL7 CDA R2 data types)."""
    media_type = (attribute(element, "mediaType") or "text/plain").lower()
    reference = attribute(first(element, "reference"), "value")
    return Embedded(media_type, _decoded(element) if decoded and not reference else None, reference)


def _decoded(element: Element) -> bytes | None:
    if attribute(element, "compression"):
        return None
    if attribute(element, "representation") != "B64":
        return str(_STRING(element)).encode() or None
    try:
        # Blanks may stand in base64; anything else means that the file is damaged.
        return b64decode("".join(str(_STRING(element)).split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None
