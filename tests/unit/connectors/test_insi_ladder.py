"""The ladder of a search at INSi: what is asked next, from the answers so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dui_bridge.connectors.insi import InsiSettings
from dui_bridge.connectors.insi.echelle import LADDER, End, Next, Step, next_call
from dui_bridge.connectors.insi.errors import Unavailable
from dui_bridge.connectors.insi.parcours import Parcours, climb
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.preflight import Envoi
from dui_bridge.model.insi import Appel, CodeReponse, Demande, Individu, MatriculeIns, Reponse, Verification

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
THREE = Envoi("HOUILLES", ("PIERRE", "PAUL", "JACQUES"), "M", "1993-01-27", "63220")
SOMEBODY = Individu(MatriculeIns("1", "2"), "N", "P", "M", "2000-01-01", "63220")

Answers = Callable[[Demande], str]


class Told:
    """A service whose answers are told by a function: a code, or `down`."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[Demande] = []

    def search(self, demande: Demande) -> Reponse:
        self.asked.append(demande)
        code = self.answers(demande)
        if code == "down":
            raise Unavailable(fault="siram_40", words="")
        return Reponse(CodeReponse(code), "", SOMEBODY if code == "00" else None)

    def verify(self, demande: Demande, number: MatriculeIns) -> Verification:
        raise NotImplementedError


def search(answers: Answers, envoi: Envoi = THREE, **options: object) -> tuple[Parcours, list[str]]:
    """The search, and what was asked: given names, and the place."""
    service = Told(answers)
    ended = climb(service, envoi, now=lambda: NOW, traced=lambda call: None, **options)  # type: ignore[arg-type]
    return ended, [f"{one.prenoms[0]} {one.lieu_naissance or ''}".strip() for one in service.asked]


def test_a_person_found_at_once_is_one_call() -> None:
    ended, asked = search(lambda demande: "00")
    assert (ended.end, ended.individu, asked) == (End.FOUND, SOMEBODY, ["PIERRE"])


def test_after_01_the_other_given_names_are_tried_one_by_one_then_all_of_them() -> None:
    ended, asked = search(lambda demande: "01")
    assert ended.end is End.NONE
    assert asked == ["PIERRE", "PAUL", "JACQUES", "PIERRE PAUL JACQUES"]


def test_after_02_all_given_names_are_tried_then_the_place() -> None:
    ended, asked = search(lambda demande: "00" if demande.lieu_naissance else "02")
    assert ended.end is End.FOUND
    assert asked == ["PIERRE", "PIERRE PAUL JACQUES", "PIERRE PAUL JACQUES 63220"]


def test_when_all_given_names_are_one_too_many_the_place_is_added_to_the_search_that_found_several() -> None:
    codes = {"PIERRE": "02", "PIERRE PAUL JACQUES": "01"}
    ended, asked = search(lambda demande: "00" if demande.lieu_naissance else codes[demande.prenoms[0]])
    assert ended.end is End.FOUND
    assert asked == ["PIERRE", "PIERRE PAUL JACQUES", "PIERRE 63220"]


def test_several_after_another_given_name_are_told_apart_from_there() -> None:
    codes = {"PIERRE": "01", "PAUL": "02", "PIERRE PAUL JACQUES": "01", "PAUL 63220": "02"}
    ended, asked = search(lambda demande: codes[f"{demande.prenoms[0]} {demande.lieu_naissance or ''}".strip()])
    assert ended.end is End.SEVERAL
    assert asked == ["PIERRE", "PAUL", "PIERRE PAUL JACQUES", "PAUL 63220"]


def test_without_a_place_and_with_one_given_name_several_stay_several() -> None:
    ended, asked = search(lambda demande: "02", Envoi("NESSI", ("RUTH",), "F", "1977-07-14", None))
    assert (ended.end, asked) == (End.SEVERAL, ["RUTH"])


def test_the_ladder_of_a_site_may_be_shorter_and_in_another_order() -> None:
    ladder = (Step.FIRST, Step.SEVERAL_PLACE, Step.SEVERAL_JOINED)
    assert search(lambda demande: "02", ladder=ladder)[1] == ["PIERRE", "PIERRE 63220", "PIERRE PAUL JACQUES 63220"]
    assert search(lambda demande: "01", ladder=ladder)[1] == ["PIERRE"]


def test_no_more_calls_than_the_bound() -> None:
    ended, asked = search(lambda demande: "01", max_calls=2)
    assert (ended.end, len(asked)) == (End.BOUND, 2)


def test_whoever_started_it_may_hold_it_before_any_call() -> None:
    left = iter([True, False])
    ended, asked = search(lambda demande: "01", may_call=lambda: next(left))
    assert (ended.end, asked) == (End.HELD, ["PIERRE"])


def test_a_fault_ends_it_and_is_traced_with_its_code() -> None:
    calls: list[Appel] = []
    service = Told(lambda demande: "01" if demande.prenoms == ("PIERRE",) else "down")
    with pytest.raises(Unavailable):
        climb(service, THREE, now=lambda: NOW, traced=calls.append)
    assert [(call.etape, call.erreur) for call in calls] == [("first", None), ("others", "TSI-302")]
    assert calls[0].le == NOW


def test_a_search_goes_on_after_a_fault_without_asking_again_what_was_answered() -> None:
    calls: list[Appel] = []
    with pytest.raises(DuiBridgeError):
        climb(
            Told(lambda demande: "01" if demande.prenoms == ("PIERRE",) else "down"),
            THREE,
            now=lambda: NOW,
            traced=calls.append,
        )
    ended, asked = search(lambda demande: "00", done=calls)
    assert (ended.end, asked) == (End.FOUND, ["PAUL"])


@given(
    prenoms=st.lists(st.sampled_from(["ANNE", "MARIE", "JEANNE", "JEAN PIERRE"]), min_size=1, max_size=4),
    place=st.sampled_from([None, "63220"]),
    ladder=st.permutations([step for step in LADDER if step is not Step.FIRST]),
    codes=st.lists(st.sampled_from(["00", "01", "02"]), min_size=12, max_size=12),
    most=st.integers(1, 8),
)
def test_a_search_always_ends_and_never_asks_the_same_twice(
    prenoms: list[str], place: str | None, ladder: list[Step], codes: list[str], most: int
) -> None:
    told = iter(codes)
    service = Told(lambda demande: next(told))
    envoi = Envoi("NOM", tuple(prenoms), "F", "2000-01-01", place)
    ended = climb(
        service, envoi, now=lambda: NOW, traced=lambda call: None, ladder=[Step.FIRST, *ladder], max_calls=most
    )
    assert len(set(service.asked)) == len(service.asked) <= most
    assert [code for code in codes[: len(service.asked) - 1] if code == "00"] == []
    assert (ended.end is End.FOUND) == (codes[len(service.asked) - 1] == "00")


def test_the_next_call_depends_on_the_past_alone() -> None:
    done = [Appel("first", Demande("HOUILLES", ("PIERRE",), "M", "1993-01-27"), NOW, Reponse(CodeReponse.AUCUNE, ""))]
    expected = Next(Step.OTHERS, Demande("HOUILLES", ("PAUL",), "M", "1993-01-27"))
    assert next_call(THREE, done) == next_call(THREE, done) == expected


@pytest.mark.parametrize("ladder", [[], ["joined"], ["first", "joined", "joined"], ["first", "mother"]])
def test_a_ladder_that_makes_no_sense_is_refused(ladder: list[str]) -> None:
    with pytest.raises(ValidationError):
        InsiSettings.model_validate({"ladder": ladder})
