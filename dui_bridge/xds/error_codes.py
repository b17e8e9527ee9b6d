"""What a rule of a submission is: a rule of the bridge, and the error code that a registry would answer.

Source of the codes: IHE ITI TF-3 §4.2.4.1; of those of an update: IHE ITI, Metadata Update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dui_bridge.findings import Rule

METADATA: Final = "XDSRegistryMetadataError"
REPOSITORY_METADATA: Final = "XDSRepositoryMetadataError"
PATIENT: Final = "XDSPatientIdDoesNotMatch"
MISSING_DOCUMENT: Final = "XDSMissingDocument"
MISSING_METADATA: Final = "XDSMissingDocumentMetadata"
DUPLICATE_ID: Final = "XDSRegistryDuplicateUniqueIdInMessage"
UNRESOLVED: Final = "UnresolvedReferenceException"
UPDATE: Final = "XDSMetadataUpdateError"
VERSION: Final = "XDSMetadataVersionError"

CI_SIS: Final = "CI-SIS, volet Partage de documents de santé"
IHE: Final = "IHE ITI TF-3 §4.2"
OF_SETTINGS: Final = (
    "It comes from the settings of the site: correct them.",
    "Il vient de la configuration du site : corrigez-la.",
)
"""What to do about what a site sets."""


@dataclass(frozen=True, slots=True)
class XdsRule:
    """A rule and the code of the error that a registry would answer."""

    rule: Rule
    error_code: str
