"""`backfill`: brings what a start date, a baseline or a surge keeps back, so many a day, the oldest first."""

from __future__ import annotations

from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done, Scope
from dui_bridge.pipeline.delivery.backfill import KIND, BackfillScope, advance_backfills, kept_back


def backfill(desk: Desk, scope: Scope, per_day: int, *, confirmed: bool) -> Done:
    """Starts a backfill; not `confirmed`: only says how many documents it would bring, and in how many days.

    Raises:
        UnknownEstablishment, UnknownDestination, UnknownType: nothing was done.
    """
    desk.check(scope)
    waiting = len(kept_back(desk.journal, BackfillScope(scope.doc_type, scope.finess, scope.destination)))
    values: dict[str, Json] = {"number": waiting, "per_day": per_day, "days": -(-waiting // per_day)}
    if not confirmed or not waiting:
        return Done("backfill_preview", values)
    asked: dict[str, Json] = {
        "type": scope.doc_type,
        "establishment": scope.finess,
        "destination": scope.destination,
        "per_day": per_day,
    }
    task = desk.journal.tasks.add(KIND, asked, desk.actor.by, desk.now)
    desk.audit(KIND, f"task-{task}", documents=waiting, **asked)
    taken = advance_backfills(desk.site, desk.journal, desk.now)
    desk.ask_policy(destination=scope.destination)
    return Done("backfill_started", {**values, "task": task, "today": taken})
