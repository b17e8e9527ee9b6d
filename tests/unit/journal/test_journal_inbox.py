"""Mails in the journal: sealed, known again, kept as long as they are needed, and forgotten with their person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from journal_site import AT, delivery_of, record, settle, start_run

from dui_bridge.journal.backup import backup, restore
from dui_bridge.journal.inbox_records import (
    AnswerState,
    CameMail,
    DocumentEntry,
    MailState,
    ReceiptEntry,
    Treated,
)
from dui_bridge.journal.store import Journal
from dui_bridge.journal.vault import LARGE
from dui_bridge.model.states import DeliveryEvent, DeliveryState

BOX, INBOX = "pont@esms.mssante.fr", "INBOX"
HEAD = b"From: dr.dupont@medecin.mssante.fr\r\nSubject: LACAZE Ines\r\n\r\n"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    with Journal.open(tmp_path_factory.mktemp("inbox") / "data", bytes(range(32))) as journal:
        start_run(journal)
        yield journal


@pytest.fixture
def box(request: pytest.FixtureRequest) -> str:
    """A mailbox that no other test writes to."""
    return f"{request.node.name[:60]}@esms.mssante.fr"


def came(journal: Journal, box: str, number: int, body: bytes = b"Bonjour", id_: str = "") -> int | None:
    """Keeps a mail; its id, None when it was known."""
    mail = CameMail(box, INBOX, f"7.{number}", id_ or f"{number}@x", len(body), HEAD + body)
    return journal.inbox.to_treat()[-1] if journal.inbox.keep(mail, AT) else None


def test_a_mail_is_known_again_by_its_id_and_body_wherever_it_stands(shared: Journal, box: str) -> None:
    first = came(shared, box, 1, id_="a@x")
    assert first is not None
    assert came(shared, box, 1, id_="a@x") is None
    shared.inbox.marked(first)
    assert came(shared, box, 9, id_="a@x") is None
    assert [row["cursor"] for row in shared.inbox.to_mark(box)] == ["7.9"]
    assert came(shared, box, 10, b"autre", id_="a@x") is not None
    assert shared.inbox.cursor(box, INBOX) == "7.10"
    assert shared.inbox.body(first) == HEAD + b"Bonjour"


def test_nothing_of_a_mail_stands_in_clear(shared: Journal, box: str) -> None:
    large = came(shared, box, 1, b"LACAZE" * (LARGE // 6 + 1))
    small = came(shared, box, 2, b"DURAND", id_="unique-id@medecin")
    assert large is not None
    assert small is not None
    document = DocumentEntry("1.2.3.4.5", "a" * 64, "filed", "dr.dupont@medecin.mssante.fr")
    shared.inbox.treat(small, Treated("xdm", MailState.FILED, documents=(document,), detail={"from": "dupont"}), AT)
    written = b"".join(one.read_bytes() for one in shared.access.folder.rglob("*") if one.is_file())
    assert [word for word in (b"LACAZE", b"DURAND", b"dupont", b"1.2.3.4.5", b"unique-id") if word in written] == []
    assert (shared.inbox.body(large) or b"").count(b"LACAZE") > 1000


def test_what_was_treated_is_purged_and_its_documents_are_still_known(shared: Journal, box: str) -> None:
    filed, waits, refused = (came(shared, box, number) for number in (1, 2, 3))
    assert filed is not None
    assert waits is not None
    assert refused is not None
    document = DocumentEntry("2.25.7", "b" * 64, "filed", "x", set_id="2.25.8", version=2, replaces=("2.25.6",))
    shared.inbox.treat(filed, Treated("xdm", MailState.FILED, code="", documents=(document,)), AT)
    shared.inbox.treat(waits, Treated("other", MailState.REVIEW), AT)
    shared.inbox.treat(refused, Treated("xdm", MailState.REFUSED, code="902"), AT)
    for one in (filed, waits, refused):
        shared.inbox.marked(one)
    shared.keeping.purge(AT + 40 * DAY, 30 * DAY, 180 * DAY)
    assert [shared.inbox.body(one) is None for one in (filed, waits, refused)] == [True, False, False]
    for unique_id, set_id, replaces in (
        ("2.25.7", "", ()),
        ("9", "2.25.8", ()),
        ("9", "", ("2.25.7",)),
        ("2.25.6", "", ()),
    ):
        (known,) = shared.inbox.kept(unique_id, set_id, replaces, besides=0)
        assert (known.unique_id, known.version, known.replaces) == ("2.25.7", 2, ("2.25.6",))
    assert shared.inbox.kept("2.25.7", "2.25.8", (), besides=filed) == []
    shared.keeping.purge(AT + 200 * DAY, 30 * DAY, 180 * DAY)
    assert [shared.inbox.body(one) is None for one in (waits, refused)] == [False, True]


def test_an_erased_dossier_takes_its_mails_and_the_address_that_came_back_with_it(shared: Journal, box: str) -> None:
    version = record(shared, "erased", usager="U-erased")
    delivery = settle(shared, version)
    case = shared.deliveries.case(delivery)
    assert case is not None
    dossier = case.delivery.dossier_id
    filed, report = came(shared, box, 1, b"x" * (LARGE + 1)), came(shared, box, 2)
    assert filed is not None
    assert report is not None
    document = DocumentEntry("2.25.77", "c" * 64, "filed", "x", dossier_id=dossier)
    treated = Treated("xdm", MailState.FILED, dossier_id=dossier, detail={"from": "y"}, documents=(document,))
    shared.inbox.treat(filed, treated, AT)
    failed = ReceiptEntry(
        "m@x", "failed", "550", "MSS-020", "dui", "dr@x", delivery, "m@x", (DeliveryEvent.RETURN,), "dr@x"
    )
    shared.inbox.tie(report, Treated("dsn", MailState.TIED, delivery_id=delivery, dossier_id=dossier), [failed], AT)
    assert [one.address for one in shared.receipts.suspect_list()] == ["dr@x"]
    spool = shared.access.folder / "spool"
    before = len(list(spool.iterdir()))
    shared.keeping.erase(dossier, AT)
    assert [shared.inbox.body(one) for one in (filed, report)] == [None, None]
    assert (shared.inbox.kept("2.25.77", "", (), 0), len(list(spool.iterdir()))) == ([], before - 1)
    assert [one.address for one in shared.receipts.suspect_list()] == [""]
    assert "DR@x" in shared.receipts.suspects()


def test_an_erased_dossier_is_no_candidate_any_more_and_the_mail_still_waits(shared: Journal, box: str) -> None:
    version = record(shared, "P-erased", usager="U-erased")
    case = shared.deliveries.case(delivery_of(shared, version, "dmp"))
    assert case is not None
    erased = case.delivery.dossier_id
    waits = came(shared, box, 1)
    assert waits is not None
    detail = {"subject": "Bilan", "candidates": [erased, 404]}
    shared.inbox.treat(waits, Treated("xdm", MailState.REVIEW, "INB-023", detail=detail), AT)
    shared.keeping.erase(erased, AT)
    known = shared.inbox.mail(waits)
    assert known is not None
    assert (known.state, known.detail) == (MailState.REVIEW, {"subject": "Bilan", "candidates": [404]})
    assert shared.inbox.body(waits) == HEAD + b"Bonjour"


def test_a_backup_holds_the_mails(shared: Journal, box: str, tmp_path: Path) -> None:
    large = came(shared, box, 1, b"z" * (LARGE + 1))
    assert large is not None
    backup(shared.access.folder, bytes(range(32)), tmp_path / "copy", AT)
    restore(tmp_path / "copy", tmp_path / "back", bytes(range(32)), AT, by="martin")
    with Journal.open(tmp_path / "back", bytes(range(32))) as restored:
        assert restored.inbox.body(large) == HEAD + b"z" * (LARGE + 1)


def test_an_acknowledgement_never_undoes_a_return(shared: Journal, box: str) -> None:
    version = record(shared, "twice", usager="U-twice")
    delivery = settle(shared, version)
    for number, (told, event) in enumerate((("failed", DeliveryEvent.RETURN), ("read", DeliveryEvent.ACKNOWLEDGE))):
        mail = came(shared, box, number)
        assert mail is not None
        entry = ReceiptEntry("t@x", told, "", "MSS-020", "dui", "", delivery, "t@x", (event,))
        assert shared.inbox.tie(mail, Treated("mdn", MailState.TIED, delivery_id=delivery), [entry], AT)
        assert not shared.inbox.tie(mail, Treated("mdn", MailState.TIED, delivery_id=delivery), [entry], AT)
    case = shared.deliveries.case(delivery_of(shared, version))
    assert case is not None
    assert case.delivery.state is DeliveryState.RETURNED
    assert [one.told for one in shared.receipts.of([delivery])] == ["failed", "read"]


def test_what_was_being_answered_when_the_process_died_is_never_sent_again(shared: Journal, box: str) -> None:
    mail = came(shared, box, 1)
    assert mail is not None
    shared.inbox.treat(mail, Treated("xdm", MailState.FILED, code=""), AT)
    (due,) = shared.receipts.due_answers(box, AT)
    assert shared.receipts.start_answer(due.id)
    assert not shared.receipts.start_answer(due.id)
    shared.receipts.lose_answers(AT)
    answer = shared.receipts.answer_to(mail)
    assert answer is not None
    assert (answer.state, shared.receipts.due_answers(box, AT)) == (AnswerState.DOUBTFUL, [])
