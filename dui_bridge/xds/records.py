"""Between registry objects and records: each record is written to ebRIM and read from it by the table of attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Any, Final, TypeVar

from dui_bridge.data.codes import Coded
from dui_bridge.xds.attributes import (
    AUTHOR_INSTITUTION,
    AUTHOR_PERSON,
    AUTHOR_ROLE,
    AUTHOR_SPECIALTY,
    AUTHOR_TELECOM,
    CODING_SCHEME,
    ENTRY,
    SUBMISSION_SET,
    Attribute,
    Form,
    Place,
)
from dui_bridge.xds.ebrim import Classification, ExternalIdentifier, RegistryObject, Slot
from dui_bridge.xds.entries import Association, Author, Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.vocabulary import STABLE_DOCUMENT, SUBMISSION_SET_NODE

_NUMBER_DIGITS: Final = 18
"""More digits than any size has: what is longer is no number."""
_SLOT, _CODE, _AUTHOR = Place.SLOT, Place.CODE, Place.AUTHOR
_IDENTIFIER, _ATTRIBUTE = Place.IDENTIFIER, Place.ATTRIBUTE
"""Every value of every object is told by its place: the members are looked up once, for `Place` looks up each anew."""
_Part = TypeVar("_Part", Classification, ExternalIdentifier)


def to_objects(contents: Contents) -> tuple[RegistryObject, ...]:
    """Lots, documents, associations and references as registry objects; ids of their parts are numbered over all."""
    numbers = count(1)
    return (
        *(_set_object(one, numbers) for one in contents.sets),
        *(_entry_object(one, numbers) for one in contents.entries),
        *(_association_object(one) for one in contents.associations),
        *(RegistryObject("ObjectRef", reference) for reference in contents.references),
    )


def to_contents(objects: Iterable[RegistryObject]) -> Contents:
    """Registry objects as records; what is none of them (a folder, any other package) is left out."""
    found = tuple(objects)
    return Contents(
        tuple(_set_record(one) for one in found if is_set(one)),
        tuple(_entry_record(one) for one in found if one.kind == "ExtrinsicObject"),
        tuple(_association_record(one) for one in found if one.kind == "Association"),
        tuple(one.id for one in found if one.kind == "ObjectRef"),
    )


def is_set(one: RegistryObject) -> bool:
    """Whether a registry object is a SubmissionSet."""
    return one.kind == "RegistryPackage" and any(each.node == SUBMISSION_SET_NODE for each in one.classifications)


def _entry_object(entry: DocumentEntry, numbers: Iterator[int]) -> RegistryObject:
    return _object("ExtrinsicObject", "XDSDocumentEntry", ENTRY, entry, {"objectType": STABLE_DOCUMENT}, numbers)


def _set_object(one: SubmissionSet, numbers: Iterator[int]) -> RegistryObject:
    written = _object("RegistryPackage", "XDSSubmissionSet", SUBMISSION_SET, one, {}, numbers)
    whole = Classification(f"cl{next(numbers):04d}", node=SUBMISSION_SET_NODE, classified=one.id)
    return replace(written, classifications=(*written.classifications, whole))


def _object(
    kind: str,
    prefix: str,
    table: Sequence[Attribute],
    record: DocumentEntry | SubmissionSet,
    attributes: Mapping[str, str],
    numbers: Iterator[int],
) -> RegistryObject:
    stated = dict(attributes)
    slots: list[Slot] = []
    classifications: list[Classification] = []
    identifiers: list[ExternalIdentifier] = []
    labels: dict[Place, str] = {}
    for row in table:
        field, place = getattr(record, row.field), row.place
        values = field if isinstance(field, tuple) else () if field is None or field == "" else (field,)
        if place is _SLOT:
            if values:
                slots.append(Slot(row.key, tuple(map(str, values))))
            continue
        for value in values:
            if place is _CODE:
                classifications.append(_coded(row.key, value, record.id, f"cl{next(numbers):04d}"))
            elif place is _AUTHOR:
                classifications.append(_authored(row, value, record.id, f"cl{next(numbers):04d}"))
            elif place is _IDENTIFIER:
                one = f"ei{next(numbers):04d}"
                identifiers.append(ExternalIdentifier(one, row.key, record.id, value, f"{prefix}.{row.name}"))
            elif place is _ATTRIBUTE:
                stated[row.key] = value
            else:
                labels[place] = value
    return RegistryObject(
        kind,
        record.id,
        stated,
        (*slots, *record.others),
        labels.get(Place.NAME),
        labels.get(Place.DESCRIPTION),
        labels.get(Place.VERSION),
        tuple(classifications),
        tuple(identifiers),
    )


@lru_cache(maxsize=512)
def _coded(scheme: str, code: Coded, classified: str, id: str) -> Classification:
    slots = (Slot(CODING_SCHEME, (code.system,)),)
    return Classification(id, scheme, "", classified, code.code, slots, code.display)


def _authored(row: Attribute, author: Author, classified: str, id: str) -> Classification:
    parts = (
        (AUTHOR_PERSON, () if author.person is None else (author.person,)),
        (AUTHOR_INSTITUTION, author.institutions),
        (AUTHOR_ROLE, author.roles),
        (AUTHOR_SPECIALTY, author.specialties),
        (AUTHOR_TELECOM, author.telecoms),
    )
    slots = tuple(Slot(name, values) for name, values in parts if values)
    return Classification(id, row.key, "", classified, "", slots)


def _association_object(one: Association) -> RegistryObject:
    attributes = {"associationType": one.type, "sourceObject": one.source, "targetObject": one.target}
    if one.object_type is not None:
        attributes["objectType"] = one.object_type
    slots = tuple(Slot(name, (value,)) for name, value in one.slots.items())
    return RegistryObject("Association", one.id, attributes, slots)


def _entry_record(one: RegistryObject) -> DocumentEntry:
    return DocumentEntry(id=one.id, others=_others(one, ENTRY), **_fields(one, ENTRY))


def _set_record(one: RegistryObject) -> SubmissionSet:
    return SubmissionSet(id=one.id, others=_others(one, SUBMISSION_SET), **_fields(one, SUBMISSION_SET))


def _association_record(one: RegistryObject) -> Association:
    return Association(
        id=one.id,
        type=one.attributes.get("associationType", ""),
        source=one.attributes.get("sourceObject", ""),
        target=one.attributes.get("targetObject", ""),
        slots={slot.name: slot.values[0] for slot in one.slots if slot.values},
        object_type=one.attributes.get("objectType"),
    )


def _others(one: RegistryObject, table: Sequence[Attribute]) -> tuple[Slot, ...]:
    known = {row.key for row in table if row.place is Place.SLOT}
    return tuple(slot for slot in one.slots if slot.name not in known)


def _fields(one: RegistryObject, table: Sequence[Attribute]) -> dict[str, Any]:
    """The fields that the object has; of what is repeated where it may not be, the first."""
    found: dict[str, Any] = {}
    for row, values in stated(one, table):
        if row.form is Form.NUMBER and row.place is _SLOT:
            values = tuple(
                int(each) for each in values if each.isascii() and each.isdigit() and len(each) <= _NUMBER_DIGITS
            )
        if values:
            found[row.field] = values if row.many or row.place is _AUTHOR else values[0]
    return found


def stated(one: RegistryObject, table: Sequence[Attribute]) -> Iterator[tuple[Attribute, tuple[Any, ...]]]:
    """Every value that an object states, by the attributes of a table: texts, codes or authors by their places."""
    slots = _slots(one.slots)
    classified = _grouped(one.classifications)
    identified = _grouped(one.identifiers)
    labels = {Place.NAME: one.name, Place.DESCRIPTION: one.description, Place.VERSION: one.version}
    for row in table:
        place = row.place
        if place is _SLOT:
            yield row, tuple(slots.get(row.key, ()))
        elif place is _CODE:
            yield row, tuple(map(_code, classified.get(row.key, ())))
        elif place is _AUTHOR:
            yield row, tuple(map(_author, classified.get(row.key, ())))
        elif place is _IDENTIFIER:
            yield row, tuple(each.value for each in identified.get(row.key, ()))
        else:
            label = one.attributes.get(row.key) if place is _ATTRIBUTE else labels[place]
            yield row, (label,) if label else ()


def _grouped(parts: Iterable[_Part]) -> dict[str, list[_Part]]:
    """Classifications or identifiers by their scheme."""
    grouped: dict[str, list[_Part]] = {}
    for one in parts:
        grouped.setdefault(one.scheme, []).append(one)
    return grouped


def _slots(slots: Iterable[Slot]) -> dict[str, list[str]]:
    """Values by the name of their slot, which may be given twice."""
    named: dict[str, list[str]] = {}
    for slot in slots:
        named.setdefault(slot.name, []).extend(slot.values)
    return named


def _code(one: Classification) -> Coded:
    return Coded(one.value or "", _first(one.slots, CODING_SCHEME) or "", one.label or "")


def _author(one: Classification) -> Author:
    slots = _slots(one.slots)
    several = (AUTHOR_INSTITUTION, AUTHOR_ROLE, AUTHOR_SPECIALTY, AUTHOR_TELECOM)
    return Author(_first(one.slots, AUTHOR_PERSON), *(tuple(slots.get(name, ())) for name in several))


def _first(slots: Iterable[Slot], name: str) -> str | None:
    for slot in slots:
        if slot.name == name and slot.values:
            return slot.values[0]
    return None
