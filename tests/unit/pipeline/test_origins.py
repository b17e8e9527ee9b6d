"""Origins of a document: where a finding at an XPath gets its place, and what is kept on the disk."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.errors import FileUnusable
from dui_bridge.findings import Finding, Origin, Place
from dui_bridge.pipeline.origins import located, read_origins, write_origins
from dui_bridge.validation.rules import NOT_CDA

ID = "2.25.314.1"
NAME = Origin("USAGERS.CSV", 3, "NOM", Place("atlas.yaml", 12, 5))
SECOND = Origin("USAGERS.CSV", 3, "PRENOM")
ROW = Origin("USAGERS.CSV", 3)
ORIGINS = {
    "/ClinicalDocument/a": ROW,
    "/ClinicalDocument/a/name/family": NAME,
    "/ClinicalDocument/a/name/given[2]": SECOND,
}


def told(origin: object) -> bytes:
    return json.dumps({"/ClinicalDocument/a": origin}).encode()


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/ClinicalDocument/a/name/family", NAME),
        ("/ClinicalDocument/a/name[1]/family[1]", NAME),
        ("/ClinicalDocument/a/name/family/deeper", NAME),
        ("/ClinicalDocument/a/name/given[2]", SECOND),
        ("/ClinicalDocument/a/name/given", ROW),
        ("/ClinicalDocument/ab", None),
        ("/ClinicalDocument", None),
        ("", None),
    ],
)
def test_a_finding_takes_the_origin_of_the_nearest_value(path: str, origin: Origin | None) -> None:
    (finding,) = located([Finding(NOT_CDA.rule, path=path)], ORIGINS)

    assert (finding.at, finding.path) == (origin, path)


def test_a_finding_that_has_a_place_keeps_it() -> None:
    (finding,) = located([Finding(NOT_CDA.rule, at=ROW, path="/ClinicalDocument/a/name/family")], ORIGINS)

    assert finding.at == ROW


def test_what_is_kept_is_read_again_and_is_for_one_user(tmp_path: Path) -> None:
    data = tmp_path / "data"

    write_origins(data, ID, ORIGINS)

    assert read_origins(data, ID) == ORIGINS
    assert stat.S_IMODE((data / "origins").stat().st_mode) == 0o700
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in (data / "origins").iterdir()] == [
        (f"{ID}.json", 0o600)
    ]


@pytest.mark.parametrize("unique_id", ["../secret", "2.25/1", "2.25^1", "", "9" * 65, "E6D40CB0-8500"])
def test_an_id_of_a_document_that_is_not_ours_names_no_file(tmp_path: Path, unique_id: str) -> None:
    (tmp_path / "origins").mkdir()
    (tmp_path / "secret.json").write_text(json.dumps({"/x": ["a", 1, None, None]}))

    assert read_origins(tmp_path, unique_id) == {}


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(told))
def test_findings_stand_whatever_a_damaged_file_says(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    data = tmp_path_factory.getbasetemp()
    (data / "origins").mkdir(exist_ok=True)
    (data / "origins" / f"{ID}.json").write_bytes(content)

    (finding,) = located([Finding(NOT_CDA.rule, path="/ClinicalDocument/a")], read_origins(data, ID))

    assert NOT_CDA.rule.en in finding.line("en")


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "origins").write_text("in the way")

    with pytest.raises(FileUnusable):
        write_origins(tmp_path, ID, ORIGINS)
