"""Checks of what ties the objects of a submission: membership, replacement, signature, updates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Final

from dui_bridge.data.codes import Coded
from dui_bridge.findings import Finding
from dui_bridge.xds import rules
from dui_bridge.xds.check_structure import hit
from dui_bridge.xds.entries import Association, Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.submission import (
    NEW_STATUS,
    ORIGINAL_STATUS,
    PREVIOUS_VERSION,
    SUBMISSION_SET_STATUS,
    is_signature,
    signature_entry,
)
from dui_bridge.xds.value_forms import is_uuid
from dui_bridge.xds.vocabulary import (
    APPROVED,
    ARCHIVED,
    ASSOCIATION_TYPES,
    DELETED,
    DEPRECATED,
    HAS_MEMBER,
    REPLACES,
    SIGNS,
    UPDATE_STATUS,
)

_TAKEN: Final[Mapping[Purpose, frozenset[str]]] = {
    Purpose.DEPOSIT: frozenset({HAS_MEMBER, REPLACES, SIGNS}),
    Purpose.ARCHIVE: frozenset({HAS_MEMBER, REPLACES}),
    Purpose.STATUS_UPDATE: frozenset({UPDATE_STATUS}),
    Purpose.METADATA_UPDATE: frozenset({HAS_MEMBER}),
}
_STATUSES: Final = frozenset({APPROVED, ARCHIVED, DEPRECATED, DELETED})
_CHANGES: Final = frozenset(
    {
        (APPROVED, ARCHIVED),
        (ARCHIVED, APPROVED),
        *((status, DELETED) for status in (APPROVED, ARCHIVED, DEPRECATED)),
    }
)
_FIXED: Final = {
    "mimeType": "mime_type",
    "title": "title",
    "languageCode": "language",
    "classCode": "class_code",
    "typeCode": "type_code",
    "formatCode": "format_code",
    "eventCodeList": "events",
    "confidentialityCode": "confidentiality",
}
"""What a signature must say, by the name of the attribute → its field."""
_OF_LOT: Final = {
    "author": "authors",
    "patientId": "patient_id",
    "sourcePatientId": "source_patient_id",
    "creationTime": "creation_time",
    "serviceStartTime": "service_start",
    "serviceStopTime": "service_stop",
    "legalAuthenticator": "legal_authenticators",
}
"""What a signature takes from its lot."""


def ties(contents: Contents, purpose: Purpose) -> Iterator[Finding]:
    """The faults of the associations, and of the signature of a deposit."""
    lot = contents.sets[0] if contents.sets else None
    known = {*(each.id for each in contents.sets), *(entry.id for entry in contents.entries)}
    for one in contents.associations:
        yield from _association(one, contents, purpose, lot, known)
    yield from _members(contents, purpose)
    yield from _replacements(contents)
    if purpose is Purpose.DEPOSIT:
        yield from _signature(contents, lot)
    if purpose in {Purpose.STATUS_UPDATE, Purpose.METADATA_UPDATE}:
        yield from _one_change(contents, purpose)


def _association(
    one: Association, contents: Contents, purpose: Purpose, lot: SubmissionSet | None, known: Set[str]
) -> Iterator[Finding]:
    if one.type not in ASSOCIATION_TYPES:
        yield hit(rules.ASSOCIATION_TYPE, one.id, id=one.id)
    elif one.type not in _TAKEN[purpose]:
        yield hit(rules.NOT_HERE, one.id, id=one.id)
    if not (one.source and one.target):
        yield hit(rules.ASSOCIATION_ENDS, one.id, id=one.id)
        return
    if one.source not in known:
        yield hit(rules.SOURCE_UNKNOWN, one.id, id=one.id)
    if one.type in {HAS_MEMBER, SIGNS} and one.target not in known:
        yield hit(rules.TARGET_UNKNOWN, one.id, id=one.id)
    if one.type == HAS_MEMBER:
        yield from _member(one, purpose, lot)
    elif one.type == REPLACES and not is_uuid(one.target):
        yield hit(rules.REPLACED_UUID, one.id, id=one.id)
    elif one.type == SIGNS:
        signatures = {entry.id for entry in contents.entries if is_signature(entry)}
        if one.source not in signatures or lot is None or one.target != lot.id:
            yield hit(rules.SIGNS_ENDS, one.id, id=one.id)
    elif one.type == UPDATE_STATUS:
        yield from _status_change(one)


def _member(one: Association, purpose: Purpose, lot: SubmissionSet | None) -> Iterator[Finding]:
    if lot is None or one.source != lot.id:
        yield hit(rules.MEMBER_SOURCE, one.id, id=one.id)
    if one.slots.get(SUBMISSION_SET_STATUS) != "Original":
        yield hit(rules.MEMBER_STATUS, one.id, id=one.id)
    version = one.slots.get(PREVIOUS_VERSION, "")
    if purpose is Purpose.METADATA_UPDATE and not (version.isascii() and version.isdigit()):
        yield hit(rules.PREVIOUS_VERSION, one.id, id=one.id)


def _status_change(one: Association) -> Iterator[Finding]:
    if not is_uuid(one.target):
        yield hit(rules.TARGET_UUID, one.id, id=one.id)
    given = {name: one.slots.get(name, "") for name in (ORIGINAL_STATUS, NEW_STATUS)}
    unknown = [name for name, status in given.items() if status not in _STATUSES]
    for name in unknown:
        yield hit(rules.STATUS_MISSING, one.id, id=one.id, name=name)
    if not unknown and (given[ORIGINAL_STATUS], given[NEW_STATUS]) not in _CHANGES:
        yield hit(rules.STATUS_CHANGE, one.id, id=one.id)


def _members(contents: Contents, purpose: Purpose) -> Iterator[Finding]:
    if purpose is Purpose.STATUS_UPDATE:
        return
    members = Counter(one.target for one in contents.associations if one.type == HAS_MEMBER)
    for entry in contents.entries:
        if members[entry.id] == 0:
            yield hit(rules.NO_MEMBER, entry.id, id=entry.id)
        if members[entry.id] > 1:
            yield hit(rules.MEMBER_TWICE, entry.id, id=entry.id)


def _replacements(contents: Contents) -> Iterator[Finding]:
    replacing = [one for one in contents.associations if one.type == REPLACES]
    ends = Counter(end for one in replacing for end in (one.source, one.target))
    for one in replacing:
        if max(ends[one.source], ends[one.target]) > 1:
            yield hit(rules.REPLACED_TWICE, one.id, id=one.id)


def _signature(contents: Contents, lot: SubmissionSet | None) -> Iterator[Finding]:
    signatures = [entry for entry in contents.entries if is_signature(entry)]
    if len(signatures) > 1:
        yield hit(rules.SEVERAL_SIGNATURES)
    signed = {one.source for one in contents.associations if one.type == SIGNS}
    if not any(entry.id in signed for entry in signatures):
        yield hit(rules.NO_SIGNATURE)
    if lot is not None:
        for entry in signatures:
            yield from _signature_entry(entry, lot)


def _signature_entry(entry: DocumentEntry, lot: SubmissionSet) -> Iterator[Finding]:
    right = signature_entry(lot, entry, unique_id=entry.unique_id, sha1="", size=0)
    for row, fields in ((rules.SIGNATURE_FORM, _FIXED), (rules.SIGNATURE_OF_LOT, _OF_LOT)):
        for name, field in fields.items():
            said, meant = getattr(entry, field), getattr(right, field)
            if said != meant and _told(said) != _told(meant):
                yield hit(row, f"{entry.id}/{name}", id=entry.id, name=name)


def _told(value: object) -> object:
    """What a field says; of codes, without their names, which vary."""
    codes = value if isinstance(value, tuple) else (value,)
    return [(one.code, one.system) if isinstance(one, Coded) else one for one in codes]


def _one_change(contents: Contents, purpose: Purpose) -> Iterator[Finding]:
    if purpose is Purpose.STATUS_UPDATE:
        if len(contents.associations) != 1:
            yield hit(rules.ONE_CHANGE)
        for entry in contents.entries:
            yield hit(rules.NOT_HERE, entry.id, id=entry.id)
        return
    if len(contents.entries) != 1:
        yield hit(rules.ONE_CHANGE)
    for entry in contents.entries:
        if entry.logical_id is None:
            yield hit(rules.NO_LOGICAL_ID, entry.id, id=entry.id)
        if entry.repository_id is None:
            yield hit(rules.NO_REPOSITORY, entry.id, id=entry.id, name="repositoryUniqueId")
