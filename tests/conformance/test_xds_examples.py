"""Every official example of a document gives complete metadata, in which nothing is found wanting."""

from __future__ import annotations

from pathlib import Path

import pytest

from dui_bridge.cda.reader import read_cda
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Contents
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.records import to_objects
from tests.shared import shared_path

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
CISIS = (SHARED or Path()) / "reference" / "cisis"


def faults(path: Path) -> set[tuple[str, str]]:
    """The findings about the document itself: rule, and attribute."""
    data = path.read_bytes()
    patient = read_cda(data).patient
    assert patient is not None
    assert patient.ins is not None
    ins = QualifiedIns(patient.ins.extension or "", patient.ins.root or "")
    found = check(to_objects(Contents(entries=(document_entry(data, ins),))), Purpose.DEPOSIT)
    return {(one.rule.id, one.path.split("/")[1]) for one in found if one.path.startswith("Document01/")}


@pytest.mark.parametrize("path", sorted((CISIS / "ExemplesCDA").glob("*.xml")), ids=lambda path: path.stem)
def test_an_official_example_has_all_its_metadata(path: Path) -> None:
    assert faults(path) == set()


def test_the_export_of_a_dui_has_a_format_that_the_dmp_does_not_take_and_a_structure_without_name() -> None:
    (path,) = (CISIS / "tddui").glob("CDA_TDDUI_Exemple*.xml")
    assert faults(path) == {("XDS-419", "formatCode"), ("XDS-746", "author")}
