"""Whom a document goes to is no part of what it says: a new mailbox makes no new version."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dui_bridge.cda.content import Item
from dui_bridge.model.accompagnement import (
    Destinataire,
    DocumentPret,
    MembreEquipe,
    Professionnel,
    ProjetPersonnalise,
    QualiteDestinataire,
    TypeDocument,
)
from dui_bridge.model.clinique import MedecinTraitant
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Consentement, Consentements, Usager
from dui_bridge.pipeline.build import Subject
from dui_bridge.pipeline.content import mapped_content

PLACE = Establishment(finess="420000028", name="CSAPA", category="CSAPA", default_author=Professionnel(code_local="D"))
WHO = Professionnel(nom="Chazelle")


def content(item: Item | None, mailbox_known: date | None, addressees: tuple[str, ...], **usager: Any) -> object:
    if isinstance(item, DocumentPret):
        item = item.model_copy(update={"destinataires": addressees})
    partner = Destinataire(identifiant="1", qualite=QualiteDestinataire.HOPITAL, courriel_mss_le=mailbox_known)
    dossier = Dossier(
        usager=Usager(identifiant_local="1", **usager),
        equipe=(MembreEquipe(professionnel=WHO, courriel_mss_le=mailbox_known),),
        medecins_traitants=(MedecinTraitant(professionnel=WHO, courriel_mss_le=mailbox_known),),
        destinataires=(partner,) if addressees else (),
    )
    kind = TypeDocument.DLU if item is None else TypeDocument.PRESCRIPTION
    return mapped_content(Subject(kind, "D1", dossier, item, "", PLACE, None), None)


@pytest.mark.parametrize(
    "item",
    [
        None,
        ProjetPersonnalise(identifiant="P1"),
        DocumentPret(identifiant="D1", type=TypeDocument.PRESCRIPTION, fichier="c.pdf"),
    ],
)
def test_recipients_their_mailboxes_and_consents_are_not_in_what_a_version_is_made_from(item: Item | None) -> None:
    consents = Consentements(partage_hopital=Consentement(accorde=True))
    assert content(item, None, ()) == content(item, date(2026, 11, 2), ("1",), consentements=consents)
    assert content(item, None, ()) != content(item, None, (), nom_naissance="Gonin")
