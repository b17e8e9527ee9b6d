"""Our tables of classes and formats hold what the published ones hold."""

from __future__ import annotations

import pytest

from dui_bridge.data.codes import codes, rows
from tests.cisis_tables import SHARED, published, value_set

pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
SYSTEMS = {
    "TRE_A06-FormatCodeComplementaire": "1.2.250.1.213.1.1.4.2.282",
    "TRE_A11-IheFormatCode": "1.3.6.1.4.1.19376.1.2.3",
}


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


@pytest.mark.parametrize(("table", "name"), [("reference_types", "JDV_J231"), ("professions", "JDV_J01")])
def test_a_table_that_metadata_are_checked_with_is_the_published_value_set(table: str, name: str) -> None:
    assert {(row["code"], row["systeme"]) for row in rows(table)} == value_set(name)
