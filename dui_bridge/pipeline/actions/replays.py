"""`replay`: sends again what was refused, came back or was cancelled, after a look at what would happen to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from dui_bridge.connectors.dmp.errors import DmpClosed, FeedOpposed, NoDmp, NotYetVisible, PatientUnknown
from dui_bridge.journal.records import DeliveryCase, Json
from dui_bridge.journal.selections import Circumstance, Selection
from dui_bridge.model.states import ARRIVED, NOT_LEFT, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done, Scope
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.rules import DISCARDED, GAVE_UP, UNREADABLE
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site

KIND: Final = "replay"
STOPPED: Final = (DeliveryState.REFUSED, DeliveryState.RETURNED)
AGAIN: Final = (*STOPPED, DeliveryState.CANCELLED)
"""What can be planned again."""
SELECTABLE: Final = ("refused", "returned", "cancelled", "delivered")
"""States that a person may ask for."""
_BY_OTHERS: Final = frozenset({one.code for one in (PatientUnknown, NoDmp, DmpClosed, FeedOpposed, NotYetVisible)})
"""Refusals that a person lifts elsewhere, by opening a DMP or showing a document: nothing here changes by that."""


class Fate(StrEnum):
    """What a replay does to a delivery."""

    SEND = "send"
    IDENTICAL = "identical"  # it is already there: never sent again
    REPLACE = "replace"  # a newer version goes there, or went
    BLOCKED = "blocked"  # planned again, and kept back until what policy wants is there
    NEVER = "never"  # policy forbids it, its run was discarded, or its bytes are gone
    SAME = "same"  # refused for good, and nothing has changed since
    WAITS = "waits"  # it has not left yet, or is leaving
    DOUBTFUL = "doubtful"  # a person must say whether it arrived


_PLANNED: Final = (Fate.SEND, Fate.BLOCKED)


@dataclass(frozen=True, slots=True)
class Looked:
    """A delivery and what a replay would do to it. `cause`: the rule against it; `later`: the newer delivery."""

    case: DeliveryCase
    fate: Fate
    cause: str = ""
    later: int | None = None

    def row(self) -> dict[str, Json]:
        """For a table, and for machines."""
        delivery = self.case.delivery
        values: dict[str, Json] = {
            "delivery": f"delivery-{delivery.id}",
            "type": delivery.kind.value,
            "destination": delivery.destination,
            "state": delivery.state.value,
            "fate": self.fate.value,
            "cause": self.cause or delivery.cause,
        }
        if self.later is not None:
            values["newer"] = f"delivery-{self.later}"
        return values


def wanted(desk: Desk, scope: Scope, asked: Selection) -> Selection:
    """The selection with the states that are meant when none is named.

    What a person cancelled is not woken by a wide selection: it must be named by its id, its cause or its state.

    Raises:
        UnknownEstablishment, UnknownDestination, UnknownSource, UnknownType.
    """
    desk.check(scope)
    if asked.states is not None or asked.ids is not None:
        return asked
    states: tuple[DeliveryState, ...] = AGAIN if asked.causes is not None else STOPPED
    if asked.since is not None or asked.until is not None:
        states = (*states, *ARRIVED)
    return Selection(
        states=states,
        causes=asked.causes,
        destination=scope.destination,
        finess=scope.finess,
        doc_type=scope.doc_type,
        source=scope.source,
        since=asked.since,
        until=asked.until,
    )


def preview(desk: Desk, selection: Selection, *, force: bool = False) -> Done:
    """What a replay of this selection would do to each; nothing is done."""
    looked = list(_look(desk, selection, force=force))
    rows = tuple(one.row() for one in looked)
    return Done("replay_preview", {"selected": len(looked)}, rows, _counts(looked))


def replay(desk: Desk, selection: Selection, *, force: bool = False) -> Done:
    """Plans again what may be sent, under a task, in the order of its first planning; policy decides once more.

    What policy does not let go yet is planned as well: it is blocked for that cause, as everything else, and leaves
    once the cause is gone.

    Args:
        force: also what was refused for good when nothing has changed since.
    """
    looked = list(_look(desk, selection, force=force))
    rows, counts = tuple(one.row() for one in looked), _counts(looked)
    chosen = [one.case.delivery.id for one in looked if one.fate in _PLANNED]
    if not chosen:
        return Done("replay_nothing", {"selected": len(looked)}, rows, counts)
    asked = _asked(selection, force=force)
    task = desk.journal.tasks.add(KIND, asked, desk.actor.by, desk.now)
    number = desk.journal.selections.replay(chosen, task, desk.now)
    desk.journal.tasks.progress(task, {"planned": number})
    desk.audit(KIND, f"task-{task}", planned=number, **asked)
    desk.ask_policy(source=selection.source, destination=selection.destination)
    return Done("replayed", {"selected": len(looked), "task": task, "number": number}, rows, counts)


def rebuild(desk: Desk, scope: Scope, *, confirmed: bool) -> Done:
    """Has documents made again that the mapping or the bridge would now write otherwise; at the next reading.

    Raises:
        UnknownEstablishment, UnknownSource, UnknownType, SubjectUnknown: nothing was done.
    """
    desk.check(scope)
    if scope.document is not None:
        desk.series(scope.document)
    found = desk.journal.rebuilds.candidates(scope.source, scope.finess, scope.doc_type, scope.document)
    if not confirmed or not found:
        return Done("rebuild_preview", {"number": len(found)})
    desk.journal.rebuilds.ask(found)
    desk.audit(
        "replay --rebuild",
        f"document-{scope.document}" if scope.document is not None else "*",
        documents=len(found),
        source=scope.source,
        establishment=scope.finess,
        type=scope.doc_type,
    )
    return Done("rebuild_asked", {"number": len(found)})


def _look(desk: Desk, selection: Selection, *, force: bool) -> Iterator[Looked]:
    gate, changed = gate_of(desk.site, desk.journal), _configured_at(desk.site)
    for about in desk.journal.selections.circumstances(desk.journal.selections.ids(selection)):
        case = desk.journal.deliveries.case(about.delivery_id)
        if case is not None:
            yield _fate(desk, gate, case, about, None if force else changed)


def _fate(desk: Desk, gate: Gate, case: DeliveryCase, about: Circumstance, changed: datetime | None) -> Looked:
    delivery = case.delivery
    if delivery.state in ARRIVED or about.arrived:
        return Looked(case, Fate.IDENTICAL)
    if delivery.state is DeliveryState.DOUBTFUL:
        return Looked(case, Fate.DOUBTFUL)
    if delivery.state in NOT_LEFT or delivery.state is DeliveryState.SENDING or about.alive:
        return Looked(case, Fate.WAITS)
    if about.discarded:
        return Looked(case, Fate.NEVER, DISCARDED.id)
    if about.later is not None:
        return Looked(case, Fate.REPLACE, later=about.later)
    if not about.kept:
        return Looked(case, Fate.NEVER, UNREADABLE.id)
    ruling = gate.ruling(case, desk.now)
    if ruling.verdict is Verdict.NEVER:
        return Looked(case, Fate.NEVER, ruling.cause)
    for_good = delivery.state is DeliveryState.REFUSED and delivery.cause not in (GAVE_UP.id, *_BY_OTHERS)
    if for_good and changed is not None and changed <= delivery.since:
        return Looked(case, Fate.SAME)
    return Looked(case, Fate.SEND) if ruling.allows else Looked(case, Fate.BLOCKED, ruling.cause)


def _configured_at(site: Site) -> datetime:
    """When the site file or a policy file was last written: what was refused before may be accepted now."""
    files = [path for path in (site.file, *site.declaration.policy) if path.exists()]
    return max(
        (datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files), default=datetime.min.replace(tzinfo=UTC)
    )


def _counts(looked: Sequence[Looked]) -> dict[str, int]:
    counts = Counter(one.fate for one in looked)
    return {f"fate_{fate.value}": counts[fate] for fate in Fate}


def _asked(selection: Selection, *, force: bool) -> dict[str, Json]:
    asked: dict[str, Json] = {
        "states": [state.value for state in sorted(selection.states)] if selection.states is not None else None,
        "causes": [*sorted(selection.causes)] if selection.causes is not None else None,
        "destination": selection.destination,
        "establishment": selection.finess,
        "type": selection.doc_type,
        "source": selection.source,
        "since": selection.since.isoformat() if selection.since is not None else None,
        "until": selection.until.isoformat() if selection.until is not None else None,
        "deliveries": [f"delivery-{one}" for one in sorted(selection.ids)] if selection.ids is not None else None,
        "force": force or None,
    }
    return {name: value for name, value in asked.items() if value is not None}
