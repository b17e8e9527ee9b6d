"""Procedures and devices: FR-Acte and FR-Dispositif-medical.

Sources: IHE PCC Procedure Entry 1.3.6.1.4.1.19376.1.5.3.1.4.19; CI-SIS, volet Modèles de contenus CDA
(1.2.250.1.213.1.1.3.62, 1.2.250.1.213.1.1.3.20).
"""

from __future__ import annotations

from dui_bridge.cda.ips.entry import Ids, coded_with_words, comment, interval, original, point, templates, whole
from dui_bridge.cda.ips.section import absence_key
from dui_bridge.cda.xml import E, Element, clean, coded
from dui_bridge.data.ips import absence
from dui_bridge.data.terminologies import coded_in
from dui_bridge.model.clinique import Acte, Dispositif
from dui_bridge.model.tableaux import Line, Table


def procedure_entries(table: Table[Acte], ids: Ids) -> list[Element]:
    """One entry for each procedure, or one that says why there is none."""
    return [procedure(line, ids) for line in table.lines] or [no_procedure(table, ids)]


def procedure(line: Line[Acte], ids: Ids) -> Element:
    """FR-Acte: what was done, when."""
    item = line.item
    code = coded_in("ccam", item.ccam, clean(item.libelle))
    return _procedure(
        ids.make(line.key),
        coded_with_words("code", code, original(line, "libelle")),
        whole(line),
        point(item.date),
        *comment(line),
    )


def no_procedure(table: Table[Acte], ids: Ids) -> Element:
    """Nothing known, or not asked."""
    key = absence_key(table)
    words = E.originalText(E.reference(value=f"#{key}"))
    return _procedure(
        ids.make(key),
        coded_with_words("code", absence(table.name, table.state), words),
        E.text(E.reference(value=f"#{key}")),
        E.effectiveTime(nullFlavor="NA"),
    )


def device_entries(table: Table[Dispositif], ids: Ids) -> list[Element]:
    """One entry for each device, or one that says why there is none."""
    return [device(line, ids) for line in table.lines] or [no_device(table, ids)]


def device(line: Line[Dispositif], ids: Ids) -> Element:
    """FR-Dispositif-medical: what it is, since when and until when."""
    item = line.item
    code = coded_in("emdn", item.emdn, clean(item.libelle))
    return _supply(
        ids.make(line.key),
        whole(line),
        interval(item.pose, item.retrait, typed=True),
        coded_with_words("code", code, original(line, "libelle")),
        *comment(line),
    )


def no_device(table: Table[Dispositif], ids: Ids) -> Element:
    """Nothing known, or not asked."""
    key = absence_key(table)
    code = absence(table.name, table.state)
    return _supply(
        ids.make(key),
        E.text(E.reference(value=f"#{key}")),
        E.effectiveTime(nullFlavor="NA"),
        coded("code", code) if code else E.code(nullFlavor="UNK"),
    )


def _procedure(entry_id: Element, code: Element, text: Element, time: Element, *rest: Element) -> Element:
    return E.procedure(
        *templates("1.3.6.1.4.1.19376.1.5.3.1.4.19", "2.16.840.1.113883.10.20.1.29", "1.2.250.1.213.1.1.3.62"),
        entry_id,
        code,
        text,
        E.statusCode(code="completed"),
        time,
        *rest,
        classCode="PROC",
        moodCode="EVN",
    )


def _supply(entry_id: Element, text: Element, time: Element, code: Element, *rest: Element) -> Element:
    device = E.playingDevice(code, classCode="DEV", determinerCode="INSTANCE")
    return E.supply(
        *templates("2.16.840.1.113883.10.20.1.34", "1.2.250.1.213.1.1.3.20"),
        entry_id,
        text,
        time,
        E.participant(E.participantRole(device, classCode="MANU"), typeCode="DEV"),
        *rest,
        classCode="SPLY",
        moodCode="EVN",
    )
