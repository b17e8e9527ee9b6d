"""Identities through a run: what INSi answers makes documents leave, and what is no longer true holds them back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from demo_site import DemoSite, Invocation, invoke
from small_site import small_site

from dui_bridge.ins.birthplace import Gazetteer, Place
from dui_bridge.journal.identity_records import IdentityState, KnownIdentity
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.sandbox.insi.persons import Number, Person
from dui_bridge.sandbox.insi.server import InsiServer
from dui_bridge.sandbox.insi.trouble import Trouble
from dui_bridge.sandbox.pki import Pki
from dui_bridge.site.settings import load_site

T = TypeVar("T")

MATRICULE = "210050105300007"
QUALIFIED = ";210050105300007;Q;12/01/2026;"
CHECKED, SEEN_BY_NOBODY = ";;3;12/01/2026;", ";;0;;"
LILOU = Person(
    "LAFORET", "ELISE", "ELISE MARIE-LOU", "F", "2010-05-17", "01053", Number(MATRICULE, "1.2.250.1.213.1.4.8")
)


def unqualified(out: Path, cells: str = CHECKED) -> DemoSite:
    """The small site, whose one person the DUI does not hold for qualified."""
    site = small_site(out, insi=True)
    site.edit("USAGERS.CSV", lambda text: text.replace(QUALIFIED, cells))
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace("permanent: 2%", "types: {projet_personnalise: auto}"), encoding="utf-8")
    informed = invoke(
        *("consents", "declare", "--config", str(site.config), "--establishment", "010000024", "--channel", "dmp"),
        *("--date", "2026-01-05", "--evidence", "lettre du 5 janvier 2026"),
    )
    assert informed.code == 0, informed.stderr
    return site


@contextmanager
def insi(site: DemoSite, *persons: Person, troubles: tuple[Trouble, ...] = ()) -> Iterator[InsiServer]:
    """The stand-in of the site, as `sandbox serve` starts it."""
    pki = Pki(site.config.parent / "secrets" / "pki")
    url = load_site(site.config).data / "sandbox" / "insi.url"
    with InsiServer(pki, persons=persons, troubles=troubles) as server:
        url.parent.mkdir(parents=True, exist_ok=True)
        url.write_text(server.url, encoding="ascii")
        yield server
    url.unlink()


def run(site: DemoSite) -> Invocation:
    return invoke("run", "--config", str(site.config), "--json")


def looked_at(site: DemoSite, look: Callable[[Journal], T]) -> T:
    settings = load_site(site.config)
    with Journal.open(settings.data, settings.key()) as journal:
        return look(journal)


def identity(site: DemoSite) -> KnownIdentity:
    found = looked_at(site, lambda journal: journal.identities.of("atlas-ph", "1"))
    assert found is not None
    return found


def at_the_dmp(site: DemoSite) -> list[DeliveryState]:
    """The deliveries to the stand-in that plays the DMP, in their order."""
    states = tuple(DeliveryState)
    cases = looked_at(site, lambda journal: journal.deliveries.cases(destination="dmp-essai", states=states))
    return [case.delivery.state for case in cases]


def test_a_person_whose_document_was_checked_is_qualified_by_one_call_and_her_document_leaves(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    with insi(site, LILOU) as server:
        ran = run(site)

    assert ran.code == 0, ran.stderr
    assert len(server.calls) == 1
    assert identity(site).statut == "qualifiee"
    assert at_the_dmp(site) == [DeliveryState.DELIVERED]
    (written,) = [data for name, data in site.documents().items() if name.endswith(".xml")]
    assert MATRICULE.encode() in written


def test_without_a_document_check_the_document_waits_and_no_ins_stands_in_it(tmp_path: Path) -> None:
    site = unqualified(tmp_path, SEEN_BY_NOBODY)
    with insi(site, LILOU):
        run(site)

    assert (identity(site).statut, identity(site).state) == ("recuperee", IdentityState.TO_CHECK)
    assert at_the_dmp(site) == [DeliveryState.BLOCKED]
    assert not any(MATRICULE.encode() in document for document in site.documents().values())


def test_what_waited_leaves_by_itself_once_the_dui_dates_the_check(tmp_path: Path) -> None:
    site = unqualified(tmp_path, SEEN_BY_NOBODY)
    with insi(site, LILOU) as server:
        run(site)
        site.edit("USAGERS.CSV", lambda text: text.replace(SEEN_BY_NOBODY, CHECKED))
        run(site)

    assert len(server.calls) == 1  # INSi has answered: it is not asked again
    assert at_the_dmp(site) == [DeliveryState.CANCELLED, DeliveryState.DELIVERED]


def test_a_qualification_makes_a_new_version_of_what_the_archive_has_already(tmp_path: Path) -> None:
    site = unqualified(tmp_path, SEEN_BY_NOBODY)
    with insi(site, LILOU):
        run(site)
    accepted = invoke(
        *("ins", "accept", "1", "--config", str(site.config), "--source", "atlas-ph"),
        *("--document", "cni", "--on", "2026-11-02", "--by", "Mme Invente"),
    )
    assert accepted.code == 0, accepted.stderr
    run(site)

    assert at_the_dmp(site)[-1] is DeliveryState.DELIVERED
    assert sum(name.endswith(".xml") for name in site.documents()) == 2


def test_a_service_that_does_not_answer_loses_nothing_and_is_asked_again(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    silent = run(site)
    with insi(site, LILOU):
        answered = run(site)

    assert silent.code == 3
    assert answered.code == 0, answered.stderr
    assert at_the_dmp(site)[-1] is DeliveryState.DELIVERED


@pytest.mark.parametrize("fault", ["insi_102", "desir_550"])
def test_a_fault_of_the_service_stands_in_the_history_under_its_code(tmp_path: Path, fault: str) -> None:
    site = unqualified(tmp_path)
    with insi(site, LILOU, troubles=(Trouble(fault),)):
        ran = run(site)

    known = identity(site)
    (call,) = looked_at(site, lambda journal: journal.identities.calls(known.dossier_id))
    assert ran.code == (2 if fault == "desir_550" else 0)
    assert known.state is IdentityState.RETRY
    assert call.code == known.cause


def test_traits_that_are_not_those_of_insi_are_kept_for_a_person(tmp_path: Path) -> None:
    other = Person(
        "LAFORET", "ELISE", "ELISE JEANNE", "F", "2010-05-17", "01004", Number(MATRICULE, "1.2.250.1.213.1.4.8")
    )
    site = unqualified(tmp_path)
    with insi(site, other):
        run(site)

    assert identity(site).state is IdentityState.TO_DECIDE
    assert at_the_dmp(site) == [DeliveryState.BLOCKED]


def test_a_trait_that_changes_takes_the_ins_back_and_says_what_left_with_it(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    with insi(site, LILOU):
        run(site)
        site.edit("USAGERS.CSV", lambda text: text.replace("17/05/2010", "18/05/2010"))
        run(site)

    known = identity(site)
    events = looked_at(site, lambda journal: journal.identities.events(known.dossier_id))
    (lost,) = [event for event in events if event.before == "qualifiee"]
    assert "dmp-essai" in str(lost.detail)
    assert "INS-320" in site.report
    assert identity(site).statut != "qualifiee"
    assert at_the_dmp(site)[-1] is DeliveryState.BLOCKED


def test_an_anonymous_person_is_never_searched(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    site.edit("USAGERS.CSV", lambda text: text.replace(";O;N;N;N\r\n", ";O;N;N;O\r\n"))
    with insi(site, LILOU) as server:
        run(site)

    assert server.calls == []


def test_a_dry_run_asks_nobody(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    with insi(site, LILOU) as server:
        invoke("run", "--config", str(site.config), "--dry-run")

    assert server.calls == []


def test_the_daily_cap_holds_and_the_person_waits(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace("\ninsi: {", "\ninsi: {daily_cap: 0, "), encoding="utf-8")
    with insi(site, LILOU) as server:
        run(site)

    assert server.calls == []
    assert identity(site).state is IdentityState.RETRY


def downgraded_while_paused(site: DemoSite) -> Invocation:
    """What was let go waits for its destination; meanwhile `ins qualify` reads another given name."""
    invoke("pause", "dmp-essai", "--config", str(site.config), "--reason", "panne")
    run(site)
    assert at_the_dmp(site) == [DeliveryState.READY]
    site.edit("USAGERS.CSV", lambda text: text.replace("Elise", "Alice").replace("Élise", "Alice"))
    settled = invoke("ins", "qualify", "--source", "atlas-ph", "--config", str(site.config), "--json")
    assert identity(site).statut == "provisoire"
    return settled


def test_what_was_let_go_is_held_back_by_an_identity_that_falls_before_it_leaves(tmp_path: Path) -> None:
    site = unqualified(tmp_path)
    with insi(site, LILOU):
        downgraded_while_paused(site)
    held = at_the_dmp(site)
    invoke("resume", "dmp-essai", "--config", str(site.config))
    invoke("deliver", "--config", str(site.config))

    assert held == [DeliveryState.BLOCKED]
    assert at_the_dmp(site) == [DeliveryState.BLOCKED]


def accept(site: DemoSite, *words: str) -> Invocation:
    return invoke("ins", "accept", "1", "--config", str(site.config), "--by", "Mme Invente", *words)


def to_decide(out: Path) -> DemoSite:
    """The site after a run in which INSi answered with other given names."""
    other = replace(LILOU, prenoms="ELISE JEANNE")
    site = unqualified(out)
    with insi(site, other):
        run(site)
    assert identity(site).state is IdentityState.TO_DECIDE
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(re.sub(r"call_on: \[\w+\]", "call_on: [admission]", text), encoding="utf-8")
    return site


def test_an_answer_to_traits_that_the_dui_changed_since_is_nobodys_to_accept(tmp_path: Path) -> None:
    site = to_decide(tmp_path)
    site.edit("USAGERS.CSV", lambda text: text.replace("Élise Marie-Lou", "Zoé Marie-Lou"))
    run(site)
    accepted = accept(site, "--document", "cni", "--on", "2026-11-02")
    shown = invoke("ins", "worklist", "--config", str(site.config), "--json").json["rows"][0]

    assert accepted.code == 0, accepted.stderr  # the document is noted, the answer is not taken
    assert (identity(site).statut, identity(site).state) == ("validee", IdentityState.TO_CALL)
    assert (shown["insi"], shown["matricule"]) == (None, "")
    assert accept(site).code == 2


def test_nothing_is_decided_about_a_dossier_whose_number_became_another_persons(tmp_path: Path) -> None:
    site = to_decide(tmp_path)
    site.edit(
        "USAGERS.CSV", lambda text: text.replace("Laforêt;Laforêt", "Durand;Durand").replace("17/05/2010", "01/02/2003")
    )
    run(site)
    accepted = accept(site)
    refused = invoke(
        *("ins", "refuse", "1", "--config", str(site.config), "--by", "Mme Invente", "--reason", "autre personne")
    )

    assert (accepted.code, refused.code) == (2, 2)
    assert all("PIP-020" in told.stderr for told in (accepted, refused))


def states(site: DemoSite, *numbers: str) -> list[tuple[str, IdentityState]]:
    found = [looked_at(site, lambda journal, one=one: journal.identities.of("atlas-ph", one)) for one in numbers]
    return [(one.statut, one.state) for one in found if one is not None]


def test_two_dossiers_with_one_matricule_are_both_withheld_until_the_dui_settles_it(tmp_path: Path) -> None:
    site = small_site(tmp_path, insi=True)
    alone = site.export("USAGERS.CSV").read_bytes()
    title, elise = alone.splitlines(keepends=True)[:2]
    second = b"2" + elise[1:].replace("Laforêt".encode("cp1252"), b"Martin")
    site.export("USAGERS.CSV").write_bytes(title + elise + second)
    withheld, qualified = ("validee", IdentityState.TO_DECIDE), ("qualifiee", IdentityState.QUALIFIED)

    run(site)
    at_first = states(site, "1", "2")
    run(site)
    then = states(site, "1", "2")
    documents = set(site.documents())
    site.export("USAGERS.CSV").write_bytes(title + elise + second.replace(QUALIFIED.encode(), b";;;;"))
    run(site)
    run(site)

    assert at_first == [qualified, withheld]
    assert then == [withheld, withheld]
    assert any(MATRICULE.encode() not in site.documents()[name] for name in documents)
    assert states(site, "1") == [qualified]
    events = looked_at(site, lambda journal: journal.identities.events(identity(site).dossier_id))
    assert [(one.event, one.after) for one in events] == [("ins_partagee", "validee"), ("ins_partagee", "qualifiee")]


def test_a_qualified_person_whom_the_gate_refuses_is_in_the_worklist_and_in_the_check(tmp_path: Path) -> None:
    site = small_site(tmp_path, insi=True)
    site.edit("USAGERS.CSV", lambda text: text.replace(";01000;01053;", ";01000;;"))
    run(site)
    checked = invoke("ins", "check", "--config", str(site.config), "--json").json
    listed = invoke("ins", "worklist", "--config", str(site.config), "--json").json

    assert (checked["counts"]["blocked"], checked["counts"]["qualified"]) == (1, 0)
    assert "INS-312" in [cause["code"] for cause in checked["causes"]]
    assert [(row["code"], row["state"]) for row in listed["rows"]] == [("INS-312", "blocked")]
    assert "code INSEE du lieu de naissance absent" in listed["rows"][0]["message"]


def test_a_number_that_tells_another_sex_is_told_of_a_qualified_person_too(tmp_path: Path) -> None:
    site = small_site(tmp_path, insi=True)
    site.edit("USAGERS.CSV", lambda text: text.replace("MLLE;", "M;").replace(";Lilou;2;", ";Lilou;1;"))
    run(site)

    assert identity(site).state is IdentityState.QUALIFIED
    assert "INS-140" in site.report


@pytest.mark.parametrize(
    ("prenoms", "statut"), [("ELISE MARIE-LOU", "qualifiee"), ("ELISE JEANNE", "provisoire")], ids=["same", "another"]
)
def test_at_a_visit_an_old_ins_is_asked_for_again(tmp_path: Path, prenoms: str, statut: str) -> None:
    site = small_site(tmp_path, insi=True)
    site.edit("USAGERS.CSV", lambda text: text.replace("Q;12/01/2026", "Q;12/01/2014"))
    asked = ("ins", "qualify", "--config", str(site.config), "--source", "atlas-ph")
    with insi(site, replace(LILOU, prenoms=prenoms)) as server:
        invoke(*asked)
        waits = (identity(site).state, len(server.calls))
        invoke(*asked, "--dossier", "1")

    known = identity(site)
    assert waits == (IdentityState.TO_VERIFY, 0)
    assert len(server.calls) == 1
    assert known.statut == statut
    assert (known.state is IdentityState.QUALIFIED) == (known.verified_at is not None) == (statut == "qualifiee")


def test_a_dossier_that_becomes_anonymous_keeps_nothing_of_its_person(tmp_path: Path) -> None:
    site = to_decide(tmp_path)
    site.edit("USAGERS.CSV", lambda text: text.replace(";O;N;N;N\r\n", ";O;N;N;O\r\n"))
    run(site)

    known = identity(site)
    (*_, last) = looked_at(site, lambda journal: journal.identities.events(known.dossier_id))
    assert (known.state, known.cause, last.event) == (IdentityState.BLOCKED, "INS-101", "anonyme")
    assert (known.record["search"], known.record["proposals"], known.local) == (None, [], "")
    assert "LAFOR" not in str(known.record).upper()


def test_a_run_knows_the_communes_of_the_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A pack in which the code of her birthplace is no commune: a wrong place is never asked with.
    pack = Gazetteer([Place("01004", "Ambérieu-en-Bugey", "", "")], complete=True)
    monkeypatch.setattr("dui_bridge.pipeline.identity.step.places", lambda: pack)
    site = unqualified(tmp_path)
    with insi(site, LILOU, replace(LILOU, lieu_naissance="63113")) as server:
        run(site)

    assert {call.search.lieu_naissance for call in server.calls} == {None}
    assert identity(site).cause == "INS-306"
