"""The lives of deliveries, runs and documents, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.model.states import (
    DELIVERY,
    DOCUMENT,
    FIRST_TOLD,
    NOT_LEFT,
    RUN,
    SETTLED,
    DeliveryEvent,
    DeliveryState,
    DocumentState,
    ForbiddenTransition,
    RunEvent,
    RunState,
    after,
    run_after,
)


def test_every_state_of_a_delivery_is_reached_from_planned() -> None:
    reached, todo = {DeliveryState.PLANNED}, [DeliveryState.PLANNED]
    while todo:
        state = todo.pop()
        for (before, _), following in DELIVERY.items():
            if before is state and following not in reached:
                reached.add(following)
                todo.append(following)

    assert reached == set(DeliveryState)


@given(st.lists(st.sampled_from(DeliveryEvent), max_size=40))
def test_nothing_is_sent_that_policy_did_not_allow_last(events: list[DeliveryEvent]) -> None:
    state, allowed, sent = DeliveryState.PLANNED, False, False
    for event in events:
        try:
            state = after(state, event)
        except ForbiddenTransition:
            continue
        if event in (DeliveryEvent.ALLOW, DeliveryEvent.BLOCK, DeliveryEvent.REPLAY):
            allowed = event is DeliveryEvent.ALLOW
        if event is DeliveryEvent.SEND:
            assert allowed
            sent = True
        if state is DeliveryState.REFUSED:
            assert sent


def test_what_may_have_left_is_never_cancelled_unasked() -> None:
    cancelled = {state for state, event in DELIVERY if event is DeliveryEvent.CANCEL}

    assert DeliveryState.SENDING not in cancelled
    assert not cancelled & SETTLED
    assert cancelled >= NOT_LEFT


def test_a_refusal_is_never_ready_again_by_itself() -> None:
    out = {event for state, event in DELIVERY if state is DeliveryState.REFUSED}

    assert out == {DeliveryEvent.REPLAY, DeliveryEvent.CANCEL}


def test_the_states_told_first_are_all_of_them_once() -> None:
    assert len(FIRST_TOLD) == len(set(FIRST_TOLD)) == len(DeliveryState)


def test_an_event_that_a_state_does_not_know_is_refused() -> None:
    with pytest.raises(ForbiddenTransition, match="deliver in state planned"):
        after(DeliveryState.PLANNED, DeliveryEvent.DELIVER)
    with pytest.raises(ForbiddenTransition, match="release in state done"):
        run_after(RunState.DONE, RunEvent.RELEASE)


def test_only_a_held_run_waits_for_a_person() -> None:
    assert {state for state, event in RUN if event in (RunEvent.RELEASE, RunEvent.DISCARD)} == {RunState.HELD}


def test_a_document_that_was_read_stays_in_its_state_until_it_is_read_again() -> None:
    assert set(DOCUMENT) == set(DocumentState)
    assert {state for state, following in DOCUMENT.items() if following} == {DocumentState.PLANNED}
