"""An invented dossier with everything in it, and how the tests draw it."""

from datetime import UTC, date, datetime

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.model import accompagnement as suivi
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Contact, Ins, Lien, LieuNaissance, RoleContact, Usager
from dui_bridge.model.types import Code
from dui_bridge.pdf.projet_personnalise import RenderedPdf, render_projet_personnalise

CREATED = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)

EDUCATRICE = suivi.Professionnel(
    civilite="MME", prenom="Maëlle", nom="LE GOFF", profession=Code(code="EDUC", libelle="Éducatrice spécialisée")
)
PSYCHOLOGUE = suivi.Professionnel(
    civilite="M", prenom="Noël", nom="D’HÉRICOURT", profession=Code(code="PSY", libelle="Psychologue")
)

ESTABLISHMENT = Establishment(
    finess="750000001",
    name="IME Les Tilleuls",
    category="IME",
    address_lines=("12 rue de l’Église",),
    postal_code="75020",
    city="PARIS",
    phone="+33100000000",
)


def objectif(number: int, *, actions: int = 2, titre: str | None = None) -> suivi.Objectif:
    return suivi.Objectif(
        identifiant=f"OBJ-{number}",
        titre=titre or f"Se déplacer seul en transport en commun, étape {number}",
        description="Repérer le trajet, préparer son sac, demander de l’aide au chauffeur quand c’est nécessaire.",
        besoin=Code(code="1.3.4.1", libelle="Besoins pour se déplacer avec un moyen de transport"),
        prestation=Code(code="2.3.3.4", libelle="Accompagnements pour développer l’autonomie dans les déplacements"),
        date_debut=date(2026, 2, 1),
        echeance=date(2026, 12, 18),
        etat=suivi.EtatProjet.ENCOURS,
        avis_usager="« Je veux aller voir ma sœur tout seul. »",
        resultat_attendu="Trois trajets sans accompagnement dans le mois",
        strategie="Avancer par étapes, du trajet accompagné au trajet suivi par téléphone",
        referent=EDUCATRICE,
        actions=tuple(
            suivi.Action(
                titre=f"Trajet accompagné n° {number}.{rank}",
                description="Une fois par semaine, le mercredi après-midi",
                date_debut=date(2026, 2, 3),
                date_fin=date(2026, 6, 30),
                referent=(EDUCATRICE, PSYCHOLOGUE)[rank % 2],
                avis_usager="D’accord",
                resultat_attendu="Le trajet est connu",
                etat=suivi.EtatProjet.ENCOURS,
            )
            for rank in range(actions)
        ),
    )


def full_projet() -> suivi.ProjetPersonnalise:
    return suivi.ProjetPersonnalise(
        identifiant="P-1",
        version="2",
        titre="Vers la vie adulte",
        description="Deuxième projet depuis l’entrée, préparé avec la famille au cours de trois rencontres.",
        type="Projet individualisé d’accompagnement",
        etat=suivi.EtatProjet.ENCOURS,
        modalite_communication="Phrases courtes et pictogrammes",
        date_redaction=date(2026, 1, 15),
        date_validation=date(2026, 1, 29),
        date_debut=date(2026, 2, 1),
        date_fin=date(2027, 1, 31),
        auteur=EDUCATRICE,
        signatures=(
            suivi.Signature(
                qui=suivi.Signataire.REPRESENTANT_LEGAL, le=date(2026, 1, 28), comment="sur papier", nom="Anaïs LEFÈVRE"
            ),
            suivi.Signature(
                qui=suivi.Signataire.DIRECTION, le=date(2026, 1, 29), comment="signature électronique", nom="Gaël PŒUF"
            ),
            suivi.Signature(qui=suivi.Signataire.USAGER),
        ),
        attentes=(
            suivi.Attente(origine="usager", description="Travailler avec des animaux.", commentaire="Dit en réunion"),
            suivi.Attente(origine="famille", description="Qu’il soit plus autonome à la maison, surtout le matin."),
        ),
        besoins=(
            suivi.Besoin(
                type=Code(code="1.1.1.3", libelle="Besoins en matière de fonctions cardio-vasculaire et respiratoire"),
                description="Une marche longue l’essouffle.",
                analyse_professionnel="Un bilan respiratoire est à prévoir avant l’été.",
                commentaire="Vu avec le médecin",
            ),
            suivi.Besoin(type=Code(code="1.3.4.1"), description="Ne prend pas le bus seul."),
        ),
        objectifs=(objectif(1), objectif(2), objectif(3, actions=0)),
        actions=(suivi.Action(titre="Visite d’une ferme pédagogique", etat=suivi.EtatProjet.ENPREPARATION),),
        prestations=(
            suivi.Prestation(
                titre="Séances de psychomotricité",
                description="Deux par semaine",
                type=Code(code="2.1.1.4", libelle="Prestations des auxiliaires médicaux"),
                date_debut=date(2026, 2, 1),
                date_fin=date(2026, 7, 10),
            ),
        ),
        bilans=(
            suivi.Bilan(
                date=date(2026, 6, 15),
                categorie="Bilan d’étape",
                problematique="La fatigue en fin de semaine",
                synthese="Le premier objectif est en bonne voie.",
                date_prochain=date(2026, 11, 16),
            ),
        ),
    )


def full_dossier(projet: suivi.ProjetPersonnalise | None = None) -> Dossier:
    return Dossier(
        usager=Usager(
            identifiant_local="2019-0042",
            nom_naissance="LEFEVRE",
            nom_usage="LEFÈVRE-ŒUVRARD",
            prenoms="LEO FRANCOIS",
            premier_prenom="LEO",
            prenom_utilise="Léo",
            sexe="M",
            date_naissance="2009-07-14",
            lieu_naissance=LieuNaissance(cog="75120", libelle="PARIS 20", code_postal="75020"),
            ins=Ins(matricule=invented_matricule("M", 2009, 7, "75120"), oid="1.2.250.1.213.1.4.10"),
            entourage=(
                Contact(
                    nom="LEFÈVRE",
                    prenom="Anaïs",
                    civilite="MME",
                    lien=Lien.MERE,
                    role=RoleContact.REPRESENTANT_LEGAL,
                    autorite_parentale=True,
                    a_prevenir=True,
                ),
                Contact(organisme="UDAF de Paris", lien=Lien.TUTEUR),
            ),
        ),
        sejours=(suivi.Sejour(date_entree=date(2019, 9, 2), modalite_accueil="Semi-internat"),),
        equipe=(
            suivi.MembreEquipe(professionnel=EDUCATRICE, role="Référente du projet", debut=date(2024, 9, 1)),
            suivi.MembreEquipe(professionnel=PSYCHOLOGUE, debut=date(2023, 9, 1), fin=date(2026, 8, 31)),
        ),
        decisions=(
            suivi.Decision(
                numero_individu="0000123",
                departement_mdph="75",
                nature="Orientation en IME",
                date_decision=date(2024, 5, 6),
                date_debut=date(2024, 9, 1),
                date_fin=date(2027, 8, 31),
                type_structure="IME",
                commentaire="Renouvellement",
            ),
        ),
        evaluations=(
            suivi.Evaluation(
                type="GEVA",
                date=date(2025, 11, 20),
                resultat="32",
                modalite="Observation en situation",
                commentaire="Grille remplie en deux séances",
                evaluateur=PSYCHOLOGUE,
                details=(
                    suivi.DetailEvaluation(champ="Se laver", valeur="A", commentaire="Seul, sur rappel"),
                    suivi.DetailEvaluation(champ="S’habiller", valeur="B"),
                    suivi.DetailEvaluation(champ="Faire ses courses"),
                ),
            ),
        ),
        projets_personnalises=(projet or full_projet(),),
    )


def rendered(dossier: Dossier, *, ins: bool = False) -> RenderedPdf:
    """The only project of the dossier, drawn; with `ins`, as if its identity were qualified."""
    held = dossier.usager.ins
    qualified = QualifiedIns(held.matricule, held.oid) if ins and held.matricule and held.oid else None
    return render_projet_personnalise(
        dossier, dossier.projets_personnalises[0], ESTABLISHMENT, ins=qualified, created=CREATED
    )
