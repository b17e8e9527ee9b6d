"""`send-now`: what waits of one item leaves before everything else, where policy lets it."""

from __future__ import annotations

from dui_bridge.journal.records import Json
from dui_bridge.model.states import ARRIVED, NOT_LEFT, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.errors import LeavesNow
from dui_bridge.pipeline.delivery.deliver import Delivered
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.sending import send_due


def send_now(desk: Desk, deliveries: list[int], subject: str, steps: Steps) -> Done:
    """Makes deliveries urgent, due now, and sends them alone. A pause and policy still hold; the state of each is told.

    Args:
        deliveries: of the item; those that do not wait are left as they are.
        subject: as it was named.
    Raises:
        LeavesNow: none of them waits.
    """
    waiting = [case for case in map(desk.case, deliveries) if case.delivery.state in NOT_LEFT]
    chosen = [case.delivery.id for case in waiting if desk.journal.deliveries.hasten(case.delivery.id)]
    if not chosen:
        raise LeavesNow(subject=subject)
    desk.audit("send-now", subject, deliveries=[f"delivery-{one}" for one in chosen])
    for dossier in {case.delivery.dossier_id for case in waiting}:
        desk.ask_policy(dossier=dossier)
    delivered = send_due(desk.site, desk.journal, steps, at_once=True, deliveries=chosen)
    rows = tuple(_row(desk, one, delivered) for one in chosen)
    arrived = sum(row["state"] in ARRIVED for row in rows)
    left = len(rows) - arrived
    return Done("sent_now", {"number": arrived, "left": left}, rows, exit_code=delivered.exit_code() or int(left > 0))


def _row(desk: Desk, delivery_id: int, delivered: Delivered) -> dict[str, Json]:
    delivery = desk.case(delivery_id).delivery
    worked = delivered.worked.get(delivery.destination)
    resting = worked.resting if worked is not None and delivery.state is DeliveryState.READY else None
    return {
        "delivery": f"delivery-{delivery.id}",
        "destination": delivery.destination,
        "state": delivery.state.value,
        "cause": delivery.cause if resting is None else resting.code,
        "who": delivery.who if resting is None else resting.who.value,
    }
