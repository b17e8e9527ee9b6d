"""From whom a document is hidden: as its facts ask for it, and as the version before it was sent.

The DMP may name the earlier version and not show it (`lookup: ObjectRef`): what was sent from here then counts, with
what professionals changed through the bridge. What was changed elsewhere is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from dui_bridge.journal.records import KnownDelivery
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.policy.facts import DocumentFacts
from dui_bridge.xds.entries import Mask

_CHANGES: Final[Mapping[str, tuple[Mask, bool]]] = MappingProxyType(
    {
        "masked": (Mask.PROFESSIONALS, True),
        "unmasked": (Mask.PROFESSIONALS, False),
        "shown_patient": (Mask.PATIENT, False),
        "shown_representatives": (Mask.LEGAL_REPRESENTATIVES, False),
    }
)
"""`result` in the audit of a document → which mask it has since, or has no more."""


def masks_of(facts: DocumentFacts) -> frozenset[Mask]:
    """Who is not to see a document."""
    asked = {
        Mask.PROFESSIONALS: facts.masked_from_professionals,
        Mask.PATIENT: facts.hidden_from_usager,
        Mask.LEGAL_REPRESENTATIVES: facts.hidden_from_representatives,
    }
    return frozenset(mask for mask, wanted in asked.items() if wanted)


def earlier_masks(delivery: KnownDelivery, journal: Journal) -> frozenset[Mask] | None:
    """Who is not to see the version that a delivery replaces; None when the journal does not know all of it.

    Each version stays hidden from whomever the one before it was hidden from. Raises JournalUnusable.
    """
    known: set[Mask] = set()
    for unique_id, facts in journal.deliveries.earlier(delivery).items():
        if not facts:
            return None
        known |= masks_of(DocumentFacts.from_json(facts))
        for mask, is_set in changes_of(journal, unique_id):
            (known.add if is_set else known.discard)(mask)
    return frozenset(known)


def changes_of(journal: Journal, unique_id: str) -> Iterator[tuple[Mask, bool]]:
    """What a professional changed of the masks of a document from here, the first first: the mask, and whether it is
    set since. Raises JournalUnusable."""
    found = (_CHANGES.get(str(row.details.get("result"))) for row in journal.audit.about(unique_id))
    return (one for one in found if one is not None)
