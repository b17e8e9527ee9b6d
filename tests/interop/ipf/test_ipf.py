"""A registry and a repository that we did not write take what we write, and we read their answers: IPF, on Java.

The harness undoes first what the DMP asks for and IHE forbids (`harness/Deviation.java`: each with its source).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.connectors.wire.certificates import Pem
from dui_bridge.connectors.wire.http import client
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.xds import queries
from dui_bridge.xds.entries import Contents, Mask
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.retrieving import DocumentRequest, read_retrieve_response, retrieve_request
from dui_bridge.xds.submission import metadata_update, status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, DEPRECATED, PARTIAL_SUCCESS
from tests.ipf_exchanges import (
    ITI_43,
    asked,
    body_of,
    codes,
    deposited,
    found,
    new_deposit,
    new_lot,
    oid,
    outcome,
    registered,
    updated,
)
from tests.ipf_peer import REPOSITORY_ID, Ipf
from tests.java_harness import ABSENT, PRESENT

pytestmark = [pytest.mark.real, pytest.mark.skipif(not PRESENT, reason=ABSENT)]


def test_a_deposit_is_found_with_all_its_metadata_and_read_back_byte_for_byte(ipf: Ipf) -> None:
    made = deposited(ipf)
    there = registered(ipf, made.entry.unique_id)
    assert there.status == APPROVED
    assert there.repository_id == REPOSITORY_ID
    given = replace(there, id=made.entry.id, logical_id=None, version=None, status=None, repository_id=None)
    assert given == made.entry
    wanted = DocumentRequest(REPOSITORY_ID, made.entry.unique_id)
    with asked(f"{ipf.url}/repository", retrieve_request([wanted]), ITI_43) as answer:
        (one,) = read_retrieve_response(body_of(answer)).documents
        attachment = answer.attachment(f"cid:{one.content.content_id}")
        assert attachment is not None
        assert attachment.file.read() == made.data


def test_a_document_that_is_not_there_leaves_the_others_of_the_answer(ipf: Ipf) -> None:
    made = deposited(ipf)
    wanted = [DocumentRequest(REPOSITORY_ID, one) for one in (made.entry.unique_id, "2.25.404")]
    with asked(f"{ipf.url}/repository", retrieve_request(wanted), ITI_43) as answer:
        response = read_retrieve_response(body_of(answer))
    assert response.response.status == PARTIAL_SUCCESS
    assert [error.code for error in response.response.errors] == ["XDSDocumentUniqueIdError"]
    assert [one.unique_id for one in response.documents] == [made.entry.unique_id]


def test_the_stored_queries_are_understood(ipf: Ipf) -> None:
    made = deposited(ipf)
    patient, document = made.entry.patient_id, registered(ipf, made.entry.unique_id)
    assert made.entry.type_code is not None
    assert made.entry.creation_time is not None
    kinds = queries.coded("$XDSDocumentEntryTypeCode", [made.entry.type_code])
    since = queries.time("$XDSDocumentEntryCreationTimeFrom", made.entry.creation_time)
    others = queries.coded("$XDSDocumentEntryTypeCode", [replace(made.entry.type_code, code="0")])
    assert document in found(ipf, queries.find_documents(patient, kinds, since)).contents.entries
    assert not found(ipf, queries.find_documents(patient, others)).contents.entries
    lots = found(ipf, queries.find_submission_sets(patient)).contents.sets
    (the_lot,) = (one for one in lots if one.unique_id == made.lot.unique_id)
    ties = found(ipf, queries.get_associations([the_lot.id])).contents.associations
    assert document.id in {tie.target for tie in ties}
    both = found(ipf, queries.get_documents_and_associations([made.entry.unique_id])).contents
    assert both.entries == (document,)
    assert {tie.source for tie in both.associations} == {the_lot.id}
    references = queries.get_documents([made.entry.unique_id], returned=queries.Returned.REFERENCES)
    assert [one.id for one in found(ipf, references).objects] == [document.id]


def test_a_replacement_puts_the_new_document_in_the_place_of_the_old_one(ipf: Ipf) -> None:
    first = deposited(ipf)
    old = registered(ipf, first.entry.unique_id)
    second = deposited(ipf, old.id)
    assert registered(ipf, first.entry.unique_id).status == DEPRECATED
    assert registered(ipf, second.entry.unique_id).status == APPROVED
    third = new_deposit(old.id)
    assert codes(third.sent_to(f"{ipf.url}/repository")) == ["XDSRegistryDeprecatedDocumentError"]


def test_the_same_lot_twice_is_one_deposit(ipf: Ipf) -> None:
    made = deposited(ipf)
    assert codes(made.sent_to(f"{ipf.url}/repository")) == ["XDSDuplicateUniqueIdInRegistry"]
    registered(ipf, made.entry.unique_id)


def test_a_document_is_archived_taken_out_and_deleted(ipf: Ipf) -> None:
    made = deposited(ipf)
    document = registered(ipf, made.entry.unique_id)
    patient = made.entry.patient_id

    def is_listed(*statuses: str) -> bool:
        listed = found(ipf, queries.find_documents(patient, statuses=statuses)).contents.entries
        return document.id in {one.id for one in listed}

    def change(before: str, after: str) -> None:
        assert outcome(updated(ipf, status_update(new_lot(), document.id, before, after))).is_success

    change(APPROVED, ARCHIVED)
    assert registered(ipf, made.entry.unique_id).status == ARCHIVED
    assert is_listed(ARCHIVED, APPROVED)
    assert not is_listed(APPROVED)
    assert codes(updated(ipf, status_update(new_lot(), document.id, APPROVED, ARCHIVED))) == ["XDSMetadataUpdateError"]
    change(ARCHIVED, APPROVED)
    assert is_listed(APPROVED)
    change(APPROVED, DELETED)
    assert not found(ipf, queries.get_documents([made.entry.unique_id])).contents.entries


def test_masking_makes_a_new_version_under_the_same_logical_id(ipf: Ipf) -> None:
    made = deposited(ipf)
    before = registered(ipf, made.entry.unique_id)
    masked = metadata_update(new_lot(), before.masked([Mask.PROFESSIONALS]))
    assert outcome(updated(ipf, masked)).is_success
    after = registered(ipf, made.entry.unique_id)
    assert after.masks == {Mask.PROFESSIONALS}
    assert (after.logical_id, after.version) == (before.logical_id, "2")
    assert after.id != before.id
    assert codes(updated(ipf, replace_lot(masked))) == ["XDSMetadataVersionError"]


def replace_lot(contents: Contents) -> Contents:
    """The same under another lot."""
    return replace(contents, sets=(replace(contents.sets[0], unique_id=oid()),))


def test_the_registry_takes_the_metadata_of_a_document_kept_elsewhere(ipf: Ipf) -> None:
    made = new_deposit().contents
    contents = replace(made, entries=tuple(replace(one, repository_id="1.2.250.404") for one in made.entries))
    register = asked(f"{ipf.url}/iti42", submit_objects(contents), "urn:ihe:iti:2007:RegisterDocumentSet-b")
    assert outcome(register).is_success
    assert registered(ipf, made.entries[0].unique_id).repository_id == "1.2.250.404"


def test_a_deposit_over_mutual_tls(ipf: Ipf) -> None:
    own = Pem(ipf.pki.insi_auto.certificate, ipf.pki.insi_auto.key)
    made = new_deposit()
    with client(client_context(own, Trust((ipf.pki.ca,)))) as http:
        assert outcome(made.sent_to(f"{ipf.tls_url}/repository", http=http)).is_success
    assert registered(ipf, made.entry.unique_id).status == APPROVED
