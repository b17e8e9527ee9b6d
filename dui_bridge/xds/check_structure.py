"""Checks of ebRIM itself: ids, classifications, identifiers and slots, whatever they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dui_bridge.findings import Finding, Severity
from dui_bridge.xds import rules
from dui_bridge.xds.attributes import (
    AUTHOR_INSTITUTION,
    AUTHOR_PERSON,
    AUTHOR_ROLE,
    AUTHOR_SPECIALTY,
    AUTHOR_TELECOM,
    ENTRY,
    SUBMISSION_SET,
    Attribute,
    Place,
)
from dui_bridge.xds.ebrim import MAX_VALUE, RegistryObject
from dui_bridge.xds.error_codes import XdsRule
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.records import is_set
from dui_bridge.xds.vocabulary import STABLE_DOCUMENT

_KINDS: Final = frozenset({"RegistryPackage", "ExtrinsicObject", "Association"})
_AUTHOR_SLOTS: Final = frozenset({AUTHOR_PERSON, AUTHOR_INSTITUTION, AUTHOR_ROLE, AUTHOR_SPECIALTY, AUTHOR_TELECOM})


@dataclass(frozen=True, slots=True)
class _Schemes:
    """What the parts of a kind of object are classified by, authors and codes, and identified by, with the names."""

    authors: frozenset[str]
    codes: frozenset[str]
    identifiers: Mapping[str, str]


def _schemes(table: Sequence[Attribute], prefix: str) -> _Schemes:
    return _Schemes(
        frozenset(row.key for row in table if row.place is Place.AUTHOR),
        frozenset(row.key for row in table if row.place is Place.CODE),
        {row.key: f"{prefix}.{row.name}" for row in table if row.place is Place.IDENTIFIER},
    )


_OF_SET: Final = _schemes(SUBMISSION_SET, "XDSSubmissionSet")
_OF_ENTRY: Final = _schemes(ENTRY, "XDSDocumentEntry")


def hit(row: XdsRule, path: str = "", *, severity: Severity | None = None, **values: str) -> Finding:
    """A finding of a rule, at the id of an object and the name of an attribute."""
    return Finding(row.rule, path=path, values=values, severity_override=severity)


def whole_structure(objects: Sequence[RegistryObject], purpose: Purpose) -> Iterator[Finding]:
    """One lot, at least one document where there must be one, nothing else, and ids that are unique."""
    sets = sum(map(is_set, objects))
    if sets == 0:
        yield hit(rules.NO_SET)
    if sets > 1:
        yield hit(rules.SEVERAL_SETS)
    if purpose is not Purpose.STATUS_UPDATE and not any(one.kind == "ExtrinsicObject" for one in objects):
        yield hit(rules.NO_ENTRY)
    for one in objects:
        if one.kind not in _KINDS or (one.kind == "RegistryPackage" and not is_set(one)):
            yield hit(rules.OTHER_OBJECT, one.id, id=one.id, kind=one.kind)
        if not one.id:
            yield hit(rules.NO_ID)
    for id in _repeated([one.id for one in objects if one.id]):
        yield hit(rules.SAME_ID, id, id=id)


def object_structure(one: RegistryObject) -> Iterator[Finding]:
    """The parts of an object."""
    yield from _slots(one)
    if is_set(one):
        schemes = _OF_SET
    elif one.kind == "ExtrinsicObject":
        schemes = _OF_ENTRY
        if one.attributes.get("objectType") != STABLE_DOCUMENT:
            yield hit(rules.OBJECT_TYPE, one.id, id=one.id)
    else:
        return
    yield from _classifications(one, schemes)
    yield from _identifiers(one, schemes)


def _repeated(names: Sequence[str]) -> Collection[str]:
    """The names that are given several times, in their order."""
    if len(set(names)) == len(names):
        return ()
    return {name: times for name, times in Counter(names).items() if times > 1}


def _slots(one: RegistryObject) -> Iterator[Finding]:
    classified = (each.slots for each in one.classifications)
    for slots in (one.slots, *classified):
        for slot in slots:
            if not slot.name:
                yield hit(rules.SLOT_NAME, one.id, id=one.id)
            if not slot.values or "" in slot.values:
                yield hit(rules.SLOT_EMPTY, one.id, id=one.id, name=slot.name)
            if max(map(len, slot.values), default=0) > MAX_VALUE:
                yield hit(rules.SLOT_LONG, one.id, id=one.id, name=slot.name)
        if len(slots) > 1:
            for name in _repeated([slot.name for slot in slots if slot.name]):
                yield hit(rules.SLOT_TWICE, one.id, id=one.id, name=name)


def _classifications(one: RegistryObject, known: _Schemes) -> Iterator[Finding]:
    repeated = _repeated([each.id for each in one.classifications])
    for each in one.classifications:
        if not each.id or each.id in repeated:
            yield hit(rules.CLASSIFICATION_ID, one.id, id=one.id)
        if each.classified != one.id:
            yield hit(rules.CLASSIFIED, one.id, id=one.id)
        if not each.node and each.scheme not in known.codes and each.scheme not in known.authors:
            yield hit(rules.CLASSIFICATION_SCHEME, one.id, id=one.id)
        if each.scheme in known.authors:
            for slot in each.slots:
                if slot.name not in _AUTHOR_SLOTS:
                    yield hit(rules.AUTHOR_SLOT, one.id, id=one.id, name=slot.name)
                elif slot.name == AUTHOR_PERSON and len(slot.values) > 1:
                    yield hit(rules.AUTHOR_PERSONS, one.id, id=one.id)


def _identifiers(one: RegistryObject, known: _Schemes) -> Iterator[Finding]:
    repeated = _repeated([each.id for each in one.identifiers])
    for each in one.identifiers:
        if not each.id or each.id in repeated:
            yield hit(rules.IDENTIFIER_ID, one.id, id=one.id)
        if each.object != one.id:
            yield hit(rules.IDENTIFIED, one.id, id=one.id)
        name = known.identifiers.get(each.scheme)
        if name is None:
            yield hit(rules.IDENTIFIER_SCHEME, one.id, id=one.id)
        elif each.label != name:
            yield hit(rules.IDENTIFIER_NAME, one.id, id=one.id, name=name)
