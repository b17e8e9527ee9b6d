"""The usager: identity, INS, address, people around, consents and oppositions, safety fields."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from dui_bridge.model.types import (
    Code,
    Cog,
    Courriel,
    Finess,
    Jour,
    Matricule,
    Modele,
    Nir,
    OuiNon,
    PartialDate,
    Prenoms,
    Telephone,
)

Sexe = Literal["M", "F", "I"]
Civilite = Literal["M", "MME"]


class StatutIdentite(StrEnum):
    """RNIV: the four statuses of a digital identity."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


class PieceIdentite(StrEnum):
    """Documents by which a person's identity is checked (PAM France 2.11.2, ZFD-7; see `identity_documents`)."""

    CNI = "cni"
    CARTE_EUROPEENNE = "carte_europeenne"
    PASSEPORT = "passeport"
    TITRE_SEJOUR = "titre_sejour"
    DOCUMENT_CIRCULATION_MINEUR = "document_circulation_mineur"
    ACTE_NAISSANCE = "acte_naissance"
    LIVRET_FAMILLE = "livret_famille"
    ACTE_NAISSANCE_CARTE_VITALE = "acte_naissance_carte_vitale"
    APPLI_CARTE_VITALE = "appli_carte_vitale"
    IDENTIFICATION_ELECTRONIQUE = "identification_electronique"
    TIERS_CONFIANCE = "tiers_confiance"
    PERMIS_CONDUIRE = "permis_conduire"
    CARTE_MILITAIRE = "carte_militaire"
    CARNET_CIRCULATION = "carnet_circulation"


class Lien(StrEnum):
    """How a person of the entourage stands to the usager."""

    PERE = "pere"
    MERE = "mere"
    CONJOINT = "conjoint"
    ENFANT = "enfant"
    FRERE_SOEUR = "frere_soeur"
    GRAND_PARENT = "grand_parent"
    AUTRE_PARENT = "autre_parent"
    TUTEUR = "tuteur"
    CURATEUR = "curateur"
    MANDATAIRE = "mandataire"
    ASSISTANT_FAMILIAL = "assistant_familial"
    AMI = "ami"
    AUTRE = "autre"


class RoleContact(StrEnum):
    """What a contact is there for."""

    MANDATAIRE = "mandataire"
    REPRESENTANT_LEGAL = "representant_legal"
    PERSONNE_CONFIANCE = "personne_confiance"
    A_PREVENIR = "a_prevenir"
    AIDANT = "aidant"
    PROCHE = "proche"


class EtablissementRef(Modele):
    """The establishment of a dossier, as the export names it."""

    finess: Finess | None = None
    code_local: str | None = None
    nom: str | None = None


class LieuNaissance(Modele):
    """Birthplace. `cog` is the INSEE code (commune, or 99xxx for a country) valid at birth; 5 characters."""

    cog: Cog | None = None
    libelle: str | None = None
    code_postal: str | None = None


class DocumentControle(Modele):
    """The check of the identity against a document: a professional's act. Without its day (`le`) it proves nothing."""

    SHORTHAND = "type"

    type: PieceIdentite | None = None
    le: Jour | None = None
    par: str | None = None


class Ins(Modele):
    """The INS as the DUI holds it. It leaves only when `statut` is qualifiee (see `dui_bridge.ins.gate`)."""

    matricule: Matricule | None = None
    oid: str | None = None
    statut: StatutIdentite | None = None
    qualifie_le: Jour | None = None
    piece: str | None = None
    document: DocumentControle = DocumentControle()
    homonyme: OuiNon | None = None
    douteuse: OuiNon | None = None
    fictive: OuiNon | None = None


class Adresse(Modele):
    """A postal address. Either the parts, or `lignes` as written."""

    numero_voie: str | None = None
    libelle_voie: str | None = None
    complement: str | None = None
    mention_distribution: str | None = None
    lignes: tuple[str, ...] = ()
    code_postal: str | None = None
    localite: str | None = None
    pays: str | None = None


class Opposition(Modele):
    """A recorded opposition; `exprimee` None = nothing recorded (which never means "no")."""

    SHORTHAND = "exprimee"

    exprimee: OuiNon | None = None
    le: Jour | None = None
    maniere: str | None = None


class Oppositions(Modele):
    """One opposition for each channel."""

    dmp: Opposition = Opposition()
    mssante_usager: Opposition = Opposition()
    mssante_pro: Opposition = Opposition()


class Consentement(Modele):
    """A recorded consent or information, with its date and manner."""

    SHORTHAND = "accorde"

    accorde: OuiNon | None = None
    le: Jour | None = None
    maniere: str | None = None
    recueilli_par: str | None = None


class Consentements(Modele):
    """Consents by what they allow. `information_dmp` is the information given before feeding the DMP.

    `partage_hors_equipe` is for any recipient outside the team; the others, for one kind of recipient.
    """

    information_dmp: Consentement = Consentement()
    consultation_dmp: Consentement = Consentement()
    partage_hors_equipe: Consentement = Consentement()
    partage_medecin_traitant: Consentement = Consentement()
    partage_pharmacie: Consentement = Consentement()
    partage_hopital: Consentement = Consentement()
    partage_structure: Consentement = Consentement()


class Contact(Modele):
    """A person (`nom`) or a body (`organisme`) around the usager. `mesure_protection`: tutelle, curatelle…"""

    identifiant: str | None = None
    nom: str | None = None
    prenom: str | None = None
    civilite: Civilite | None = None
    organisme: str | None = None
    lien: Lien | None = None
    role: RoleContact | None = None
    telephones: tuple[Telephone, ...] = ()
    courriels: tuple[Courriel, ...] = ()
    adresse: Adresse | None = None
    autorite_parentale: OuiNon | None = None
    personne_confiance: OuiNon | None = None
    a_prevenir: OuiNon | None = None
    ordre_appel: int | None = None
    profession: str | None = None
    mesure_protection: str | None = None
    fin_mesure: Jour | None = None
    commentaire: str | None = None


class Usager(Modele):
    """The person: strict and complementary traits (RNIV), coordinates, safety fields."""

    etablissement: EtablissementRef = EtablissementRef()
    identifiant_local: str
    numero_individu_initial: str | None = None
    numero_securite_sociale: Nir | None = None
    nom_naissance: str | None = None
    nom_usage: str | None = None
    prenoms: Prenoms | None = None
    premier_prenom: str | None = None
    prenom_utilise: str | None = None
    sexe: Sexe | None = None
    civilite: Civilite | None = None
    date_naissance: PartialDate | None = None
    ordre_naissance: int | None = None
    lieu_naissance: LieuNaissance = LieuNaissance()
    ins: Ins = Ins()
    situation_familiale: Code | None = None
    adresses: tuple[Adresse, ...] = ()
    telephones: tuple[Telephone, ...] = ()
    courriels: tuple[Courriel, ...] = ()
    langues: tuple[str, ...] = ()
    entourage: tuple[Contact, ...] = ()
    commentaire: str | None = None

    anonyme: OuiNon | None = None
    oppositions: Oppositions = Oppositions()
    consentements: Consentements = Consentements()
    decede: OuiNon | None = None
    date_deces: Jour | None = None
    archive: OuiNon | None = None
    representant_legal: OuiNon | None = None

    @property
    def premier_prenom_effectif(self) -> str | None:
        """The first given name: as recorded, else the first token of the list (a hyphenated name is one token)."""
        if self.premier_prenom:
            return self.premier_prenom
        return self.prenoms.split(" ", 1)[0] if self.prenoms else None

    def age(self, on: date) -> int | None:
        """Full years on a day; None when the birth date is unknown or partial."""
        if self.date_naissance is None or len(self.date_naissance) < 10:
            return None
        born = date.fromisoformat(self.date_naissance)
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


STRICT_TRAITS = frozenset(
    {"nom_naissance", "prenoms", "premier_prenom", "sexe", "date_naissance", "lieu_naissance", "ins", "etablissement"}
)
"""Fields of Usager in which an error holds the whole dossier (RNIV strict traits, the INS, the establishment)."""

SAFETY_FIELDS = frozenset(
    {
        "anonyme",
        "oppositions.dmp",
        "oppositions.mssante_usager",
        "oppositions.mssante_pro",
        "consentements",
        "decede",
        "archive",
        "representant_legal",
    }
)
"""Fields of Usager that a mapping must map or declare absent by name; an error in one holds the dossier."""
