"""The structures of the invented association, who works there, and whom they work with."""

from __future__ import annotations

from dataclasses import dataclass

from serenia_source.staff import Professional

FINESS_EJ = "420000010"


@dataclass(frozen=True)
class Structure:
    """A `STRUCTURE`: the export gives its code and SIRET, never its FINESS. `category` as a site declares it."""

    code: str
    name: str
    category: str
    finess: str
    siret: str
    kind: str


CSAPA = Structure("CSP01", "CSAPA La Passerelle", "CSAPA", "420000028", "99900000100019", "CSAPA")
CAARUD = Structure("CRD01", "CAARUD L'Escale", "CAARUD", "420000036", "99900000100027", "CAARUD")
LHSS = Structure("LHS01", "LHSS Les Arcades", "LHSS", "420000044", "99900000100035", "LHSS")
CHRS = Structure("CHR01", "CHRS Le Relais", "CHRS", "420000051", "99900000100043", "AHI")
SITE = (CSAPA, CAARUD, LHSS, CHRS)
CLOSED = Structure("ACT09", "ACT Le Port (fermé)", "ACT", "", "99900000100050", "ACT")
"""Stands in the export and in no site."""


@dataclass(frozen=True)
class Worker:
    """A `PRO`. `mailbox` and the day on which the DUI last knew it (JJ/MM/AAAA) are blank for who has none."""

    code: str
    who: Professional
    mailbox: str = ""
    known_on: str = ""


DOCTOR = Worker(
    "M01", Professional("Chazelle", "Agathe", "médecin addictologue", 101), "agathe.chazelle@exemple.mssante.fr",
    "02/11/2026",
)  # fmt: skip
NURSE = Worker(
    "I01", Professional("Forissier", "Basile", "infirmier", 102), "basile.forissier@exemple.mssante.fr", "02/11/2026"
)
EDUCATOR = Worker("E01", Professional("Peyrard", "Louison", "éducatrice spécialisée"))
OUTREACH = Worker("E02", Professional("Massardier", "Tiphaine", "intervenante de proximité"))
LHSS_DOCTOR = Worker(
    "M02", Professional("Jacquemont", "Irène", "médecin", 103), "irene.jacquemont@exemple.mssante.fr", "02/11/2026"
)
SOCIAL_WORKER = Worker("A01", Professional("Vialleton", "Gaël", "assistant de service social", 104))
TEAMS = {
    CSAPA: (DOCTOR, NURSE, EDUCATOR),
    CAARUD: (OUTREACH, NURSE),
    LHSS: (LHSS_DOCTOR, SOCIAL_WORKER),
    CHRS: (SOCIAL_WORKER,),
    CLOSED: (EDUCATOR,),
}
"""The first one of a team is the author of what it writes."""

USUAL_DOCTOR = Worker(
    "", Professional("Berthéas", "Rémi", "médecin généraliste", 111), "remi.bertheas@exemple.mssante.fr", "15/09/2026"
)


@dataclass(frozen=True)
class Partner:
    """An `ORIENTATION`: to whom the person is sent, and the mailbox that the DUI has for it."""

    to: str
    name: str
    finess: str
    reason: str
    mailbox: str = ""
    known_on: str = ""


PHARMACY = Partner(
    "Pharmacie", "Pharmacie du Marché & Fils", "420000077", "relais de la dispensation du traitement de substitution",
    "pharmacie.marche@exemple.mssante.fr", "03/10/2026",
)  # fmt: skip
PHARMACY_STALE = Partner(
    "Pharmacie", "Pharmacie des Forges", "420000085", "relais de la dispensation",
    "pharmacie.forges@exemple.mssante.fr", "12/01/2022",
)  # fmt: skip
PHARMACY_ORDINARY = Partner(
    "Pharmacie",
    "Pharmacie de la Gare",
    "",
    "relais de la dispensation",
    "pharmacie.gare@courriel.example",
    "03/10/2026",
)
HOSPITAL = Partner(
    "Hopital", "Centre hospitalier du Furan - service d'addictologie", "420000069", "sevrage programmé",
    "addictologie.furan@exemple.mssante.fr", "20/10/2026",
)  # fmt: skip
HOSPITAL_WITHOUT_MAILBOX = Partner("Hopital", "Clinique des Roches", "", "avis hépatologique")
CAARUD_PARTNER = Partner(
    "CAARUD", CAARUD.name, CAARUD.finess, "suivi conjoint, matériel de réduction des risques",
    "caarud.escale@exemple.mssante.fr", "02/11/2026",
)  # fmt: skip
CSAPA_PARTNER = Partner(
    "CSAPA", CSAPA.name, CSAPA.finess, "demande de traitement de substitution", "csapa.passerelle@exemple.mssante.fr",
    "02/11/2026",
)  # fmt: skip

CANARIES = {
    "ETATCIVIL.ALIAS": "canarialias",
    "ETATCIVIL.NATION": "canarination",
    "ETATCIVIL.TITRE_SEJOUR": "canarisejour",
    "ETATCIVIL.SECU": "canarisecu",
    "ETATCIVIL.DOMICILIATION": "canaridomiciliation",
    "PRESTATIONS_SOCIALES": "canariprestation",
    "JUSTICE": "canarijustice",
    "DELIVRANCES": "canaridelivrance",
    "CONSOMMATIONS.CONSO.VOIE": "canarivoie",
    "CONSOMMATIONS.CONSO.FREQUENCE": "canarifrequence",
    "CONSOMMATIONS.CONSO.AGE_DEBUT": "canaridebut",
}
"""Forbidden path → a word that stands there and nowhere else, so that a leak can be looked for."""
