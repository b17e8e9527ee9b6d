"""The tables of delays and causes: what they promise, whatever their numbers."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.errors import AnswerLost, AskService, FileUnusable, FixData, Retry, ServiceUnreachable
from dui_bridge.pipeline.delivery.answers import UNCOUNTED
from dui_bridge.pipeline.delivery.retries import (
    BACKOFFS,
    BACKOFFS_BY_KIND,
    JITTER,
    LONGEST_OPEN,
    Family,
    backoff,
    family_of,
    open_time,
    retry_delay,
)
from dui_bridge.pipeline.delivery.rules import RULES

ROWS = [*BACKOFFS.values(), *BACKOFFS_BY_KIND.values()]
KINDS = ["file", "dmp", "mssante", "dummy", "of-a-vendor"]


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (ServiceUnreachable(service="x", reason="y"), Family.UNREACHABLE),
        (Retry(), Family.BUSY),
        (AnswerLost(service="x", reason="y", reason_fr="z"), Family.LOST),
        (FileUnusable(file="x", reason="y"), Family.CONFIGURATION),
        (AskService(), Family.LOST),
        (FixData(), Family.LOST),
    ],
)
def test_each_failure_has_a_family_and_what_the_port_does_not_know_may_have_arrived(
    error: Retry, family: Family
) -> None:
    assert family_of(error) is family


@pytest.mark.parametrize("row", ROWS)
def test_delays_grow_and_end(row: object) -> None:
    for delays in (row.delays, row.open_for):  # type: ignore[attr-defined]
        assert all(earlier <= later for earlier, later in pairwise(delays))
        assert 0 <= delays[0] <= delays[-1] <= 86_400


@given(st.sampled_from(KINDS), st.sampled_from(Family), st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_a_delay_is_that_of_its_row_more_or_less_the_jitter(
    kind: str, family: Family, failed: int, drawn: float
) -> None:
    row = backoff(kind, family)
    told = row.delays[min(failed, len(row.delays)) - 1]

    delay = retry_delay(row, failed, lambda: drawn).total_seconds()

    assert told * (1 - JITTER) - 1e-5 <= delay <= told * (1 + JITTER) + 1e-5


@given(st.sampled_from(KINDS), st.sampled_from(Family), st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_a_circuit_opens_after_so_many_failures_and_never_for_longer_than_is_said(
    kind: str, family: Family, failures: int, drawn: float
) -> None:
    row = backoff(kind, family)

    shut_for = open_time(row, failures, lambda: drawn)

    assert (shut_for is None) == (failures < row.opens_after)
    assert shut_for is None or timedelta(0) < shut_for <= LONGEST_OPEN


def test_what_failed_together_does_not_come_back_together() -> None:
    row = BACKOFFS[Family.BUSY]

    assert retry_delay(row, 1, lambda: 0.0) < retry_delay(row, 1, lambda: 0.5) < retry_delay(row, 1, lambda: 0.99)


def test_a_cause_has_words_in_both_languages_and_a_remedy() -> None:
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids)
    for rule in RULES:
        assert all((rule.en, rule.fr, rule.remedy_en, rule.remedy_fr)), rule.id
        assert "{" not in rule.en + rule.fr + rule.remedy_en + rule.remedy_fr, rule.id


def test_the_results_that_cost_no_try_fit_the_column_of_an_attempt() -> None:
    assert {"configuration", "down", "establishment", "interrupted"} == UNCOUNTED
    assert all(len(result) <= 20 for result in UNCOUNTED | set(Family))
