"""What the DUI is told: each state once, nothing lost whatever is killed, and nothing that fails stops anything."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dui_bridge.connectors.rest import RestSettings, Timing
from dui_bridge.journal.records import DossierEntry, ItemEntry, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.outcomes import OutcomePlan
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline import sources
from dui_bridge.pipeline.assemble import AssembledMapping, DeclaredSource
from dui_bridge.pipeline.outcomes import write as writing
from dui_bridge.pipeline.outcomes.rows import of_delivery
from dui_bridge.pipeline.outcomes.write import Written, delay, write_outcomes
from dui_bridge.sandbox.dui_rest import Fault
from dui_bridge.site.settings import Site, load_site
from tests.journal_site import AT, FINESS, RUN, SOURCE, delivery_of, record, settle, start_run
from tests.unit.connectors.rest_world import DECLARED, SECRET, World, settings, world
from tests.unit.mappings.mapping_world import MAPPING, check, load

SITE = f"""\
site: og
profile: sandbox
data: data
master_key: {{file: key}}
establishments: [{{finess: "{FINESS}", name: IME, category: IME}}]
sources: {{{SOURCE}: {{mapping: m.yaml, path: export, outcomes: retour}}}}
destinations: {{dmp: {{kind: file, path: documents}}}}
"""
FIELDS = "{dossier: dossier, cle: document.identifiant, etat: state, code: code, motif: message_fr, qui: who_acts, id: row_id}"
JSON = f"{{json: {{file: 'retour-{{date}}.json', fields: {FIELDS}}}}}"
CSV = "{csv: {file: 'R_{run}.CSV', encoding: cp1252, columns: {N: dossier, ETAT: state, MOTIF: message_fr}}}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "bridge.yaml").write_text(SITE)
    (tmp_path / "retour").mkdir()
    return load_site(tmp_path / "bridge.yaml")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "data", bytes(range(32))) as opened:
        start_run(opened)
        yield opened


def mapping(outcomes: str = JSON) -> AssembledMapping:
    text = f"{MAPPING}\noutcomes: {outcomes}\n"
    plan, findings = check(text)
    assert plan.outcomes is not None, [finding.line() for finding in findings]
    return AssembledMapping(load(text)[0], None, plan)


def rest(plan: OutcomePlan, declared: RestSettings) -> AssembledMapping:
    made = mapping()
    assert made.plan is not None
    return AssembledMapping(
        made.file, DeclaredSource(sources.kind("rest"), declared), replace(made.plan, outcomes=plan)
    )


def told(site: Site, written: Written) -> list[dict[str, Any]]:
    folder = site.sources[SOURCE].outcomes
    assert folder is not None
    return [row for name in written.files for row in json.loads((folder / name).read_text())]


def block(journal: Journal, version: int, cause: str, at: datetime = AT) -> None:
    journal.deliveries.change([(delivery_of(journal, version), DeliveryEvent.BLOCK, cause, "dui")], at)


def quarantined(key: str, cause: str = "MAP-101", usager: str = "U-1", state: str = "quarantined") -> ItemEntry:
    kind = TypeDocument.PROJET_PERSONNALISE
    return ItemEntry(
        "document", key, DossierEntry(SOURCE, usager, f"D-{usager}", FINESS, {}, {}),
        SeriesKey("og", SOURCE, kind, key, usager), kind, FINESS, state, cause, "dui", {"identifiant": key},
    )  # fmt: skip


# --- which rows


def test_what_has_settled_or_is_stuck_is_told_once(site: Site, journal: Journal) -> None:
    settle(journal, record(journal, "PP-1"))
    settle(journal, record(journal, "PP-2"), DeliveryEvent.REFUSE)
    settle(journal, record(journal, "PP-3"), DeliveryEvent.LOSE)
    block(journal, record(journal, "PP-4"), "DLV-001")
    settle(journal, record(journal, "PP-5"), DeliveryEvent.FAIL)
    record(journal, "PP-6")

    first = write_outcomes(site, journal, SOURCE, mapping(), AT)
    second = write_outcomes(site, journal, SOURCE, mapping(), AT + timedelta(hours=1))

    assert [row["etat"] for row in told(site, first)] == ["delivered", "refused", "doubtful", "blocked"]
    assert (second.rows, second.files) == (0, [])


def test_a_cause_is_told_in_words_with_who_acts(site: Site, journal: Journal) -> None:
    block(journal, record(journal), "DLV-001")

    (row,) = told(site, write_outcomes(site, journal, SOURCE, mapping(), AT))

    assert (row["dossier"], row["code"], row["qui"]) == ("D-U-1", "DLV-001", "dui")
    assert row["motif"] == "le fichier du site ne nomme plus cette destination"


def test_the_same_state_for_the_same_cause_is_one_row(site: Site, journal: Journal) -> None:
    version = record(journal)
    block(journal, version, "DLV-001")
    write_outcomes(site, journal, SOURCE, mapping(), AT)

    later = AT + timedelta(hours=1)
    journal.deliveries.change([(delivery_of(journal, version), DeliveryEvent.ALLOW, "", "")], later)
    block(journal, version, "DLV-001", later)
    again = write_outcomes(site, journal, SOURCE, mapping(), later)
    block(journal, version, "DLV-003", later + timedelta(hours=1))
    other = write_outcomes(site, journal, SOURCE, mapping(), later + timedelta(hours=1))

    assert again.rows == 0
    assert [row["code"] for row in told(site, other)] == ["DLV-003"]


def test_a_withdrawal_is_told_to_who_was_told_before(site: Site, journal: Journal) -> None:
    known, unknown = record(journal, "PP-1"), record(journal, "PP-2")
    block(journal, known, "DLV-001")
    write_outcomes(site, journal, SOURCE, mapping(), AT)
    later = AT + timedelta(hours=1)
    for version in (known, unknown):
        journal.deliveries.change([(delivery_of(journal, version), DeliveryEvent.CANCEL, "DLV-006", "nobody")], later)

    rows = told(site, write_outcomes(site, journal, SOURCE, mapping(), later))

    assert [(row["etat"], row["code"]) for row in rows] == [("cancelled", "DLV-006")]


def test_documents_in_quarantine_or_invalid_are_told_with_their_own_key(site: Site, journal: Journal) -> None:
    entries = [
        quarantined("PP-1"),
        quarantined("PP-2", "CDA-001", state="invalid"),
        quarantined("PP-3", "", state="built"),
    ]
    journal.items.record(RUN, SOURCE, entries, AT)

    rows = told(site, write_outcomes(site, journal, SOURCE, mapping(), AT))
    journal.items.record(RUN, SOURCE, entries, AT + timedelta(days=1))
    again = write_outcomes(site, journal, SOURCE, mapping(), AT + timedelta(days=1))

    assert [(row["cle"], row["etat"], row["code"]) for row in rows] == [
        ("PP-1", "quarantined", "MAP-101"),
        ("PP-2", "invalid", "CDA-001"),
    ]
    assert again.rows == 0


def test_a_second_document_of_a_dossier_is_told_later_and_the_first_not_again(site: Site, journal: Journal) -> None:
    journal.items.record(RUN, SOURCE, [quarantined("PP-1")], AT)
    write_outcomes(site, journal, SOURCE, mapping(), AT)
    later = AT + timedelta(days=1)
    journal.items.record(RUN, SOURCE, [quarantined("PP-1"), quarantined("PP-2")], later)

    rows = told(site, write_outcomes(site, journal, SOURCE, mapping(), later))

    assert [row["cle"] for row in rows] == ["PP-2"]


def test_the_facts_of_a_delivery_name_the_document_as_the_dui_and_the_outside_do(journal: Journal) -> None:
    settle(journal, record(journal))
    (case,) = journal.deliveries.cases(states=[DeliveryState.DELIVERED])
    case = replace(case, document={**case.document, "identifiant": "PP-1"})

    row = of_delivery("og", case, ZoneInfo("Indian/Reunion"))

    assert (row["document.identifiant"], row["document.version"]) == ("PP-1", 1)
    assert (row["external_id"], row["destination"]) == (case.delivery.unique_id, "dmp")
    assert row["at"] == "2026-11-21T06:00:00+04:00"
    assert row["row_id"] == of_delivery("og", case, ZoneInfo("Europe/Paris"))["row_id"]


# --- files


def test_a_csv_is_written_as_the_mapping_says(site: Site, journal: Journal, tmp_path: Path) -> None:
    settle(journal, record(journal))

    written = write_outcomes(site, journal, SOURCE, mapping(CSV), AT, run="20261121T020000Z")

    assert written.files == ["R_20261121T020000Z.CSV"]
    text = (tmp_path / "retour" / written.files[0]).read_bytes().decode("cp1252")
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=";")) == [
        ["N", "ETAT", "MOTIF"], ["D-U-1", "delivered", "remis"],
    ]  # fmt: skip


def test_a_second_file_of_the_same_name_is_numbered(site: Site, journal: Journal) -> None:
    settle(journal, record(journal, "PP-1"))
    first = write_outcomes(site, journal, SOURCE, mapping(), AT)
    settle(journal, record(journal, "PP-2"))

    second = write_outcomes(site, journal, SOURCE, mapping(), AT)

    assert (first.files, second.files) == (["retour-20261121.json"], ["retour-20261121-2.json"])


def test_a_row_that_was_written_but_not_marked_comes_again_with_the_same_id(
    site: Site, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    settle(journal, record(journal))
    with monkeypatch.context() as patched:
        patched.setattr(type(journal.outbox), "written", die)
        with pytest.raises(Killed):
            write_outcomes(site, journal, SOURCE, mapping(), AT)

    again = write_outcomes(site, journal, SOURCE, mapping(), AT)

    (row,) = told(site, again)
    assert json.loads((site.file.parent / "retour" / "retour-20261121.json").read_text()) == [row]
    assert again.files == ["retour-20261121-2.json"]


def test_a_missing_folder_is_told_and_tried_again_later(site: Site, journal: Journal, tmp_path: Path) -> None:
    settle(journal, record(journal))
    (tmp_path / "retour").rmdir()

    failed = write_outcomes(site, journal, SOURCE, mapping(), AT)
    (tmp_path / "retour").mkdir()
    early = write_outcomes(site, journal, SOURCE, mapping(), AT + timedelta(seconds=30))
    late = write_outcomes(site, journal, SOURCE, mapping(), AT + timedelta(seconds=60))

    assert (failed.rows, failed.failed, early.rows, late.rows) == (0, 1, 0, 1)
    (finding,) = failed.findings
    assert finding.rule.id == "OUT-001"
    assert "n'existe pas" in finding.message("fr")


def test_tries_come_later_and_later_and_never_stop() -> None:
    assert [delay(tries) for tries in (0, 1, 5, 100)] == [
        timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=32), timedelta(hours=6),
    ]  # fmt: skip


def test_many_rows_are_several_files(site: Site, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_ROWS", 2)
    for number in range(5):
        settle(journal, record(journal, f"PP-{number}"))

    written = write_outcomes(site, journal, SOURCE, mapping(), AT)

    assert (written.rows, len(written.files)) == (5, 3)
    assert len({row["id"] for row in told(site, written)}) == 5


def test_without_outcomes_or_a_folder_nothing_is_made(site: Site, journal: Journal) -> None:
    settle(journal, record(journal))
    plan, _ = check(MAPPING)
    silent = AssembledMapping(load(MAPPING)[0], None, plan)
    source = site.sources[SOURCE].model_copy(update={"outcomes": None})
    placeless = replace(site, sources={SOURCE: source})

    assert write_outcomes(site, journal, SOURCE, silent, AT) == Written()
    assert write_outcomes(placeless, journal, SOURCE, mapping(), AT) == Written()
    assert journal.outbox.waiting(SOURCE, AT) == []


def test_what_the_encoding_cannot_write_and_formulas_are_told(site: Site, journal: Journal) -> None:
    entry = quarantined("=1+1→")
    journal.items.record(RUN, SOURCE, [entry], AT)
    columns = "{csv: {file: r.csv, encoding: cp1252, columns: {ID: document.identifiant}}}"

    written = write_outcomes(site, journal, SOURCE, mapping(columns), AT)

    assert (site.file.parent / "retour" / "r.csv").read_bytes() == b"ID\r\n'=1+1?\r\n"
    assert [finding.rule.id for finding in written.findings] == ["OUT-002", "OUT-003"]
    assert all("1+1" not in finding.message() for finding in written.findings)


# --- the API


@pytest.fixture
def dui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("DUI_ID", "pont")
    monkeypatch.setenv("DUI_SECRET", SECRET)
    with world(tmp_path / "dui", 2) as made:
        yield made


def api(post: str, batch: int | None = None) -> AssembledMapping:
    fields = mapping("{json: {file: a, fields: {usager: dossier, etat: state}}}").plan
    assert fields is not None
    assert fields.outcomes is not None
    return rest(OutcomePlan("rest", fields.outcomes.fields, post=post, batch=batch), settings(DECLARED))


def at(site: Site, dui: World) -> Site:
    source = site.sources[SOURCE].model_copy(update={"path": Path("/site") / dui.server.url, "outcomes": None})
    return replace(site, sources={SOURCE: source})


@pytest.mark.parametrize(("batch", "requests"), [(None, 3), (2, 2), (100, 1)])
def test_an_api_is_told_row_by_row_or_in_batches(
    site: Site, journal: Journal, dui: World, batch: int | None, requests: int
) -> None:
    for number in range(3):
        settle(journal, record(journal, f"PP-{number}"))

    written = write_outcomes(at(site, dui), journal, SOURCE, api("/retours", batch), AT, timing=Timing(sleep=dui.sleep))

    assert written.rows == 3
    assert dui.server.outcomes == [{"usager": "D-U-1", "etat": "delivered"}] * 3
    assert len(dui.asked("POST /retours")) == requests


def test_an_api_that_is_down_is_told_later(site: Site, journal: Journal, dui: World) -> None:
    settle(journal, record(journal))
    dui.server.quirks.fail(Fault("/retours", status=503))
    timing = Timing(sleep=dui.sleep)

    failed = write_outcomes(at(site, dui), journal, SOURCE, api("/retours"), AT, timing=timing)
    late = write_outcomes(at(site, dui), journal, SOURCE, api("/retours"), AT + timedelta(minutes=1), timing=timing)

    assert (failed.failed, late.rows, len(dui.server.outcomes)) == (1, 1, 1)
    assert "RST-309" in failed.findings[0].message()


def test_a_row_that_the_api_refuses_keeps_back_no_other(site: Site, journal: Journal, dui: World) -> None:
    settle(journal, record(journal, "PP-1", usager="nobody"))
    journal.items.record(
        RUN, SOURCE, [replace(quarantined("PP-2"), dossier=DossierEntry(SOURCE, "U-2", "r0001", FINESS, {}, {}))], AT
    )

    written = write_outcomes(
        at(site, dui), journal, SOURCE, api("/residents/{dossier}/retours"), AT, timing=Timing(sleep=dui.sleep)
    )

    assert (written.rows, written.failed) == (1, 1)
    assert dui.server.outcomes == [{"usager": "r0001", "etat": "quarantined"}]
