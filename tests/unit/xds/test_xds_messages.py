"""What is written reads back the same, and a message of another kind is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.cda.xml import clean
from dui_bridge.data.codes import Coded
from dui_bridge.xds import queries, retrieving
from dui_bridge.xds.ebrim import MAX_VALUE, Slot
from dui_bridge.xds.entries import Association, Author, Contents, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.messages import (
    Attached,
    NotXds,
    RegistryError,
    RegistryResponse,
    provide_and_register,
    read_registry_response,
    read_submission,
    registry_response,
    submit_objects,
)
from dui_bridge.xds.queries import QueryResponse, StoredQuery
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.retrieving import DocumentRequest, DocumentResponse, RetrieveResponse
from dui_bridge.xds.submission import metadata_update, status_update
from dui_bridge.xds.vocabulary import (
    APPROVED,
    ARCHIVED,
    FAILURE,
    HAS_MEMBER,
    PARTIAL_SUCCESS,
    REPLACES,
    SIGNS,
    SUCCESS,
    WARNING,
)
from tests.xds_deposits import ENTRY_UUID, entry, first_deposit, lot, registered

TEXT = st.text(min_size=1, max_size=20).map(clean).filter(bool)
ID = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
CODE = st.builds(Coded, TEXT, TEXT, TEXT)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
AUTHOR = st.builds(Author, st.none() | TEXT, TEXTS, TEXTS, TEXTS, TEXTS)
MAYBE = st.none() | TEXT
ENTRIES = st.builds(
    DocumentEntry,
    id=ID,
    unique_id=TEXT,
    patient_id=TEXT,
    mime_type=TEXT,
    hash=MAYBE,
    size=st.none() | st.integers(0, 10**12),
    title=MAYBE,
    comments=MAYBE,
    creation_time=MAYBE,
    language=MAYBE,
    service_start=MAYBE,
    service_stop=MAYBE,
    source_patient_id=MAYBE,
    source_patient_info=TEXTS,
    legal_authenticators=TEXTS,
    authors=st.lists(AUTHOR, max_size=2).map(tuple),
    class_code=st.none() | CODE,
    type_code=st.none() | CODE,
    format_code=st.none() | CODE,
    facility_type=st.none() | CODE,
    practice_setting=st.none() | CODE,
    confidentiality=st.lists(CODE, max_size=3).map(tuple),
    events=st.lists(CODE, max_size=2).map(tuple),
    reference_ids=TEXTS,
    uri=MAYBE,
    repository_id=MAYBE,
    logical_id=MAYBE,
    version=MAYBE,
    status=MAYBE,
    home=MAYBE,
    others=st.just(()) | st.just((Slot("urn:example:more", ("1", "2")),)),
)
SETS = st.builds(
    SubmissionSet,
    id=ID,
    unique_id=TEXT,
    patient_id=TEXT,
    source_id=TEXT,
    submission_time=MAYBE,
    content_type=st.none() | CODE,
    authors=st.lists(AUTHOR, max_size=2).map(tuple),
    title=MAYBE,
    comments=MAYBE,
    recipients=TEXTS,
    status=MAYBE,
    home=MAYBE,
)
ASSOCIATIONS = st.builds(
    Association,
    id=ID,
    type=TEXT,
    source=TEXT,
    target=TEXT,
    slots=st.dictionaries(TEXT, TEXT, max_size=2),
    object_type=MAYBE,
)
CONTENTS = st.builds(
    Contents,
    st.lists(SETS, max_size=1).map(tuple),
    st.lists(ENTRIES, max_size=2).map(tuple),
    st.lists(ASSOCIATIONS, max_size=2).map(tuple),
    TEXTS,
)


def sent(element: etree._Element) -> etree._Element:
    """The element as whoever receives its bytes has it."""
    return etree.fromstring(etree.tostring(element))


@given(CONTENTS)
def test_records_read_back_as_written(contents: Contents) -> None:
    assert read_submission(sent(submit_objects(contents))).contents == contents


def test_a_deposit_ties_its_documents_its_signature_and_what_it_replaces() -> None:
    ties = [(tie.type, tie.source, tie.target) for tie in first_deposit(replaces=ENTRY_UUID).associations]
    assert ties == [
        (HAS_MEMBER, "SubmissionSet01", "Document01"),
        (HAS_MEMBER, "SubmissionSet01", "Signature01"),
        (SIGNS, "Signature01", "SubmissionSet01"),
        (REPLACES, "Document01", ENTRY_UUID),
    ]


def test_documents_of_a_deposit_are_found_by_the_content_id_of_their_part() -> None:
    ids = {"Document01": "a%b:c@example.test", "Signature01": "s@example.test"}
    read = read_submission(etree.fromstring(provide_and_register(to_objects(first_deposit()), ids)))
    assert {entry: one.content_id for entry, one in read.documents.items()} == ids


def test_every_part_of_a_message_has_an_id_of_its_own() -> None:
    ids = [part.id for one in to_objects(first_deposit()) for part in (*one.classifications, *one.identifiers)]
    assert len(ids) == len(set(ids)) > 20


def test_an_update_sends_the_entry_again_as_a_new_version() -> None:
    update = metadata_update(lot(), registered([Mask.PATIENT]).masked([]))
    (found,) = update.entries
    assert found.masks == frozenset()
    assert (found.id, found.logical_id, found.status) == ("Document01", registered().logical_id, None)
    assert found.unique_id == entry().unique_id
    assert update.associations[0].slots == {"SubmissionSetStatus": "Original", "PreviousVersion": "1"}


def test_what_no_registry_gave_cannot_be_updated() -> None:
    with pytest.raises(ValueError, match="registry"):
        metadata_update(lot(), entry())


def test_a_change_of_status_names_both_statuses() -> None:
    (tie,) = status_update(lot(), ENTRY_UUID, APPROVED, ARCHIVED).associations
    assert tie.target == ENTRY_UUID
    assert tie.slots == {"OriginalStatus": APPROVED, "NewStatus": ARCHIVED}


@given(st.lists(st.builds(RegistryError, ID, TEXT, st.sampled_from([WARNING, "urn:x"]), MAYBE.map(lambda x: x or ""))))
def test_errors_of_an_answer_read_back(errors: list[RegistryError]) -> None:
    answer = RegistryResponse(FAILURE, tuple(errors))
    assert read_registry_response(sent(registry_response(answer))) == answer


def test_a_success_with_warnings_is_a_success() -> None:
    answer = RegistryResponse(SUCCESS, (RegistryError("XDSExtraMetadataNotSaved", severity=WARNING),))
    read = read_registry_response(sent(registry_response(answer)))
    assert read.is_success
    assert read.errors[0].is_warning
    assert not RegistryResponse(PARTIAL_SUCCESS).is_success


PARAMETERS = st.one_of(
    st.builds(queries.one, ID, TEXT),
    st.builds(queries.several, ID, st.lists(TEXT, min_size=1, max_size=30)),
    st.builds(queries.coded, ID, st.lists(CODE, min_size=1, max_size=3)),
    st.builds(queries.time, ID, st.integers(10**13, 10**14 - 1).map(str)),
)


@given(st.lists(PARAMETERS, max_size=4))
def test_a_query_reads_back_as_asked(parameters: list[queries.Parameter]) -> None:
    asked = StoredQuery("urn:uuid:x", tuple(parameters), "ObjectRef")
    assert queries.read_adhoc_query(sent(queries.adhoc_query(asked))) == asked


def test_a_long_list_is_cut_into_values_of_256_characters_at_most() -> None:
    asked = queries.get_documents(f"1.2.250.1.999.1.{number}" + ".1" * 15 for number in range(20))
    element = sent(queries.adhoc_query(asked))
    values = [value.text or "" for value in element.iter("{*}Value")]
    assert len(values) > 1
    assert all(len(value) <= MAX_VALUE and value.startswith("('") and value.endswith("')") for value in values)
    assert queries.read_adhoc_query(element) == asked


def test_the_patient_of_a_search_stands_without_parentheses() -> None:
    element = queries.adhoc_query(queries.find_documents("1^^^&2&ISO^NH", queries.time("$From", "20260101")))
    assert [value.text for value in element.iter("{*}Value")] == ["'1^^^&2&ISO^NH'", f"('{APPROVED}')", "20260101"]


def test_an_answer_to_a_query_carries_what_was_found_beside_its_errors() -> None:
    answer = RegistryResponse(PARTIAL_SUCCESS, (RegistryError("XDSTooManyResults", "more"),))
    found = Contents((lot(),), (registered(),), (), ("urn:uuid:a",))
    read = queries.read_query_response(sent(queries.query_response(answer, found)))
    assert isinstance(read, QueryResponse)
    assert (read.response, read.contents) == (answer, found)


def test_documents_that_are_asked_and_found_read_back() -> None:
    asked = (DocumentRequest("1.2", "1.3"), DocumentRequest("1.2", "1.4", "urn:oid:1"))
    assert retrieving.read_retrieve_request(sent(retrieving.retrieve_request(asked))) == asked
    found = RetrieveResponse(
        RegistryResponse(SUCCESS),
        (
            DocumentResponse("1.2", "1.3", "text/xml", Attached(content_id="x:y@z")),
            DocumentResponse("1.2", "1.4", "text/xml", Attached(data=b"<a/>"), "urn:oid:1"),
        ),
    )
    assert retrieving.read_retrieve_response(sent(retrieving.retrieve_response(found))) == found


def test_bytes_that_are_not_those_registered_are_told() -> None:
    found = DocumentEntry(id="x", hash="A9993E364706816ABA3E25717850C26C9CD0D89D", size=3)
    assert retrieving.is_that_document(found, b"abc")
    assert not retrieving.is_that_document(found, b"abd")


def test_a_document_that_is_neither_a_part_nor_base64_has_no_bytes() -> None:
    element = etree.fromstring(provide_and_register(to_objects(first_deposit()), {"Document01": "x"}))
    (document,) = element.findall("{urn:ihe:iti:xds-b:2007}Document")
    del document[0]
    document.text = "é"
    assert read_submission(sent(element)).documents["Document01"] == Attached()


@pytest.mark.parametrize(
    "read",
    [
        read_submission,
        read_registry_response,
        queries.read_adhoc_query,
        queries.read_query_response,
        retrieving.read_retrieve_request,
        retrieving.read_retrieve_response,
    ],
)
def test_another_message_is_refused_by_name(read: object) -> None:
    assert callable(read)
    with pytest.raises(NotXds, match="Other"):
        read(etree.fromstring("<Other/>"))
