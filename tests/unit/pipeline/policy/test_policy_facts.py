"""What policy reads of a dossier and of a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from dui_bridge.cda.content import Item
from dui_bridge.data.codes import rows
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import (
    DocumentPret,
    EtatProjet,
    Professionnel,
    ProjetPersonnalise,
    Sejour,
    Signataire,
    Signature,
    TypeDocument,
    Visibilite,
)
from dui_bridge.model.clinique import Synthese
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Consentement, Consentements, Opposition, Oppositions, Usager
from dui_bridge.model.types import Code
from dui_bridge.pipeline.policy.defaults import DOMAINS
from dui_bridge.pipeline.policy.facts import (
    DocumentFacts,
    UsagerFacts,
    document_facts,
    domain_of,
    usager_facts,
)

IME = Establishment(finess="010000024", name="IME", category="IME", default_author=Professionnel(code_local="D01"))


@dataclass(frozen=True)
class Made:
    """A document that was built."""

    kind: TypeDocument
    item: Item | None
    dossier: Dossier
    establishment: Establishment = IME
    ins: QualifiedIns | None = None


def dossier(*stays: Sejour, **usager: Any) -> Dossier:
    return Dossier(usager=Usager(identifiant_local="12", **usager), sejours=stays)


def of(item: Item, kind: TypeDocument = TypeDocument.LETTRE_LIAISON_SORTIE, **more: Any) -> DocumentFacts:
    return document_facts(Made(kind, item, dossier(), **more))


def test_of_an_empty_dossier_nothing_is_known() -> None:
    facts = usager_facts(dossier(), ["no_matricule"])

    assert facts == UsagerFacts(ins_qualified=False, ins_refusals=("no_matricule",))


def test_consents_and_oppositions_are_taken_as_recorded() -> None:
    known = dossier(
        anonyme=False,
        oppositions=Oppositions(dmp=Opposition(exprimee=True), mssante_pro=Opposition(exprimee=False)),
        consentements=Consentements(information_dmp=Consentement(accorde=True)),
    )

    facts = usager_facts(known, [])

    assert (facts.opposition_dmp, facts.opposition_mssante_pro, facts.opposition_mssante_usager) == (True, False, None)
    assert (facts.information_dmp, facts.consent_out_of_team, facts.anonymous) == (True, None, False)
    assert facts.ins_qualified is True


def test_a_day_of_death_is_a_death() -> None:
    assert usager_facts(dossier(decede=False, date_deces=date(2026, 1, 2)), []).deceased is True


def _stay(start: str | None, end: str | None) -> Sejour:
    return Sejour(
        date_entree=date.fromisoformat(start) if start else None, date_sortie=date.fromisoformat(end) if end else None
    )


@pytest.mark.parametrize(
    ("stays", "entry", "left"),
    [
        ([], None, None),
        ([_stay(None, None)], None, None),
        ([_stay("2024-01-01", None)], "2024-01-01", None),
        ([_stay("2024-01-01", "2025-01-01")], "2024-01-01", "2025-01-01"),
        ([_stay("2024-01-01", "2025-01-01"), _stay("2026-01-01", None)], "2024-01-01", None),
        ([_stay("2026-01-01", "2026-06-01"), _stay("2024-01-01", None)], "2024-01-01", "2026-06-01"),
        ([_stay(None, "2026-06-01")], None, "2026-06-01"),
    ],
)
def test_the_exit_is_that_of_the_last_stay(stays: list[Sejour], entry: str | None, left: str | None) -> None:
    facts = usager_facts(dossier(*stays), [])

    assert (facts.entry_date, facts.exit_date) == tuple(date.fromisoformat(x) if x else None for x in (entry, left))


@pytest.mark.parametrize(
    ("born", "minor"),
    [
        (None, None),
        ("2008-11-22", False),
        ("2008-11-23", True),
        ("2008-11", None),
        ("2008-10", False),
        ("2008-12", True),
        ("2008", None),
        ("2007", False),
        ("2009", True),
        ("2008-02-30", None),
    ],
)
def test_a_partial_birth_date_tells_only_what_it_can(born: str | None, minor: bool | None) -> None:
    assert UsagerFacts(birth_date=born).minor_on(date(2026, 11, 22)) is minor


def test_only_a_dated_signature_of_a_professional_or_the_management_counts() -> None:
    signed = [
        Signature(qui=Signataire.USAGER, le=date(2026, 1, 1)),
        Signature(qui=Signataire.DIRECTION),
        Signature(qui=Signataire.PROFESSIONNEL, le=date(2026, 3, 1)),
        Signature(qui=Signataire.DIRECTION, le=date(2026, 2, 1)),
    ]
    item = DocumentPret(identifiant="D1", type=TypeDocument.LETTRE_LIAISON_SORTIE, signatures=tuple(signed))

    assert (of(item).signed_on, of(item).signed_by) == (date(2026, 2, 1), "direction")
    assert of(item.model_copy(update={"signatures": tuple(signed[:2])})).signed_on is None


@pytest.mark.parametrize(
    ("state", "in_force"),
    [(None, None), (EtatProjet.ENPREPARATION, False), (EtatProjet.ABANDONNE, False), (EtatProjet.ENCOURS, True)],
)
def test_a_project_in_preparation_is_not_in_force(state: EtatProjet | None, in_force: bool | None) -> None:
    project = ProjetPersonnalise(identifiant="P1", etat=state, date_validation=date(2026, 5, 1), titre="PPA")

    facts = of(project, TypeDocument.PROJET_PERSONNALISE)

    assert (facts.in_force, facts.validated_on, facts.dated) == (in_force, date(2026, 5, 1), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("profession", "physician"),
    [
        (None, None),
        (Code(code="MED"), None),
        (Code(code="G15_10", systeme="1.2.250.1.213.1.1.4.5"), True),
        (Code(code="G15_10/SM54", systeme="1.2.250.1.213.1.1.4.5"), True),
        (Code(code="10", systeme="1.2.250.1.71.1.2.7"), True),
        (Code(code="G15_60", systeme="1.2.250.1.213.1.1.4.5"), False),
        (Code(code="10", systeme="1.2.3"), None),
    ],
)
def test_a_physician_is_known_by_a_code_only(profession: Code | None, physician: bool | None) -> None:
    author = Professionnel(rpps="10101010101", profession=profession)
    item = DocumentPret(identifiant="D1", type=TypeDocument.LETTRE_LIAISON_SORTIE, auteur=author)

    assert (of(item).author_physician, of(item).author_rpps) == (physician, True)


def test_a_document_without_author_takes_the_default_one() -> None:
    item = DocumentPret(identifiant="D1", type=TypeDocument.LETTRE_LIAISON_SORTIE)

    assert of(item).author_rpps is False


def test_masking_and_the_ins_are_those_of_this_document() -> None:
    item = DocumentPret(
        identifiant="D1",
        type=TypeDocument.LETTRE_LIAISON_SORTIE,
        visibilite=Visibilite(masque_ps=True, invisible_patient=False),
        connexion_secrete=True,
    )

    facts = of(item, ins=QualifiedIns("1" * 15, "1.2"))

    assert (facts.masked_from_professionals, facts.hidden_from_usager, facts.hidden_from_representatives) == (
        True,
        False,
        None,
    )
    assert (facts.with_ins, of(item).with_ins) == (True, False)
    assert (facts.secret_connection, DocumentFacts.from_json(facts.to_json())) == (True, facts)


def test_a_summary_is_signed_by_who_drew_it_up() -> None:
    drawn = Synthese(date=date(2026, 4, 1), signatures=(Signature(qui=Signataire.PROFESSIONNEL, le=date(2026, 4, 2)),))
    known = dossier().model_copy(update={"syntheses": (drawn,)})

    facts = document_facts(Made(TypeDocument.DLU, None, known))

    assert (facts.type, facts.dated, facts.signed_on) == ("dlu", date(2026, 4, 2), date(2026, 4, 2))


def test_a_journal_of_another_version_is_read_with_caution() -> None:
    strange = {"anonymous": "oui", "archived": 1, "information_dmp": "true", "exit_date": "soon", "new": []}

    facts = UsagerFacts.from_json(strange)

    assert facts == UsagerFacts(anonymous=True, archived=True)


def test_every_category_has_a_known_domain() -> None:
    assert {domain_of(row["category"]) for row in rows("categories")} == set(DOMAINS)
    assert domain_of("CABINET") is None
