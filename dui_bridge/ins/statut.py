"""The life of a digital identity: the four statuses of the RNIV as a table of transitions, and what each allows.

Two things make a status: whether INSi recovered the identity, and whether a professional checked it against a
document. Neither, `provisoire`; the first, `recuperee`; the second, `validee`; both, `qualifiee`. The bridge calls
INSi and never checks a document: that check comes from a person, with its day (`dui_bridge.ins.transitions`).

Sources: RNIV 1 (statuses, attributes); Guide d'implémentation de l'INS (EXI ID 24, 26 and 29; EXI SI 07 to 09). Which
status an identity has after a failed verification is a local procedure: here `provisoire`, the most careful one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dui_bridge.ins.declaration import Declaration
from dui_bridge.ins.traits import Traits
from dui_bridge.model.identite import DocumentControle, StatutIdentite

Numero = tuple[str, str]
"""A matricule and its OID."""


class Attribut(StrEnum):
    """What may be said of an identity beside its status."""

    HOMONYME = "homonyme"
    DOUTEUSE = "douteuse"
    FICTIVE = "fictive"


class Evenement(StrEnum):
    """What happens to an identity."""

    INSI_OK = "insi_ok"
    INSI_DIFFERENT = "insi_different"
    NIA_VERS_NIR = "nia_vers_nir"
    DOCUMENT_OK = "document_ok"
    TRAIT_MODIFIE = "trait_modifie"
    DOUTE = "doute"
    LEVEE_DOUTE = "levee_doute"
    FICTIF = "fictif"
    LEVEE_FICTIF = "levee_fictif"
    HOMONYME = "homonyme"
    LEVEE_HOMONYME = "levee_homonyme"
    VERIFICATION_KO = "verification_ko"
    DECLASSEMENT = "declassement"
    FUSION = "fusion"


class Interdit(StrEnum):
    """What an identity forbids."""

    APPEL_INSI = "appel_insi"
    TRANSMISSION_INS = "transmission_ins"


@dataclass(frozen=True, slots=True)
class Suite:
    """What follows from an event.

    Args:
        statut: the new status.
        garde_matricule: the matricule and its OID stay; else they go to the history.
        garde_document: the document check still holds; else it is to be done again.
        appel_permis: INSi may be called afterwards.
        alerte: identitovigilance is told, with what was already handed over.
    """

    statut: StatutIdentite
    garde_matricule: bool = True
    garde_document: bool = True
    appel_permis: bool = True
    alerte: bool = False


@dataclass(frozen=True, slots=True)
class Identite:
    """An identity as the bridge knows it.

    Args:
        traits: the strict traits as INSi answered, unaltered; None when it was never recovered by the bridge.
        document: the last check against a document that still holds.
        declaration: what the DUI said when it was last read.
        par_insi: INSi was asked and had its say: the DUI alone does not give the matricule back.
    """

    statut: StatutIdentite = StatutIdentite.PROVISOIRE
    attributs: frozenset[Attribut] = frozenset()
    matricule: str | None = None
    oid: str | None = None
    historique: tuple[Numero, ...] = ()
    traits: Traits | None = None
    document: DocumentControle | None = None
    declaration: Declaration | None = None
    par_insi: bool = False


@dataclass(frozen=True, slots=True)
class RegleAttribut:
    """Where an attribute may stand, whether INSi may be called with it, and the others that may stand beside it."""

    statuts: frozenset[StatutIdentite]
    appel_permis: bool
    avec: frozenset[Attribut]


_P, _R, _V, _Q = StatutIdentite
_SET_ASIDE: Final = Suite(_P, garde_matricule=False, garde_document=False)
_ALARM: Final = replace(_SET_ASIDE, alerte=True)
_MARKED: Final = replace(_SET_ASIDE, appel_permis=False)
_SAME: Final = {statut: Suite(statut) for statut in StatutIdentite}

_TABLE: Final[Mapping[Evenement, Mapping[StatutIdentite, Suite]]] = {
    Evenement.INSI_OK: {_P: Suite(_R), _R: Suite(_R), _V: Suite(_Q), _Q: Suite(_Q)},
    Evenement.INSI_DIFFERENT: {_P: Suite(_P, alerte=True), _V: Suite(_V, alerte=True), _R: _ALARM, _Q: _ALARM},
    Evenement.NIA_VERS_NIR: {_R: Suite(_R), _Q: Suite(_Q)},
    Evenement.DOCUMENT_OK: {_P: Suite(_V), _R: Suite(_Q), _V: Suite(_V), _Q: Suite(_Q)},
    Evenement.TRAIT_MODIFIE: {_P: _SET_ASIDE, _R: _SET_ASIDE, _V: _SET_ASIDE, _Q: _ALARM},
    Evenement.DOUTE: {_P: _MARKED, _R: _MARKED, _V: _MARKED, _Q: replace(_MARKED, alerte=True)},
    Evenement.LEVEE_DOUTE: {_P: Suite(_P)},
    Evenement.FICTIF: {_P: _MARKED, _R: _MARKED, _V: _MARKED, _Q: replace(_MARKED, alerte=True)},
    Evenement.LEVEE_FICTIF: {_P: Suite(_P)},
    Evenement.HOMONYME: _SAME,
    Evenement.LEVEE_HOMONYME: _SAME,
    Evenement.VERIFICATION_KO: {_R: _ALARM, _Q: _ALARM},
    Evenement.DECLASSEMENT: {_V: Suite(_P, garde_document=False), _Q: Suite(_R, garde_document=False, alerte=True)},
    Evenement.FUSION: _SAME,
}

TRANSITIONS: Final[Mapping[tuple[StatutIdentite, Evenement], Suite]] = MappingProxyType(
    {(statut, evenement): suite for evenement, by_status in _TABLE.items() for statut, suite in by_status.items()}
)
"""What follows, by status and event; a pair that is not there cannot happen."""

ATTRIBUTS: Final[Mapping[Attribut, RegleAttribut]] = MappingProxyType(
    {
        Attribut.HOMONYME: RegleAttribut(frozenset(StatutIdentite), True, frozenset({Attribut.DOUTEUSE})),
        Attribut.DOUTEUSE: RegleAttribut(frozenset({_P}), False, frozenset({Attribut.HOMONYME})),
        Attribut.FICTIVE: RegleAttribut(frozenset({_P}), False, frozenset()),
    }
)
"""The rules of each attribute. An identity that is fictive is nothing else: the others give way, and are not added."""


def forbids(identite: Identite) -> frozenset[Interdit]:
    """What this identity forbids; an anonymous dossier forbids both whatever its identity."""
    carried = identite.statut is StatutIdentite.QUALIFIEE and call_allowed(identite.attributs)
    return frozenset(
        interdit
        for interdit, holds in (
            (Interdit.APPEL_INSI, not call_allowed(identite.attributs)),
            (Interdit.TRANSMISSION_INS, not carried),
        )
        if holds
    )


def call_allowed(attributs: frozenset[Attribut]) -> bool:
    """Whether INSi may be called with these attributes."""
    return all(ATTRIBUTS[attribut].appel_permis for attribut in attributs)
