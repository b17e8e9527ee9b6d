"""Vital signs, autonomy and advance directives.

Sources: IHE PCC Vital Signs Organizer 1.3.6.1.4.1.19376.1.5.3.1.4.13.1, Coded Advance Directive …4.13.7, Survey Panel
1.3.6.1.4.1.19376.1.5.3.1.1.12.3.7; CI-SIS, volet Modèles de contenus CDA and volet IPS-FR 2024.01;
JDV_SignesVitaux_CISIS, JDV_GIR_CISIS.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from dui_bridge.cda.ips.entry import (
    LOINC,
    XSI_TYPE,
    Ids,
    coded_value,
    coded_with_words,
    comment,
    original,
    point,
    templates,
    ts,
    whole,
)
from dui_bridge.cda.ips.section import absence_key
from dui_bridge.cda.xml import E, Element, coded
from dui_bridge.data.codes import Coded
from dui_bridge.data.ips import measure, value_of, vital_sign
from dui_bridge.model.clinique import Constante, Directive
from dui_bridge.model.synthese import Score
from dui_bridge.model.tableaux import Line, Table

VITAL_SIGNS: Final = Coded("85353-1", LOINC, "Signes vitaux")
FUNCTIONAL_STATUS: Final = Coded("GEN-092.04.23", "1.2.250.1.213.1.1.4.322", "Autre statut fonctionnel")
"""What IPS-FR has for an evaluation without a code of its own: the AGGIR codes of JDV_TypeEvaluation are for SSIAD."""
DIRECTIVES: Final = Coded("42348-3", LOINC, "Directives anticipées")


def vital_sign_entries(table: Table[Constante], ids: Ids) -> list[Element]:
    """One organizer for each day."""
    return [
        _organizer(
            ("2.16.840.1.113883.10.20.1.35", "1.3.6.1.4.1.19376.1.5.3.1.4.13.1", "1.2.250.1.213.1.1.3.49"),
            ids.make(f"constantes/{ts(day) or 'UNK'}"),
            coded("code", VITAL_SIGNS),
            point(day),
            [vital_sign_observation(line, ids) for line in lines],
        )
        for day, lines in groupby(table.lines, key=lambda line: line.item.date)
    ]


def vital_sign_observation(line: Line[Constante], ids: Ids) -> Element:
    """FR-Signe-vital-observe; a value that has no sure unit stays in words (nullFlavor OTH)."""
    item = line.item
    found = measure(item.type.value, item.valeur, item.unite)
    value = {"value": found[0], "unit": found[1]} if found else {"nullFlavor": "OTH"}
    return E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.31",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
            "1.2.250.1.213.1.1.3.50",
        ),
        ids.make(line.key),
        coded("code", vital_sign(item.type.value)),
        whole(line),
        E.statusCode(code="completed"),
        point(item.date),
        E.value({XSI_TYPE: "PQ"}, **value),
        classCode="OBS",
        moodCode="EVN",
    )


def autonomy_entries(table: Table[Score], ids: Ids) -> list[Element]:
    """FR-Groupe-de-questionnaires-d-evaluation: one for each evaluation."""
    return [
        _organizer(
            ("1.3.6.1.4.1.19376.1.5.3.1.1.12.3.7", "1.2.250.1.213.1.1.3.95"),
            ids.make(f"evaluation/{group}"),
            E.code(nullFlavor="NA"),
            point(lines[0].item.day),
            [score(line, ids) for line in lines],
        )
        for group, lines in (
            (group, list(found)) for group, found in groupby(table.lines, lambda line: line.item.group)
        )
    ]


def score(line: Line[Score], ids: Ids) -> Element:
    """FR-Evaluation: the GIR by its code, other values as they are carried."""
    item = line.item
    code = value_of("gir", item.gir) if item.gir else None
    return E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.31",
            "1.3.6.1.4.1.19376.1.5.3.1.1.12.3.6",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13",
            "1.2.250.1.213.1.1.3.25",
        ),
        ids.make(line.key),
        coded_with_words("code", FUNCTIONAL_STATUS, original(line, "libelle")),
        whole(line),
        E.statusCode(code="completed"),
        point(item.day),
        coded_value(code, original(line, "valeur")),
        *comment(line),
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )


def directive_entries(table: Table[Directive], ids: Ids) -> list[Element]:
    """One entry for each record, or one that says that none is known."""
    if table.lines:
        return [
            _directive(ids.make(line.key), whole(line), point(line.item.date), line.item.existe, *comment(line))
            for line in table.lines
        ]
    key = absence_key(table)
    text = E.text(E.reference(value=f"#{key}"))
    return [_directive(ids.make(key), text, E.effectiveTime(nullFlavor="NA"), False)]


def _directive(entry_id: Element, text: Element, time: Element, exists: bool | None, *rest: Element) -> Element:
    """FR-Directive-anticipee: whether directives exist; without a value when the record does not say."""
    return E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.17",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13.7",
            "1.2.250.1.213.1.1.3.54",
        ),
        entry_id,
        coded("code", DIRECTIVES),
        text,
        E.statusCode(code="completed"),
        time,
        *([] if exists is None else [E.value({XSI_TYPE: "BL"}, value=str(exists).lower())]),
        *rest,
        classCode="OBS",
        moodCode="EVN",
    )


def _organizer(
    template_ids: tuple[str, ...], entry_id: Element, code: Element, time: Element, observations: list[Element]
) -> Element:
    return E.organizer(
        *templates("2.16.840.1.113883.10.20.1.32", *template_ids),
        entry_id,
        code,
        E.statusCode(code="completed"),
        time,
        *(E.component(observation, typeCode="COMP") for observation in observations),
        classCode="CLUSTER",
        moodCode="EVN",
    )
