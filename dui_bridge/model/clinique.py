"""The clinical part of a dossier, after the sections of the International Patient Summary (CI-SIS, volet IPS-FR).

A list says what is recorded. What an empty list means is said by the dossier's `rubriques`: nothing is known to exist
(`aucune_connue`: somebody asked), or nobody says so (`non_renseignee`, also when `rubriques` is silent).

Codes are the bare codes of a terminology, in a field that carries its name (`cim10`, `atc`, `cip13`…); a document that
cannot use one leaves it out with a finding and keeps the words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from dui_bridge.model.accompagnement import Professionnel, Signature
from dui_bridge.model.types import As, Jour, Modele, OuiNon, PartialDate, Telephone

Nombre = Annotated[str, As("decimal")]
"""A number as text, with a decimal point: what the source wrote, never rounded."""


class NomRubrique(StrEnum):
    """The lists of a dossier of which an empty one must be told apart from one that was not filled."""

    PROBLEMES = "problemes"
    ANTECEDENTS = "antecedents"
    ALLERGIES = "allergies"
    TRAITEMENTS = "traitements"
    ACTES = "actes"
    DISPOSITIFS = "dispositifs"
    VACCINATIONS = "vaccinations"
    DIRECTIVES = "directives"


class EtatRubrique(StrEnum):
    """What is known of a section."""

    RENSEIGNEE = "renseignee"
    AUCUNE_CONNUE = "aucune_connue"
    NON_RENSEIGNEE = "non_renseignee"


class Rubrique(Modele):
    """What the DUI says of a whole section: `{nom: allergies, etat: aucune_connue}`."""

    nom: NomRubrique
    etat: EtatRubrique


class Probleme(Modele):
    """A health problem, present (`problemes`) or past (`antecedents`); one that is `resolu` is past everywhere."""

    identifiant: str | None = None
    libelle: str
    cim10: str | None = None
    statut: Literal["actif", "inactif", "resolu"] | None = None
    debut: PartialDate | None = None
    fin: PartialDate | None = None
    commentaire: str | None = None


class Allergie(Modele):
    """An allergy or an intolerance. `libelle` names the agent; `atc` its class when it is a medicine."""

    identifiant: str | None = None
    libelle: str
    type: Literal["allergie", "intolerance"] | None = None
    categorie: Literal["medicament", "aliment", "environnement", "autre"] | None = None
    atc: str | None = None
    reaction: str | None = None
    gravite: Literal["legere", "moderee", "severe"] | None = None
    statut: Literal["active", "inactive", "resolue"] | None = None
    debut: PartialDate | None = None
    commentaire: str | None = None


class Traitement(Modele):
    """A medicine that is taken.

    `posologie` is the dosage as it was written; `dose` with `unite_dose` (each intake), `prises_par_jour` and
    `intervalle_heures` are its parts when the DUI holds them. `voie` is the route, in words.
    """

    identifiant: str | None = None
    libelle: str
    dci: str | None = None
    atc: str | None = None
    cis: str | None = None
    cip13: str | None = None
    ucd: str | None = None
    forme: str | None = None
    voie: str | None = None
    posologie: str | None = None
    dose: Nombre | None = None
    unite_dose: str | None = None
    prises_par_jour: int | None = None
    intervalle_heures: int | None = None
    si_besoin: OuiNon | None = None
    debut: Jour | None = None
    fin: Jour | None = None
    motif: str | None = None
    prescripteur: Professionnel | None = None
    commentaire: str | None = None


class Acte(Modele):
    """A procedure that was done: surgery, or another act of the history. `ccam` is the 7-character code."""

    identifiant: str | None = None
    libelle: str
    ccam: str | None = None
    date: PartialDate | None = None
    commentaire: str | None = None


class Dispositif(Modele):
    """A medical device that the person has or wears. `emdn` is its European nomenclature code."""

    identifiant: str | None = None
    libelle: str
    emdn: str | None = None
    pose: PartialDate | None = None
    retrait: PartialDate | None = None
    commentaire: str | None = None


class TypeConstante(StrEnum):
    """The vital signs of the CI-SIS value set that a DUI holds."""

    POIDS = "poids"
    TAILLE = "taille"
    IMC = "imc"
    TEMPERATURE = "temperature"
    FREQUENCE_CARDIAQUE = "frequence_cardiaque"
    FREQUENCE_RESPIRATOIRE = "frequence_respiratoire"
    PRESSION_SYSTOLIQUE = "pression_systolique"
    PRESSION_DIASTOLIQUE = "pression_diastolique"
    SATURATION_O2 = "saturation_o2"


class Constante(Modele):
    """One measure. `unite` as recorded; without one the usual unit of the type is meant."""

    identifiant: str | None = None
    type: TypeConstante
    valeur: Nombre
    unite: str | None = None
    date: Jour | None = None


class Vaccination(Modele):
    """A vaccination. `libelle` names the vaccine; `realisee` False: planned, refused or not done."""

    identifiant: str | None = None
    libelle: str
    atc: str | None = None
    cis: str | None = None
    cip13: str | None = None
    date: PartialDate | None = None
    lot: str | None = None
    rang: int | None = None
    realisee: OuiNon | None = None
    commentaire: str | None = None


class Directive(Modele):
    """Advance directives: whether they exist, when they were written, where they are kept."""

    identifiant: str | None = None
    existe: OuiNon | None = None
    date: PartialDate | None = None
    lieu: str | None = None
    libelle: str | None = None


class Variable(Modele):
    """A carried value: a variable of AGGIR with its letter (`cohérence`, `B`), or a value of PATHOS."""

    nom: str
    valeur: str | None = None


class Autonomie(Modele):
    """One evaluation with AGGIR. `gir` is the group, 1 (most dependent) to 6."""

    identifiant: str | None = None
    date: Jour | None = None
    gir: Literal["1", "2", "3", "4", "5", "6"] | None = None
    variables: tuple[Variable, ...] = ()
    commentaire: str | None = None


class Pathos(Modele):
    """Values of a PATHOS cut, carried as they are."""

    identifiant: str | None = None
    date: Jour | None = None
    coupe: str | None = None
    smti: str | None = None
    valeurs: tuple[Variable, ...] = ()


class Alerte(Modele):
    """What whoever takes over must know first (point de vigilance)."""

    identifiant: str | None = None
    libelle: str
    depuis: PartialDate | None = None
    commentaire: str | None = None


class MedecinTraitant(Modele):
    """The usual doctor, declared by the usager. `courriel_mss_le`: when the mailbox was last known."""

    professionnel: Professionnel
    telephones: tuple[Telephone, ...] = ()
    debut: Jour | None = None
    courriel_mss_le: Jour | None = None


class Synthese(Modele):
    """Who drew up the summary (DLU or synthèse médicale), when, and who signed it.

    A dossier without one takes the day of its latest dated fact and the establishment's default author.
    """

    identifiant: str | None = None
    date: Jour | None = None
    auteur: Professionnel | None = None
    signatures: tuple[Signature, ...] = ()
