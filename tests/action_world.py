"""A site with a journal in which documents wait, for tests of what operators do."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from delivery_world import KEY, built

from dui_bridge.journal.records import (
    DossierEntry,
    Fingerprints,
    Finished,
    ItemEntry,
    KnownDelivery,
    NewVersion,
    PlannedDelivery,
    SeriesKey,
)
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, DocumentIds
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts
from dui_bridge.site.settings import Site, load_site

FINESS = "010000024"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
INFORMED = UsagerFacts(
    anonymous=False,
    birth_date="1990-01-01",
    opposition_dmp=False,
    information_dmp=True,
    ins_qualified=True,
    entry_date=date(2020, 1, 1),
)
DOCUMENT = DocumentFacts(
    type="projet_personnalise",
    dated=date(2026, 10, 1),
    signed_on=date(2026, 10, 1),
    signed_by="direction",
    in_force=True,
    author_rpps=True,
    with_ins=True,
)
LOCAL, DMP, ASKING = "documents", "dmp-essai", "dmp-demande"


def action_site(folder: Path) -> Site:
    """`documents` is a folder, `dmp-essai` plays the DMP, `dmp-demande` as well and asks about each document."""
    (folder / "master.key").write_text(KEY.hex())
    (folder / "master.key").chmod(0o600)
    dmp = {"kind": "dummy", "plays": "dmp", "start": "2026-01-01"}
    destinations = {
        LOCAL: {"kind": "file", "path": "out"},
        DMP: {**dmp, "path": "dmp.sqlite", "types": {"projet_personnalise": "auto"}},
        ASKING: {**dmp, "path": "asks.sqlite", "types": {"projet_personnalise": "ask"}},
    }
    (folder / "bridge.yaml").write_text(
        json.dumps(
            {
                "site": "les-tilleuls",
                "profile": "sandbox",
                "language": "en",
                "data": "data",
                "master_key": {"file": "master.key"},
                # A home for aged persons: what it shares by itself is not only asked about.
                "establishments": [{"finess": FINESS, "name": "EHPAD Les Tilleuls", "category": "EHPAD"}],
                "destinations": destinations,
            }
        )
    )
    return load_site(folder / "bridge.yaml")


@dataclass
class Office:
    """The site, its journal, and a desk at it."""

    site: Site
    journal: Journal
    number: int = 0

    def desk(self, now: datetime = NOW, by: str = "martin") -> Desk:
        return Desk(self.site, self.journal, Actor(by, "host/-"), now)

    def add(
        self,
        destination: str = DMP,
        *,
        usager: str | None = None,
        document: str | None = None,
        dated: date = DOCUMENT.dated or date.min,
        facts: UsagerFacts = INFORMED,
        version: int = 1,
        item_state: str = "built",
        end: RunEvent = RunEvent.END,
        made: BuiltDocument | None = None,
        document_facts: DocumentFacts = DOCUMENT,
    ) -> int:
        """One run that records one version of a document, and policy asked; the id of its delivery."""
        self.number += 1
        run, key = self.run_id, document or f"P{self.number}"
        local = usager or f"U{self.number}"
        self.journal.start_run(run, "atlas", "export", {"bridge": "0.1"}, NOW - timedelta(hours=2))
        series = SeriesKey("les-tilleuls", "atlas", TypeDocument.PROJET_PERSONNALISE, key, local)
        known = self.journal.series_for(series)
        set_id = known.set_id if known is not None else f"2.25.9{self.number}"  # type: ignore[union-attr]
        dossier = DossierEntry("atlas", local, local, FINESS, _json(facts), {"nom": "aa" * 8})
        self.journal.record_versions(
            run,
            [
                NewVersion(
                    series,
                    made or built(DocumentIds(f"2.25.{self.number}", set_id, version)),
                    fingerprints=Fingerprints({"plans": key}, key),
                    dossier=dossier,
                    facts=_json(replace(document_facts, dated=dated)),
                    deliveries=[PlannedDelivery(destination, False)],
                )
            ],
            at=NOW - timedelta(hours=2),
        )
        item = ItemEntry("document", key, dossier, series, "projet_personnalise", FINESS, item_state, "", "nobody", {})
        usager_item = ItemEntry("usager", local, dossier, None, None, FINESS, "mapped", "", "nobody", {})
        self.journal.items.record(run, "atlas", [usager_item, item], NOW - timedelta(hours=2))
        self.journal.end_run(run, end, {}, NOW - timedelta(hours=1), cause="PIP-031" if end is RunEvent.HOLD else "")
        self.desk(NOW - timedelta(hours=1)).ask_policy()
        return max(self.journal.selections.ids(Selection()))

    @property
    def run_id(self) -> str:
        return f"20261122T000000Z-{self.number:08x}"

    def ended(self, delivery: int, event: DeliveryEvent, cause: str = "", at: datetime | None = None) -> int:
        """Sends a delivery, which ends so."""
        at = at or NOW - timedelta(minutes=30)
        assert self.journal.deliveries.start(delivery, "w", at), self.state(delivery)
        self.journal.deliveries.finish(Finished(delivery, event, at, cause=cause, who="it"))
        return delivery

    def known(self, delivery: int) -> KnownDelivery:
        case = self.journal.deliveries.case(delivery)
        assert case is not None
        return case.delivery

    def state(self, delivery: int) -> tuple[DeliveryState, str]:
        known = self.known(delivery)
        return known.state, known.cause

    def document(self, delivery: int) -> int:
        """The number of the item of its document."""
        item = self.journal.overview.item_of(self.known(delivery).series_id)
        assert item is not None
        return item

    def audited(self) -> list[tuple[str, str, str]]:
        return [(row.who, row.action, row.subject) for row in self.journal.audit.entries()]


def _json(facts: UsagerFacts | DocumentFacts) -> dict[str, object]:
    return json.loads(json.dumps(facts.to_json()))
