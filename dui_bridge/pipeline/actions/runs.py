"""`runs release` and `runs discard`: what a person decides of a run that a guard held."""

from __future__ import annotations

from collections.abc import Iterable

from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import RunState
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.errors import RunNotHeld
from dui_bridge.pipeline.guard import PERSON_CHANGED
from dui_bridge.pipeline.reports.errors import SubjectUnknown


def release_run(desk: Desk, run_id: str, reason: str = "") -> Done:
    """Lets what a held run recorded leave, where policy does, and what earlier ones had that were cut short.

    The numbers that changed person are the new persons' from now on: the next reading makes their documents.

    Raises:
        SubjectUnknown, RunNotHeld: nothing was done.
    """
    run = _held(desk, run_id)
    changed = desk.journal.selections.changed_persons(PERSON_CHANGED.id, run_id)
    # Their documents were not made: a source that tells only what changed since must tell them again.
    desk.journal.release_run(run_id, desk.now, again=bool(changed))
    persons = _accept_persons(desk, changed)
    desk.audit("runs release", run_id, source=run.source, cause=run.cause, persons=persons, reason=reason or None)
    ready = desk.ask_policy(source=run.source).ready
    return Done("run_released", {"run": run_id, "number": ready, "persons": persons})


def discard_run(desk: Desk, run_id: str, reason: str) -> Done:
    """Cancels what a held run recorded, and what earlier ones had that were cut short and that its guard counted; the
    next reading compares with what stood before.

    Raises:
        ReasonMissing, SubjectUnknown, RunNotHeld: nothing was done.
    """
    reason = given(reason)
    run = _held(desk, run_id)
    earlier = desk.journal.at_stake(run_id).runs
    cancelled = desk.journal.discard_run(run_id, desk.now)
    numbers = {"cancelled": cancelled, "cut_short": earlier}
    desk.audit("runs discard", run_id, source=run.source, cause=run.cause, reason=reason, **numbers)
    desk.ask_policy(source=run.source)
    return Done("run_discarded", {"run": run_id, "number": cancelled})


def _held(desk: Desk, run_id: str) -> KnownRun:
    run = desk.journal.run(run_id)
    if run is None:
        raise SubjectUnknown(subject=run_id)
    if run.state is not RunState.HELD:
        raise RunNotHeld(run=run_id, state=run.state)
    return run


def _accept_persons(desk: Desk, items: Iterable[int]) -> int:
    """How many dossier numbers that were found to be another person's are accepted as such."""
    accepted = 0
    for item_id in items:
        item = desk.journal.items.get(item_id)
        traits = item.detail.get("traits") if item is not None else None
        if item is not None and isinstance(traits, dict):
            known = {name: str(digest) for name, digest in traits.items()}
            accepted += desk.journal.dossiers.accept_traits(item.dossier_id, known)
    return accepted
