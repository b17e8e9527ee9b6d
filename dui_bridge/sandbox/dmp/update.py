"""ITI-57: archive, delete, mask, make visible (IHE ITI, Metadata Update; CI-SIS, TD3.3a to d)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.sandbox.dmp.deposit import keep_lot, set_status, submission_problems
from dui_bridge.sandbox.dmp.forms import same_patient, without_date
from dui_bridge.sandbox.dmp.objects import (
    ASSOCIATION,
    ENTRY,
    LOT,
    Thing,
    put_id,
    put_slot,
    put_version,
    read_thing,
    things,
)
from dui_bridge.sandbox.dmp.problems import Problem, metadata
from dui_bridge.sandbox.dmp.queries import Ground
from dui_bridge.sandbox.dmp.rights import denied, rights
from dui_bridge.sandbox.dmp.rules import entry_problems
from dui_bridge.sandbox.dmp.store import Document, Tie
from dui_bridge.sandbox.dmp.words import (
    APPROVED,
    ARCHIVED,
    CONFIDENTIALITY,
    DELETED,
    DEPRECATED,
    HAS_MEMBER,
    INVISIBLE,
    MASKED,
    NOT_FOR_REPRESENTATIVES,
    REPOSITORY,
    UPDATES_STATUS,
)

_STEPS: Final = frozenset(
    {
        (APPROVED, ARCHIVED),
        (ARCHIVED, APPROVED),
        (APPROVED, DELETED),
        (ARCHIVED, DELETED),
        (DEPRECATED, DELETED),
    }
)
_GIVEN_BY_REGISTRY: Final = frozenset({"repositoryUniqueId"})


@dataclass(frozen=True, slots=True)
class _Update:
    lot: Thing
    tie: Thing
    entry: Thing | None


def update(request: etree._Element, ground: Ground) -> list[Problem]:
    """Takes a `SubmitObjectsRequest` of ITI-57; what is found wrong, and then nothing has changed.

    Raises:
        Refusal: the caller may not do this, or not with this document.
    """
    found = things(request)
    lots, entries, ties = ([one for one in found if one.element.tag == tag] for tag in (LOT, ENTRY, ASSOCIATION))
    if len(lots) != 1 or len(ties) != 1 or len(entries) > 1:
        return [metadata("il faut un lot, une association et au plus un document")]
    read = _Update(lots[0], ties[0], entries[0] if entries else None)
    problems = list(submission_problems(read.lot, ground.caller))
    if read.tie.element.get("sourceObject") != read.lot.id:
        problems.append(Problem("UnresolvedReferenceException", "l'association ne part pas du lot"))
    if problems:
        return problems
    with ground.store.changing():
        if ground.store.has_lot(read.lot.unique_id):
            return [Problem("XDSDuplicateUniqueIdInRegistry", "un lot de cet uniqueId existe")]
        return _change_status(read, ground) if read.entry is None else _change_metadata(read, read.entry, ground)


def _change_status(read: _Update, ground: Ground) -> list[Problem]:
    if read.tie.element.get("associationType") != UPDATES_STATUS:
        return [metadata("l'association n'est pas UpdateAvailabilityStatus")]
    uuid = read.tie.element.get("targetObject", "")
    original, new = read.tie.slot("OriginalStatus"), read.tie.slot("NewStatus")
    document = ground.store.by_uuid(uuid)
    if document is None or document.status == DELETED or not same_patient(document.patient, ground.caller.patient):
        return [_unknown(uuid, ground)]
    _check_author(document, ground, deletes=new == DELETED)
    if document.status != original or (original, new) not in _STEPS:
        return [Problem("XDSMetadataUpdateError", "ce changement de statut n'est pas possible depuis le statut actuel")]
    set_status(document, new, ground.store)
    _keep(read, uuid, ground)
    return []


def _change_metadata(read: _Update, entry: Thing, ground: Ground) -> list[Problem]:
    document = ground.store.by_lid(entry.element.get("lid", ""))
    if document is None or document.status == DELETED or not same_patient(document.patient, ground.caller.patient):
        return [_unknown(entry.element.get("lid", ""), ground)]
    _check_author(document, ground, deletes=False)
    problems = list(_metadata_problems(read, entry, document))
    if problems:
        return problems
    uuid, version = f"urn:uuid:{uuid4()}", document.version + 1
    put_id(entry.element, uuid)
    entry.element.set("status", document.status)
    put_slot(entry.element, "repositoryUniqueId", REPOSITORY)
    put_version(entry.element, version)
    xml = etree.tostring(entry.element, with_tail=False)
    ground.store.put_document(replace(document, uuid=uuid, version=version, xml=xml))
    _keep(read, uuid, ground)
    return []


def _metadata_problems(read: _Update, entry: Thing, document: Document) -> Iterator[Problem]:
    tie = read.tie.element
    if (tie.get("associationType"), tie.get("targetObject")) != (HAS_MEMBER, entry.id):
        yield metadata("l'association n'est pas HasMember vers le document")
    if read.tie.slots.get("SubmissionSetStatus") != ("Original",):
        yield metadata("SubmissionSetStatus n'est pas Original")
    if read.tie.slot("PreviousVersion") != str(document.version):
        yield Problem("XDSMetadataVersionError", "PreviousVersion n'est pas la version actuelle")
    yield from entry_problems(entry)
    known = read_thing(document.element)
    if _but_confidentiality(known) != _but_confidentiality(entry):
        yield Problem("XDSMetadataUpdateError", "autre chose que la confidentialité change")
    # TD3.3b makes visible, nothing hides from the patient or the representatives afterwards.
    if (entry.masks - known.masks) - {MASKED}:
        yield Problem("XDSMetadataUpdateError", f"{INVISIBLE} ou {NOT_FOR_REPRESENTATIVES} ne peut être ajouté")


def _but_confidentiality(thing: Thing) -> tuple[object, ...]:
    slots = {name: values for name, values in thing.slots.items() if name not in _GIVEN_BY_REGISTRY}
    codes = {
        scheme: [(one.code, one.system, one.name, dict(one.slots)) for one in found]
        for scheme, found in thing.codes.items()
        if scheme != CONFIDENTIALITY
    }
    level = [one.code for one in thing.codes.get(CONFIDENTIALITY, ())][:1]
    return thing.title, slots, codes, dict(thing.identifiers), level


def _check_author(document: Document, ground: Ground, *, deletes: bool) -> None:
    """Only the author acts, and the treating doctor."""
    caller = ground.caller
    if rights(caller).deletes_only:
        if not deletes or document.structure != caller.structure:
            raise denied("cet appelant ne peut que supprimer les documents de sa structure")
        return
    author = read_thing(document.element).has_author(caller.name_id) or document.structure == caller.structure
    if not author and caller.name_id not in ground.dossier.treating:
        raise denied("seul l'auteur du document peut le faire")


def _unknown(uuid: str, ground: Ground) -> Problem:
    if ground.store.is_former(uuid):
        return Problem("XDSMetadataUpdateError", "cet entryUUID n'est plus celui du document")
    return Problem("UnresolvedReferenceException", "aucun document de cet identifiant")


def _keep(read: _Update, uuid: str, ground: Ground) -> None:
    lot = f"urn:uuid:{uuid4()}"
    keep_lot(read.lot, lot, without_date(ground.caller.patient), ground.store)
    slots = {name: values[0] for name, values in read.tie.slots.items() if values}
    kind = read.tie.element.get("associationType", "")
    ground.store.add_tie(Tie(f"urn:uuid:{uuid4()}", kind, lot, uuid, slots))
