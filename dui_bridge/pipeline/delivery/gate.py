"""Where policy meets the journal: what persons decided and declared becomes the circumstances of a ruling."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from dui_bridge.ins.gate import Refusal
from dui_bridge.journal.baselines import EVERY
from dui_bridge.journal.control_records import KnownHold
from dui_bridge.journal.identity_records import IdentityState, KnownIdentity
from dui_bridge.journal.records import DeliveryCase, KnownDelivery
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel, Operation
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.states import ARRIVED
from dui_bridge.pipeline.delivery.addressing import MAIL, Addressing, entry_of
from dui_bridge.pipeline.delivery.destinations import closed, open_destinations
from dui_bridge.pipeline.delivery.refusals import Refusals
from dui_bridge.pipeline.delivery.rules import DAMAGED, NOT_CONFIGURED
from dui_bridge.pipeline.identity.record import matricule_of
from dui_bridge.pipeline.policy.addressing import addressed, remaining
from dui_bridge.pipeline.policy.chain import Ruling, Verdict, decide
from dui_bridge.pipeline.policy.checks import Circumstances, DestinationFacts
from dui_bridge.pipeline.policy.defaults import Establishment, PolicyRules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts, domain_of, ins_digest, seen_of
from dui_bridge.pipeline.policy.recipients import Addressed
from dui_bridge.pipeline.policy.rules import ADDED
from dui_bridge.site.settings import Site

_LOOK_AGAIN: Final = timedelta(seconds=1)
"""How soon a hold or a declaration that a person adds counts for what has not left."""
_BACKFILL: Final = "backfill"


class Gate:
    """Asks policy about deliveries, and whether their destination takes anything of their establishment now.

    One object, one thread; holds, declarations, baselines, suspect mailboxes, refused establishments and identities are
    read again every second.

    Args:
        rules: the defaults with what the site's policy files add.
        fresh: just before a send: what changed since the delivery before it counts at once.
        at_once: an establishment that its destination refused is tried now, once.
    """

    def __init__(
        self, site: Site, journal: Journal, rules: PolicyRules, *, fresh: bool = False, at_once: bool = False
    ) -> None:
        self._journal, self._rules, self._fresh = journal, rules, fresh
        self._closed = {name: rule for name in site.destinations if (rule := closed(site, name)) is not None}
        self._destinations = {
            opened.name: DestinationFacts(
                opened.name,
                opened.kind,
                opened.channel,
                date.fromisoformat(opened.settings.start) if opened.settings.start is not None else None,
                {kind.value: how for kind, how in opened.settings.types.items()},
            )
            for opened in open_destinations(site).values()
        }
        self._zones = {one.finess: one.timezone for one in site.establishments}
        self._establishments = {
            one.finess: Establishment(one.finess, one.category, domain_of(one.category)) for one in site.establishments
        }
        self._addressing = Addressing(site, rules)
        self._writing = {one.finess for one in site.declaration.establishments if one.mailbox is not None}
        self._read_at: datetime | None = None
        self._mark: str | None = None
        self._holds: list[KnownHold] = []
        self._baselines: dict[str, date] = {}
        self._suspect: Container[str] | None = None
        self._informed: dict[tuple[str, Channel], list[date]] = {}
        self._backfills: dict[int, bool] = {}
        # A site that does not ask INSi has no identities but the DUI's own words: those are in the facts.
        self._asks_insi = site.declaration.insi is not None
        self._identities: dict[int, KnownIdentity | None] = {}
        self._refusals = Refusals(at_once=at_once)

    def ruling(self, case: DeliveryCase, now: datetime) -> Ruling:
        """What policy says of a delivery now. `now` is aware."""
        ruling = self._policy(case, now)
        refusal = self._refusals.of(case.delivery, now) if ruling.allows else None
        return ruling if refusal is None else replace(ruling, verdict=Verdict.HOLD, rule=refusal, values={})

    def _policy(self, case: DeliveryCase, now: datetime) -> Ruling:
        delivery = case.delivery
        destination = self._destinations.get(delivery.destination)
        if destination is None:
            return Ruling(Verdict.HOLD, self._closed.get(delivery.destination, NOT_CONFIGURED), {}, ())
        if case.damaged:
            # What is not known of a person forbids nothing: it must not be asked.
            return Ruling(Verdict.HOLD, DAMAGED, {}, ())
        changed = self._fresh and case.policy_mark != self._mark
        if changed or self._read_at is None or not timedelta(0) <= now - self._read_at < _LOOK_AGAIN:
            self._read(now)
            self._mark = case.policy_mark
        elif self._fresh:
            # The mark does not tell of one usager, or of one mailbox.
            self._suspect, self._identities = None, {}
        today = now.astimezone(self._zones.get(delivery.finess)).date()
        informed = self._informed.get((delivery.finess, destination.channel), [])
        circumstances = Circumstances(
            today=today,
            destination=destination,
            establishment=self._establishments.get(delivery.finess),
            source=delivery.source,
            dossier_id=delivery.dossier_id,
            series_id=delivery.series_id,
            holds=self._holds,
            decision=case.decided,
            # The latest reaches most: a declaration does not cover who came after it.
            informed_on=max((day for day in informed if day <= today), default=None),
            run_held=case.held,
            not_standing=case.not_standing,
            baseline=self._baseline(delivery.destination),
            backfill=self._is_backfill(delivery),
            added=delivery.cause == ADDED.id,
        )
        usager, seen = UsagerFacts.from_json(case.usager), seen_of(case.document)
        if usager.ins_qualified and seen[0].with_ins and not self.ins_stands(delivery, seen):
            usager = replace(usager, ins_qualified=False, ins_refusals=(Refusal.CHANGED.value,))
        if destination.channel not in MAIL:
            return self._decided(usager, seen, circumstances)
        # Each recipient is asked about: who is written to is of the team, or the person agreed to sharing with them.
        circumstances = replace(circumstances, recipients_in_team=True)
        ruling = self._decided(usager, seen, circumstances)
        if self._suspect is None:
            self._suspect = self._journal.receipts.suspects() if self._writing else ()
        chosen = self._addressing.of(case, destination.channel, today, self._suspect)
        is_rest = delivery.operation is Operation.SEND
        if is_rest or (ruling.allows and any(one.sends for one in chosen)):
            chosen = self._still(delivery, destination.channel, chosen)
        without = "" if delivery.finess in self._writing else delivery.finess
        return addressed(ruling, chosen, without, is_rest=is_rest)

    def _decided(self, usager: UsagerFacts, seen: Sequence[DocumentFacts], circumstances: Circumstances) -> Ruling:
        """Of the document as it is seen, whichever is let through less: a mapping that was corrected may hold back what
        it would make otherwise, and lets go nothing that it has not made."""
        rulings = (decide(usager, facts, circumstances, self._rules) for facts in seen)
        return max(rulings, key=lambda ruling: ruling.verdict.rank)

    def _still(self, delivery: KnownDelivery, channel: Channel, chosen: tuple[Addressed, ...]) -> tuple[Addressed, ...]:
        """Those whom a mail is for; who has the document already gets it no more."""
        if channel is not Channel.MSSANTE_PRO or delivery.state in ARRIVED:
            return chosen
        reached = self._journal.addressees.of(delivery)
        return remaining(chosen, lambda one: reached.has(entry_of(one)), lambda one: reached.is_meant(entry_of(one)))

    def ins_stands(self, delivery: KnownDelivery, seen: Sequence[DocumentFacts]) -> bool:
        """Whether the INS in a document is still that of its usager: identities change between two runs, too.

        The facts of the usager are those of the last run; `ins qualify` and what a professional decides come after.

        Args:
            seen: of `seen_of`.
        """
        document = seen[0]
        if any(read.ins not in (None, document.ins) for read in seen):
            return False
        if not self._asks_insi:
            return True
        dossier = delivery.dossier_id
        if dossier not in self._identities:
            self._identities[dossier] = self._journal.identities.get(dossier)
        known = self._identities[dossier]
        if known is None:
            return True
        if known.statut != StatutIdentite.QUALIFIEE.value or known.state is IdentityState.TO_DECIDE:
            return False
        matricule = matricule_of(known.record)
        return matricule is not None and document.ins in (None, ins_digest(matricule))

    def _read(self, now: datetime) -> None:
        self._holds = self._journal.decisions.holds(now)
        self._informed = {}
        for one in self._journal.decisions.informations():
            self._informed.setdefault((one.finess, one.channel), []).append(one.day)
        self._baselines = self._journal.baselines.all()
        self._suspect = None
        self._identities = {}
        self._refusals.known = self._journal.brakes.of_establishments()
        self._read_at = now

    def _baseline(self, destination: str) -> date | None:
        """The later of its own and the one of every destination: before either, everything is known."""
        days = [self._baselines[name] for name in (destination, EVERY) if name in self._baselines]
        return max(days, default=None)

    def _is_backfill(self, delivery: KnownDelivery) -> bool:
        if delivery.task is None:
            return False
        if delivery.task not in self._backfills:
            task = self._journal.tasks.get(delivery.task)
            self._backfills[delivery.task] = task is not None and task.kind == _BACKFILL
        return self._backfills[delivery.task]
