"""What a delivery needs besides its document: whose it is, who may see it, what it replaces, who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from lxml import etree

from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.connectors.ports import Addressee, DeliveryContext
from dui_bridge.ins.gate import QualifiedIns, let_through
from dui_bridge.journal.records import KnownDelivery, Sendable
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import BuiltDocument, Channel
from dui_bridge.pipeline.delivery.addressing import MAIL
from dui_bridge.pipeline.delivery.masks import earlier_masks, masks_of
from dui_bridge.pipeline.policy.facts import DocumentFacts, ins_digest
from dui_bridge.pipeline.policy.recipients import Addressed, written_to

_HL7: Final = "urn:hl7-org:v3"


def context_of(
    sendable: Sendable,
    channel: Channel,
    journal: Journal,
    chosen: Sequence[Addressed] = (),
    now: datetime | None = None,
) -> DeliveryContext:
    """The context of one delivery.

    Args:
        chosen: what policy says of each recipient, for a channel of mail.
        now: the time that a try which begins now is going to have.

    Raises:
        JournalUnusable: a decision or an earlier version cannot be read.
    """
    delivery = sendable.case.delivery
    if channel is Channel.LOCAL:
        return DeliveryContext(replaces=sendable.replaces_there)
    facts = DocumentFacts.from_json(sendable.case.document)
    released_by = ""
    if facts.hidden_from_usager:
        # Policy let it go only because somebody decided so (`ASK_HIDDEN`): that is who answers for it.
        decided = sendable.case.decided
        released_by = "" if decided is None else decided.by
    replaces, by_mail = sendable.replaces_there is not None, channel in MAIL
    return DeliveryContext(
        _ins(sendable.built, facts),
        masks_of(facts),
        sendable.replaces_there,
        earlier_masks(delivery, journal) if replaces and channel is Channel.DMP else None,
        released_by,
        secret_access=facts.secret_connection is True,
        recipients=tuple(Addressee(one.mailbox, one.name) for one in written_to(chosen) if one.mailbox),
        at=_first_try(delivery, journal) or now if by_mail else None,
        tried_at=delivery.sent_at,
        sending=delivery.sending,
        replaced=journal.deliveries.replaced_reference(delivery) if replaces and by_mail else "",
    )


def _first_try(delivery: KnownDelivery, journal: Journal) -> datetime | None:
    """When the present life of a delivery was first tried; None before."""
    tries = [one.started_at for one in journal.deliveries.attempts(delivery.id)]
    since = delivery.replayed_at
    return min((one for one in tries if since is None or one >= since), default=None)


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
