"""What is kept of an exchange about a document is what was sent and answered, but for the homologation number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from dui_bridge.connectors.dmp.client import TRANSACTIONS
from dui_bridge.connectors.dmp.decode import decode
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.kept import KeptExchange, unpacked
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.connectors.wire.capture import REMOVED
from dui_bridge.errors import AnswerLost, FileUnusable
from dui_bridge.model.exchange import Answer
from tests.dmp_world import (
    AUTOMATE,
    FINESS,
    NOW,
    SECRET,
    TAKEN,
    Dmp,
    Reply,
    built,
    client,
    context,
    existing,
    fault,
    found,
    lost,
)
from tests.xds_deposits import cda, entry, ins, registered

EARLIER = "2.25.1"


@dataclass
class Keeper:
    """Keeps exchanges as a journal would, in memory."""

    kept: list[KeptExchange] = field(default_factory=list)

    def __call__(self, about: str, exchange: bytes, at: datetime) -> None:
        one = unpacked(exchange)
        assert (one.about, one.at) == (about, at)
        self.kept.append(one)


def to(dmp: Dmp, keep: object, homologation: str = SECRET) -> DmpDestination:
    opened = client(dmp)
    software = replace(opened.line.software, homologation=homologation)
    line = replace(opened.line, keep=keep, software=software)  # type: ignore[arg-type]
    pace = Pace(4.9, sleep=lambda _: None)
    return DmpDestination(replace(opened, line=line), {FINESS: AUTOMATE}, pace, max_megabytes=50)


def replaced(*replies: Reply, homologation: str = SECRET) -> tuple[Sequence[KeptExchange], Dmp]:
    """A deposit that replaces another version."""
    dmp, keeper = Dmp(list(replies)), Keeper()
    destination = to(dmp, keeper, homologation)
    assert destination.send(destination.prepare(built(), context(replaces=EARLIER))).answer is Answer.DELIVERED
    return keeper.kept, dmp


ALL = (existing(), found(replace(registered(), unique_id=EARLIER)), TAKEN)


def test_the_questions_before_a_deposit_are_kept_with_it() -> None:
    kept, _ = replaced(*ALL)

    assert [TRANSACTIONS[one.action] for one in kept] == ["TD0.2", "TD3.1", "TD2.1"]
    assert {(one.about, one.at, one.status) for one in kept} == {(entry().unique_id, NOW, 200)}


def test_what_is_kept_is_what_the_server_got_to_the_byte_but_for_the_number() -> None:
    kept, dmp = replaced(*ALL)

    got = [one.request.content.replace(SECRET.encode(), REMOVED) for one in dmp.asked]
    assert [one.body(cda()) for one in kept] == got
    assert all(SECRET.encode() not in one.packed() + one.body(cda()) for one in kept)
    assert cda() not in kept[2].request + (kept[2].after or b"")


def test_each_message_that_is_kept_is_told_without_a_defect() -> None:
    kept, _ = replaced(*ALL)
    read = [decode(one) for each in kept for one in (each.body(cda()), each.answer or b"")]

    assert [one["defects"] for one in read] == [[]] * 6
    told = [one["assertion"] for one in read if "assertion" in one]
    assert {(one["signature"], one["signature_value"]) for one in told} == {("masked_after_signing", "right")}
    assert read[4]["lot_signature"]["is_right"] is True


@pytest.mark.parametrize("number", ["A&B<1>", "N°-2026"])
def test_a_number_that_is_written_otherwise_in_xml_is_not_kept_either(number: str) -> None:
    kept, dmp = replaced(*ALL, homologation=number)

    assert b"N" in dmp.asked[0].request.content
    written = (number.encode(), number.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode())
    assert all(REMOVED in one.body(b"") for one in kept)
    assert all(form not in one.body(b"") for one in kept for form in written)


def test_the_number_is_not_kept_of_an_answer_that_repeats_it() -> None:
    dmp, keeper = Dmp([fault("DMPInvalidCertificate", f"numéro {SECRET} inconnu")]), Keeper()
    destination = to(dmp, keeper)
    with pytest.raises(Exception, match="DMP"):
        destination.send(destination.prepare(built(), context()))

    (one,) = keeper.kept
    assert (one.status, SECRET.encode() in (one.answer or b""), REMOVED in (one.answer or b"")) == (500, False, True)


def test_a_request_without_an_answer_is_kept() -> None:
    keeper = Keeper()
    destination = to(Dmp([existing(), lost]), keeper)
    with pytest.raises(AnswerLost):
        destination.send(destination.prepare(built(), context()))

    assert [(one.status, one.answer is None) for one in keeper.kept] == [(200, False), (None, True)]


def test_a_journal_that_cannot_be_written_costs_no_answer() -> None:
    def full(*_: object) -> None:
        raise FileUnusable(file="journal", reason="full", reason_fr="plein")

    destination = to(Dmp([existing(), TAKEN]), full)

    assert destination.send(destination.prepare(built(), context())).answer is Answer.DELIVERED


def test_what_is_about_no_document_is_not_kept() -> None:
    keeper = Keeper()
    opened = client(Dmp([existing(), found()]))
    opened = replace(opened, line=replace(opened.line, keep=keeper))
    opened.exists(ins(), AUTOMATE)
    opened.locate(EARLIER, ins(), AUTOMATE)

    assert [one.about for one in keeper.kept] == [EARLIER]


def test_headers_that_may_hold_a_secret_are_not_kept() -> None:
    one = KeptExchange(
        "1.2", NOW, "https://x", "a", {"Authorization": "k", "Content-Type": "t"}, b"", None, 200, {"Set-Cookie": "k"}
    )

    read = unpacked(one.packed())

    assert (read.headers, read.answer_headers) == ({"Authorization": "***", "Content-Type": "t"}, {"Set-Cookie": "***"})
