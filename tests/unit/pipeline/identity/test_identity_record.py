"""What the journal keeps of an identity comes back as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.ins.statut import Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.model.identite import DocumentControle, StatutIdentite
from dui_bridge.model.insi import Individu, MatriculeIns
from dui_bridge.pipeline.identity.record import IdentityRecord, Proposed, Search, from_json, to_json

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
TRAITS = st.builds(Traits, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
NUMBERS = st.builds(MatriculeIns, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT)
PEOPLE = st.builds(Individu, NUMBERS, TEXT, TEXT, TEXT, TEXT, TEXT, st.none() | TEXT, st.lists(NUMBERS).map(tuple))
DOCUMENTS = st.builds(DocumentControle, le=st.none() | st.dates(), par=st.none() | TEXT)
IDENTITIES = st.builds(
    Identite,
    st.sampled_from(StatutIdentite),
    matricule=st.none() | TEXT,
    historique=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    traits=st.none() | TRAITS,
    document=st.none() | DOCUMENTS,
    par_insi=st.booleans(),
)
SEARCHES = st.builds(Search, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple), st.none() | PEOPLE)
RECORDS = st.builds(
    IdentityRecord,
    IDENTITIES,
    TRAITS,
    st.none() | SEARCHES,
    st.lists(st.builds(Proposed, TEXT, TEXT, st.floats(0, 1), TEXT), max_size=2).map(tuple),
    st.none() | st.integers(1, 9),
)


@given(RECORDS)
def test_every_value_comes_back_unaltered(record: IdentityRecord) -> None:
    assert from_json(json.loads(json.dumps(to_json(record)))) == record


def test_what_was_not_written_here_is_refused() -> None:
    with pytest.raises(ValueError, match="identite"):
        from_json({"locaux": {}})


JEAN = Individu(MatriculeIns("1500563220001", "1.2.250.1.213.1.4.8", "12"), "VASSEUR", "JEAN", "M", "1950-05-05", "")


@pytest.mark.parametrize(
    ("search", "pending"),
    [
        pytest.param(Search("now", individu=JEAN), JEAN, id="of these traits"),
        pytest.param(Search("then", individu=JEAN), None, id="of other traits"),
        pytest.param(Search("now", individu=JEAN, refused=True), None, id="refused"),
    ],
)
def test_an_answer_waits_only_for_the_traits_that_it_was_given_for(search: Search, pending: Individu | None) -> None:
    assert search.pending("now") is pending
