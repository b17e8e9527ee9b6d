"""What is submitted, as a whole: a deposit with its signature, a replacement, a change of status or of metadata.

Sources: IHE ITI TF-2 §3.41 and TF-3 §4.2.2 (associations); IHE ITI, Metadata Update (PreviousVersion,
UpdateAvailabilityStatus); CI-SIS, volet Partage de documents de santé (signature of the lot, statuses of the DMP).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from dui_bridge.data.codes import Coded, codes
from dui_bridge.xds.entries import Association, Contents, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.vocabulary import ASSOCIATION_OBJECT, HAS_MEMBER, REPLACES, SIGNS, UPDATE_STATUS

SUBMISSION_SET_STATUS: Final = "SubmissionSetStatus"
PREVIOUS_VERSION: Final = "PreviousVersion"
ORIGINAL_STATUS: Final = "OriginalStatus"
NEW_STATUS: Final = "NewStatus"

SIGNATURE_ID: Final = "Signature01"
SIGNATURE_CLASS: Final = Coded("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature")
SIGNATURE_TYPE: Final = Coded("E1762", "ASTM", "Full Document")
SIGNATURE_FORMAT: Final = Coded("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style")
SOURCE_PURPOSE: Final = Coded("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source")
"""Purpose of a signature: the lot comes from who signs."""

_ORIGINAL: Final = {SUBMISSION_SET_STATUS: "Original"}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A document of a deposit; `replaces` is the entryUUID (`urn:uuid:…`) of the one that it replaces."""

    entry: DocumentEntry
    replaces: str | None = None


def deposit(lot: SubmissionSet, documents: Iterable[Submitted], signature: DocumentEntry | None = None) -> Contents:
    """A lot with its documents: first deposits and replacements, and the entry of the signature of the lot.

    An archive of MSSanté has no signature.
    """
    submitted = tuple(documents)
    entries = (*(one.entry for one in submitted), *(() if signature is None else (signature,)))
    ties = [(HAS_MEMBER, lot.id, entry.id, _ORIGINAL) for entry in entries]
    if signature is not None:
        ties.append((SIGNS, signature.id, lot.id, _ORIGINAL))
    ties += [(REPLACES, one.entry.id, one.replaces, {}) for one in submitted if one.replaces is not None]
    associations = tuple(
        Association(id=f"Association{number:02d}", type=kind, source=source, target=target, slots=slots)
        for number, (kind, source, target, slots) in enumerate(ties, 1)
    )
    return Contents((lot,), entries, associations)


def signature_entry(
    lot: SubmissionSet, document: DocumentEntry, *, unique_id: str, sha1: str, size: int, id: str = SIGNATURE_ID
) -> DocumentEntry:
    """The entry of the signature of a lot: what it says of itself is fixed, the rest is that of the lot.

    It is masked to professionals and invisible to the patient, whatever the documents are.

    Args:
        document: one of the lot, whose facility and practice setting it takes.
        unique_id: OID of the signature.
        sha1: of its bytes, in hexadecimal. size: their number.
    """
    person = lot.authors[0].person if lot.authors else None
    return DocumentEntry(
        id=id,
        unique_id=unique_id,
        patient_id=lot.patient_id,
        mime_type="text/xml",
        hash=sha1,
        size=size,
        title="Source",
        creation_time=lot.submission_time,
        language="art",
        service_start=lot.submission_time,
        service_stop=lot.submission_time,
        source_patient_id=lot.patient_id,
        legal_authenticators=() if person is None else (person,),
        authors=lot.authors,
        class_code=SIGNATURE_CLASS,
        type_code=SIGNATURE_TYPE,
        format_code=SIGNATURE_FORMAT,
        facility_type=document.facility_type,
        practice_setting=document.practice_setting,
        confidentiality=(codes("confidentiality")["N"], Mask.PROFESSIONALS.coded, Mask.PATIENT.coded),
        events=(SOURCE_PURPOSE,),
    )


def is_signature(entry: DocumentEntry) -> bool:
    """Whether an entry is that of the signature of a lot."""
    return entry.format_code is not None and entry.format_code.code == SIGNATURE_FORMAT.code


def status_update(lot: SubmissionSet, entry_uuid: str, original: str, new: str) -> Contents:
    """Archives, takes out of the archive or deletes a document: statuses are URNs, and `original` the present one."""
    slots = {ORIGINAL_STATUS: original, NEW_STATUS: new}
    tie = Association(
        id="Association01",
        type=UPDATE_STATUS,
        source=lot.id,
        target=entry_uuid,
        slots=slots,
        object_type=ASSOCIATION_OBJECT,
    )
    return Contents((lot,), (), (tie,))


def metadata_update(lot: SubmissionSet, entry: DocumentEntry, *, id: str = "Document01") -> Contents:
    """Sends the metadata of a document again, changed (`entry.masked(…)`): masks it, shows it, makes it visible.

    Args:
        entry: as the registry gave it, with its logical id and version; it goes under a symbolic id, as a new version.

    Raises:
        ValueError: it has no logical id or no version: it does not come from a registry.
    """
    if entry.logical_id is None or entry.version is None:
        raise ValueError("an entry that does not come from a registry cannot be updated")
    slots = {**_ORIGINAL, PREVIOUS_VERSION: entry.version}
    sent = replace(entry, id=id, version=None, status=None)
    tie = Association(id="Association01", type=HAS_MEMBER, source=lot.id, target=id, slots=slots)
    return Contents((lot,), (sent,), (tie,))
