"""What the structure does with the usager: stay, team, decisions, evaluations, projet personnalisé, documents."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from dui_bridge.model.identite import Civilite
from dui_bridge.model.types import (
    Adeli,
    CheminRelatif,
    Code,
    Courriel,
    Finess,
    Jour,
    Modele,
    OuiNon,
    Rpps,
    SerafinBesoin,
    SerafinPrestation,
)


class EtatProjet(StrEnum):
    """Where a projet personnalisé, an objective or an action stands."""

    ENPREPARATION = "ENPREPARATION"
    ENCOURS = "ENCOURS"
    ENPAUSE = "ENPAUSE"
    TERMINE = "TERMINE"
    ABANDONNE = "ABANDONNE"


class Signataire(StrEnum):
    """In which quality someone signed."""

    USAGER = "usager"
    REPRESENTANT_LEGAL = "representant_legal"
    FAMILLE = "famille"
    DIRECTION = "direction"
    PROFESSIONNEL = "professionnel"


class TypeDocument(StrEnum):
    """The documents that the bridge knows by name (CI-SIS type codes: table documents.csv)."""

    PROJET_PERSONNALISE = "projet_personnalise"
    PROJET_ACCUEIL_INDIVIDUALISE = "projet_accueil_individualise"
    LETTRE_LIAISON_SORTIE = "lettre_liaison_sortie"
    LETTRE_LIAISON_ENTREE = "lettre_liaison_entree"
    DOCUMENT_ESSMS = "document_essms"
    GRILLE_EVALUATION = "grille_evaluation"
    BILAN_AUTONOMIE = "bilan_autonomie"
    DLU = "dlu"
    SYNTHESE_MEDICALE = "synthese_medicale"
    PRESCRIPTION = "prescription"


class Professionnel(Modele):
    """A professional. Without an RPPS the national id is `3FINESS/code_local`."""

    rpps: Rpps | None = None
    adeli: Adeli | None = None
    code_local: str | None = None
    civilite: Civilite | None = None
    nom: str | None = None
    prenom: str | None = None
    profession: Code | None = None
    role: str | None = None
    courriel_mss: Courriel | None = None
    actif: OuiNon | None = None


class Signature(Modele):
    """Who signed, when, how. A signature without a date is not one."""

    qui: Signataire
    le: Jour | None = None
    comment: str | None = None
    nom: str | None = None


class Visibilite(Modele):
    """Masking asked for a document: XDS metadata only, never written in a CDA."""

    masque_ps: OuiNon | None = None
    invisible_patient: OuiNon | None = None
    invisible_representants_legaux: OuiNon | None = None


class Sejour(Modele):
    """A stay: admission, entry, exit."""

    identifiant: str | None = None
    date_admission: Jour | None = None
    date_entree: Jour | None = None
    date_sortie: Jour | None = None
    motif_sortie: str | None = None
    provenance: str | None = None
    modalite_accueil: str | None = None
    numero_dossier_administratif: str | None = None
    date_entree_previsionnelle: Jour | None = None
    date_sortie_previsionnelle: Jour | None = None
    mode_entree: str | None = None
    mode_sortie: str | None = None
    origine_demande: str | None = None
    commentaire: str | None = None


class MembreEquipe(Modele):
    """A member of the team that accompanies the usager. `courriel_mss_le`: when the mailbox was last known."""

    professionnel: Professionnel
    role: str | None = None
    debut: Jour | None = None
    fin: Jour | None = None
    courriel_mss_le: Jour | None = None


class QualiteDestinataire(StrEnum):
    """What somebody outside the team is to the usager."""

    MEDECIN_TRAITANT = "medecin_traitant"
    PHARMACIE = "pharmacie"
    HOPITAL = "hopital"
    STRUCTURE = "structure"
    PROFESSIONNEL = "professionnel"


class Destinataire(Modele):
    """Somebody outside the team to whom documents may be sent: a pharmacy, a hospital, a partner structure, a doctor.

    `courriel_mss_le` is the day on which the mailbox was last known.
    """

    identifiant: str | None = None
    qualite: QualiteDestinataire
    organisme: str | None = None
    finess: Finess | None = None
    professionnel: Professionnel | None = None
    courriel_mss: Courriel | None = None
    courriel_mss_le: Jour | None = None
    motif: str | None = None
    debut: Jour | None = None
    fin: Jour | None = None


class Decision(Modele):
    """A decision of the MDPH and what it opens."""

    identifiant: str | None = None
    numero_individu: str | None = None
    departement_mdph: str | None = None
    numero_enregistrement: str | None = None
    type: str | None = None
    nature: str | None = None
    date_decision: Jour | None = None
    date_debut: Jour | None = None
    date_fin: Jour | None = None
    date_effet_cloture: Jour | None = None
    motivation: str | None = None
    type_structure: str | None = None
    commentaire: str | None = None


class DetailEvaluation(Modele):
    """One item of a grid."""

    champ: str
    valeur: str | None = None
    commentaire: str | None = None


class Evaluation(Modele):
    """One filled grid."""

    identifiant: str | None = None
    type: str | None = None
    date: Jour | None = None
    resultat: str | None = None
    modalite: str | None = None
    commentaire: str | None = None
    auto_evaluation: OuiNon | None = None
    evaluateur: Professionnel | None = None
    responsable: Professionnel | None = None
    auteur: Professionnel | None = None
    details: tuple[DetailEvaluation, ...] = ()


class Attente(Modele):
    """What the usager, the family or a representative expects."""

    identifiant: str | None = None
    origine: str | None = None
    description: str | None = None
    commentaire: str | None = None


class Besoin(Modele):
    """A need. `type` is a SERAFIN-PH code."""

    identifiant: str | None = None
    type: SerafinBesoin | None = None
    description: str | None = None
    analyse_professionnel: str | None = None
    commentaire: str | None = None


class Action(Modele):
    """Something that someone does for an objective."""

    identifiant: str | None = None
    titre: str | None = None
    description: str | None = None
    date_debut: Jour | None = None
    date_fin: Jour | None = None
    referent: Professionnel | None = None
    avis_usager: str | None = None
    resultat_attendu: str | None = None
    etat: EtatProjet | None = None


class Objectif(Modele):
    """An objective of a projet personnalisé."""

    identifiant: str | None = None
    titre: str | None = None
    description: str | None = None
    besoin: SerafinBesoin | None = None
    prestation: SerafinPrestation | None = None
    domaine: str | None = None
    date_debut: Jour | None = None
    echeance: Jour | None = None
    etat: EtatProjet | None = None
    avis_usager: str | None = None
    resultat_attendu: str | None = None
    strategie: str | None = None
    referent: Professionnel | None = None
    actions: tuple[Action, ...] = ()


class Prestation(Modele):
    """A service that the structure gives for the project."""

    identifiant: str | None = None
    titre: str | None = None
    description: str | None = None
    type: SerafinPrestation | None = None
    date_debut: Jour | None = None
    date_fin: Jour | None = None
    etat: EtatProjet | None = None


class Bilan(Modele):
    """A review of the project."""

    identifiant: str | None = None
    date: Jour | None = None
    categorie: str | None = None
    perimetre: str | None = None
    problematique: str | None = None
    synthese: str | None = None
    invite: str | None = None
    date_prochain: Jour | None = None


class ProjetPersonnalise(Modele):
    """A projet personnalisé: structured, or the vendor's own PDF (`fichier`). `connexion_secrete`: see DocumentPret."""

    identifiant: str
    version: str | None = None
    titre: str | None = None
    description: str | None = None
    type: str | None = None
    etat: EtatProjet | None = None
    modalite_communication: str | None = None
    date_redaction: Jour | None = None
    date_validation: Jour | None = None
    date_debut: Jour | None = None
    date_fin: Jour | None = None
    auteur: Professionnel | None = None
    signatures: tuple[Signature, ...] = ()
    visibilite: Visibilite = Visibilite()
    connexion_secrete: OuiNon | None = None
    fichier: CheminRelatif | None = None
    attentes: tuple[Attente, ...] = ()
    besoins: tuple[Besoin, ...] = ()
    objectifs: tuple[Objectif, ...] = ()
    actions: tuple[Action, ...] = ()
    prestations: tuple[Prestation, ...] = ()
    bilans: tuple[Bilan, ...] = ()

    def signed_on(self, who: Signataire) -> date | None:
        """The day on which someone of this quality signed, or None."""
        days = [s.le for s in self.signatures if s.qui is who and s.le is not None]
        return max(days) if days else None


class DocumentPret(Modele):
    """A document held as a file. `valide`: validated, without a day. `connexion_secrete`: made under that of a minor.

    `destinataires`: whom it is written to, by their `identifiant` in the dossier; empty when the DUI does not say.
    A secret connection (CSP L1111-5) is told in each call to the DMP about the document, which must also be
    `invisible_representants_legaux`: that is another setting.
    """

    identifiant: str
    type: TypeDocument
    titre: str | None = None
    date: Jour | None = None
    valide: OuiNon | None = None
    fichier: CheminRelatif | None = None
    auteur: Professionnel | None = None
    signatures: tuple[Signature, ...] = ()
    visibilite: Visibilite = Visibilite()
    connexion_secrete: OuiNon | None = None
    destinataires: tuple[str, ...] = ()
