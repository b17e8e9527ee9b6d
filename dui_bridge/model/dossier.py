"""The dossier: all that is known of one usager, in the terms of the TDDUI content model.

`DOCUMENT_NEEDS` says which fields a requested document cannot do without: a mapping that asks for the document must map
them, and a dossier in which one is blank does not get that document.
"""

from __future__ import annotations

from dui_bridge.model.accompagnement import (
    Decision,
    Destinataire,
    DocumentPret,
    Evaluation,
    MembreEquipe,
    ProjetPersonnalise,
    Sejour,
    TypeDocument,
)
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
    Vaccination,
)
from dui_bridge.model.identite import Usager
from dui_bridge.model.types import Modele


class Dossier(Modele):
    """One usager's dossier."""

    usager: Usager
    sejours: tuple[Sejour, ...] = ()
    equipe: tuple[MembreEquipe, ...] = ()
    destinataires: tuple[Destinataire, ...] = ()
    decisions: tuple[Decision, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    projets_personnalises: tuple[ProjetPersonnalise, ...] = ()
    documents: tuple[DocumentPret, ...] = ()

    rubriques: tuple[Rubrique, ...] = ()
    problemes: tuple[Probleme, ...] = ()
    antecedents: tuple[Probleme, ...] = ()
    allergies: tuple[Allergie, ...] = ()
    traitements: tuple[Traitement, ...] = ()
    actes: tuple[Acte, ...] = ()
    dispositifs: tuple[Dispositif, ...] = ()
    constantes: tuple[Constante, ...] = ()
    vaccinations: tuple[Vaccination, ...] = ()
    directives: tuple[Directive, ...] = ()
    autonomie: tuple[Autonomie, ...] = ()
    pathos: tuple[Pathos, ...] = ()
    alertes: tuple[Alerte, ...] = ()
    medecins_traitants: tuple[MedecinTraitant, ...] = ()
    syntheses: tuple[Synthese, ...] = ()

    def etat(self, name: NomRubrique) -> EtatRubrique:
        """What is known of a section: what it holds comes first; a claim of content without any counts as not asked."""
        if getattr(self, name.value):
            return EtatRubrique.RENSEIGNEE
        said = {rubrique.etat for rubrique in self.rubriques if rubrique.nom is name}
        return EtatRubrique.AUCUNE_CONNUE if said == {EtatRubrique.AUCUNE_CONNUE} else EtatRubrique.NON_RENSEIGNEE

    def sejour_on(self, day: str | None) -> Sejour | None:
        """The stay that covers a day (ISO), else the latest one; None without any."""
        dated = sorted((s for s in self.sejours if s.date_entree), key=lambda s: str(s.date_entree))
        covering = [s for s in dated if day is not None and str(s.date_entree) <= day <= str(s.date_sortie or "9999")]
        candidates = covering or dated or list(self.sejours)
        return candidates[-1] if candidates else None


IDENTITY_NEEDS = ("usager.nom_naissance", "usager.prenoms", "usager.date_naissance", "usager.sexe")

DOCUMENT_NEEDS: dict[TypeDocument, tuple[str, ...]] = {
    TypeDocument.PROJET_PERSONNALISE: (*IDENTITY_NEEDS, "projets_personnalises.identifiant"),
}
"""By type of document: model paths (list indexes left out) that must be mapped and not blank. A blank sex is allowed by
CI-SIS as UN when there is no INS: `usager.sexe` must be mapped but may be blank."""

MAY_BE_BLANK = frozenset({"usager.sexe"})
