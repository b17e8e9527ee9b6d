"""How values of the model are said in a French document."""

import re
from datetime import date

from dui_bridge.model.accompagnement import EtatProjet, Professionnel, Signataire
from dui_bridge.model.identite import Contact, Lien, RoleContact, Usager
from dui_bridge.model.types import Code

ABSENT = "—"

_FRENCH_NUMBER = re.compile(r"\+33\d{9}", re.ASCII)

SEXES = {"M": "Masculin", "F": "Féminin", "I": "Indéterminé"}
CIVILITES = {"M": "M.", "MME": "Mme"}
ETATS = {
    EtatProjet.ENPREPARATION: "En préparation",
    EtatProjet.ENCOURS: "En cours",
    EtatProjet.ENPAUSE: "En pause",
    EtatProjet.TERMINE: "Terminé",
    EtatProjet.ABANDONNE: "Abandonné",
}
SIGNATAIRES = {
    Signataire.USAGER: "L’usager",
    Signataire.REPRESENTANT_LEGAL: "Le représentant légal",
    Signataire.FAMILLE: "La famille",
    Signataire.DIRECTION: "La direction",
    Signataire.PROFESSIONNEL: "Le professionnel",
}
LIENS = {
    Lien.PERE: "Père",
    Lien.MERE: "Mère",
    Lien.CONJOINT: "Conjoint",
    Lien.ENFANT: "Enfant",
    Lien.FRERE_SOEUR: "Frère ou sœur",
    Lien.GRAND_PARENT: "Grand-parent",
    Lien.AUTRE_PARENT: "Autre parent",
    Lien.TUTEUR: "Tuteur",
    Lien.CURATEUR: "Curateur",
    Lien.MANDATAIRE: "Mandataire",
    Lien.ASSISTANT_FAMILIAL: "Assistant familial",
    Lien.AMI: "Ami",
    Lien.AUTRE: "Autre",
}
ROLES_CONTACT = {
    RoleContact.MANDATAIRE: "mandataire",
    RoleContact.REPRESENTANT_LEGAL: "représentant légal",
    RoleContact.PERSONNE_CONFIANCE: "personne de confiance",
    RoleContact.A_PREVENIR: "personne à prévenir",
    RoleContact.AIDANT: "aidant",
    RoleContact.PROCHE: "proche",
}
NATURES_INS = {
    "1.2.250.1.213.1.4.8": "NIR",
    "1.2.250.1.213.1.4.9": "NIA",
    "1.2.250.1.213.1.4.10": "NIR de test",
    "1.2.250.1.213.1.4.11": "NIR de démonstration",
}
"""Nature of a matricule by the OID of its authority (Référentiel INS)."""


def day(value: date | None) -> str:
    """`31/12/2026`; empty for no date."""
    return f"{value:%d/%m/%Y}" if value else ""


def partial_day(value: str | None) -> str:
    """A PartialDate with what is known of it: `31/12/2026`, `12/2026`, `2026`; empty for none."""
    return "/".join(reversed(value.split("-"))) if value else ""


def period(start: date | None, end: date | None) -> str:
    """`du 01/02/2026 au 31/12/2026`, `depuis le …`, `jusqu’au …`; empty when both are unknown."""
    if start and end:
        return f"du {day(start)} au {day(end)}"
    if start:
        return f"depuis le {day(start)}"
    return f"jusqu’au {day(end)}" if end else ""


def code(value: Code | None) -> str:
    """A code of a nomenclature with its label; empty for none."""
    return " ".join(part for part in (value.code, value.libelle) if part) if value else ""


def label(value: Code | None) -> str:
    """The label of a coded value, its code when it has none; empty for none."""
    return (value.libelle or value.code) if value else ""


def professional(value: Professionnel | None) -> str:
    """`Mme Camille ROY, éducatrice spécialisée`, with what is known; empty for nobody."""
    if value is None:
        return ""
    title = CIVILITES[value.civilite] if value.civilite else ""
    name = " ".join(part for part in (title, value.prenom, value.nom) if part)
    return ", ".join(part for part in (name, label(value.profession)) if part) or (value.code_local or "")


def contact(value: Contact) -> str:
    """The person, or the body, or both."""
    title = CIVILITES[value.civilite] if value.civilite and value.nom else ""
    person = " ".join(part for part in (title, value.prenom, value.nom) if part)
    return ", ".join(part for part in (person, value.organisme) if part)


def contact_roles(value: Contact) -> str:
    """What a contact is there for, each role once."""
    roles = [
        ROLES_CONTACT[value.role] if value.role else "",
        "autorité parentale" if value.autorite_parentale else "",
        ROLES_CONTACT[RoleContact.PERSONNE_CONFIANCE] if value.personne_confiance else "",
        ROLES_CONTACT[RoleContact.A_PREVENIR] if value.a_prevenir else "",
    ]
    return ", ".join(dict.fromkeys(role for role in roles if role))


def birthplace(usager: Usager) -> str:
    """`PARIS 14 (75014), code commune 75114`, with what is known of it; empty for nothing."""
    place = usager.lieu_naissance
    postal_code = f"({place.code_postal})" if place.code_postal else ""
    where = " ".join(part for part in (place.libelle, postal_code) if part)
    return ", ".join(part for part in (where, f"code officiel géographique {place.cog}" if place.cog else "") if part)


def usual_name(usager: Usager) -> str:
    """The name to call the person by: `Marie-Lou DUPRÉ`."""
    given = usager.prenom_utilise or usager.premier_prenom_effectif
    return " ".join(part for part in (given, usager.nom_usage or usager.nom_naissance) if part)


def telephone(number: str) -> str:
    """`01 23 45 67 89` for a French number in international form; other numbers as they are."""
    if not _FRENCH_NUMBER.fullmatch(number):
        return number
    national = f"0{number[3:]}"
    return "\u00a0".join(national[start : start + 2] for start in range(0, len(national), 2))
