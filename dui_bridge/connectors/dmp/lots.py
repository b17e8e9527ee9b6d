"""The lot of a deposit: the document, its metadata, and the signature over both. Pure: times and ids are given.

Ids of a lot are made from the id of its document, so that a deposit that is made again is the same deposit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from dui_bridge.data.codes import Coded
from dui_bridge.findings import Finding
from dui_bridge.xds.check import check
from dui_bridge.xds.ebrim import RegistryObject
from dui_bridge.xds.entries import Author, Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.forms import dtm
from dui_bridge.xds.lot import Algorithms, SignedDocument, Signer, sign_lot
from dui_bridge.xds.purpose import Policy, Purpose
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import SIGNATURE_ID, Submitted, deposit, signature_entry

_NAMESPACE: Final = UUID("6f2a3c0e-4f0a-5d0b-9d6e-0d3f6b1a7c55")
"""Of the ids of lots and signatures; never changed."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What is the same in every lot of a site.

    Args:
        system: OID of the system that sends (sourceId).
        content_type: contentTypeCode.
        algorithms: of the signature.
        policy: what the DMP takes.
        hash_and_size: whether the metadata tell them.
    """

    system: str
    content_type: Coded
    algorithms: Algorithms
    policy: Policy
    hash_and_size: bool = True


@dataclass(frozen=True, slots=True)
class Lot:
    """What is submitted.

    Args:
        unique_id: of the lot, an OID.
        objects: the same contents, as the message has them.
        documents: bytes by the id of their entry, the signature last.
        findings: what is wrong with it; with one of severity error it must not be sent.
    """

    unique_id: str
    contents: Contents
    objects: Sequence[RegistryObject]
    documents: Mapping[str, bytes]
    findings: tuple[Finding, ...]


def derived_oid(unique_id: str, part: str) -> str:
    """An OID for something that belongs to a document (`lot`, `signature`): always the same."""
    return f"2.25.{uuid5(_NAMESPACE, f'{unique_id} {part}').int}"


def submission_set(
    practice: Practice, author: Author, *, patient_id: str, unique_id: str, at: datetime
) -> SubmissionSet:
    """A lot; `at` is aware."""
    return SubmissionSet(
        unique_id=unique_id,
        patient_id=patient_id,
        source_id=practice.system,
        submission_time=dtm(at),
        content_type=practice.content_type,
        authors=(author,),
    )


def make_lot(
    entry: DocumentEntry,
    data: bytes,
    author: Author,
    practice: Practice,
    signer: Signer,
    *,
    at: datetime,
    replaces: str | None = None,
    secret_access: bool = False,
    digest: str | None = None,
) -> Lot:
    """A document with its signed lot.

    Args:
        entry: of `xds.metadata.document_entry`, of these bytes.
        author: of the lot, as the assertion says it.
        at: time of submission and of signing; aware.
        replaces: entryUUID of the document that it replaces, looked up just before.
        digest: of the document for the signature (`xds.lot.canonical_digest`), when it is made already.
    Raises:
        ValueError: the document has no canonical form, or the signer gives no certificate that can be read.
    """
    lot_id = derived_oid(entry.unique_id, "lot")
    lot = submission_set(practice, author, patient_id=entry.patient_id, unique_id=lot_id, at=at)
    signature = sign_lot(
        lot_id,
        [SignedDocument(entry.unique_id, data, digest=digest)],
        signer,
        signature_id=f"_{uuid5(_NAMESPACE, lot_id)}",
        at=at,
        algorithms=practice.algorithms,
    )
    signed = signature_entry(
        lot,
        entry,
        unique_id=derived_oid(entry.unique_id, "signature"),
        sha1=hashlib.sha1(signature, usedforsecurity=False).hexdigest(),
        size=len(signature),
    )
    contents = deposit(lot, [Submitted(entry, replaces)], signed)
    documents = {entry.id: data, SIGNATURE_ID: signature}
    policy = replace(practice.policy, secret_connection=secret_access)
    objects = to_objects(contents)
    findings = check(objects, Purpose.DEPOSIT, contents=contents, documents=documents, policy=policy)
    if not practice.hash_and_size:
        bare = tuple(replace(one, hash=None, size=None) for one in contents.entries)
        contents = replace(contents, entries=bare)
        objects = to_objects(contents)
    return Lot(lot_id, contents, objects, documents, findings)
