"""What policy says of a mail just before it leaves: of the person, of the document, of whoever would get it, and of
the mailbox that it would leave from; and what a person may decide of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery_world import AT, KEY, built
from small_site import small_site

from dui_bridge.connectors.mssante.trusted import trusted
from dui_bridge.errors import FileUnusable
from dui_bridge.journal.receipts import Receipts
from dui_bridge.journal.records import (
    Decided,
    DeliveryCase,
    DossierEntry,
    Fingerprints,
    NewVersion,
    PlannedDelivery,
    SeriesKey,
)
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel, DocumentIds
from dui_bridge.model.states import DeliveryState, RunEvent
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.reviews import Choice, decide, questions
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import EVERYTHING, plan
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.policy.facts import LAST_READ, DocumentFacts, UsagerFacts
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind
from dui_bridge.site.settings import Site, load_site

LHSS, CHRS = "420000044", "420000051"
"""With a mailbox, and without."""
PROFESSIONALS, USAGER = "mssante", "mssante-usager"
HOSPITAL = Recipient(RecipientKind.HOPITAL, mailbox="addicto@exemple.mssante.fr")
OTHER = Recipient(RecipientKind.HOPITAL, mailbox="urgences@exemple.mssante.fr")
ORDINARY = Recipient(RecipientKind.HOPITAL, mailbox="addicto@courriel.example")
PERSON = Recipient(RecipientKind.USAGER)
STALE = replace(HOSPITAL, known_on=(AT - timedelta(days=2000)).date())
AGREED = UsagerFacts(
    anonymous=False,
    birth_date="1984-05-14",
    opposition_mssante_usager=False,
    opposition_mssante_pro=False,
    consent_hospital=True,
    ins_qualified=True,
)
LETTER = DocumentFacts(
    type=TypeDocument.LETTRE_LIAISON_SORTIE.value,
    dated=AT.date(),
    validated_on=AT.date(),
    valid=True,
    signed_on=AT.date(),
    signed_by="direction",
    in_force=True,
    author_rpps=True,
    author_physician=True,
    masked_from_professionals=False,
    hidden_from_usager=False,
    hidden_from_representatives=False,
    with_ins=True,
)
SUMMARY = {"type": TypeDocument.SYNTHESE_MEDICALE.value}
PROJECT = replace(LETTER, type=TypeDocument.PROJET_PERSONNALISE.value)


@dataclass
class World:
    site: Site
    journal: Journal

    def __post_init__(self) -> None:
        self.gate = Gate(self.site, self.journal, default_rules())
        self.desk = Desk(self.site, self.journal, Actor("dr", "test"), AT)

    def case(
        self,
        destination: str = PROFESSIONALS,
        finess: str = LHSS,
        usager: dict[str, Any] | None = None,
        document: dict[str, Any] | None = None,
        read: dict[str, Any] | None = None,
        recipients: tuple[Recipient, ...] = (HOSPITAL, PERSON),
    ) -> DeliveryCase:
        """The delivery, as it would be with other facts, and what a mapping corrected since reads of the document."""
        (known,) = self.journal.deliveries.cases(destination, tuple(DeliveryState))
        facts = replace(AGREED, **(usager or {})).to_json()
        made = replace(LETTER if destination == PROFESSIONALS else PROJECT, **(document or {}))
        return replace(
            known,
            delivery=replace(known.delivery, finess=finess),
            usager={**facts, "recipients": [one.to_json() for one in recipients]},
            document={**made.to_json(), LAST_READ: read or {}},
        )

    def rules(self, **changes: Any) -> tuple[Verdict, str]:
        ruling = self.gate.ruling(self.case(**changes), AT)
        return ruling.verdict, ruling.cause


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A letter of an LHSS that may go to a hospital, whose mailbox was known long ago."""
    made = small_site(tmp_path_factory.mktemp("gate") / "out", mails=True)
    site = load_site(made.config)
    with Journal.open(site.data, KEY) as journal:
        journal.start_run("r1", "atlas-ph", "export", {"bridge": "0.1"}, AT)
        for channel in (Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER):
            journal.decisions.inform(LHSS, channel, AT.date(), "dr", "courrier", AT)
            journal.decisions.inform(CHRS, channel, AT.date(), "dr", "courrier", AT)
        journal.record_versions(
            "r1",
            [
                NewVersion(
                    SeriesKey("site", "atlas-ph", TypeDocument.LETTRE_LIAISON_SORTIE, "L1", "U-1"),
                    built(DocumentIds("2.25.1", "2.25.91", 1)),
                    fingerprints=Fingerprints({"letters": "1"}, "1"),
                    dossier=DossierEntry(
                        "atlas-ph",
                        "U-1",
                        "20145",
                        LHSS,
                        {**AGREED.to_json(), "recipients": [STALE.to_json(), PERSON.to_json()]},
                        {},
                    ),
                    facts=LETTER.to_json(),
                    deliveries=[PlannedDelivery(PROFESSIONALS, urgent=False), PlannedDelivery(USAGER, urgent=False)],
                )
            ],
            at=AT,
        )
        journal.end_run("r1", RunEvent.END, {}, AT)
        yield World(site, journal)


HELD, ASKED, NEVER, SENT = Verdict.HOLD, Verdict.ASK, Verdict.NEVER, Verdict.ALLOW


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (SENT, "POL-001")),
        ({"destination": USAGER}, (SENT, "POL-001")),
        ({"usager": {"opposition_mssante_pro": True}}, (NEVER, "POL-040")),
        ({"usager": {"opposition_mssante_usager": True}}, (SENT, "POL-001")),
        ({"destination": USAGER, "usager": {"opposition_mssante_usager": True}}, (NEVER, "POL-040")),
        ({"recipients": (HOSPITAL,)}, (SENT, "POL-001")),
        ({"recipients": (HOSPITAL,), "usager": {"consent_hospital": None}}, (HELD, "POL-074")),
        ({"recipients": (HOSPITAL,), "usager": {"consent_hospital": False}}, (NEVER, "POL-075")),
        ({"recipients": ()}, (HELD, "POL-081")),
        ({"recipients": (replace(HOSPITAL, mailbox=None),)}, (HELD, "POL-077")),
        ({"recipients": (replace(HOSPITAL, mailbox=None), OTHER)}, (SENT, "POL-001")),
        ({"recipients": (STALE,)}, (ASKED, "POL-080")),
        ({"recipients": (ORDINARY,)}, (HELD, "POL-078")),
        ({"recipients": (ORDINARY, OTHER)}, (SENT, "POL-001")),
        ({"finess": CHRS}, (HELD, "POL-082")),
        ({"document": {"masked_from_professionals": True}}, (NEVER, "POL-063")),
        ({"destination": USAGER, "document": {"hidden_from_usager": True}}, (NEVER, "POL-061")),
        ({"destination": USAGER, "usager": {"birth_date": "2011-01-03"}}, (ASKED, "POL-076")),
        (
            {"destination": USAGER, "usager": {"ins_qualified": False, "ins_refusals": ("no_matricule",)}},
            (HELD, "POL-050"),
        ),
        ({"usager": {"anonymous": True}}, (NEVER, "POL-030")),
        ({"destination": USAGER, "usager": {"anonymous": True}}, (NEVER, "POL-030")),
    ],
)
def test_a_mail_leaves_when_nothing_stands_against_it(
    world: World, changes: dict[str, Any], expected: tuple[Verdict, str]
) -> None:
    assert world.rules(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"document": {**SUMMARY, "author_physician": False}, "read": {"author_physician": True}}, (HELD, "POL-022")),
        ({"document": SUMMARY, "read": {"author_physician": False}}, (HELD, "POL-022")),
        (
            {"document": {"valid": None, "signed_on": None, "validated_on": None}, "read": {"signed_on": "2026-11-21"}},
            (HELD, "POL-020"),
        ),
        ({"document": {"valid": None}, "read": {"signed_on": None, "validated_on": None}}, (HELD, "POL-020")),
        ({"document": {"ins": "aa"}, "read": {"ins": "bb"}}, (HELD, "POL-051")),
        ({"document": {"ins": "aa"}, "read": {"ins": "aa", "author_rpps": True}}, (SENT, "POL-001")),
    ],
)
def test_what_leaves_is_allowed_by_what_its_bytes_say_and_by_what_a_corrected_mapping_reads(
    world: World, changes: dict[str, Any], expected: tuple[Verdict, str]
) -> None:
    assert world.rules(**changes) == expected


def test_nobody_can_allow_that_what_is_masked_from_professionals_is_written_to_them(world: World) -> None:
    masked = world.case(document={"masked_from_professionals": True})
    allowed = replace(masked, decided=Decided("allow", "dr"))  # type: ignore[arg-type]
    assert world.gate.ruling(allowed, AT).cause == "POL-063"


def test_a_mailbox_that_a_mail_came_back_from_is_not_written_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receipts, "suspects", lambda _: {HOSPITAL.mailbox})
    world = World(world.site, world.journal)  # one that has read nothing yet
    assert world.rules() == (Verdict.HOLD, "POL-079")
    assert world.rules(recipients=(HOSPITAL, OTHER)) == (Verdict.ALLOW, "POL-001")


def test_a_white_list_that_cannot_be_read_is_the_trouble_of_its_destination_alone(world: World, tmp_path: Path) -> None:
    own = world.site.destinations[PROFESSIONALS]
    broken = own.model_copy(update={"white_list": tmp_path / "missing.xml"})
    site = replace(world.site, destinations={**world.site.destinations, PROFESSIONALS: broken})

    assert World(site, world.journal).rules() == (Verdict.ALLOW, "POL-001")
    with pytest.raises(FileUnusable):  # as when the destination is opened: it says so, and sends nothing
        trusted(broken.domains, broken.white_list)


def test_what_is_asked_about_a_recipient_is_asked_and_decided_by_review(world: World) -> None:
    plan(world.journal, world.gate, AT, states=EVERYTHING)
    (asked,) = [one for one in questions(world.desk, None, "fr") if one.destination == PROFESSIONALS]
    assert (asked.kind, asked.code) == ("ask", "POL-080")

    number = int(asked.id.removeprefix("delivery-"))
    assert decide(world.desk, number, Choice.ALLOW, "boîte vérifiée par téléphone")
    (case,) = world.journal.deliveries.cases(PROFESSIONALS, tuple(DeliveryState))
    assert case.delivery.state is DeliveryState.READY
