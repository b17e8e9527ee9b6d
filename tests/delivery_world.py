"""A journal with versions to be delivered, a destination that answers as it is told, and a clock that one moves."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from dui_bridge.connectors.ports import DeliveryContext, Prepared
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Rule, Scope, Severity, Who
from dui_bridge.journal.records import (
    DeliveryCase,
    DossierEntry,
    Fingerprints,
    KnownDelivery,
    NewVersion,
    PlannedDelivery,
    SeriesKey,
)
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Answer, BuiltDocument, Channel, Document, DocumentIds, Outcome
from dui_bridge.model.states import DeliveryEvent, DeliveryState, DocumentState
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.delivery.worker import Tools, Worked, Worker
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.policy import rules as policy_rules
from dui_bridge.pipeline.policy.chain import Ruling, Verdict
from dui_bridge.site.declaration import DummySettings
from dui_bridge.site.settings import Site

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""A disk in memory, where there is one, for a test whose thousands of commits would wait for a disk and tell nothing."""
HELD_BACK = Rule("TST-001", Severity.ERROR, Scope.DOCUMENT, "forbidden", "interdit", who=Who.DUI)

Said = Answer | DuiBridgeError | None
"""What the destination does: an answer, a failure, or None: it cannot be asked."""


class Clock:
    """A clock that stands still but for those who wait."""

    def __init__(self) -> None:
        self.now = AT
        self.waited: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)


class Scripted:
    """A kind of destination that does what it is told: for a document, or for all; else it takes and remembers.

    Args:
        takes: failures after which the document is there all the same.
        unfit: document → what making it ready raises.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sends: dict[str, list[Said]] = defaultdict(list)
        self.asks: dict[str, list[Said]] = defaultdict(list)
        self.always: Said = None
        self.taken_all_the_same: set[str] = set()
        self.there: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.during: dict[str, Any] = {}
        self.unfit: dict[str, Exception] = {}

    # the module

    def open_destination(self, settings: object, source: str, means: object) -> Scripted:
        return self

    def channel_of(self, settings: object) -> Channel:
        return Channel.LOCAL

    # the destination

    def close(self) -> None:
        pass

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> Prepared:
        if (wrong := self.unfit.get(built.ids.unique_id)) is not None:
            raise wrong
        return Prepared(built, {"cda": built.data})

    def send(self, prepared: Prepared) -> Outcome:
        name = prepared.built.ids.unique_id
        self.calls.append(("send", name))
        if name in self.during:
            self.during.pop(name)()
        script = self.sends[name]
        said = script.pop(0) if script else self.always
        if isinstance(said, DuiBridgeError):
            if name in self.taken_all_the_same:
                self.there.append(name)
            raise said
        if said in (None, Answer.DELIVERED):
            self.there.append(name)
        return Outcome(said or Answer.DELIVERED, self.clock(), reference=f"there/{name}")

    def resolve(self, prepared: Prepared) -> Outcome | None:
        name = prepared.built.ids.unique_id
        self.calls.append(("ask", name))
        script = self.asks[name]
        said = script.pop(0) if script else Answer.ALREADY_THERE if name in self.there else Answer.ABSENT
        if isinstance(said, DuiBridgeError):
            raise said
        return Outcome(said, self.clock()) if said is not None else None


class Gatekeeper:
    """Allows everything but what is forbidden, by unique id."""

    def __init__(self) -> None:
        self.forbidden: set[str] = set()

    def ruling(self, case: DeliveryCase, now: datetime) -> Ruling:
        if case.delivery.unique_id in self.forbidden:
            return Ruling(Verdict.HOLD, HELD_BACK, {}, ())
        return Ruling(Verdict.ALLOW, policy_rules.ALLOWED, {}, ())


class Told(Steps):
    def __init__(self) -> None:
        self.events: list[str] = []

    def event(self, name: str, **values: Any) -> None:
        self.events.append(name)


@dataclass
class World:
    """One journal, one destination `there`, one clock."""

    folder: Path
    journal: Journal
    clock: Clock = field(default_factory=Clock)
    gate: Gatekeeper = field(default_factory=Gatekeeper)
    steps: Told = field(default_factory=Told)
    made: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.there = Scripted(self.clock)

    def tools(self, **changes: Any) -> Tools:
        tools = Tools(
            clock=self.clock,
            random=lambda: 0.5,
            patience=0.0,
            sleep=self.clock.sleep,
            steps=self.steps,
        )
        return replace(tools, **changes)

    def destination(self, name: str = "there", kind: str = "scripted", **settings: object) -> OpenDestination:
        given = DummySettings.model_validate({"path": self.folder / "unused", **settings})
        return OpenDestination(name, kind, Channel.LOCAL, given, self.there, cast(Site, None))

    def work(self, destination: OpenDestination | None = None, stop: Any = None, **tools: Any) -> Worked:
        worker = Worker(self.journal, self.gate, destination or self.destination(), self.tools(**tools))
        return worker.work(stop)

    def ready(
        self,
        *names: str,
        series: str | None = None,
        urgent: bool = False,
        to: str = "there",
        planned: bool = False,
        finess: str = "010000024",
    ) -> None:
        """Versions whose delivery is ready, in order; all of one series when it is named, else each of its own."""
        for name in names:
            doc_key = series or name
            key = SeriesKey("site", "atlas", TypeDocument.PROJET_PERSONNALISE, doc_key, f"U-{doc_key}")
            known = self.journal.series_for(key)
            latest = known.latest.ids if known is not None else None
            handed = known.replaced.ids if known is not None and known.replaced is not None else None
            ids = DocumentIds(
                f"2.25.{name}",
                latest.set_id if latest is not None else f"2.25.9{len(self.made)}",
                latest.version + 1 if latest is not None else 1,
                handed.unique_id if handed is not None else None,
                handed.version if handed is not None else None,
            )
            self.journal.record_versions(
                "r1",
                [
                    NewVersion(
                        key,
                        built(ids, finess),
                        fingerprints=Fingerprints({"plans": name}, name),
                        dossier=DossierEntry("atlas", f"U-{doc_key}", "20145", finess, {}, {}),
                        facts={},
                        deliveries=[PlannedDelivery(to, urgent)],
                    )
                ],
                at=self.clock(),
            )
            [case] = [
                one for one in self.journal.deliveries.cases(destination=to) if one.delivery.unique_id == ids.unique_id
            ]
            self.made[name] = case.delivery.id
            if not planned:
                self.journal.deliveries.change([(case.delivery.id, DeliveryEvent.ALLOW, "", "")], self.clock())

    def known(self, name: str) -> KnownDelivery:
        case = self.journal.deliveries.case(self.made[name])
        assert case is not None
        return case.delivery

    def state(self, name: str) -> tuple[DeliveryState, str]:
        known = self.known(name)
        return known.state, known.cause

    def results(self, name: str) -> list[tuple[str | None, str]]:
        return [(one.result, one.code) for one in self.journal.deliveries.attempts(self.made[name])]

    def started(self, name: str) -> None:
        """What a killed process leaves behind."""
        assert self.journal.deliveries.start(self.made[name], "killed", self.clock())


def built(ids: DocumentIds, finess: str = "010000024") -> BuiltDocument:
    data = f"<ClinicalDocument>{ids.unique_id}</ClinicalDocument>".encode()
    document = Document(
        type=TypeDocument.PROJET_PERSONNALISE,
        key="",
        source="atlas",
        dossier="20145",
        finess=finess,
        path="",
        state=DocumentState.BUILT,
    )
    return BuiltDocument(
        document=document,
        ids=ids,
        data=data,
        media_type="text/xml",
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )
