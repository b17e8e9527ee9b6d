"""A right submission has no finding; each fault has its own, and every rule of the table is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest

from dui_bridge.data.codes import Coded
from dui_bridge.findings import Severity
from dui_bridge.xds import rules
from dui_bridge.xds.attribute_rules import OF_ENTRY, OF_SET, Defect
from dui_bridge.xds.attributes import ENTRY, SUBMISSION_SET, Attribute, Form, Place
from dui_bridge.xds.check import check
from dui_bridge.xds.ebrim import Classification, ExternalIdentifier, RegistryObject, Slot
from dui_bridge.xds.entries import Association, Author, Contents, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.error_codes import XdsRule
from dui_bridge.xds.purpose import Policy, Purpose
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import Submitted, deposit, metadata_update, status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, HAS_MEMBER, IS_SNAPSHOT_OF
from tests.xds_deposits import ENTRY_UUID, SENDER, cda, entry, first_deposit, lot, registered

Objects = tuple[RegistryObject, ...]


def hits(objects: Sequence[RegistryObject], purpose: Purpose = Purpose.DEPOSIT, **more: object) -> list[str]:
    return [finding.rule.id for finding in check(objects, purpose, **more)]  # type: ignore[arg-type]


def objects(contents: Contents | None = None) -> Objects:
    return to_objects(contents or first_deposit())


def with_entry(**changes: object) -> Objects:
    return objects(first_deposit(replace(entry(), **changes)))  # type: ignore[arg-type]


def with_set(**changes: object) -> Objects:
    contents = first_deposit()
    return objects(replace(contents, sets=(replace(lot(), **changes),)))  # type: ignore[arg-type]


def with_signature(**changes: object) -> Objects:
    contents = first_deposit()
    document, signature = contents.entries
    return objects(replace(contents, entries=(document, replace(signature, **changes))))  # type: ignore[arg-type]


def with_tie(number: int, **changes: object) -> Objects:
    contents = first_deposit(replaces=ENTRY_UUID)
    ties = list(contents.associations)
    ties[number] = replace(ties[number], **changes)  # type: ignore[arg-type]
    return objects(replace(contents, associations=tuple(ties)))


def without_tie(number: int) -> Objects:
    contents = first_deposit()
    ties = contents.associations
    return objects(replace(contents, associations=ties[:number] + ties[number + 1 :]))


def raw(number: int, change: Callable[[RegistryObject], RegistryObject]) -> Objects:
    """The objects of a deposit (0 the lot, 1 the document, 2 the signature), one of them changed."""
    found = list(objects())
    found[number] = change(found[number])
    return tuple(found)


def first_code(one: RegistryObject, **changes: object) -> RegistryObject:
    head, *rest = one.classifications
    return replace(one, classifications=(replace(head, **changes), *rest))  # type: ignore[arg-type]


def first_identifier(one: RegistryObject, **changes: object) -> RegistryObject:
    head, *rest = one.identifiers
    return replace(one, identifiers=(replace(head, **changes), *rest))  # type: ignore[arg-type]


def with_slots(one: RegistryObject, *slots: Slot) -> RegistryObject:
    return replace(one, slots=(*one.slots, *slots))


@pytest.mark.parametrize("masks", [[], [Mask.PROFESSIONALS], [Mask.PATIENT, Mask.LEGAL_REPRESENTATIVES]])
def test_a_right_deposit_has_no_finding(masks: list[Mask]) -> None:
    assert hits(objects(first_deposit(entry(masks), replaces=ENTRY_UUID))) == []


def test_right_updates_have_no_finding() -> None:
    update = metadata_update(lot(), registered([Mask.PATIENT]).masked([]))
    assert hits(objects(update), Purpose.METADATA_UPDATE) == []
    for original, new in ((APPROVED, ARCHIVED), (ARCHIVED, APPROVED), (ARCHIVED, DELETED)):
        assert hits(objects(status_update(lot(), ENTRY_UUID, original, new)), Purpose.STATUS_UPDATE) == []


def test_an_archive_needs_the_name_of_each_file_and_no_signature_nor_ins() -> None:
    local = "D-0042^^^&2.25.159386471520583645&ISO^PI"
    document = replace(entry(), uri="DOC0001.XML", patient_id=local)
    archive = deposit(replace(lot(), patient_id=local), [Submitted(document)])
    assert hits(objects(archive), Purpose.ARCHIVE) == []
    nameless = deposit(replace(lot(), patient_id=local), [Submitted(replace(document, uri=None))])
    found = check(objects(nameless), Purpose.ARCHIVE)
    assert [finding.path for finding in found] == ["Document01/URI"]


def test_a_mail_may_carry_codes_of_the_ci_sis_that_the_dmp_does_not_take() -> None:
    system = "1.2.250.1.213.1.1.4.1"
    technical = replace(entry(), uri="DOC0001.XML", class_code=Coded("99", system, "Document technique"))
    values = OF_ENTRY["classCode", Defect.VALUE].rule.id
    found = deposit(lot(), [Submitted(technical)])
    assert values in hits(objects(found), Purpose.DEPOSIT)
    assert values not in hits(objects(found), Purpose.ARCHIVE)
    unknown = deposit(lot(), [Submitted(replace(technical, class_code=Coded("98", system, "Autre")))])
    assert values in hits(objects(unknown), Purpose.ARCHIVE)


def test_bytes_that_are_those_described_have_no_finding() -> None:
    found = check(objects(), Purpose.DEPOSIT, documents={"Document01": cda(), "Signature01": b""})
    assert {finding.path.split("/")[0] for finding in found} == {"Signature01"}


class Case(NamedTuple):
    row: XdsRule
    objects: Callable[[], Objects]
    purpose: Purpose = Purpose.DEPOSIT
    documents: dict[str, bytes] | None = None
    policy: Policy | None = None


def person(text: str | None) -> tuple[Author, ...]:
    return (replace(SENDER, person=text),)


OTHER = SubmissionSet(id="SubmissionSet02")
UPDATED = Purpose.METADATA_UPDATE
CHANGED = Purpose.STATUS_UPDATE


def update(**changes: object) -> Objects:
    return objects(metadata_update(lot(), replace(registered(), **changes)))  # type: ignore[arg-type]


def unversioned() -> Objects:
    made = metadata_update(lot(), registered())
    tie = replace(made.associations[0], slots={"SubmissionSetStatus": "Original"})
    return objects(replace(made, associations=(tie,)))


def without_logical_id() -> Objects:
    made = metadata_update(lot(), registered())
    return objects(replace(made, entries=(replace(made.entries[0], logical_id=None),)))


def two_replacements() -> Objects:
    second = replace(entry(), id="Document02", unique_id="2.25.8")
    return objects(deposit(lot(), [Submitted(entry(), ENTRY_UUID), Submitted(second, ENTRY_UUID)]))


CASES = [
    Case(rules.NO_SET, lambda: objects()[1:]),
    Case(rules.SEVERAL_SETS, lambda: objects(replace(first_deposit(), sets=(lot(), OTHER)))),
    Case(rules.OTHER_OBJECT, lambda: (*objects(), RegistryObject("RegistryPackage", "Folder01"))),
    Case(rules.NO_ID, lambda: (*objects(), RegistryObject("Association"))),
    Case(rules.SAME_ID, lambda: (*objects(), objects()[-1])),
    Case(rules.CLASSIFICATION_ID, lambda: raw(1, lambda one: first_code(one, id=""))),
    Case(rules.CLASSIFIED, lambda: raw(1, lambda one: first_code(one, classified="SubmissionSet01"))),
    Case(rules.CLASSIFICATION_SCHEME, lambda: raw(1, lambda one: first_code(one, scheme="urn:uuid:x"))),
    Case(rules.IDENTIFIER_ID, lambda: raw(1, lambda one: first_identifier(one, id=""))),
    Case(rules.IDENTIFIED, lambda: raw(0, lambda one: first_identifier(one, object="Document01"))),
    Case(
        rules.IDENTIFIER_SCHEME,
        lambda: raw(1, lambda one: replace(one, identifiers=(*one.identifiers, ExternalIdentifier("e", "x", one.id)))),
    ),
    Case(rules.IDENTIFIER_NAME, lambda: raw(1, lambda one: first_identifier(one, label="patientId"))),
    Case(rules.SLOT_NAME, lambda: raw(1, lambda one: with_slots(one, Slot("", ("1",))))),
    Case(rules.SLOT_TWICE, lambda: raw(1, lambda one: with_slots(one, Slot("size", ("1",))))),
    Case(rules.SLOT_EMPTY, lambda: raw(1, lambda one: with_slots(one, Slot("urn:x:y")))),
    Case(rules.SLOT_LONG, lambda: raw(1, lambda one: with_slots(one, Slot("urn:x:y", ("1" * 257,))))),
    Case(rules.OBJECT_TYPE, lambda: raw(1, lambda one: replace(one, attributes={"mimeType": "text/xml"}))),
    Case(rules.AUTHOR_SPECIALTY, lambda: with_entry(authors=(replace(SENDER, specialties=("Z^Autre^1.2.3",)),))),
    Case(
        rules.LEVEL_FIRST,
        lambda: with_entry(confidentiality=(Mask.PATIENT.coded, *entry().confidentiality)),
    ),
    Case(rules.SET_BY_REGISTRY, lambda: with_entry(status=APPROVED)),
    Case(rules.TITLE_LONG, lambda: with_entry(title="é" * 65)),
    Case(rules.NO_ENTRY, lambda: objects()[:1]),
    Case(rules.NO_MEMBER, lambda: without_tie(0)),
    Case(rules.MEMBER_TWICE, lambda: with_tie(1, target="Document01")),
    Case(rules.SOURCE_UNKNOWN, lambda: with_tie(3, source="Document09")),
    Case(rules.TARGET_UNKNOWN, lambda: with_tie(0, target="document01")),
    Case(rules.MEMBER_SOURCE, lambda: with_tie(0, source="Signature01")),
    Case(rules.MEMBER_STATUS, lambda: with_tie(0, slots={})),
    Case(rules.ASSOCIATION_TYPE, lambda: with_tie(3, type="urn:ihe:iti:2007:AssociationType:rplc")),
    Case(rules.ASSOCIATION_ENDS, lambda: with_tie(3, target="")),
    Case(rules.REPLACED_UUID, lambda: with_tie(3, target="2.25.31415926535.0")),
    Case(rules.REPLACED_TWICE, two_replacements),
    Case(rules.SIGNS_ENDS, lambda: with_tie(2, source="Document01")),
    Case(rules.NO_SIGNATURE, lambda: objects(deposit(lot(), [Submitted(entry())]))),
    Case(
        rules.SEVERAL_SIGNATURES,
        lambda: objects(
            deposit(
                lot(),
                [Submitted(entry()), Submitted(replace(first_deposit().entries[1], id="Signature02"))],
                first_deposit().entries[1],
            )
        ),
    ),
    Case(rules.SIGNATURE_FORM, lambda: with_signature(confidentiality=entry().confidentiality)),
    Case(rules.SIGNATURE_OF_LOT, lambda: with_signature(creation_time="20261122050001")),
    Case(rules.SAME_UNIQUE_ID, lambda: with_set(unique_id=entry().unique_id)),
    Case(rules.OTHER_PATIENT, lambda: with_set(patient_id="187031234567890^^^&1.2.250.1.213.1.4.10&ISO^NH")),
    Case(rules.AUTHOR_PERSON, lambda: with_entry(authors=person(None))),
    Case(
        rules.AUTHOR_PERSONS,
        lambda: raw(1, lambda one: first_code(one, slots=(Slot("authorPerson", ("a", "b")),))),
    ),
    Case(rules.AUTHOR_PERSON_FORM, lambda: with_entry(authors=person("^Martin^Luce"))),
    Case(rules.AUTHOR_INSTITUTION, lambda: with_set(authors=(replace(SENDER, institutions=()),))),
    Case(rules.AUTHOR_INSTITUTION_FORM, lambda: with_entry(authors=(replace(SENDER, institutions=("Foyer",)),))),
    Case(rules.AUTHOR_SPECIALTY_FORM, lambda: with_entry(authors=(replace(SENDER, specialties=("Médecin",)),))),
    Case(
        rules.AUTHOR_SLOT,
        lambda: raw(1, lambda one: first_code(one, slots=(Slot("authorSpeciality", ("x",)),))),
    ),
    Case(rules.DOCUMENT_MISSING, objects, documents={}),
    Case(rules.DOCUMENT_UNKNOWN, objects, documents={"document01": b""}),
    Case(rules.SIZE_DIFFERS, objects, documents={"Document01": cda() + b" "}),
    Case(rules.HASH_DIFFERS, objects, documents={"Document01": cda()[:-1] + b" "}),
    Case(rules.TOO_LARGE, objects, documents={"Document01": cda()}, policy=Policy(max_bytes=9)),
    Case(rules.LEVEL, lambda: with_entry(confidentiality=(Mask.PATIENT.coded,))),
    Case(
        rules.MASK_TWICE,
        lambda: with_entry(confidentiality=(*entry([Mask.PATIENT]).confidentiality, Mask.PATIENT.coded)),
    ),
    Case(
        rules.MASKS_TOGETHER,
        lambda: objects(first_deposit(entry([Mask.PATIENT, Mask.PROFESSIONALS]))),
    ),
    Case(rules.NOT_SECRET, objects, policy=Policy(secret_connection=True)),
    Case(rules.CLASS_OF_TYPE, lambda: with_entry(class_code=Coded("10", "1.2.250.1.213.1.1.4.1", "Compte rendu"))),
    Case(rules.STOP_BEFORE_START, lambda: with_entry(service_stop="2025")),
    Case(rules.CREATED_LATER, lambda: with_entry(creation_time="20261123")),
    Case(rules.NO_NAME, lambda: with_entry(source_patient_info=("PID-5|^^", "PID-8|F"))),
    Case(rules.BIRTH_DATE, lambda: with_entry(source_patient_info=("PID-5|A^B", "PID-7|19871399"))),
    Case(rules.SEX, lambda: with_entry(source_patient_info=("PID-5|A^B", "PID-8|2"))),
    Case(rules.PID_TWICE, lambda: with_entry(source_patient_info=("PID-5|A^B", "PID-5|C^D"))),
    Case(rules.PID_UNKNOWN, lambda: with_entry(source_patient_info=("PID-5|A^B", "PID-19|1"))),
    Case(rules.NOT_HERE, lambda: with_tie(3, type=IS_SNAPSHOT_OF)),
    Case(rules.ONE_CHANGE, lambda: objects(Contents((lot(),))), CHANGED),
    Case(rules.TARGET_UUID, lambda: objects(status_update(lot(), "2.25.3", APPROVED, ARCHIVED)), CHANGED),
    Case(rules.STATUS_MISSING, lambda: objects(status_update(lot(), ENTRY_UUID, APPROVED, "Archived")), CHANGED),
    Case(rules.STATUS_CHANGE, lambda: objects(status_update(lot(), ENTRY_UUID, DELETED, APPROVED)), CHANGED),
    Case(rules.NO_LOGICAL_ID, without_logical_id, UPDATED),
    Case(rules.PREVIOUS_VERSION, unversioned, UPDATED),
    Case(rules.NO_REPOSITORY, lambda: update(repository_id=None), UPDATED),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row.rule.id)
def test_a_fault_is_found_under_its_own_rule(case: Case) -> None:
    found = hits(case.objects(), case.purpose, documents=case.documents, policy=case.policy)
    assert case.row.rule.id in found


def test_the_activity_of_a_lot_may_be_a_sector() -> None:
    sector = Coded("SA16", "1.2.250.1.71.4.2.4", "Etablissement pour personnes handicapées")
    activity = Coded("04", "1.2.250.1.213.2.2", "Hospitalisation de Jour")
    assert hits(with_set(content_type=sector)) == hits(with_set(content_type=activity)) == []
    assert hits(with_set(content_type=replace(activity, system=sector.system))) == ["XDS-666"]


def spoiled(row: Attribute, defect: Defect, one: RegistryObject) -> RegistryObject:
    """An object with one attribute spoiled, in the way of its place."""
    bad = " " if row.form is Form.TEXT else "?"
    match row.place:
        case Place.SLOT:
            rest = tuple(slot for slot in one.slots if slot.name != row.key)
            values = {
                Defect.MISSING: (),
                Defect.REPEATED: one.slot(row.key) + ("20260101",) * 2,
                Defect.VALUE: ("1^^^&1.2.3&ISO^urn:x:other",),
            }.get(defect, (bad,))
            return replace(one, slots=(*rest, *((Slot(row.key, values),) if values else ())))
        case Place.CODE | Place.AUTHOR:
            rest = tuple(each for each in one.classifications if each.scheme != row.key)
            mine = one.classified(row.key) or (Classification("c", row.key, "", one.id, "x", (), "x"),)
            wrong = {
                Defect.MISSING: (),
                Defect.REPEATED: (*mine, replace(mine[0], id="c2")),
                Defect.CODING: (replace(mine[0], slots=()),),
                Defect.VALUE: (replace(mine[0], value="other"),),
            }[defect]
            return replace(one, classifications=(*rest, *wrong))
        case Place.IDENTIFIER:
            others = tuple(each for each in one.identifiers if each.scheme != row.key)
            own = one.identified(row.key)
            wrong_ids = {Defect.MISSING: (), Defect.REPEATED: own * 2}.get(defect, (replace(own[0], value="?"),))
            return replace(one, identifiers=(*others, *wrong_ids))
        case Place.ATTRIBUTE:
            kept = {name: value for name, value in one.attributes.items() if name != row.key}
            return replace(one, attributes=kept if defect is Defect.MISSING else {**kept, row.key: "?"})
        case Place.NAME:
            return replace(one, name=None if defect is Defect.MISSING else " ")
        case Place.DESCRIPTION:
            return replace(one, description=" ")
        case Place.VERSION:
            return replace(one, version="one")


@cache
def attribute_cases() -> tuple[tuple[str, str, Defect], ...]:
    return (
        *(("entry", name, defect) for name, defect in OF_ENTRY),
        *(("set", name, defect) for name, defect in OF_SET),
    )


@pytest.mark.parametrize(("of", "name", "defect"), attribute_cases())
def test_each_defect_of_each_attribute_is_found(of: str, name: str, defect: Defect) -> None:
    table, named, number = (ENTRY, OF_ENTRY, 1) if of == "entry" else (SUBMISSION_SET, OF_SET, 0)
    row = next(one for one in table if one.name == name)
    purpose = Purpose.ARCHIVE if row.in_archive else Purpose.DEPOSIT
    found = hits(raw(number, lambda one: spoiled(row, defect, one)), purpose)
    assert named[name, defect].rule.id in found


def test_every_rule_of_the_table_is_tried() -> None:
    tried = {case.row.rule.id for case in CASES}
    tried |= {(OF_ENTRY if of == "entry" else OF_SET)[name, defect].rule.id for of, name, defect in attribute_cases()}
    assert tried == {row.rule.id for row in rules.RULES}


def test_every_rule_says_what_it_is_in_both_languages_and_has_the_code_of_a_registry() -> None:
    for row in rules.RULES:
        rule = row.rule
        assert rule.en
        assert rule.fr
        assert rule.remedy_en
        assert rule.remedy_fr
        assert rules.error_code(rule).startswith(("XDS", "UnresolvedReference"))
    assert len(rules.RULES) >= 135


def test_no_finding_shows_a_trait_or_a_matricule() -> None:
    wrong = with_entry(
        source_patient_info=("PID-5|^^", "PID-8|LACAZE"),
        authors=person("^LACAZE^ANNE-LISE"),
        patient_id="287033306300082",
    )
    texts = [finding.message(language) for finding in check(wrong, Purpose.DEPOSIT) for language in ("en", "fr")]
    assert texts
    assert not any(trait in text for text in texts for trait in ("LACAZE", "287033306300082"))


def test_a_type_that_our_table_does_not_know_is_only_a_warning() -> None:
    unknown = with_entry(
        type_code=Coded("27899-4", "2.16.840.1.113883.6.1", "CR"), class_code=Coded("10", "1.2.250.1.213.1.1.4.1", "CR")
    )
    (found,) = check(unknown, Purpose.DEPOSIT)
    assert (found.rule.id, found.severity) == ("XDS-417", Severity.WARNING)


def test_nothing_at_all_is_found_wanting_and_never_fails() -> None:
    assert "XDS-700" in hits(())
    empty = (
        RegistryObject("ExtrinsicObject"),
        RegistryObject("Association", "", {}, (Slot("", ()),)),
        *to_objects(Contents((SubmissionSet(),), (DocumentEntry(id="x"),))),
        *to_objects(Contents((), (), (Association(id="", type=HAS_MEMBER, source="", target="", slots={}),))),
    )
    for purpose in Purpose:
        assert hits(empty, purpose, documents={"": b""})
