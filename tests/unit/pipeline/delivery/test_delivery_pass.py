"""A whole pass on a site: policy is asked, then every destination is served, each on its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from action_world import DOCUMENT, FINESS
from action_world import INFORMED as USAGER
from delivery_world import AT, KEY, built
from sqlalchemy import update

from dui_bridge.errors import ServiceUnreachable
from dui_bridge.journal.control_records import TaskState, Verdict
from dui_bridge.journal.identity_records import IdentityEntry, IdentityState
from dui_bridge.journal.records import DossierEntry, Fingerprints, NewVersion, PlannedDelivery, SeriesKey
from dui_bridge.journal.schema import document_version
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel, DocumentIds
from dui_bridge.model.profile import Profile
from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent, RunKind
from dui_bridge.pipeline.delivery.backfill import advance_backfills
from dui_bridge.pipeline.delivery.deliver import Delivered, deliver
from dui_bridge.pipeline.delivery.destinations import DestinationKind, closed, open_destinations
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import NEW, Planned, plan
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts, ins_digest
from dui_bridge.pipeline.sources import installed
from dui_bridge.sandbox.dummy import Counts, DummyStore, expected
from dui_bridge.site.settings import Site, load_site

OUT = {"kind": "file", "path": "out"}


def site_with(folder: Path, destinations: Mapping[str, object], profile: str = "sandbox") -> Site:
    (folder / "master.key").write_text(KEY.hex())
    (folder / "master.key").chmod(0o600)
    (folder / "bridge.yaml").write_text(
        json.dumps(
            {
                "site": "les-tilleuls",
                "profile": profile,
                "data": "data",
                "master_key": {"file": "master.key"},
                "establishments": [{"finess": FINESS, "name": "IME Les Tilleuls", "category": "IME"}],
                "destinations": destinations,
            }
        )
    )
    return load_site(folder / "bridge.yaml")


def ids(number: int) -> DocumentIds:
    return DocumentIds(f"2.25.{number}", f"2.25.9{number}", 1)


class Filled:
    """A journal in which documents wait for some destinations."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.number = 0

    def add(
        self,
        *destinations: str,
        count: int = 1,
        usager: UsagerFacts = USAGER,
        document: DocumentFacts = DOCUMENT,
        end: tuple[RunEvent, str] | None = (RunEvent.END, ""),
    ) -> list[str]:
        """Makes a run that records so many documents and ends so; None: it is still under way."""
        run = f"r{self.number}"
        self.journal.start_run(run, "atlas", "export", {"bridge": "0.1"}, AT)
        names = []
        for _ in range(count):
            self.number += 1
            number, key = self.number, f"{self.number}"
            self.journal.record_versions(
                run,
                [
                    NewVersion(
                        SeriesKey("les-tilleuls", "atlas", TypeDocument.PROJET_PERSONNALISE, f"P{key}", f"U{key}"),
                        built(ids(number)),
                        fingerprints=Fingerprints({"plans": key}, key),
                        dossier=DossierEntry("atlas", f"U{key}", key, FINESS, _json(usager), {}),
                        facts=_json(document),
                        deliveries=[PlannedDelivery(name, False) for name in destinations],
                    )
                ],
                at=AT,
            )
            names.append(f"2.25.{number}")
        if end is not None:
            self.journal.end_run(run, end[0], {}, AT, cause=end[1])
        return names

    def states(self, destination: str) -> dict[str, tuple[DeliveryState, str]]:
        cases = self.journal.deliveries.cases(destination, tuple(DeliveryState), limit=10_000)
        return {case.delivery.unique_id: (case.delivery.state, case.delivery.cause) for case in cases}


def _json(facts: UsagerFacts | DocumentFacts) -> dict[str, object]:
    return json.loads(json.dumps(facts.to_json()))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    with Journal.open(tmp_path / "data", KEY) as journal:
        yield Filled(journal)


def run(site: Site, filled: Filled, now: datetime = AT, **given: object) -> Delivered:
    tools = Tools(clock=lambda: now, patience=0.0)
    return deliver(site, filled.journal, default_rules(), tools, **given)


# --- destinations


def test_destinations_and_sources_are_told_apart_in_the_same_group(tmp_path: Path) -> None:
    site = site_with(tmp_path, {"documents": {"kind": "file", "path": "out"}})

    opened = open_destinations(site)["documents"]

    assert isinstance(opened.module, DestinationKind)
    assert opened.channel is Channel.LOCAL
    means = SiteMeans(site, "documents")
    assert opened.for_source("atlas", means) is not opened.for_source("atlas", means)
    assert "file" not in installed()
    assert list(installed()) == ["csv", "json", "rest", "sql", "xml"]


def test_a_stand_in_is_opened_in_the_sandbox_only(tmp_path: Path) -> None:
    site = site_with(tmp_path, {"rehearsal": {"kind": "dummy", "path": "dummy.sqlite", "plays": "dmp"}})

    assert open_destinations(site)["rehearsal"].channel is Channel.DMP
    for profile in (Profile.QUALIFICATION, Profile.PRODUCTION):
        other = replace(site, profile=profile)
        assert open_destinations(other) == {}
        rule = closed(other, "rehearsal")
        assert rule is not None
        assert rule.id == "DLV-003"


def test_what_cannot_be_spoken_to_blocks_with_the_reason(tmp_path: Path, filled: Filled) -> None:
    site = site_with(tmp_path, {"rehearsal": {"kind": "dummy", "path": "dummy.sqlite", "plays": "dmp"}})
    site = replace(site, profile=Profile.PRODUCTION)
    filled.add("rehearsal", "gone")

    passed = run(site, filled)

    assert passed.worked == {}
    assert filled.states("rehearsal") == {"2.25.1": (DeliveryState.BLOCKED, "DLV-003")}
    assert filled.states("gone") == {"2.25.1": (DeliveryState.BLOCKED, "DLV-001")}


# --- a pass


def test_a_document_goes_to_all_its_destinations_once(tmp_path: Path, filled: Filled) -> None:
    site = site_with(
        tmp_path,
        {"documents": {"kind": "file", "path": "out"}, "rehearsal": {"kind": "dummy", "path": "dummy.sqlite"}},
    )
    filled.add("documents", "rehearsal", count=3)

    passed, again = run(site, filled), run(site, filled)

    assert passed.planned == Planned(ready=6)
    assert passed.delivered == 6
    assert again.delivered == 0
    assert len(list((tmp_path / "out" / "atlas").glob("*.xml"))) == 3
    assert DummyStore(tmp_path / "dummy.sqlite").counts() == Counts(taken=3, duplicates=0, sends=3)


def test_a_destination_that_is_added_gets_what_stands(tmp_path: Path, filled: Filled) -> None:
    documents = {"kind": "file", "path": "out"}
    run(site_with(tmp_path, {"documents": documents}), filled)
    filled.add("documents", count=2)
    added = site_with(tmp_path, {"documents": documents, "rehearsal": {"kind": "dummy", "path": "dummy.sqlite"}})

    assert run(added, filled, only="documents").delivered == 2
    passed = run(added, filled)

    assert (passed.delivered, passed.not_kept) == (2, {})
    assert DummyStore(tmp_path / "dummy.sqlite").counts() == Counts(taken=2, duplicates=0, sends=2)


def test_what_an_added_destination_cannot_get_any_more_is_told(tmp_path: Path, filled: Filled) -> None:
    documents = {"kind": "file", "path": "out"}
    filled.add("documents")
    run(site_with(tmp_path, {"documents": documents}), filled)
    year = timedelta(days=365)
    filled.journal.keeping.purge(AT + 2 * year, year, year)

    passed = run(site_with(tmp_path, {"documents": documents, "archive": {"kind": "file", "path": "old"}}), filled)

    assert passed.not_kept == {"archive": 1}


HELD = (DeliveryState.BLOCKED, "POL-009")


def with_archive(folder: Path, **archive: object) -> Site:
    """The site file names a second folder now."""
    return site_with(folder, {"documents": OUT, "archive": {"kind": "file", "path": "old", **archive}})


def test_many_for_a_destination_that_is_added_wait_for_a_person(tmp_path: Path, filled: Filled) -> None:
    names = filled.add("documents", count=51)
    site = with_archive(tmp_path)
    [later] = filled.add("documents", "archive")

    first, second = run(site, filled), run(site, filled)

    assert (first.held, first.delivered) == ({"archive": 51}, 53)
    assert filled.states("archive") == {**dict.fromkeys(names, HELD), later: (DeliveryState.DELIVERED, "")}
    assert (second.held, second.planned, second.delivered) == ({}, Planned(unchanged=51), 0)


def test_no_more_than_a_site_may_make_in_a_night_leave_unasked(tmp_path: Path, filled: Filled) -> None:
    filled.add("documents", count=50)

    passed = run(with_archive(tmp_path), filled, only="archive")

    assert (passed.held, passed.delivered) == ({}, 50)


def test_what_is_from_before_its_start_is_no_surge(tmp_path: Path, filled: Filled) -> None:
    old = filled.add("documents", count=51, document=replace(DOCUMENT, dated=date(2026, 11, 19)))
    new = filled.add("documents", count=2, document=replace(DOCUMENT, dated=date(2026, 11, 20)))

    passed = run(with_archive(tmp_path, start="2026-11-20"), filled, only="archive")

    assert (passed.held, passed.delivered) == ({}, 2)
    assert filled.states("archive") == {
        **dict.fromkeys(old, (DeliveryState.BLOCKED, "POL-006")),
        **dict.fromkeys(new, (DeliveryState.DELIVERED, "")),
    }


def test_a_destination_that_is_taken_out_and_put_back_frees_nothing(tmp_path: Path, filled: Filled) -> None:
    names = filled.add("documents", count=51)
    run(with_archive(tmp_path), filled, only="archive")
    plan(filled.journal, gate_of(site_with(tmp_path, {"documents": OUT}), filled), AT, destination="archive")

    assert run(with_archive(tmp_path), filled, only="archive").delivered == 0
    assert filled.states("archive") == dict.fromkeys(names, HELD)


def test_a_baseline_keeps_them_for_good(tmp_path: Path, filled: Filled) -> None:
    names, site = filled.add("documents", count=51), with_archive(tmp_path)
    run(site, filled, only="archive")

    filled.journal.baselines.put("archive", date(2026, 12, 1))

    assert [run(site, filled, only="archive").delivered for _ in range(2)] == [0, 0]
    assert filled.states("archive") == dict.fromkeys(names, (DeliveryState.BLOCKED, "POL-007"))


def test_a_backfill_of_the_destination_brings_exactly_those(tmp_path: Path, filled: Filled) -> None:
    names, site = filled.add("documents", count=51), with_archive(tmp_path)
    run(site, filled, only="archive")
    asked = {"type": None, "establishment": None, "per_day": 100}
    anywhere = filled.journal.tasks.add("backfill", {**asked, "destination": None}, "x", AT)
    untouched = advance_backfills(site, filled.journal, AT)
    filled.journal.tasks.set_state(anywhere, TaskState.CANCELLED, AT)
    filled.journal.tasks.add("backfill", {**asked, "destination": "archive"}, "x", AT)

    taken = advance_backfills(site, filled.journal, AT)

    delivered = [run(site, filled, only="archive").delivered for _ in range(2)]
    assert (untouched, taken, delivered) == (0, 51, [51, 0])
    assert filled.states("archive") == dict.fromkeys(names, (DeliveryState.DELIVERED, ""))


def test_what_was_ready_for_a_destination_that_is_taken_out_is_told(tmp_path: Path, filled: Filled) -> None:
    [name] = filled.add("documents")
    [case] = filled.journal.deliveries.cases("documents")
    filled.journal.deliveries.change([(case.delivery.id, DeliveryEvent.ALLOW, "", "")], AT)

    run(site_with(tmp_path, {"other": {"kind": "file", "path": "out"}}), filled)

    assert filled.states("documents") == {name: (DeliveryState.BLOCKED, "DLV-001")}


def test_what_policy_cannot_read_is_kept_back(tmp_path: Path, filled: Filled) -> None:
    site = site_with(tmp_path, {"documents": {"kind": "file", "path": "out"}})
    damaged, whole = filled.add("documents", count=2)
    with filled.journal.access.writing() as connection:
        connection.execute(
            update(document_version).where(document_version.c.unique_id == damaged).values(facts=b"\x01" + bytes(60))
        )

    assert run(site, filled).planned == Planned(ready=1, blocked=1)

    states = filled.states("documents")
    assert (states[damaged], states[whole][0]) == ((DeliveryState.BLOCKED, "DLV-016"), DeliveryState.DELIVERED)


def test_one_that_is_down_does_not_stop_another(tmp_path: Path, filled: Filled) -> None:
    site = site_with(
        tmp_path,
        {
            "down": {"kind": "dummy", "path": "down.sqlite", "down": True},
            "up": {"kind": "dummy", "path": "up.sqlite"},
        },
    )
    filled.add("down", "up", count=10)

    passed = run(site, filled)

    assert passed.worked["up"].delivered == 10
    assert passed.worked["down"].delivered == 0
    assert isinstance(passed.errors["down"], ServiceUnreachable)
    assert list(passed.errors) == ["down"]
    assert {state for state, _ in filled.states("down").values()} == {DeliveryState.READY}


def test_only_the_destination_that_is_named_is_served(tmp_path: Path, filled: Filled) -> None:
    site = site_with(tmp_path, {"a": {"kind": "dummy", "path": "a.sqlite"}, "b": {"kind": "dummy", "path": "b.sqlite"}})
    filled.add("a", "b")

    passed = run(site, filled, only="b")

    assert (list(passed.worked), passed.delivered) == (["b"], 1)
    assert filled.states("a") == {"2.25.1": (DeliveryState.PLANNED, "")}


@pytest.mark.parametrize("asked", [True, False])
def test_with_every_failure_at_once_the_counts_are_those_foretold(tmp_path: Path, filled: Filled, asked: bool) -> None:
    site = site_with(
        tmp_path,
        {
            "rehearsal": {
                "kind": "dummy",
                "path": "dummy.sqlite",
                "transient": "20%",
                "permanent": "5%",
                "cut_before": "3%",
                "cut_after": "3%",
                "wrong": "2%",
                "retries": 2,
                "asked": asked,
            }
        },
    )
    names = filled.add("rehearsal", count=250)
    now = [AT]

    def wait(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    tools = Tools(clock=lambda: now[0], sleep=wait, patience=3600, random=lambda: 0.5)

    passed = deliver(site, filled.journal, default_rules(), tools)

    told = expected(site.destinations["rehearsal"], names, 2)
    ends = list(filled.states("rehearsal").values())
    assert ends.count((DeliveryState.DELIVERED, "")) == passed.delivered == told.delivered
    assert ends.count((DeliveryState.REFUSED, "DMY-002")) == told.refused
    assert ends.count((DeliveryState.REFUSED, "DLV-004")) == told.gave_up
    assert ends.count((DeliveryState.DOUBTFUL, "DLV-005")) == told.doubtful
    assert told.delivered + told.refused + told.gave_up + told.doubtful == 250
    assert DummyStore(tmp_path / "dummy.sqlite").counts() == Counts(told.taken, 0, told.sends)
    assert told.gave_up > 0


# --- policy and journal


def gate_of(site: Site, filled: Filled) -> Gate:
    return Gate(site, filled.journal, default_rules())


def cause(gate: Gate, filled: Filled, now: datetime = AT) -> str:
    [case] = filled.journal.deliveries.cases(states=tuple(DeliveryState))
    return gate.ruling(case, now).cause


@pytest.fixture
def dmp(tmp_path: Path) -> Site:
    given = {"kind": "dummy", "path": "d.sqlite", "plays": "dmp", "start": "2026-01-01"}
    return site_with(tmp_path, {"dmp-rehearsal": {**given, "types": {"projet_personnalise": "auto"}}})


def test_a_hold_counts_within_a_second_and_no_longer_than_it_lasts(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal")
    gate, decisions = gate_of(dmp, filled), filled.journal.decisions
    before = cause(gate, filled)

    hold = decisions.hold(reason="enquête", by="x", until=None, at=AT, finess=FINESS)
    while_held = cause(gate, filled, AT + timedelta(seconds=1))
    decisions.release(hold, "x", AT)

    assert (before, while_held) == ("POL-001", "POL-003")
    assert cause(gate, filled, AT + timedelta(seconds=2)) == "POL-001"


def test_just_before_a_send_a_hold_counts_at_once_and_nothing_is_read_again_unless_something_changed(
    dmp: Site, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.add("dmp-rehearsal")
    gate, decisions = Gate(dmp, filled.journal, default_rules(), fresh=True), filled.journal.decisions
    readings: list[datetime] = []
    holds = decisions.holds
    monkeypatch.setattr(decisions, "holds", lambda now: readings.append(now) or holds(now))

    before = [cause(gate, filled) for _ in range(3)]
    decisions.hold(reason="enquête", by="x", until=None, at=AT, finess=FINESS)
    while_held = [cause(gate, filled) for _ in range(3)]

    assert (before, while_held) == (["POL-001"] * 3, ["POL-003"] * 3)
    assert len(readings) == 2


def _identity(filled: Filled, statut: str, state: IdentityState, matricule: str | None) -> None:
    """What the journal knows of the identity of the first usager."""
    record = {"identite": {"matricule": matricule}}
    entry = IdentityEntry(statut, state, "", "nobody", "", record, matricule)
    filled.journal.identities.store([(DossierEntry("atlas", "U1", "1", FINESS, {}, {}), entry)], AT)


@pytest.mark.parametrize(
    ("statut", "state", "matricule", "ruled"),
    [
        ("qualifiee", IdentityState.QUALIFIED, "A", "POL-001"),
        ("qualifiee", IdentityState.TO_VERIFY, "A", "POL-001"),
        ("qualifiee", IdentityState.TO_DECIDE, "A", "POL-050"),
        ("qualifiee", IdentityState.QUALIFIED, "B", "POL-050"),
        ("recuperee", IdentityState.TO_CHECK, "A", "POL-050"),
        ("provisoire", IdentityState.TO_CALL, None, "POL-050"),
    ],
)
def test_an_ins_leaves_only_as_long_as_it_is_that_of_a_qualified_identity(
    dmp: Site, tmp_path: Path, filled: Filled, statut: str, state: IdentityState, matricule: str | None, ruled: str
) -> None:
    text = json.loads((tmp_path / "bridge.yaml").read_text()) | {"insi": {}}
    (tmp_path / "bridge.yaml").write_text(json.dumps(text))
    filled.add("dmp-rehearsal", document=replace(DOCUMENT, ins=ins_digest("A")))
    site = load_site(tmp_path / "bridge.yaml")
    gate, just_before = gate_of(site, filled), Gate(site, filled.journal, default_rules(), fresh=True)
    before = cause(gate, filled), cause(just_before, filled)

    _identity(filled, statut, state, matricule)

    assert before == ("POL-001", "POL-001")  # nothing is known but the DUI's own word
    assert cause(gate, filled, AT + timedelta(seconds=1)) == ruled
    assert cause(just_before, filled) == ruled


def test_a_clock_that_went_back_does_not_hide_a_hold(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal")
    gate = gate_of(dmp, filled)
    cause(gate, filled)

    filled.journal.decisions.hold(reason="", by="x", until=None, at=AT - timedelta(hours=1))

    assert cause(gate, filled, AT - timedelta(hours=1)) == "POL-003"


def test_what_a_held_run_made_waits(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal", end=(RunEvent.HOLD, "PIP-031"))

    assert cause(gate_of(dmp, filled), filled) == "POL-002"


def test_what_a_run_under_way_made_is_not_ruled_on_before_its_end(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal", end=None)

    during = plan(filled.journal, gate_of(dmp, filled), AT)
    filled.journal.end_run("r0", RunEvent.HOLD, {}, AT, cause="PIP-031")

    assert during == Planned(too_early=1)
    assert plan(filled.journal, gate_of(dmp, filled), AT) == Planned(blocked=1)


@pytest.mark.parametrize("kind", [RunKind.FULL, RunKind.CHANGES])
@pytest.mark.parametrize("end", [RunEvent.FAIL, RunEvent.INTERRUPT])
def test_what_a_run_that_was_cut_short_made_waits_until_a_guard_has_seen_it(
    dmp: Site, filled: Filled, end: RunEvent, kind: RunKind
) -> None:
    filled.add("dmp-rehearsal", end=(end, ""))
    before = plan(filled.journal, gate_of(dmp, filled), AT)

    later = AT + timedelta(hours=1)
    filled.journal.start_run("later", "atlas", "export", {}, later, kind)
    filled.journal.end_run("later", RunEvent.END, {}, later)
    after = plan(filled.journal, gate_of(dmp, filled), later)

    assert before == Planned(too_early=1)
    assert after == Planned(ready=1)


@pytest.mark.parametrize(
    ("doubted", "planned"),
    [(RunKind.CHANGES, Planned(ready=1)), (RunKind.FULL, Planned(too_early=1))],
    ids=["changes are told again", "a whole reading is not"],
)
def test_what_a_doubted_reading_said_frees_nothing_until_it_is_told_again(
    dmp: Site, filled: Filled, doubted: RunKind, planned: Planned
) -> None:
    filled.add("dmp-rehearsal", usager=replace(USAGER, information_dmp=None))
    plan(filled.journal, gate_of(dmp, filled), AT)
    for hour, kind, end in ((1, doubted, RunEvent.HOLD), (2, RunKind.CHANGES, RunEvent.END)):
        at = AT + timedelta(hours=hour)
        filled.journal.start_run(f"later{hour}", "atlas", "export", {}, at, kind)
        filled.journal.end_run(f"later{hour}", end, {}, at)
    filled.journal.decisions.inform(FINESS, Channel.DMP, date(2021, 1, 1), "x", "courrier", AT)

    assert plan(filled.journal, gate_of(dmp, filled), AT) == planned


def test_a_refusal_of_a_person_counts_for_its_version(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal")
    [asked] = filled.journal.deliveries.cases()

    filled.journal.decisions.decide(asked.delivery.version_id, "dmp-rehearsal", Verdict.REFUSE, "x", "", AT)

    [case] = filled.journal.deliveries.cases()
    refused = gate_of(dmp, filled).ruling(case, AT)
    assert (refused.allows, refused.cause) == (False, "POL-014")


def test_a_declared_information_counts_for_its_establishment_and_channel(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal", usager=replace(USAGER, information_dmp=None))
    blank = cause(gate_of(dmp, filled), filled)
    inform = filled.journal.decisions.inform

    inform(FINESS, Channel.MSSANTE_PRO, date(2021, 1, 1), "x", "courrier", AT)
    inform("630000032", Channel.DMP, date(2021, 1, 1), "x", "courrier", AT)
    elsewhere = cause(gate_of(dmp, filled), filled)
    for day in (date(2019, 1, 1), date(2021, 1, 1), date(2030, 1, 1)):
        inform(FINESS, Channel.DMP, day, "x", "courrier", AT)

    assert blank == elsewhere != "POL-001"
    assert cause(gate_of(dmp, filled), filled) == "POL-001"


def test_before_the_baseline_only_a_backfill_leaves(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal")
    filled.journal.baselines.put("dmp-rehearsal", date(2026, 11, 1))
    filled.journal.baselines.put(None, date(2020, 1, 1))
    gate = gate_of(dmp, filled)
    [case] = filled.journal.deliveries.cases()
    task = filled.journal.tasks.add("backfill", {}, "x", AT)
    replay = filled.journal.tasks.add("replay", {}, "x", AT)

    causes = [
        gate.ruling(replace(case, delivery=replace(case.delivery, task=of)), AT).cause for of in (None, replay, task)
    ]

    assert causes == ["POL-007", "POL-007", "POL-001"]


def test_what_stays_blocked_keeps_since_when_and_leaves_when_the_cause_is_gone(dmp: Site, filled: Filled) -> None:
    filled.add("dmp-rehearsal")
    journal, gate = filled.journal, gate_of(dmp, filled)
    hold = journal.decisions.hold(reason="", by="x", until=None, at=AT)

    first = plan(journal, gate, AT)
    second = plan(journal, gate, AT + timedelta(days=1))
    [case] = journal.deliveries.cases()
    journal.decisions.release(hold, "x", AT)
    new_only = plan(journal, gate, AT + timedelta(days=2), states=NEW)
    third = plan(journal, gate, AT + timedelta(days=2))

    assert (first, second) == (Planned(blocked=1), Planned(unchanged=1))
    assert case.delivery.since == AT
    assert (new_only, third) == (Planned(), Planned(ready=1))


def test_every_page_is_ruled_on(dmp: Site, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_bridge.pipeline.delivery.plan._PAGE", 3)
    filled.add("dmp-rehearsal", count=7)

    assert plan(filled.journal, gate_of(dmp, filled), AT) == Planned(ready=7)
