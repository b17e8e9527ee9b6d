"""What is deposited and found: documents, the lots in which they are submitted, and how these relate.

Source: IHE ITI TF-3 §4.2.3 (attributes); CI-SIS, volet Partage de documents de santé (their French forms).
A field that has nothing is None or empty: whether that is right is for `check` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from dui_bridge.data.codes import Coded, codes
from dui_bridge.xds.ebrim import Slot


class Mask(StrEnum):
    """Who is not to see a document (TRE_A07); always in metadata, never in the document."""

    PROFESSIONALS = "MASQUE_PS"
    PATIENT = "INVISIBLE_PATIENT"
    LEGAL_REPRESENTATIVES = "INVISIBLE_REPRESENTANTS_LEGAUX"

    @property
    def coded(self) -> Coded:
        """The confidentialityCode that asks for it."""
        return codes("masks")[self.value]


_MASKS: Final = {mask.value: mask for mask in Mask}
"""By their codes."""


@dataclass(frozen=True, slots=True)
class Author:
    """An author.

    Args:
        person: XCN; None for an author without a person.
        institutions: XON.
        roles: texts.
        specialties: `code^display^system`.
        telecoms: XTN; the bridge writes none of its own.
    """

    person: str | None = None
    institutions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    telecoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document, as a registry knows it.

    Args:
        id: `Document01` in a submission, the entryUUID (`urn:uuid:…`) in an answer.
        unique_id: OID of the document.
        patient_id: CX.
        hash: SHA-1 in hexadecimal. size: bytes. Both of the document exactly as it is sent.
        creation_time, service_start, service_stop: DTM in UTC, as precise as known.
        source_patient_info: `PID-n|…`, one a field.
        legal_authenticators: XCN.
        confidentiality: the level first, then the masks.
        reference_ids: CXi.
        logical_id: the lid, which stays when metadata change. version: of the metadata, 1 at first.
        status: availabilityStatus, a URN.
        others: slots that have no field here, kept for an update.
    """

    id: str
    unique_id: str = ""
    patient_id: str = ""
    mime_type: str = ""
    hash: str | None = None
    size: int | None = None
    title: str | None = None
    comments: str | None = None
    creation_time: str | None = None
    language: str | None = None
    service_start: str | None = None
    service_stop: str | None = None
    source_patient_id: str | None = None
    source_patient_info: tuple[str, ...] = ()
    legal_authenticators: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    class_code: Coded | None = None
    type_code: Coded | None = None
    format_code: Coded | None = None
    facility_type: Coded | None = None
    practice_setting: Coded | None = None
    confidentiality: tuple[Coded, ...] = ()
    events: tuple[Coded, ...] = ()
    reference_ids: tuple[str, ...] = ()
    uri: str | None = None
    repository_id: str | None = None
    logical_id: str | None = None
    version: str | None = None
    status: str | None = None
    home: str | None = None
    others: tuple[Slot, ...] = ()

    @property
    def masks(self) -> frozenset[Mask]:
        """The masks among its confidentiality codes."""
        return frozenset(_MASKS[one.code] for one in self.confidentiality if one.code in _MASKS)

    def masked(self, masks: Iterable[Mask]) -> DocumentEntry:
        """The entry with these masks and no other; its level of confidentiality does not change."""
        asked = frozenset(masks)
        level = tuple(one for one in self.confidentiality if one.code not in _MASKS)
        return replace(self, confidentiality=(*level, *(mask.coded for mask in Mask if mask in asked)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSet:
    """A lot: what is submitted together, by whom and when.

    Args:
        id: symbolic in a submission, the entryUUID in an answer.
        unique_id, source_id: OIDs, of the lot and of the system that sends it.
        submission_time: DTM in UTC.
        authors: exactly one at the DMP: the user or structure of the VIHF.
    """

    id: str = "SubmissionSet01"
    unique_id: str = ""
    patient_id: str = ""
    source_id: str = ""
    submission_time: str | None = None
    content_type: Coded | None = None
    authors: tuple[Author, ...] = ()
    title: str | None = None
    comments: str | None = None
    recipients: tuple[str, ...] = ()
    status: str | None = None
    home: str | None = None
    others: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How a source relates to a target, both by id.

    Args:
        type: URN.
        slots: as `SubmissionSetStatus`, `PreviousVersion`, `OriginalStatus`, `NewStatus`.
    """

    id: str
    type: str
    source: str
    target: str
    slots: Mapping[str, str]
    object_type: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The objects of a submission or of an answer, in the order of the message.

    Args:
        references: ids alone (ObjectRef), what a query of references is answered with.
    """

    sets: tuple[SubmissionSet, ...] = ()
    entries: tuple[DocumentEntry, ...] = ()
    associations: tuple[Association, ...] = ()
    references: tuple[str, ...] = ()
