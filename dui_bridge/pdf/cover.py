"""The cover of a projet personnalisé: who, where, when, with whom, and on which decision."""

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import ProjetPersonnalise
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Usager
from dui_bridge.pdf import wording
from dui_bridge.pdf.fonts import Face
from dui_bridge.pdf.ins_datamatrix import datamatrix_boxes, datamatrix_content, datamatrix_modules
from dui_bridge.pdf.layout import CONTENT_WIDTH, GREY, MARGIN, Column, Flow, Style, Text, labelled

TITLE = "Projet personnalisé d’accompagnement"
INS_WITHHELD = "INS non qualifiée\u00a0: matricule non communiqué"

_MODULE = 1.5
"""Points for a module of the Datamatrix: 0.53 mm."""
_LETTERHEAD_NAME = Style(Face.BOLD, 11, GREY, after=1)
_LETTERHEAD = Style(size=9, colour=GREY, after=0)
_SUBTITLE = Style(size=13, after=4)


def draw_cover(
    flow: Flow,
    dossier: Dossier,
    projet: ProjetPersonnalise,
    establishment: Establishment,
    ins: QualifiedIns | None,
    path: str,
) -> None:
    """Draws the cover page, and what the project rests on after it: stay, entourage, team, decisions."""
    letterhead(flow, establishment)
    flow.heading(1, Text(TITLE))
    if projet.titre:
        flow.paragraph(Text(projet.titre, f"{path}.titre"), _SUBTITLE)
    identity(flow, dossier.usager, ins)
    _projet(flow, projet, path)
    flow.new_page()
    _stay(flow, dossier, projet)
    _entourage(flow, dossier.usager)
    _team(flow, dossier)
    _decisions(flow, dossier)


def letterhead(flow: Flow, establishment: Establishment) -> None:
    """The establishment, above the title."""
    town = " ".join(part for part in (establishment.postal_code, establishment.city) if part)
    phone = establishment.phone and f"Téléphone\u00a0: {wording.telephone(establishment.phone)}"
    flow.paragraph(Text(establishment.name, "etablissement.nom"), _LETTERHEAD_NAME)
    flow.paragraph(Text(f"{establishment.category} · FINESS {establishment.finess}"), _LETTERHEAD)
    flow.paragraph(Text(" · ".join(part for part in (*establishment.address_lines, town, phone) if part)), _LETTERHEAD)
    flow.space(14)


def identity(flow: Flow, usager: Usager, ins: QualifiedIns | None) -> None:
    """Who the document is about: the traits, and the INS with its Datamatrix when it may be shown."""
    flow.heading(2, Text("L’usager"), keep=120)
    content = datamatrix_content(usager, ins) if ins else None
    modules = datamatrix_modules(content) if content else ()
    side = len(modules) * _MODULE
    if modules:
        boxes = datamatrix_boxes(modules, MARGIN + CONTENT_WIDTH - side, flow.y + 4, _MODULE)
        flow.figure(boxes, "Datamatrix INS\u00a0: identité et matricule de l’usager")
    number = INS_WITHHELD
    if ins:
        number = f"{ins.matricule} ({wording.NATURES_INS.get(ins.oid, 'INS')}, OID {ins.oid})"
    flow.fields(
        labelled(
            "usager",
            ("Nom de naissance", usager.nom_naissance or wording.ABSENT, "nom_naissance"),
            ("Nom utilisé", usager.nom_usage, "nom_usage"),
            ("Prénoms", usager.prenoms or wording.ABSENT, "prenoms"),
            ("Premier prénom", usager.premier_prenom, "premier_prenom"),
            ("Prénom utilisé", usager.prenom_utilise, "prenom_utilise"),
            ("Sexe", wording.SEXES[usager.sexe] if usager.sexe else "non renseigné", "sexe"),
            ("Date de naissance", wording.partial_day(usager.date_naissance) or wording.ABSENT, "date_naissance"),
            ("Lieu de naissance", wording.birthplace(usager), "lieu_naissance"),
            ("Matricule INS", number, "ins"),
            ("Numéro de dossier", usager.identifiant_local, "identifiant_local"),
        ),
        right=side + 16 if side else 0,
    )


def _projet(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    flow.heading(2, Text("Le projet"))
    flow.fields(
        labelled(
            path,
            ("Version", projet.version, "version"),
            ("Type", projet.type, "type"),
            ("État", projet.etat and wording.ETATS[projet.etat], "etat"),
            ("Rédigé le", wording.day(projet.date_redaction), "date_redaction"),
            ("Rédigé par", wording.professional(projet.auteur), "auteur"),
            ("Validé le", wording.day(projet.date_validation) or "non validé", "date_validation"),
            ("Début", wording.day(projet.date_debut), "date_debut"),
            ("Échéance", wording.day(projet.date_fin) or "non renseignée", "date_fin"),
            ("Description", projet.description, "description"),
            ("Modalités de communication", projet.modalite_communication, "modalite_communication"),
        )
    )


def _stay(flow: Flow, dossier: Dossier, projet: ProjetPersonnalise) -> None:
    sejour = dossier.sejour_on(projet.date_redaction.isoformat() if projet.date_redaction else None)
    if sejour is None:
        return
    path = f"sejours[{dossier.sejours.index(sejour)}]"
    rows = labelled(
        path,
        ("Admission", wording.day(sejour.date_admission), "date_admission"),
        ("Accompagnement", wording.period(sejour.date_entree, sejour.date_sortie), "date_entree"),
        ("Modalité d’accueil", sejour.modalite_accueil, "modalite_accueil"),
        ("Provenance", sejour.provenance, "provenance"),
        ("Motif de sortie", sejour.motif_sortie, "motif_sortie"),
    )
    if rows:
        flow.heading(2, Text("L’accompagnement"))
        flow.fields(rows)


def _entourage(flow: Flow, usager: Usager) -> None:
    rows = [
        (
            Text(wording.contact(contact), f"usager.entourage[{index}].nom"),
            Text(wording.LIENS[contact.lien] if contact.lien else wording.ABSENT),
            Text(wording.contact_roles(contact) or wording.ABSENT),
        )
        for index, contact in enumerate(usager.entourage)
        if wording.contact(contact)
    ]
    if rows:
        flow.heading(2, Text("L’entourage"))
        flow.table((Column("Personne ou organisme", 0.45), Column("Lien", 0.2), Column("Rôle", 0.35)), rows)


def _team(flow: Flow, dossier: Dossier) -> None:
    if not dossier.equipe:
        return
    flow.heading(2, Text("L’équipe"))
    flow.table(
        (Column("Professionnel", 0.45), Column("Rôle", 0.26), Column("Période", 0.29)),
        [
            (
                Text(wording.professional(member.professionnel) or wording.ABSENT, f"equipe[{index}].professionnel"),
                Text(member.role or member.professionnel.role or wording.ABSENT, f"equipe[{index}].role"),
                Text(wording.period(member.debut, member.fin) or wording.ABSENT),
            )
            for index, member in enumerate(dossier.equipe)
        ],
    )


def _decisions(flow: Flow, dossier: Dossier) -> None:
    if not dossier.decisions:
        return
    flow.heading(2, Text("Les décisions d’orientation"))
    for index, decision in enumerate(dossier.decisions):
        department = f"MDPH {decision.departement_mdph}" if decision.departement_mdph else ""
        flow.fields(
            labelled(
                f"decisions[{index}]",
                ("Nature", decision.nature, "nature"),
                ("Maison départementale", department, "departement_mdph"),
                ("Numéro d’individu", decision.numero_individu, "numero_individu"),
                ("Décision du", wording.day(decision.date_decision), "date_decision"),
                ("Validité", wording.period(decision.date_debut, decision.date_fin), "date_debut"),
                ("Type de structure", decision.type_structure, "type_structure"),
                ("Commentaire", decision.commentaire, "commentaire"),
            )
        )
