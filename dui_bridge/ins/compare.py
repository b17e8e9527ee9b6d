"""Whether the traits of the dossier and those of INSi are the same person's.

Sources: RNIV, comparison of strict traits (case, accents, ligatures, hyphens, apostrophes and spaces make no
difference); Guide d'implémentation de l'INS, EXI ID 10 (the first given name begins the list, an alert only).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from dui_bridge.ins.lexicon import plain_letter
from dui_bridge.ins.traits import Traits

_SPACED: Final = str.maketrans("-'", "  ")
_NAMES: Final = ("nom_naissance", "prenoms", "premier_prenom")
_CORSICA_UNTIL_1976: Final = "20"
_CORSICA: Final = ("2A", "2B")
_MAY_BE_MISSING: Final = frozenset({"lieu_naissance", "premier_prenom"})


class Kind(StrEnum):
    """How two values that are not the same text stand to one another."""

    EQUIVALENT = "equivalent"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A trait that is not written the same on both sides. `trait` is the field of `Traits`; values are unaltered.

    `MISSING`: one side holds nothing, or the dossier holds the first given names of INSi's list only.
    """

    trait: str
    local: str
    insi: str
    kind: Kind


def comparable(text: str) -> str:
    """A name as it is compared: capitals, no accents or ligatures, one space for hyphens, apostrophes and spaces.

    Any other sign stays, so that it makes a difference. Not a form that is stored or sent.
    """
    letters = (_letter(sign) for sign in unicodedata.normalize("NFC", text))
    return " ".join("".join(letters).translate(_SPACED).split())


def begins_list(first: str, names: str) -> bool:
    """Whether given names are the beginning of a list: whole names (`MARIE` does not begin `MARIE-ANNE LOUISE`)."""
    return rest_of_list(first, names) is not None


def rest_of_list(first: str, names: str) -> tuple[str, ...] | None:
    """The given names of a list after the first ones, however these are written; None when they do not begin it."""
    words, begun = names.split(), comparable(first)
    for length in range(1, len(words) + 1):
        if comparable(" ".join(words[:length])) == begun:
            return tuple(words[length:])
    return None


def differences(local: Traits, insi: Traits) -> tuple[Difference, ...]:
    """The traits that are not the same text on both sides, in the order of `Traits`.

    A first given name that only the dossier holds apart is compared with the beginning of INSi's list.
    """
    found: list[Difference] = []
    for trait in Traits.__dataclass_fields__:
        ours, theirs = getattr(local, trait), getattr(insi, trait)
        if ours != theirs and (kind := _kind(trait, ours, theirs, insi)) is not None:
            found.append(Difference(trait, ours, theirs, kind))
    return tuple(found)


def match(local: Traits, insi: Traits) -> bool:
    """Whether the traits agree by the rule of the RNIV.

    INSi may complete the list of given names, the first of them and the place of birth; a birth name, given names, sex
    or birth date that one side lacks agree with nothing.
    """
    return all(_agrees(difference) for difference in differences(local, insi))


@lru_cache(maxsize=4096)
def _letter(sign: str) -> str:
    """One sign as it is compared; a combining accent is nothing."""
    if unicodedata.combining(sign):
        return ""
    plain, capital = plain_letter(sign), sign.upper()
    if plain is not None:
        return plain
    return capital if len(capital) == 1 else sign


def _agrees(difference: Difference) -> bool:
    if difference.kind is not Kind.MISSING:
        return difference.kind is Kind.EQUIVALENT
    if difference.trait == "prenoms":
        return bool(difference.local and difference.insi)
    return difference.trait in _MAY_BE_MISSING


def _kind(trait: str, ours: str, theirs: str, insi: Traits) -> Kind | None:
    if trait == "premier_prenom" and ours and not theirs and insi.prenoms:
        return None if begins_list(ours, insi.prenoms) else Kind.DIFFERENT
    if not ours or not theirs:
        return Kind.MISSING
    if trait in _NAMES:
        if comparable(ours) == comparable(theirs):
            return Kind.EQUIVALENT
        begun = trait == "prenoms" and begins_list(ours, theirs)
        return Kind.MISSING if begun else Kind.DIFFERENT
    if trait == "lieu_naissance" and _corsican(ours, theirs):
        return Kind.EQUIVALENT
    return Kind.DIFFERENT


def _corsican(one: str, other: str) -> bool:
    """Whether two codes are those of a commune before and after Corsica was divided (1 January 1976)."""
    old, new = sorted((one, other))
    return old[:2] == _CORSICA_UNTIL_1976 and new[:2] in _CORSICA and old[2:] == new[2:]
