"""A fault in a document that the bridge built is told with its place in the export and in the mapping."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.findings import Finding
from dui_bridge.pipeline import build
from dui_bridge.validation.rules import BIRTH_TIME

ORIGIN = ("file", "row", "column", "mapping")


@pytest.fixture
def site(tmp_path: Path) -> DemoSite:
    return small_site(tmp_path / "out")


def damaged(site: DemoSite, pattern: str, by: str) -> Path:
    """A document of the site (all are of one usager), with a text replaced."""
    file = min((site.out / "documents" / "atlas-ph").glob("*.xml"))
    text = file.read_text(encoding="utf-8")
    changed = re.sub(pattern, by, text, count=1)
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    return file


def validated(*words: str) -> list[dict[str, Any]]:
    ran = invoke("cda", "validate", *words, "--json")
    assert ran.code == 1, ran.stderr
    (document,) = ran.json
    return list(document["findings"])


def test_a_birth_time_in_fault_names_its_cell_and_its_line_of_the_mapping(site: DemoSite) -> None:
    site.run()
    file = damaged(site, r'<birthTime value="\d+"', '<birthTime value="hier"')

    findings = [one for one in validated(str(file), "--config", str(site.config)) if "birthTime" in one["path"]]

    ((file_name, row, column, place),) = {tuple(one[key] for key in ORIGIN) for one in findings}
    assert (file_name, row, column) == ("USAGERS.CSV", 2, "DATE_NAISS")
    mapping, line, _ = place.split(":")
    assert mapping == site.mapping.name
    assert "date_naissance" in site.mapping.read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_without_the_site_no_place_is_guessed(site: DemoSite) -> None:
    site.run()
    file = damaged(site, r'<birthTime value="\d+"', '<birthTime value="hier"')

    assert [one for one in validated(str(file)) if "file" in one or "mapping" in one] == []


def test_a_document_of_somebody_else_has_no_place(site: DemoSite) -> None:
    site.run()
    file = damaged(site, r'<birthTime value="\d+"', '<birthTime value="hier"')
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'<id root="2\.25\.\d+"/>', '<id root="1.2.3"/>', text, count=1), encoding="utf-8")

    assert [one for one in validated(str(file), "--config", str(site.config)) if "row" in one] == []


def test_what_is_kept_holds_nothing_of_a_person(site: DemoSite) -> None:
    site.run()
    kept = list((site.out / "site" / "data" / "origins").iterdir())
    text = "".join(file.read_text(encoding="utf-8") for file in kept)
    rows = site.export("USAGERS.CSV").read_bytes().decode("cp1252").splitlines()
    cells = {cell.strip('"') for row in rows[1:] for cell in row.split(";")}

    assert {file.stem for file in kept} == {name.removesuffix(".xml") for name in site.cdas()}
    assert [cell for cell in cells if len(cell) > 3 and cell in text] == []


def test_a_dry_run_keeps_nothing(site: DemoSite) -> None:
    site.run("--dry-run")

    assert not (site.out / "site" / "data" / "origins").exists()


def test_the_report_of_a_run_tells_where_an_invalid_document_is_wrong(
    site: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/ClinicalDocument/recordTarget/patientRole/patient/birthTime"
    finding = Finding(BIRTH_TIME.rule, path=path)
    monkeypatch.setattr(build, "validate", lambda data, *, rendered: (finding,))

    ran = invoke("run", "--config", str(site.config), "--json")

    assert ran.code == 1, ran.stderr
    assert "USAGERS.CSV:2:DATE_NAISS" in site.report
    assert not (site.out / "site" / "data" / "origins").exists()
