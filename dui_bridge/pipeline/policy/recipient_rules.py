"""Why a recipient does not get a document by MSSanté, in words; what the chain says too is told by its own rules."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who
from dui_bridge.pipeline.policy.rules import policy_rule

CHANNEL_OFF: Final = policy_rule(
    70,
    "the site does not send by {channel}.",
    "le site n'utilise pas {channel_fr}.",
    "Declare a destination for it in the site file, if it is to be used.",
    "Déclarez-lui une destination dans le fichier du site, s'il doit servir.",
    Who.IT,
)
OTHER_ADDRESSEE: Final = policy_rule(
    71,
    "the document is written to somebody else.",
    "le document est adressé à quelqu'un d'autre.",
    "Nothing; if the addressee is wrong, correct it in the DUI.",
    "Rien ; si le destinataire est erroné, corrigez-le dans le DUI.",
    Who.NOBODY,
    "CSP L1110-4",
)
NOT_FOR_THEM: Final = policy_rule(
    72,
    "{type} does not go to this kind of recipient ({recipient}).",
    "{type_fr} ne va pas à ce genre de destinataire ({recipient_fr}).",
    "Nothing, if this is what the site means; `recipients` of a policy file says more (docs/policy.md).",
    "Rien, si c'est bien ce que veut le site ; `recipients` d'un fichier de politique en dit plus (docs/policy.md).",
    Who.NOBODY,
    "CSP L1110-4, R1110-1",
)
NOT_NOW: Final = policy_rule(
    73,
    "this recipient's part in the accompaniment has ended, or has not begun.",
    "ce destinataire ne participe plus à l'accompagnement, ou pas encore.",
    "Nothing; if a date is wrong, correct it in the DUI.",
    "Rien ; si une date est erronée, corrigez-la dans le DUI.",
    Who.DUI,
    "CSP L1110-4",
)
CONSENT_UNKNOWN: Final = policy_rule(
    74,
    "no consent with its day to share with this recipient ({recipient}) is recorded.",
    "aucun accord daté de partage avec ce destinataire ({recipient_fr}) n'est enregistré.",
    "Record the consent in the DUI, with its day and manner: word of mouth will do.",
    "Renseignez l'accord dans le DUI, avec sa date et sa manière : oral, il vaut aussi.",
    Who.DUI,
    "CSP L1110-4",
)
CONSENT_REFUSED: Final = policy_rule(
    75,
    "the person refused sharing with this recipient ({recipient}).",
    "la personne a refusé le partage avec ce destinataire ({recipient_fr}).",
    "Nothing, unless the person consents; then record it in the DUI.",
    "Rien, sauf accord de la personne, à renseigner dans le DUI.",
    Who.NOBODY,
    "CSP L1110-4",
)
MINOR: Final = policy_rule(
    76,
    "the person is a minor, or may be: whoever represents them reads their mailbox.",
    "la personne est mineure, ou pourrait l'être : ses représentants lisent sa messagerie.",
    "Have the right professional decide: dui-bridge review.",
    "Faites décider le bon professionnel : dui-bridge review.",
    Who.DUI,
    "CSP L1111-5",
)
NO_MAILBOX: Final = policy_rule(
    77,
    "no MSSanté mailbox of this recipient is known.",
    "aucune boîte MSSanté n'est connue pour ce destinataire.",
    "Look it up (dui-bridge annuaire search), then record it in the DUI.",
    "Cherchez-la (dui-bridge annuaire search), puis renseignez-la dans le DUI.",
    Who.DUI,
)
NOT_MSSANTE: Final = policy_rule(
    78,
    "the mailbox of this recipient is not one of MSSanté, and nothing leaves by ordinary mail.",
    "l'adresse de ce destinataire n'est pas une boîte MSSanté, et rien ne part par courriel ordinaire.",
    "Look the MSSanté mailbox up (dui-bridge annuaire search), then record it in the DUI.",
    "Cherchez la boîte MSSanté (dui-bridge annuaire search), puis renseignez-la dans le DUI.",
    Who.DUI,
    "CSP L1110-4",
)
SUSPECT: Final = policy_rule(
    79,
    "a mail to this mailbox came back: it is not written to until somebody has looked.",
    "un message à cette boîte est revenu : plus rien n'y part avant vérification.",
    "Check the mailbox (dui-bridge annuaire search), then correct it in the DUI or confirm it.",
    "Vérifiez la boîte (dui-bridge annuaire search), puis corrigez-la dans le DUI ou confirmez-la.",
    Who.DUI,
)
STALE: Final = policy_rule(
    80,
    "this mailbox was last known on {date}, more than {days} days ago.",
    "cette boîte a été relevée pour la dernière fois le {date}, il y a plus de {days} jours.",
    "Check it (dui-bridge annuaire search), then date it in the DUI, or decide: dui-bridge review.",
    "Vérifiez-la (dui-bridge annuaire search), puis datez-la dans le DUI, ou décidez : dui-bridge review.",
    Who.DUI,
)

NOBODY_KNOWN: Final = policy_rule(
    81,
    "nobody is known to whom it could be written.",
    "personne n'est connu à qui l'écrire.",
    "Record the team, the treating doctor or the partners in the DUI, and map them (docs/mapping.md).",
    "Renseignez l'équipe, le médecin traitant ou les partenaires dans le DUI, et rattachez-les (docs/mapping.md).",
    Who.DUI,
)
NO_SENDER: Final = policy_rule(
    82,
    "the establishment {finess} has no MSSanté mailbox to write from.",
    "l'établissement {finess} n'a pas de boîte MSSanté d'où écrire.",
    "Give it one in the site file: establishments, mailbox.",
    "Donnez-lui-en une dans le fichier de site : establishments, mailbox.",
    Who.IT,
)
HAS_IT: Final = policy_rule(
    83,
    "this recipient has this version already, or reads the mailbox that it was written to.",
    "ce destinataire a déjà reçu cette version, ou lit la boîte à laquelle elle a été adressée.",
    "Nothing: nobody is written to twice.",
    "Rien : on n'écrit à personne deux fois.",
    Who.NOBODY,
)
NOBODY_LEFT: Final = policy_rule(
    84,
    "of those who had not got it, nobody is to get it any more.",
    "parmi ceux qui ne l'avaient pas reçu, plus personne ne doit le recevoir.",
    "Nothing.",
    "Rien.",
    Who.NOBODY,
)
NEVER_THERE: Final = Rule(
    "POL-103",
    Severity.ERROR,
    Scope.RUN,
    "{type} never goes to {recipient}",
    "{type_fr} ne va jamais à {recipient}",
    "A site may choose within the defaults (docs/policy.md).",
    "Un site choisit dans ce que permettent les défauts (docs/policy.md).",
    Who.MAPPING,
)
