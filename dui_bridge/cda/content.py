"""What the header of a document says, gathered once from the dossier, the document, the establishment and its ids."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from dui_bridge.cda.xml import clean
from dui_bridge.data.codes import DocumentType, document_types
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import (
    DocumentPret,
    MembreEquipe,
    Professionnel,
    ProjetPersonnalise,
    Sejour,
    Signataire,
    TypeDocument,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.identite import Usager

Item: TypeAlias = ProjetPersonnalise | DocumentPret
"""What of a dossier becomes a document."""

REFERRING_DOCTOR: Final = "medecin traitant"


@dataclass(frozen=True, slots=True)
class DocumentDates:
    """The days of a document.

    Args:
        effective: management's signature, else validation, else writing; also that of the legal authenticator.
        written: writing, else the effective day.
        service_start: start of the project, else writing.
    """

    effective: date
    written: date
    service_start: date


@dataclass(frozen=True)
class HeaderContent:
    """Everything that a CDA header says. Masking is not here: it lives in the metadata of a deposit.

    Args:
        type: type code, template and format of the document.
        ins: what the gate let through, or None.
        author, legal_authenticator: with an identifier and a name (`needs` checks it).
        sejour: the stay in which the document stands, or None.
        referring_doctor: the member of the team who is the médecin traitant, or None.
    """

    ids: DocumentIds
    type: DocumentType
    title: str
    dates: DocumentDates
    usager: Usager
    ins: QualifiedIns | None
    establishment: Establishment
    author: Professionnel
    legal_authenticator: Professionnel
    sejour: Sejour | None = None
    referring_doctor: MembreEquipe | None = None
    referring_doctor_phones: tuple[str, ...] = ()


def document_content(
    dossier: Dossier, item: Item, establishment: Establishment, ids: DocumentIds, ins: QualifiedIns | None
) -> HeaderContent:
    """The content of the header of one document.

    Raises:
        ValueError: a need of the document is not met (`needs.document_needs` returns findings for it first).
    """
    kind = document_type(item)
    dates = document_dates(item)
    author = author_of(item, establishment)
    legal_authenticator = legal_authenticator_of(establishment)
    if kind is None or dates is None or author is None or legal_authenticator is None:
        raise ValueError("the needs of this document are not met")
    return HeaderContent(
        ids=ids,
        type=kind,
        title=clean(item.titre) or kind.coded.display,
        dates=dates,
        usager=dossier.usager,
        ins=ins,
        establishment=establishment,
        author=author,
        legal_authenticator=legal_authenticator,
        sejour=dossier.sejour_on(dates.effective.isoformat()),
        referring_doctor=referring_doctor_of(dossier),
    )


def document_type(item: Item) -> DocumentType | None:
    """How the item is declared, or None when level 1 knows no such document."""
    kind = TypeDocument.PROJET_PERSONNALISE if isinstance(item, ProjetPersonnalise) else item.type
    return document_types().get(kind.value)


def document_dates(item: Item) -> DocumentDates | None:
    """The days of the document, or None when the record holds no signature, validation or writing day."""
    if isinstance(item, ProjetPersonnalise):
        written, validated, start = item.date_redaction, item.date_validation, item.date_debut
    else:
        written, validated, start = item.date, None, None
    effective = _signed_by_management(item) or validated or written
    if effective is None:
        return None
    written = written or validated or effective
    return DocumentDates(effective=effective, written=written, service_start=start or written)


def author_of(item: Item, establishment: Establishment) -> Professionnel | None:
    """The document's author, else the establishment's default author."""
    return item.auteur or establishment.default_author


def legal_authenticator_of(establishment: Establishment) -> Professionnel | None:
    """Who answers for the establishment's documents: its director, else its default author."""
    return establishment.legal_authenticator or establishment.default_author


def _signed_by_management(item: Item) -> date | None:
    days = [s.le for s in item.signatures if s.qui is Signataire.DIRECTION and s.le is not None]
    return max(days) if days else None


def referring_doctor_of(dossier: Dossier) -> MembreEquipe | None:
    """The member of the team who is the médecin traitant, or None."""
    for member in dossier.equipe:
        if member.professionnel.nom and REFERRING_DOCTOR in {_plain(member.role), _plain(member.professionnel.role)}:
            return member
    return None


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFD", clean(text)).encode("ascii", "ignore").decode().lower()
