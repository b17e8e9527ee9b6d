"""The third invented vendor's sample: made by its generator, holding every pathology where its README says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sample_vendor import SAMPLES, WORDS, differences, pathologies, regenerate

from dui_bridge.pipeline.check import check_mapping

SAMPLE = SAMPLES / "passerelle-pds"
EXPORT = SAMPLE / "export" / "20261121" / "EXPORT_PASSERELLE.XML"
WRITTEN_BY_HAND = {"passerelle-pds.yaml", "fonctions.csv"}
README = (SAMPLE / "README.md").read_text(encoding="utf-8")
LINES = EXPORT.read_bytes().decode("iso8859-15").splitlines()


CASES = {case["id"]: (int(case["row"]), case["must"]) for case in pathologies(SAMPLE.name)}


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("passerelle")
    return regenerate("generate_passerelle", folder)


def test_the_generator_writes_the_committed_files_byte_for_byte(regenerated: Path) -> None:
    assert differences(regenerated, SAMPLE.name, WRITTEN_BY_HAND) == []


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 700_000


def test_the_mapping_passes_its_own_tests() -> None:
    checked = check_mapping(SAMPLE / "passerelle-pds.yaml", export=SAMPLE / "export")
    assert [finding.line() for finding in checked.findings if finding.is_error] == []
    assert len(checked.tests) >= 7
    assert all(test.passed for test in checked.tests)


def test_every_pathology_says_what_must_become_of_it() -> None:
    assert len(CASES) >= 25
    assert [ident for ident, (_, must) in CASES.items() if not must.startswith(WORDS)] == []


@pytest.mark.parametrize(
    ("ident", "stands"),
    [
        ("doctype-lost", r"<!DOCTYPE EXPORT"),
        ("finess-empty", r'<STRUCTURE code="CSP01" finess=""'),
        ("html-entity", r"&nbsp;"),
        ("bare-ampersand", r"Marché & Fils :"),
        ("anonymous", r'anonyme="oui"'),
        ("anonymity-blank", r'anonyme=""'),
        ("number-twice-first", r'num="2026-0901"'),
        ("number-twice-second", r'num="2026-0901"'),
        ("signed-by-image", r'signe="image"'),
        ("path-elsewhere", r'chemin="\\\\ancien-srv\\'),
        ("contract", r'type="DIPC"'),
        ("type-unknown", r'type="attestation"'),
        ("mixed-synthesis", r'type="synthese"'),
    ],
)
def test_pathologies_stand_on_the_lines_that_the_readme_names(ident: str, stands: str) -> None:
    row, _ = CASES[ident]
    assert re.search(stands, LINES[row - 1])


def test_each_forbidden_path_of_the_mapping_holds_a_word_of_its_own() -> None:
    listed = dict(re.findall(r"^- `([A-Z_.]+)`: `(canari\w+)`$", README, re.MULTILINE))
    mapping = (SAMPLE / "passerelle-pds.yaml").read_text(encoding="utf-8")
    block = mapping[mapping.index("    forbidden:") : mapping.index("\ntables:")]
    assert set(re.findall(r"^ +- ([A-Z_.]+)", block, re.MULTILINE)) == set(listed)
    text = "\n".join(LINES)
    assert [word for word in listed.values() if word not in text] == []


def test_the_dump_is_not_well_formed_and_carries_no_ins() -> None:
    text = "\n".join(LINES)
    assert not re.search(r"[12]\d{14}\b", re.sub(r'siret="\d+"', "", text))
    assert "œ" in text  # of ISO-8859-15, not of Latin-1
