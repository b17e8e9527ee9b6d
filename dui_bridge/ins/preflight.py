"""What will fail if INSi is called for this person, and why: found before the call, with proposals.

Three calls in four succeed in the field; most of the others fail on the quality of the traits. Nothing is corrected
here: a proposal is for a person to accept in the DUI.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from dui_bridge.findings import Finding
from dui_bridge.ins import rules
from dui_bridge.ins.birth_checks import date_hits, number_hits, place_hits, place_sendable, sex_hits
from dui_bridge.ins.birthplace import Gazetteer, shipped
from dui_bridge.ins.compare import rest_of_list
from dui_bridge.ins.lexicon import sendable
from dui_bridge.ins.name_checks import birth_name_hits, given_name_hits
from dui_bridge.ins.proposal import NAMES, Hits, Proposal
from dui_bridge.ins.traits import Traits, traits_of
from dui_bridge.model.identite import Usager

__all__ = ["Envoi", "Preflight", "Proposal", "preflight"]

_PATH: Final = "usager."


@dataclass(frozen=True, slots=True)
class Envoi:
    """What INSi may be asked with, in its lexicon.

    Args:
        prenoms: the first given name, then the others of the list.
        date_naissance: ``AAAA-MM-JJ``.
        lieu_naissance: None when it is blank, wrong or presumed.
    """

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: Literal["M", "F"]
    date_naissance: str
    lieu_naissance: str | None


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found before a call.

    Args:
        findings: errors forbid the call.
        traits: as the dossier holds them.
        envoi: what may be sent; None when the call is forbidden.
        proposals: values for a person to accept, the most likely of each trait first.
    """

    findings: tuple[Finding, ...]
    traits: Traits
    envoi: Envoi | None
    proposals: tuple[Proposal, ...]

    @property
    def callable(self) -> bool:
        """Whether INSi may be called."""
        return self.envoi is not None


def preflight(usager: Usager, marked: Collection[str], today: date, places: Gazetteer | None = None) -> Preflight:
    """Checks the traits of a person before a call of INSi.

    Args:
        marked: model paths whose value a mapping marks as presumed (`usager.nom_naissance`).
        today: in the time zone of the establishment.
        places: INSEE's files; by default what comes with the bridge.
    """
    places = places or shipped()
    presumed = {path.removeprefix(_PATH).split(".")[0] for path in marked if path.startswith(_PATH)}
    hits = [
        *_attribute_hits(usager),
        *birth_name_hits(usager, "nom_naissance" in presumed),
        *given_name_hits(usager, presumed),
        *sex_hits(usager, "sexe" in presumed),
        *date_hits(usager, today, "date_naissance" in presumed),
        *place_hits(usager, places, "lieu_naissance" in presumed),
        *number_hits(usager),
    ]
    findings = tuple(replace(hit, dossier=usager.identifiant_local) for hit in hits if isinstance(hit, Finding))
    proposals = [hit for hit in hits if isinstance(hit, Proposal)]
    traits = list(NAMES)
    return Preflight(
        findings,
        traits_of(usager),
        None if any(finding.is_error for finding in findings) else _envoi(usager, places, presumed),
        tuple(sorted(proposals, key=lambda proposal: (traits.index(proposal.trait), -proposal.confidence))),
    )


def _attribute_hits(usager: Usager) -> Hits:
    for rule, holds in (
        (rules.ANONYMOUS, usager.anonyme),
        (rules.DOUBTFUL, usager.ins.douteuse),
        (rules.FICTITIOUS, usager.ins.fictive),
    ):
        if holds is True:
            yield Finding(rule, path="usager")


def _envoi(usager: Usager, places: Gazetteer, presumed: Collection[str]) -> Envoi | None:
    name = sendable(usager.nom_naissance or "", birth_name=True).text
    first = sendable(usager.premier_prenom_effectif or "", birth_name=False).text
    names = sendable(usager.prenoms or "", birth_name=False).text
    sex, born = usager.sexe, usager.date_naissance
    if name is None or first is None or sex not in ("M", "F") or born is None:
        return None
    rest = rest_of_list(first, names or "")
    if rest is None:
        rest = tuple((names or "").split())
    return Envoi(
        name,
        (first, *rest),
        sex,
        born,
        place_sendable(usager, places, "lieu_naissance" in presumed),
    )
