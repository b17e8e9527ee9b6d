"""Invented dossiers for the tests of CDA documents: one function a variant, all from one full case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf

from dui_bridge.cda.content import Item, document_content
from dui_bridge.cda.level1 import build_level1
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.model.accompagnement import (
    DocumentPret,
    MembreEquipe,
    Professionnel,
    ProjetPersonnalise,
    Sejour,
    Signataire,
    Signature,
    TypeDocument,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.identite import (
    Adresse,
    Contact,
    Ins,
    Lien,
    LieuNaissance,
    RoleContact,
    StatutIdentite,
    Usager,
)
from dui_bridge.model.profile import Profile
from dui_bridge.model.types import Code


def _blank_pdf() -> bytes:
    with pikepdf.new() as pdf, BytesIO() as out:
        pdf.add_blank_page()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()


PDF = _blank_pdf()
MATRICULE = invented_matricule("F", 1987, 3, "33063")

EDUCATRICE = Professionnel(
    code_local="EDUC04",
    civilite="MME",
    nom="Le Goff",
    prenom="Maëlle",
    profession=Code(code="326", systeme="1.2.250.1.213.1.6.1.107"),
    courriel_mss="maelle.legoff@exemple.mssante.fr",
)
DIRECTEUR = Professionnel(rpps="10000000000", civilite="M", nom="D'Aubigné", prenom="Loïc")

FOYER = Establishment(
    finess="330000019",
    name="Foyer de vie L'Œillet",
    category="Foyer de vie",
    oid_ipp="2.25.159386471520583645",
    default_author=EDUCATRICE,
    legal_authenticator=DIRECTEUR,
    phone="05 00 00 00 01",
    address_lines=("4 allée des Œillets",),
    postal_code="33000",
    city="Bordeaux",
)
CAYENNE = replace(FOYER, finess="970300019", category="EHPAD", timezone=ZoneInfo("America/Cayenne"), city="Cayenne")

IDS = DocumentIds(unique_id="2.25.31415926535.1", set_id="2.25.31415926535", version=1)

MERE = Contact(
    nom="O'Brien-Lacaze",
    prenom="Solène",
    civilite="MME",
    lien=Lien.MERE,
    telephones=("0600000002", "05 00 00 00 03"),
    courriels=("solene@exemple.fr",),
    adresse=Adresse(lignes=("Bât. C", "9 cours de l'Yser"), code_postal="33800", localite="Bordeaux"),
    autorite_parentale=True,
    personne_confiance=True,
    a_prevenir=True,
    ordre_appel=1,
)
TUTELLE = Contact(
    organisme="Association tutélaire d'Aquitaine (inventée)", lien=Lien.TUTEUR, telephones=("0500000004",)
)

USAGERE = Usager(
    identifiant_local="D-0042",
    nom_naissance="LACAZE",
    nom_usage="Lacaze d'Estœuf",
    prenoms="ANNE-LISE MARIE JOSEPHE",
    prenom_utilise="Lison",
    sexe="F",
    date_naissance="1987-03-14",
    lieu_naissance=LieuNaissance(cog="33063", libelle="Bordeaux"),
    ins=Ins(matricule=MATRICULE, oid="1.2.250.1.213.1.4.8", statut=StatutIdentite.QUALIFIEE),
    adresses=(
        Adresse(
            numero_voie="4", libelle_voie="allée des Œillets", code_postal="33000", localite="Bordeaux", pays="France"
        ),
    ),
    telephones=("0600000001", "0600000001"),
    courriels=("lison@exemple.fr", f"{MATRICULE}@patient.mssante.fr"),
    entourage=(MERE, TUTELLE, Contact(nom="Roux", lien=Lien.FRERE_SOEUR, role=RoleContact.A_PREVENIR)),
)

PROJET = ProjetPersonnalise(
    identifiant="PP-7",
    titre="Projet personnalisé 2026",
    date_redaction=date(2026, 6, 2),
    date_validation=date(2026, 6, 20),
    date_debut=date(2026, 7, 1),
    auteur=EDUCATRICE,
    signatures=(Signature(qui=Signataire.DIRECTION, le=date(2026, 6, 25)),),
)

FULL = Dossier(
    usager=USAGERE,
    sejours=(Sejour(date_entree=date(2020, 1, 6)),),
    equipe=(
        MembreEquipe(
            professionnel=Professionnel(
                rpps="10000000001",
                nom="Faure",
                prenom="Inès",
                profession=Code(code="G15_10/SM26", systeme="1.2.250.1.213.1.1.4.5"),
            ),
            role="Médecin traitant",
            debut=date(2021, 1, 1),
        ),
    ),
    projets_personnalises=(PROJET,),
)


def built(
    dossier: Dossier = FULL,
    item: Item = PROJET,
    establishment: Establishment = FOYER,
    ids: DocumentIds = IDS,
    *,
    profile: Profile = Profile.SANDBOX,
    pdf: bytes = PDF,
) -> bytes:
    """The bytes of one level 1 document."""
    ins = qualified_ins(dossier.usager, profile)
    return build_level1(document_content(dossier, item, establishment, ids, ins), pdf)


def with_usager(**changes: object) -> Dossier:
    """The full dossier with some traits of its usager changed."""
    return FULL.model_copy(update={"usager": USAGERE.model_copy(update=changes)})


def minimal() -> bytes:
    usager = Usager(identifiant_local="1", nom_naissance="NGO", prenoms="LY", date_naissance="1950")
    projet = ProjetPersonnalise(identifiant="1", date_redaction=date(2026, 1, 1))
    bare = Establishment(finess="330000019", name="F", category="?", oid_ipp="2.25.1", default_author=EDUCATRICE)
    return built(Dossier(usager=usager), projet, bare)


def child_with_parents() -> bytes:
    father = Contact(nom="Lacaze", prenom="Éric", civilite="M", lien=Lien.PERE, autorite_parentale=True)
    matricule = invented_matricule("M", 2015, 9, "2A004")
    return built(
        with_usager(
            sexe="M",
            date_naissance="2015-09-30",
            lieu_naissance=LieuNaissance(cog="2A004", libelle="Ajaccio"),
            ins=Ins(matricule=matricule, statut=StatutIdentite.QUALIFIEE),
            entourage=(MERE, father),
        )
    )


def born_abroad() -> bytes:
    matricule = invented_matricule("F", 1960, 12, "99352")
    return built(
        with_usager(
            date_naissance="1960-12-31",
            lieu_naissance=LieuNaissance(cog="99352", libelle="Alger"),
            ins=Ins(matricule=matricule, oid="1.2.250.1.213.1.4.9", statut=StatutIdentite.QUALIFIEE),
        )
    )


def many_address_lines() -> bytes:
    lines = tuple(f"Ligne {n}" for n in range(1, 10))
    same = Adresse(lignes=lines, code_postal="33000", localite="Bordeaux", pays="France")
    return built(with_usager(adresses=(same, same, Adresse())))


def awkward_text() -> bytes:
    return built(
        with_usager(
            nom_naissance="\"D'Œuvre-Nguyễn\u00a0",
            prenoms="JEAN  <MARC> & Cie\x0b",
            telephones=("+33 6 00 00 00 05", "néant"),
            courriels=("prénom nom@exemple.fr", "a#b%c@exemple.fr", "sans arobase"),
            ins=Ins(),
        ),
        PROJET.model_copy(update={"titre": "  «\u202fL'été\u202f» & <l'hiver>\n"}),
    )


def ready_document(kind: TypeDocument) -> bytes:
    return built(item=DocumentPret(identifiant="9", type=kind, date=date(2026, 2, 28), auteur=EDUCATRICE))


VARIANTS: dict[str, Callable[[], bytes]] = {
    "full": built,
    "minimal": minimal,
    "child_with_parents": child_with_parents,
    "born_abroad_nia": born_abroad,
    "many_address_lines": many_address_lines,
    "awkward_text": awkward_text,
    "overseas": lambda: built(establishment=CAYENNE),
    "no_ins": lambda: built(with_usager(ins=Ins(matricule=MATRICULE, statut=StatutIdentite.VALIDEE))),
    "unknown_sex": lambda: built(with_usager(sexe="I")),
    "month_of_birth_only": lambda: built(with_usager(date_naissance="1987-03")),
    "deceased_twin": lambda: built(with_usager(decede=True, date_deces=date(2026, 5, 1), ordre_naissance=2)),
    "deceased_without_day": lambda: built(with_usager(decede=True, adresses=())),
    "stay_over": lambda: built(
        FULL.model_copy(update={"sejours": (Sejour(date_entree=date(2020, 1, 6), date_sortie=date(2026, 7, 2)),)})
    ),
    "no_stay_no_team": lambda: built(FULL.model_copy(update={"sejours": (), "equipe": ()})),
    "doctor_since_unknown": lambda: built(
        FULL.model_copy(update={"equipe": (FULL.equipe[0].model_copy(update={"debut": None}),)})
    ),
    "replaces": lambda: built(
        ids=replace(IDS, unique_id="2.25.31415926535.2", version=2, replaces=IDS.unique_id, replaces_version=1)
    ),
    **{f"ready_{kind.value}": (lambda kind=kind: ready_document(kind)) for kind in list(TypeDocument)[:7]},
}
"""Name → bytes of a document: every branch of the header."""
