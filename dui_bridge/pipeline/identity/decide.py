"""What is to be done about an identity now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from dui_bridge.connectors.insi.settings import CallOn
from dui_bridge.findings import Rule, Who
from dui_bridge.ins.statut import Interdit, forbids
from dui_bridge.journal.identity_records import IdentityState
from dui_bridge.model.accompagnement import Sejour
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.insi import CodeReponse
from dui_bridge.pipeline.identity import rules
from dui_bridge.pipeline.identity.record import IdentityRecord, Search
from dui_bridge.pipeline.policy.defaults import refusal_words

_RECOVERED: Final = StatutIdentite.RECUPEREE


class Event(StrEnum):
    """What allows a call."""

    ADMISSION = "admission"
    STAY = "stay"
    CORRECTED = "corrected"
    DOCUMENT = "document"
    VISIT = "visit"  # a person says that the usager is here
    AGAIN = "again"  # the call that an event allowed did not end
    ANY = "any"


@dataclass(frozen=True)
class Circumstances:
    """What is known beside the record.

    Args:
        today: the day, where the establishment is.
        traits: digest of the traits that the DUI gives now.
        before: digest of those that it gave at the reading before; None when there was none.
        state: as it stood before; None when nothing was known.
        refused: the first rule of the pre-flight that forbids a call.
        sejours: the stays of the dossier.
        document_le: the day of the document check that the DUI states.
        confirmed: the day on which INSi, or the DUI, last had the identity for qualified.
        visit: the usager is here.
        gate: why the INS of a qualified identity does not leave all the same (`ins.gate.Refusal` values).
    """

    today: date
    traits: str
    before: str | None = None
    state: IdentityState | None = None
    refused: Rule | None = None
    sejours: Sequence[Sejour] = ()
    document_le: date | None = None
    confirmed: date | None = None
    visit: bool = False
    gate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Situation:
    """Where an identity stands: its state with its cause, or (`call` set) that INSi is to be asked, and why."""

    state: IdentityState
    rule: Rule | None = None
    who: Who = Who.NOBODY
    call: Event | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def decide(
    record: IdentityRecord, now: Circumstances, call_on: Collection[CallOn], recent: timedelta, reverify: timedelta
) -> Situation:
    """Where the identity stands.

    Args:
        call_on: the events that allow a call.
        recent: how old an event may be.
        reverify: age of a confirmation that is to be renewed.
    """
    identite, search = record.identite, record.search
    same = search is not None and search.traits == now.traits
    if record.twin is not None:
        return _waits(IdentityState.TO_DECIDE, rules.SAME_INS)
    if Interdit.TRANSMISSION_INS not in forbids(identite):
        if now.gate:
            return _waits(IdentityState.BLOCKED, rules.WITHHELD, **reasons(now.gate))
        old = now.confirmed is not None and now.today - now.confirmed > reverify
        return _to_verify(search if same else None, now) if old else Situation(IdentityState.QUALIFIED)
    if Interdit.APPEL_INSI in forbids(identite):
        return _waits(IdentityState.BLOCKED, rules.MARKED)
    if identite.statut is _RECOVERED:
        return _waits(IdentityState.TO_CHECK, rules.TO_CHECK)
    if search is not None and same and not now.visit and (ended := _ended(search, record.error)) is not None:
        return ended
    if now.refused is not None:
        return Situation(IdentityState.BLOCKED, now.refused, now.refused.who)
    event = _event(record, now, call_on, recent)
    if event is None:
        return _waits(IdentityState.TO_CALL, rules.TO_CALL)
    return Situation(IdentityState.TO_CALL, rules.TO_CALL, rules.TO_CALL.who, call=event)


def _to_verify(search: Search | None, now: Circumstances) -> Situation:
    """A qualified identity that was confirmed long ago: asked for again when the person is here. `search`: the last."""
    code = search.codes[-1][1] if search is not None and search.codes else CodeReponse.TROUVEE
    rule, values = rules.TO_VERIFY, {}
    if search is not None and code != CodeReponse.TROUVEE:
        rule, values = rules.NOT_CONFIRMED, _codes(search)
    call = Event.VISIT if now.visit else Event.AGAIN if now.state is IdentityState.RETRY else None
    return Situation(IdentityState.TO_VERIFY, rule, rule.who, call if now.refused is None else None, values)


def _ended(search: Search, error: str) -> Situation | None:
    """Where the search with these very traits left the identity; None when it did not end, or no longer counts."""
    if error:
        return None
    if search.refused:
        return _waits(IdentityState.BLOCKED, rules.REFUSED)
    if search.individu is not None:
        return _waits(IdentityState.TO_DECIDE, rules.TRAITS_DIFFER)
    code = search.codes[-1][1] if search.codes else ""
    if code == CodeReponse.TROUVEE:
        # INSi knows this person, but what it gave was set aside since (a doubt that was lifted): it is asked again.
        return None
    several = code == CodeReponse.PLUSIEURS
    return _waits(IdentityState.BLOCKED, rules.SEVERAL if several else rules.NOT_FOUND, **_codes(search))


def _codes(search: Search) -> dict[str, str]:
    """Each step with its code, in words."""
    return {
        key: ", ".join(f"{rules.STEPS.get(step, (step, step))[place]} {code}" for step, code in search.codes)
        for place, key in enumerate(("codes", "codes_fr"))
    }


def reasons(gate: Collection[str]) -> dict[str, str]:
    """Why the gate keeps an INS, in words."""
    words = [refusal_words().get(reason, (reason, reason)) for reason in gate]
    return {"reasons": ", ".join(en for en, _ in words), "reasons_fr": ", ".join(fr for _, fr in words)}


def _event(record: IdentityRecord, now: Circumstances, call_on: Collection[CallOn], recent: timedelta) -> Event | None:
    if now.visit:
        return Event.VISIT
    if now.state is IdentityState.RETRY:
        return Event.AGAIN
    if CallOn.ANY in call_on:
        return Event.ANY
    first_day = now.today - recent
    days = {
        Event.ADMISSION: [sejour.date_admission for sejour in now.sejours],
        Event.STAY: [sejour.date_entree for sejour in now.sejours],
        Event.DOCUMENT: [now.document_le],
    }
    for event, given in days.items():
        if CallOn(event.value) in call_on and any(day and first_day <= _day(day) <= now.today for day in given):
            return event
    searched = record.search is not None and record.search.traits != now.traits
    corrected = searched or (now.before is not None and now.before != now.traits)
    return Event.CORRECTED if corrected and CallOn.CORRECTED in call_on else None


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _waits(state: IdentityState, rule: Rule, **values: str) -> Situation:
    return Situation(state, rule, rule.who, values=values)
