"""The copy of the document for reading: FR-Document-PDF-copie around FR-Document-attache.

Source: CI-SIS, volet Modèles de contenus CDA (section 1.2.250.1.213.1.1.2.243, entry 1.2.250.1.213.1.1.3.18). IPS-FR
2024.01 does not ask for it; the second wave of the Ségur does for a synthèse médicale.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.ips.entry import LOINC, XSI_TYPE, Ids, templates
from dui_bridge.cda.ips.section import section_of
from dui_bridge.cda.times import local_midnight
from dui_bridge.cda.xml import E, Element, coded
from dui_bridge.data.codes import Coded
from dui_bridge.data.ips import section_types

TITLE: Final = "Copie du document"
ATTACHED: Final = Coded("55107-7", LOINC, "Document attaché")
KIND: Final = Coded("69764-9", LOINC, "Type de document")


def copy_section(content: HeaderContent, ids: Ids, pdf: bytes) -> Element:
    """The section that holds the PDF."""
    text = E.text(
        E.paragraph(E.content(content.type.coded.display, ID="copie-1")),
        E.renderMultiMedia(referencedObject="copie-pdf"),
    )
    return section_of(section_types()["copie"], ids, TITLE, text, [_attached(content, ids, pdf)])


def _attached(content: HeaderContent, ids: Ids, pdf: bytes) -> Element:
    kind = content.type.coded
    observation = E.observation(
        *templates("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48", "1.2.250.1.213.1.1.3.48.18"),
        ids.make("copie/type"),
        coded("code", KIND),
        E.text(E.reference(value="#copie-1")),
        E.statusCode(code="completed"),
        E.effectiveTime(value=local_midnight(content.dates.effective, content.establishment.timezone)),
        E.value({XSI_TYPE: "CD"}, code=kind.code, codeSystem=kind.system, displayName=kind.display),
        classCode="OBS",
        moodCode="EVN",
    )
    media = E.observationMedia(
        E.value(b64encode(pdf).decode("ascii"), mediaType="application/pdf", representation="B64"),
        classCode="OBS",
        moodCode="EVN",
        ID="copie-pdf",
    )
    return E.organizer(
        *templates("1.2.250.1.213.1.1.3.18"),
        ids.make("copie"),
        coded("code", ATTACHED),
        E.statusCode(code="completed"),
        E.component(observation),
        E.component(media),
        classCode="CLUSTER",
        moodCode="EVN",
    )
