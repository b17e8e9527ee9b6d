"""The invented vendor's sample: made by its generator, holding every pathology where its README says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sample_vendor import SAMPLES, WORDS, differences, pathologies, regenerate

from dui_bridge.ins.invented import is_listed_test_matricule
from dui_bridge.ins.matricule import has_right_key
from tests.shared import shared_path

SAMPLE = SAMPLES / "atlas-ph"
NIGHT = SAMPLE / "export" / "20261120"
WRITTEN_BY_HAND = {"atlas-ph.yaml", "fonctions.csv"}
PATIENT = "279035121518989"


def lines_of(name: str) -> list[str]:
    return (NIGHT / name).read_bytes().decode("cp1252").split("\r\n")


def rows_of(name: str) -> list[dict[str, str]]:
    with (NIGHT / name).open(encoding="cp1252", newline="") as text:
        return list(csv.DictReader(text, delimiter=";"))


USAGERS = rows_of("USAGERS.CSV")


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("atlas")
    return regenerate("generate_atlas", folder)


def test_the_generator_writes_the_committed_files_byte_for_byte(regenerated: Path) -> None:
    assert differences(regenerated, SAMPLE.name, WRITTEN_BY_HAND) == []


def test_the_files_are_as_the_vendor_writes_them() -> None:
    assert {path.name for path in NIGHT.glob("*.CSV")} == {
        "ETABLISSEMENTS.CSV",
        "USAGERS.CSV",
        "CONTACTS.CSV",
        "INTERVENANTS.CSV",
        "EQUIPE.CSV",
        "PROJETS.CSV",
        "OBJECTIFS.CSV",
        "ATTENTES.CSV",
        "ACTIONS.CSV",
        "EVALUATIONS.CSV",
        "DECISIONS_MDPH.CSV",
        "DOCUMENTS.CSV",
    }
    assert (NIGHT / "TERMINE.TXT").is_file()
    for path in NIGHT.glob("*.CSV"):
        data = path.read_bytes()
        assert data.decode("cp1252").endswith("\r\n")
        assert data.count(b"\n") == data.count(b"\r\n")


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 1_500_000


@pytest.mark.parametrize("case", pathologies(SAMPLE.name), ids=lambda case: case["id"])
def test_a_pathology_stands_on_its_line_and_says_what_must_become_of_it(case: dict[str, str]) -> None:
    line = lines_of(case["file"])[int(case["row"]) - 1]
    header = lines_of(case["file"])[0].split(";")
    assert case["must"].startswith(WORDS)
    cells = next(csv.reader([line], delimiter=";"))
    if case["column"] == "-":
        assert len(cells) > len(header)
        return
    assert len(cells) == len(header)
    cell = cells[header.index(case["column"])]
    for shown in case["what"].split("`")[1::2]:
        if case["id"].startswith("birthplace"):
            assert cell == ""
            assert shown in cells
        elif case["id"].startswith("nss-corsica"):
            assert cell[5:7] == shown
        else:
            assert cell == shown


@pytest.mark.parametrize("ident", [
    "finess-8-digits", "finess-scientific", "finess-corsica", "nss-key-apart", "nss-together", "nss-with-spaces",
    "nss-corsica-2a", "nss-corsica-20", "nss-wrong-key", "ins-wrong-key", "usage-name-only", "given-names-mixed",
    "accents-lost", "birth-date-year-only", "birth-date-impossible", "two-digit-year", "birthplace-district",
    "birthplace-abroad", "birthplace-old-commune", "postcode-as-cog", "unquoted-separator", "two-dossiers", "twins",
    "pdf-twice-path", "pdf-twice-bytes", "pdf-missing", "pdf-empty", "pdf-locked", "pdf-not-a", "left-without-rpps",
    "type-unknown",
])  # fmt: skip
def test_every_pathology_asked_for_is_there(ident: str) -> None:
    assert ident in {case["id"] for case in pathologies(SAMPLE.name)}


def test_enough_projects_can_become_documents() -> None:
    spoilt = {"dossier held", "document quarantined", "left out"}
    held = {
        USAGERS[int(case["row"]) - 2]["NUM_DOSSIER"]
        for case in pathologies(SAMPLE.name)
        if case["file"] == "USAGERS.CSV" and case["must"].split(":")[0] in spoilt
    } | {"20401", "20402"}
    unusable = {
        int(c["row"])
        for c in pathologies(SAMPLE.name)
        if c["file"] == "PROJETS.CSV" and c["must"].startswith("document")
    }
    current = {
        row["NUM_DOSSIER"]: row
        for number, row in enumerate(rows_of("PROJETS.CSV"), start=2)
        if row["ETAT"] in "VS" and number not in unusable and row["NUM_DOSSIER"] not in held
    }
    qualified = {row["NUM_DOSSIER"] for row in USAGERS if row["INS_STATUT"] == "Q"}
    rendered = [row for row in current.values() if not row["FICHIER"] and row["NUM_DOSSIER"] in qualified]
    assert len(current) >= 60
    assert len(rendered) >= 25


def test_a_qualified_row_has_all_its_traits_and_a_coherent_matricule() -> None:
    wrong = {case["row"] for case in pathologies(SAMPLE.name) if case["id"] == "ins-wrong-key"}
    qualified = [(n, row) for n, row in enumerate(USAGERS, start=2) if row["INS_STATUT"] == "Q" and str(n) not in wrong]
    assert len(qualified) >= 45
    for _, row in qualified:
        day, month, year = row["DATE_NAISS"].split("/")
        assert day != "00"
        assert row["DATE_QUALIF"]
        assert row["INS"].startswith(row["SEXE"] + year[2:] + month)
        assert has_right_key(row["INS"])
        if row["INS"] != PATIENT:
            assert row["INS"][5:10] == row["COG_NAISS"]


def test_two_dossiers_share_a_matricule_only_when_they_are_one_person() -> None:
    by_matricule: dict[str, set[str]] = {}
    for row in USAGERS:
        if row["INS"]:
            by_matricule.setdefault(row["INS"], set()).add(row["NUM_DOSSIER"])
    assert [dossiers for dossiers in by_matricule.values() if len(dossiers) > 1] == [{"20101", "20903"}]


def test_every_person_is_invented() -> None:
    numbers = [row[column].replace(" ", "") for row in USAGERS for column in ("INS", "NUM_SECU") if row[column]]
    assert [number for number in numbers if number[10:13] != "000"] == [PATIENT]
    assert all(is_listed_test_matricule(row["INS"]) for row in USAGERS if has_right_key(row["INS"]))


@pytest.mark.skipif(shared_path() is None, reason="the shared reference folder is not here")
@pytest.mark.parametrize(
    ("column", "value_set"),
    [("SERAFIN_BESOIN", "JDV_J285_Besoins_SERAFIN"), ("SERAFIN_PREST", "JDV_J284_PrestationsDirects_SERAFIN")],
)
def test_serafin_codes_are_official_but_one(column: str, value_set: str) -> None:
    shared = shared_path()
    assert shared is not None
    official = (shared / "reference" / "cisis" / "jeuxDeValeurs" / f"{value_set}.xml").read_text(encoding="utf-8")
    # the row with an unquoted separator has its cells one column off
    broken = {int(case["row"]) - 2 for case in pathologies(SAMPLE.name) if case["id"] == "unquoted-separator"}
    codes = {row[column] for n, row in enumerate(rows_of("OBJECTIFS.CSV")) if row[column] and n not in broken}
    assert {code for code in codes if f'code="{code}"' not in official} <= {"1.1.99"}
    assert len(codes) > 10


def test_projects_have_the_shapes_that_are_hard_to_lay_out() -> None:
    objectives = rows_of("OBJECTIFS.CSV")
    counts = {row["ID_PROJET"]: 0 for row in rows_of("PROJETS.CSV")}
    for row in objectives:
        if row["ID_PROJET"] in counts:
            counts[row["ID_PROJET"]] += 1
    assert counts["PP-2026-20102"] == 0
    assert counts["PP-2026-20303"] == 40
    assert max(len(row["LIBELLE"]) for row in objectives) == 300
    assert "œ" in "".join(row["LIBELLE"] for row in objectives)
