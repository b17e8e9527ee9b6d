"""ITI-41: judges a deposit as a whole, then keeps it whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from mmap import mmap
from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.sandbox.dmp.cda import document_problems
from dui_bridge.sandbox.dmp.forms import same_patient, without_date
from dui_bridge.sandbox.dmp.lot_signature import check_lot
from dui_bridge.sandbox.dmp.mime import Span, content_id
from dui_bridge.sandbox.dmp.objects import ASSOCIATION, ENTRY, LOT, Thing, put_id, put_slot, put_version, things
from dui_bridge.sandbox.dmp.problems import Problem, metadata
from dui_bridge.sandbox.dmp.rules import entry_problems, lot_problems
from dui_bridge.sandbox.dmp.store import Document, Lot, Store, Tie
from dui_bridge.sandbox.dmp.trust import Untrusted
from dui_bridge.sandbox.dmp.vihf import Caller
from dui_bridge.sandbox.dmp.words import (
    APPROVED,
    DELETED,
    DEPRECATED,
    ENTRY_PATIENT,
    HAS_MEMBER,
    LCM,
    LOT_PATIENT,
    NOT_FOR_REPRESENTATIVES,
    REPLACES,
    REPOSITORY,
    SIGNS,
    XDSB,
    XOP,
)

_ORIGINAL: Final = ("Original",)
_SYMBOLIC: Final = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class Received:
    """The body of a request and where its parts are, by Content-ID."""

    body: mmap | bytes
    parts: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class _Deposit:
    """A deposit, read: `spans` are the bytes of the documents by the id of their entry."""

    lot: Thing
    entries: tuple[Thing, ...]
    ties: tuple[Thing, ...]
    spans: Mapping[str, Span]
    received: Received

    def data(self, entry: Thing) -> bytes:
        """The bytes of a document."""
        span = self.spans[entry.id]
        return bytes(self.received.body[span.start : span.end])

    @property
    def documents(self) -> tuple[Thing, ...]:
        """The entries that are no signature."""
        return tuple(one for one in self.entries if not one.is_signature)

    @property
    def replaced(self) -> dict[str, str]:
        """The entryUUID that each entry replaces."""
        ties = [one.element for one in self.ties if one.element.get("associationType") == REPLACES]
        return {one.get("sourceObject", ""): one.get("targetObject", "") for one in ties}


def deposit(
    request: etree._Element,
    received: Received,
    caller: Caller,
    store: Store,
    *,
    needs_hash: bool = True,
    schema_faults: Callable[[bytes], Iterable[str]] | None = None,
) -> list[Problem]:
    """Takes a `ProvideAndRegisterDocumentSetRequest`; what is found wrong, and then nothing is kept.

    Args:
        needs_hash: whether hash and size must be given; they are compared when they are.
        schema_faults: of the bytes of a signature, when the schemas are known.
    """
    submitted = request.find(f"{{{LCM}}}SubmitObjectsRequest")
    found = [] if submitted is None else things(submitted)
    lots = [one for one in found if one.element.tag == LOT]
    entries = tuple(one for one in found if one.element.tag == ENTRY)
    if submitted is None or len(lots) != 1 or not entries:
        return [metadata("il faut un lot et au moins un document")]
    spans, problems = _spans(request, received, entries)
    ties = tuple(one for one in found if one.element.tag == ASSOCIATION)
    read = _Deposit(lots[0], entries, ties, spans, received)
    problems += _metadata(read, caller, needs_hash)
    if problems:
        return problems
    problems = [*_bytes(read), *_signature(read, caller, schema_faults)]
    if problems:
        return problems
    with store.changing():
        problems = [*_duplicates(read, store), *_replacements(read, caller, store)]
        if not problems:
            _keep(read, caller, store, etree.tostring(submitted, encoding="UTF-8", xml_declaration=True))
    return problems


def _spans(
    request: etree._Element, received: Received, entries: tuple[Thing, ...]
) -> tuple[dict[str, Span], list[Problem]]:
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    ids = {one.id for one in entries}
    for one in request.findall(f"{{{XDSB}}}Document"):
        include = one.find(f"{{{XOP}}}Include")
        meant = None if include is None else content_id(include.get("href", ""))
        span = None if meant is None else received.parts.get(meant)
        if one.get("id", "") not in ids:
            problems.append(Problem("XDSMissingDocumentMetadata", "un document n'a pas d'entrée de son id"))
        elif span is None:
            problems.append(Problem("XDSMissingDocument", "un document n'a pas de partie MIME"))
        else:
            spans[one.get("id", "")] = span
    if not problems and ids != set(spans):
        problems.append(Problem("XDSMissingDocument", "une entrée n'a pas de document de son id"))
    return spans, problems


def _metadata(read: _Deposit, caller: Caller, needs_hash: bool) -> Iterator[Problem]:
    yield from submission_problems(read.lot, caller)
    for entry in read.entries:
        yield from entry_problems(entry, needs_hash=needs_hash)
        if not same_patient(entry.identifier(ENTRY_PATIENT), caller.patient):
            yield Problem("XDSPatientIdDoesNotMatch", f"{entry.id} : l'INS n'est pas celui du VIHF")
        if caller.secret and not entry.is_signature and NOT_FOR_REPRESENTATIVES not in entry.masks:
            yield metadata(f"{entry.id} : {NOT_FOR_REPRESENTATIVES} manque, en connexion secrète")
    unique_ids = [read.lot.unique_id, *(one.unique_id for one in read.entries)]
    if len(set(unique_ids)) != len(unique_ids):
        yield Problem("XDSRegistryDuplicateUniqueIdInMessage", "un uniqueId est donné deux fois")
    ids = [one.id for one in (read.lot, *read.entries, *read.ties)]
    if len(set(ids)) != len(ids) or not all(ids):
        yield metadata("un id est donné deux fois, ou manque")
    yield from _ties(read)


def submission_problems(lot: Thing, caller: Caller) -> Iterator[Problem]:
    """What is wrong with a lot, for its caller."""
    yield from lot_problems(lot)
    if not same_patient(lot.identifier(LOT_PATIENT), caller.patient):
        yield Problem("XDSPatientIdDoesNotMatch", "l'INS du lot n'est pas celui du VIHF")
    structures = {value.split("^")[9] for value in lot.authors("authorInstitution") if value.count("^") >= 9}
    if caller.structure not in structures:
        yield metadata("Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF")


def _ties(read: _Deposit) -> Iterator[Problem]:
    signatures = [one.id for one in read.entries if one.is_signature]
    if len(signatures) != 1 or len(read.entries) == 1:
        yield metadata("il faut une signature du lot, et un document au moins")
    members: list[str] = []
    signs: list[tuple[str, str]] = []
    for tie in read.ties:
        kind, source, target = (
            tie.element.get(name, "") for name in ("associationType", "sourceObject", "targetObject")
        )
        if kind in {HAS_MEMBER, SIGNS} and tie.slots.get("SubmissionSetStatus") != _ORIGINAL:
            yield metadata(f"{tie.id} : SubmissionSetStatus n'est pas Original")
        if kind == HAS_MEMBER and source == read.lot.id:
            members.append(target)
        elif kind == SIGNS:
            signs.append((source, target))
        elif kind != REPLACES or source not in {one.id for one in read.documents} or not target.startswith(_SYMBOLIC):
            yield Problem("UnresolvedReferenceException", f"{tie.id} : association inattendue ou sans objet")
    if sorted(members) != sorted(one.id for one in read.entries):
        yield metadata("le lot n'a pas une association HasMember vers chaque entrée")
    if signs != [(one, read.lot.id) for one in signatures]:
        yield metadata("la signature n'a pas son association signs vers le lot")


def _bytes(read: _Deposit) -> Iterator[Problem]:
    for entry in read.entries:
        data = read.data(entry)
        if entry.slot("size") not in {"", str(len(data))}:
            yield Problem("XDSRepositoryMetadataError", f"{entry.id} : size n'est pas la taille reçue")
        if entry.slot("hash").lower() not in {"", _sha1(data)}:
            yield Problem("XDSRepositoryMetadataError", f"{entry.id} : hash n'est pas l'empreinte reçue")


def _signature(
    read: _Deposit, caller: Caller, schema_faults: Callable[[bytes], Iterable[str]] | None
) -> Iterator[Problem]:
    signature = next(one for one in read.entries if one.is_signature)
    documents = {one.unique_id: read.data(one) for one in read.documents}
    try:
        check_lot(read.data(signature), read.lot.unique_id, documents, caller.certificate)
    except Untrusted as reason:
        yield Problem("XDSRepositoryError", f"signature du lot : {reason}")
        return
    for fault in () if schema_faults is None else schema_faults(read.data(signature)):
        yield Problem("XDSRepositoryError", f"signature du lot : {fault}")


def _duplicates(read: _Deposit, store: Store) -> Iterator[Problem]:
    if store.has_lot(read.lot.unique_id):
        yield Problem("XDSDuplicateUniqueIdInRegistry", "un lot de cet uniqueId existe")
    for entry in read.entries:
        known = store.document(entry.unique_id)
        if known is not None:
            same = known.hash == _sha1(read.data(entry))
            code = "XDSDuplicateUniqueIdInRegistry" if same else "XDSNonIdenticalHash"
            yield Problem(code, f"{entry.id} : un document de cet uniqueId existe")


def _replacements(read: _Deposit, caller: Caller, store: Store) -> Iterator[Problem]:
    replaced = read.replaced
    for entry in read.documents:
        uuid = replaced.get(entry.id)
        old = None if uuid is None else store.by_uuid(uuid)
        if uuid is not None and (old is None or old.status == DEPRECATED):
            stale = old is not None or store.is_former(uuid)
            code = "XDSRegistryDeprecatedDocumentError" if stale else "UnresolvedReferenceException"
            yield Problem(code, f"{entry.id} : le document remplacé n'est plus, ou pas, sous cet entryUUID")
            continue
        if old is not None and not same_patient(old.patient, caller.patient):
            yield Problem("XDSPatientIdDoesNotMatch", f"{entry.id} : le document remplacé est d'une autre personne")
        yield from document_problems(entry, read.data(entry), None if old is None else old.unique_id)


def _keep(read: _Deposit, caller: Caller, store: Store, request: bytes) -> None:
    patient = without_date(caller.patient)
    uuids = {one.id: f"urn:uuid:{uuid4()}" for one in (read.lot, *read.entries)}
    replaced = read.replaced
    for uuid in replaced.values():
        old = store.by_uuid(uuid)
        if old is not None:
            set_status(old, DEPRECATED, store)
    lot = uuids[read.lot.id]
    keep_lot(read.lot, lot, patient, store)
    for entry in read.entries:
        uuid, data = uuids[entry.id], read.data(entry)
        digest = _sha1(data)
        element = entry.element
        put_id(element, uuid)
        element.set("lid", uuid)
        element.set("status", APPROVED)
        for name, value in (("hash", digest), ("size", str(len(data))), ("repositoryUniqueId", REPOSITORY)):
            put_slot(element, name, value)
        put_version(element, 1)
        signature = data if entry.is_signature else None
        if signature is None:
            store.keep_file(entry.unique_id, read.received.body, read.spans[entry.id], request)
        xml = etree.tostring(element, with_tail=False)
        stated = (entry.unique_id, patient, APPROVED, digest, len(data), caller.structure)
        store.put_document(Document(uuid, uuid, 1, *stated, lot, xml, signature))
    for tie in read.ties:
        source, target = (tie.element.get(name, "") for name in ("sourceObject", "targetObject"))
        slots = {name: values[0] for name, values in tie.slots.items() if values}
        kind = tie.element.get("associationType", "")
        store.add_tie(Tie(f"urn:uuid:{uuid4()}", kind, uuids.get(source, source), uuids.get(target, target), slots))


def keep_lot(lot: Thing, uuid: str, patient: str, store: Store) -> None:
    """Keeps a lot under its entryUUID."""
    unique_id = lot.unique_id
    put_id(lot.element, uuid)
    lot.element.set("lid", uuid)
    lot.element.set("status", APPROVED)
    store.add_lot(Lot(uuid, unique_id, patient, etree.tostring(lot.element, with_tail=False)))


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def set_status(document: Document, status: str, store: Store) -> None:
    """Changes the status of a document; its entryUUID stays, and the files of a deleted one go."""
    element = document.element
    element.set("status", status)
    store.put_document(replace(document, status=status, xml=etree.tostring(element)))
    if status == DELETED:
        store.withdraw_files(document.unique_id)
