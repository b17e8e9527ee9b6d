"""Whether the documents of an archive are what its metadata tell: a CDA document, of that patient, with that id.

A receiver finds the patient by the metadata alone (Référentiel MSSanté n° 2, ECO.2.1.2): a document of somebody else
would be filed in that dossier.
"""

from __future__ import annotations

from collections.abc import Iterator

from dui_bridge.cda.reader import CdaDocument, NotCda, read_cda
from dui_bridge.findings import Finding
from dui_bridge.xds import xdm_rules as rules
from dui_bridge.xds.metadata import CDA_MEDIA
from dui_bridge.xds.xdm_reading import ArchivedDocument, patient_of
from dui_bridge.xds.xdm_rules import hit


def content_findings(document: ArchivedDocument) -> tuple[Finding, ...]:
    """Where a document and its metadata disagree; nothing for one without bytes, or that is told not to be XML."""
    if document.data is None or document.entry.mime_type != CDA_MEDIA:
        return ()
    try:
        cda = read_cda(document.data)
    except NotCda:
        return (hit(rules.NOT_CDA, id=document.entry.id, name=document.name or ""),)
    return tuple(_disagreements(document, cda))


def _disagreements(document: ArchivedDocument, cda: CdaDocument) -> Iterator[Finding]:
    entry = document.entry
    written = () if cda.patient is None else cda.patient.ids
    if patient_of(entry) not in {(one.extension, one.root) for one in written}:
        yield hit(rules.OTHER_PATIENT, id=entry.id)
    if cda.unique_id != entry.unique_id:
        yield hit(rules.OTHER_ID, id=entry.id)
