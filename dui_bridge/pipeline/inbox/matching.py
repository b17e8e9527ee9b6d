"""Whose dossier a document belongs to: its INS, qualified on both sides, and nothing less, without a person.

Sources: ANS, référentiel socle MSSanté #2, ECO.2.1.2 (the patient is that of the metadata) and REM "SENTINELLE.20",
MSS/va1.27 (an identity that is not qualified here is compared by a person), as quoted in public.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dui_bridge.findings import Rule
from dui_bridge.ins.compare import match as agree
from dui_bridge.ins.matricule import INS_DEMO, INS_NIA, INS_NIR, INS_TEST, has_right_key
from dui_bridge.ins.traits import Traits
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.records import Known, Person, Subject

_OIDS = frozenset({INS_NIR, INS_NIA, INS_TEST, INS_DEMO})


@dataclass(frozen=True, slots=True)
class Match:
    """One person and no cause; or a cause with those among whom a person may choose, nobody when it is a refusal."""

    person: Person | None = None
    cause: Rule | None = None
    candidates: tuple[Person, ...] = ()


def match(subject: Subject, known: Known, *, qualified: bool | None, finess: str) -> Match:
    """The dossier of a subject.

    Args:
        qualified: as the sender says; None when it does not say.
        finess: of the establishment whose mailbox it came to; empty when unknown.
    """
    if not subject.matricule:
        named = tuple(known.by_matricule(subject.named[0])) if subject.named[0] else ()
        return _candidates(named, rules.INS_ONCE) or _by_traits(subject.traits, known, rules.NO_INS)
    found = tuple(known.by_matricule(subject.matricule))
    if not is_complete(subject):
        return _candidates(found, rules.TRAITS_DIFFER) or _by_traits(subject.traits, known, rules.PARTIAL_INS)
    if not found:
        return _by_traits(subject.traits, known, rules.UNKNOWN)
    if qualified is False:
        return Match(cause=rules.NOT_QUALIFIED_THERE, candidates=found)
    same = [one for one in found if (not one.oid or one.oid == subject.oid) and same_traits(one.traits, subject.traits)]
    if not same:
        return Match(cause=rules.TRAITS_DIFFER, candidates=found)
    # A person accompanied by several establishments has a dossier in each.
    near = [one for one in same if finess and one.finess == finess] or same
    if len(near) > 1:
        return Match(cause=rules.SEVERAL_DOSSIERS, candidates=tuple(near))
    if not subject.named[0]:
        return Match(cause=rules.INS_ONCE, candidates=tuple(near))
    if not near[0].qualified:
        return Match(cause=rules.NOT_QUALIFIED_HERE, candidates=tuple(near))
    return Match(near[0])


def is_complete(subject: Subject) -> bool:
    """Whether an INS can be that of a qualified identity: number and key, OID, and the strict traits but the place."""
    traits = subject.traits
    return (
        subject.oid in _OIDS
        and has_right_key(subject.matricule)
        and all((traits.nom_naissance, traits.prenoms or traits.premier_prenom, traits.date_naissance))
        and traits.sexe in {"M", "F"}
    )


def same_traits(ours: Traits, theirs: Traits) -> bool:
    """Whether strict traits agree, whichever side holds the longer list of given names."""
    return agree(ours, theirs) or agree(theirs, ours)


def one_subject(subjects: Iterable[Subject]) -> Rule | None:
    """Why the documents of one mail are not about one person as its metadata say; None when they are."""
    listed = list(subjects)
    for one in listed:
        if any(one.named) and one.matricule and one.named != (one.matricule, one.oid):
            return rules.INS_DIFFERS
    first = listed[0]
    if any((one.matricule, one.oid) != (first.matricule, first.oid) for one in listed):
        return rules.SEVERAL_PERSONS
    if any(not same_traits(one.traits, first.traits) for one in listed if one.traits != first.traits):
        return rules.SEVERAL_PERSONS
    return None


def _by_traits(traits: Traits, known: Known, otherwise: Rule) -> Match:
    told = traits.nom_naissance and traits.date_naissance and (traits.prenoms or traits.premier_prenom)
    found = tuple(known.by_traits(traits)) if told else ()
    return _candidates(found, rules.BY_TRAITS) or Match(cause=otherwise)


def _candidates(found: Sequence[Person], cause: Rule) -> Match | None:
    return Match(cause=cause, candidates=tuple(found)) if found else None
