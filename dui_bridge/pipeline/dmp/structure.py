"""What the structure may do by itself: ask whether a DMP is open, deposit, replace, delete what it deposited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace as replaced

from dui_bridge.connectors.dmp.errors import ReplacedMissing
from dui_bridge.connectors.dmp.existence import Existence, State
from dui_bridge.connectors.dmp.rights import Transaction, ensure
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Who
from dui_bridge.journal.records import Json, KnownDelivery
from dui_bridge.journal.selections import Selection
from dui_bridge.model.states import ARRIVED, DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.replays import replay
from dui_bridge.pipeline.actions.send_now import send_now
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.rules import DELETED_THERE
from dui_bridge.pipeline.dmp.errors import (
    InsKeptBack,
    NotForTheDmp,
    NothingGone,
    NothingToReplace,
    NothingWithIns,
    NotThere,
)
from dui_bridge.pipeline.dmp.opened import Dmp, Meant, carried, deliveries_to, meant
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.identity.kept import kept_ins
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.vocabulary import APPROVED


def exists(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, dossier_id: int | None = None) -> Done:
    """TD0.2: whether the person has a DMP, whether it is open, and what the structure may do there.

    Args:
        deliveries: of the person; one of them tells the INS, and whether the connection is secret.
        dossier_id: of a person for whom nothing may have been made yet: their identity tells the INS then.
    Raises:
        InsKeptBack: nothing was asked.
        DuiBridgeError: as the DMP answers.
    """
    try:
        of = meant(desk, dmp.destination, deliveries, subject)
        found = dmp.client.exists(of.ins, dmp.about(of), of.sendable.built.ids.unique_id)
    except (NotForTheDmp, NothingWithIns):
        dossier = None if dossier_id is None else desk.journal.dossiers.get(dossier_id)
        ins = None if dossier is None else kept_ins(desk.journal, dossier, desk.site.profile)
        if dossier is None or ins is None:
            raise InsKeptBack(subject=subject) from None
        found = dmp.client.exists(ins, dmp.of(dossier.finess or ""))
    desk.audit("dmp exists", subject, state=found.state.value)
    values: dict[str, Json] = {
        "subject": subject,
        "dmp": found.state.value,
        "opposed": found.opposed_to_feeding,
        "authorisation": found.authorisation,
        "treating_doctor": found.treating_doctor,
        "closing": found.closing,
    }
    return Done(f"dmp_{found.state.value}", values, notes=tuple(_notes(found)))


def _notes(found: Existence) -> Iterator[str]:
    if found.closing:
        yield "dmp_closing"
    if found.opposed_to_feeding:
        yield "dmp_opposed"
    if found.authorisation:
        yield "dmp_authorisation"
    if found.state is not State.NONE:
        yield "dmp_treating_doctor" if found.treating_doctor else "dmp_other_doctor"


def deposit(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, steps: Steps) -> Done:
    """TD2.1: deposits what waits, ahead of everything else; policy still decides. Raises NotForTheDmp, LeavesNow."""
    return send_now(desk, deliveries_to(desk, dmp.destination, deliveries, subject), subject, steps)


def deposit_as_new(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, steps: Steps) -> Done:
    """TD2.1: deposits as a new document what was refused because the version that it replaces is gone (DMP-021).

    The DMP is asked once more (TD3.1b): a version that it has all the same is replaced.

    Raises:
        NotForTheDmp, NothingGone, NothingWithIns, LeavesNow: nothing was sent.
        DuiBridgeError: as the DMP answers.
    """
    own = deliveries_to(desk, dmp.destination, deliveries, subject)
    refused = [one for one in own if _lacks_its_earlier(desk.case(one).delivery)]
    if not refused:
        raise NothingGone(subject=subject, destination=dmp.name)
    for one in refused:
        of = meant(desk, dmp.destination, [one], subject)
        gone = of.sendable.replaces_there
        if gone is not None and dmp.client.locate(gone, of.ins, dmp.about(of)) is None:
            settle_deleted(desk, ours(desk, dmp.destination, gone))
            desk.audit("dmp deposit --as-new", subject, destination=dmp.name, gone=gone)
    replay(desk, Selection(ids=refused), force=True)
    return send_now(desk, refused, subject, steps)


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
    there = [one for one in own if desk.case(one).delivery.state in ARRIVED]
    if not there:
        raise NotThere(subject=subject, destination=dmp.name)
    of = carried(desk, dmp.destination, there, subject)
    acting, unique_id = dmp.about(of), of.sendable.built.ids.unique_id
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
    return [one.id for one in cases if one.destination == destination.name and one.state in ARRIVED]


def _lacks_its_earlier(delivery: KnownDelivery) -> bool:
    return delivery.state is DeliveryState.REFUSED and delivery.cause == ReplacedMissing.code


def settle_deleted(desk: Desk, deliveries: Iterable[int]) -> None:
    """What was deleted there by hand is not deposited again by itself."""
    for number in deliveries:
        for event in (DeliveryEvent.RETURN, DeliveryEvent.CANCEL):
            desk.journal.deliveries.change([(number, event, DELETED_THERE.id, Who.NOBODY.value)], desk.now)
