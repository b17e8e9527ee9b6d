"""The projet personnalisé, drawn from the dossier: cover, expectations, needs, objectives, evaluations, signatures.

What belongs in it: the project, and what it rests on (identity, team, entourage, decisions, evaluations, reviews).
Consents, oppositions, masking, personal addresses, billing numbers and identifiers of professionals do not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import Action, Evaluation, Objectif, ProjetPersonnalise, Signataire
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.pdf import wording
from dui_bridge.pdf.assembly import Composition, assemble
from dui_bridge.pdf.cover import TITLE, draw_cover
from dui_bridge.pdf.fonts import MissingGlyph
from dui_bridge.pdf.layout import NOTE, Column, Flow, Text, labelled
from dui_bridge.pdf.xmp import DocumentInformation

UNSIGNED = "non signé"

_BOOKMARK_LENGTH = 70
_FIRST_OBJECTIVE = 150
"""Points: the first objective's heading and first lines, so that the chapter's heading does not stand alone."""


@dataclass(frozen=True)
class RenderedPdf:
    """A rendered document.

    Args:
        data: the bytes of a PDF/A-1b.
        pages: how many pages it has.
        missing: the characters that could not be drawn; each must become a finding.
    """

    data: bytes
    pages: int
    missing: tuple[MissingGlyph, ...]


def render_projet_personnalise(
    dossier: Dossier,
    projet: ProjetPersonnalise,
    establishment: Establishment,
    *,
    ins: QualifiedIns | None,
    created: datetime,
) -> RenderedPdf:
    """Draws a project of the dossier.

    Args:
        dossier: the dossier that holds the project.
        projet: one of its `projets_personnalises`.
        establishment: the one that the document belongs to.
        ins: the INS, given only when the identity is qualified and the INS may be shown.
        created: aware; comes from the record (signature, validation), so that the same content gives the same bytes.

    Raises:
        ValueError: `created` has no time zone, or the project is not in the dossier.
    """
    path = f"projets_personnalises[{dossier.projets_personnalises.index(projet)}]"
    flow = Flow()
    draw_cover(flow, dossier, projet, establishment, ins, path)
    _expectations(flow, projet, path)
    _needs(flow, projet, path)
    _objectives(flow, projet, path)
    _services(flow, projet, path)
    _evaluations(flow, dossier.evaluations)
    _reviews(flow, projet, path)
    _signatures(flow, projet, path)
    born = wording.partial_day(dossier.usager.date_naissance)
    footer = (TITLE, wording.usual_name(dossier.usager), born and f"date de naissance\u00a0: {born}")
    flow.number_pages(Text(" · ".join(part for part in footer if part)))
    information = DocumentInformation(
        title=TITLE,
        author=flow.prepare(Text(establishment.name)).replace("\n", " "),
        subject="Projet personnalisé d’un usager d’un établissement ou service social ou médico-social",
        created=created,
    )
    data = assemble(Composition(flow.pages, flow.root, flow.bookmarks), information)
    return RenderedPdf(data, len(flow.pages), flow.missing)


def _expectations(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    flow.heading(2, Text("Les attentes"))
    if not projet.attentes:
        flow.paragraph(Text("Aucune attente n’est enregistrée."), NOTE)
    flow.table(
        (Column("Attentes de", 0.22), Column("Ce qui est attendu", 0.78)),
        [
            (
                Text(attente.origine or wording.ABSENT, f"{path}.attentes[{index}].origine"),
                Text(_joined(attente.description, attente.commentaire), f"{path}.attentes[{index}].description"),
            )
            for index, attente in enumerate(projet.attentes)
        ],
    )


def _needs(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    flow.heading(2, Text("Les besoins"))
    if not projet.besoins:
        with_objectives = any(objectif.besoin is not None for objectif in projet.objectifs)
        said = "Les besoins figurent avec chaque objectif." if with_objectives else "Aucun besoin n’est enregistré."
        flow.paragraph(Text(said), NOTE)
    flow.table(
        (Column("Besoin (SERAFIN-PH)", 0.35), Column("Description et analyse", 0.65)),
        [
            (
                Text(wording.code(besoin.type) or wording.ABSENT, f"{path}.besoins[{index}].type"),
                Text(
                    _joined(besoin.description, besoin.analyse_professionnel, besoin.commentaire),
                    f"{path}.besoins[{index}].description",
                ),
            )
            for index, besoin in enumerate(projet.besoins)
        ],
    )


def _objectives(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    flow.heading(2, Text("Les objectifs et les actions"), keep=_FIRST_OBJECTIVE)
    if not projet.objectifs:
        flow.paragraph(Text("Aucun objectif n’est enregistré."), NOTE)
    for index, objectif in enumerate(projet.objectifs):
        _objective(flow, index + 1, objectif, f"{path}.objectifs[{index}]")
    if projet.actions:
        flow.heading(3, Text("Autres actions"))
        _actions(flow, projet.actions, path)


def _objective(flow: Flow, number: int, objectif: Objectif, path: str) -> None:
    title = objectif.titre or "sans titre"
    short = title if len(title) <= _BOOKMARK_LENGTH else f"{title[:_BOOKMARK_LENGTH].rstrip()}…"
    flow.heading(3, Text(f"{number}. {title}", f"{path}.titre"), bookmark=f"{number}. {short}")
    flow.fields(
        labelled(
            path,
            ("État", objectif.etat and wording.ETATS[objectif.etat], "etat"),
            ("Début", wording.day(objectif.date_debut), "date_debut"),
            ("Échéance", wording.day(objectif.echeance) or "non renseignée", "echeance"),
            ("Besoin (SERAFIN-PH)", wording.code(objectif.besoin), "besoin"),
            ("Prestation (SERAFIN-PH)", wording.code(objectif.prestation), "prestation"),
            ("Description", objectif.description, "description"),
            ("Stratégie", objectif.strategie, "strategie"),
            ("Résultat attendu", objectif.resultat_attendu, "resultat_attendu"),
            ("Avis de l’usager", objectif.avis_usager, "avis_usager"),
            ("Référent", wording.professional(objectif.referent), "referent"),
        )
    )
    _actions(flow, objectif.actions, path)


def _actions(flow: Flow, actions: Sequence[Action], path: str) -> None:
    flow.table(
        (Column("Action", 0.42), Column("Qui", 0.24), Column("Quand", 0.19), Column("État", 0.15)),
        [
            (
                Text(_action_text(action), f"{path}.actions[{index}].titre"),
                Text(wording.professional(action.referent) or wording.ABSENT, f"{path}.actions[{index}].referent"),
                Text(wording.period(action.date_debut, action.date_fin) or wording.ABSENT),
                Text(wording.ETATS[action.etat] if action.etat else wording.ABSENT),
            )
            for index, action in enumerate(actions)
        ],
    )


def _action_text(action: Action) -> str:
    result = action.resultat_attendu and f"Résultat attendu\u00a0: {action.resultat_attendu}"
    opinion = action.avis_usager and f"Avis de l’usager\u00a0: {action.avis_usager}"
    return _joined(action.titre, action.description, result, opinion)


def _services(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    if not projet.prestations:
        return
    flow.heading(2, Text("Les prestations"))
    flow.table(
        (Column("Prestation (SERAFIN-PH)", 0.35), Column("Description", 0.36), Column("Période", 0.29)),
        [
            (
                Text(wording.code(prestation.type) or wording.ABSENT, f"{path}.prestations[{index}].type"),
                Text(_joined(prestation.titre, prestation.description), f"{path}.prestations[{index}].description"),
                Text(wording.period(prestation.date_debut, prestation.date_fin) or wording.ABSENT),
            )
            for index, prestation in enumerate(projet.prestations)
        ],
    )


def _evaluations(flow: Flow, evaluations: Sequence[Evaluation]) -> None:
    flow.heading(2, Text("Les évaluations"))
    if not evaluations:
        flow.paragraph(Text("Aucune évaluation n’est enregistrée."), NOTE)
    for index, evaluation in enumerate(evaluations):
        path = f"evaluations[{index}]"
        made_on = f" du {wording.day(evaluation.date)}" if evaluation.date else ""
        flow.heading(3, Text(f"{evaluation.type or 'Évaluation'}{made_on}", f"{path}.type"))
        flow.fields(
            labelled(
                path,
                ("Évaluateur", wording.professional(evaluation.evaluateur), "evaluateur"),
                ("Modalité", evaluation.modalite, "modalite"),
                ("Résultat", evaluation.resultat, "resultat"),
                ("Commentaire", evaluation.commentaire, "commentaire"),
            )
        )
        flow.table(
            (Column("Item", 0.45), Column("Valeur", 0.2), Column("Commentaire", 0.35)),
            [
                (
                    Text(detail.champ, f"{path}.details[{item}].champ"),
                    Text(detail.valeur or wording.ABSENT, f"{path}.details[{item}].valeur"),
                    Text(detail.commentaire or "", f"{path}.details[{item}].commentaire"),
                )
                for item, detail in enumerate(evaluation.details)
            ],
        )


def _reviews(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    if not projet.bilans:
        return
    flow.heading(2, Text("Les bilans"))
    for index, bilan in enumerate(projet.bilans):
        flow.fields(
            labelled(
                f"{path}.bilans[{index}]",
                ("Date", wording.day(bilan.date), "date"),
                ("Catégorie", bilan.categorie, "categorie"),
                ("Problématique", bilan.problematique, "problematique"),
                ("Synthèse", bilan.synthese, "synthese"),
                ("Prochain bilan", wording.day(bilan.date_prochain), "date_prochain"),
            )
        )


def _signatures(flow: Flow, projet: ProjetPersonnalise, path: str) -> None:
    flow.heading(2, Text("Les signatures"), keep=120)
    rows = [
        (
            Text(wording.SIGNATAIRES[signature.qui]),
            Text(signature.nom or wording.ABSENT, f"{path}.signatures[{index}].nom"),
            Text(wording.day(signature.le) or UNSIGNED),
            Text(signature.comment or wording.ABSENT, f"{path}.signatures[{index}].comment"),
        )
        for index, signature in enumerate(projet.signatures)
    ]
    rows += [(Text(who), Text(wording.ABSENT), Text(UNSIGNED), Text(wording.ABSENT)) for who in _unnamed(projet)]
    flow.table((Column("Signataire", 0.28), Column("Nom", 0.3), Column("Date", 0.17), Column("Manière", 0.25)), rows)


def _unnamed(projet: ProjetPersonnalise) -> Iterator[str]:
    """The parties to a project of whom the record holds no signature, not even a missing one."""
    qualities = {signature.qui for signature in projet.signatures}
    if not qualities & {Signataire.USAGER, Signataire.REPRESENTANT_LEGAL}:
        yield "L’usager ou son représentant légal"
    if Signataire.DIRECTION not in qualities:
        yield wording.SIGNATAIRES[Signataire.DIRECTION]


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part) or wording.ABSENT
