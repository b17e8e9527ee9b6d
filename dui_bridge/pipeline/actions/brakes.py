"""`pause` and `resume` of a destination."""

from __future__ import annotations

from datetime import datetime

from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.errors import NotReconciled, NotStopped, TimePast
from dui_bridge.pipeline.reports.errors import check_destination


def pause(desk: Desk, destination: str, reason: str, until: datetime | None = None) -> Done:
    """Stops a destination after what it is sending now, until a time or until `resume`.

    Raises:
        ReasonMissing, UnknownDestination, TimePast: nothing was done.
    """
    check_destination(desk.site, destination)
    reason = given(reason)
    if until is not None and until <= desk.now:
        raise TimePast(when=until.isoformat(timespec="minutes"))
    desk.journal.brakes.pause(destination, desk.actor.by, reason, until, desk.now)
    end = until.isoformat(timespec="minutes") if until is not None else None
    desk.audit("pause", destination, reason=reason, until=end)
    if end is None:
        return Done("paused", {"name": destination})
    return Done("paused_until", {"name": destination, "until": end})


def resume(desk: Desk, destination: str) -> Done:
    """Ends a pause, and closes a circuit that opened: one item goes first, the others follow when it has arrived.

    So do those of each establishment that the destination refused.

    Raises:
        UnknownDestination, NotReconciled, NotStopped: nothing was done.
    """
    check_destination(desk.site, destination)
    if desk.journal.restoration.is_open():
        raise NotReconciled()
    if not desk.journal.brakes.resume(destination, desk.actor.by, desk.now):
        raise NotStopped(name=destination)
    desk.audit("resume", destination)
    return Done("resumed", {"name": destination})
