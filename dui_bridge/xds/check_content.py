"""Checks of what a document or a lot says: authors, patient, visibility, dates, class and type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dui_bridge.data.codes import codes
from dui_bridge.findings import Finding
from dui_bridge.xds import rules
from dui_bridge.xds.check_structure import hit
from dui_bridge.xds.entries import Author, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.forms import component, is_dtm
from dui_bridge.xds.metadata import class_of
from dui_bridge.xds.purpose import Policy
from dui_bridge.xds.submission import is_signature
from dui_bridge.xds.value_forms import is_specialty, is_xcn, is_xon

_LEVELS: Final = frozenset({"N", "R", "V"})
_TITLE_BYTES: Final = 128
_PID: Final = re.compile(r"(PID-\d{1,2})\|(.*)", re.ASCII | re.DOTALL)
_BARRED: Final = frozenset({"PID-2", "PID-4", "PID-12", "PID-19"})
"""Fields that sourcePatientInfo may not carry (TF-3 §4.2.3.2.23)."""


def set_content(lot: SubmissionSet) -> Iterator[Finding]:
    """What a lot says of itself."""
    for author in lot.authors:
        yield from _author(author, lot.id)
        if not author.institutions:
            yield hit(rules.AUTHOR_INSTITUTION, f"{lot.id}/author", id=lot.id)


def entry_content(entry: DocumentEntry, lot: SubmissionSet | None, policy: Policy) -> Iterator[Finding]:
    """What a document says, by itself and beside its lot."""
    for author in entry.authors:
        yield from _author(author, entry.id)
    if lot is not None and entry.patient_id and lot.patient_id and entry.patient_id != lot.patient_id:
        yield hit(rules.OTHER_PATIENT, f"{entry.id}/patientId", id=entry.id)
    if entry.title is not None and len(entry.title.encode()) > _TITLE_BYTES:
        yield hit(rules.TITLE_LONG, f"{entry.id}/title", id=entry.id)
    yield from _patient_info(entry)
    yield from _times(entry, lot)
    yield from _visibility(entry, policy)
    if not is_signature(entry):
        yield from _class(entry)


def _author(author: Author, id: str) -> Iterator[Finding]:
    where = f"{id}/author"
    if not author.person:
        yield hit(rules.AUTHOR_PERSON, where, id=id)
    elif not is_xcn(author.person):
        yield hit(rules.AUTHOR_PERSON_FORM, where, id=id)
    if not all(map(is_xon, author.institutions)):
        yield hit(rules.AUTHOR_INSTITUTION_FORM, where, id=id)
    for one in author.specialties:
        if not is_specialty(one):
            yield hit(rules.AUTHOR_SPECIALTY_FORM, where, id=id)
        elif (known := codes("professions").get(component(one, 1))) is None or known.system != component(one, 3):
            yield hit(rules.AUTHOR_SPECIALTY, where, id=id, value=component(one, 1))


def _patient_info(entry: DocumentEntry) -> Iterator[Finding]:
    where = f"{entry.id}/sourcePatientInfo"
    read = [(found[1], found[2]) for value in entry.source_patient_info if (found := _PID.fullmatch(value))]
    if not read:
        return
    fields = dict(read)
    names = [name for name, _ in read]
    for name in fields:
        if names.count(name) > 1:
            yield hit(rules.PID_TWICE, where, id=entry.id, name=name)
        if name in _BARRED:
            yield hit(rules.PID_UNKNOWN, where, id=entry.id, name=name)
    if not fields.get("PID-5", "").strip("^~ "):
        yield hit(rules.NO_NAME, where, id=entry.id)
    birth = fields.get("PID-7")
    if birth is not None and not (is_dtm(birth) and len(birth) <= len("AAAAMMJJ")):
        yield hit(rules.BIRTH_DATE, where, id=entry.id)
    if fields.get("PID-8", "U") not in {"M", "F", "U"}:
        yield hit(rules.SEX, where, id=entry.id)


def _times(entry: DocumentEntry, lot: SubmissionSet | None) -> Iterator[Finding]:
    if _is_before(entry.service_stop, entry.service_start):
        yield hit(rules.STOP_BEFORE_START, f"{entry.id}/serviceStopTime", id=entry.id)
    if lot is not None and _is_before(lot.submission_time, entry.creation_time):
        yield hit(rules.CREATED_LATER, f"{entry.id}/creationTime", id=entry.id)


def _is_before(first: str | None, second: str | None) -> bool:
    """Whether one DTM is surely before another, each as precise as it is."""
    if first is None or second is None or not (is_dtm(first) and is_dtm(second)):
        return False
    length = min(len(first), len(second))
    return first[:length] < second[:length]


def _visibility(entry: DocumentEntry, policy: Policy) -> Iterator[Finding]:
    where = f"{entry.id}/confidentialityCode"
    given = [one.code for one in entry.confidentiality]
    if given and sum(code in _LEVELS for code in given) != 1:
        yield hit(rules.LEVEL, where, id=entry.id)
    if any(given.count(mask) > 1 for mask in entry.masks):
        yield hit(rules.MASK_TWICE, where, id=entry.id)
    if is_signature(entry):
        return
    if not policy.both_masks and {Mask.PROFESSIONALS, Mask.PATIENT} <= entry.masks:
        yield hit(rules.MASKS_TOGETHER, where, id=entry.id)
    if policy.secret_connection and Mask.LEGAL_REPRESENTATIVES not in entry.masks:
        yield hit(rules.NOT_SECRET, where, id=entry.id)


def _class(entry: DocumentEntry) -> Iterator[Finding]:
    if entry.type_code is None or entry.class_code is None:
        return
    right = class_of(entry.type_code)
    if right is not None and right.code != entry.class_code.code:
        where = f"{entry.id}/classCode"
        yield hit(rules.CLASS_OF_TYPE, where, id=entry.id, value=entry.class_code.code, type=entry.type_code.code)
