"""What the projects of the three establishments say: expectations, objectives with SERAFIN-PH codes, actions, grids."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """An objective, its SERAFIN-PH need and direct service, and what is done for it, by which function."""

    label: str
    need: str
    service: str
    actions: tuple[tuple[str, str], ...]


IME_GOALS = (
    Goal(
        "Être mieux compris : enrichir le cahier de communication et l'utiliser à l'école comme à la maison",
        "1.1.4",
        "2.1.2.1",
        (
            ("Séance d'orthophonie individuelle, 45 min le mardi", "ORTHO"),
            ("Mise à jour du cahier avec la famille", "EDUC"),
        ),
    ),
    Goal(
        "S'habiller seul(e) le matin, du choix des vêtements au laçage",
        "1.2.1.1",
        "2.2.1",
        (("Accompagnement au lever", "AES"),),
    ),
    Goal(
        "Traverser le groupe scolaire sans aide humaine",
        "1.2.1.3",
        "2.3.4.3",
        (("Parcours balisé, puis estompage de l'aide", "EDUC"),),
    ),
    Goal(
        "Apaiser les angoisses du coucher",
        "1.1.1",
        "2.1.1.3",
        (("Entretien avec la psychologue, une fois par quinzaine", "PSY"), ("Rituel du soir – objets repères", "ME")),
    ),
    Goal(
        "Consolider la lecture de mots-clés et la numération jusqu'à 60",
        "1.3.3.1",
        "2.3.3.1",
        (("Classe externalisée, 4 demi-journées", "EDUC"),),
    ),
    Goal(
        "Participer au conseil de la vie sociale et y prendre la parole",
        "1.3.1.1",
        "2.3.1.2",
        (("Préparation de l'ordre du jour en FALC", "EDUC"),),
    ),
    Goal(
        "Diminuer les troubles de l'oralité et varier les textures",
        "1.1.6",
        "2.1.1.2",
        (("Ateliers « goûts et œufs mimosa » en petit groupe", "IDE"), ("Bilan d'oralité", "ORTHO")),
    ),
    Goal(
        "Se repérer dans la semaine à l'aide d'un emploi du temps visuel",
        "1.3.3.3",
        "2.2.3",
        (("Agenda en pictogrammes", "ME"),),
    ),
    Goal(
        "Découvrir un sport et tenir sa place dans une équipe",
        "1.3.4.1",
        "2.3.4.2",
        (("Section sport adapté du mercredi", "ME"),),
    ),
    Goal(
        "Suivi de l'épilepsie : repérer les signes avant-coureurs",
        "1.1.1",
        "2.1.1.1",
        (("Consultation de suivi", "MEDPSY"), ("Protocole affiché et relu avec l'équipe", "IDE")),
    ),
    Goal(
        "Dire oui, dire non : comprendre et faire respecter son intimité",
        "1.3.3.4",
        "2.3.3.5",
        (("Groupe de parole « vie affective »", "PSY"),),
    ),
    Goal(
        "Préparer le passage vers l'atelier pré-professionnel",
        "1.3.3.2",
        "2.3.3.2",
        (("Deux stages de découverte de 5 jours", "EDUC"),),
    ),
    Goal(
        "Gérer son argent de poche au marché de Noël", "1.3.5.1", "2.3.5.2", (("Sorties d'achats accompagnées", "ME"),)
    ),
    Goal(
        "Prendre soin de sa santé bucco-dentaire", "1.1.10", "2.1.1.2", (("Brossage guidé après le déjeuner", "AES"),)
    ),
)

SESSAD_GOALS = (
    Goal(
        "Tenir assis en classe vingt minutes avec un siège adapté",
        "1.1.8",
        "2.1.2.1",
        (("Essai de mobilier avec l'enseignante", "ERGO"),),
    ),
    Goal(
        "Écrire au clavier : frappe à deux mains et logiciel de prédiction",
        "1.3.3.1",
        "2.1.2.1",
        (("Apprentissage du clavier", "ERGO"),),
    ),
    Goal(
        "Développer le jeu symbolique avec ses pairs",
        "1.2.1.2",
        "2.2.2",
        (("Groupe de jeu du mercredi à Aiacciu", "EJE"),),
    ),
    Goal(
        "Mieux connaître son corps : équilibre, latéralité, détente",
        "1.1.8",
        "2.1.2.1",
        (("Psychomotricité en salle et à la plage", "PSYMOT"),),
    ),
    Goal(
        "Soutenir la fratrie et les parents dans les démarches",
        "1.3.3.4",
        "2.3.4.1",
        (("Visites à domicile une fois par mois", "EDUC"),),
    ),
    Goal(
        "Faire reconnaître ses besoins lors des équipes de suivi de la scolarisation",
        "1.3.1.1",
        "2.3.1.2",
        (("Présence à l'ESS", "EDUC"),),
    ),
    Goal("Supporter le bruit de la cantine", "1.1.2", "2.2.3", (("Casque, place attitrée, retrait possible", "EJE"),)),
    Goal(
        "Prendre le car scolaire avec un camarade",
        "1.3.4.2",
        "2.3.4.3",
        (("Trajets accompagnés puis suivis à distance", "EDUC"),),
    ),
    Goal("Mettre des mots sur ses colères", "1.1.1", "2.1.1.3", (("Suivi psychologique individuel", "PSY"),)),
    Goal(
        "S'inscrire au club de voile", "1.3.4.1", "2.3.4.2", (("Rencontre avec l'association, essai encadré", "EJE"),)
    ),
    Goal("Choisir son orientation après la troisième", "1.3.3.2", "2.3.3.2", (("Visites d'ULIS et de MFR", "EDUC"),)),
    Goal(
        "Coordonner les soins libéraux et le service",
        "1.2.1.4",
        "2.4.1",
        (("Réunion de synthèse trimestrielle", "PSY"),),
    ),
)

ESAT_GOALS = (
    Goal(
        "Tenir un poste au conditionnement sans aide du moniteur",
        "1.3.3.2",
        "2.3.3.3",
        (("Fiche de poste illustrée", "MA"),),
    ),
    Goal(
        "Obtenir une RAE (reconnaissance des acquis de l'expérience) en blanchisserie",
        "1.3.3.2",
        "2.3.3.3",
        (("Dossier et passage devant le jury", "ETS"),),
    ),
    Goal("Gérer son budget du mois avec le classeur « mes sous »", "1.3.5.1", "2.3.5.2", (("Point mensuel", "CESF"),)),
    Goal(
        "Emménager dans un studio du foyer-logement",
        "1.3.2.1",
        "2.3.2.1",
        (("Visites, état des lieux, inventaire", "CESF"),),
    ),
    Goal("Cuisiner trois repas équilibrés par semaine", "1.3.2.2", "2.3.2.2", (("Atelier cuisine du jeudi", "CESF"),)),
    Goal("Passer le code de la voiturette", "1.3.4.2", "2.3.4.3", (("Séances de code adaptées", "EDUC"),)),
    Goal(
        "Maintenir le lien avec sa sœur et ses neveux",
        "1.3.3.4",
        "2.3.4.1",
        (("Appel accompagné le dimanche", "EDUC"),),
    ),
    Goal(
        "Voter : s'inscrire sur les listes et comprendre les programmes",
        "1.3.1.1",
        "2.3.1.2",
        (("Atelier citoyenneté", "ASS"),),
    ),
    Goal("Réduire les douleurs lombaires au poste", "1.1.3", "2.1.1.1", (("Étude ergonomique du poste", "ETS"),)),
    Goal(
        "Préparer le renouvellement de la mesure de curatelle",
        "1.3.5.1",
        "2.3.5.3",
        (("Rencontre avec le mandataire", "ASS"),),
    ),
    Goal(
        "Prendre la parole dans l'équipe d'espaces verts",
        "1.2.1.2",
        "2.2.2",
        (("Débriefing de chantier, dix minutes", "ETS"),),
    ),
    Goal(
        "Faire le point sur sa vue et porter ses lunettes",
        "1.1.2",
        "2.1.1.1",
        (("Rendez-vous d'ophtalmologie accompagné", "CESF"),),
    ),
    Goal(
        "Passer à temps partiel et organiser ses après-midi",
        "1.3.4.1",
        "2.3.4.2",
        (("Inscription à l'université du temps libre", "EDUC"),),
    ),
    Goal(
        "Se représenter comme délégué(e) des travailleurs",
        "1.3.1.1",
        "2.3.3.6",
        (("Préparation de la candidature", "EDUC"),),
    ),
)

WISHES = {
    "IME01": (
        ("usager", "« Je veux aller à la piscine avec Théo. »"),
        ("famille", "Que notre enfant soit compris par d'autres que nous."),
        ("usager", "Faire du cheval ; avoir une chambre avec une fenêtre sur le jardin."),
        ("famille", "Ses parents souhaitent des vacances partagées, l'été, chez les grands-parents."),
        ("représentant", "Un point écrit chaque trimestre sur la santé."),
    ),
    "SES2A": (
        ("usager", "« Rester dans mon école, avec mes copains. »"),
        ("famille", "Comprendre ce que nous pouvons faire à la maison."),
        ("usager", "Apprendre à nager jusqu'à la bouée jaune"),
        ("famille", "Moins de trajets entre Ajaccio et Sarrola-Carcopino"),
    ),
    "ESA01": (
        ("usager", "« Avoir mon appartement, et un chat. »"),
        ("usager", "Gagner un peu plus et partir à l'île de Ré."),
        ("représentant", "La curatrice souhaite un budget prévisionnel signé."),
        ("famille", "Que son père puisse venir dîner le vendredi"),
    ),
}

LONG_LABEL = (
    "Construire, avec Maëlys, sa famille, l'enseignante référente, l'orthophoniste libérale et le service de "
    "répit, un cadre commun et prévisible pour les transitions de la journée (lever, trajet, accueil, repas, "
    "retour), afin que les changements soient annoncés, compris, préparés et vécus sans angoisse."
)
"""An objective of exactly 300 characters."""

GEVA_ITEMS = (
    "S'orienter dans le temps",
    "Faire sa toilette",
    "S'habiller, se déshabiller",
    "Utiliser les transports en commun",
    "Parler",
    "Gérer sa sécurité",
)
CFHP_ITEMS = ("Attention et mémoire", "Vie émotionnelle", "Relations à autrui", "Conscience de ses troubles")
GIR_ITEMS = (
    "Cohérence",
    "Orientation",
    "Toilette",
    "Habillage",
    "Alimentation",
    "Élimination",
    "Transferts",
    "Déplacements intérieurs",
)
