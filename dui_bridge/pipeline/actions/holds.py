"""`hold` and `release`: what a person keeps back, and lets go again in its order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from dui_bridge.journal.records import Json, KnownHold
from dui_bridge.pipeline.actions.desk import Desk, Done, Scope, given
from dui_bridge.pipeline.actions.errors import HoldAndScope, HoldUnknown, ScopeMissing, TimePast

_EVERYTHING: Final = Scope()


def hold(desk: Desk, scope: Scope, reason: str, until: datetime | None = None) -> Done:
    """Keeps back all that the scope means, what is ready included, until a time or until it is released.

    Raises:
        ReasonMissing, ScopeMissing, TimePast, SubjectUnknown, UnknownEstablishment, UnknownDestination, UnknownSource,
        UnknownType: nothing was done.
    """
    reason = given(reason)
    if scope.is_empty:
        raise ScopeMissing()
    if until is not None and until <= desk.now:
        raise TimePast(when=until.isoformat(timespec="minutes"))
    ids, blocked = [], 0
    for dossier, series in _targets(desk, scope):
        number = desk.journal.decisions.hold(
            reason=reason,
            by=desk.actor.by,
            until=until,
            at=desk.now,
            source=scope.source,
            finess=scope.finess,
            doc_type=scope.doc_type,
            destination=scope.destination,
            dossier_id=dossier,
            series_id=series,
        )
        ids.append(number)
        desk.audit("hold", f"hold-{number}", reason=reason, until=_iso(until), **_told(scope, dossier))
        blocked += desk.ask_policy(source=scope.source, destination=scope.destination, dossier=dossier).blocked
    return Done("held", {"holds": " ".join(map(str, ids)), "number": blocked})


def release(desk: Desk, numbers: Collection[int], scope: Scope = _EVERYTHING) -> Done:
    """Ends the holds of these numbers; without any, those with exactly this scope. What they kept back leaves in its
    order, if policy lets it.

    Raises:
        ScopeMissing, HoldUnknown, SubjectUnknown…: nothing was done.
    """
    if not numbers and scope.is_empty:
        raise ScopeMissing()
    if numbers and not scope.is_empty:
        raise HoldAndScope()
    in_force = desk.journal.decisions.holds(desk.now)
    if numbers:
        found = [one for one in in_force if one.id in numbers]
        if unknown := sorted(set(numbers) - {one.id for one in found}):
            raise HoldUnknown(what=" ".join(map(str, unknown)))
    else:
        targets = {
            (scope.source, scope.finess, scope.doc_type, scope.destination, dossier, series)
            for dossier, series in _targets(desk, scope)
        }
        found = [one for one in in_force if _scopes(one) in targets]
    released = [one for one in found if desk.journal.decisions.release(one.id, desk.actor.by, desk.now)]
    if not released:
        raise HoldUnknown(what="--…")
    ready = other = 0
    for one in released:
        desk.audit("release", f"hold-{one.id}")
        planned = desk.ask_policy(source=one.source, destination=one.destination, dossier=one.dossier_id)
        ready, other = ready + planned.ready, other + planned.blocked
    holds = " ".join(str(one.id) for one in released)
    return Done("released", {"holds": holds, "number": ready, "other": other})


def holds_in_force(desk: Desk) -> Done:
    """The holds that last."""
    found = desk.journal.decisions.holds(desk.now)
    return Done("holds", {"number": len(found)}, tuple(_row(desk, one) for one in found))


def _targets(desk: Desk, scope: Scope) -> list[tuple[int | None, int | None]]:
    """Dossier and series: of each dossier with the number, of the document, or neither."""
    desk.check(scope)
    if scope.document is not None:
        item = desk.journal.items.get(scope.document)
        series = desk.series(scope.document)
        return [(item.dossier_id if item is not None else None, series)]
    if scope.number is not None:
        return [(dossier, None) for dossier in desk.dossiers(scope.number)]
    return [(None, None)]


def _scopes(one: KnownHold) -> tuple[object, ...]:
    return one.source, one.finess, one.doc_type, one.destination, one.dossier_id, one.series_id


def _told(scope: Scope, dossier: int | None) -> dict[str, Json]:
    """The scope without the dossier number, which is a person's."""
    return {
        "establishment": scope.finess,
        "type": scope.doc_type,
        "destination": scope.destination,
        "source": scope.source,
        "dossier": dossier,
        "document": f"document-{scope.document}" if scope.document is not None else None,
    }


def _row(desk: Desk, one: KnownHold) -> dict[str, Json]:
    item = desk.journal.overview.item_of(one.series_id) if one.series_id is not None else None
    dossier = desk.journal.dossiers.get(one.dossier_id) if one.dossier_id is not None else None
    values: dict[str, Json] = {
        "hold": one.id,
        "establishment": one.finess,
        "type": one.doc_type,
        "destination": one.destination,
        "source": one.source,
        "dossier": dossier.number if dossier is not None else None,
        "document": f"document-{item}" if item is not None else None,
        "reason": one.reason,
        "by": one.by,
        "since": one.since.isoformat(timespec="minutes"),
        "until": _iso(one.until),
    }
    return {name: value for name, value in values.items() if value is not None}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="minutes") if at is not None else None
