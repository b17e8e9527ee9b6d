"""What the characters of a NIR say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.findings import Rule
from dui_bridge.ins import nir_rules as rules
from dui_bridge.ins.birthplace import Kind
from dui_bridge.ins.nir import describe


def notes(number: str) -> set[Rule]:
    return {note.rule for note in describe(number).notes}


def test_every_part_of_a_number_is_read() -> None:
    read = describe("2 79 03 51 215 189 89")
    assert (read.normalised, read.form_ok, read.key_valid, read.expected_key, read.right) == (
        "279035121518989",
        True,
        True,
        89,
        True,
    )
    assert (read.sexe, read.annee, read.mois, read.departement, read.ordre) == ("F", "79", 3, "51", "189")
    assert read.lieu is not None
    assert read.lieu.nom == "Dompremy"
    assert (read.corsica, read.listed_test, read.nia_possible) == (False, True, True)


def test_a_lower_case_corsica_and_a_missing_key_are_repaired_when_read() -> None:
    read = describe("284 05 2a 321 025")
    assert (read.normalised, read.key_valid, read.expected_key, read.right) == ("284052A321025", None, 52, True)
    assert (read.departement, read.corsica) == ("2A", True)
    assert rules.NIR_NO_KEY in notes("284052a321025")


def test_an_unknown_month_is_not_a_month() -> None:
    read = describe("1477204253674")
    assert (read.form_ok, read.mois) == (True, None)
    assert rules.NIR_MONTH_UNKNOWN in notes("1477204253674")


@pytest.mark.parametrize(
    ("number", "departement", "kind", "nom"),
    [
        ("1800397411001", "974", Kind.COMMUNE, "Saint-Denis"),
        ("1800399352001", "99", Kind.COUNTRY, "Algérie"),
        ("1500392352001", "92", Kind.COUNTRY, "Algérie"),
        ("1800363990001", "63", Kind.DEPARTMENT_ONLY, None),
    ],
)
def test_the_place_may_be_overseas_abroad_or_unknown(
    number: str, departement: str, kind: Kind, nom: str | None
) -> None:
    read = describe(number)
    assert read.lieu is not None
    assert (read.departement, read.lieu.kind, read.lieu.nom) == (departement, kind, nom)


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("", rules.NIR_LENGTH),
        ("27903512151898", rules.NIR_LENGTH),
        ("27903512151A9", rules.NIR_CHARACTERS),
        ("279032C215189", rules.NIR_CHARACTERS),
        ("379035121518989", rules.NIR_FIRST_DIGIT),
        ("279135121518989", rules.NIR_MONTH),
        ("279035121518988", rules.NIR_KEY),
    ],
)
def test_what_is_wrong_is_named(number: str, rule: Rule) -> None:
    assert rule in notes(number)
    assert not describe(number).right


DEPARTMENTS = st.integers(1, 99).map("{:02d}".format) | st.sampled_from(["2A", "2B"])
MONTHS = st.integers(0, 99).map("{:02d}".format)


@given(
    number=st.text(max_size=18)
    | st.builds(
        "{}79{}{}{:06d}{}".format, st.sampled_from("12378"), MONTHS, DEPARTMENTS, st.integers(0, 999999), MONTHS
    )
)
def test_any_text_is_described_and_no_note_repeats_it(number: str) -> None:
    read = describe(number)
    assert read.right == (not any(note.is_error for note in read.notes))
    assert not any(len(value) > 2 for note in read.notes for value in note.values.values())


@given(department=DEPARTMENTS, rest=st.integers(0, 999999), tried=st.integers(0, 99))
def test_the_expected_key_is_the_only_right_one(department: str, rest: int, tried: int) -> None:
    number = f"27903{department}{rest:06d}"
    expected = describe(number).expected_key
    assert expected is not None
    assert describe(f"{number}{expected:02d}").key_valid
    assert describe(f"{number}{tried:02d}").key_valid is (tried == expected)
