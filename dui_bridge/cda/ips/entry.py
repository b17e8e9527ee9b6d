"""What entries share: derived identifiers, references into the narrative, times, comments and statuses.

Sources: CI-SIS, volet Modèles de contenus CDA (FR-Commentaire-ER, FR-Statut-du-probleme, FR-Severite).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from dui_bridge.cda.times import partial_day
from dui_bridge.cda.xml import XSI, E, Element, coded
from dui_bridge.data.codes import Coded
from dui_bridge.model.tableaux import COMMENT, Line

NAMESPACE: Final = UUID("5f0e7a8e-3a5c-5b0e-9d53-6c1b7a3f2d10")
"""Of the identifiers of entries: fixed for ever, so that the same document gives the same bytes."""

XSI_TYPE: Final = f"{{{XSI}}}type"

LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED: Final = "2.16.840.1.113883.6.96"
ACT_CODE: Final = "2.16.840.1.113883.5.4"

COMMENT_CODE: Final = Coded("48767-8", LOINC, "Commentaire")
STATUS_CODE: Final = Coded("33999-4", LOINC, "Status")
SEVERITY_CODE: Final = Coded("SEV", ACT_CODE, "Sévérité")


@dataclass(frozen=True, slots=True)
class Ids:
    """The identifiers of the entries of one document: a UUIDv5 over the document's id and the entry's key."""

    unique_id: str

    def make(self, key: str) -> Element:
        """The `id` of the entry with this key."""
        return E.id(root=str(uuid5(NAMESPACE, f"{self.unique_id}/{key}")).upper())


def templates(*roots: str) -> list[Element]:
    """One `templateId` for each root."""
    return [E.templateId(root=root) for root in roots]


def whole(line: Line[object]) -> Element:
    """The `text` of an entry: points to the whole row of the narrative."""
    return E.text(E.reference(value=f"#{line.key}"))


def words(line: Line[object], field: str) -> Element:
    """A `text` that points to one value of the narrative."""
    return E.text(E.reference(value=f"#{line.key}-{field}"))


def original(line: Line[object], field: str) -> Element:
    """An `originalText` that points to one value of the narrative, the whole row when there is no such value."""
    target = f"{line.key}-{field}" if field in line.texts else line.key
    return E.originalText(E.reference(value=f"#{target}"))


def coded_value(code: Coded | None, original_text: Element, kind: str = "CD") -> Element:
    """A `value` with its words; without a code the words stand alone."""
    attributes = _attributes(code) if code else {}
    return E.value({XSI_TYPE: kind}, original_text, **attributes)


def coded_with_words(tag: str, code: Coded | None, original_text: Element, *rest: Element) -> Element:
    """A coded element with its words; `nullFlavor` UNK without a code."""
    attributes = _attributes(code) if code else {"nullFlavor": "UNK"}
    return E(tag, original_text, *rest, **attributes)


def point(value: date | str | None) -> Element:
    """An `effectiveTime` that is one moment; UNK when it is not known."""
    text = ts(value)
    return E.effectiveTime(value=text) if text else E.effectiveTime(nullFlavor="UNK")


def interval(start: date | str | None, end: date | str | None, *, ended: bool = False, typed: bool = False) -> Element:
    """An `effectiveTime` with `low` (UNK when unknown), and `high` when there is an end or `ended` demands one."""
    element = E.effectiveTime(_bound("low", start))
    if end or ended:
        element.append(_bound("high", end))
    if typed:
        element.set(XSI_TYPE, "IVL_TS")
    return element


def ts(value: date | str | None) -> str:
    """A day or PartialDate as an HL7 TS of the same precision; empty for none."""
    return partial_day(str(value)) if value else ""


def related(child: Element, kind: str, *, inverted: bool | None = None) -> Element:
    """An `entryRelationship`."""
    attributes = {} if inverted is None else {"inversionInd": str(inverted).lower()}
    return E.entryRelationship(child, typeCode=kind, **attributes)


def concern(own: tuple[str, str], entry_id: Element, observation: Element, past: bool, time: Element) -> Element:
    """The act that holds an observation one is concerned about. `own`: the template ids of what it is about."""
    return E.act(
        *templates("2.16.840.1.113883.10.20.1.27", "1.3.6.1.4.1.19376.1.5.3.1.4.5.1", *own),
        entry_id,
        E.code(nullFlavor="NA"),
        E.statusCode(code="completed" if past else "active"),
        time,
        related(observation, "SUBJ", inverted=False),
        classCode="ACT",
        moodCode="EVN",
    )


def comment(line: Line[object]) -> list[Element]:
    """FR-Commentaire-ER: the remark of a line, nothing without one."""
    if COMMENT not in line.texts:
        return []
    act = E.act(
        *templates("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"),
        coded("code", COMMENT_CODE),
        words(line, COMMENT),
        E.statusCode(code="completed"),
        classCode="ACT",
        moodCode="EVN",
    )
    return [related(act, "SUBJ", inverted=True)]


def status(line: Line[object], code: Coded) -> Element:
    """FR-Statut-du-probleme: clinical status of a problem or an allergy."""
    observation = E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.50",
            "2.16.840.1.113883.10.20.1.57",
            "1.3.6.1.4.1.19376.1.5.3.1.4.1.1",
            "1.2.250.1.213.1.1.3.30",
        ),
        coded("code", STATUS_CODE),
        words(line, "statut"),
        E.statusCode(code="completed"),
        E.value({XSI_TYPE: "CE"}, **_attributes(code)),
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
    return related(observation, "REFR", inverted=False)


def severity(line: Line[object], code: Coded) -> Element:
    """FR-Severite."""
    observation = E.observation(
        *templates("2.16.840.1.113883.10.20.1.55", "1.3.6.1.4.1.19376.1.5.3.1.4.1", "1.2.250.1.213.1.1.3.29"),
        coded("code", SEVERITY_CODE),
        words(line, "gravite"),
        E.statusCode(code="completed"),
        E.value({XSI_TYPE: "CD"}, **_attributes(code)),
        classCode="OBS",
        moodCode="EVN",
    )
    return related(observation, "SUBJ", inverted=True)


def _attributes(code: Coded) -> dict[str, str]:
    return {"code": code.code, "codeSystem": code.system, "displayName": code.display}


def _bound(tag: str, value: date | str | None) -> Element:
    text = ts(value)
    return E(tag, value=text) if text else E(tag, nullFlavor="UNK")
