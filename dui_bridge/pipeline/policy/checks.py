"""The questions of the chain: each answers None when the case passes, or the values of its rule's text when it decides.

A flag that forbids decides when it is set; a fact that permits must be there: a blank never permits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol, TypeAlias

from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.policy.defaults import (
    CATCH_ALL,
    CHANNELS,
    Choice,
    Chosen,
    Establishment,
    PolicyRules,
    choose,
    denied_by,
    needs_physician,
    refusal_words,
    type_words,
)
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts

Values: TypeAlias = Mapping[str, str]

_DECIDES: Final[Values] = {}
_TYPES: Final = frozenset(kind.value for kind in TypeDocument)


class Hold(Protocol):
    """A hold of the journal; a scope that is None covers everything."""

    @property
    def id(self) -> int: ...
    @property
    def source(self) -> str | None: ...
    @property
    def finess(self) -> str | None: ...
    @property
    def doc_type(self) -> str | None: ...
    @property
    def destination(self) -> str | None: ...
    @property
    def dossier_id(self) -> int | None: ...
    @property
    def series_id(self) -> int | None: ...
    @property
    def by(self) -> str: ...


class Decision(Protocol):
    """What a person decided for this version and destination: `allow` or `refuse`."""

    @property
    def verdict(self) -> str: ...
    @property
    def by(self) -> str: ...


@dataclass(frozen=True, slots=True)
class DestinationFacts:
    """Where it would go. `start` None: not live (a folder needs none). `types`: type → auto, ask or never."""

    name: str
    kind: str
    channel: Channel
    start: date | None
    types: Mapping[str, str]


@dataclass(frozen=True)
class Circumstances:
    """All that is neither of the usager nor of the document.

    Args:
        today: in the time zone of the establishment.
        destination: where it would go.
        establishment: None when the site does not know the FINESS.
        source, dossier_id, series_id: what a hold may name; None matches any hold.
        holds: those in force now.
        decision: the latest for this very version and destination.
        informed_on: since when all usagers of the establishment are declared informed for this channel.
        recipients_in_team: whether every recipient is of the team that accompanies the person (mail to professionals).
        run_held: the run that read it waits for a person.
        not_standing: why the last reading no longer gives the document (its dossier is held, it is left out, held or
            gone); empty when it does.
        baseline: everything dated before is known and not sent.
        backfill: a person asked for older documents: neither start nor baseline nor `added` holds this one.
        added: one of many that stood before the destination was added or put back; a person has yet to decide.
    """

    today: date
    destination: DestinationFacts
    establishment: Establishment | None
    source: str | None = None
    dossier_id: int | None = None
    series_id: int | None = None
    holds: Sequence[Hold] = ()
    decision: Decision | None = None
    informed_on: date | None = None
    recipients_in_team: bool | None = None
    run_held: bool = False
    not_standing: str = ""
    baseline: date | None = None
    backfill: bool = False
    added: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What the chain is asked about."""

    usager: UsagerFacts
    document: DocumentFacts
    circumstances: Circumstances
    rules: PolicyRules

    @property
    def channel(self) -> Channel:
        return self.circumstances.destination.channel


# --- brakes ---------------------------------------------------------------------------------------------------------


def run_held(case: Case) -> Values | None:
    return _DECIDES if case.circumstances.run_held else None


def on_hold(case: Case) -> Values | None:
    about = case.circumstances
    known = (
        about.source,
        about.establishment.finess if about.establishment is not None else None,
        case.document.type,
        about.destination.name,
        about.dossier_id,
        about.series_id,
    )
    for hold in about.holds:
        scopes = (hold.source, hold.finess, hold.doc_type, hold.destination, hold.dossier_id, hold.series_id)
        # What is not known of the case may be what the hold names.
        if all(scope is None or have is None or scope == have for scope, have in zip(scopes, known, strict=True)):
            return {"hold": str(hold.id), "by": hold.by}
    return None


def not_standing(case: Case) -> Values | None:
    return _DECIDES if case.circumstances.not_standing else None


def not_live(case: Case) -> Values | None:
    destination = case.circumstances.destination
    return {"destination": destination.name} if destination.start is None else None


def date_unknown(case: Case) -> Values | None:
    about = case.circumstances
    dated = about.baseline is not None or about.destination.start is not None
    if case.document.dated is not None or (case.channel is Channel.LOCAL and (not dated or about.backfill)):
        return None
    return _DECIDES


def before_start(case: Case) -> Values | None:
    day, destination = case.document.dated, case.circumstances.destination
    if day is None or destination.start is None or day >= destination.start or case.circumstances.backfill:
        return None
    return {"date": day.isoformat(), "destination": destination.name, "start": destination.start.isoformat()}


def before_baseline(case: Case) -> Values | None:
    day, baseline = case.document.dated, case.circumstances.baseline
    if day is None or baseline is None or day >= baseline or case.circumstances.backfill:
        return None
    return {"date": day.isoformat(), "baseline": baseline.isoformat()}


def added(case: Case) -> Values | None:
    about = case.circumstances
    return {"destination": about.destination.name} if about.added and not about.backfill else None


# --- which documents ------------------------------------------------------------------------------------------------


def type_unknown(case: Case) -> Values | None:
    return None if case.document.type in _TYPES else _DECIDES


def domain_unknown(case: Case) -> Values | None:
    establishment = case.circumstances.establishment
    return _DECIDES if establishment is None or establishment.domain is None else None


def denied(case: Case) -> Values | None:
    row = denied_by(case.rules, case.document.title) if case.document.type in (None, CATCH_ALL) else None
    return {"what": row.en, "what_fr": row.fr} if row is not None else None


def titled_as_denied(case: Case) -> Values | None:
    row = denied_by(case.rules, case.document.title) if case.document.type not in (None, CATCH_ALL) else None
    return {"what": row.en, "what_fr": row.fr} if row is not None else None


def type_never(case: Case) -> Values | None:
    return _chosen(case, Choice.NEVER)


def refused(case: Case) -> Values | None:
    decision = case.circumstances.decision
    if decision is None or decision.verdict != "refuse":
        return None
    return {"by": decision.by, "destination": case.circumstances.destination.name}


def ask(case: Case) -> Values | None:
    return _chosen(case, Choice.ASK)


def ask_sensitive(case: Case) -> Values | None:
    establishment = case.circumstances.establishment
    if establishment is None or establishment.category not in case.rules.sensitive:
        return None
    return {"category": establishment.category}


def _chosen(case: Case, wanted: Choice) -> Values | None:
    chosen = _choice(case)
    if chosen is None or chosen.choice is not wanted:
        return None
    en, fr = type_words(case.document.type)
    destination = case.circumstances.destination.name
    return {"type": en, "type_fr": fr, "destination": destination, "origin": chosen.en, "origin_fr": chosen.fr}


def _choice(case: Case) -> Chosen | None:
    """None where the type or the domain is not known, which other rules hold on a channel that shares."""
    about, kind = case.circumstances, case.document.type
    establishment = about.establishment
    if kind is None or (case.channel is not Channel.LOCAL and (establishment is None or establishment.domain is None)):
        return None
    known = establishment or Establishment("", "", None)
    return choose(case.rules, case.channel, kind, known, about.destination.types)


# --- the document itself --------------------------------------------------------------------------------------------


def unsigned(case: Case) -> Values | None:
    days = (case.document.signed_on, case.document.validated_on)
    if case.document.valid is not None:
        return None if case.document.valid else _DECIDES
    return None if any(day is not None and day <= case.circumstances.today for day in days) else _DECIDES


def not_in_force(case: Case) -> Values | None:
    return _DECIDES if case.document.in_force is False else None


def not_a_physician(case: Case) -> Values | None:
    kind = case.document.type
    if kind is None or not needs_physician(case.channel, kind) or case.document.author_physician is True:
        return None
    en, fr = type_words(kind)
    return {"type": en, "type_fr": fr}


def author_without_rpps(case: Case) -> Values | None:
    asks = case.rules.author_without_rpps is not Choice.AUTO
    return _DECIDES if asks and case.document.author_rpps is not True else None


# --- the person -----------------------------------------------------------------------------------------------------


def anonymous(case: Case) -> Values | None:
    return _DECIDES if case.usager.anonymous is True else None


def anonymity_unknown(case: Case) -> Values | None:
    establishment = case.circumstances.establishment
    asked = establishment is not None and establishment.domain in case.rules.anonymity_recorded
    return _DECIDES if asked and case.usager.anonymous is None else None


def archived(case: Case) -> Values | None:
    return _DECIDES if case.usager.archived is True else None


def deceased(case: Case) -> Values | None:
    usager, written = case.usager, case.document.dated
    if usager.deceased is not True:
        return None
    if case.channel is Channel.MSSANTE_PRO and usager.death_date is not None and written is not None:
        # Between professionals, what ends the accompaniment is still told.
        return _DECIDES if written > usager.death_date + timedelta(days=case.rules.grace_days) else None
    return _DECIDES


def after_exit(case: Case) -> Values | None:
    left, written, days = case.usager.exit_date, case.document.dated, case.rules.grace_days
    if left is None or written is None or written <= left + timedelta(days=days):
        return None
    return {"exit": left.isoformat(), "date": written.isoformat(), "days": str(days)}


# --- consent and opposition -----------------------------------------------------------------------------------------


def opposed(case: Case) -> Values | None:
    return _channel_words(case) if _opposition(case) is True else None


def opposition_unknown(case: Case) -> Values | None:
    return _channel_words(case) if _opposition(case) is None and not _declared_informed(case) else None


def not_informed(case: Case) -> Values | None:
    return _DECIDES if case.usager.information_dmp is False else None


def information_unknown(case: Case) -> Values | None:
    return _DECIDES if case.usager.information_dmp is None and not _declared_informed(case) else None


def consent_refused(case: Case) -> Values | None:
    beyond = case.circumstances.recipients_in_team is not True
    return _DECIDES if beyond and case.usager.consent_out_of_team is False else None


def consent_unknown(case: Case) -> Values | None:
    beyond = case.circumstances.recipients_in_team is not True
    return _DECIDES if beyond and case.usager.consent_out_of_team is None else None


def _opposition(case: Case) -> bool | None:
    usager = case.usager
    return {
        Channel.DMP: usager.opposition_dmp,
        Channel.MSSANTE_PRO: usager.opposition_mssante_pro,
        Channel.MSSANTE_USAGER: usager.opposition_mssante_usager,
    }[case.channel]


def _declared_informed(case: Case) -> bool:
    """Whether the declared information of all usagers covers this one: it does not reach who came after it."""
    day, entered = case.circumstances.informed_on, case.usager.entry_date
    return day is not None and day <= case.circumstances.today and entered is not None and entered <= day


def _channel_words(case: Case) -> Values:
    en, fr = CHANNELS[case.channel]
    return {"channel": en, "channel_fr": fr}


# --- identity -------------------------------------------------------------------------------------------------------


def ins_not_qualified(case: Case) -> Values | None:
    return not_qualified(case.usager)


def not_qualified(usager: UsagerFacts) -> Values | None:
    """Why the INS of a person does not leave, in words; None when it does."""
    if usager.ins_qualified is True:
        return None
    words = [refusal_words().get(reason, (reason, reason)) for reason in usager.ins_refusals]
    words = words or [("its status is not known", "son statut n'est pas connu")]
    return {"reasons": ", ".join(en for en, _ in words), "reasons_fr": ", ".join(fr for _, fr in words)}


def ins_no_longer(case: Case) -> Values | None:
    lost = case.usager.ins_qualified is False if case.channel is Channel.LOCAL else not case.usager.ins_qualified
    return _DECIDES if lost and case.document.with_ins is True else None


def without_ins(case: Case) -> Values | None:
    return None if case.document.with_ins is True else _DECIDES


# --- visibility -----------------------------------------------------------------------------------------------------


def no_representatives(case: Case) -> Values | None:
    usager = case.usager
    hidden = case.document.hidden_from_representatives is True
    has = usager.legal_representative is True or usager.minor_on(case.circumstances.today) is True
    return _DECIDES if hidden and not has else None


def secret_of_adult(case: Case) -> Values | None:
    minor = case.usager.minor_on(case.circumstances.today) is True
    return _DECIDES if case.document.secret_connection is True and not minor else None


def hidden_from_addressee(case: Case) -> Values | None:
    document = case.document
    return _DECIDES if document.hidden_from_usager is True or document.hidden_from_representatives is True else None


def nobody_sees(case: Case) -> Values | None:
    document = case.document
    both = document.hidden_from_usager is True and document.masked_from_professionals is True
    return _DECIDES if both else None


def ask_hidden(case: Case) -> Values | None:
    return _DECIDES if case.document.hidden_from_usager is True else None


def masked(case: Case) -> Values | None:
    return _DECIDES if case.document.masked_from_professionals is True else None
