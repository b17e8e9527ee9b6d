"""Who may be sent documents of a usager, as plain values: the team, the treating doctor, partners, the person.

They are personal data: the journal keeps them sealed. Reading is tolerant, as that of the other facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from dui_bridge.journal.records import Json
from dui_bridge.model.accompagnement import Destinataire, Professionnel
from dui_bridge.model.dossier import Dossier
from dui_bridge.pipeline.policy.facts import known_day, known_text, plain_json

_KEPT: Final = "recipients"


class RecipientKind(StrEnum):
    """What a recipient is to the person."""

    EQUIPE = "equipe"
    MEDECIN_TRAITANT = "medecin_traitant"
    PHARMACIE = "pharmacie"
    HOPITAL = "hopital"
    STRUCTURE = "structure"
    PROFESSIONNEL = "professionnel"
    USAGER = "usager"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be sent documents of one usager.

    Args:
        kind: what they are to the person.
        key: `Destinataire.identifiant`, by which a document names its addressee; empty otherwise.
        name, role: for a person to read.
        rpps, finess: by which the directory finds their mailboxes; None when the DUI does not know.
        mailbox: address of MSSanté that the DUI holds; None also for the person, whose address is made of the INS.
        known_on: the day on which the mailbox was last known; None when the DUI does not say.
        begins, ends: of their part in the accompaniment.
    """

    kind: RecipientKind
    key: str = ""
    name: str = field(default="", repr=False)
    role: str = ""
    rpps: str | None = field(default=None, repr=False)
    finess: str | None = None
    mailbox: str | None = field(default=None, repr=False)
    known_on: date | None = None
    begins: date | None = None
    ends: date | None = None

    @property
    def same(self) -> str:
        """What stays the same when the mailbox changes; the kind alone where nothing tells one of it from another."""
        if self.rpps:
            return f"rpps {self.rpps}"
        return " ".join(filter(None, (self.kind, self.key or self.finess, self.name.casefold())))

    def to_json(self) -> dict[str, Json]:
        return plain_json(self)

    @classmethod
    def from_json(cls, known: Mapping[str, object]) -> Recipient | None:
        """None for a kind that this version does not know: nobody is written to in its place."""
        kind = known.get("kind")
        if kind not in set(RecipientKind):
            return None
        return cls(
            kind=RecipientKind(str(kind)),
            key=known_text(known, "key") or "",
            name=known_text(known, "name") or "",
            role=known_text(known, "role") or "",
            rpps=known_text(known, "rpps"),
            finess=known_text(known, "finess"),
            mailbox=known_text(known, "mailbox"),
            known_on=known_day(known, "known_on"),
            begins=known_day(known, "begins"),
            ends=known_day(known, "ends"),
        )


def recipients_of(dossier: Dossier) -> tuple[Recipient, ...]:
    """Everybody whom the dossier names, the person last. A professional who left is nobody's recipient."""
    return (*_team(dossier), *_doctors(dossier), *map(_partner, dossier.destinataires), Recipient(RecipientKind.USAGER))


def recipient_facts(dossier: Dossier) -> dict[str, Json]:
    """The recipients as the journal keeps them, among the facts of the usager; of an anonymous dossier, nobody."""
    kept = () if dossier.usager.anonyme is True else recipients_of(dossier)
    return {_KEPT: [one.to_json() for one in kept]}


def recipients_in(facts: Mapping[str, object]) -> tuple[Recipient, ...]:
    """The recipients that facts of a usager hold."""
    kept = facts.get(_KEPT)
    read = [Recipient.from_json(one) for one in kept if isinstance(one, Mapping)] if isinstance(kept, list) else []
    return tuple(one for one in read if one is not None)


def _team(dossier: Dossier) -> Iterator[Recipient]:
    for member in dossier.equipe:
        if member.professionnel.actif is not False:
            role = member.role or member.professionnel.role
            yield _professional(
                RecipientKind.EQUIPE, member.professionnel, role, member.courriel_mss_le, member.debut, member.fin
            )


def _doctors(dossier: Dossier) -> Iterator[Recipient]:
    for doctor in dossier.medecins_traitants:
        if doctor.professionnel.actif is not False:
            yield _professional(
                RecipientKind.MEDECIN_TRAITANT, doctor.professionnel, None, doctor.courriel_mss_le, doctor.debut, None
            )


def _professional(
    kind: RecipientKind, who: Professionnel, role: str | None, known_on: date | None, begins: date | None,
    ends: date | None,
) -> Recipient:  # fmt: skip
    return Recipient(
        kind=kind,
        name=_name(who),
        role=role or (who.profession.libelle if who.profession is not None else None) or "",
        rpps=who.rpps,
        mailbox=who.courriel_mss,
        known_on=known_on,
        begins=begins,
        ends=ends,
    )


def _partner(one: Destinataire) -> Recipient:
    who = one.professionnel or Professionnel()
    return Recipient(
        kind=RecipientKind(one.qualite.value),
        key=one.identifiant or "",
        name=one.organisme or _name(who),
        role=who.role or "",
        rpps=who.rpps,
        finess=one.finess,
        mailbox=one.courriel_mss or who.courriel_mss,
        known_on=one.courriel_mss_le,
        begins=one.debut,
        ends=one.fin,
    )


def _name(who: Professionnel) -> str:
    return " ".join(part for part in (who.prenom, who.nom) if part)
