"""What the structure may do by itself: ask whether a DMP is open, deposit, replace, delete what it deposited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as replaced

from dui_bridge.connectors.dmp.rights import Transaction, ensure
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Who
from dui_bridge.journal.records import Json
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.send_now import send_now
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.rules import DELETED_THERE
from dui_bridge.pipeline.dmp.errors import NothingToReplace, NotThere
from dui_bridge.pipeline.dmp.opened import Dmp, Meant, carried, deliveries_to, meant
from dui_bridge.pipeline.events import Steps
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.vocabulary import APPROVED

_THERE = (DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED)


def exists(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str) -> Done:
    """TD0.2: whether the person has a DMP, whether it is open, and what the structure may do there.

    Raises:
        NotForTheDmp, NothingWithIns: nothing was asked.
        DuiBridgeError: as the DMP answers.
    """
    of = meant(desk, dmp.destination, deliveries, subject)
    found = dmp.client.exists(of.ins, dmp.of(of.case.delivery.finess))
    desk.audit("dmp exists", subject, state=found.state.value)
    values: dict[str, Json] = {
        "subject": subject,
        "dmp": found.state.value,
        "opposed": found.opposed_to_feeding,
    }
    return Done(f"dmp_{found.state.value}", values, exit_code=0)


def deposit(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, steps: Steps) -> Done:
    """TD2.1: deposits what waits, ahead of everything else; policy still decides. Raises NotForTheDmp, LeavesNow."""
    return send_now(desk, deliveries_to(desk, dmp.destination, deliveries, subject), subject, steps)


def replace(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, steps: Steps) -> Done:
    """TD2.1 with RPLC: as `deposit`, of what has an earlier version there.

    Raises:
        NothingToReplace: it has none; nothing was sent.
    """
    own = deliveries_to(desk, dmp.destination, deliveries, subject)
    known = (desk.journal.deliveries.sendable(one) for one in own)
    if not any(one is not None and one.replaces_there is not None for one in known):
        raise NothingToReplace(subject=subject, destination=dmp.name)
    return send_now(desk, own, subject, steps)


def delete(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, reason: str) -> Done:
    """TD3.3c: takes a document of the structure out of the DMP. It is not deposited again by itself.

    Raises:
        ReasonMissing, NotForTheDmp, NotThere, BytesGone: nothing was asked.
        DuiBridgeError: as the DMP answers. What it did all the same is found out by asking for it again.
    """
    reason = given(reason)
    own = deliveries_to(desk, dmp.destination, deliveries, subject)
    there = [one for one in own if desk.case(one).delivery.state in _THERE]
    if not there:
        raise NotThere(subject=subject, destination=dmp.name)
    of = carried(desk, dmp.destination, there, subject)
    acting, unique_id = dmp.of(of.case.delivery.finess), of.sendable.built.ids.unique_id
    found = dmp.client.locate(unique_id, of.ins, acting)
    entry = None if found is None else found.entry or entry_of(of, found.entry_uuid)
    if entry is not None:
        ensure(acting.caller, Transaction.DELETE, entry)
    told: dict[str, Json] = {"destination": dmp.name, "reason": reason}
    desk.audit("dmp delete", unique_id, **told, identity=None if of.stands else "changed")
    try:
        if entry is not None:
            dmp.client.delete(entry, of.ins, acting)
    except DuiBridgeError as error:
        desk.audit("dmp delete", unique_id, **told, result=error.code)
        raise
    result = "gone" if entry is None else "deleted"
    settle_deleted(desk, [of.case.delivery.id])
    desk.audit("dmp delete", unique_id, **told, result=result)
    return Done(f"dmp_{result}", {"subject": subject, "unique_id": unique_id, "destination": dmp.name})


def entry_of(of: Meant, entry_uuid: str) -> DocumentEntry:
    """The entry of a document of ours that the DMP has and does not show: as we deposited it."""
    entry = document_entry(of.sendable.built.data, of.ins, id=entry_uuid, masks=of.context.masks)
    return replaced(entry, status=APPROVED)


def ours(desk: Desk, destination: OpenDestination, unique_id: str) -> list[int]:
    """The deliveries by which a document came there from here; none for a document of others."""
    if desk.journal.overview.series_of(unique_id) is None:
        return []
    cases = (desk.case(one).delivery for one in desk.deliveries("version", 0, unique_id))
    return [one.id for one in cases if one.destination == destination.name and one.state in _THERE]


def settle_deleted(desk: Desk, deliveries: Iterable[int]) -> None:
    """What was deleted there by hand is not deposited again by itself."""
    for number in deliveries:
        for event in (DeliveryEvent.RETURN, DeliveryEvent.CANCEL):
            desk.journal.deliveries.change([(number, event, DELETED_THERE.id, Who.NOBODY.value)], desk.now)
