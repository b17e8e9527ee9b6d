"""Official French names ↔ fields of the model.

The rule: an attribute of the TDDUI content model, in snake_case, with the name of its own class dropped
(`titreObjectif` of Objectif is `titre`, `idSejour` of Sejour is `identifiant`). `EXCEPTIONS` holds what the rule does
not give, `LEFT` what the model deliberately does not hold, `RNIV` the words of the Référentiel national
d'identitovigilance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from pydantic import BaseModel

from dui_bridge.model import accompagnement, identite

CLASSES: Final[Mapping[str, type[BaseModel]]] = {
    "Usager": identite.Usager,
    "Adresse": identite.Adresse,
    "Telecommunication": identite.Usager,
    "ContactPersonnePhysique": identite.Contact,
    "ContactPersonneMorale": identite.Contact,
    "MesureProtection": identite.Contact,
    "Decision": accompagnement.Decision,
    "Sejour": accompagnement.Sejour,
    "Evaluation": accompagnement.Evaluation,
    "DetailEvaluation": accompagnement.DetailEvaluation,
    "ProjetPersonnalise": accompagnement.ProjetPersonnalise,
    "Besoin": accompagnement.Besoin,
    "Objectif": accompagnement.Objectif,
    "Action": accompagnement.Action,
    "PrestationProjetPersonnalise": accompagnement.Prestation,
    "Attente": accompagnement.Attente,
    "Bilan": accompagnement.Bilan,
    "Professionnel": accompagnement.Professionnel,
    "Accord": accompagnement.Signature,
    "Statut": accompagnement.ProjetPersonnalise,
}
"""Official class → class of the model that holds its attributes."""

EXCEPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Usager": {
        "matriculeINS": "ins.matricule",
        "numSecuriteSociale": "numero_securite_sociale",
        "identifiantUsagerESSMS": "identifiant_local",
        "prenom": "prenoms",
        "premierPrenomActeNaissance": "premier_prenom",
        "ordreNaissanceEtatCivil": "ordre_naissance",
        "communeNaissance": "lieu_naissance.cog",
        "langueParlee": "langues",
        "adresseCourrier": "adresses",
        "telecommunication": "telephones",
    },
    "Adresse": {"complementPointGeographique": "complement"},
    "Telecommunication": {"adresseTelecom": "telephones"},
    "ContactPersonnePhysique": {
        "identifiantContactPP": "identifiant",
        "telecommunication": "telephones",
        "relation": "lien",
    },
    "ContactPersonneMorale": {
        "identifiantContactPM": "identifiant",
        "libelle": "organisme",
        "raisonSociale": "organisme",
        "telecommunication": "telephones",
    },
    "MesureProtection": {
        "typeMesureProtection": "mesure_protection",
        "telecommunication": "telephones",
        "dateFin": "fin_mesure",
    },
    "Sejour": {
        "numeroDossierAdministratifSejour": "numero_dossier_administratif",
        "libelleModeEntree": "mode_entree",
        "libelleModeSortie": "mode_sortie",
    },
    "Decision": {"dateDecision": "date_decision"},
    "Evaluation": {"autoEvaluation": "auto_evaluation"},
    "DetailEvaluation": {"champsEvalue": "champ", "resultatChampsEvalue": "valeur"},
    "ProjetPersonnalise": {
        "accordUsagerProjetPersonnalise": "signatures",
        "accordStructureProjetPersonnalise": "signatures",
        "dateDebutMiseEnOeuvreProjetPersonnalise": "date_debut",
        "dateFinMiseEnOeuvreProjetPersonnalise": "date_fin",
        "statut": "etat",
    },
    "Objectif": {
        "dateFinObjectif": "echeance",
        "strategieMiseEnOeuvreObjectif": "strategie",
        "statut": "etat",
        "besoins": "besoin",
    },
    "Action": {"statut": "etat"},
    "PrestationProjetPersonnalise": {
        "idPrestation": "identifiant",
        "titrePrestation": "titre",
        "descriptionPrestation": "description",
        "typePrestation": "type",
        "dateDebutPrestation": "date_debut",
        "dateFinPrestation": "date_fin",
        "statut": "etat",
    },
    "Bilan": {"problematiqueGlobaleUsager": "problematique"},
    "Professionnel": {"idNat_PS": "rpps"},
    "Accord": {"auteur": "qui", "dateSignature": "le"},
    "Statut": {"statut": "etat"},
}

_NEVER: Final = "never read: not needed, and sensitive"
_FILE: Final = "attachments travel as documents of their own"
_ABOVE: Final = "said by where the item stands"
_COG: Final = "said by the INSEE code of the place of birth"
_LATER: Final = "not carried by the documents built so far"

LEFT: Final[Mapping[str, Mapping[str, str]]] = {
    "Usager": {
        "departementNaissance": _COG,
        "paysNaissance": _COG,
        "compositionFoyer": _LATER,
        "descriptionCompositionFoyer": _LATER,
        "paysNationalite": _NEVER,
        "causeMortalite": _NEVER,
        "communeDeces": _LATER,
        "departementDeces": _LATER,
        "paysDeces": _LATER,
        "photo": _NEVER,
    },
    "Adresse": {"idAdresse": _ABOVE, "type": _LATER, "commentaire": _LATER},
    "Telecommunication": {"canal": "said by the list: telephones or courriels", "utilisation": _LATER},
    "ContactPersonnePhysique": {
        "paysNationalite": _NEVER,
        "situationFamiliale": _NEVER,
        "dateNaissance": _NEVER,
        "fonction": "said by profession and role",
    },
    "ContactPersonneMorale": {"typeOrganisme": _LATER},
    "MesureProtection": {"destinataireCourrier": _LATER},
    "Decision": {"idDecisionMAJ": _LATER, "idNat_Decision": _LATER, "motivationLocale": "said by motivation"},
    "Sejour": {
        "ESSMSAccueil": "the establishment of the dossier",
        "numeroDossierESSMSProvenance": _LATER,
        "ESSMSProvenance": "said by provenance",
        "dateEntreeESSMSProvenance": _LATER,
    },
    "Evaluation": {"pieceJointeEvaluation": _FILE},
    "DetailEvaluation": {"details": "the items of a grid are one flat list"},
    "ProjetPersonnalise": {"entrantProjetPersonnalise": _FILE, "usager": _ABOVE},
    "Besoin": {"pieceJointeBesoin": _FILE, "projet": _ABOVE},
    "Objectif": {"projet": _ABOVE},
    "Action": {"pieceJointeAction": _FILE, "objectifs": _ABOVE, "projet": _ABOVE},
    "PrestationProjetPersonnalise": {"pieceJointePrestation": _FILE, "action": _LATER},
    "Attente": {"projet": _ABOVE},
    "Bilan": {"pieceJointeBilan": _FILE, "synthesePreparationBilan": "said by synthese"},
    "Professionnel": {"modeExercice": _LATER, "etablissementDeRattachement": "the establishment of the dossier"},
    "Accord": {"dureeValidite": _LATER},
    "Statut": {"motifNonRealisation": _LATER, "dateStatut": _LATER, "auteur": _LATER},
}
"""Official class → attribute → why the model does not hold it."""

RNIV: Final[Mapping[str, Mapping[str, str]]] = {
    "Usager": {
        "nom_de_naissance": "nom_naissance",
        "nom_utilise": "nom_usage",
        "liste_prenoms": "prenoms",
        "prenoms_naissance": "prenoms",
        "premier_prenom_naissance": "premier_prenom",
        "date_de_naissance": "date_naissance",
        "lieu_de_naissance": "lieu_naissance",
    },
    "Ins": {"matricule_ins": "matricule", "statut_identite": "statut", "justificatif": "piece"},
    "LieuNaissance": {"code_insee": "cog", "commune": "libelle"},
}
"""Model class → word of the RNIV or of everyday use → field."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """`dateDebutObjectif` → `date_debut_objectif`."""
    return _WORD.sub("_", name).lower()


def field_for(class_name: str, attribute: str) -> str | None:
    """The field (a dotted path where it lies deeper) of an attribute of the content model.

    None when the attribute is deliberately left out or the class is not in scope.
    """
    if class_name not in CLASSES or attribute in LEFT.get(class_name, {}):
        return None
    exception = EXCEPTIONS.get(class_name, {}).get(attribute)
    if exception is not None:
        return exception
    own = f"_{snake_case(class_name)}"
    name = snake_case(attribute).removesuffix(own)
    return "identifiant" if name == "id" else name


@cache
def synonyms(model: type[BaseModel]) -> Mapping[str, str]:
    """The other names that a mapping may use for the fields of a class: official names and words of the RNIV."""
    found = dict(RNIV.get(model.__name__, {}))
    for class_name, held_by in CLASSES.items():
        if held_by is not model:
            continue
        for attribute, path in EXCEPTIONS.get(class_name, {}).items():
            if "." not in path:
                found[attribute] = found[snake_case(attribute)] = path
        for name in model.model_fields:
            official = re.sub(r"_(\w)", lambda match: match[1].upper(), "id" if name == "identifiant" else name)
            for spelling in (official, f"{official}{class_name}"):
                found.setdefault(spelling, name)
                found.setdefault(snake_case(spelling), name)
    return {name: path for name, path in found.items() if name not in model.model_fields}
