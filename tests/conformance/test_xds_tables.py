"""Our tables of classes and formats hold what the published ones hold."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dui_bridge.data.codes import codes, rows
from tests.shared import shared_path

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
CISIS = (SHARED or Path()) / "reference" / "cisis"
SYSTEMS = {
    "TRE_A06-FormatCodeComplementaire": "1.2.250.1.213.1.1.4.2.282",
    "TRE_A11-IheFormatCode": "1.3.6.1.4.1.19376.1.2.3",
}


def published(name: str) -> list[list[str]]:
    lines = (CISIS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.reader([line for line in lines if not line.startswith("#")], delimiter="\t"))[1:]


def test_the_class_of_each_type_is_the_published_one() -> None:
    ours = {(row["type"], row["systeme"], row["classe"]) for row in rows("type_classes")}
    assert ours == {(code, system, kind) for code, system, kind in published("typeClass.tsv")}


def test_every_class_of_a_type_has_its_name() -> None:
    assert {row["classe"] for row in rows("type_classes")} <= set(codes("document_classes"))


def test_the_format_of_each_model_is_the_published_one() -> None:
    ours = {(row["template"], row["format"]) for row in rows("formats")}
    assert ours == {(template, code) for template, code, _, _ in published("formatCode.tsv")}


def test_every_format_of_a_model_stands_in_the_terminology_that_is_published() -> None:
    for _, code, terminology, _ in published("formatCode.tsv"):
        assert codes("format_codes")[code].system == SYSTEMS[terminology]
