"""Answers to senders of which nobody knows whether they left, or that could not or may not be sent: a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from delivery_world import AT

from dui_bridge.journal.inbox_records import AnswerState, CameMail, MailState, Treated
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.actions.answers import answer_again, answered, undecided
from dui_bridge.pipeline.actions.desk import Actor, Desk, Done
from dui_bridge.pipeline.actions.errors import ReasonMissing
from dui_bridge.pipeline.inbox.errors import MailUnknown, NoAnswerToDecide
from dui_bridge.site.settings import Site

BOX = "foyer@exemple.mssante.fr"
LATER = AT + timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The answers to five mails: one that may have left, one that was given up, one that left, and two that may not be
    sent, of which one says nothing."""
    with Journal.open(tmp_path, bytes(range(32))) as journal:
        ended = (AnswerState.DOUBTFUL, AnswerState.GIVEN_UP, AnswerState.SENT, AnswerState.NONE, AnswerState.NONE)
        for number, state in enumerate(ended, 1):
            journal.inbox.keep(CameMail(BOX, "INBOX", f"1.{number}", f"{number}@x", 1, b"x%d" % number), AT)
            journal.inbox.treat(number, Treated("xdm", MailState.REFUSED, code="906" if number < 5 else ""), AT)
            [due] = journal.receipts.due_answers(BOX, AT)
            assert journal.receipts.start_answer(due.id)
            journal.receipts.end_answer(due, state, AT, "MSS-003")
        site = SimpleNamespace(zone=UTC)
        yield Desk(cast(Site, site), journal, Actor("dr", "test"), LATER)


def test_what_waits_for_a_person_is_listed_and_told(desk: Desk) -> None:
    done = undecided(desk, "fr")
    assert [(row["mail"], row["state"], row["cause"]) for row in done.rows] == [
        ("mail-1", "doubtful", "MSS-003"),
        ("mail-2", "given_up", "MSS-003"),
        ("mail-4", "none", "MSS-003"),
    ]
    assert done.told is not None
    assert done.told[0]["answer"] == "peut-être partie"
    assert done.told[0]["at"] == AT.strftime("%d/%m/%Y %H:%M")
    assert desk.journal.receipts.untold(AT) == 2
    assert (done.exit_code, desk.journal.receipts.unsure_since()) == (1, (1, AT))


@pytest.mark.parametrize("mail", ["mail-1", "2"])
def test_an_answer_is_sent_again_when_a_person_says_so(desk: Desk, mail: str) -> None:
    answer_again(desk, mail, "l'émetteur n'a rien reçu")
    [due] = desk.journal.receipts.due_answers(BOX, LATER)
    # Dated anew: after a restore, what is older counts as sent.
    assert (due.received_id, due.tries, due.at) == (int(mail[-1]), 0, LATER)
    assert desk.journal.receipts.lose_answers(LATER, restored=AT + timedelta(hours=1)) == 0
    assert [one.action for one in desk.journal.audit.entries()] == ["inbox answer-again"]


def test_an_answer_that_arrived_is_noted_and_asked_about_no_more(desk: Desk) -> None:
    answered(desk, "mail-1", "l'émetteur confirme")
    assert desk.journal.receipts.due_answers(BOX, LATER) == []
    answered(desk, "mail-4", "prévenu par téléphone")
    assert [row["mail"] for row in undecided(desk, "fr").rows] == ["mail-2"]
    assert desk.journal.receipts.untold(AT) == 1
    assert desk.journal.receipts.unsure_since() is None


@pytest.mark.parametrize("decide", [answered, answer_again])
def test_nothing_else_is_decided_and_never_without_a_reason(
    desk: Desk, decide: Callable[[Desk, str, str], Done]
) -> None:
    with pytest.raises(NoAnswerToDecide):
        decide(desk, "mail-3", "r")
    with pytest.raises(MailUnknown):
        decide(desk, "mail-9", "r")
    with pytest.raises(ReasonMissing):
        decide(desk, "mail-1", " ")
    assert len(undecided(desk, "fr").rows) == 3
