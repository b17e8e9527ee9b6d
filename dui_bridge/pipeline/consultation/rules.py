"""Why a consultation of the DMP is refused, in words: CON-0nn."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who


def _rule(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who, source: str) -> Rule:
    return Rule(f"CON-{number:03}", Severity.ERROR, Scope.DOSSIER, en, fr, remedy_en, remedy_fr, who, source)


_SIGN_IN: Final = ("Sign in with Pro Santé Connect.", "Connectez-vous avec Pro Santé Connect.")
_READ_TEXT: Final = (
    "The professional reads the text in the DUI and confirms it; the DUI hands the confirmation over.",
    "Le professionnel lit le texte dans le DUI et le valide ; le DUI transmet la validation.",
)
_AIR: Final = "DMP, EX_AIR-010, EX_AIR-050 and EX_AIR-085"
_ACKNOWLEDGED: Final = "Ségur, SC.DMP/CONF.11 and CONF.21; ANS, FAQ des industriels, 2025-12-15"
_TEAM: Final = "CSP L1110-4, L1111-17 III and R1111-46"

NOBODY_NAMED: Final = _rule(
    1,
    "no professional is named: a structure alone does not read the DMP.",
    "aucun professionnel n'est nommé : une structure seule ne consulte pas le DMP.",
    *_SIGN_IN,
    Who.DUI,
    _AIR,
)
SIGNED_IN_TOO_LONG_AGO: Final = _rule(
    2,
    "the professional signed in more than {minutes} minutes ago, or at a time that is still to come.",
    "le professionnel s'est connecté il y a plus de {minutes} minutes, ou à une heure à venir.",
    *_SIGN_IN,
    Who.DUI,
    _AIR,
)
NOT_OF_THE_MATRIX: Final = _rule(
    3,
    "the matrix of rights does not allow {transaction} to this profession.",
    "la matrice des droits ne permet pas {transaction} à cette profession.",
    "A professional whose role allows it asks for it.",
    "Un professionnel dont le rôle le permet en fait la demande.",
    Who.DUI,
    "Arrêté of 2023-10-26; GIE SESAM-Vitale, PDT-INF-606, v1.3",
)
NOT_ACKNOWLEDGED: Final = _rule(
    4,
    "no confirmation of this professional is recorded that they have understood the rules of access.",
    "aucune validation des règles d'accès (« j'ai compris ») n'est enregistrée pour ce professionnel.",
    *_READ_TEXT,
    Who.DUI,
    _ACKNOWLEDGED,
)
ACKNOWLEDGED_TOO_LONG_AGO: Final = _rule(
    5,
    "the professional confirmed the rules of access on {date}: it has to be done again every {days} days.",
    "le professionnel a validé les règles d'accès le {date} : la validation est à refaire tous les {days} jours.",
    *_READ_TEXT,
    Who.DUI,
    _ACKNOWLEDGED,
)
ACKNOWLEDGED_IN_THE_FUTURE: Final = _rule(
    6,
    "the confirmation of the rules of access is dated in the future.",
    "la validation des règles d'accès est datée du futur.",
    "Check the clocks of the DUI and of this machine.",
    "Vérifiez l'heure du DUI et celle de cette machine.",
    Who.IT,
    _ACKNOWLEDGED,
)
OTHER_TEXT: Final = _rule(
    7,
    "the professional confirmed another version of the rules of access than the one in force ({version}).",
    "le professionnel a validé une autre version des règles d'accès que celle en vigueur ({version}).",
    *_READ_TEXT,
    Who.DUI,
    _ACKNOWLEDGED,
)
INS_NOT_QUALIFIED: Final = _rule(
    8,
    "the INS of the person may not leave: their DMP cannot be asked for.",
    "l'INS de la personne ne peut pas sortir : son DMP ne peut pas être demandé.",
    "Qualify the identity (INSi, and a document of identity).",
    "Qualifiez l'identité (INSi et pièce d'identité).",
    Who.IDENTITO,
    "RNIV; Référentiel INS",
)
INS_NOT_KEPT: Final = _rule(
    17,
    "the person is qualified in the DUI, but the bridge keeps their INS only in documents, and has made none yet.",
    "la personne est qualifiée dans le DUI, mais le pont ne garde son INS que dans des documents, et n'en a encore "
    "produit aucun.",
    "The next document made for the person opens their DMP; a site that asks INSi ('insi') keeps the identity itself.",
    "Le prochain document produit pour la personne ouvre son DMP ; un site qui interroge INSi (« insi ») garde "
    "l'identité elle-même.",
    Who.MAPPING,
    "ours",
)
ANONYMOUS: Final = _rule(
    9,
    "the person is cared for anonymously.",
    "la personne est accueillie dans l'anonymat.",
    "Nothing: it is their right.",
    "Rien : c'est son droit.",
    Who.NOBODY,
    "CSP L3414-1",
)
OPPOSED: Final = _rule(
    10,
    "the person is opposed to their DMP being consulted.",
    "la personne s'oppose à la consultation de son DMP.",
    "Nothing, unless the person changes their mind: then correct it in the DUI.",
    "Rien, sauf si la personne change d'avis : corrigez alors le DUI.",
    Who.NOBODY,
    _TEAM,
)
OPPOSED_TO_DMP: Final = _rule(
    11,
    "the person is opposed to the DMP, and no consent to its consultation is recorded.",
    "la personne s'oppose au DMP, et aucun consentement à sa consultation n'est enregistré.",
    "Ask the person; record in the DUI what they say of the consultation.",
    "Interrogez la personne ; notez dans le DUI ce qu'elle dit de la consultation.",
    Who.DUI,
    _TEAM,
)
NOT_INFORMED: Final = _rule(
    12,
    "neither the consent of the person nor the information given to them is recorded.",
    "ni le consentement de la personne ni l'information qui lui a été donnée ne sont enregistrés.",
    "Inform the person, then record it in the DUI with its date.",
    "Informez la personne, puis notez-le dans le DUI avec sa date.",
    Who.DUI,
    _TEAM,
)
OUT_OF_TEAM: Final = _rule(
    13,
    "the professional is not known to be of the team that accompanies the person, who has not consented.",
    "le professionnel n'est pas connu dans l'équipe qui accompagne la personne, qui n'a pas consenti.",
    "Correct the team in the DUI, or record there the consent of the person.",
    "Corrigez l'équipe dans le DUI, ou notez-y le consentement de la personne.",
    Who.DUI,
    _TEAM,
)
DECEASED: Final = _rule(
    14,
    "the person has died: the access of the team has ended.",
    "la personne est décédée : l'accès de l'équipe a pris fin.",
    "Nothing.",
    "Rien.",
    Who.NOBODY,
    "CSP L1110-4",
)
LEFT: Final = _rule(
    15,
    "the accompaniment ended on {date}: there is no team any more.",
    "l'accompagnement a pris fin le {date} : il n'y a plus d'équipe.",
    "If it goes on, correct the stay in the DUI.",
    "S'il se poursuit, corrigez le séjour dans le DUI.",
    Who.DUI,
    "CSP L1110-4",
)
NOT_BY_HAND: Final = _rule(
    16,
    "a document is opened only when the professional asks for this one.",
    "un document ne s'ouvre que lorsque le professionnel demande celui-là.",
    "Search and list are free; open each document by hand.",
    "La recherche et la liste sont libres ; ouvrez chaque document à la main.",
    Who.DUI,
    _ACKNOWLEDGED,
)
