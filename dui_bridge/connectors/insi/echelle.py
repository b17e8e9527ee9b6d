"""The ladder of a search: which traits are asked next, from the answers so far. Pure.

Source: tests of conformity of the CNDA for INSi (2.06: 02 becomes 00 with the place of birth; 2.07: given names one by
one, then all of them), and the order "given names, then place" that regional guides give for 02.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from dui_bridge.ins.preflight import Envoi
from dui_bridge.model.insi import Appel, CodeReponse, Demande


class Step(StrEnum):
    """One rung. The `several_` rungs add to the last search that found more than one person."""

    FIRST = "first"  # birth name, first given name, sex, date of birth
    OTHERS = "others"  # after 01: each other given name instead of the first
    JOINED = "joined"  # after 01: all given names, in one text
    SEVERAL_JOINED = "several_joined"  # after 02: all given names
    SEVERAL_PLACE = "several_place"  # after 02: the place of birth


LADDER: Final = tuple(Step)


class End(StrEnum):
    """Why a search ends."""

    FOUND = "found"
    NONE = "none"
    SEVERAL = "several"
    BOUND = "bound"  # the most calls that one search may make
    HELD = "held"  # whoever started it does not want another call now


@dataclass(frozen=True, slots=True)
class Next:
    """The call to make."""

    step: Step
    demande: Demande


def next_call(envoi: Envoi, done: Sequence[Appel], ladder: Sequence[Step] = LADDER, max_calls: int = 8) -> Next | End:
    """The next call, or why there is none.

    Args:
        envoi: the traits that a search starts from.
        done: the calls so far, in order. A call that brought no answer is made again, and does not count.
        ladder: the steps that may be taken: those after 01, and those after 02, in this order.
        max_calls: at most so many answers.
    """
    answered = [(call.demande, call.reponse.code) for call in done if call.reponse is not None]
    if answered and answered[-1][1] is CodeReponse.TROUVEE:
        return End.FOUND
    several = [demande for demande, code in answered if code is CodeReponse.PLUSIEURS]
    for step in ladder:
        for demande in _after_several(envoi, step, several[-1]) if several else _after_none(envoi, step):
            if demande not in dict(answered) and not _is_hopeless(demande, answered):
                return Next(step, demande) if len(answered) < max_calls else End.BOUND
    return End.SEVERAL if several else End.NONE


def _after_none(envoi: Envoi, step: Step) -> Iterator[Demande]:
    if step is Step.FIRST:
        yield _ask(envoi, envoi.prenoms[0])
    elif step is Step.OTHERS:
        yield from (_ask(envoi, prenom) for prenom in envoi.prenoms[1:])
    elif step is Step.JOINED:
        yield _ask(envoi, " ".join(envoi.prenoms))


def _after_several(envoi: Envoi, step: Step, base: Demande) -> Iterator[Demande]:
    if step is Step.SEVERAL_JOINED:
        yield replace(base, prenoms=(" ".join(envoi.prenoms),))
    elif step is Step.SEVERAL_PLACE and envoi.lieu_naissance is not None:
        yield replace(base, lieu_naissance=envoi.lieu_naissance)


def _ask(envoi: Envoi, prenom: str) -> Demande:
    return Demande(envoi.nom_naissance, (prenom,), envoi.sexe, envoi.date_naissance)


def _is_hopeless(demande: Demande, answered: Sequence[tuple[Demande, CodeReponse]]) -> bool:
    """Whether the same search without the place found nobody already."""
    return (replace(demande, lieu_naissance=None), CodeReponse.AUCUNE) in answered
