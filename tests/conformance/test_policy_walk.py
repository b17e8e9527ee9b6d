"""A walk through facts, decisions, holds, runs, pauses and failures, with deliveries in between: nothing ever leaves
that is forbidden, nothing leaves twice, and what is allowed does leave.

What is forbidden is said here a second time, in the plainest way, and shares nothing with the chain of rules.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from delivery_world import KEY, MEMORY, built
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dui_bridge.journal.control_records import Verdict
from dui_bridge.journal.records import DossierEntry, Fingerprints, ItemEntry, NewVersion, PlannedDelivery, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel, DocumentIds
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent, RunState
from dui_bridge.pipeline.delivery.deliver import deliver
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.sandbox.dummy import DummyDestination
from dui_bridge.sandbox.dummy.client import Offered
from dui_bridge.sandbox.dummy.errors import DummyBusy
from dui_bridge.site.settings import Site, load_site

FINESS = "010000024"
DMP, FOLDER = "dmp", "folder"
START = date(2026, 1, 1)
NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
ENTERED = (date(2025, 1, 1), date(2026, 10, 15))
"""Of the two usagers."""
DAYS = (date(2025, 6, 1), date(2026, 11, 1))
"""Of documents, and of informations declared for all."""
SITE = {
    "site": "les-tilleuls",
    "profile": "sandbox",
    "data": "data",
    "master_key": {"file": "master.key"},
    "establishments": [{"finess": FINESS, "name": "IME Les Tilleuls", "category": "IME"}],
    "destinations": {
        DMP: {"kind": "dummy", "path": "dmp.sqlite", "plays": "dmp", "start": START.isoformat(), "retries": 50},
        FOLDER: {"kind": "dummy", "path": "folder.sqlite", "retries": 50},
    },
}

usagers = st.integers(0, 1)
series = st.integers(0, 1)
destinations = st.sampled_from((DMP, FOLDER))


@dataclass
class Known:
    """What was read last of a usager."""

    opposed: bool | None = False
    informed: bool | None = True
    qualified: bool | None = True
    anonymous: bool | None = False
    archived: bool | None = False
    deceased: bool | None = False


facts = st.sampled_from([one.name for one in fields(Known)])
flags = st.sampled_from((True, None, False))


@dataclass
class Version:
    """A version of a document. `run`: open, held or discarded."""

    name: str
    row: int
    usager: int
    series: int
    kind: TypeDocument
    dated: date
    signed: bool
    with_ins: bool
    run: str
    run_id: str
    number: int
    decided: dict[str, Verdict] = field(default_factory=dict)


@cache
def template() -> Path:
    """An empty site with its journal: to migrate takes longer than a whole walk."""
    folder = Path(tempfile.mkdtemp(prefix="policy-walk-", dir=MEMORY))
    (folder / "master.key").write_text(KEY.hex())
    (folder / "master.key").chmod(0o600)
    (folder / "bridge.yaml").write_text(json.dumps(SITE))
    Journal.open(folder / "data", KEY).close()
    return folder


class PolicyWalk(RuleBasedStateMachine):
    """The model is what the rules below did; the system is the journal, the gate, the chain and the workers."""

    @initialize(each=st.booleans(), fact=facts, value=flags)
    def begin(self, each: bool, fact: str, value: bool | None) -> None:
        """`each`: something is sent after every step, else only now and then."""
        self.each = each
        self.folder = Path(tempfile.mkdtemp(prefix="policy-walk-", dir=MEMORY)) / "site"
        shutil.copytree(template(), self.folder)
        self.site: Site = load_site(self.folder / "bridge.yaml")
        self.journal = Journal.open(self.folder / "data", KEY)
        self.now = NOON
        self.usagers = [Known(), Known()]
        setattr(self.usagers[0], fact, value)
        self.versions: list[Version] = []
        self.holds: dict[int, Callable[[Version, str], bool]] = {}
        self.informed: dict[int, date] = {}
        self.paused: set[str] = set()
        self.troubled: set[str] = set()
        self.taken: set[tuple[str, str]] = set()
        self.sent: list[tuple[str, str]] = []
        self.runs = 0
        for usager in (0, 1):
            self._read(usager)
        for number in (0, 1, 2, 3):
            kind = TypeDocument.PROJET_PERSONNALISE if number == 3 else TypeDocument.DLU
            self._record(number % 2, number // 2, kind, DAYS[1], signed=True, with_ins=True, held=False)

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.journal.close()
            shutil.rmtree(self.folder.parent)

    # --- what happens

    @rule(
        usager=usagers,
        series=series,
        fact=facts,
        value=flags,
        alone=st.booleans(),
    )
    def a_reading_brings_a_fact_and_a_document(
        self, usager: int, series: int, fact: str, value: bool | None, alone: bool
    ) -> None:
        """`alone`: all else is in order."""
        if alone:
            self.usagers[usager] = Known()
            self.every_brake_is_let_go()
        setattr(self.usagers[usager], fact, value)
        self._read(usager)
        self._record(usager, series, TypeDocument.DLU, DAYS[1], signed=True, with_ins=True, held=False)
        if alone:
            self._deliver()

    @rule(usager=usagers)
    def everything_is_in_order(self, usager: int) -> None:
        self.usagers[usager] = Known()
        self._read(usager)

    @rule(
        usager=usagers,
        series=series,
        kind=st.sampled_from((TypeDocument.DLU, TypeDocument.PROJET_PERSONNALISE)),
        flaw=st.sampled_from(("none", "none", "none", "old", "unsigned", "without INS", "held", "held")),
    )
    def a_run_records_a_version(self, usager: int, series: int, kind: TypeDocument, flaw: str) -> None:
        self._record(
            usager,
            series,
            kind,
            DAYS[0] if flaw == "old" else DAYS[1],
            signed=flaw != "unsigned",
            with_ins=flaw != "without INS",
            held=flaw == "held",
        )

    def _record(
        self, usager: int, series: int, kind: TypeDocument, dated: date, *, signed: bool, with_ins: bool, held: bool
    ) -> None:
        run, end = self._run(), RunEvent.HOLD if held else RunEvent.END
        key = SeriesKey("les-tilleuls", "atlas", kind, f"D{usager}-{series}", f"U{usager}")
        known = self.journal.series_for(key)
        latest = known.latest.ids.version if known is not None else 0
        handed = known.replaced.ids if known is not None and known.replaced is not None else None
        name = f"2.25.{len(self.versions) + 1}"
        set_id = known.set_id if known is not None else f"2.25.9{len(self.versions) + 1}"
        replaces = (handed.unique_id, handed.version) if handed is not None else (None, None)
        facts = {
            "type": kind.value,
            "dated": dated.isoformat(),
            "signed_on": dated.isoformat() if signed else None,
            "in_force": True,
            "author_rpps": True,
            "with_ins": with_ins,
        }
        row = self.journal.record_versions(
            run,
            [
                NewVersion(
                    key,
                    built(DocumentIds(name, set_id, latest + 1, *replaces)),
                    fingerprints=Fingerprints({"plans": name}, name),
                    dossier=self._dossier(usager),
                    facts=facts,
                    deliveries=[PlannedDelivery(to, False) for to in (DMP, FOLDER)],
                )
            ],
            at=self.now,
        )[0]
        self.journal.end_run(run, end, {}, self.now)
        state = "held" if held else "open"
        self.versions.append(
            Version(
                name, row, usager, series, kind, dated, signed, with_ins, state, run, latest + 1
            )
        )  # fmt: skip

    @precondition(lambda self: any(one.run == "held" for one in self.versions))
    @rule(data=st.data(), release=st.booleans())
    def a_held_run_is_decided(self, data: st.DataObject, release: bool) -> None:
        version = data.draw(st.sampled_from([one for one in self.versions if one.run == "held"]))
        if release:
            self.journal.release_run(version.run_id, self.now)
        else:
            self.journal.discard_run(version.run_id, self.now)
        version.run = "open" if release else "discarded"

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), to=destinations, verdict=st.sampled_from((Verdict.ALLOW, Verdict.ALLOW, Verdict.REFUSE)))
    def a_person_decides(self, data: st.DataObject, to: str, verdict: Verdict) -> None:
        version = data.draw(st.sampled_from(self.versions))
        self.journal.decisions.decide(version.row, to, verdict, "Anne", "seen", self.now)
        version.decided[to] = verdict

    @rule(scope=st.sampled_from(("usager", "kind", "destination", "all")), usager=usagers, to=destinations)
    def a_hold_is_placed(self, scope: str, usager: int, to: str) -> None:
        named: dict[str, Any] = {}
        covers: Callable[[Version, str], bool] = lambda version, destination: True  # noqa: E731
        if scope == "usager":
            dossier = self.journal.dossiers.known("atlas", f"U{usager}")
            assert dossier is not None
            named = {"dossier_id": dossier.id}
            covers = lambda version, destination: version.usager == usager  # noqa: E731
        elif scope == "kind":
            named = {"doc_type": TypeDocument.DLU.value, "finess": FINESS}
            covers = lambda version, destination: version.kind is TypeDocument.DLU  # noqa: E731
        elif scope == "destination":
            named = {"destination": to}
            covers = lambda version, destination: destination == to  # noqa: E731
        made = self.journal.decisions.hold(reason="look", by="Anne", until=None, at=self.now, **named)
        self.holds[made] = covers

    def the_holds_end(self) -> None:
        for hold in list(self.holds):
            assert self.journal.decisions.release(hold, "Anne", self.now)
            del self.holds[hold]

    @rule(day=st.sampled_from(DAYS))
    def all_are_declared_informed(self, day: date) -> None:
        made = self.journal.decisions.inform(FINESS, Channel.DMP, day, "Anne", "a note", self.now)
        self.informed[made] = day

    @precondition(lambda self: self.informed)
    @rule()
    def the_declarations_are_withdrawn(self) -> None:
        for made in list(self.informed):
            assert self.journal.decisions.withdraw(made, self.now)
            del self.informed[made]

    @rule(to=destinations, paused=st.booleans())
    def a_destination_is_paused_or_resumed(self, to: str, paused: bool) -> None:
        if paused:
            self.journal.brakes.pause(to, "Anne", "works", None, self.now)
            self.paused.add(to)
        elif to in self.paused:
            self.journal.brakes.resume(to, "Anne", self.now)
            self.paused.remove(to)

    @rule(to=destinations, fails=st.booleans())
    def a_destination_fails_or_works_again(self, to: str, fails: bool) -> None:
        (self.troubled.add if fails else self.troubled.discard)(to)

    @rule()
    def every_brake_is_let_go(self) -> None:
        for to in list(self.paused):
            self.a_destination_is_paused_or_resumed(to, paused=False)
        self.troubled.clear()
        self.the_holds_end()

    @rule()
    def what_was_cancelled_or_refused_is_replayed(self) -> None:
        """Of the latest versions, and of those that were not discarded: the action asks no more than that."""
        changes = [
            (case.delivery.id, DeliveryEvent.REPLAY, "", "")
            for case in self.journal.deliveries.cases(states=(DeliveryState.REFUSED, DeliveryState.CANCELLED))
            if (version := self._version(case.delivery.unique_id)).run == "open" and self._is_latest(version)
        ]
        self.journal.deliveries.change(changes, self.now)

    @rule()
    def what_is_due_is_sent(self) -> None:
        self._deliver()

    @rule(data=st.data())
    def the_process_dies_while_something_is_sent(self, data: st.DataObject) -> None:
        """What it leaves behind: a delivery that is being sent, and arrived or not."""
        to = data.draw(destinations)
        waiting = self.journal.deliveries.next(to, self.now)
        if waiting is None or to in self.paused or to in self.troubled:
            return
        version = self._version(waiting.case.delivery.unique_id)
        if self._forbidden(version, to) is None and self.journal.deliveries.start(
            waiting.case.delivery.id, "x", self.now
        ):
            self._deliver()

    # --- what must hold

    @invariant()
    def nothing_stays_half_said(self) -> None:
        if hasattr(self, "journal"):
            for case in self.journal.deliveries.cases(states=(DeliveryState.BLOCKED,), limit=1_000):
                assert case.delivery.cause
                assert case.delivery.who
            if self.each:
                self._deliver()

    def _deliver(self) -> None:
        self.now += timedelta(hours=26)
        self.sent = []
        send = DummyDestination.send

        def watched(destination: DummyDestination, offered: Offered) -> object:
            to = destination._settings.path.stem
            self.sent.append((offered.built.ids.unique_id, to))
            if to in self.troubled:
                raise DummyBusy
            return send(destination, offered)

        with mock.patch.object(DummyDestination, "send", watched):
            deliver(self.site, self.journal, default_rules(), Tools(clock=lambda: self.now, patience=0.0))
        for name, to in self.sent:
            version = self._version(name)
            assert (reason := self._forbidden(version, to)) is None, f"{name} left for {to}: {reason}"
            assert (name, to) not in self.taken, f"{name} left twice for {to}"
        for name, to in self.sent:
            if to not in self.troubled:
                self.taken.add((name, to))
        self._assert_that_what_may_leave_has_left()

    def _assert_that_what_may_leave_has_left(self) -> None:
        states = {
            (case.delivery.unique_id, case.delivery.destination): case.delivery.state
            for case in self.journal.deliveries.cases(states=tuple(DeliveryState), limit=1_000)
        }
        for version in self.versions:
            for to in (DMP, FOLDER):
                state, key = states[version.name, to], (version.name, to)
                assert (state is DeliveryState.DELIVERED) == (key in self.taken), (key, state)
                # What a held or discarded reading said frees nothing of what was blocked.
                doubted = self.journal.runs("atlas")[0].state in (RunState.HELD, RunState.DISCARDED)
                kept = doubted or to in self.paused or to in self.troubled or state is DeliveryState.CANCELLED
                if not kept and self._is_latest(version) and self._forbidden(version, to) is None:
                    assert key in self.taken, f"{version.name} may leave for {to}, and is {state}"

    def _forbidden(self, version: Version, to: str) -> str | None:
        """Why it must not leave, said as plainly as possible."""
        known, today = self.usagers[version.usager], self.now.date()
        if to in self.paused:
            return "the destination is paused"
        if version.run != "open":
            return f"its run is {version.run}"
        if any(covers(version, to) for covers in self.holds.values()):
            return "it is on hold"
        if version.decided.get(to) is Verdict.REFUSE:
            return "a person refused it"
        if not self._is_latest(version):
            return "there is a newer version"
        if known.anonymous is True:
            return "anonymous"
        if to == FOLDER:
            return "its INS may not leave any more" if version.with_ins and known.qualified is False else None
        told = any(ENTERED[version.usager] <= day <= today for day in self.informed.values())
        reasons = {
            "older than the start": version.dated < START,
            "not signed": not version.signed,
            "to be decided by a person": version.kind is TypeDocument.PROJET_PERSONNALISE
            and version.decided.get(to) is not Verdict.ALLOW,
            "opposed": known.opposed is True,
            "nothing says that they are not opposed": known.opposed is None and not told,
            "not informed": known.informed is False,
            "nothing says that they were informed": known.informed is None and not told,
            "the INS is not qualified": known.qualified is not True,
            "without INS": not version.with_ins,
            "archived": known.archived is True,
            "deceased": known.deceased is True,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _is_latest(self, version: Version) -> bool:
        return not any(
            (one.usager, one.series, one.kind) == (version.usager, version.series, version.kind)
            and one.number > version.number
            and one.run != "discarded"
            for one in self.versions
        )

    def _version(self, name: str) -> Version:
        return next(one for one in self.versions if one.name == name)

    # --- the system is told

    def _run(self) -> str:
        self.runs += 1
        run = f"r{self.runs}"
        self.journal.start_run(run, "atlas", "export", {"bridge": "0.1"}, self.now)
        return run

    def _dossier(self, usager: int) -> DossierEntry:
        known = self.usagers[usager]
        facts = {
            "anonymous": known.anonymous,
            "birth_date": "1990-01-01",
            "opposition_dmp": known.opposed,
            "information_dmp": known.informed,
            "ins_qualified": known.qualified,
            "deceased": known.deceased,
            "archived": known.archived,
            "entry_date": ENTERED[usager].isoformat(),
        }
        return DossierEntry("atlas", f"U{usager}", f"{usager}", FINESS, facts, {})

    def _read(self, usager: int) -> None:
        run = self._run()
        entry = ItemEntry("usager", f"U{usager}", self._dossier(usager), None, None, FINESS, "mapped", "", "nobody", {})
        self.journal.items.record(run, "atlas", [entry], self.now)
        self.journal.end_run(run, RunEvent.END, {}, self.now)


_WALK = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


class TestPolicyWalk(PolicyWalk.TestCase):
    settings = _WALK


@pytest.mark.real
class TestLongPolicyWalk(PolicyWalk.TestCase):
    settings = settings(_WALK, max_examples=40)
