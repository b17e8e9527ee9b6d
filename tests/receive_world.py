"""A site with one mailbox, the stand-in of its operator, and a person whose INS is qualified here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dui_bridge.findings import Finding
from dui_bridge.ins.statut import Identite
from dui_bridge.ins.traits import traits_of
from dui_bridge.journal.identity_records import IdentityEntry, IdentityState
from dui_bridge.journal.inbox_records import KnownMail, MailState
from dui_bridge.journal.records import DossierEntry, Finished, KnownDelivery
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.identity.record import IdentityRecord, to_json
from dui_bridge.pipeline.inbox.receive import Cycle, receive
from dui_bridge.pipeline.policy.facts import UsagerFacts, ins_digest
from dui_bridge.sandbox.mssante.server import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, PASSWORD, Pki
from dui_bridge.site.settings import Site, load_site
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.xdm import XdmDocument, write
from tests.cda_dossiers import FULL, IDS, built
from tests.delivery_world import KEY
from tests.journal_site import AT, delivery_of, record, start_run
from tests.mss_mails import DOCTOR
from tests.xdm_archives import SENDER
from tests.xds_deposits import ins, lot

FINESS = "330000019"
NURSE = "inf.martin@soins.mssante.fr"
OPERATOR = {"host": "localhost", "start": "2026-01-01", "timeout": 5}
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def receive_site(folder: Path, pki: Pki, operator: Mapping[str, str], **more: object) -> Site:
    """`mssante` writes to professionals; its operator is at these addresses (`mssante`, `mssante-imap`)."""
    (folder / "master.key").write_text(KEY.hex())
    (folder / "password").write_text(PASSWORD)
    for name in ("master.key", "password"):
        (folder / name).chmod(0o600)
    stand_ins = folder / "data" / "sandbox"
    stand_ins.mkdir(parents=True)
    for name, url in operator.items():
        (stand_ins / f"{name}.url").write_text(url)
    declared = {
        "site": "foyer",
        "profile": "sandbox",
        "language": "fr",
        "data": "data",
        "master_key": {"file": "master.key"},
        "software": {"name": "Pont", "version": "1.0", "mssante_nil": "NIL-42"},
        "certificates": {
            "mssante": {"pkcs12": str(pki.mss.pkcs12), "password": {"file": "password"}},
            "trust": {"ca": str(pki.ca), "crl": str(pki.crl)},
        },
        "establishments": [
            {"finess": FINESS, "name": "Foyer L'Œillet", "category": "EHPAD", "mailbox": MAILBOX},
        ],
        "insi": {"call_on": ["any"]},
        "inbox": {"path": "dui"},
        "destinations": {
            "mssante": OPERATOR,
            "mssante-usager": {"kind": "mssante", "audience": "usager", **OPERATOR},
        },
        **more,
    }
    (folder / "bridge.yaml").write_text(json.dumps(declared))
    return load_site(folder / "bridge.yaml")


def no_check(data: bytes) -> Sequence[Finding]:
    return ()


@dataclass
class Reception:
    """The site at work. `cycle` reads the mailbox once, a minute after the last time."""

    site: Site
    journal: Journal
    operator: MssanteServer
    now: datetime = NOW
    numbers: list[int] = field(default_factory=list)
    before: int = 0

    def __post_init__(self) -> None:
        self.before = len(getattr(self.operator, "taken", ()))

    def cycle(self, later: timedelta = timedelta(minutes=1)) -> Cycle:
        self.now += later
        return receive(self.site, self.journal, clock=lambda: self.now, check=no_check)

    def came(self, *mails: bytes) -> Cycle:
        for one in mails:
            self.operator.post.serve(MAILBOX, one)
        return self.cycle()

    def knows_her(self, *, qualified: bool = True) -> None:
        """The person of the usual document, with dossier 0042."""
        identite = Identite(
            StatutIdentite.QUALIFIEE if qualified else StatutIdentite.RECUPEREE,
            matricule=ins().matricule,
            oid=ins().oid,
            traits=traits_of(FULL.usager),
        )
        facts = json.loads(json.dumps(replace(UsagerFacts(), ins_qualified=qualified).to_json()))
        self.journal.identities.store(
            [
                (
                    DossierEntry("atlas", "U-42", "0042", FINESS, facts, {}),
                    IdentityEntry(
                        identite.statut.value,
                        IdentityState.QUALIFIED,
                        "",
                        "nobody",
                        "",
                        to_json(IdentityRecord(identite, traits_of(FULL.usager))),
                        matricule=identite.matricule,
                    ),
                )
            ],
            AT,
        )

    def sent(
        self, message_id: str, event: DeliveryEvent = DeliveryEvent.DELIVER, by: str = "mssante", **number: str
    ) -> int:
        """A mail of ours with this Message-ID that has left; its delivery.

        Args:
            number: `rpps` or `finess`, by which the DUI knows the doctor.
        """
        version = record(
            self.journal,
            f"P-{len(self.numbers)}",
            destinations=(by,),
            usager=f"S-{message_id}",
            facts={"ins": ins_digest(ins().matricule)},
            around={
                "recipients": [
                    {"kind": "equipe", "mailbox": DOCTOR.upper(), **number},
                    {"kind": "equipe", "mailbox": NURSE},
                ]
            },
        )
        delivery = delivery_of(self.journal, version, by)
        self.journal.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "")], AT)
        assert self.journal.deliveries.start(delivery, "w", AT)
        reference = message_id if event is DeliveryEvent.DELIVER else ""
        self.journal.deliveries.finish(Finished(delivery, event, AT, reference=reference))
        self.numbers.append(delivery)
        return delivery

    def delivery(self, number: int) -> KnownDelivery:
        case = self.journal.deliveries.case(number)
        assert case is not None
        return case.delivery

    def state(self, number: int) -> tuple[DeliveryState, str]:
        known = self.delivery(number)
        return known.state, known.cause

    def mails(self) -> list[KnownMail]:
        return list(self.journal.inbox.mails(list(MailState)))

    def laid(self) -> dict[str, bytes]:
        """What the DUI finds in its inbox."""
        folder = self.site.file.parent / "dui"
        return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}

    def answers(self) -> list[bytes]:
        """What the bridge sent, as the operator took it."""
        return [one.content for one in self.operator.taken[self.before :]]

    def seen(self) -> list[bool]:
        return ["\\Seen" in one.flags for one in self.operator.mails(MAILBOX)]


def empty_journal(folder: Path) -> None:
    """A journal in which a run has begun, and the mailbox was first read the day before."""
    with Journal.open(folder, KEY) as journal:
        start_run(journal)
        journal.inbox.read(MAILBOX, "INBOX", NOW - timedelta(days=1))


def version(number: int, of_set: str = IDS.set_id) -> bytes:
    """The archive of a later version of the usual document."""
    ids = DocumentIds(f"{IDS.unique_id}{number}", of_set, number)
    data = built(ids=ids)
    return write([XdmDocument(data, document_entry(data, ins()))], lot(), SENDER)
