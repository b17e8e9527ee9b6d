"""The code tables of the DMP's stand-in hold what the published ones hold: they are its own, read by nobody else."""

from __future__ import annotations

import pytest

from dui_bridge.sandbox.dmp.codes import allowed, class_of_types, formats
from tests.cisis_tables import SHARED, published, value_set

pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
NOT_AT_THE_DMP = {
    *(f"urn:asip:ci-sis:dlu-{one}-dom:2022" for one in ("dlu", "fludt", "fludr")),
    "urn:asip:ci-sis:export-dui:2023",
}


def test_the_class_of_each_type_is_the_published_one() -> None:
    assert dict(class_of_types()) == {(code, system): kind for code, system, kind in published("typeClass.tsv")}


def test_the_format_of_each_model_that_the_dmp_takes_is_the_published_one() -> None:
    ours = {(template, code) for (template, _), (code, _) in formats().items()}
    assert ours == {(row[0], row[1]) for row in published("formatCode.tsv") if row[1] not in NOT_AT_THE_DMP}


def test_the_roles_are_those_that_the_published_specialties_are_made_of() -> None:
    professions, others = "1.2.250.1.213.1.1.4.5", set()
    for code, system in value_set("JDV_J01"):
        profession, _, specialty = code.partition("/")
        table = {"G15": "1.2.250.1.71.1.2.7", "G16": "1.2.250.1.71.1.2.8"}.get(profession[:3])
        assert system != professions or (profession[4:], table) in allowed("subject:role")
        assert not specialty or specialty in {one for one, _ in allowed("subject:role")}
        others |= {(code, system)} if system != professions else set()
    assert others <= allowed("subject:role")


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("healthcareFacilityTypeCode", "JDV_J02"),
        ("practiceSettingCode", "JDV_J04"),
        ("referenceIdList", "JDV_J231"),
    ],
)
def test_each_value_set_is_the_published_one(attribute: str, name: str) -> None:
    assert allowed(attribute) == value_set(name)
