"""Which answer of the DMP is which of our errors, as tables: codes of the registry, subcodes of faults, known texts.

No text shows a trait or a number of a person: the words of the service are given without what was asked of it.
Sources of the codes: IHE ITI TF-3 §4.2.4.1 and Metadata Update; messages of the DMP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from dui_bridge.connectors.dmp.errors import (
    AccessDenied,
    AlreadyThere,
    Busy,
    CallerRefused,
    CertificateRefused,
    IdsWrong,
    MetadataRefused,
    OtherContent,
    PatientMismatch,
    PatientUnknown,
    QueryRefused,
    Refused,
    ReplacedMeanwhile,
    StructureRefused,
    TooManyResults,
    Undecided,
)
from dui_bridge.connectors.wire.soap import Fault
from dui_bridge.errors import DuiBridgeError, Retry
from dui_bridge.findings import Finding, Rule, Scope, Severity
from dui_bridge.xds.messages import RegistryResponse

REGISTRY: Final[Mapping[str, type[DuiBridgeError]]] = {
    "XDSUnknownPatientId": PatientUnknown,
    "XDSPatientIdDoesNotMatch": PatientMismatch,
    "XDSPatientIDReconciliationError": PatientMismatch,
    "XDSResultNotSinglePatient": PatientMismatch,
    "XDSDuplicateUniqueIdInRegistry": AlreadyThere,
    "XDSNonIdenticalHash": OtherContent,
    "XDSNonIdenticalSize": OtherContent,
    "XDSDocumentUniqueIdError": IdsWrong,
    "XDSMissingDocument": IdsWrong,
    "XDSMissingDocumentMetadata": IdsWrong,
    "XDSRegistryDuplicateUniqueIdInMessage": IdsWrong,
    "XDSRepositoryDuplicateUniqueIdInMessage": IdsWrong,
    "XDSUnknownRepositoryId": IdsWrong,
    "UnresolvedReferenceException": IdsWrong,
    "XDSRegistryMetadataError": MetadataRefused,
    "XDSRepositoryMetadataError": MetadataRefused,
    "XDSMetadataUpdateError": MetadataRefused,
    "XDSMetadataUpdateOperationError": MetadataRefused,
    "XDSMetadataVersionError": ReplacedMeanwhile,
    "InvalidDocumentContent": MetadataRefused,
    "XDSRegistryDeprecatedDocumentError": ReplacedMeanwhile,
    "XDSReplaceFailed": ReplacedMeanwhile,
    "XDSRegistryBusy": Busy,
    "XDSRepositoryBusy": Busy,
    "XDSRegistryOutOfResources": Busy,
    "XDSRepositoryOutOfResources": Busy,
    # The repository stored it and could not tell the registry: whether that came through after all is asked.
    "XDSRegistryNotAvailable": Undecided,
    "XDSRegistryError": Refused,
    "XDSRepositoryError": Refused,
    "XDSTooManyResults": TooManyResults,
    "XDSStoredQueryMissingParam": QueryRefused,
    "XDSStoredQueryParamNumber": QueryRefused,
    "XDSUnknownStoredQuery": QueryRefused,
}
"""errorCode of a RegistryError → our error."""

FAULTS: Final[Mapping[str, type[DuiBridgeError]]] = {
    "DMPInvalidCertificate": CertificateRefused,
    "DMPAccessDeniedByRightsService": AccessDenied,
}
"""Subcode of a SOAP fault → our error; other `DMP…` subcodes are not public, and stay in the service's own words."""

TEXTS: Final = (
    ("not a valid signature certificate", CertificateRefused),
    ("structure introuvable ou inactive", StructureRefused),
    ("authentification de la personne morale", StructureRefused),
    ("aucun authorinstitution ne correspond", StructureRefused),
    ("ps et structure non liés", CallerRefused),
    ("aucune spécialité dans le vihf", CallerRefused),
)
"""What the DMP writes when its code alone says nothing → our error."""

_LONGEST: Final = 300
_NO_WORDS: Final = "—"
_PARTS: Final = re.compile(r"[\^&~\s]+")
_SHORTEST: Final = 3
"""Of a trait that is sought in words: shorter ones are words themselves."""
_NUMBERS: Final = re.compile(r"(?<!\d)(?<!\d\.)\d[\dAB ]{11,22}\d(?!\.?\d)")
"""A matricule, alone or cut by spaces; the numbers of an OID are none."""


def of_registry(response: RegistryResponse, private: Iterable[str] = ()) -> DuiBridgeError:
    """Our error for an answer that is no success: that of its first error that is not only "not now".

    Args:
        private: the values of the request, which the words of the service are given without.
    """
    errors = [one for one in response.errors if not one.is_warning]
    named = [(one, _kind(one.code, one.context, REGISTRY)) for one in errors]
    named.sort(key=lambda pair: issubclass(pair[1], Retry))
    code = named[0][0].code if named else response.status.rpartition(":")[2] or "?"
    kind = named[0][1] if named else Refused
    text = " / ".join(one.context for one in errors)
    return kind(answer=_bare(code, private), words=_bare(text, private))


def of_fault(fault: Fault, private: Iterable[str] = (), *, taken: bool = False) -> DuiBridgeError:
    """Our error for a SOAP fault.

    Args:
        private: as of `of_registry`.
        taken: whether what was sent may have been done although the service failed (a deposit, an update).
    """
    code = "/".join((fault.code, *fault.subcodes)) or "?"
    kinds = (_kind(one, fault.reason, FAULTS) for one in reversed(fault.subcodes or ("",)))
    kind = next((one for one in kinds if one is not Refused), Refused)
    if kind is Refused and fault.code == "Receiver":
        kind = Undecided if taken else Busy
    return kind(answer=_bare(code, private), words=_bare(fault.reason, private))


def finding_of(error: DuiBridgeError) -> Finding:
    """A refusal as the finding of an outcome."""
    one = type(error)
    rule = Rule(one.code, Severity.ERROR, Scope.DOCUMENT, one.en, one.fr, one.action_en, one.action_fr, one.who, "DMP")
    return Finding(rule, values=error.values)


def without_traits(words: str, info: Iterable[str]) -> str:
    """The words of a refusal without the traits of the person of a document; empty when it had none.

    Args:
        words: of an error of this module.
        info: sourcePatientInfo (`PID-5|DUPONT^JEAN`).
    """
    for trait in {part for one in info for part in _PARTS.split(one.partition("|")[2]) if len(part) >= _SHORTEST}:
        words = re.sub(rf"\b{re.escape(trait)}\b", "…", words, flags=re.IGNORECASE)
    return "" if words == _NO_WORDS else words


def _kind(code: str, text: str, table: Mapping[str, type[DuiBridgeError]]) -> type[DuiBridgeError]:
    """By the words first: they are more precise than the general codes that they come with."""
    folded = text.casefold()
    by_text = next((kind for words, kind in TEXTS if words in folded), None)
    return by_text or table.get(code.strip().rpartition(":")[2], Refused)


def _bare(text: str, private: Iterable[str]) -> str:
    for value in sorted(filter(None, private), key=len, reverse=True):
        text = text.replace(value, "…")
    return _NUMBERS.sub("…", text)[:_LONGEST] or _NO_WORDS
