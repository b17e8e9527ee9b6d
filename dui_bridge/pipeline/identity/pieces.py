"""What the identity step is made of, beside its flow: digests, marks, days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from dui_bridge.connectors.insi.parcours import Parcours
from dui_bridge.ins.statut import Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.pipeline.identity.record import Search

_STRICT: Final = frozenset({"nom_naissance", "prenoms", "premier_prenom", "sexe", "date_naissance", "lieu_naissance"})


def marks_beside(identite: Identite, marks: Mapping[str, str]) -> Mapping[str, str]:
    """What the mapping presumes; of the strict traits nothing once they are INSi's."""
    if identite.traits is None:
        return marks
    return {path: mark for path, mark in marks.items() if path.removeprefix("usager.").split(".")[0] not in _STRICT}


def values_of(traits: Traits) -> tuple[str, ...]:
    """The strict traits, in their order."""
    return (
        traits.nom_naissance,
        traits.prenoms,
        traits.premier_prenom,
        traits.sexe,
        traits.date_naissance,
        traits.lieu_naissance,
    )


def part_of(identite: Identite, *, withheld: bool) -> str:
    """What the identity adds to the fingerprint of a document: blank while it is the DUI's own words."""
    if withheld:
        return "\x1f".join((identite.statut.value, "withheld"))
    if not identite.par_insi:
        return ""
    shown = values_of(identite.traits) if identite.traits is not None else ()
    return "\x1f".join((identite.statut.value, identite.matricule or "", identite.oid or "", *shown))


def ended(digest: str, parcours: Parcours) -> Search:
    """A search that ended, with the digest of the traits that it was made with."""
    codes = tuple((call.etape, call.reponse.code.value) for call in parcours.calls if call.reponse is not None)
    return Search(digest, codes)


def latest(*days: date | None) -> date | None:
    """The latest day that is known."""
    return max((day for day in days if day is not None), default=None)
