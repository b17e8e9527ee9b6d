"""Status: everything read is in exactly one state, everything that waits is told once, with words."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_builder import AT, FINESS, JournalBuilder
from sqlalchemy import insert

from dui_bridge.journal.control_records import brake_of
from dui_bridge.journal.overview import Scope, item_state
from dui_bridge.journal.queries import settings as queries
from dui_bridge.journal.restoration import RESTORED_AT
from dui_bridge.journal.schema import payload
from dui_bridge.model.profile import Profile
from dui_bridge.model.states import FIRST_TOLD, SETTLED, DeliveryState
from dui_bridge.pipeline.reports.status import Status, gather
from dui_bridge.pipeline.reports.status_print import as_text, write_json
from dui_bridge.site.declaration import (
    DmpDestinationSettings,
    DummySettings,
    FileDestinationSettings,
    SourceSettings,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = AT + timedelta(hours=30)
S = DeliveryState


def site(**changes: Any) -> Any:
    """What status reads of a site."""
    values = {
        "id": "og",
        "profile": Profile.SANDBOX,
        "sources": {"atlas": SourceSettings(mapping=Path("m.yaml"), path=Path("x"))},
        "destinations": {
            "dmp": DummySettings(path=Path("dummy"), plays="dmp"),
            "archive": FileDestinationSettings(kind="file", path=Path("out")),
        },
        "zone": PARIS,
        "establishments": (SimpleNamespace(finess=FINESS),),
    }
    return SimpleNamespace(**{**values, **changes})


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[JournalBuilder]:
    made = JournalBuilder(tmp_path / "data")
    made.run()
    yield made
    made.journal.close()


def status(builder: JournalBuilder, scope: Scope | None = None, language: Any = "en", **changes: Any) -> Status:
    with builder.journal.overview.snapshot(scope or Scope()) as seen:
        return gather(site(**changes), builder.journal, seen, NOW, language)


def page(builder: JournalBuilder, language: Any = "fr", **changes: Any) -> str:
    return as_text(status(builder, language=language, **changes), PARIS, language)


def machine(builder: JournalBuilder, scope: Scope | None = None) -> dict[str, Any]:
    out = io.StringIO()
    with builder.journal.overview.snapshot(scope or Scope()) as seen:
        found = gather(site(), builder.journal, seen, NOW, "en")
        write_json(out, site(), found, seen, "en")
    return json.loads(out.getvalue())


states = st.sampled_from(DeliveryState)
versions = st.lists(st.dictionaries(st.sampled_from(["dmp", "archive"]), states, min_size=1), max_size=3)
documents = st.tuples(
    st.sampled_from(["built", "unchanged", "would_differ", "quarantined", "invalid", "left_out"]),
    st.sampled_from(["", "POL-040", "PIP-001", "dossier_held", "not selected (ETAT=B)", "ZZZ-001"]),
    versions,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(documents, max_size=8), st.sampled_from(["mapped", "quarantined", "left_out"]))
def test_everything_read_is_in_one_state_and_what_waits_is_told_once(tmp_path_factory, read, usager_state):
    builder = JournalBuilder(tmp_path_factory.mktemp("journal"))
    builder.run()
    usager = builder.usager("U-1", usager_state, "MAP-101" if usager_state == "quarantined" else "")
    for state, cause, made in read:
        builder.document(usager, state, cause, versions=made, causes={"dmp": cause})

    told = machine(builder)
    builder.journal.close()

    assert told["read"] == len(read) + 1
    assert sum(told["states"].values()) == told["read"]
    settled = {"mapped", "left_out", "would_differ", "built", *SETTLED}
    waiting = Counter({state: number for state, number in told["states"].items() if state not in settled})
    assert Counter(one["state"] for one in told["items"]) == waiting
    assert len({one["id"] for one in told["items"]}) == len(told["items"])
    for one in [*told["items"], *told["others"]]:
        assert list(one) == ["id", "kind", "state", "cause", "action", "who", "since"]
        assert all(one.values())
    assert sum(source["read"] for source in told["sources"]) == told["read"]


@settings(max_examples=20, deadline=None)
@given(versions.filter(bool))
def test_the_state_of_a_document_is_the_first_told_of_what_waits_else_of_its_latest_version(tmp_path_factory, made):
    builder = JournalBuilder(tmp_path_factory.mktemp("journal"))
    builder.run()
    builder.document(builder.usager("U-1"), versions=made)

    (shown,) = [one.shown for one in _counts(builder) if one.kind == "document"]
    builder.journal.close()

    waiting = [state for deliveries in made for state in deliveries.values() if state not in SETTLED]
    candidates = waiting or list(made[-1].values())
    assert shown == min(candidates, key=FIRST_TOLD.index)


def _counts(builder: JournalBuilder) -> Any:
    with builder.journal.overview.snapshot() as seen:
        return seen.counts()


@pytest.mark.parametrize(
    ("state", "told", "shown"),
    [
        ("unchanged", None, "built"),
        ("built", None, "built"),
        ("unchanged", S.DELIVERED, "delivered"),
        ("would_differ", S.DELIVERED, "would_differ"),
        ("would_differ", S.REFUSED, "refused"),
        ("quarantined", S.DELIVERED, "quarantined"),
        ("left_out", S.BLOCKED, "left_out"),
    ],
)
def test_the_one_state_of_a_document(state, told, shown):
    assert item_state("document", state, told) == shown


def test_a_delivery_that_no_item_tells_is_told_apart(builder):
    usager = builder.usager("U-1")
    builder.document(usager, "quarantined", "PDF-001", versions=[{"dmp": S.DOUBTFUL}])

    told = machine(builder)

    assert [one["state"] for one in told["items"]] == ["quarantined"]
    assert [(one["id"], one["state"]) for one in told["others"]] == [("delivery-1", "doubtful")]


def test_what_is_no_longer_in_the_export_is_not_counted_and_what_waits_of_it_is_still_told(builder):
    builder.document(builder.usager("U-1"), versions=[{"dmp": S.BLOCKED}], causes={"dmp": "POL-050"})
    builder.run("r2")
    builder.usager("U-2", run="r2")
    builder.journal.items.finish("r2", "atlas", AT)

    told = machine(builder)

    assert (told["read"], told["items"]) == (1, [])
    assert [one["id"] for one in told["others"]] == ["delivery-1"]
    assert not status(builder).all_well


def test_the_documents_of_a_held_dossier_are_one_group_after_the_others(builder):
    usager = builder.usager("U-1", "quarantined", "MAP-101", who="dui")
    for _ in range(5):
        builder.document(usager, "quarantined", "dossier_held")

    groups = status(builder).groups

    assert [(group.waiting.kind, group.waiting.number) for group in groups] == [("usager", 1), ("document", 5)]
    assert page(builder).count("son dossier est retenu") == 1


def test_one_cause_is_one_group_with_its_destinations_the_oldest_and_a_few_ids(builder):
    usager = builder.usager("U-1")
    for hours in range(5):
        old = AT - timedelta(hours=hours)
        builder.document(
            usager,
            versions=[{"dmp": S.BLOCKED, "archive": S.BLOCKED}],
            causes={"dmp": "POL-050", "archive": "POL-050"},
            since=old,
        )

    (group,) = status(builder).groups

    assert group.waiting.destinations == {"dmp": 5, "archive": 5}
    assert (group.waiting.number, group.waiting.oldest) == (10, AT - timedelta(hours=4))
    assert group.waiting.examples == ("document-2", "document-3", "document-4")


def test_what_waits_for_a_paused_destination_says_so_and_the_rest_does_not(builder):
    usager = builder.usager("U-1")
    builder.document(usager, versions=[{"dmp": S.READY, "archive": S.READY}])
    builder.journal.brakes.pause("dmp", "marie", "certificat expiré", None, AT)

    told = {tuple(group.waiting.destinations): group.cause.message for group in status(builder).groups}

    assert told == {("dmp",): "its destination is paused", ("archive",): "it waits for its turn"}
    assert [one["cause"] for one in machine(builder)["items"]] == ["its destination is paused"]
    assert "en pause depuis le 22/11/2026 03:00, par marie : certificat expiré" in page(builder)


def test_a_destination_that_took_all_of_its_day_says_how_many_went_and_when_it_goes_on(builder):
    usager = builder.usager("U-1")
    builder.document(usager, versions=[{"dmp": S.READY}])
    full = DmpDestinationSettings(start="2026-01-01", daily_documents=20)
    builder.journal.deliveries.taken_between = lambda *_: 20

    printed = " ".join(page(builder, destinations={"dmp": full}).split())

    words = "20 documents sont partis au DMP aujourd'hui, qui en prend 20 par jour : les autres partiront demain"
    assert f"pourquoi {words}, à partir de minuit" in printed
    assert f"{words}, à partir de minuit [DMP-036]" in printed
    assert status(builder, destinations={"dmp": full}).alerts == ()


def test_an_establishment_that_is_refused_is_told_with_what_to_do(builder):
    name = brake_of("dmp", FINESS)
    builder.document(builder.usager("U-1"), versions=[{"dmp": S.BLOCKED}], causes={"dmp": "DMP-034"})
    builder.journal.brakes.failed(name, "DMP-034", NOW, NOW + timedelta(minutes=5), opens=True)

    printed = " ".join(page(builder).split())

    assert f"dmp ne prend rien de l'établissement {FINESS} (le DMP n'accepte pas la structure appelante)" in printed
    assert "prochain essai le 23/11/2026 09:05" in printed
    assert "`dui-bridge resume dmp`" in printed
    assert "Vérifiez le FINESS géographique" in printed

    builder.journal.brakes.succeeded(name, NOW)
    assert status(builder).alerts == ()


def test_nothing_waits(builder):
    builder.document(builder.usager("U-1"), versions=[{"dmp": S.DELIVERED}])

    found = status(builder)

    assert found.all_well
    assert "rien n'attend" in page(builder)


def test_a_site_that_never_ran_is_told_what_to_do(tmp_path):
    fresh = JournalBuilder(tmp_path / "data")

    assert "dui-bridge run" in page(fresh)
    assert status(fresh).all_well


def test_one_establishment_has_its_own_numbers_and_those_of_nobody(builder):
    builder.usager("U-1")
    builder.usager("U-2", finess="750000019")
    builder.usager("U-3", "quarantined", "MAP-180", finess=None)

    assert status(builder, Scope("750000019")).states == {"mapped": 1, "quarantined": 1}


def test_since_lists_the_latest_and_counts_everything(builder):
    usager = builder.usager("U-1")
    builder.document(usager, versions=[{"dmp": S.BLOCKED}], since=AT - timedelta(days=9))
    builder.document(usager, versions=[{"dmp": S.BLOCKED}], since=AT)

    told = machine(builder, Scope(since=AT - timedelta(days=1)))

    assert told["read"] == 3
    assert [one["id"] for one in told["items"]] == ["document-3"]


def alerts(builder: JournalBuilder, **changes: Any) -> list[str]:
    return [alert.kind for alert in status(builder, **changes).alerts]


def test_an_urgent_item_that_waits_too_long_is_an_alert(builder):
    usager = builder.usager("U-1")
    builder.document(usager, versions=[{"dmp": S.READY}], urgent=True, created_at=NOW - timedelta(minutes=29))
    assert alerts(builder) == []

    builder.document(usager, versions=[{"dmp": S.READY}], urgent=True, created_at=NOW - timedelta(minutes=31))

    assert alerts(builder) == ["urgent"]
    assert "1 envoi(s) urgent(s) vers dmp attendent depuis plus de 30min (le plus ancien depuis 31 min)" in page(
        builder
    )


@pytest.mark.parametrize(
    ("schedule", "time", "expected"),
    [
        (None, "06:00", ["unread"]),
        (None, "10:00", []),
        ("0 2 * * *", "06:00", ["unread"]),
        ("0 2 * * *", "10:00", []),
        ("0 2 * * 0", "06:00", []),  # Sundays: the next one is the 29th
        ("0 22 * * *", "06:00", ["unread"]),  # begun on the 22nd at 22:00, due on the 23rd
    ],
)
def test_a_source_that_was_not_read_by_its_time_is_an_alert(builder, schedule, time, expected):
    # Read on Sunday the 22nd at 03:00; it is Monday the 23rd, 09:00.
    given = SourceSettings(mapping=Path("m.yaml"), path=Path("x"), expected_by=time, schedule=schedule)

    assert alerts(builder, sources={"atlas": given}) == expected


def test_a_source_that_was_never_read_is_an_alert_once_its_time_has_passed(builder):
    other = SourceSettings(mapping=Path("m.yaml"), path=Path("x"), expected_by="06:00", schedule="0 2 * * *")

    assert alerts(builder, sources={"boreal": other}) == ["unread"]


def test_a_journal_that_was_restored_is_an_alert_until_it_is_reconciled(builder):
    with builder.journal.access.writing() as connection:
        queries.add(connection, RESTORED_AT, AT.isoformat())

    assert alerts(builder) == ["restored"]
    assert "`dui-bridge reconcile`" in page(builder)


def test_a_purged_file_that_is_still_there_is_an_alert(builder):
    usager = builder.usager("U-1")
    with builder.journal.access.writing() as connection:
        connection.execute(
            insert(payload).values(
                dossier_id=usager, role="cda", name="aa", sha256="", size=1, in_file=True, created_at=AT, purged_at=AT
            )
        )
    assert alerts(builder) == []

    spool = builder.journal.access.folder / "spool"
    spool.mkdir()
    (spool / "aa").touch()

    assert alerts(builder) == ["purge"]


def test_a_held_run_is_an_alert_that_says_why_and_what_to_type(builder):
    builder.run("r2", state="held", cause="PIP-030")

    assert alerts(builder) == ["held"]
    shown = " ".join(page(builder).split())
    assert "runs release r2" in shown
    assert "sans doute un export incomplet" in shown


def test_what_to_type_next_fits_what_waits(builder):
    builder.document(builder.usager("U-1"), versions=[{"dmp": S.REFUSED}], causes={"dmp": "DLV-010"})

    shown = page(builder)

    assert "dui-bridge trace document-2" in shown
    assert "dui-bridge replay --cause DLV-010" in shown
    assert "review" not in shown.split("ET MAINTENANT")[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_has_words_on_the_page(builder, language):
    usager = builder.usager("U-1", "quarantined", "MAP-101")
    for state in DeliveryState:
        builder.document(usager, versions=[{"dmp": state}])
        builder.document(usager, versions=[{"dmp": state}])

    shown = page(builder, language)

    assert "_" not in shown.replace("projet_personnalise", "")
