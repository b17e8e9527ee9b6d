"""Two dossiers of one person are recognised, however many persons were seen before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.model.identite import Usager
from dui_bridge.pipeline.duplicates import Duplicates, _FirstSeen

PERSON = {"nom_naissance": "LE GALL", "prenoms": "Maëlys", "date_naissance": "2010-02-03", "sexe": "F"}


def _usager(number: str, **traits: str | bool) -> Usager:
    return Usager.model_validate({"identifiant_local": number, **PERSON, **traits})


def test_the_first_dossier_of_a_person_is_named_at_each_later_one() -> None:
    duplicates = Duplicates(b"key")

    assert duplicates.same_person(_usager("100")) is None
    assert duplicates.same_person(_usager("200", nom_naissance="Le Gall")) == "100"
    assert duplicates.same_person(_usager("300é", prenoms="MAELYS")) == "100"


def test_the_same_dossier_read_again_is_no_second_one() -> None:
    duplicates = Duplicates(b"key")
    duplicates.same_person(_usager("100"))

    assert duplicates.same_person(_usager("100")) is None


def test_an_anonymous_dossier_is_nobody_s_second_one() -> None:
    duplicates = Duplicates(b"key")
    duplicates.same_person(_usager("100"))

    assert duplicates.same_person(_usager("200", anonyme=True)) is None


def test_thousands_of_other_persons_hide_none() -> None:
    duplicates = Duplicates(b"key")
    duplicates.same_person(_usager("first"))
    for number in range(3_000):
        assert duplicates.same_person(_usager(str(number), nom_naissance=f"A{number}")) is None

    assert duplicates.same_person(_usager("last")) == "first"
    assert duplicates.same_person(_usager("last", nom_naissance="A2999")) == "2999"


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 40), st.text(max_size=4)), max_size=60))
def test_it_answers_as_a_dict_would(given_in_turn: list[tuple[int, str]]) -> None:
    seen = _FirstSeen()
    known: dict[int, str] = {}
    for digest, number in given_in_turn:
        # The place of the digest 0 marks nobody: it counts as 1.
        assert seen.first(digest, number) == known.setdefault(digest or 1, number)
