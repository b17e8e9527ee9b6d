"""What a submission is for, and what its checks depend on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a submission is for."""

    DEPOSIT = "deposit"  # ITI-41 to the DMP: first deposits and replacements
    STATUS_UPDATE = "status_update"  # ITI-57: archive, take out of the archive, delete
    METADATA_UPDATE = "metadata_update"  # ITI-57: mask, show, make visible
    ARCHIVE = "archive"  # METADATA.XML of an archive IHE_XDM


@dataclass(frozen=True, slots=True)
class Policy:
    """What depends on the service and on the dossier.

    Args:
        both_masks: whether the DMP takes MASQUE_PS together with INVISIBLE_PATIENT (its parameter
            `cumul-invisible_patient-masque_ps`).
        secret_connection: whether a minor asks that the legal representatives see nothing of it.
        max_bytes: most bytes of a document; None for no limit.
    """

    both_masks: bool = False
    secret_connection: bool = False
    max_bytes: int | None = None
