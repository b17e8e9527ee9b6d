"""Places of birth: what a code stands for, and what is no code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.data.codes import rows
from dui_bridge.ins.birthplace import Gazetteer, Kind, Place, birthplace, looks_like_postcode, shipped

COG = Gazetteer(
    [
        Place("74010", "Annecy", "1943-01-01"),
        Place("74011", "Annecy-le-Vieux", "1943-01-01", "2017-01-01"),
        Place("2A004", "Ajaccio", "1976-01-01"),
        Place("20004", "Ajaccio", "1943-01-01", "1976-01-01"),
        Place("93066", "Saint-Denis", "1968-01-01"),
        Place("97411", "Saint-Denis", "1947-03-19"),
    ],
    complete=True,
)


@pytest.mark.parametrize(
    ("cog", "kind", "nom", "departement", "known"),
    [
        ("63113", Kind.COMMUNE, "Clermont-Ferrand", "Puy-de-Dôme", True),
        ("2b033", Kind.COMMUNE, "Bastia", "Haute-Corse", True),
        ("75114", Kind.COMMUNE, "Paris 14e Arrondissement", "Paris", True),
        ("97411", Kind.COMMUNE, "Saint-Denis", "La Réunion", True),
        ("63114", Kind.COMMUNE, None, "Puy-de-Dôme", None),
        ("00123", Kind.COMMUNE, None, None, False),
        ("96123", Kind.COMMUNE, None, None, False),
        ("99352", Kind.COUNTRY, "Algérie", None, True),
        ("99998", Kind.COUNTRY, None, None, False),
        ("99999", Kind.UNKNOWN, None, None, None),
        ("63000", Kind.DEPARTMENT_ONLY, None, "Puy-de-Dôme", True),
        ("97400", Kind.DEPARTMENT_ONLY, None, "La Réunion", True),
    ],
)
def test_a_code_is_explained_without_the_files_of_insee(
    cog: str, kind: Kind, nom: str | None, departement: str | None, known: bool | None
) -> None:
    read = birthplace(cog)
    assert read is not None
    assert (read.kind, read.nom, read.departement, read.known) == (kind, nom, departement, known)


@pytest.mark.parametrize("cog", ["", "6311", "2C004", "631133", "CLERM", "６3113"])
def test_what_has_not_the_form_of_a_code_is_none(cog: str) -> None:
    assert birthplace(cog) is None


@pytest.mark.parametrize(
    ("cog", "born", "known"),
    [
        ("74011", "2016-12-31", True),
        ("74011", "2017-01-01", False),
        ("74012", "1990-01-01", False),
        ("20004", "1960-01-01", True),
        ("20004", "1980-01-01", False),
        ("2A004", "1980-01-01", True),
        ("2A004", "1960-01-01", True),
        ("93066", "1960-01-01", False),
    ],
)
def test_with_all_communes_a_code_is_known_at_the_birth_or_not(cog: str, born: str, known: bool) -> None:
    read = birthplace(cog, COG, born)
    assert read is not None
    assert read.known is known


def test_a_former_department_has_the_name_that_it_had() -> None:
    before, after = birthplace("75114", born="1950-05-05"), birthplace("75114", born="1990-05-05")
    assert before is not None
    assert after is not None
    assert (before.departement, after.departement) == ("Seine", "Paris")


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("PARIS 14", ["75114"]),
        ("Paris 1er arrondissement", ["75101"]),
        ("LYON 3EME", ["69383"]),
        ("MARSEILLE 05", ["13205"]),
        ("ST FLOUR", ["15187"]),
        ("Ambérieu en Bugey", ["01004"]),
        ("ALGER (ALGERIE)", ["99352"]),
        ("SAINT DENIS (REUNION)", ["97411"]),
        ("ATLANTIDE", []),
        ("", []),
    ],
)
def test_a_place_is_found_by_its_name_as_people_write_it(label: str, codes: list[str]) -> None:
    assert [place.code for place in shipped().named(label)] == codes


def test_a_department_in_brackets_tells_two_communes_apart() -> None:
    assert [place.code for place in COG.named("SAINT-DENIS")] == ["93066", "97411"]
    assert [place.code for place in COG.named("Saint-Denis (La Réunion)")] == ["97411"]


@pytest.mark.parametrize(
    ("cog", "postcode", "born", "is_postcode"),
    [
        ("01000", None, "", True),
        ("75014", None, "", True),
        ("97400", None, "", True),
        ("42100", "42100", "", True),
        ("20200", None, "1980-01-01", True),
        ("20200", None, "1970-01-01", False),
        ("75056", None, "", False),
        ("75114", "75014", "", False),
        ("63113", None, "", False),
        ("2A004", None, "1980-01-01", False),
    ],
)
def test_a_postcode_is_told_from_a_code(cog: str, postcode: str | None, born: str, is_postcode: bool) -> None:
    assert looks_like_postcode(cog, postcode, born) is is_postcode


@pytest.mark.parametrize("table", ["communes", "countries"])
def test_every_shipped_place_is_found_by_its_own_code(table: str) -> None:
    wrong = [row["code"] for row in rows(table) if getattr(birthplace(row["code"]), "nom", None) != row["libelle"]]
    assert wrong == []


@given(
    cog=st.text(max_size=6) | st.integers(0, 99999).map("{:05d}".format) | st.integers(0, 999).map("2A{:03d}".format),
    born=st.dates().map(str) | st.just(""),
)
def test_any_text_has_an_answer_and_abroad_is_no_department(cog: str, born: str) -> None:
    read = birthplace(cog, COG, born)
    if read is not None:
        assert (read.kind is Kind.COUNTRY) <= (read.departement is None)
        assert (read.nom is not None) <= (read.kind in (Kind.COMMUNE, Kind.COUNTRY))
