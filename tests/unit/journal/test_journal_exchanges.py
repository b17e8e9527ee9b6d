"""Exchanges about a document are sealed with all that is kept of its usager, and forgotten with it."""

from __future__ import annotations

from datetime import timedelta

from journal_site import AT, record, start_run

from dui_bridge.journal.exchanges import Exchanges
from dui_bridge.journal.store import Journal

DAY = timedelta(days=1)
SAID = b"Kwelbrandot 110701053000007"


def recorded(journal: Journal, document: str = "PP-1", usager: str = "U-1") -> tuple[str, int]:
    """The uniqueId of a new document, and its dossier."""
    version = record(journal, document, usager=usager)
    (delivery,) = [one for one in journal.deliveries.cases() if one.delivery.version_id == version]
    return delivery.delivery.unique_id, delivery.delivery.dossier_id


def test_exchanges_come_back_in_their_order_with_those_of_the_same_usager(journal: Journal) -> None:
    (first, _), (second, _), (other, _) = (
        recorded(journal, *who) for who in (("A", "U-1"), ("B", "U-1"), ("C", "U-2"))
    )
    large = SAID * 100_000
    for number, (about, said) in enumerate([(first, SAID), (second, large), (other, b"theirs")]):
        journal.exchanges.keep(about, said, AT + number * DAY)

    assert journal.exchanges.around(second) == [SAID, large]


def test_what_is_about_a_document_of_others_is_not_kept(journal: Journal) -> None:
    journal.exchanges.keep("1.2.3", SAID, AT)

    assert journal.exchanges.around("1.2.3") == []


def test_nothing_of_an_exchange_lies_in_clear_on_the_disk(journal: Journal) -> None:
    about, _ = recorded(journal)
    journal.exchanges.keep(about, SAID * 100_000, AT)
    journal.exchanges.keep(about, SAID, AT)

    files = [one for one in journal.access.folder.rglob("*") if one.is_file()]
    assert len(files) > 1
    assert [one.name for one in files if SAID in one.read_bytes()] == []


def test_an_exchange_is_forgotten_as_long_after_it_as_documents_are_kept(stored: Journal) -> None:
    start_run(stored)
    about, _ = recorded(stored)
    stored.exchanges.keep(about, SAID, AT)
    stored.exchanges.keep(about, b"later", AT + DAY)

    stored.keeping.purge(AT + 30 * DAY, 30 * DAY, 180 * DAY)

    assert stored.exchanges.around(about) == [b"later"]


def test_an_erased_usager_leaves_no_exchange_and_gets_no_other(journal: Journal) -> None:
    about, dossier = recorded(journal)
    journal.exchanges.keep(about, SAID, AT)

    journal.keeping.erase(dossier, AT)
    Exchanges(journal.access).keep(about, SAID, AT)

    assert journal.exchanges.around(about) == []
