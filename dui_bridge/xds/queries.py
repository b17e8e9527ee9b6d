"""Stored queries (ITI-18): the question, with its literals, and the answer.

Sources: IHE ITI TF-2 §3.18.4.1.2 (queries, parameters, coding of values); ebRS 3.0, schema query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.cda.xml import Element, clean, in_attribute
from dui_bridge.data.codes import Coded
from dui_bridge.xds.ebrim import (
    MAX_VALUE,
    RegistryObject,
    Slot,
    as_element,
    objects_text,
    read_objects,
    read_slots,
    slots_text,
)
from dui_bridge.xds.entries import Contents
from dui_bridge.xds.messages import RegistryResponse, fill_response, read_registry_response, unexpected
from dui_bridge.xds.records import to_contents, to_objects
from dui_bridge.xds.vocabulary import APPROVED, QUERY, RIM

_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_NUMBER: Final = re.compile(r"\d+", re.ASCII)


class QueryId(StrEnum):
    """The stored queries, by the URN of their id."""

    FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
    GET_ALL = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3"
    GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
    GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
    GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
    GET_SUBMISSION_SETS = "urn:uuid:51224314-5390-4169-9b91-b1980040715a"
    GET_SUBMISSION_SET_AND_CONTENTS = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
    GET_RELATED_DOCUMENTS = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"


class Returned(StrEnum):
    """What a query is answered with: whole objects, or their ids alone."""

    OBJECTS = "LeafClass"
    REFERENCES = "ObjectRef"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Args:
        name: with its `$`.
        values: texts, or one number (a time) as its digits.
        listed: whether they stand in parentheses, as all do that may be several.
        number: whether the value is written without quotes.
    """

    name: str
    values: tuple[str, ...]
    listed: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A question. A parameter that is given twice asks for both (an "and" of "or"s).

    Args:
        id: URN; one of `QueryId`, or another that was received.
    """

    id: str
    parameters: tuple[Parameter, ...] = ()
    returned: str = Returned.OBJECTS


@dataclass(frozen=True, slots=True)
class QueryResponse:
    """An answer: its status and errors, and what was found (which a partial success has too)."""

    response: RegistryResponse
    objects: tuple[RegistryObject, ...] = ()

    @property
    def contents(self) -> Contents:
        """What was found, as records."""
        return to_contents(self.objects)


def one(name: str, value: str) -> Parameter:
    """A parameter that takes one text, as a patient id."""
    return Parameter(name, (value,))


def several(name: str, values: Iterable[str]) -> Parameter:
    """A parameter that takes texts, one of which must hold."""
    return Parameter(name, tuple(values), listed=True)


def coded(name: str, values: Iterable[Coded]) -> Parameter:
    """A parameter that takes codes, one of which must hold."""
    return several(name, (f"{value.code}^^{value.system}" for value in values))


def time(name: str, value: str) -> Parameter:
    """A parameter that takes a DTM in UTC."""
    return Parameter(name, (value,), number=True)


def find_documents(
    patient_id: str,
    *more: Parameter,
    statuses: Iterable[str] = (APPROVED,),
    returned: Returned = Returned.OBJECTS,
) -> StoredQuery:
    """The documents of a patient (TD3.1a), narrowed by further parameters."""
    asked = (one("$XDSDocumentEntryPatientId", patient_id), several("$XDSDocumentEntryStatus", statuses), *more)
    return StoredQuery(QueryId.FIND_DOCUMENTS, asked, returned)


def find_submission_sets(
    patient_id: str,
    *more: Parameter,
    statuses: Iterable[str] = (APPROVED,),
    returned: Returned = Returned.OBJECTS,
) -> StoredQuery:
    """The lots of a patient, for a search by date of submission."""
    asked = (one("$XDSSubmissionSetPatientId", patient_id), several("$XDSSubmissionSetStatus", statuses), *more)
    return StoredQuery(QueryId.FIND_SUBMISSION_SETS, asked, returned)


def get_documents(unique_ids: Iterable[str], *, returned: Returned = Returned.OBJECTS) -> StoredQuery:
    """Documents by their uniqueId (TD3.1b)."""
    return StoredQuery(QueryId.GET_DOCUMENTS, (several("$XDSDocumentEntryUniqueId", unique_ids),), returned)


def get_documents_by_uuid(uuids: Iterable[str], *, returned: Returned = Returned.OBJECTS) -> StoredQuery:
    """Documents by their entryUUID (`urn:uuid:…`)."""
    return StoredQuery(QueryId.GET_DOCUMENTS, (several("$XDSDocumentEntryEntryUUID", uuids),), returned)


def get_associations(uuids: Iterable[str], *, returned: Returned = Returned.OBJECTS) -> StoredQuery:
    """The associations of objects, by their entryUUID."""
    return StoredQuery(QueryId.GET_ASSOCIATIONS, (several("$uuid", uuids),), returned)


def get_documents_and_associations(unique_ids: Iterable[str], *, returned: Returned = Returned.OBJECTS) -> StoredQuery:
    """Documents by their uniqueId, with what they are associated to."""
    asked = (several("$XDSDocumentEntryUniqueId", unique_ids),)
    return StoredQuery(QueryId.GET_DOCUMENTS_AND_ASSOCIATIONS, asked, returned)


def adhoc_query(query: StoredQuery) -> Element:
    """The `query:AdhocQueryRequest`."""
    slots = slots_text(Slot(parameter.name, _literals(parameter)) for parameter in query.parameters)
    option = f'<query:ResponseOption returnComposedObjects="true" returnType="{in_attribute(query.returned)}"/>'
    asked = f'<rim:AdhocQuery id="{in_attribute(query.id)}">{slots}</rim:AdhocQuery>'
    return as_element("query:AdhocQueryRequest", option + asked)


def read_adhoc_query(element: Element) -> StoredQuery:
    """An `AdhocQueryRequest`.

    Raises:
        NotXds: it is none, or holds no query.
    """
    query = element.find(f"{{{RIM}}}AdhocQuery")
    if element.tag != f"{{{QUERY}}}AdhocQueryRequest" or query is None:
        raise unexpected(element)
    option = element.find(f"{{{QUERY}}}ResponseOption")
    returned = "" if option is None else option.get("returnType", "")
    parameters = tuple(_parameter(slot) for slot in read_slots(query))
    return StoredQuery(query.get("id", ""), parameters, returned)


def query_response(response: RegistryResponse, contents: Contents) -> Element:
    """The `query:AdhocQueryResponse`."""
    return fill_response(as_element("query:AdhocQueryResponse", objects_text(to_objects(contents))), response)


def read_query_response(element: Element) -> QueryResponse:
    """An `AdhocQueryResponse`.

    Raises:
        NotXds: it is none, or has no status.
    """
    if element.tag != f"{{{QUERY}}}AdhocQueryResponse":
        raise unexpected(element)
    listed = element.find(f"{{{RIM}}}RegistryObjectList")
    objects = () if listed is None else read_objects(listed)
    return QueryResponse(read_registry_response(element), objects)


def _literals(parameter: Parameter) -> tuple[str, ...]:
    """The parameter as values of a slot: a list that is too long for one is cut into several."""
    if parameter.number or not parameter.listed:
        return tuple(value if parameter.number else _quoted(value) for value in parameter.values)
    lists: list[list[str]] = [[]]
    for value in map(_quoted, parameter.values):
        if lists[-1] and len(",".join((*lists[-1], value))) > MAX_VALUE - len("()"):
            lists.append([])
        lists[-1].append(value)
    return tuple(f"({','.join(each)})" for each in lists)


def _quoted(value: str) -> str:
    return "'{}'".format(clean(value).replace("'", "''"))


def _parameter(slot: Slot) -> Parameter:
    """A slot, whose values may be cut into several lists (each value of a slot holds at most 256 characters)."""
    written = ",".join(slot.values)
    listed = written.startswith("(")
    if not listed and _NUMBER.fullmatch(written):
        return Parameter(slot.name, (written,), number=True)
    values = tuple(found.replace("''", "'") for found in _QUOTED.findall(written))
    return Parameter(slot.name, values, listed)
