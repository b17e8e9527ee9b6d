"""Structure and key of a matricule, and the matricules that belong to nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.ins.invented import invented_matricule, is_listed_test_matricule
from dui_bridge.ins.matricule import has_right_key, is_well_formed, key

PLACES = st.one_of(
    st.from_regex(r"\A[0-9]{5}\Z").filter(str.isascii),
    st.from_regex(r"\A2[AB][0-9]{3}\Z").filter(str.isascii),
)


@pytest.mark.parametrize(("department", "stands_for"), [("2A", 19), ("2B", 18)])
def test_a_corsican_department_counts_as_its_number(department: str, stands_for: int) -> None:
    number = int(f"28405{stands_for}321025")
    assert key(f"28405{department}321025") == 97 - number % 97


@pytest.mark.parametrize("month", ["20", "42", "99"])
def test_a_month_from_20_to_99_stands_for_an_unknown_month(month: str) -> None:
    assert is_well_formed(f"284{month}8832102500")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "284058832102532 ",
        "28405883210253",
        "2840588321025322",
        "384058832102532",
        "284138832102532",
        "284002B32102532",
        "284052a32102552",
        "284052C32102552",
        "２84058832102532",
    ],
    ids=["empty", "space", "14", "16", "sex 3", "month 13", "month 00", "lower case", "2C", "wide digit"],
)
def test_what_is_not_the_15_characters_of_a_matricule_is_refused(text: str) -> None:
    assert not is_well_formed(text)
    assert not has_right_key(text)


def test_the_key_of_something_else_is_an_error_that_does_not_repeat_it() -> None:
    with pytest.raises(ValueError, match="13 characters") as raised:
        key("1810163ABCDEF")
    assert "1810163" not in str(raised.value)


def test_one_wrong_digit_is_seen() -> None:
    assert has_right_key("284058832102532")
    assert not has_right_key("284058832102632")


@given(sexe=st.sampled_from("MF"), annee=st.integers(1905, 2026), mois=st.integers(1, 12), cog5=PLACES)
def test_an_invented_matricule_is_right_coherent_and_listed(sexe: str, annee: int, mois: int, cog5: str) -> None:
    matricule = invented_matricule(sexe, annee, mois, cog5)
    assert has_right_key(matricule)
    assert matricule[:10] == f"{'1' if sexe == 'M' else '2'}{annee % 100:02d}{mois:02d}{cog5}"
    assert is_listed_test_matricule(matricule)


@pytest.mark.parametrize(("sexe", "mois", "cog5"), [("I", 5, "01053"), ("F", 13, "01053"), ("F", 5, "1053")])
def test_traits_of_another_form_make_no_matricule(sexe: str, mois: int, cog5: str) -> None:
    with pytest.raises(ValueError, match=r"needs a sex|13 characters"):
        invented_matricule(sexe, 1990, mois, cog5)


def test_the_official_test_patient_is_listed_and_an_ordinary_matricule_is_not() -> None:
    assert is_listed_test_matricule("279035121518989")
    assert not is_listed_test_matricule("284058832102532")
    assert not is_listed_test_matricule("000")
