"""The identity of one usager after another, between the mapping of a record and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final
from zoneinfo import ZoneInfo

from dui_bridge.connectors.insi.echelle import End
from dui_bridge.connectors.insi.settings import InsiSettings
from dui_bridge.errors import DuiBridgeError, FixConfiguration, FixData, JournalUnusable
from dui_bridge.findings import Finding, Who
from dui_bridge.ins.compare import Kind, differences
from dui_bridge.ins.effective import effective, first_seen, seen_again
from dui_bridge.ins.gate import ins_refusals
from dui_bridge.ins.preflight import Preflight, preflight
from dui_bridge.ins.rules import ANONYMOUS, NIR_DISAGREES
from dui_bridge.ins.statut import Evenement, Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.ins.transitions import admits, answer_event, apply, traits_of_answer
from dui_bridge.journal.identity_records import IdentityEntry, IdentityEvent, IdentityState, KnownIdentity
from dui_bridge.journal.keys import blind
from dui_bridge.journal.records import DossierEntry, Json
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.model.identite import StatutIdentite, Usager
from dui_bridge.model.insi import Individu
from dui_bridge.pipeline.fingerprints import IDENTITY
from dui_bridge.pipeline.identity import rules
from dui_bridge.pipeline.identity.calls import Caller
from dui_bridge.pipeline.identity.decide import Circumstances, Situation, decide
from dui_bridge.pipeline.identity.pieces import ended, latest, marks_beside, part_of, values_of
from dui_bridge.pipeline.identity.record import IdentityRecord, Proposed, Search, from_json, to_json
from dui_bridge.pipeline.identity.twins import Twins
from dui_bridge.pipeline.results import CALLS, DUE, SourceResult
from dui_bridge.site.settings import Site
from dui_bridge.validation.packs import places

_PAGE: Final = 200
_IN_A_ROW: Final = 3
"""Failures after which INSi is left alone: one alone may be about one person (siram_40 on the national test base)."""
_YEAR: Final = timedelta(days=365)
LECTURE: Final = "lecture"
"""The event of a change that the DUI's own words make."""
SHARED: Final = "ins_partagee"
"""The event of a matricule that another dossier of the establishment has as well, or no longer."""
ANONYME: Final = "anonyme"
"""The event of a dossier that becomes anonymous."""


@dataclass(frozen=True)
class Asked:
    """Who reads, and who is here.

    Args:
        by: who asked; a run names itself.
        run: its id; empty when a person asks.
        visits: dossier numbers of persons who are here now: INSi may be asked for them.
        calls: INSi may be asked at all; False for a dry run.
    """

    by: str
    run: str = ""
    visits: frozenset[str] = frozenset()
    calls: bool = True


@dataclass
class _Person:
    """One usager while the identity is being settled."""

    usager: Usager
    marks: Mapping[str, str]
    entry: DossierEntry
    check: Preflight
    known: KnownIdentity | None
    before: IdentityRecord | None
    circumstances: Circumstances
    record: IdentityRecord
    situation: Situation = field(default_factory=lambda: Situation(IdentityState.BLOCKED))
    events: list[IdentityEvent] = field(default_factory=list)
    called_at: datetime | None = None
    verified_at: datetime | None = None

    @property
    def statut(self) -> StatutIdentite:
        return self.record.identite.statut

    @property
    def identite(self) -> Identite:
        """The identity as it counts: without its INS while another dossier of the establishment has the same one."""
        return self.record.counting


class IdentityStep:
    """Settles identities, for one source of a site whose file declares `insi`; `with` closes the service.

    Two dossiers of one establishment that have one matricule are both withheld: the one that is read second at once,
    the first one at its next reading at the latest. Whether they still do is looked at anew at each reading.

    Args:
        journal: None when nothing is known yet (a first dry run).
        writes: whether the journal is written.
    """

    def __init__(
        self,
        site: Site,
        settings: InsiSettings,
        key: bytes,
        journal: Journal | None,
        result: SourceResult,
        asked: Asked,
        *,
        writes: bool,
    ) -> None:
        self._site, self._settings, self._key = site, settings, key
        self._journal, self._result, self._asked = journal, result, asked
        self._writes, self._places = writes, places()
        self._caller: Caller | None = None
        self._down: DuiBridgeError | None = None
        self._failures = 0
        self._open = ExitStack()
        self._pending: list[tuple[DossierEntry, IdentityEntry]] = []
        self._twins = None if journal is None else Twins(journal, self.flush)

    def __enter__(self) -> IdentityStep:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def of(self, mapped: Mapped, entry: DossierEntry) -> Mapped:
        """The record with the person as documents and policy are to see them.

        Args:
            entry: what the journal keeps of the dossier, of the DUI's own words.
        Raises:
            JournalUnusable: it could not be read or written.
        """
        if mapped.dossier is None:
            return mapped
        if mapped.dossier.usager.anonyme is True:
            self._forget(mapped, entry, mapped.dossier.usager)
            return mapped
        person = self._read(mapped, entry, mapped.dossier.usager)
        if person.situation.call is not None and self._writes and self._asked.calls and self._journal is not None:
            self._search(person, self._journal)
        elif person.situation.call is not None:
            self._result.identities[DUE] += 1
        self._result.identities[str(person.situation.state)] += 1
        values = self._values(person)
        self._tell(mapped, person, values)
        self._keep(person, values)
        identite = person.identite
        dossier = mapped.dossier.model_copy(update={"usager": effective(person.usager, identite)})
        part = part_of(identite, withheld=identite is not person.record.identite)
        return replace(mapped, dossier=dossier, marks=marks_beside(identite, mapped.marks), added={IDENTITY: part})

    def flush(self) -> None:
        """Writes what is left of the page."""
        if self._journal is not None and self._pending:
            self._journal.identities.store(self._pending, datetime.now(UTC))
            if self._twins is not None:
                self._twins.written()
        self._pending = []

    def _read(self, mapped: Mapped, entry: DossierEntry, usager: Usager) -> _Person:
        known = None if self._journal is None else self._journal.identities.of(entry.source, entry.usager_key)
        # Of a dossier that was anonymous nothing is kept: the DUI's own words count as at the first reading.
        before = None if known is None or known.cause == ANONYMOUS.id else from_json(known.record)
        today = datetime.now(self._zone(mapped)).date()
        check = preflight(usager, mapped.marks, today, self._places)
        identite = first_seen(usager) if before is None else seen_again(before.identite, usager)
        digest = self._traits_digest(check.traits)
        search = before.search if before is not None else None
        same = search is not None and search.traits == digest
        if search is not None and not same:
            # An answer to other traits is nobody's to accept: it may be that of another person.
            search = replace(search, individu=None)
        record = IdentityRecord(
            identite,
            check.traits,
            search,
            tuple(Proposed(one.trait, one.value, one.confidence, one.why.id) for one in check.proposals),
            error=before.error if before is not None and same else "",
        )
        settled = before is not None and before.twin is None and before.number == record.number
        twin = self._twin(entry, known, record.number, settled=settled)
        if twin is None and before is not None and before.twin is not None and search is not None:
            # The answer waited for the other dossier only, which has the number no more: INSi is asked again.
            record = replace(record, search=replace(search, individu=None))
        record = replace(record, twin=twin)
        dossier = mapped.dossier
        error = next((finding.rule for finding in check.findings if finding.is_error), None)
        circumstances = Circumstances(
            today,
            digest,
            known.local if known is not None else None,
            known.state if known is not None else None,
            error,
            dossier.sejours if dossier is not None else (),
            latest(usager.ins.document.le, identite.document.le if identite.document is not None else None),
            latest(usager.ins.qualifie_le, known.verified_at.date() if known and known.verified_at else None),
            mapped.key in self._asked.visits,
        )
        person = _Person(usager, mapped.marks, entry, check, known, before, circumstances, record)
        person.situation = self._decide(person, circumstances)
        if before is not None:
            was, event = before.counting.statut, LECTURE if before.twin == twin else SHARED
            if was is not person.identite.statut:
                self._note(person, event, was, person.identite.statut)
        return person

    def _decide(self, person: _Person, circumstances: Circumstances) -> Situation:
        settings, identite = self._settings, person.identite
        gate: tuple[str, ...] = ()
        if identite.statut is StatutIdentite.QUALIFIEE:
            seen = effective(person.usager, identite)
            refusals = ins_refusals(seen, self._site.profile, marks_beside(identite, person.marks))
            gate = tuple(str(one) for one in refusals)
        return decide(
            person.record,
            replace(circumstances, gate=gate),
            settings.call_on,
            timedelta(days=settings.recent_days),
            settings.reverify_years * _YEAR,
        )

    def _search(self, person: _Person, journal: Journal) -> None:
        """Asks INSi, unless it has failed before in this reading."""
        envoi = person.check.envoi
        if envoi is None:
            return
        digest = person.circumstances.traits
        try:
            if self._down is not None:
                raise self._down
            parcours = self._calling(journal).search(person.entry, envoi)
        except JournalUnusable:
            raise
        except DuiBridgeError as error:
            self._failed(error)
            language = self._site.language
            values = {"message": error.message(language), "action": error.action(language)}
            rule = replace(rules.NO_ANSWER, who=error.who)
            person.record = replace(person.record, error=error.code)
            person.situation = Situation(IdentityState.RETRY, rule, error.who, values=values)
            return
        self._failures = 0
        self._result.identities[CALLS] += len(parcours.calls)
        if parcours.calls:
            person.called_at = datetime.now(UTC)
        if parcours.end is End.HELD:
            values = {"cap": str(self._settings.daily_cap)}
            person.situation = Situation(IdentityState.RETRY, rules.WAITS, Who.NOBODY, values=values)
            return
        person.record = replace(person.record, search=ended(digest, parcours), error="", twin=None)
        if parcours.individu is not None:
            self._found(person, parcours.individu)
        confirmed = latest(person.circumstances.confirmed, person.circumstances.today if person.verified_at else None)
        person.circumstances = replace(person.circumstances, visit=False, state=None, confirmed=confirmed)
        person.situation = replace(self._decide(person, person.circumstances), call=None)

    def _failed(self, error: DuiBridgeError) -> None:
        """Counts a failure: INSi is left alone when it cannot be used at all, or has failed for several in a row."""
        if isinstance(error, FixData):
            return
        self._failures += 1
        if self._down is None and (isinstance(error, FixConfiguration) or self._failures >= _IN_A_ROW):
            self._down = self._result.insi_down = error

    def _found(self, person: _Person, individu: Individu) -> None:
        """INSi knows somebody: the answer is taken, or kept for a person to compare."""
        identite, local = person.record.identite, person.check.traits
        evenement = answer_event(identite, local, individu)
        twin = self._twin(person.entry, person.known, individu.actif.matricule15)
        pending = replace(person.record.search or Search(""), individu=individu)
        if evenement is Evenement.INSI_DIFFERENT or twin is not None:
            different = evenement is Evenement.INSI_DIFFERENT and admits(identite, evenement)
            if different:
                identite = apply(identite, evenement)
            was = person.identite.statut
            person.record = replace(person.record, identite=identite, search=pending, twin=twin)
            if different or was is not person.identite.statut:
                self._note(person, evenement if different else SHARED, was, person.identite.statut)
            return
        person.record = replace(person.record, identite=apply(identite, evenement, local=local, individu=individu))
        person.verified_at = datetime.now(UTC)
        self._note(person, evenement, identite.statut, person.statut)

    def _twin(
        self, entry: DossierEntry, known: KnownIdentity | None, matricule: str, *, settled: bool = False
    ) -> int | None:
        return None if self._twins is None else self._twins.of(entry, known, matricule, settled=settled)

    def _calling(self, journal: Journal) -> Caller:
        if self._caller is None:
            from dui_bridge.pipeline.identity.service import open_insi  # a network library, which most runs need not

            service = open_insi(self._site)
            self._open.callback(service.close)
            now = datetime.now().astimezone()
            self._caller = Caller(
                service,
                journal,
                self._settings,
                lambda: datetime.now(UTC),
                now.replace(hour=0, minute=0, second=0, microsecond=0),
                self._asked.by,
                self._asked.run,
            )
        return self._caller

    def _note(self, person: _Person, event: str, before: StatutIdentite, after: StatutIdentite) -> None:
        """An event of the history; one that takes the INS back lists what carries it out there."""
        detail: dict[str, Json] = {}
        if before is StatutIdentite.QUALIFIEE and after is not before and person.known is not None:
            detail["deposited"] = list(self._deposited(person.known.dossier_id))
        person.events.append(
            IdentityEvent(str(event), before.value, after.value, self._asked.by, self._asked.run, detail=detail)
        )

    def _deposited(self, dossier_id: int) -> list[str]:
        if self._journal is None:
            return []
        return [
            f"{one.doc_type} {one.unique_id} ({one.destination})"
            for one in self._journal.identities.deposited(dossier_id)
        ]

    def _tell(self, mapped: Mapped, person: _Person, values: Mapping[str, str]) -> None:
        """The findings of this person: why the INS is not qualified, and what was handed over with one that was.

        Args:
            values: what fills the words of the situation's rule.
        """
        rule, found = person.situation.rule, []
        shown = {"dossier": mapped.key, "source": person.entry.source}
        if rule is not None and rule is person.circumstances.refused:
            found += [one for one in person.check.findings if one.is_error]
        elif rule is not None:
            found.append(Finding(rule, None, {**shown, **values}, "usager"))
        if person.identite.statut is StatutIdentite.QUALIFIEE:
            found += [one for one in person.check.findings if one.rule is NIR_DISAGREES]
        for event in person.events:
            if "deposited" in event.detail:
                listed = event.detail["deposited"]
                nothing = rules.NOTHING_DEPOSITED[self._site.language == "fr"]
                documents = ", ".join(map(str, listed)) if isinstance(listed, list) and listed else nothing
                lost = {**shown, "event": event.event, "documents": documents}
                found.append(Finding(rules.LOST, None, lost, "usager"))
        self._result.add_findings(
            replace(one, at=one.at or mapped.origin(one.path), dossier=mapped.key) for one in found
        )

    def _values(self, person: _Person) -> dict[str, str]:
        """What fills the words of the situation's rule."""
        values = dict(person.situation.values)
        record = person.record
        if person.situation.rule is not None and person.situation.rule is person.circumstances.refused:
            values |= next(one.values for one in person.check.findings if one.is_error)
        if record.search is not None and record.search.individu is not None:
            answer = traits_of_answer(record.search.individu, record.locaux)
            unlike = [one for one in differences(record.locaux, answer) if one.kind is not Kind.EQUIVALENT]
            named = [one for one in unlike if one.kind is Kind.DIFFERENT] or unlike
            for place, key in enumerate(("traits", "traits_fr")):
                values[key] = ", ".join(rules.TRAITS[one.trait][place] for one in named)
        if record.twin is not None and self._journal is not None:
            other = self._journal.identities.get(record.twin)
            values["other"] = other.number if other is not None else ""
        if person.circumstances.confirmed is not None:
            values["day"] = f"{person.circumstances.confirmed:%d/%m/%Y}"
        return values

    def _keep(self, person: _Person, values: Mapping[str, str]) -> None:
        """Stores the identity where it is not what is known already."""
        if not self._writes or self._journal is None:
            return
        situation, known = person.situation, person.known
        record = replace(person.record, values=tuple(sorted(values.items())))
        kept = to_json(record)
        cause = situation.rule.id if situation.rule is not None else ""
        if situation.state is IdentityState.RETRY and record.error:
            cause = record.error
        same = known is not None and (known.record, known.state, known.cause) == (kept, situation.state, cause)
        if same and not person.events:
            return
        if self._twins is not None:
            self._twins.keep(record.identite.matricule)
        self._pending.append(
            (
                person.entry,
                IdentityEntry(
                    person.identite.statut.value,
                    situation.state,
                    cause,
                    str(situation.who),
                    person.circumstances.traits,
                    kept,
                    record.identite.matricule,
                    person.called_at,
                    person.verified_at,
                    tuple(person.events),
                ),
            )
        )
        if len(self._pending) >= _PAGE:
            self.flush()

    def _forget(self, mapped: Mapped, entry: DossierEntry, usager: Usager) -> None:
        """A dossier that becomes anonymous: of whom it was about nothing stays in what is known of its identity."""
        known = None if self._journal is None else self._journal.identities.of(entry.source, entry.usager_key)
        if known is None or known.cause == ANONYMOUS.id:
            return
        before = from_json(known.record)
        record = IdentityRecord(Identite(), Traits("", "", "", "", "", ""))
        circumstances = Circumstances(datetime.now(self._zone(mapped)).date(), "")
        check = Preflight((), record.locaux, None, ())
        person = _Person(usager, {}, entry, check, known, before, circumstances, record)
        person.situation = Situation(IdentityState.BLOCKED, ANONYMOUS, ANONYMOUS.who)
        self._note(person, ANONYME, before.counting.statut, record.identite.statut)
        self._result.identities[str(person.situation.state)] += 1
        values = self._values(person)
        self._tell(mapped, person, values)
        self._keep(person, values)

    def _traits_digest(self, traits: Traits) -> str:
        return blind(self._key, "traits", *values_of(traits))

    @staticmethod
    def _zone(mapped: Mapped) -> ZoneInfo:
        return mapped.establishment.timezone if mapped.establishment is not None else ZoneInfo("Europe/Paris")
