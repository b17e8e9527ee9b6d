"""A whole IPS-FR document: the common header around the sections."""

from __future__ import annotations

from collections.abc import Iterator

from dui_bridge.cda.header import header
from dui_bridge.cda.ips.allergies import allergy_entries
from dui_bridge.cda.ips.content import IpsContent
from dui_bridge.cda.ips.copy import copy_section
from dui_bridge.cda.ips.entry import Ids
from dui_bridge.cda.ips.observations import autonomy_entries, directive_entries, vital_sign_entries
from dui_bridge.cda.ips.problems import problem_entries
from dui_bridge.cda.ips.procedures import device_entries, procedure_entries
from dui_bridge.cda.ips.section import section
from dui_bridge.cda.ips.treatments import immunization_entries, treatment_entries
from dui_bridge.cda.xml import E, Element, serialize
from dui_bridge.model.tableaux import Table


def build_ips(content: IpsContent, pdf: bytes | None = None) -> bytes:
    """The document as UTF-8 XML; the same content and PDF give the same bytes.

    Args:
        pdf: a copy of the document for reading, as a last section; None: no such section.
    """
    ids = Ids(content.header.ids.unique_id)
    sections = list(_sections(content, ids))
    if pdf is not None:
        sections.append(copy_section(content.header, ids, pdf))
    body = E.structuredBody(*(E.component(element) for element in sections))
    return serialize(E.ClinicalDocument(*header(content.header), E.component(body)))


def _sections(content: IpsContent, ids: Ids) -> Iterator[Element]:
    """The sections that have something to say, in the order of the volet IPS-FR."""
    said = content.summary
    entries: tuple[tuple[Table[object], list[Element]], ...] = (
        (said.problems, problem_entries(said.problems, ids, past=False)),
        (said.history, problem_entries(said.history, ids, past=True)),
        (said.procedures, procedure_entries(said.procedures, ids)),
        (said.allergies, allergy_entries(said.allergies, ids)),
        (said.treatments, treatment_entries(said.treatments, ids)),
        (said.devices, device_entries(said.devices, ids)),
        (said.alerts, []),
        (said.autonomy, autonomy_entries(said.autonomy, ids)),
        (said.vital_signs, vital_sign_entries(said.vital_signs, ids)),
        (said.immunizations, immunization_entries(said.immunizations, ids)),
        (said.directives, directive_entries(said.directives, ids)),
    )
    for table, made in entries:
        if table.is_said:
            yield section(table, ids, made)
