"""What a check before a call yields: a finding about a trait, or a value that a person may accept in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dui_bridge.findings import Finding, Rule, Severity

NAMES: Final = {
    "nom_naissance": ("The birth name", "Le nom de naissance"),
    "prenoms": ("The field of given names", "Le champ des prénoms"),
    "premier_prenom": ("The first given name", "Le premier prénom"),
    "sexe": ("The sex", "Le sexe"),
    "date_naissance": ("The field of the birth date", "Le champ de la date de naissance"),
    "lieu_naissance": ("The place of birth", "Le lieu de naissance"),
}
"""Trait → its name at the beginning of a sentence (English; French, all masculine so that the rules agree)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that may be the right one. Never applied by the bridge: a person enters it in the DUI.

    Args:
        trait: the field of `Traits`.
        confidence: 0 to 1, our estimate, to sort by.
        why: the rule whose finding it answers.
    """

    trait: str
    value: str
    confidence: float
    why: Rule


Hits = Iterator[Finding | Proposal]


def about(rule: Rule, trait: str, *, severity: Severity | None = None, **values: str) -> Finding:
    """A finding about a trait; its two names and the values given fill the message."""
    trait_en, trait_fr = NAMES[trait]
    return Finding(
        rule,
        values={"trait_en": trait_en, "trait_fr": trait_fr, **values},
        path=f"usager.{trait}",
        severity_override=severity,
    )
