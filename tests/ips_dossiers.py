"""Invented dossiers for the tests of IPS-FR documents: nothing known, not asked, everything there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from dui_bridge.cda.ips import build_ips, ips_content
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.accompagnement import Professionnel, Signataire, Signature, TypeDocument
from dui_bridge.model.clinique import (
    Acte,
    Alerte,
    Allergie,
    Autonomie,
    Constante,
    Directive,
    Dispositif,
    EtatRubrique,
    MedecinTraitant,
    NomRubrique,
    Pathos,
    Probleme,
    Rubrique,
    Synthese,
    Traitement,
    TypeConstante,
    Vaccination,
    Variable,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.identite import Ins
from dui_bridge.model.profile import Profile
from dui_bridge.model.types import Code
from tests.cda_dossiers import FOYER, FULL, IDS, PDF, USAGERE

EHPAD = replace(FOYER, name="EHPAD Les Tilleuls (inventé)", category="EHPAD")
DOCTOR = Professionnel(
    rpps="10000000001",
    civilite="M",
    nom="Faure",
    prenom="Inès",
    profession=Code(code="G15_10/SM26", systeme="1.2.250.1.213.1.1.4.5"),
)
DRAWN_UP = Synthese(identifiant="S-1", date=date(2026, 11, 12), auteur=DOCTOR)

NOT_ASKED = Dossier(usager=USAGERE, syntheses=(DRAWN_UP,))
NOTHING_KNOWN = NOT_ASKED.model_copy(
    update={"rubriques": tuple(Rubrique(nom=name, etat=EtatRubrique.AUCUNE_CONNUE) for name in NomRubrique)}
)
MAXIMAL = FULL.model_copy(
    update={
        "syntheses": (
            DRAWN_UP.model_copy(
                update={"signatures": (Signature(qui=Signataire.PROFESSIONNEL, le=date(2026, 11, 13)),)}
            ),
        ),
        "medecins_traitants": (
            MedecinTraitant(professionnel=DOCTOR, telephones=("0500000009",), debut=date(2019, 5, 2)),
        ),
        "problemes": (
            Probleme(
                libelle="Maladie d'Alzheimer & <troubles>",
                cim10="G309",
                statut="actif",
                debut="2021-04",
                commentaire="Stade modéré",
            ),
            Probleme(libelle="Hypertension artérielle", cim10="I10", debut="2010"),
            Probleme(libelle="Douleur du genou"),
            Probleme(libelle="Pneumopathie", cim10="J18.9", statut="resolu", debut="2025-01-10", fin="2025-02-01"),
        ),
        "antecedents": (
            Probleme(libelle="Fracture du fémur", cim10="S72.0", debut="2019-08-03", fin="2019-12", statut="inactif"),
            Probleme(libelle="Rougeole dans l'enfance"),
        ),
        "allergies": (
            Allergie(
                libelle="Amoxicilline",
                type="allergie",
                categorie="medicament",
                atc="J01CA04",
                reaction="Urticaire géante",
                gravite="severe",
                statut="active",
                debut="2003-06",
                commentaire="Confirmée par un allergologue",
            ),
            Allergie(libelle="Lactose", type="intolerance", categorie="aliment", gravite="legere"),
            Allergie(libelle="Latex", type="allergie", categorie="environnement", statut="resolue"),
            Allergie(libelle="Iode"),
            Allergie(libelle="Pollen", type="allergie", reaction="Rhinite"),
        ),
        "traitements": (
            Traitement(
                libelle="PARACETAMOL EXEMPLE 1 g, comprimé",
                dci="paracétamol",
                atc="N02BE01",
                cis="62080626",
                cip13="3400930065785",
                ucd="3400890000017",
                forme="comprimé",
                voie="Voie orale",
                posologie="1 comprimé matin, midi et soir",
                dose="1",
                unite_dose="comprimé",
                prises_par_jour=3,
                si_besoin=True,
                debut=date(2026, 1, 5),
                fin=date(2026, 12, 31),
                motif="Douleur du genou",
                prescripteur=DOCTOR,
                commentaire="Ne pas dépasser 3 g par jour",
            ),
            Traitement(libelle="INSULINE", atc="A10AE04", dose="12.5", unite_dose="UI", prises_par_jour=1, voie="SC"),
            Traitement(libelle="Collyre", voie="dans l'œil", dose="1", unite_dose="goutte(s)", prises_par_jour=5),
            Traitement(
                libelle="Antibiotique", dose="500", unite_dose="mg", intervalle_heures=8, debut=date(2026, 11, 9)
            ),
            Traitement(libelle="Crème exemple"),
        ),
        "actes": (
            Acte(libelle="Pose d'une prothèse de hanche", ccam="NEKA020", date="2019-08-04", commentaire="À gauche"),
            Acte(libelle="Appendicectomie", date="1962"),
        ),
        "dispositifs": (
            Dispositif(libelle="Stimulateur cardiaque", emdn="J010104", pose="2020-02-11", commentaire="Contrôlé"),
            Dispositif(libelle="Appareil auditif", retrait="2024-03"),
        ),
        "constantes": (
            Constante(type=TypeConstante.POIDS, valeur="58.4", unite="kg", date=date(2026, 11, 2)),
            Constante(type=TypeConstante.TAILLE, valeur="160", date=date(2026, 11, 2)),
            Constante(type=TypeConstante.IMC, valeur="22.8", unite="kg/m²", date=date(2026, 11, 2)),
            Constante(type=TypeConstante.TEMPERATURE, valeur="36.9", unite="°C", date=date(2026, 11, 10)),
            Constante(type=TypeConstante.FREQUENCE_CARDIAQUE, valeur="72", unite="bpm", date=date(2026, 11, 10)),
            Constante(type=TypeConstante.FREQUENCE_RESPIRATOIRE, valeur="16", date=date(2026, 11, 10)),
            Constante(type=TypeConstante.PRESSION_SYSTOLIQUE, valeur="132", unite="mmHg", date=date(2026, 11, 10)),
            Constante(type=TypeConstante.PRESSION_DIASTOLIQUE, valeur="8", date=date(2026, 11, 10)),
            Constante(type=TypeConstante.SATURATION_O2, valeur="97", unite="%"),
        ),
        "vaccinations": (
            Vaccination(
                libelle="Vaccin contre la grippe (exemple)",
                atc="J07BB02",
                cip13="3400930065785",
                date="2026-10-14",
                lot="LOT-42",
                rang=2,
                realisee=True,
                commentaire="Bien toléré",
            ),
            Vaccination(libelle="Vaccin contre le zona (exemple)", realisee=False),
        ),
        "directives": (
            Directive(existe=True, date="2022-03-18", lieu="Coffre de l'établissement", libelle="Pas de réanimation"),
            Directive(),
        ),
        "autonomie": (
            Autonomie(
                date=date(2026, 9, 1),
                gir="2",
                variables=(Variable(nom="Cohérence", valeur="B"), Variable(nom="Toilette", valeur="C")),
                commentaire="Évaluation de l'équipe",
            ),
            Autonomie(date=date(2025, 9, 1), gir="3"),
        ),
        "pathos": (
            Pathos(date=date(2026, 3, 1), coupe="2026-03", smti="oui", valeurs=(Variable(nom="PMP", valeur="212"),)),
        ),
        "alertes": (
            Alerte(libelle="Risque de fugue", depuis="2026-05", commentaire="Bracelet"),
            Alerte(libelle="Fausses routes"),
        ),
    }
)  # fmt: skip

KINDS = (TypeDocument.DLU, TypeDocument.SYNTHESE_MEDICALE)


def built_ips(dossier: Dossier = MAXIMAL, kind: TypeDocument = TypeDocument.DLU, pdf: bytes | None = None) -> bytes:
    """The bytes of a document, with the INS that the gate lets through."""
    ins = qualified_ins(dossier.usager, Profile.SANDBOX)
    return build_ips(ips_content(dossier, kind, EHPAD, IDS, ins), pdf)


def _resolved_only() -> Dossier:
    without_ins = USAGERE.model_copy(update={"ins": Ins()})
    problems = (Probleme(libelle="Bronchite", statut="resolu"),)
    return NOT_ASKED.model_copy(update={"problemes": problems, "usager": without_ins})


IPS_VARIANTS: dict[str, Callable[[], bytes]] = {
    **{f"{kind.value}-not-asked": lambda kind=kind: built_ips(NOT_ASKED, kind) for kind in KINDS},
    **{f"{kind.value}-nothing-known": lambda kind=kind: built_ips(NOTHING_KNOWN, kind) for kind in KINDS},
    **{f"{kind.value}-maximal": lambda kind=kind: built_ips(MAXIMAL, kind) for kind in KINDS},
    **{f"{kind.value}-maximal-copy": lambda kind=kind: built_ips(MAXIMAL, kind, PDF) for kind in KINDS},
    "dlu-resolved-only": lambda: built_ips(_resolved_only()),
    "dlu-not-asked-copy": lambda: built_ips(NOT_ASKED, TypeDocument.DLU, PDF),
}
