"""Judges the metadata of a submission: one table of attributes, and the rules that tie them.

Sources: IHE ITI TF-3 §4.2.3; CI-SIS, volet Partage de documents de santé; IHE profile of the ANS volet "Transmission de
document CDA en HL7 v2" (cardinalities in France).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from re import Pattern
from typing import Final

from dui_bridge.sandbox.dmp import forms
from dui_bridge.sandbox.dmp.codes import LEVELS, MASK_SYSTEM, allowed, class_of_types
from dui_bridge.sandbox.dmp.forms import components
from dui_bridge.sandbox.dmp.objects import Code, Thing
from dui_bridge.sandbox.dmp.problems import Problem, metadata
from dui_bridge.sandbox.dmp.words import (
    CLASS,
    CONFIDENTIALITY,
    CONTENT_TYPE,
    DOCUMENT,
    ENTRY_AUTHOR,
    ENTRY_PATIENT,
    ENTRY_UNIQUE_ID,
    EVENTS,
    FACILITY,
    FORMAT,
    INVISIBLE,
    LOT_AUTHOR,
    LOT_NODE,
    LOT_PATIENT,
    LOT_SOURCE,
    LOT_UNIQUE_ID,
    MASKED,
    MASKS,
    PRACTICE,
    TYPE,
)

_LIST: Final = "urn:ihe:iti:xds:2013:referenceIdList"
_REFERENCES: Final = "1.2.250.1.213.1.1.4.347"
"""System of the types of references."""


@dataclass(frozen=True, slots=True)
class _Row:
    """An attribute: where it is, how often at least and at most (None: any number), and the form of each value."""

    name: str
    key: str
    least: int
    most: int | None
    form: Pattern[str] | Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _CodeRow:
    """A coded attribute; `closed`: it takes the codes of its table (`codes.allowed`) and no other."""

    name: str
    scheme: str
    least: int
    most: int | None
    closed: bool = True


_ENTRY_SLOTS: Final = (
    _Row("creationTime", "creationTime", 1, 1, forms.is_time),
    _Row("languageCode", "languageCode", 1, 1, forms.LANGUAGE),
    _Row("legalAuthenticator", "legalAuthenticator", 1, None, forms.PERSON),
    _Row("serviceStartTime", "serviceStartTime", 1, 1, forms.is_time),
    _Row("serviceStopTime", "serviceStopTime", 0, 1, forms.is_time),
    _Row("sourcePatientId", "sourcePatientId", 1, 1, forms.LOCAL_PATIENT),
    _Row("sourcePatientInfo", "sourcePatientInfo", 0, None, forms.PATIENT_INFO),
    _Row("hash", "hash", 0, 1, forms.SHA1),
    _Row("size", "size", 0, 1, forms.NUMBER),
    _Row("referenceIdList", _LIST, 0, None, forms.REFERENCE),
)
_LOT_SLOTS: Final = (_Row("submissionTime", "submissionTime", 1, 1, forms.is_time),)
_ENTRY_IDENTIFIERS: Final = (
    _Row("patientId", ENTRY_PATIENT, 1, 1, forms.INS),
    _Row("uniqueId", ENTRY_UNIQUE_ID, 1, 1, forms.OID),
)
_LOT_IDENTIFIERS: Final = (
    _Row("patientId", LOT_PATIENT, 1, 1, forms.INS),
    _Row("sourceId", LOT_SOURCE, 1, 1, forms.OID),
    _Row("uniqueId", LOT_UNIQUE_ID, 1, 1, forms.OID),
)
_AUTHOR: Final = (
    _Row("authorPerson", "authorPerson", 0, 1, forms.PERSON),
    _Row("authorInstitution", "authorInstitution", 0, None, forms.STRUCTURE),
    _Row("authorSpecialty", "authorSpecialty", 0, None, forms.SPECIALTY),
    _Row("authorRole", "authorRole", 0, None, forms.TEXT),
)
_ENTRY_CODES: Final = (
    _CodeRow("classCode", CLASS, 1, 1),
    _CodeRow("typeCode", TYPE, 1, 1),
    _CodeRow("confidentialityCode", CONFIDENTIALITY, 1, 4, closed=False),
    _CodeRow("formatCode", FORMAT, 1, 1),
    _CodeRow("healthcareFacilityTypeCode", FACILITY, 1, 1),
    _CodeRow("practiceSettingCode", PRACTICE, 1, 1),
    _CodeRow("eventCodeList", EVENTS, 0, None, closed=False),
)
_LOT_CODES: Final = (_CodeRow("contentTypeCode", CONTENT_TYPE, 1, 1),)


def entry_problems(entry: Thing, *, needs_hash: bool = True) -> Iterator[Problem]:
    """What is wrong with a document's metadata by themselves.

    Args:
        needs_hash: whether hash and size must be there.
    """
    if entry.element.get("objectType") != DOCUMENT:
        yield metadata(f"{entry.id} : objectType")
    if entry.element.get("mimeType") != "text/xml":
        yield metadata(f"{entry.id} : mimeType (seul text/xml est pris)")
    if not entry.title:
        yield metadata(f"{entry.id} : title")
    yield from _rows(entry.id, entry.slots, _ENTRY_SLOTS)
    if needs_hash and not (entry.slot("hash") and entry.slot("size")):
        yield metadata(f"{entry.id} : hash ou size manque")
    if entry.is_signature == ("sourcePatientInfo" in entry.slots):
        yield metadata(f"{entry.id} : sourcePatientInfo, que seule une signature n'a pas")
    yield from _rows(entry.id, entry.identifiers, _ENTRY_IDENTIFIERS)
    yield from _code_rows(entry, _ENTRY_CODES)
    yield from _authors(entry, ENTRY_AUTHOR, 1, None)
    yield from _parts(entry)
    yield from _confidentiality(entry)
    if not entry.is_signature:
        yield from _class_of_type(entry)
    if not all((components(one)[4], _REFERENCES) in allowed("referenceIdList") for one in entry.slots.get(_LIST, ())):
        yield metadata(f"{entry.id} : referenceIdList : type d'identifiant inconnu")


def lot_problems(lot: Thing) -> Iterator[Problem]:
    """What is wrong with a lot by itself."""
    yield from _rows(lot.id, lot.slots, _LOT_SLOTS)
    yield from _rows(lot.id, lot.identifiers, _LOT_IDENTIFIERS)
    yield from _code_rows(lot, _LOT_CODES)
    yield from _authors(lot, LOT_AUTHOR, 1, 1)
    yield from _parts(lot)
    if LOT_NODE not in lot.codes:
        yield metadata(f"{lot.id} : ce n'est pas classé comme un lot (SubmissionSet)")
    if not lot.authors("authorPerson"):
        yield metadata(f"{lot.id} : authorPerson manque")
    if not lot.authors("authorInstitution"):
        yield metadata(f"{lot.id} : authorInstitution manque")


def _rows(where: str, values: Mapping[str, tuple[str, ...]], rows: tuple[_Row, ...]) -> Iterator[Problem]:
    for row in rows:
        found = values.get(row.key, ())
        if not row.least <= len(found) <= (len(found) if row.most is None else row.most):
            yield metadata(f"{where} : {row.name} : {len(found)} valeur(s)")
        if not all(_holds(row, value) for value in found):
            yield metadata(f"{where} : {row.name} : forme")


def _holds(row: _Row, value: str) -> bool:
    return row.form.fullmatch(value) is not None if isinstance(row.form, Pattern) else row.form(value)


def _code_rows(thing: Thing, rows: tuple[_CodeRow, ...]) -> Iterator[Problem]:
    for row in rows:
        found = thing.codes.get(row.scheme, ())
        if not row.least <= len(found) <= (len(found) if row.most is None else row.most):
            yield metadata(f"{thing.id} : {row.name} : {len(found)} valeur(s)")
        for one in found:
            if not (one.code and one.system and one.name) or len(one.slots.get("codingScheme", ())) != 1:
                yield metadata(f"{thing.id} : {row.name} : code, codingScheme ou libellé manque")
            elif row.closed and not thing.is_signature and (one.code, one.system) not in allowed(row.name):
                yield metadata(f"{thing.id} : {row.name} : hors du jeu de valeurs du DMP")


def _class_of_type(entry: Thing) -> Iterator[Problem]:
    for kind in entry.codes.get(TYPE, ()):
        right = class_of_types().get((kind.code, kind.system))
        if right is not None and any(one.code != right for one in entry.codes.get(CLASS, ())):
            yield metadata(f"{entry.id} : classCode n'est pas la classe de typeCode (ASS_X04)")


def _authors(thing: Thing, scheme: str, least: int, most: int | None) -> Iterator[Problem]:
    found: tuple[Code, ...] = thing.codes.get(scheme, ())
    if not least <= len(found) <= (len(found) if most is None else most):
        yield metadata(f"{thing.id} : author : {len(found)} valeur(s)")
    for one in found:
        yield from _rows(f"{thing.id} : author", one.slots, _AUTHOR)
        if not (one.slots.get("authorPerson") or one.slots.get("authorInstitution")):
            yield metadata(f"{thing.id} : author sans personne ni structure")


def _parts(thing: Thing) -> Iterator[Problem]:
    """Every classification and identifier names the object that it stands in (ebRIM 3.0)."""
    for part in thing.element.iterchildren("{*}Classification", "{*}ExternalIdentifier"):
        owner = part.get("classifiedObject") or part.get("registryObject")
        if owner != thing.id or not part.get("id"):
            yield metadata(f"{thing.id} : une classification ou un identifiant d'un autre objet, ou sans id")


def _confidentiality(entry: Thing) -> Iterator[Problem]:
    found = entry.codes.get(CONFIDENTIALITY, ())
    if not found:
        return
    if (found[0].code, found[0].system) not in LEVELS:
        yield metadata(f"{entry.id} : la première confidentialité n'est pas N, R ou V")
    if not all(one.code in MASKS and one.system == MASK_SYSTEM for one in found[1:]):
        yield metadata(f"{entry.id} : une confidentialité de plus n'est pas un masquage")
    # EX_2.1-1050: not together; the signature of a lot has both.
    if entry.is_signature != ({MASKED, INVISIBLE} <= entry.masks):
        yield metadata(f"{entry.id} : MASQUE_PS et INVISIBLE_PATIENT vont ensemble pour la seule signature d'un lot")
