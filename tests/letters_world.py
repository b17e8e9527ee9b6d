"""A site that writes letters by mail to several recipients, and an operator that takes them or not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from delivery_world import AT, KEY, MEMORY, built

from dui_bridge.connectors.mssante.errors import RecipientUnknown
from dui_bridge.connectors.mssante.replies import rule_of
from dui_bridge.connectors.ports import DeliveryContext, Prepared
from dui_bridge.errors import AnswerLost
from dui_bridge.findings import Finding
from dui_bridge.journal.inbox_records import CameMail, MailState, ReceiptEntry, Treated
from dui_bridge.journal.records import (
    DeliveryCase,
    DossierEntry,
    Fingerprints,
    ItemEntry,
    KnownDelivery,
    NewVersion,
    PlannedDelivery,
    SeriesKey,
)
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Answer, BuiltDocument, Channel, DocumentIds, Outcome, Untaken
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.replays import preview, replay
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import plan
from dui_bridge.pipeline.delivery.standing import align
from dui_bridge.pipeline.delivery.worker import Tools, Worker
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind
from dui_bridge.site.settings import Site

LHSS, MAIL = "420000044", "mssante"
HOSPITAL = Recipient(RecipientKind.HOPITAL, name="CH du Furan", mailbox="addicto@exemple.mssante.fr")
DOCTOR = Recipient(
    RecipientKind.MEDECIN_TRAITANT, name="Dr Camille Durand", rpps="10000000001", mailbox="cd@medecin.mssante.fr"
)
CLINIC = Recipient(RecipientKind.HOPITAL, name="Clinique de l'Ondaine", mailbox="sejours@clinique.mssante.fr")
UNREACHED = replace(DOCTOR, mailbox=None)
STALE = replace(DOCTOR, known_on=(AT - timedelta(days=2000)).date())
PERSON = Recipient(RecipientKind.USAGER)
FACTS = UsagerFacts(anonymous=False, opposition_mssante_pro=False, consent_hospital=True, consent_treating_doctor=True)
LETTER = DocumentFacts(
    type=TypeDocument.LETTRE_LIAISON_SORTIE.value,
    dated=AT.date(),
    valid=True,
    in_force=True,
    author_physician=True,
)
S = DeliveryState
GONE = Finding(rule_of(RecipientUnknown))


@dataclass
class Operator:
    """Takes mails for everybody but those it refuses: for good, or (None) for now. `sent`: recipients, mail by mail."""

    refuses: dict[str, Finding | None] = field(default_factory=dict)
    sent: list[set[str]] = field(default_factory=list)
    asked: DeliveryContext | None = None
    left: list[DeliveryContext] = field(default_factory=list)
    lost: bool = False

    def open_destination(self, settings: object, source: str, means: object) -> Operator:
        return self

    def channel_of(self, settings: object) -> Channel:
        return Channel.MSSANTE_PRO

    def close(self) -> None:
        pass

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> Prepared:
        self.asked = context
        return Prepared(built, {})

    def send(self, prepared: Prepared) -> Outcome:
        assert self.asked is not None
        self.left.append(self.asked)
        if self.lost:
            raise AnswerLost
        to = {one.address for one in self.asked.recipients}
        untaken = [Untaken(one, self.refuses[one], "550 5.1.1", b"550 no") for one in sorted(to & set(self.refuses))]
        self.sent.append(to - set(self.refuses))
        reference = f"{prepared.built.ids.unique_id}@{self.asked.sending or 'foyer'}"
        return Outcome(Answer.DELIVERED, AT, reference, untaken=tuple(untaken))

    def resolve(self, prepared: Prepared) -> Outcome | None:
        return None


@dataclass
class World:
    site: Site
    journal: Journal
    operator: Operator = field(default_factory=Operator)
    now: datetime = AT

    @property
    def desk(self) -> Desk:
        return Desk(self.site, self.journal, Actor("dr", "test"), self.now)

    def gate(self) -> Gate:
        return Gate(self.site, self.journal, default_rules(), fresh=True)

    def dossier(self, *recipients: Recipient) -> DossierEntry:
        facts = {**FACTS.to_json(), "recipients": [one.to_json() for one in (*recipients, PERSON)]}
        return DossierEntry("atlas-ph", "U-1", "20145", LHSS, facts, {})

    def letter(self, *recipients: Recipient, version: int = 1) -> None:
        self.journal.record_versions("r1", [NewVersion(SeriesKey("site", "atlas-ph", TypeDocument.LETTRE_LIAISON_SORTIE, "L1", "U-1"),
            built(DocumentIds(f"2.25.{version}", "2.25.91", version, None if version == 1 else "2.25.1", version - 1 or None)),
            fingerprints=Fingerprints({"letters": str(version)}, str(version)),
            dossier=self.dossier(*recipients),
            facts=LETTER.to_json(),
            deliveries=[PlannedDelivery(MAIL, urgent=False)])], at=self.now)  # fmt: skip

    def now_reads(self, *recipients: Recipient) -> None:
        """What the next reading finds around the person."""
        dossier = self.dossier(*recipients)
        item = ItemEntry("usager", "U-1", dossier, None, None, LHSS, "mapped", "", "nobody", {})
        self.journal.items.record("r1", "atlas-ph", [item], self.now)

    def deliver(self) -> list[tuple[DeliveryState, str]]:
        """One pass; how the deliveries stand after it."""
        self.now += timedelta(hours=1)
        align(self.journal, self.site, self.gate(), self.now, only=MAIL)
        plan(self.journal, self.gate(), self.now, destination=MAIL)
        opened = OpenDestination(
            MAIL, "mssante", Channel.MSSANTE_PRO, self.site.destinations[MAIL], self.operator, self.site
        )
        Worker(self.journal, self.gate(), opened, Tools(clock=lambda: self.now, patience=0)).work()
        return [(one.state, one.cause) for one in self.deliveries()]

    def cases(self) -> list[DeliveryCase]:
        return self.journal.deliveries.cases(MAIL, tuple(DeliveryState))

    def deliveries(self) -> list[KnownDelivery]:
        return [one.delivery for one in self.cases()]

    def came_back(self, recipient: Recipient, what: str = "failed", of: int = -1) -> None:
        """A report says that a mail did not arrive at one recipient, or was not integrated there.

        Args:
            of: which of the mails that were written to them.
        """
        self.now += timedelta(minutes=1)
        address = recipient.mailbox or ""
        written = [one.reference for one in self.deliveries() if self.journal.addressees.of(one).wrote_to(address)]
        reference = written[of]
        came = f"{self.now:%M}"
        self.journal.inbox.keep(CameMail("foyer", "INBOX", f"1.{came}", f"{came}@y", 1, came.encode()), self.now)
        [mail] = self.journal.inbox.to_treat()
        number = self.journal.receipts.delivery_of(reference, address)
        told = ReceiptEntry(reference, what, "", "MSS-022", "dui", address, number, reference, (DeliveryEvent.RETURN,))
        self.journal.inbox.tie(mail, Treated("dsn", MailState.TIED, delivery_id=number), [told], self.now)

    def replayed(self) -> list[str]:
        """What a replay does to each of those that came back."""
        back = Selection(states=(S.RETURNED,))
        fates = [str(row["fate"]) for row in preview(self.desk, back).rows]
        replay(self.desk, back)
        return fates


@contextmanager
def letters(site: Site) -> Iterator[World]:
    """A site at work, with an empty journal."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, Journal.open(Path(folder), KEY) as journal:
        journal.start_run("r1", "atlas-ph", "export", {"bridge": "0.1"}, AT)
        journal.end_run("r1", RunEvent.END, {}, AT)
        journal.decisions.inform(LHSS, Channel.MSSANTE_PRO, AT.date(), "dr", "courrier", AT)
        yield World(site, journal)
