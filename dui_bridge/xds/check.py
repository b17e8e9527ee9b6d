"""The checks of a submission before it is sent: objects in, findings out.

They look at the objects as they stand in the message, so that what a record cannot hold (a slot given twice, a
classification of another object) is found too. `rules` has every check with the error code of a registry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from dui_bridge.data.codes import Coded, codes, rows
from dui_bridge.findings import Finding, Severity
from dui_bridge.xds import rules
from dui_bridge.xds.attribute_rules import OF_ENTRY, OF_SET, Defect
from dui_bridge.xds.attributes import ENTRY, SUBMISSION_SET, Attribute, Form
from dui_bridge.xds.check_content import entry_content, set_content
from dui_bridge.xds.check_structure import hit, object_structure, whole_structure
from dui_bridge.xds.check_ties import ties
from dui_bridge.xds.ebrim import RegistryObject
from dui_bridge.xds.entries import Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.error_codes import XdsRule
from dui_bridge.xds.forms import component
from dui_bridge.xds.purpose import Policy, Purpose
from dui_bridge.xds.records import is_set, stated, to_contents
from dui_bridge.xds.submission import SIGNATURE_CLASS, SIGNATURE_TYPE, is_signature
from dui_bridge.xds.value_forms import OF_FORM, is_cx

_REGISTRY_SETS: Final = ("logicalId", "availabilityStatus", "version", "repositoryUniqueId")
_ALSO: Final = {"confidentialityCode": "masks", "contentTypeCode": "facility_types"}
"""The table that an attribute takes codes from besides its own."""
_CXI_TYPE: Final = 5
_IN_SIGNATURE: Final = frozenset({SIGNATURE_CLASS.code, SIGNATURE_TYPE.code})
"""Codes of a signature that stand in no value set of documents."""


def check(
    objects: Sequence[RegistryObject],
    purpose: Purpose,
    *,
    contents: Contents | None = None,
    documents: Mapping[str, bytes] | None = None,
    policy: Policy | None = None,
) -> tuple[Finding, ...]:
    """Every fault of a submission, in the order of its objects; a finding of severity error must not be sent.

    Args:
        objects: of the message (`records.to_objects` of what is to be sent, or `Submission.objects` received).
        purpose: what the message is for.
        contents: that the objects were made of, when they are at hand; else they are read from the objects.
        documents: the bytes of each document, by the id of its entry; None when they are not at hand.
        policy: what depends on the service and on the dossier.
    """
    chosen = policy or Policy()
    contents = contents or to_contents(objects)
    lot = contents.sets[0] if contents.sets else None
    found = list(whole_structure(objects, purpose))
    for one in objects:
        found += object_structure(one)
        if is_set(one):
            found += _attributes(one, SUBMISSION_SET, OF_SET, purpose)
        elif one.kind == "ExtrinsicObject":
            found += _attributes(one, ENTRY, OF_ENTRY, purpose)
    for submission_set in contents.sets:
        found += set_content(submission_set)
    for entry in contents.entries:
        found += entry_content(entry, lot, chosen)
        found += _set_by_registry(entry, purpose)
        found += _level_first(entry, purpose)
    found += ties(contents, purpose)
    found += _distinct((*contents.sets, *contents.entries))
    if documents is not None:
        found += _bytes(contents.entries, documents, chosen)
    return tuple(found)


def _attributes(
    one: RegistryObject, table: Sequence[Attribute], named: Mapping[tuple[str, Defect], XdsRule], purpose: Purpose
) -> Iterator[Finding]:
    signature = bool({each.value for each in one.classifications} & _IN_SIGNATURE)
    archived = purpose is Purpose.ARCHIVE
    for row, values in stated(one, table):
        if not values:
            if _is_required(row, archived=archived, signature=signature):
                yield hit(named[row.name, Defect.MISSING], f"{one.id}/{row.name}", id=one.id)
            continue
        if len(values) > 1 and (row.name, Defect.REPEATED) in named:
            yield hit(named[row.name, Defect.REPEATED], f"{one.id}/{row.name}", id=one.id)
        for value in values:
            if isinstance(value, Coded):
                yield from _coded(value, row, named, one.id, signature=signature, strict=not archived)
            elif isinstance(value, str) and not _has_form(value, row, archived=archived):
                yield hit(named[row.name, Defect.FORM], f"{one.id}/{row.name}", id=one.id)
            elif isinstance(value, str) and row.values and component(value, _CXI_TYPE) not in codes(row.values):
                said = {"id": one.id, "value": component(value, _CXI_TYPE)}
                severity = Severity.WARNING if archived else None
                yield hit(named[row.name, Defect.VALUE], f"{one.id}/{row.name}", severity=severity, **said)


def _is_required(row: Attribute, *, archived: bool, signature: bool) -> bool:
    if row.name == "sourcePatientInfo" and signature:
        return False
    return row.required or (row.in_archive and archived)


def _has_form(value: str, row: Attribute, *, archived: bool) -> bool:
    if archived and row.form is Form.INS:
        return is_cx(value)
    return OF_FORM[row.form](value)


def _coded(
    value: Coded,
    row: Attribute,
    named: Mapping[tuple[str, Defect], XdsRule],
    id: str,
    *,
    signature: bool,
    strict: bool,
) -> Iterator[Finding]:
    if not (value.code and value.system and value.display):
        yield hit(named[row.name, Defect.CODING], f"{id}/{row.name}", id=id)
    elif row.values and not (signature and value.code in _IN_SIGNATURE) and not _is_listed(value, row, strict=strict):
        severity = None if strict else Severity.WARNING
        where = f"{id}/{row.name}"
        yield hit(named[row.name, Defect.VALUE], where, severity=severity, id=id, value=value.code)


def _is_listed(value: Coded, row: Attribute, *, strict: bool) -> bool:
    coded = (value.code, value.system)
    also = _ALSO.get(row.name)
    return coded in _listed(row.values, of_dmp=strict) or (also is not None and coded in _listed(also, of_dmp=strict))


@cache
def _listed(table: str, *, of_dmp: bool) -> frozenset[tuple[str, str]]:
    """The codes of a table, with their systems; for the DMP, without those that the table says it does not take."""
    found = (row for row in rows(table) if not of_dmp or row.get("dmp", "oui") == "oui")
    return frozenset((row["code"], row["systeme"]) for row in found)


def _set_by_registry(entry: DocumentEntry, purpose: Purpose) -> Iterator[Finding]:
    if purpose not in {Purpose.DEPOSIT, Purpose.ARCHIVE}:
        return
    given = (entry.logical_id, entry.status, entry.version, entry.repository_id)
    for name, value in zip(_REGISTRY_SETS, given, strict=True):
        if value is not None:
            yield hit(rules.SET_BY_REGISTRY, f"{entry.id}/{name}", id=entry.id, name=name)


def _level_first(entry: DocumentEntry, purpose: Purpose) -> Iterator[Finding]:
    masks = entry.masks
    if masks and entry.confidentiality[0].code in masks:
        severity = Severity.WARNING if purpose is Purpose.ARCHIVE else None
        yield hit(rules.LEVEL_FIRST, f"{entry.id}/confidentialityCode", severity=severity, id=entry.id)


def _distinct(records: Iterable[DocumentEntry | SubmissionSet]) -> Iterator[Finding]:
    seen: set[str] = set()
    for record in records:
        if record.unique_id and record.unique_id in seen:
            yield hit(rules.SAME_UNIQUE_ID, f"{record.id}/uniqueId", id=record.id)
        seen.add(record.unique_id)


def _bytes(entries: Sequence[DocumentEntry], documents: Mapping[str, bytes], policy: Policy) -> Iterator[Finding]:
    for entry in entries:
        data = documents.get(entry.id)
        if data is None:
            yield hit(rules.DOCUMENT_MISSING, entry.id, id=entry.id)
            continue
        if entry.size is not None and entry.size != len(data):
            yield hit(rules.SIZE_DIFFERS, f"{entry.id}/size", id=entry.id)
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if entry.hash is not None and entry.hash.lower() != sha1:
            yield hit(rules.HASH_DIFFERS, f"{entry.id}/hash", id=entry.id)
        if policy.max_bytes is not None and len(data) > policy.max_bytes and not is_signature(entry):
            yield hit(rules.TOO_LARGE, entry.id, id=entry.id)
    known = {entry.id for entry in entries}
    for id in documents:
        if id not in known:
            yield hit(rules.DOCUMENT_UNKNOWN, id, id=id)
