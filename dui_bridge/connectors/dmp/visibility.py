"""From whom a document may be hidden, given from whom it is hidden already. Pure.

To show a document again is an act of its own (TD3.3b), so that a new version stays hidden from whomever the earlier one
is hidden from. What the patient or the legal representatives see cannot be hidden from them again.
Sources: Guide d'intégration DMP, EX_2.1-1050; rules of Mon espace santé.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from dui_bridge.connectors.dmp.errors import NotYetVisible
from dui_bridge.connectors.dmp.visibility_errors import AlreadyVisible, EarlierMasksUnknown, MasksTogether
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.purpose import Policy

_WHOM: Final = {
    Mask.PATIENT: ("the patient", "le patient"),
    Mask.LEGAL_REPRESENTATIVES: ("a legal representative", "le représentant légal"),
}
"""Whom nothing is hidden from again."""
_BOTH: Final = frozenset({Mask.PROFESSIONALS, Mask.PATIENT})


def ensure_may_hide(ours: Set[Mask], earlier: Set[Mask]) -> None:
    """Makes sure that a new version hides nothing from who sees the earlier one. Raises AlreadyVisible."""
    for mask, (whom, whom_fr) in _WHOM.items():
        if mask in ours - earlier:
            raise AlreadyVisible(whom=whom, whom_fr=whom_fr)


def inherited(ours: Set[Mask], earlier: Set[Mask] | None, *, released: bool) -> Set[Mask]:
    """The masks of a new version.

    Args:
        ours: asked for it.
        earlier: of the version that it replaces; None: nobody knows.
        released: somebody will make it visible to the patient.
    Raises:
        EarlierMasksUnknown, AlreadyVisible.
        NotYetVisible: the patient does not see the earlier version yet, and nobody will release this one.
    """
    if earlier is None:
        raise EarlierMasksUnknown
    ensure_may_hide(ours, earlier)
    if Mask.PATIENT in earlier - ours and not released:
        raise NotYetVisible
    return ours | earlier


def ensure_together(before: Set[Mask], after: Set[Mask], policy: Policy) -> None:
    """Makes sure that a change makes no forbidden pair of masks; one that was there already is not ours to judge.

    Raises MasksTogether.
    """
    if not policy.both_masks and after >= _BOTH and not before >= _BOTH:
        raise MasksTogether
