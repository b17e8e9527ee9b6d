"""Forms of clinical codes, routes, units of doses and measures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.data.ips import allergy_type, measure, value_of
from dui_bridge.data.terminologies import dose_unit, normal_form, route, terminologies
from dui_bridge.model.clinique import Allergie, TypeConstante
from dui_bridge.model.synthese import VITAL_SIGNS


@pytest.mark.parametrize(
    ("name", "written", "normal"),
    [
        ("cim10", "e119", "E11.9"),
        ("cim10", " I10 ", "I10"),
        ("cim10", "F00.1", "F00.1"),
        ("cim10", "Z992+0", "Z99.2+0"),
        ("cim10", "ALZ", None),
        ("cim10", "", None),
        ("cim10", None, None),
        ("atc", "n02be01", "N02BE01"),
        ("atc", "J01C", "J01C"),
        ("atc", "N02B01", None),
        ("cip13", "34009 300 6578 5", "3400930065785"),
        ("cip13", "3400930065784", None),
        ("ucd", "9000001", "9000001"),
        ("ccam", "neka020", "NEKA020"),
        ("ccam", "NEKA020-1", None),
        ("emdn", "J010104", "J010104"),
        ("cis", "62080626", "62080626"),
    ],
)
def test_the_form_of_a_code(name: str, written: str | None, normal: str | None) -> None:
    assert normal_form(name, written) == normal


@given(st.sampled_from(sorted(terminologies())), st.text(max_size=20))
def test_a_normal_form_is_its_own_normal_form(name: str, written: str) -> None:
    normal = normal_form(name, written)
    assert normal is None or normal_form(name, normal) == normal


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Voie orale", "20053000"),
        ("per os", "20053000"),
        ("SC", "20066000"),
        ("à jeun", None),
        ("", None),
        (None, None),
    ],
)
def test_a_route_in_words(written: str | None, code: str | None) -> None:
    found = route(written)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("written", "unit"),
    [("mg", "mg"), ("µg", "ug"), ("UI", "[iU]"), ("comprimé", "{comprime}"), ("goutte(s)", "{gouttes}"), ("", None)],
)
def test_the_unit_of_a_dose(written: str, unit: str | None) -> None:
    assert dose_unit(written) == unit


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        ("poids", "58.4", "Kg", ("58.4", "kg")),
        ("taille", "1.62", "m", ("1.62", "m")),
        ("taille", "162", None, ("162", "cm")),
        ("taille", "1.62", None, None),
        ("pression_systolique", "132", "mmHg", ("132", "mm[Hg]")),
        ("pression_systolique", "13", "cmHg", None),
        ("pression_systolique", "13", "", None),
        ("temperature", "36.9", "°C", ("36.9", "Cel")),
        ("imc", "22", "kg/m²", ("22", "kg/m2")),
        ("poids", "58,4", "kg", None),
        ("poids", "٥٨", "kg", None),
    ],
)
def test_a_measure_has_a_sure_unit_or_none(
    kind: str, value: str, unit: str | None, expected: tuple[str, str] | None
) -> None:
    assert measure(kind, value, unit) == expected


def test_every_closed_value_of_the_model_has_a_code() -> None:
    for field in ("statut", "gravite"):
        for value in Allergie.model_fields[field].annotation.__args__[0].__args__:  # type: ignore[union-attr]
            assert value_of(f"allergie.{field}", value).code
    assert {value_of("gir", str(group)).display for group in range(1, 7)} == {f"GIR-{group}" for group in range(1, 7)}
    assert set(VITAL_SIGNS) == set(TypeConstante)


@pytest.mark.parametrize(
    ("kind", "category", "code"),
    [
        ("allergie", "medicament", "416098002"),
        ("intolerance", "aliment", "235719002"),
        ("allergie", None, "609328004"),
        (None, "aliment", "420134006"),
        (None, None, "420134006"),
    ],
)
def test_the_kind_of_an_allergy(kind: str | None, category: str | None, code: str) -> None:
    assert allergy_type(kind, category).code == code
