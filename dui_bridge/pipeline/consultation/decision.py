"""The decision: every rule that refuses is told, and a consultation takes place when none does.

A fact that permits must be there: a blank never permits. Sources stand with each rule (`rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.connectors.dmp.rights import RIGHTS, Right, Transaction, access_of
from dui_bridge.connectors.wire.vihf import Caller, Mode
from dui_bridge.findings import Finding, Rule
from dui_bridge.pipeline.consultation import rules
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.site.declaration import ConsultationSettings

_Values = Mapping[str, str]
_REFUSES: Final[_Values] = {}


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A professional has read and understood the rules of access to the DMP ("j'ai compris"), as the DUI recorded it.

    Args:
        national_id: PS_IdNat of the professional.
        at: when; aware.
        text_version: of what they read.
    """

    national_id: str = field(repr=False)
    at: datetime
    text_version: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What is recorded of the person's will; None: nothing.

    Args:
        consultation: their consent, of this professional or establishment; False is an opposition, without a reason.
        informed: the information on the DMP was given to them.
        in_team: the professional is of the team that accompanies them.
    """

    consultation: bool | None = None
    informed: bool | None = None
    in_team: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the DMP; `by_hand`: the professional asked for this very thing, now; `ins_kept`: the INS of the
    person is at hand, when it may leave."""

    transaction: Transaction
    by_hand: bool = False
    ins_kept: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """Why it is refused, in the order of the rules; empty: it is allowed."""

    refusals: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class _Case:
    wanted: Wanted
    person: Caller | None
    usager: UsagerFacts
    acknowledgement: Acknowledgement | None
    consent: Consent
    now: datetime
    settings: ConsultationSettings


def may_consult(
    wanted: Wanted,
    person: Caller | None,
    usager: UsagerFacts,
    acknowledgement: Acknowledgement | None,
    consent: Consent,
    now: datetime,
    settings: ConsultationSettings,
) -> Decision:
    """Whether a professional may do this with the DMP of a person, now.

    Args:
        wanted: a search, or the opening of one document.
        person: who asks, as the assertion will tell it; None when nobody is named (a job of the night).
        acknowledgement: the latest of this professional.
        now: aware.
    """
    case = _Case(wanted, person, usager, acknowledgement, consent, now, settings)
    found = ((rule, check(case)) for rule, check in CHECKS)
    return Decision(tuple(Finding(rule, values=values) for rule, values in found if values is not None))


def _nobody_named(case: _Case) -> _Values | None:
    person = case.person
    named = person is not None and person.mode is Mode.RENFORCEE and bool(person.national_id.strip())
    return None if named else _REFUSES


def _signed_in_too_long_ago(case: _Case) -> _Values | None:
    if case.person is None:
        return None
    age, most = case.now - case.person.authenticated_at, case.settings.signed_in_minutes
    return None if timedelta(0) <= age <= timedelta(minutes=most) else {"minutes": str(most)}


def _not_of_the_matrix(case: _Case) -> _Values | None:
    if case.person is None:
        return None
    right = RIGHTS[access_of(case.person)].get(case.wanted.transaction, Right.NO)
    return None if right is Right.YES else {"transaction": case.wanted.transaction.value}


def _own(case: _Case) -> Acknowledgement | None:
    known, person = case.acknowledgement, case.person
    return known if known is not None and person is not None and known.national_id == person.national_id else None


def _not_acknowledged(case: _Case) -> _Values | None:
    return None if _own(case) is not None else _REFUSES


def _acknowledged_too_long_ago(case: _Case) -> _Values | None:
    own, days = _own(case), case.settings.acknowledgement_days
    if own is None or case.now - own.at < timedelta(days=days):
        return None
    return {"date": own.at.date().isoformat(), "days": str(days)}


def _acknowledged_in_the_future(case: _Case) -> _Values | None:
    own = _own(case)
    return _REFUSES if own is not None and own.at > case.now else None


def _other_text(case: _Case) -> _Values | None:
    own, version = _own(case), case.settings.text_version
    return {"version": version} if own is not None and version not in (None, own.text_version) else None


def _ins_not_qualified(case: _Case) -> _Values | None:
    return None if case.usager.ins_qualified is True else _REFUSES


def _ins_not_kept(case: _Case) -> _Values | None:
    return _REFUSES if case.usager.ins_qualified is True and not case.wanted.ins_kept else None


def _anonymous(case: _Case) -> _Values | None:
    return _REFUSES if case.usager.anonymous else None


def _deceased(case: _Case) -> _Values | None:
    return _REFUSES if case.usager.deceased or case.usager.death_date is not None else None


def _left(case: _Case) -> _Values | None:
    day = case.usager.exit_date
    return {"date": day.isoformat()} if day is not None and day < case.now.date() else None


def _opposed(case: _Case) -> _Values | None:
    return _REFUSES if case.consent.consultation is False else None


def _opposed_to_dmp(case: _Case) -> _Values | None:
    return _REFUSES if case.usager.opposition_dmp and case.consent.consultation is None else None


def _not_informed(case: _Case) -> _Values | None:
    consent = case.consent
    return _REFUSES if consent.consultation is None and consent.informed is not True else None


def _out_of_team(case: _Case) -> _Values | None:
    return _REFUSES if case.consent.consultation is not True and case.consent.in_team is not True else None


def _not_by_hand(case: _Case) -> _Values | None:
    return _REFUSES if case.wanted.transaction is Transaction.READ and not case.wanted.by_hand else None


CHECKS: Final[tuple[tuple[Rule, Callable[[_Case], _Values | None]], ...]] = (
    (rules.NOBODY_NAMED, _nobody_named),
    (rules.SIGNED_IN_TOO_LONG_AGO, _signed_in_too_long_ago),
    (rules.NOT_OF_THE_MATRIX, _not_of_the_matrix),
    (rules.NOT_ACKNOWLEDGED, _not_acknowledged),
    (rules.ACKNOWLEDGED_TOO_LONG_AGO, _acknowledged_too_long_ago),
    (rules.ACKNOWLEDGED_IN_THE_FUTURE, _acknowledged_in_the_future),
    (rules.OTHER_TEXT, _other_text),
    (rules.INS_NOT_QUALIFIED, _ins_not_qualified),
    (rules.INS_NOT_KEPT, _ins_not_kept),
    (rules.ANONYMOUS, _anonymous),
    (rules.DECEASED, _deceased),
    (rules.LEFT, _left),
    (rules.OPPOSED, _opposed),
    (rules.OPPOSED_TO_DMP, _opposed_to_dmp),
    (rules.NOT_INFORMED, _not_informed),
    (rules.OUT_OF_TEAM, _out_of_team),
    (rules.NOT_BY_HAND, _not_by_hand),
)
"""Each answers None when it lets the case pass, else the values of its rule's text."""
