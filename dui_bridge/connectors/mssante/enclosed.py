"""A document of a mail with what the mail tells of it, all taken from the document itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dui_bridge.cda.reader import CdaDocument, parse_cda, read_parsed
from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.cda.reading_values import Moment
from dui_bridge.connectors.mssante.errors import InsNotQualified
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.exchange import BuiltDocument
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.metadata import document_entry


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document that a mail carries.

    Args:
        entry: its metadata.
        code: of its type, as the document has it.
        label: of its type.
        day: of the act that it tells of, as precise as known: `AAAA-MM-JJ`.
        birth_name, given_name, birth_day: of the person; empty when the document does not tell.
    """

    built: BuiltDocument
    entry: DocumentEntry
    code: str
    label: str
    day: str
    birth_name: str = field(repr=False)
    given_name: str = field(repr=False)
    birth_day: str = field(repr=False)


def enclose(built: BuiltDocument, ins: QualifiedIns | None, masks: Iterable[Mask], *, max_bytes: int) -> Enclosed:
    """A document as it will be sent.

    Args:
        ins: what the gate let through; None: it leaves without an INS, and must not carry one.
        max_bytes: refuse more than this before parsing.
    Raises:
        NotCda: this is no CDA document, or a larger one.
        OtherPatient: it does not carry this INS, once and for one person.
        InsNotQualified: it carries an INS, and none may leave.
    """
    if ins is None and any(root.encode() in built.data for root in INS_ROOTS):
        raise InsNotQualified(reason="the document carries an INS", reason_fr="le document porte un INS")
    root = parse_cda(built.data, max_bytes=max_bytes)
    cda = read_parsed(root, whole=False)
    entry = document_entry(built.data, ins, masks=masks, max_bytes=max_bytes, root=root)
    kind = entry.type_code
    label = (kind.display if kind is not None else "") or cda.title or "Document"
    name = cda.patient.name if cda.patient is not None else None
    birth = cda.patient.birth if cda.patient is not None else None
    return Enclosed(
        built,
        entry,
        kind.code if kind is not None else "",
        label,
        _day(cda),
        (name and (name.birth_name or name.family)) or "",
        (name and (name.first_given_name or name.given)) or "",
        (birth.day if birth is not None else None) or "",
    )


def _day(cda: CdaDocument) -> str:
    """When it happened; else when the document was made."""
    event = cda.principal_event
    period = event.period if event is not None else None
    known: tuple[Moment | None, ...] = (cda.effective,)
    if period is not None:
        known = (period.low, period.value, cda.effective)
    return next((one.day for one in known if one is not None and one.day), "")
