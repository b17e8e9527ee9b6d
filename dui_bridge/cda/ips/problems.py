"""Problems, present and past: FR-Liste-des-problemes and FR-Probleme.

Sources: IHE PCC Problem Concern Entry 1.3.6.1.4.1.19376.1.5.3.1.4.5.2, Problem Entry …4.5; CI-SIS, volet Modèles de
contenus CDA; JDV_ProblemCodes_CISIS.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.cda.ips.entry import (
    SNOMED,
    Ids,
    coded_value,
    comment,
    concern,
    interval,
    original,
    status,
    templates,
    whole,
)
from dui_bridge.cda.ips.section import absence_key
from dui_bridge.cda.xml import E, Element, clean, coded
from dui_bridge.data.codes import Coded
from dui_bridge.data.ips import absence, value_of
from dui_bridge.data.terminologies import coded_in
from dui_bridge.model.clinique import Probleme
from dui_bridge.model.tableaux import Line, Table

PROBLEM: Final = Coded("55607006", SNOMED, "problème")


def problem_entries(table: Table[Probleme], ids: Ids, *, past: bool) -> list[Element]:
    """One concern for each problem, or one that says why there is none."""
    if not table.lines:
        return [no_problem(table, ids)]
    return [problem_concern(line, ids, past=past) for line in table.lines]


def problem_concern(line: Line[Probleme], ids: Ids, *, past: bool) -> Element:
    """FR-Liste-des-problemes around one problem; completed for a past one."""
    item = line.item
    return _concern(
        ids.make(line.key), problem(line, ids), past, interval(item.debut, item.fin if past else None, ended=past)
    )


def problem(line: Line[Probleme], ids: Ids) -> Element:
    """FR-Probleme: what it is, since when and until when, its status."""
    item = line.item
    return _problem(
        ids.make(f"{line.key}/probleme"),
        whole(line),
        interval(item.debut, item.fin),
        coded_value(coded_in("cim10", item.cim10, clean(item.libelle)), original(line, "libelle")),
        *([status(line, value_of("probleme.statut", item.statut))] if item.statut else []),
        *comment(line),
    )


def no_problem(table: Table[Probleme], ids: Ids) -> Element:
    """Nothing known, or not asked."""
    key = absence_key(table)
    return _concern(
        ids.make(key),
        _problem(
            ids.make(f"{key}/probleme"),
            E.text(E.reference(value=f"#{key}")),
            interval(None, None),
            coded_value(absence(table.name, table.state), E.originalText(E.reference(value=f"#{key}"))),
        ),
        False,
        interval(None, None),
    )


def _concern(entry_id: Element, observation: Element, past: bool, time: Element) -> Element:
    return concern(("1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39"), entry_id, observation, past, time)


def _problem(entry_id: Element, text: Element, time: Element, value: Element, *rest: Element) -> Element:
    return E.observation(
        *templates("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"),
        entry_id,
        coded("code", PROBLEM),
        text,
        E.statusCode(code="completed"),
        time,
        value,
        *rest,
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
