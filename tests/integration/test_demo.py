"""The demo: what a newcomer sees, and what a second run, a correction, a new mapping and a new bridge change."""

from __future__ import annotations

import html
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from demo_site import CDA, DemoSite, invoke
from shared import shared_path
from small_site import small_site

import dui_bridge

MADE = ("built", "invalid", "unchanged", "would_differ")
SAMPLES = Path(dui_bridge.__file__).parent.parent / "samples"
SAMPLE = SAMPLES / "atlas-ph"
VENDORS = ("atlas-ph", "serenia-ehpad")


def adds_up(counts: dict[str, object], states: tuple[str, ...]) -> bool:
    parts = [counts[state] for state in states]
    for named in ("left_out", "quarantined"):
        parts += counts[named].values()  # type: ignore[attr-defined]
    return counts["read"] == sum(parts)  # type: ignore[arg-type]


def test_the_demo_builds_at_least_fifty_documents_with_a_pdf_beside_each(demo: DemoSite) -> None:
    files = demo.documents()
    cdas = {name.removesuffix(".xml") for name in files if name.endswith(".xml")}
    pdfs = {name.removesuffix(".pdf") for name in files if name.endswith(".pdf")}
    assert len(cdas) >= 50
    assert cdas == pdfs


def test_the_demo_makes_at_least_eight_types_and_twenty_structured_documents_of_both_vendors(demo: DemoSite) -> None:
    cdas = demo.cdas()
    assert len(cdas) >= 100
    assert len({root.xpath("string(c:code/@code)", namespaces=CDA) for root in cdas.values()}) >= 8
    assert sum(bool(root.xpath("c:component/c:structuredBody", namespaces=CDA)) for root in cdas.values()) >= 20


def test_at_least_twenty_rendered_documents_carry_a_qualified_ins(demo: DemoSite) -> None:
    rendered_with_ins = 0
    for root in demo.cdas().values():
        roots = root.xpath("c:recordTarget/c:patientRole/c:id/@root", namespaces=CDA)
        rendered_with_ins += "1.2.250.1.213.1.4.10" in roots
    assert rendered_with_ins >= 20
    assert len(re.findall(r"<td>(?:rendu à partir des données)</td><td>oui</td>", demo.report)) >= 20


def test_every_number_of_the_summary_adds_up(demo: DemoSite, tmp_path: Path) -> None:
    fresh = DemoSite(tmp_path / "out")
    assert invoke("demo", "--prepare", "--out", str(fresh.out)).code == 0
    for vendor in VENDORS:
        source = fresh.run(source=vendor)
        assert adds_up(source["usagers"], ("mapped",))
        assert adds_up(source["documents"], MADE)
        assert source["documents"]["built"] == len(demo.cdas(vendor)) > 0
    source = fresh.run()
    rows = len((SAMPLE / "export/20261120/USAGERS.CSV").read_bytes().splitlines()) - 1
    assert source["usagers"]["read"] == rows


def test_run_on_a_prepared_site_makes_the_same_documents_as_the_demo(demo: DemoSite, tmp_path: Path) -> None:
    prepared = DemoSite(tmp_path / "elsewhere")
    invoke("demo", "--prepare", "--out", str(prepared.out))
    assert not (prepared.out / "documents").exists()
    with prepared.stand_ins():
        assert invoke("run", "--config", str(prepared.config)).code == 0
    assert prepared.documents() == demo.documents()


def test_a_second_run_makes_nothing(own_demo: DemoSite) -> None:
    before = own_demo.documents()
    again = invoke("demo", "--out", str(own_demo.out))
    assert again.code == 0
    assert own_demo.documents() == before
    for vendor in VENDORS:
        documents = own_demo.run(source=vendor)["documents"]
        assert (documents["built"], documents["unchanged"]) == (0, len(own_demo.cdas(vendor)))


def test_a_corrected_row_makes_one_new_version_that_replaces_the_first(own_demo: DemoSite) -> None:
    before = own_demo.cdas()
    own_demo.edit("OBJECTIFS.CSV", lambda text: change_one_label(text, own_demo))
    assert own_demo.run()["documents"]["built"] == 1
    after = own_demo.cdas()
    (name,) = after.keys() - before.keys()
    (parent,) = after[name].xpath("c:relatedDocument[@typeCode='RPLC']/c:parentDocument/c:id/@root", namespaces=CDA)
    replaced = before[f"{parent}.xml"]
    set_id = "string(c:setId/@root)"
    assert after[name].xpath(set_id, namespaces=CDA) == replaced.xpath(set_id, namespaces=CDA)
    assert after[name].xpath("string(c:versionNumber/@value)", namespaces=CDA) == "2"
    assert own_demo.run()["documents"]["built"] == 0


def change_one_label(text: str, site: DemoSite) -> str:
    """Changes the label of the first objective of a project that was rendered."""
    projets = site.export("PROJETS.CSV").read_bytes().decode("cp1252").splitlines()
    header = projets[0].split(";")
    rendered = {
        cells[header.index("ID_PROJET")]
        for cells in (line.split(";") for line in projets[1:])
        if cells[header.index("FICHIER")] == "" and cells[header.index("ETAT")] == "V"
    }
    built = set(re.findall(r"<td>(\d+)</td><td>", site.report))
    dossier = {
        cells[header.index("ID_PROJET")]: cells[header.index("NUM_DOSSIER")]
        for cells in (line.split(";") for line in projets[1:])
    }
    lines = text.split("\r\n")
    for index, line in enumerate(lines[1:], start=1):
        cells = line.split(";")
        if cells[0] in rendered and dossier[cells[0]] in built and len(cells) == 7 and '"' not in line:
            cells[2] = "Objectif corrigé dans le DUI"
            lines[index] = ";".join(cells)
            return "\r\n".join(lines)
    raise AssertionError("no objective to change")


def test_a_corrected_mapping_makes_nothing_and_is_counted(own_demo: DemoSite) -> None:
    before = own_demo.documents()
    mapping = own_demo.mapping.read_text(encoding="utf-8")
    changed = mapping.replace("description: TEXTE", "description: {from: TEXTE, as: upper}")
    assert changed != mapping
    own_demo.mapping.write_text(changed, encoding="utf-8")
    documents = own_demo.run()["documents"]
    assert documents["built"] == 0
    assert documents["would_differ"] > 20
    assert own_demo.documents() == before


def test_a_new_bridge_version_makes_nothing(own_demo: DemoSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_bridge.pipeline.assemble.__version__", "99.0.0")
    documents = own_demo.run()["documents"]
    assert (documents["built"], documents["unchanged"]) == (0, len(own_demo.cdas("atlas-ph")))


def test_shuffled_child_files_give_the_same_documents(demo: DemoSite, tmp_path: Path) -> None:
    shuffled = DemoSite(tmp_path / "out")
    invoke("demo", "--prepare", "--out", str(shuffled.out))
    for name in ("OBJECTIFS", "ACTIONS", "ATTENTES", "CONTACTS", "EQUIPE", "EVALUATIONS", "PROJETS", "INTERVENANTS"):
        shuffled.edit(f"{name}.CSV", shuffle_rows)
    shuffled.run()
    assert shuffled.documents() == demo.documents("atlas-ph")


def shuffle_rows(text: str) -> str:
    """The same rows in another order; a quoted line break stays inside its row."""
    header, *lines = text.removesuffix("\r\n").split("\r\n")
    rows: list[str] = []
    for line in lines:
        if rows and rows[-1].count('"') % 2:
            rows[-1] += "\r\n" + line
        else:
            rows.append(line)
    random.Random(7).shuffle(rows)
    return "\r\n".join([header, *rows]) + "\r\n"


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    invoke("demo", "--prepare", "--out", str(site.out))
    before = sorted(str(path) for path in site.out.rglob("*"))
    assert site.run("--dry-run")["documents"]["built"] >= 50
    assert sorted(str(path) for path in site.out.rglob("*")) == before


def test_only_one_establishment_is_built_when_asked(tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    invoke("demo", "--prepare", "--out", str(site.out))
    site.run("--establishment", "2A0000014")
    custodians = {root.xpath("string(c:custodian//c:id/@extension)", namespaces=CDA) for root in site.cdas().values()}
    assert custodians == {"12A0000014"}


def test_strict_tells_of_quarantined_rows(own_demo: DemoSite) -> None:
    assert invoke("run", "--config", str(own_demo.config)).code == 0
    assert invoke("run", "--config", str(own_demo.config), "--strict").code == 1


def test_an_incomplete_export_waits_and_says_for_what(tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    invoke("demo", "--prepare", "--out", str(site.out))
    site.export("TERMINE.TXT").unlink()
    with site.stand_ins():
        ran = invoke("run", "--config", str(site.config))
    assert ran.code == 1
    assert "TERMINE.TXT" in ran.stdout
    assert not (site.out / "documents" / "atlas-ph").exists()


def pathologies() -> list[tuple[str, str, str]]:
    """The samples' own tables: (id, file:row[:column], what it must become)."""
    found = []
    for vendor in VENDORS:
        text = (SAMPLES / vendor / "README.md").read_text(encoding="utf-8")
        for line in text[text.index("## Pathologies") :].splitlines():
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if len(cells) == 6 and cells[2].isdigit():
                column = "" if cells[3] in {"", "-"} else f":{cells[3]}"
                found.append((f"{vendor}-{cells[0]}", f"{cells[1]}:{cells[2]}{column}", cells[5]))
    return found


def test_the_samples_hold_every_pathology() -> None:
    assert len(pathologies()) >= 70


@pytest.mark.parametrize(("name", "place", "becomes"), pathologies(), ids=[name for name, _, _ in pathologies()])
def test_no_pathology_vanishes(demo: DemoSite, name: str, place: str, becomes: str) -> None:
    """Each is in the report with file:row:column, cause and remedy, under the severity that its outcome has."""
    outcome = becomes.split(":")[0].split(",")[0].strip("*` ").lower()
    if outcome.startswith("accepted"):
        return
    # What a rule leaves out is named by its row; what is wrong with a value, by its cell.
    shown = re.escape(html.escape(place))
    if outcome.startswith("left out"):
        shown = re.escape(":".join(place.split(":")[:2])) + "(?::[A-Za-z_]+)?"
    rows = re.findall(rf'<tr><td class="place"><code>{shown}</code>.*?</tr>', demo.report)
    assert rows, f"{place} is not in the report"
    severities = Counter(match for row in rows for match in re.findall(r'<span class="(error|warning|info)">', row))
    if outcome.startswith(("dossier held", "document quarantined")):
        assert severities["error"]
    else:
        assert severities["warning"] + severities["info"]
    for row in rows:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        assert cells[1], "no cause"
        assert cells[2] or outcome.startswith("repaired"), "no remedy"


@pytest.mark.real
def test_the_official_suite_finds_nothing_wrong(demo: DemoSite) -> None:
    shared = shared_path()
    if shared is None:
        pytest.skip("the shared reference is not beside the checkout (DUI_BRIDGE_SHARED)")
    documents = sorted((demo.out / "documents").glob("*/*.xml"))
    judge = [sys.executable, str(shared / "judges/cda.py"), str(shared / "reference/cisis"), *map(str, documents)]
    judged = subprocess.run(judge, capture_output=True, text=True, timeout=600, check=False)
    assert judged.returncode == 0, judged.stdout[-4000:]
    assert len(re.findall(r" 0 problems ", judged.stdout)) == len(documents) >= 100


def test_no_trait_stands_outside_documents_export_and_report(demo: DemoSite) -> None:
    header, *rows = demo.export("USAGERS.CSV").read_bytes().decode("cp1252").splitlines()
    columns = header.split(";")
    traits = set()
    for row in rows:
        cells = row.split(";")
        if len(cells) == len(columns):
            cell = dict(zip(columns, cells, strict=True))
            traits |= {cell["NUM_SECU"].replace(" ", ""), cell["INS"], cell["EMAIL"], cell["DATE_NAISS"]}
    needles = [trait.encode(encoding) for trait in traits if len(trait) > 6 for encoding in ("utf-8", "cp1252")]
    for path in (demo.out / "site").rglob("*"):
        if path.is_file() and "tests" not in path.parts:
            data = path.read_bytes()
            assert not [needle for needle in needles if needle in data], path
    names = [path.name.encode() for path in demo.out.rglob("*") if "export" not in path.parts]
    assert not [name for name in names for needle in needles if needle in name]
    assert not [needle for needle in needles if needle.decode("cp1252") in demo.first.stdout + demo.first.stderr]


def test_the_readme_shows_what_the_demo_prints(demo: DemoSite) -> None:
    readme = (Path(dui_bridge.__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    printed = demo.first.stdout.split("\n\n")[0].strip()
    assert printed in readme


def test_the_readme_shows_what_status_prints_after_the_demo(demo: DemoSite) -> None:
    readme = (Path(dui_bridge.__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    block = readme.partition("```\ndemo-les-tilleuls, le ")[2].partition("```")[0]
    printed = undated(invoke("status", "--config", str(demo.config)).stdout)

    shown = [line for line in undated(block).splitlines()[1:] if line.strip() not in ("", "[…]")]

    assert len(shown) > 20
    assert [line for line in shown if line not in printed.splitlines()] == []


@pytest.mark.parametrize("command", ["inbox list", "inbox answers", "mssante suspects"])
def test_the_readme_shows_what_came_by_mail(demo: DemoSite, command: str) -> None:
    readme = (Path(dui_bridge.__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    shown = re.split(r"\n\n|\n```", readme.partition(f"$ dui-bridge {command}\n")[2])[0]

    printed = invoke(*command.split(), "--config", str(demo.config)).stdout

    assert len(shown.splitlines()) > 1
    assert [line.rstrip() for line in undated(printed).splitlines()] == undated(shown).splitlines()


def undated(text: str) -> str:
    """Without moments and ages, which are never the same."""
    return re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d|depuis \d+ \w+", "…", text)


def test_a_corrected_mapping_is_applied_to_what_left_only_when_a_person_asks(tmp_path: Path) -> None:
    site = small_site(tmp_path / "out")
    site.run()
    mapping = site.mapping.read_text(encoding="utf-8")
    changed = mapping.replace('"1": M, "2": F', '"1": F, "2": M')
    assert changed != mapping
    site.mapping.write_text(changed, encoding="utf-8")
    assert site.run()["documents"]["would_differ"] == 1

    asked = invoke("replay", "--rebuild", "--yes", "--config", str(site.config))
    assert asked.code == 0, asked.stderr + asked.stdout

    assert site.run()["documents"]["built"] == 1
    assert len(site.cdas()) == 2
    assert site.run()["documents"]["unchanged"] == 1
