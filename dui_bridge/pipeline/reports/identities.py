"""`ins worklist` and `ins history`: the identities that wait, with both sides of each, and what happened to one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.ins.compare import Difference, Kind, differences
from dui_bridge.ins.traits import Traits
from dui_bridge.ins.transitions import traits_of_answer
from dui_bridge.journal.identity_records import IdentityEvent, IdentityState, KnownCall, KnownIdentity
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.model.insi import Individu
from dui_bridge.pipeline.identity.record import IdentityRecord, from_json
from dui_bridge.pipeline.reports.causes import Cause, explain_cause
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text

WAITING: Final = (
    IdentityState.TO_DECIDE,
    IdentityState.TO_CHECK,
    IdentityState.BLOCKED,
    IdentityState.RETRY,
    IdentityState.TO_CALL,
    IdentityState.TO_VERIFY,
)
"""What is shown, in this order: first what a person here can end."""

MARKS: Final = {Kind.DIFFERENT: "≠", Kind.MISSING: "?", Kind.EQUIVALENT: "≈"}
"""How two values stand to one another; none when they are the same."""

_LABEL: Final = 12
_TRAIT: Final = 20
_VALUE: Final = 28


@dataclass(frozen=True)
class Waiting:
    """One identity as the worklist shows it. `record` is that of `known`."""

    known: KnownIdentity
    record: IdentityRecord = field(repr=False)

    @property
    def pending(self) -> Individu | None:
        """Whom INSi found with the traits that the DUI gives now, for a person to compare."""
        search = self.record.search
        return None if search is None else search.pending(self.known.local)

    @property
    def insi(self) -> Traits | None:
        """The traits of INSi: of the answer that waits for a decision, else those recovered."""
        pending = self.pending
        return self.record.identite.traits if pending is None else traits_of_answer(pending, self.record.locaux)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The traits that are not written the same on both sides."""
        return () if self.insi is None else differences(self.record.locaux, self.insi)

    @property
    def matricule(self) -> str:
        """The number: whole where a person has to compare, its middle hidden elsewhere; empty when none is known."""
        if self.known.state is IdentityState.TO_DECIDE and self.pending is not None:
            return self.pending.actif.matricule15
        return masked(self.record.identite.matricule or "")

    def cause(self, language: Language) -> Cause:
        """Why it waits, what to do (ready to be typed) and who acts."""
        known = self.known
        values = {**dict(self.record.values), "source": known.source, "dossier": known.number}
        apart = [text(f"trait_{one.trait}", language) for one in self.differences if one.kind is not Kind.EQUIVALENT]
        if apart:
            values["traits"] = ", ".join(apart)
        return explain_cause(known.cause, values, language, state=known.state, who=known.who)

    def row(self, language: Language) -> dict[str, Json]:
        """For machines."""
        known, cause, insi = self.known, self.cause(language), self.insi
        return {
            "dossier": known.number,
            "source": known.source,
            "establishment": known.finess,
            "state": known.state.value,
            "statut": known.statut,
            "code": known.cause,
            "message": cause.message,
            "action": cause.action,
            "who": str(cause.who),
            "since": known.since.isoformat(timespec="minutes"),
            "called_at": None if known.called_at is None else known.called_at.isoformat(timespec="minutes"),
            "matricule": self.matricule,
            "local": dict(shown_traits(self.record.locaux)),
            "insi": None if insi is None else dict(shown_traits(insi)),
            "differences": [{"trait": one.trait, "kind": str(one.kind)} for one in self.differences],
            "proposals": [
                {"trait": one.trait, "value": one.value, "confidence": one.confidence, "code": one.reason}
                for one in self.record.proposals
            ],
        }


@dataclass(frozen=True)
class WorklistPage:
    """The worklist for a terminal.

    Args:
        limit: how many of each state are shown; of the others their number.
        zone: in which times are shown.
    """

    limit: int
    zone: tzinfo
    language: Language

    def lines(self, found: Sequence[Waiting]) -> Iterator[str]:
        """A block for each identity, state by state."""
        ordered = sorted(found, key=lambda one: (WAITING.index(one.known.state), one.known.cause, one.known.since))
        for state, group in groupby(ordered, key=lambda one: one.known.state):
            people = list(group)
            yield f"{self._text(f'identity_{state}').upper()} ({len(people)})"
            for one in people[: self.limit]:
                yield from self._block(one)
            if (more := len(people) - self.limit) > 0:
                command = f"dui-bridge ins worklist --state {state} --limit {len(people)}"
                yield f"  {self._text('review_more').format(number=more, command=command)}"
            yield ""

    def _block(self, one: Waiting) -> Iterator[str]:
        known, cause = one.known, one.cause(self.language)
        statut = self._text(f"statut_{known.statut}")
        yield f"  {known.source}  {self._text('dossier')} {known.number}  {known.finess or ''}  {statut}"
        yield self._labelled("label_why", f"{cause.message.rstrip('.')} [{known.cause}]")
        yield self._labelled("label_since", moment(known.since, self.zone, self.language))
        if one.matricule:
            yield self._labelled("label_matricule", one.matricule)
        if one.insi is not None:
            yield from self._compared(one.record.locaux, one.insi, one.differences)
        for proposed in one.record.proposals if one.insi is None else ():
            words = f"{self._text(f'trait_{proposed.trait}')} : {proposed.value} ({proposed.confidence:.0%})"
            yield self._labelled("label_proposal", words)
        yield self._labelled("label_todo", cause.action)
        yield self._labelled("label_who", self._text(f"who_{cause.who}"))

    def _compared(self, local: Traits, insi: Traits, found: Sequence[Difference]) -> Iterator[str]:
        """Both sides of every trait, a mark where they differ."""
        marks = {one.trait: MARKS[one.kind] for one in found}
        yield f"    {'':<{_LABEL + _TRAIT + 2}}{'DUI':<{_VALUE}}INSi"
        for (trait, ours), (_, theirs) in zip(shown_traits(local), shown_traits(insi), strict=True):
            name = self._text(f"trait_{trait}")
            yield f"    {'':<{_LABEL}}{name:<{_TRAIT}}{marks.get(trait, ''):<2}{ours or '-':<{_VALUE}}{theirs or '-'}"

    def _labelled(self, key: str, words: str) -> str:
        return f"    {self._text(key):<{_LABEL}}{words}"

    def _text(self, key: str) -> str:
        return text(key, self.language)


@dataclass(frozen=True)
class History:
    """What is known of one identity and what happened to it, the oldest first."""

    now: Waiting
    events: tuple[IdentityEvent, ...]
    calls: tuple[KnownCall, ...]

    def as_dict(self, language: Language) -> dict[str, Json]:
        """For machines; numbers with their middle hidden."""
        identite = self.now.record.identite
        document = identite.document
        return {
            **self.now.row(language),
            "matricule": masked(identite.matricule or ""),
            "oid": identite.oid,
            "former": [{"matricule": masked(number), "oid": oid} for number, oid in identite.historique],
            "document": None if document is None else document.model_dump(mode="json"),
            "events": [
                {
                    "at": None if one.at is None else one.at.isoformat(timespec="seconds"),
                    "event": one.event,
                    "before": one.before,
                    "after": one.after,
                    "by": one.by,
                    "origin": one.origin,
                    "reason": one.reason,
                    "detail": dict(one.detail),
                }
                for one in self.events
            ],
            "calls": [
                {
                    "at": one.at.isoformat(timespec="seconds"),
                    "step": one.step,
                    "code": one.code,
                    "by": one.by,
                    "message_id": one.message_id,
                }
                for one in self.calls
            ],
        }

    def lines(self, zone: tzinfo, language: Language) -> Iterator[str]:
        """For a terminal: how it stands, then events and calls by time."""
        known, identite = self.now.known, self.now.record.identite
        parts = (text(f"statut_{known.statut}", language), masked(identite.matricule or ""))
        yield f"{known.source}  {text('dossier', language)} {known.number}  {'  '.join(filter(None, parts))}"
        if known.cause:
            cause = self.now.cause(language)
            yield f"  {cause.message.rstrip('.')} [{known.cause}]"
            yield f"  {cause.action}"
        for _, line in sorted([*self._events(zone, language), *self._calls(zone, language)], key=lambda one: one[0]):
            yield line

    def _events(self, zone: tzinfo, language: Language) -> Iterator[tuple[datetime, str]]:
        for one in self.events:
            if one.at is None:
                continue
            words = text(f"event_{one.event}", language)
            why = f" ({one.reason})" if one.reason else ""
            steps = dict.fromkeys((one.before, one.after))
            statuts = " → ".join(text(f"statut_{statut}", language) for statut in steps)
            shown = f"  {moment(one.at, zone, language)}  {words} ({statuts})  {one.by}{why}"
            listed = one.detail.get("deposited")
            handed = ", ".join(map(str, listed)) if isinstance(listed, list) else ""
            yield one.at, shown + (f"\n      {text('ins_deposited', language)} {handed}" if handed else "")

    def _calls(self, zone: tzinfo, language: Language) -> Iterator[tuple[datetime, str]]:
        for one in self.calls:
            code = one.code or text("ins_no_end", language)
            yield one.at, f"  {moment(one.at, zone, language)}  INSi {one.step or '?'}: {code}  {one.by}"


def worklist(
    journal: Journal,
    states: Collection[IdentityState] = WAITING,
    *,
    source: str | None = None,
    finess: str | None = None,
) -> list[Waiting]:
    """The identities in these states, of dossiers that are still read."""
    found: list[Waiting] = []
    after = 0
    while page := journal.identities.page(states, source=source, finess=finess, after=after):
        found += [waiting(one) for one in page if one.record]
        after = page[-1].dossier_id
    return found


def waiting(known: KnownIdentity) -> Waiting:
    """An identity with its record read."""
    return Waiting(known, from_json(known.record))


def history(journal: Journal, known: KnownIdentity) -> History:
    """What happened to an identity."""
    events = tuple(journal.identities.events(known.dossier_id))
    return History(waiting(known), events, tuple(journal.identities.calls(known.dossier_id)))


def masked(number: str) -> str:
    """A matricule with its middle hidden: `184**********42`."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) > 5 else number


def shown_traits(traits: Traits) -> Iterator[tuple[str, str]]:
    """Trait and value, in the order of `Traits`."""
    for name in Traits.__dataclass_fields__:
        yield name, str(getattr(traits, name))
