"""What an event does to an identity: the table of `dui_bridge.ins.statut`, with what must come along with the event.

Sources: RNIV 1; Guide d'implémentation de l'INS (EXI REC 07 and 08: what INSi answers is kept unaltered).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from dui_bridge.ins.compare import Kind, comparable, differences, match
from dui_bridge.ins.controle import is_probative
from dui_bridge.ins.declaration import Declaration
from dui_bridge.ins.matricule import INS_NIA, INS_NIR
from dui_bridge.ins.statut import (
    ATTRIBUTS,
    TRANSITIONS,
    Attribut,
    Evenement,
    Identite,
    Numero,
    Suite,
    call_allowed,
)
from dui_bridge.ins.traits import Traits
from dui_bridge.model.identite import DocumentControle, StatutIdentite
from dui_bridge.model.insi import Individu

_SETS: Final = {
    Evenement.HOMONYME: Attribut.HOMONYME,
    Evenement.DOUTE: Attribut.DOUTEUSE,
    Evenement.FICTIF: Attribut.FICTIVE,
}
_LIFTS: Final = {
    Evenement.LEVEE_HOMONYME: Attribut.HOMONYME,
    Evenement.LEVEE_DOUTE: Attribut.DOUTEUSE,
    Evenement.LEVEE_FICTIF: Attribut.FICTIVE,
}
_ASKED: Final = frozenset({Evenement.INSI_OK, Evenement.INSI_DIFFERENT, Evenement.NIA_VERS_NIR})
_TELLS: Final = _ASKED | {Evenement.VERIFICATION_KO}


class Raison(StrEnum):
    """Why an event is not accepted."""

    TRANSITION = "transition"
    ATTRIBUT = "attribut"
    SANS_REPONSE = "sans_reponse"
    TRAITS_DIFFERENTS = "traits_differents"
    TRAITS_PERIMES = "traits_perimes"
    AUTRE_MATRICULE = "autre_matricule"
    PAS_UN_NIR = "pas_un_nir"
    DOCUMENT_NON_PROBANT = "document_non_probant"


class EvenementRefuse(ValueError):
    """The event cannot happen to this identity, or comes without what it needs. `raison` says why."""

    def __init__(self, evenement: Evenement, raison: Raison) -> None:
        super().__init__(f"{evenement}: {raison}")
        self.evenement = evenement
        self.raison = raison


def apply(
    identite: Identite,
    evenement: Evenement,
    *,
    local: Traits | None = None,
    individu: Individu | None = None,
    accepte: bool = False,
    document: DocumentControle | None = None,
) -> Identite:
    """The identity after an event.

    Args:
        local: the traits of the DUI that INSi was asked with, or that a person compared.
        individu: the person that INSi answered with (INSI_OK, NIA_VERS_NIR).
        accepte: a person compared the traits of the DUI with those of INSi and accepted the latter.
        document: the check that a professional made (DOCUMENT_OK).

    Raises:
        EvenementRefuse: the table has no such transition; a doubtful or fictive identity forbids it; INSI_OK whose
            traits or number are not those held and which nobody accepted, or for traits that the DUI has changed since;
            a document check without a day or against a document of low trust.
    """
    suite = TRANSITIONS.get((identite.statut, evenement))
    if suite is None:
        raise EvenementRefuse(evenement, Raison.TRANSITION)
    if evenement in _ASKED | {Evenement.DOCUMENT_OK} and not call_allowed(identite.attributs):
        raise EvenementRefuse(evenement, Raison.ATTRIBUT)
    after = _moved(identite, suite)
    if evenement in _TELLS:
        after = replace(after, par_insi=True)
    if evenement in {Evenement.INSI_OK, Evenement.NIA_VERS_NIR}:
        return _recovered(identite, after, evenement, *_answered(identite, evenement, local, individu, accepte))
    if evenement is Evenement.DOCUMENT_OK:
        if document is None or not is_probative(document):
            raise EvenementRefuse(evenement, Raison.DOCUMENT_NON_PROBANT)
        return replace(after, document=document)
    return replace(after, attributs=_attributes(identite.attributs, evenement))


def admits(identite: Identite, evenement: Evenement) -> bool:
    """Whether the event can happen to this identity at all."""
    held = evenement in _ASKED | {Evenement.DOCUMENT_OK} and not call_allowed(identite.attributs)
    return (identite.statut, evenement) in TRANSITIONS and not held


def answer_event(identite: Identite, local: Traits, individu: Individu) -> Evenement:
    """Which event a person found by INSi is: INSI_OK, NIA_VERS_NIR, or INSI_DIFFERENT, for a person to look at."""
    if not match(local, traits_of_answer(individu, local)) or not _continues(identite, individu):
        return Evenement.INSI_DIFFERENT
    becomes_nir = (identite.oid, individu.actif.oid) == (INS_NIA, INS_NIR)
    return Evenement.NIA_VERS_NIR if becomes_nir else Evenement.INSI_OK


def merge(kept: Identite, absorbed: Identite) -> Identite:
    """The identity that stays of two that were one. Never better than the kept one.

    What the absorbed one says against it counts: a doubt, a fiction, another number or other recovered traits make the
    result doubtful, for a person to settle.
    """
    merged = replace(
        apply(kept, Evenement.FUSION),
        historique=_with(kept.historique, (*absorbed.historique, *_number(absorbed)), kept.matricule),
        par_insi=kept.par_insi or absorbed.par_insi,
    )
    other_number = (
        kept.matricule is not None
        and absorbed.matricule not in {None, kept.matricule}
        and absorbed.matricule not in {number for number, _ in kept.historique}
    )
    other_person = (
        kept.traits is not None and absorbed.traits is not None and not same_traits(kept.traits, absorbed.traits)
    )
    events = [
        event
        for event, holds in (
            (Evenement.HOMONYME, Attribut.HOMONYME in absorbed.attributs),
            (Evenement.DOUTE, Attribut.DOUTEUSE in absorbed.attributs or other_number or other_person),
            (Evenement.FICTIF, Attribut.FICTIVE in absorbed.attributs),
        )
        if holds
    ]
    for event in events:
        merged = apply(merged, event)
    return merged


def traits_of_answer(individu: Individu, local: Traits) -> Traits:
    """The strict traits of an answer, unaltered; the first given name is cut out of the list when INSi gives none.

    A compound name may come with a space: it is cut at the length of the local one when the list begins with that.
    """
    words = individu.prenoms.split(" ")
    length = len(comparable(local.premier_prenom).split())
    begins = comparable(" ".join(words[:length])) == comparable(local.premier_prenom)
    return Traits(
        nom_naissance=individu.nom_naissance,
        prenoms=individu.prenoms,
        premier_prenom=individu.premier_prenom or " ".join(words[: length if length and begins else 1]),
        sexe=individu.sexe,
        date_naissance=individu.date_naissance,
        lieu_naissance=individu.lieu_naissance,
    )


def same_traits(one: Traits, other: Traits) -> bool:
    """Whether no strict trait changed, was filled or emptied: they differ at most in how they are written."""
    return all(difference.kind is Kind.EQUIVALENT for difference in differences(one, other))


def _moved(identite: Identite, suite: Suite) -> Identite:
    """The identity in its new status, without what the event takes away."""
    after = replace(identite, statut=suite.statut, document=identite.document if suite.garde_document else None)
    if suite.garde_matricule:
        return after
    history = _with(identite.historique, _number(identite))
    return replace(after, matricule=None, oid=None, traits=None, historique=history)


def _recovered(
    identite: Identite, after: Identite, evenement: Evenement, local: Traits, individu: Individu
) -> Identite:
    """The identity with the number and the traits of INSi, as answered."""
    actif = individu.actif
    if evenement is Evenement.NIA_VERS_NIR and (identite.oid, actif.oid) != (INS_NIA, INS_NIR):
        raise EvenementRefuse(evenement, Raison.PAS_UN_NIR)
    older = tuple((one.matricule15, one.oid) for one in individu.historique)
    # The DUI may hold an identity for validated without saying when it was checked: that check counts for nothing here.
    unproved = identite.statut is StatutIdentite.VALIDEE and not (identite.document and is_probative(identite.document))
    return replace(
        after,
        statut=StatutIdentite.RECUPEREE if unproved else after.statut,
        matricule=actif.matricule15,
        oid=actif.oid,
        historique=_with(identite.historique, (*_number(identite), *older), actif.matricule15),
        traits=traits_of_answer(individu, local),
    )


def _answered(
    identite: Identite, evenement: Evenement, local: Traits | None, individu: Individu | None, accepte: bool
) -> tuple[Traits, Individu]:
    if individu is None or local is None:
        raise EvenementRefuse(evenement, Raison.SANS_REPONSE)
    if identite.declaration is not None and not same_traits(local, identite.declaration.traits):
        raise EvenementRefuse(evenement, Raison.TRAITS_PERIMES)
    if not accepte and not match(local, traits_of_answer(individu, local)):
        raise EvenementRefuse(evenement, Raison.TRAITS_DIFFERENTS)
    if not accepte and not _continues(identite, individu):
        raise EvenementRefuse(evenement, Raison.AUTRE_MATRICULE)
    return local, individu


def _continues(identite: Identite, individu: Individu) -> bool:
    """Whether the number that INSi gives is the one held, here or in the DUI, or one that follows it."""
    held: Identite | Declaration | None = identite if identite.matricule else identite.declaration
    if held is None or held.matricule is None:
        return True
    known = {individu.actif.matricule15, *(one.matricule15 for one in individu.historique)}
    return held.matricule in known or (held.oid, individu.actif.oid) == (INS_NIA, INS_NIR)


def _attributes(held: frozenset[Attribut], evenement: Evenement) -> frozenset[Attribut]:
    if evenement in _LIFTS:
        return held - {_LIFTS[evenement]}
    if evenement not in _SETS or Attribut.FICTIVE in held:
        return held
    added = _SETS[evenement]
    return frozenset({added, *(held & ATTRIBUTS[added].avec)})


def _number(identite: Identite) -> tuple[Numero, ...]:
    return ((identite.matricule, identite.oid or ""),) if identite.matricule else ()


def _with(history: tuple[Numero, ...], numbers: tuple[Numero, ...], but: str | None = None) -> tuple[Numero, ...]:
    """The history with other numbers, oldest first, each once, without the one that is active."""
    return tuple(dict.fromkeys(one for one in (*history, *numbers) if one[0] != but))
