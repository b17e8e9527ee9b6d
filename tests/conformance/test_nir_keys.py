"""The key of a NIR against the published vectors, and the list of test matricules against the published identities."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dui_bridge.ins.invented import is_listed_test_matricule
from dui_bridge.ins.matricule import has_right_key, key
from dui_bridge.ins.nir import describe
from tests.shared import shared_path


def _rows(name: str) -> list[dict[str, str]]:
    shared = shared_path()
    if shared is None:
        return []
    with Path(shared, "reference", "ins", name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


VECTORS = _rows("nir-key-vectors.csv")
IDENTITIES = [row for row in _rows("test-identities.csv") if row["matricule_15"]]
needs_shared = pytest.mark.skipif(shared_path() is None, reason="the shared reference folder is not here")


@needs_shared
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['nir13']}-{row['cle_attendue']}")
def test_the_key_of_a_published_nir_is_the_published_one(row: dict[str, str]) -> None:
    assert key(row["nir13"]) == int(row["cle_calculee"])


@needs_shared
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['nir13']}-{row['cle_attendue']}")
def test_a_published_wrong_key_is_told_from_a_right_one(row: dict[str, str]) -> None:
    assert has_right_key(row["nir13"] + row["cle_attendue"]) is (row["valide"] == "True")


@needs_shared
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['nir13']}-{row['cle_attendue']}")
def test_a_published_nir_is_described_with_its_key(row: dict[str, str]) -> None:
    read = describe(row["nir13"] + row["cle_attendue"])
    assert (read.form_ok, read.expected_key) == (True, int(row["cle_calculee"]))
    assert read.key_valid is read.right is (row["valide"] == "True")


@needs_shared
def test_every_published_test_matricule_is_listed() -> None:
    assert len(IDENTITIES) >= 20
    assert [row["matricule_15"] for row in IDENTITIES if not is_listed_test_matricule(row["matricule_15"])] == []
