"""Checks of the names before a call of INSi: blank, refused, in the wrong field, joined, perhaps the married name."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from dui_bridge.findings import Rule
from dui_bridge.ins import rules
from dui_bridge.ins.compare import begins_list, comparable
from dui_bridge.ins.lexicon import sendable
from dui_bridge.ins.proposal import Hits, Proposal, about
from dui_bridge.model.identite import Lien, Usager

_BRACKETS: Final = str.maketrans("().,/", "     ")
_BORN: Final = re.compile(r"(?P<used>.+) (?P<word>NEE) (?P<birth>.+)")
_MARRIED: Final = re.compile(r"(?P<birth>.+) (?P<word>EPOUSE|EPSE|EP|VEUVE|VVE) (?P<used>.+)")
_NO_NAMES: Final = frozenset(
    {"ANONYME", "INCONNU", "INCONNUE", "NON RENSEIGNE", "NON CONNU", "SANS NOM", "A COMPLETER", "TEST", "XX", "XXX"}
)
_CAMEL: Final = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_COMPOUNDS: Final = {
    "JEAN": "BAPTISTE CHARLES CLAUDE FRANCOIS JACQUES LOUIS LOUP LUC MARC MARIE MICHEL NOEL PAUL PHILIPPE PIERRE RENE "
    "YVES",
    "MARIE": "ANGE ANNE CHRISTINE CLAUDE FRANCE FRANCOISE HELENE JEANNE JOSE JOSEPHE LAURE LOUISE MADELEINE NOELLE "
    "ODILE PAULE PIERRE ROSE THERESE",
    "ANNE": "CECILE CLAIRE LAURE LOUISE MARIE SOPHIE",
}
_PAIRS: Final = frozenset((first, second) for first, seconds in _COMPOUNDS.items() for second in seconds.split())
_JOINED: Final = {f"{first}{second}": f"{first}-{second}" for first, second in _PAIRS}
_HAS_BEEN_MARRIED: Final = frozenset({"MARIE", "MARIEE", "VEUF", "VEUVE", "DIVORCE", "DIVORCEE", "SEPARE", "SEPAREE"})
_FAMILY: Final = {Lien.PERE: 0.5, Lien.FRERE_SOEUR: 0.4, Lien.MERE: 0.3}
"""Whose name may be the birth name, and how likely."""


def birth_name_hits(usager: Usager, presumed: bool) -> Hits:
    """The birth name.

    Args:
        presumed: the mapping took it from another field.
    """
    name = usager.nom_naissance or ""
    if not comparable(name):
        yield about(rules.MISSING, "nom_naissance")
        yield from _of_the_family(usager, rules.MISSING)
        if usager.nom_usage:
            yield Proposal("nom_naissance", usager.nom_usage, 0.6 if usager.sexe == "M" else 0.3, rules.MISSING)
        return
    if presumed:
        yield about(rules.PRESUMED, "nom_naissance")
        yield from _of_the_family(usager, rules.PRESUMED)
        yield Proposal("nom_naissance", name, 0.9 if usager.sexe == "M" else 0.3, rules.PRESUMED)
    plain = comparable(name.translate(_BRACKETS))
    if (both := _BORN.fullmatch(plain) or _MARRIED.fullmatch(plain)) is not None:
        yield about(rules.TWO_NAMES_IN_ONE, "nom_naissance", word=both["word"])
        yield Proposal("nom_naissance", both["birth"], 0.9, rules.TWO_NAMES_IN_ONE)
        return
    yield from _lexicon_hits("nom_naissance", name)
    if not presumed:
        yield from _married_name_hits(usager)
    first = comparable(usager.premier_prenom_effectif or "")
    words = plain.split(" ")
    if first and len(words) > 1 and first in (words[0], words[-1]):
        yield about(rules.NAMES_IN_WRONG_FIELD, "nom_naissance")
        rest = words[1:] if words[0] == first else words[:-1]
        yield Proposal("nom_naissance", " ".join(rest), 0.6, rules.NAMES_IN_WRONG_FIELD)


def given_name_hits(usager: Usager, marked: Collection[str]) -> Hits:
    """The first given name and the list.

    Args:
        marked: traits that the mapping took from another field.
    """
    names, first = usager.prenoms or "", usager.premier_prenom or ""
    if not comparable(usager.premier_prenom_effectif or ""):
        yield about(rules.MISSING, "prenoms")
        if usager.prenom_utilise:
            yield Proposal("premier_prenom", usager.prenom_utilise, 0.5, rules.MISSING)
        return
    for trait, value in (("prenoms", names), ("premier_prenom", first)):
        if trait in marked:
            yield about(rules.PRESUMED, trait)
        if value:
            yield from _lexicon_hits(trait, value)
    separated = _separated(names)
    if separated is not None:
        yield about(rules.JOINED_NAMES, "prenoms")
        yield Proposal("prenoms", *separated, rules.JOINED_NAMES)
    if first and names.strip() and not begins_list(first, names):
        yield about(rules.FIRST_NAME_NOT_FIRST, "premier_prenom")
        yield Proposal("premier_prenom", names.split()[0], 0.5, rules.FIRST_NAME_NOT_FIRST)
    birth_name = comparable(usager.nom_naissance or "")
    if birth_name and birth_name in (comparable(name) for name in names.split()):
        yield about(rules.NAMES_IN_WRONG_FIELD, "prenoms")


def _lexicon_hits(trait: str, value: str) -> Hits:
    tried = sendable(value, birth_name=trait == "nom_naissance")
    if tried.refusal is not None:
        yield about(tried.refusal, trait, refused=" ".join(tried.refused))
    elif comparable(value) in _NO_NAMES:
        yield about(rules.NO_NAME, trait, word=comparable(value))


def _married_name_hits(usager: Usager) -> Hits:
    if usager.sexe == "M":
        return
    name = comparable(usager.nom_naissance or "")
    spouse = any(c.lien is Lien.CONJOINT and comparable(c.nom or "") == name for c in usager.entourage)
    situation = comparable(usager.situation_familiale.libelle or "") if usager.situation_familiale else ""
    same = comparable(usager.nom_usage or "") == name and bool(_HAS_BEEN_MARRIED & set(situation.split()))
    if not (spouse or same):
        return
    why_en = "the spouse bears it" if spouse else "it is also the used name of a person who is or was married"
    why_fr = "le conjoint le porte" if spouse else "c'est aussi le nom utilisé d'une personne mariée ou qui l'a été"
    yield about(rules.MARRIED_NAME, "nom_naissance", why_en=why_en, why_fr=why_fr)
    yield from _of_the_family(usager, rules.MARRIED_NAME)


def _of_the_family(usager: Usager, why: Rule) -> Hits:
    """The names of parents, brothers and sisters, when they are another one."""
    held = comparable(usager.nom_naissance or "")
    likely: dict[str, tuple[str, float]] = {}
    for contact in usager.entourage:
        name, confidence = contact.nom or "", _FAMILY.get(contact.lien, 0.0) if contact.lien else 0.0
        if confidence and comparable(name) not in ("", held):
            before = likely.get(comparable(name), (name, 0.0))
            likely[comparable(name)] = (before[0], max(before[1], confidence))
    for name, confidence in likely.values():
        yield Proposal("nom_naissance", name, confidence, why)


def _separated(names: str) -> tuple[str, float] | None:
    """The list with its names apart, and how likely; None when nothing seems joined."""
    words, confidence = [], 1.0
    for word in names.split():
        parts = word.split("-")
        if (compound := _JOINED.get(comparable(word))) is not None:
            apart, sure = compound, 0.8
        elif _CAMEL.search(word):
            apart, sure = _CAMEL.sub(" ", word), 0.6
        elif len(parts) > 2 and all(parts):
            known = (comparable(parts[0]), comparable(parts[1])) in _PAIRS
            apart, sure = " ".join([("-" if known else " ").join(parts[:2]), *parts[2:]]), 0.5
        else:
            apart, sure = word, 1.0
        words.append(apart)
        confidence = min(confidence, sure)
    return (" ".join(words), confidence) if confidence < 1 else None
