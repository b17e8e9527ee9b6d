"""What policy reads of a document may change while its bytes stay."""

from __future__ import annotations

from journal_site import AT, delivery_of, record, start_run

from dui_bridge.journal.records import SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import RunEvent


def unique_id(journal: Journal, delivery: int) -> str:
    case = journal.deliveries.case(delivery)
    assert case is not None
    return case.delivery.unique_id


def facts(journal: Journal, delivery: int) -> dict[str, object]:
    case = journal.deliveries.case(delivery)
    assert case is not None
    return dict(case.document)


def test_what_was_read_again_counts_and_the_rest_stays(stored: Journal) -> None:
    start_run(stored)
    delivery = delivery_of(stored, record(stored))

    stored.refresh_facts({unique_id(stored, delivery): ({"masked": True}, "ab12")})

    assert facts(stored, delivery) == {"titre": "Projet", "masked": True}


def test_its_digest_is_that_of_the_next_comparison(stored: Journal) -> None:
    start_run(stored)
    delivery = delivery_of(stored, record(stored))
    key = SeriesKey("og", "atlas", TypeDocument.PROJET_PERSONNALISE, "PP-1", "U-1")
    before = stored.series_for(key)

    stored.refresh_facts({unique_id(stored, delivery): ({}, "ab12")})

    after = stored.series_for(key)
    assert (before.standing.fingerprints.facts, after.standing.fingerprints.facts) == ("", "ab12")


def test_other_documents_keep_theirs(stored: Journal) -> None:
    start_run(stored)
    first, other = (delivery_of(stored, record(stored, name, usager=name)) for name in ("PP-1", "PP-2"))

    stored.refresh_facts({unique_id(stored, first): ({"titre": "Autre"}, "ab12")})

    assert [facts(stored, one)["titre"] for one in (first, other)] == ["Autre", "Projet"]


def test_one_whose_facts_do_not_open_stops_no_other(stored: Journal) -> None:
    start_run(stored)
    first, damaged = (delivery_of(stored, record(stored, name, usager=name)) for name in ("PP-1", "PP-2"))
    names = [unique_id(stored, one) for one in (first, damaged)]
    with stored._access.writing() as connection:
        swap = "(SELECT facts FROM document_version WHERE unique_id = '{}')"
        connection.exec_driver_sql(
            f"UPDATE document_version SET facts = {swap.format(names[0])} WHERE unique_id = '{names[1]}'"
        )

    stored.refresh_facts({name: ({"masked": True}, "ab12") for name in reversed(names)})

    assert facts(stored, first)["masked"] is True


def test_a_dossier_that_was_erased_is_passed_over(stored: Journal) -> None:
    start_run(stored)
    delivery = delivery_of(stored, record(stored))
    name = unique_id(stored, delivery)
    stored.end_run("r1", RunEvent.END, {}, AT)
    stored.keeping.erase(stored.dossiers.known("atlas", "U-1").id, AT)

    stored.refresh_facts({name: ({"masked": True}, "ab12")})

    assert facts(stored, delivery) == {}
