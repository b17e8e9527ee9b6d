"""From an export to the file that the DUI reads: what became of its documents, with its own keys."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest
from demo_site import DemoSite
from small_site import small_site

from dui_bridge.declared import Problems
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.assemble import assemble_mapping
from dui_bridge.pipeline.outcomes.write import write_outcomes
from dui_bridge.site.settings import load_site


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    return small_site(tmp_path_factory.mktemp("outcomes") / "out")


@pytest.fixture(scope="module")
def rows(demo: DemoSite) -> list[dict[str, str]]:
    folder = demo.out / "retour"
    folder.mkdir()
    text = demo.config.read_text(encoding="utf-8")
    text = text.replace("path: ../export/atlas-ph", "path: ../export/atlas-ph, outcomes: ../retour")
    demo.config.write_text(text, encoding="utf-8")
    demo.run()
    site = load_site(demo.config)
    mapping = assemble_mapping(site.sources["atlas-ph"].mapping, Problems("atlas-ph.yaml"), every_column=False)
    with Journal.open(site.data, site.key()) as journal:
        write_outcomes(site, journal, "atlas-ph", mapping, datetime.now(UTC))
    texts = [file.read_bytes().decode("cp1252") for file in sorted(folder.glob("RETOUR_*.CSV"))]
    return [row for text in texts for row in csv.DictReader(text.splitlines(), delimiter=";")]


def test_the_dui_is_told_what_arrived_and_under_which_id(demo: DemoSite, rows: list[dict[str, str]]) -> None:
    (delivered,) = (row for row in rows if row["ETAT"] == "remis" and row["CODE"] == "")

    assert delivered["NUM_DOSSIER"] == "1"
    assert f"{delivered['ID_EXTERNE']}.xml" in demo.documents()


def test_the_dui_is_told_what_does_not_leave_why_and_who_acts(rows: list[dict[str, str]]) -> None:
    (blocked,) = (row for row in rows if row["ETAT"] == "bloqué")

    assert blocked["CODE"].startswith("POL-")
    assert blocked["MOTIF"]
    assert blocked["QUI"] == "professionnel (dans le DUI)"


def test_the_dui_is_told_by_its_own_key_of_the_document(rows: list[dict[str, str]]) -> None:
    assert {row["ID_DOC"] for row in rows} == {"PP1"}
