"""ITI-18: the stored queries, answered with what the caller may know (IHE ITI TF-2 §3.18; CI-SIS, TD3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.forms import same_patient, without_date
from dui_bridge.sandbox.dmp.objects import Thing, read_thing
from dui_bridge.sandbox.dmp.problems import Problem, fill, made
from dui_bridge.sandbox.dmp.query_text import Asked, NotAParameter, read_query
from dui_bridge.sandbox.dmp.rights import Dossier, rights, sees
from dui_bridge.sandbox.dmp.store import Document, Lot, Store, Tie
from dui_bridge.sandbox.dmp.vihf import Caller
from dui_bridge.sandbox.dmp.words import (
    APPROVED,
    CLASS,
    CONFIDENTIALITY,
    CONTENT_TYPE,
    DELETED,
    EVENTS,
    FACILITY,
    FORMAT,
    HAS_MEMBER,
    PRACTICE,
    QUERY,
    RIM,
    TYPE,
)
from dui_bridge.xmlsafe import parse_xml

_GET_DOCUMENTS: Final = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
_ENTRY: Final = "$XDSDocumentEntry"
_LOT: Final = "$XDSSubmissionSet"
_CODED: Final[Mapping[str, str]] = {
    f"{_ENTRY}ClassCode": CLASS,
    f"{_ENTRY}TypeCode": TYPE,
    f"{_ENTRY}PracticeSettingCode": PRACTICE,
    f"{_ENTRY}HealthcareFacilityTypeCode": FACILITY,
    f"{_ENTRY}EventCodeList": EVENTS,
    f"{_ENTRY}FormatCode": FORMAT,
    f"{_ENTRY}ConfidentialityCode": CONFIDENTIALITY,
    f"{_LOT}ContentType": CONTENT_TYPE,
}
_TIMES: Final[Mapping[str, str]] = {
    f"{_ENTRY}CreationTime": "creationTime",
    f"{_ENTRY}ServiceStartTime": "serviceStartTime",
    f"{_ENTRY}ServiceStopTime": "serviceStopTime",
    f"{_LOT}SubmissionTime": "submissionTime",
}

_Found = Sequence[Document | Lot | Tie]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a query is answered from, for whom."""

    store: Store
    caller: Caller
    dossier: Dossier

    def visible(self, documents: Iterable[Document | None]) -> list[Document]:
        """Those that exist for the caller."""
        known = (one for one in documents if one is not None and one.status != DELETED)
        return [one for one in known if sees(self.caller, self.dossier, read_thing(one.element))]

    def documents(self) -> list[Document]:
        """All of the patient's that exist for the caller."""
        return self.visible(self.store.documents(without_date(self.caller.patient)))

    def ties(self, uuids: Iterable[str]) -> list[Tie]:
        """The associations of objects, without those of documents that do not exist for the caller."""
        known = {one.uuid for one in self.documents()} | {one.uuid for one in self._lots()}
        return [tie for tie in self.store.ties(uuids) if tie.source in known and tie.target in known]

    def _lots(self) -> list[Lot]:
        return self.store.lots(without_date(self.caller.patient))


class _Wrong(Exception):
    """A query that cannot be answered."""

    def __init__(self, code: str, context: str) -> None:
        self.problem = Problem(code, context)
        super().__init__(code)


def query(request: etree._Element, ground: Ground, most: int) -> etree._Element:
    """The `query:AdhocQueryResponse` to an `AdhocQueryRequest`.

    Args:
        most: how many objects are answered in full; more are `XDSTooManyResults`.
    """
    try:
        asked = read_query(request)
        found = _find(asked, ground)
    except NotAParameter as wrong:
        return _response([], [Problem("XDSRegistryError", f"paramètre mal écrit : {wrong}")])
    except _Wrong as wrong:
        return _response([], [wrong.problem])
    if asked.returned == "ObjectRef":
        return _response([_reference(one.uuid) for one in found], [])
    if rights(ground.caller).references_only:
        # Of the documents of others, the ids alone (CI-SIS, TD3.1b).
        own = ground.caller.structure
        whole = [isinstance(one, Document) and one.structure == own for one in found]
        objects = [_object(one) if own else _reference(one.uuid) for one, own in zip(found, whole, strict=True)]
        return _response(objects, [])
    if len(found) > most:
        return _response([], [Problem("XDSTooManyResults", f"plus de {most} objets : restreindre les dates")])
    return _response([_object(one) for one in found], [])


def _find(asked: Asked, ground: Ground) -> _Found:
    kind = _QUERIES.get(asked.id)
    if kind is None:
        raise _Wrong("XDSUnknownStoredQuery", "requête inconnue")
    if rights(ground.caller).references_only and asked.id != _GET_DOCUMENTS:
        raise _Wrong("XDSRegistryError", "seule TD3.1b (GetDocuments) est permise à cet appelant")
    if asked.returned not in {"LeafClass", "ObjectRef"}:
        raise _Wrong("XDSRegistryError", "returnType")
    return kind(asked, ground)


def _find_documents(asked: Asked, ground: Ground) -> _Found:
    _check_patient(asked, f"{_ENTRY}PatientId", ground)
    statuses = _wanted(asked, f"{_ENTRY}Status")
    return [
        one
        for one in ground.documents()
        if one.status in statuses and _matches(read_thing(one.element), asked, f"{_ENTRY}AuthorPerson")
    ]


def _find_lots(asked: Asked, ground: Ground) -> _Found:
    _check_patient(asked, f"{_LOT}PatientId", ground)
    if APPROVED not in _wanted(asked, f"{_LOT}Status"):
        return []
    lots = ground.store.lots(without_date(ground.caller.patient))
    return [one for one in lots if _matches(read_thing(parse_xml(one.xml)), asked, f"{_LOT}AuthorPerson")]


def _get_all(asked: Asked, ground: Ground) -> _Found:
    _check_patient(asked, "$patientId", ground)
    statuses = _wanted(asked, f"{_ENTRY}Status")
    _wanted(asked, f"{_LOT}Status")
    documents = [one for one in ground.documents() if one.status in statuses]
    lots = ground.store.lots(without_date(ground.caller.patient))
    return [*lots, *documents, *ground.ties([one.uuid for one in documents])]


def _get_documents(asked: Asked, ground: Ground) -> _Found:
    uuids, unique_ids = asked.all(f"{_ENTRY}EntryUUID"), asked.all(f"{_ENTRY}UniqueId")
    if bool(uuids) == bool(unique_ids):
        code = "XDSStoredQueryParamNumber" if uuids else "XDSStoredQueryMissingParam"
        raise _Wrong(code, "il faut EntryUUID ou UniqueId")
    store = ground.store
    by_uuid = [store.by_uuid(one) for one in sorted(uuids)]
    found = ground.visible([*by_uuid, *(store.document(one) for one in sorted(unique_ids))])
    return [one for one in found if same_patient(one.patient, ground.caller.patient)]


def _get_associations(asked: Asked, ground: Ground) -> _Found:
    return ground.ties(_wanted(asked, "$uuid"))


def _get_documents_and_associations(asked: Asked, ground: Ground) -> _Found:
    documents = _get_documents(asked, ground)
    return [*documents, *ground.ties([one.uuid for one in documents])]


def _get_lots(asked: Asked, ground: Ground) -> _Found:
    ties = [tie for tie in ground.ties(_wanted(asked, "$uuid")) if tie.kind == HAS_MEMBER]
    lots = [ground.store.lot(uuid) for uuid in dict.fromkeys(tie.source for tie in ties)]
    return [*(one for one in lots if one is not None), *ties]


def _get_lot_and_contents(asked: Asked, ground: Ground) -> _Found:
    uuid, unique_id = asked.one(f"{_LOT}EntryUUID"), asked.one(f"{_LOT}UniqueId")
    if bool(uuid) == bool(unique_id):
        code = "XDSStoredQueryParamNumber" if uuid else "XDSStoredQueryMissingParam"
        raise _Wrong(code, "il faut EntryUUID ou UniqueId d'un lot")
    lots = ground.store.lots(without_date(ground.caller.patient))
    lot = next((one for one in lots if uuid == one.uuid or unique_id == one.unique_id), None)
    if lot is None:
        return []
    ties = [tie for tie in ground.ties([lot.uuid]) if tie.kind == HAS_MEMBER]
    return [lot, *ground.visible(ground.store.by_uuid(tie.target) for tie in ties), *ties]


def _get_related(asked: Asked, ground: Ground) -> _Found:
    kinds = _wanted(asked, "$AssociationTypes")
    start = _get_documents(asked, ground)
    ties = [tie for tie in ground.ties([one.uuid for one in start]) if tie.kind in kinds]
    uuids = dict.fromkeys(uuid for tie in ties for uuid in (tie.source, tie.target))
    return [*ground.visible(ground.store.by_uuid(uuid) for uuid in uuids), *ties]


_QUERIES: Final[Mapping[str, Callable[[Asked, Ground], _Found]]] = {
    "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d": _find_documents,
    "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9": _find_lots,
    "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3": _get_all,
    _GET_DOCUMENTS: _get_documents,
    "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155": _get_associations,
    "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a": _get_documents_and_associations,
    "urn:uuid:51224314-5390-4169-9b91-b1980040715a": _get_lots,
    "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83": _get_lot_and_contents,
    "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6": _get_related,
}


def _wanted(asked: Asked, name: str) -> frozenset[str]:
    values = asked.all(name)
    if not values:
        raise _Wrong("XDSStoredQueryMissingParam", name)
    return values


def _check_patient(asked: Asked, name: str, ground: Ground) -> None:
    patient = asked.one(name)
    if patient is None:
        raise _Wrong("XDSStoredQueryMissingParam", name)
    if not same_patient(patient, ground.caller.patient):
        raise _Wrong("XDSPatientIdDoesNotMatch", f"{name} n'est pas l'INS du VIHF")


def _matches(thing: Thing, asked: Asked, author: str) -> bool:
    for name, scheme in _CODED.items():
        has = {f"{one.code}^^{one.system}" for one in thing.codes.get(scheme, ())}
        if not all(has & group for group in asked.parameters.get(name, ())):
            return False
    for name, slot in _TIMES.items():
        value, start, end = thing.slot(slot), asked.one(f"{name}From"), asked.one(f"{name}To")
        # A time of less precision is its first second: `from` holds it, `to` does not (IHE ITI TF-2 §3.18.4.1.2.3.2.1).
        if (start and not (value and _second(value) >= _second(start))) or (
            end and not (value and _second(value) < _second(end))
        ):
            return False
    persons = asked.all(author)
    references = asked.all(f"{_ENTRY}ReferenceIdList")
    has_references = set(thing.slots.get("urn:ihe:iti:xds:2013:referenceIdList", ()))
    return (not persons or any(_like(one, thing.authors("authorPerson")) for one in persons)) and (
        not references or bool(references & has_references)
    )


def _like(pattern: str, values: frozenset[str]) -> bool:
    """The `%` of SQL, as this parameter has; other wildcards are not read."""
    parts = pattern.split("%")
    return any(_holds(value, parts) for value in values)


def _holds(value: str, parts: list[str]) -> bool:
    if len(parts) == 1:
        return value == parts[0]
    if not (value.startswith(parts[0]) and value.endswith(parts[-1])):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        position = value.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position <= len(value) - len(parts[-1])


def _second(value: str) -> str:
    return value + "00010101000000"[len(value) :]


def _response(objects: list[etree._Element], problems: list[Problem]) -> etree._Element:
    response = made(f"{{{QUERY}}}AdhocQueryResponse")
    etree.SubElement(response, f"{{{RIM}}}RegistryObjectList").extend(objects)
    return fill(response, problems)


def _reference(uuid: str) -> etree._Element:
    return etree.Element(f"{{{RIM}}}ObjectRef", id=uuid)


def _object(one: Document | Lot | Tie) -> etree._Element:
    if not isinstance(one, Tie):
        return parse_xml(one.xml)
    element = etree.Element(f"{{{RIM}}}Association", nsmap={"rim": RIM})
    for name, value in (("id", one.uuid), ("associationType", one.kind)):
        element.set(name, value)
    element.set("sourceObject", one.source)
    element.set("targetObject", one.target)
    for name, value in one.slots.items():
        slot = etree.SubElement(element, f"{{{RIM}}}Slot", name=name)
        etree.SubElement(etree.SubElement(slot, f"{{{RIM}}}ValueList"), f"{{{RIM}}}Value").text = value
    return element
