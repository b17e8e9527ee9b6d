"""Which fact of the dossier stands where in the body of a document that we built: XPath → model path.

XPaths have no prefixes and no `[1]`, as those of `dui_bridge.cda.origins`, which tells the header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from dui_bridge.cda.ips.content import IpsContent
from dui_bridge.cda.xml import HL7, Element

_MATERIAL: Final = "consumable/manufacturedProduct/manufacturedMaterial"
_BEGIN_END: Final = {"effectiveTime/low": "debut", "effectiveTime/high": "fin"}

_MAIN: Final = {"constantes": "valeur", "directives": "existe", "autonomie": ""}
"""Section → the field that its whole entry is told as; `libelle` for the others, none where the path is one already."""

_PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "problemes": {"value": "cim10", **_BEGIN_END},
    "antecedents": {"value": "cim10", **_BEGIN_END},
    "actes": {"code": "ccam", "effectiveTime": "date"},
    "allergies": {"participant/participantRole/playingEntity/code": "atc", "effectiveTime/low": "debut"},
    "traitements": {
        "routeCode": "voie",
        "doseQuantity": "dose",
        f"{_MATERIAL}/code": "cis",
        f"{_MATERIAL}/asSpecializedKind": "atc",
        **_BEGIN_END,
    },
    "dispositifs": {
        "participant/participantRole/playingDevice/code": "emdn",
        "effectiveTime/low": "pose",
        "effectiveTime/high": "retrait",
    },
    "constantes": {"effectiveTime": "date"},
    "vaccinations": {"effectiveTime": "date", f"{_MATERIAL}/code": "cis", f"{_MATERIAL}/lotNumberText": "lot"},
    "directives": {"effectiveTime": "date"},
}
"""Section → XPath below the statement of a fact → field."""


def body_paths(content: IpsContent, document: Element) -> dict[str, str]:
    """Where the facts of a document come from in the dossier.

    Args:
        document: the root of what `build_ips` made of this content.
    """
    statements = dict(_statements(document))
    found: dict[str, str] = {}
    for table in content.summary.sections:
        main = _MAIN.get(table.name, "libelle")
        for line in table.lines:
            xpath = statements.get(f"#{line.key}")
            if xpath is None:
                continue
            found[xpath] = ".".join(part for part in (line.path, main) if part)
            for below, field in _PLACES.get(table.name, {}).items():
                found[f"{xpath}/{below}"] = f"{line.path}.{field}"
    return found


def _statements(document: Element) -> Iterator[tuple[str, str]]:
    """The XPath of every clinical statement, by the reference of its `text`."""
    for reference in document.iterfind(f".//{{{HL7}}}entry//{{{HL7}}}text/{{{HL7}}}reference"):
        text = reference.getparent()
        owner = text.getparent() if text is not None else None
        if owner is not None:
            yield str(reference.get("value")), _xpath(owner)


def _xpath(element: Element) -> str:
    steps = []
    current: Element | None = element
    while current is not None:
        before = sum(1 for _ in current.itersiblings(str(current.tag), preceding=True))
        steps.append(etree.QName(current).localname + (f"[{before + 1}]" if before else ""))
        current = current.getparent()
    return "/" + "/".join(reversed(steps))
