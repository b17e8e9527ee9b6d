"""The commands that look: status, trace, explain, quarantine, queue, runs, report, after the demo has run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from demo_site import DemoSite, Invocation, invoke
from lxml import html

from dui_bridge.pipeline.origins import read_origins


def look(demo: DemoSite, *words: str) -> Invocation:
    return invoke(*words, "--config", str(demo.config))


def waiting(demo: DemoSite) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = look(demo, "status", "--json").json["items"]
    return items


def one(demo: DemoSite, kind: str, state: str) -> str:
    return next(item["id"] for item in waiting(demo) if (item["kind"], item["state"]) == (kind, state))


def names(demo: DemoSite) -> set[str]:
    """Birth names of the export that are no words of the reports."""
    lines = demo.export("USAGERS.CSV").read_text(encoding="cp1252").splitlines()
    column = lines[0].split(";").index("NOM")
    return {cells[column] for line in lines[1:] if len(cells := line.split(";")) > column and len(cells[column]) > 4}


def test_status_says_everything_on_one_page_and_ends_by_what_to_type(demo):
    told = look(demo, "status")

    assert told.code == 1
    for title in ("CE QUI N'EST PAS PARTI, ET POURQUOI", "SOURCES", "DESTINATIONS", "ET MAINTENANT"):
        assert title in told.stdout
    assert all(name in told.stdout for name in ("atlas-ph", "serenia-ehpad", "dui-bridge trace document-"))


def test_status_for_machines_counts_what_the_runs_read(demo):
    told = look(demo, "status", "--json").json
    runs = look(demo, "runs", "list", "--json").json

    assert list(told)[:3] == ["read", "states", "items"]
    assert told["read"] == sum(run["counts"]["usagers_read"] + run["counts"]["documents_read"] for run in runs)
    assert sum(told["states"].values()) == told["read"]
    assert all(all(item.values()) for item in told["items"])


def test_status_of_one_establishment_holds_less_than_that_of_the_site(demo):
    whole = look(demo, "status", "--json").json
    part = look(demo, "status", "--json", "--establishment", "010000024").json

    assert 0 < part["read"] < whole["read"]
    assert sum(part["states"].values()) == part["read"]


def test_the_way_of_a_document_goes_from_the_row_to_the_attempt(demo):
    blocked = one(demo, "document", "blocked")

    (told,) = look(demo, "trace", blocked, "--json").json
    lines = look(demo, "trace", blocked).stdout

    (version,) = told["versions"]
    delivered = next(each for each in version["deliveries"] if each["state"] == "delivered")
    assert told["read"]["place"].split(":")[0].endswith(".CSV")
    assert version["origins"]
    assert {origin["file"] for origin in version["origins"]} == {
        origin.file for origin in read_origins(demo.out / "site" / "data", version["unique_id"]).values()
    }
    assert version["checks"]["error"] == 0
    assert (demo.out / "documents" / delivered["attempts"][0]["reference"]).is_file()
    for shown in (version["unique_id"], version["sha256"], delivered["id"], told["dossier"]):
        assert shown in lines


def test_an_unique_id_and_a_delivery_lead_to_the_same_document(demo):
    (told,) = look(demo, "trace", one(demo, "document", "blocked"), "--json").json
    (version,) = told["versions"]

    assert look(demo, "trace", version["unique_id"], "--json").json == [told]
    assert look(demo, "trace", version["deliveries"][0]["id"], "--json").json == [told]


def test_a_dossier_is_found_by_its_number(demo):
    held = one(demo, "usager", "quarantined")
    (told,) = look(demo, "trace", held, "--json").json

    by_number = look(demo, "trace", "--dossier", told["dossier"], "--json").json

    assert [usager["id"] for usager in by_number] == [held]


def test_a_held_item_is_told_with_its_place_its_cause_and_the_remedy(demo):
    held = one(demo, "usager", "quarantined")

    (told,) = look(demo, "trace", held, "--json").json

    assert re.fullmatch(r"\S+\.(CSV|json):\d+(:.+)?", told["read"]["place"])
    assert told["cause"]
    assert told["action"]


def test_the_chain_of_rules_is_told_for_each_destination(demo):
    told = look(demo, "explain", one(demo, "document", "blocked"))

    assert told.code == 0
    for name in ("documents", "dmp", "mssante", "mssante-usager"):
        assert f"{name}  delivery-" in told.stdout
    assert re.search(r"✓ .+\n", told.stdout)
    assert re.search(r"\[POL-\d{3}\]\n", told.stdout)


def test_the_explanation_is_the_cause_that_status_tells(demo):
    blocked = [item for item in waiting(demo) if item["state"] == "blocked"]
    # "this document" stands for the title of each.
    item = next(item for item in blocked if not item["cause"].startswith("ce document"))

    (told,) = look(demo, "explain", item["id"], "--json").json

    assert item["cause"] in {ruling["cause"].rstrip(".") for ruling in told["rulings"]}


def test_what_never_got_to_a_destination_is_explained_as_such(demo):
    told = look(demo, "explain", one(demo, "document", "quarantined"))

    assert told.code == 0
    assert "aucune règle n'a été appliquée" in told.stdout


def test_an_usager_is_explained_document_by_document(demo):
    dossier = look(demo, "trace", one(demo, "document", "blocked"), "--json").json[0]["dossier"]
    (usager,) = look(demo, "trace", "--dossier", dossier, "--json").json

    told = look(demo, "explain", usager["id"], "--json").json

    assert [document["id"] for document in told] == [document["id"] for document in usager["documents"]]


def test_the_quarantine_lists_each_held_item_with_the_value_to_correct(demo):
    held = look(demo, "quarantine", "--json")

    assert held.code == 1
    assert all(each["place"] and each["cause"] and each["action"] and each["who"] for each in held.json)
    assert '"31/02/1987" n\'est pas une date' in look(demo, "quarantine").stdout
    assert sum(each["documents"] for each in held.json) > 0


def test_a_queue_that_is_empty_says_so(demo):
    told = look(demo, "queue", "documents")

    assert (told.code, told.stdout) == (0, "rien n'est sur le point de partir pour documents.\n")


def test_a_queue_says_what_waits_there_for_another_reason(demo):
    told = look(demo, "queue", "dmp").stdout

    assert re.search(r"\d+ autres y attendent pour une autre raison : \d+ bloqués", told)


def test_runs_are_listed_the_last_one_first_and_shown(demo):
    listed = [line.split()[0] for line in look(demo, "runs", "list").stdout.splitlines()]

    assert listed == sorted(listed, reverse=True)
    shown = look(demo, "runs", "show", listed[0])
    assert shown.code == 0
    assert "usagers lus" in shown.stdout


def test_the_day_stands_on_one_page_without_a_script_or_a_person(demo, tmp_path):
    day = look(demo, "runs", "list", "--json").json[0]["started_at"][:10]
    page = tmp_path / "day.html"

    written = look(demo, "report", "--day", day, "--out", str(page))

    assert written.code == 0, written.stderr
    tree = html.fromstring(page.read_text(encoding="utf-8"))
    assert tree.findtext(".//title") == "dui-bridge"
    assert not tree.xpath("//script | //@src | //@href")
    assert {"atlas-ph", "serenia-ehpad", "dmp"} <= set(tree.xpath("//td/text()"))
    assert tree.xpath('//td[starts-with(., "rien ne dit si la personne s\'oppose")]')


def test_a_day_without_a_run_has_a_page_too(demo, tmp_path):
    page = tmp_path / "day.html"

    assert look(demo, "report", "--day", "2020-01-01", "--out", str(page)).code == 0
    assert "aucun" in page.read_text(encoding="utf-8")


def test_no_name_of_a_person_stands_in_what_status_queue_and_report_show(demo, tmp_path):
    day = look(demo, "runs", "list", "--json").json[0]["started_at"][:10]
    page = tmp_path / "day.html"
    look(demo, "report", "--day", day, "--out", str(page))
    shown = [look(demo, "status").stdout, look(demo, "status", "--json").stdout, page.read_text(encoding="utf-8")]

    assert len(names(demo)) > 20
    assert [name for name in names(demo) for text in shown if re.search(rf"\b{re.escape(name)}\b", text)] == []


@pytest.mark.parametrize(
    "words",
    [
        ("trace",),
        ("trace", "nothing"),
        ("trace", "document-999999"),
        ("trace", "usager-999999"),
        ("trace", "--dossier", "999999"),
        ("trace", "2.25.1"),
        ("explain", "delivery-999999"),
        ("explain", "usager-999999"),
        ("queue", "nowhere"),
        ("runs", "show", "20261122T020000Z-00000000"),
        ("status", "--establishment", "999999999"),
        ("status", "--since", "yesterday"),
        ("report", "--day", "tomorrow"),
        ("status", "--since", "0001-01-01"),
        ("status", "--since", "9999-12-31"),
        ("report", "--day", "9999-12-31"),
        ("report", "--day", "0001-01-01"),
        ("replay", "--since", "0001-01-01"),
        ("replay", "--until", "9999-12-31"),
        ("baseline", "--before", "0001-01-01"),
        ("hold", "--reason", "x", "--destination", "documents", "--until", "9999-12-31T23:59"),
        ("pause", "documents", "--reason", "x", "--until", "9999-12-31"),
        ("explain", "20261122T020000Z-00000000"),
        ("hold", "usager-1", "--reason", "x"),
        ("replay", "--state", "foo"),
    ],
)
def test_what_is_not_there_is_2_in_words(demo, words):
    ended = look(demo, *words)

    assert ended.code == 2
    assert ended.stderr
    assert "Traceback" not in ended.stderr
    assert "internal error" not in ended.stderr
    assert "erreur interne" not in ended.stderr


def test_a_state_that_nothing_is_sent_again_from_is_refused_in_the_language_of_the_site(demo):
    assert "n'est pas l'un de" in look(demo, "replay", "--state", "foo").stderr


def test_the_cause_of_a_document_is_that_of_the_delivery_that_tells_its_state(demo):
    item = next(item for item in waiting(demo) if item["state"] == "blocked")

    (told,) = look(demo, "trace", item["id"], "--json").json

    blocked = [one for one in told["versions"][-1]["deliveries"] if one["state"] == "blocked"]
    assert told["code"] == blocked[0]["code"] != ""
    assert {name: told[name] for name in ("cause", "action", "who", "since")} == {
        name: item[name] for name in ("cause", "action", "who", "since")
    }


def test_a_run_is_traced_with_where_what_it_read_stands_now(demo):
    run = look(demo, "runs", "list", "--json").json[0]

    (told,) = look(demo, "trace", run["run"], "--json").json
    lines = look(demo, "trace", run["run"]).stdout

    assert told["read"] == run
    assert sum(told["items"]["usager"].values()) == run["counts"]["usagers_read"]
    assert sum(told["items"]["document"].values()) == run["counts"]["documents_read"]
    assert told["deliveries"]["blocked"] > 0
    assert told["decisions"] == []
    assert f"{told['deliveries']['blocked']} bloqués" in lines


def test_what_waits_for_a_person_is_one_block_each_type_by_type(demo):
    told = look(demo, "review", "list", "--limit", "1")
    rows = look(demo, "review", "list", "--json").json["rows"]

    one = next(row for row in rows if row["type"] == "synthese_medicale")
    of_type = [row for row in rows if row["type"] == "synthese_medicale"]
    assert told.code == 1
    assert f"« Synthèse médicale » ({len(of_type)})" in told.stdout
    block = re.search(rf"  {one['id']}  dossier {one['dossier']}  {one['document']}  .+\n(    .+\n)+", told.stdout)
    assert block is not None
    assert one["question"].rstrip(".") in block[0]
    assert f'dui-bridge review allow {one["id"]} --reason "…"' in block[0]
    assert f"dui-bridge review list --type synthese_medicale --limit {len(of_type)}" in told.stdout
    assert told.stdout.splitlines()[-1].startswith(f"{len(rows)} ")
    assert max(map(len, told.stdout.splitlines())) < 250


def test_the_questions_of_one_type_are_listed_alone(demo):
    rows = look(demo, "review", "list", "--type", "synthese_medicale", "--json").json["rows"]

    assert {row["type"] for row in rows} == {"synthese_medicale"}


def test_a_report_that_cannot_be_written_is_2(demo, tmp_path):
    ended = look(demo, "report", "--day", "2026-11-22", "--out", str(tmp_path))

    assert ended.code == 2
    assert str(tmp_path) in ended.stderr
    assert list(tmp_path.iterdir()) == []
