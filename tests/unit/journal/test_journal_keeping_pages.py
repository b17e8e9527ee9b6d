"""A purge of a large journal leaves the write lock to others: it looks without it, and forgets a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from journal_site import AT, record, settle, start_run
from sqlalchemy import Connection, func, insert, select

from dui_bridge.journal.access import Access
from dui_bridge.journal.schema import attempt, delivery, outbox, payload
from dui_bridge.journal.store import Journal

MANY = 20_000
DELIVERED, UNSETTLED = timedelta(days=30), timedelta(days=180)
STEPS = 1000
"""The machine of SQLite tells of itself after so many instructions."""


@pytest.fixture
def large(folder: Path, key: bytes) -> Iterator[Journal]:
    """20,000 outcome rows and as many answers, old enough to be forgotten."""
    with Journal.open(folder, key) as journal:
        start_run(journal)
        one = settle(journal, record(journal))
        with journal.access.writing() as connection:
            dossier = connection.execute(select(delivery.c.dossier_id)).scalar_one()
            row = {
                "source": "atlas",
                "dossier_id": dossier,
                "created_at": AT,
                "tries": 0,
                "file": "f",
                "row": b"sealed",
            }
            connection.execute(insert(outbox), [{**row, "written_at": AT} for _ in range(MANY)])
            like = dict(connection.execute(select(payload).limit(1)).mappings().one())
            start = like["id"] + 1
            answers = [{**like, "id": start + n, "name": f"{n:064x}"} for n in range(MANY)]
            connection.execute(insert(payload), answers)
            tried = {"delivery_id": one, "worker": "w", "started_at": AT, "ended_at": AT, "code": "", "reference": ""}
            tries = [{**tried, "number": n + 2, "answer_id": start + n} for n in range(MANY)]
            connection.execute(insert(attempt), tries)
        yield journal


@pytest.fixture
def instructions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each transaction that writes, how many thousands of instructions SQLite ran under its lock."""
    counted: list[int] = []
    writing = Access.writing

    @contextmanager
    def counting(access: Access) -> Iterator[Connection]:
        with writing(access) as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            counted.append(0)

            def step() -> int:
                counted[-1] += 1
                return 0

            driver.set_progress_handler(step, STEPS)
            try:
                yield connection
            finally:
                driver.set_progress_handler(None, 0)

    monkeypatch.setattr(Access, "writing", counting)
    return counted


def left(journal: Journal) -> tuple[int, int]:
    """Outcome rows with their content, answers with their bytes."""
    with journal.access.reading() as connection:
        rows = select(func.count()).select_from(outbox).where(func.length(outbox.c.row) > 0)
        answers = select(func.count()).select_from(payload).where(payload.c.purged_at.is_(None))
        return connection.execute(rows).scalar_one(), connection.execute(answers).scalar_one()


def test_no_transaction_of_a_purge_holds_the_lock_over_more_than_a_page(
    large: Journal, instructions: list[int]
) -> None:
    large.keeping.purge(AT + UNSETTLED, DELIVERED, UNSETTLED)

    assert left(large) == (0, 0)
    assert len(instructions) > MANY / 500
    # To look at each of the 20,000 rows once takes hundreds of thousands.
    assert max(instructions) < 50


def test_a_purge_that_was_cut_short_is_gone_on_with(large: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    writing, begun = Access.writing, 0

    def failing(access: Access) -> object:
        nonlocal begun
        begun += 1
        if begun > 5:
            raise KeyboardInterrupt
        return writing(access)

    with monkeypatch.context() as patched:
        patched.setattr(Access, "writing", failing)
        with pytest.raises(KeyboardInterrupt):
            large.keeping.purge(AT + UNSETTLED, DELIVERED, UNSETTLED)
    cut = left(large)
    large.keeping.purge(AT + UNSETTLED, DELIVERED, UNSETTLED)

    assert 0 < cut[1] < MANY + 1
    assert left(large) == (0, 0)
