"""What a delivery needs besides its document: whose it is, who may see it, what it replaces, who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from lxml import etree

from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.connectors.ports import Addressee, DeliveryContext
from dui_bridge.ins.gate import QualifiedIns, let_through
from dui_bridge.journal.decisions import Decisions
from dui_bridge.journal.records import Sendable
from dui_bridge.model.exchange import BuiltDocument, Channel
from dui_bridge.pipeline.policy.facts import DocumentFacts, ins_digest
from dui_bridge.pipeline.policy.recipients import Addressed, written_to
from dui_bridge.xds.entries import Mask

_HL7: Final = "urn:hl7-org:v3"


def context_of(
    sendable: Sendable, channel: Channel, decisions: Decisions, chosen: Sequence[Addressed] = ()
) -> DeliveryContext:
    """The context of one delivery.

    Args:
        chosen: what policy says of each recipient, for a channel of mail.

    Raises:
        JournalUnusable: a decision cannot be read.
    """
    delivery = sendable.case.delivery
    if channel is Channel.LOCAL:
        return DeliveryContext(replaces=sendable.replaces_there)
    facts = DocumentFacts.from_json(sendable.case.document)
    released_by = ""
    if facts.hidden_from_usager:
        # Policy let it go only because somebody decided so (`ASK_HIDDEN`): that is who answers for it.
        decided = decisions.decision(delivery.version_id, delivery.destination)
        released_by = "" if decided is None else decided.by
    return DeliveryContext(
        _ins(sendable.built, facts),
        masks_of(facts),
        sendable.replaces_there,
        released_by,
        recipients=tuple(Addressee(one.mailbox, one.name) for one in written_to(chosen) if one.mailbox),
        at=delivery.created_at,
        tried_at=delivery.sent_at,
    )


def masks_of(facts: DocumentFacts) -> frozenset[Mask]:
    """Who is not to see a document."""
    asked = {
        Mask.PROFESSIONALS: facts.masked_from_professionals,
        Mask.PATIENT: facts.hidden_from_usager,
        Mask.LEGAL_REPRESENTATIVES: facts.hidden_from_representatives,
    }
    return frozenset(mask for mask, wanted in asked.items() if wanted)


def _ins(built: BuiltDocument, facts: DocumentFacts) -> QualifiedIns | None:
    """The INS that the gate let into the document when it was made: its bytes are those that were recorded, and policy
    asked just now whether it still is that of the usager. None when the facts do not know it."""
    if not facts.with_ins:
        return None
    written = [(one.get("root", ""), one.get("extension", "")) for one in _patient_ids(built.data)]
    found = [let_through(matricule, oid) for oid, matricule in written if oid in INS_ROOTS]
    if len(found) != 1 or facts.ins not in (None, ins_digest(found[0].matricule)):
        return None
    return found[0]


def _patient_ids(data: bytes) -> list[etree._Element]:
    """The `patientRole/id` of a document of ours, read no further than that."""
    reading = etree.iterparse(
        BytesIO(data), events=("end",), tag=f"{{{_HL7}}}recordTarget", resolve_entities=False, no_network=True
    )
    target = next((element for _, element in reading), None)
    return [] if target is None else target.findall(f"{{{_HL7}}}patientRole/{{{_HL7}}}id")
