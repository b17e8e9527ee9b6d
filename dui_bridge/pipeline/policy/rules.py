"""The rules of the chain in words: what each says when it decides, what to do, who acts."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who


def policy_rule(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who, source: str = "") -> Rule:
    """A rule of the chain, `POL-number`: its texts with their places for values, what to do, who acts, its source."""
    severity = Severity.INFO if number == 1 else Severity.ERROR
    return Rule(f"POL-{number:03}", severity, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who, source)


ALLOWED: Final = policy_rule(
    1,
    "policy lets it go to {destination}.",
    "la politique permet l'envoi vers {destination}.",
    "Nothing: it leaves as soon as its turn comes.",
    "Rien : l'envoi part dès que vient son tour.",
    Who.NOBODY,
)

# --- brakes ---------------------------------------------------------------------------------------------------------

RUN_HELD: Final = policy_rule(
    2,
    "the run that read it is held until a person has looked.",
    "l'exécution qui l'a lu est retenue, en attente d'une vérification.",
    "Look at why it is held, then: dui-bridge runs release ID, or runs discard ID.",
    "Voyez pourquoi elle est retenue, puis : dui-bridge runs release ID, ou runs discard ID.",
    Who.IT,
)
ON_HOLD: Final = policy_rule(
    3,
    "hold {hold}, placed by {by}, covers it.",
    "la retenue {hold}, posée par {by}, le couvre.",
    "When its reason is gone: dui-bridge release {hold}.",
    "Quand le motif a disparu : dui-bridge release {hold}.",
    Who.IT,
)
NOT_STANDING: Final = policy_rule(
    8,
    "the last reading no longer gives it: its dossier is held, or it is held, left out or gone.",
    "la dernière lecture ne le donne plus : son dossier est retenu, ou il est retenu, laissé de côté ou absent.",
    "See why with `trace`; corrected or selected again in the DUI, it leaves by itself.",
    "Voyez pourquoi avec `trace` ; corrigé ou de nouveau retenu dans le DUI, il partira de lui-même.",
    Who.DUI,
)
NOT_LIVE: Final = policy_rule(
    4,
    "destination {destination} has no start date: nothing leaves for it.",
    "la destination {destination} n'a pas de date de début : rien n'y part.",
    "Give it a start date in the site file: start: AAAA-MM-JJ.",
    "Donnez-lui une date de début dans le fichier du site : start: AAAA-MM-JJ.",
    Who.IT,
)
DATE_UNKNOWN: Final = policy_rule(
    5,
    "the document has no date, so nobody can tell whether it may leave.",
    "le document n'a pas de date : impossible de savoir s'il peut partir.",
    "Date or sign the document in the DUI.",
    "Datez ou signez le document dans le DUI.",
    Who.DUI,
)
BEFORE_START: Final = policy_rule(
    6,
    "dated {date}, before {destination} began ({start}).",
    "daté du {date}, avant le début de {destination} ({start}).",
    "Nothing, if it is to stay so; else: dui-bridge backfill.",
    "Rien, si c'est voulu ; sinon : dui-bridge backfill.",
    Who.NOBODY,
)
BASELINE: Final = policy_rule(
    7,
    "dated {date}, before the baseline ({baseline}): known, and not sent.",
    "daté du {date}, avant la situation de départ ({baseline}) : connu, et non envoyé.",
    "Nothing, if it is to stay so; else: dui-bridge backfill.",
    "Rien, si c'est voulu ; sinon : dui-bridge backfill.",
    Who.NOBODY,
)
ADDED: Final = policy_rule(
    9,
    "recorded before {destination} was added or put back: these are too many to leave without a person's word.",
    "enregistré avant l'ajout ou la remise de {destination} : ils sont trop nombreux pour partir sans accord.",
    "If they are to go there: dui-bridge backfill start --destination {destination}. "
    "If not: dui-bridge baseline --destination {destination} --before AAAA-MM-JJ.",
    "S'ils doivent y aller : dui-bridge backfill start --destination {destination}. "
    "Sinon : dui-bridge baseline --destination {destination} --before AAAA-MM-JJ.",
    Who.IT,
)

# --- which documents ------------------------------------------------------------------------------------------------

TYPE_UNKNOWN: Final = policy_rule(
    10,
    "the type of the document is not one that policy knows.",
    "le type du document n'est pas connu de la politique de diffusion.",
    "Map it to a known type of document.",
    "Rattachez-le dans le mapping à un type de document connu.",
    Who.MAPPING,
)
DOMAIN_UNKNOWN: Final = policy_rule(
    11,
    "the domain of its establishment is not known.",
    "le domaine de son établissement n'est pas connu.",
    "Declare the establishment and its category in the site file.",
    "Déclarez l'établissement et sa catégorie dans le fichier du site.",
    Who.IT,
)
DENIED: Final = policy_rule(
    12,
    "its title tells a document that never goes to the DMP: {what}.",
    "son titre annonce un document qui ne va jamais au DMP : {what_fr}.",
    "Nothing; if the title misleads, correct the type or the title in the DUI.",
    "Rien ; si le titre induit en erreur, corrigez le type ou le titre dans le DUI.",
    Who.DUI,
    "CSP L1111-15, R1111-26",
)
TYPE_NEVER: Final = policy_rule(
    13,
    "{type} does not go to {destination}: {origin}.",
    "{type_fr} ne va pas vers {destination} : {origin_fr}.",
    "Nothing, if this is what the site means.",
    "Rien, si c'est bien ce que veut le site.",
    Who.NOBODY,
)
REFUSED: Final = policy_rule(
    14,
    "{by} decided that this version does not go to {destination}.",
    "{by} a décidé que cette version ne va pas vers {destination}.",
    "Nothing: a new version will be asked about again.",
    "Rien : une nouvelle version sera de nouveau soumise à décision.",
    Who.NOBODY,
)
ASK: Final = policy_rule(
    15,
    "{type} goes to {destination} only when a person has decided so for this version: {origin}.",
    "{type_fr} ne va vers {destination} que sur décision d'une personne, pour cette version : {origin_fr}.",
    "Have the right professional decide: dui-bridge review.",
    "Faites décider le bon professionnel : dui-bridge review.",
    Who.DUI,
)
ASK_TITLE: Final = policy_rule(
    17,
    "its title is that of what does not belong to the DMP: {what}.",
    "son titre est celui de ce qui n'a pas sa place au DMP : {what_fr}.",
    "Have the right professional decide: dui-bridge review.",
    "Faites décider le bon professionnel : dui-bridge review.",
    Who.DUI,
)
ASK_SENSITIVE: Final = policy_rule(
    16,
    "a {category} holds sensitive health data: a person decides for each version.",
    "un {category} détient des données de santé sensibles : une personne décide pour chaque version.",
    "Have the right professional decide, with its visibility: dui-bridge review.",
    "Faites décider le bon professionnel, visibilité comprise : dui-bridge review.",
    Who.DUI,
)

# --- the document itself --------------------------------------------------------------------------------------------

UNSIGNED: Final = policy_rule(
    20,
    "the document is neither signed by a professional or the management nor validated.",
    "le document n'est ni signé par un professionnel ou la direction, ni validé.",
    "Sign or validate it in the DUI (and map the date on which it was).",
    "Signez-le ou validez-le dans le DUI (et rattachez cette date dans le mapping).",
    Who.DUI,
)
NOT_IN_FORCE: Final = policy_rule(
    21,
    "the project is in preparation or was given up.",
    "le projet est en préparation ou abandonné.",
    "Nothing until it is in force in the DUI.",
    "Rien tant qu'il n'est pas en vigueur dans le DUI.",
    Who.DUI,
)
NOT_A_PHYSICIAN: Final = policy_rule(
    22,
    "{type} is shared only when its author is known to be a physician.",
    "{type_fr} n'est partagé que si son auteur est un médecin, et connu comme tel.",
    "Name the physician as its author in the DUI, with the coded profession.",
    "Désignez le médecin comme auteur dans le DUI, avec sa profession codée.",
    Who.DUI,
    "JDV_J07: 60591-5",
)
AUTHOR_WITHOUT_RPPS: Final = policy_rule(
    23,
    "its author has no RPPS: the site's policy has a person decide.",
    "son auteur n'a pas de RPPS : la politique du site veut une décision.",
    "Complete the author in the DUI, or decide: dui-bridge review.",
    "Complétez l'auteur dans le DUI, ou décidez : dui-bridge review.",
    Who.DUI,
)

# --- the person -----------------------------------------------------------------------------------------------------

ANONYMOUS: Final = policy_rule(
    30,
    "the person asked for anonymity.",
    "la personne a demandé l'anonymat.",
    "Nothing: an anonymous dossier goes neither to the DMP nor to a citizen mailbox.",
    "Rien : un dossier anonyme ne va ni au DMP ni à une messagerie citoyenne.",
    Who.NOBODY,
    "CSP L3414-1",
)
ANONYMITY_UNKNOWN: Final = policy_rule(
    31,
    "the dossier does not say whether the person asked for anonymity.",
    "le dossier ne dit pas si la personne a demandé l'anonymat.",
    "Record it in the DUI.",
    "Renseignez-le dans le DUI.",
    Who.DUI,
    "CSP L3414-1",
)
ARCHIVED: Final = policy_rule(
    32,
    "the dossier is archived.",
    "le dossier est archivé.",
    "Nothing; if the person is accompanied again, reopen the dossier in the DUI.",
    "Rien ; si l'accompagnement reprend, rouvrez le dossier dans le DUI.",
    Who.NOBODY,
)
DECEASED: Final = policy_rule(
    33,
    "the person is deceased.",
    "la personne est décédée.",
    "Nothing is shared any more.",
    "Plus rien n'est partagé.",
    Who.NOBODY,
)
AFTER_EXIT: Final = policy_rule(
    34,
    "the person left on {exit}; a document dated {date}, more than {days} days later, is not shared.",
    "la personne est sortie le {exit} ; un document du {date}, plus de {days} jours après, n'est pas partagé.",
    "If the exit is wrong, correct it in the DUI.",
    "Si la sortie est erronée, corrigez-la dans le DUI.",
    Who.DUI,
    "CSP L1110-4",
)

# --- consent and opposition -----------------------------------------------------------------------------------------

OPPOSED: Final = policy_rule(
    40,
    "the person is opposed to {channel}.",
    "la personne s'oppose à {channel_fr}.",
    "Nothing: an opposition is lifted only by the person, in the DUI.",
    "Rien : seule la personne lève une opposition, dans le DUI.",
    Who.NOBODY,
    "CSP L1110-4, R1111-47",
)
OPPOSITION_UNKNOWN: Final = policy_rule(
    41,
    "nothing says whether the person is opposed to {channel}.",
    "rien ne dit si la personne s'oppose à {channel_fr}.",
    "Record it in the DUI; where all usagers were informed and none of them is silent: dui-bridge consents declare.",
    "Renseignez-le dans le DUI ; si tous les usagers ont été informés : dui-bridge consents declare.",
    Who.DUI,
    "CSP L1110-4, R1111-47",
)
NOT_INFORMED: Final = policy_rule(
    42,
    "the person was not informed before the DMP is fed.",
    "la personne n'a pas été informée de l'alimentation du DMP.",
    "Inform the person, then record it in the DUI.",
    "Informez la personne, puis renseignez-le dans le DUI.",
    Who.DUI,
    "CSP L1111-15, R1111-47",
)
INFORMATION_UNKNOWN: Final = policy_rule(
    43,
    "nothing says that the person was informed before the DMP is fed.",
    "rien ne dit que la personne a été informée de l'alimentation du DMP.",
    "Record it in the DUI; where all usagers of the establishment were informed: dui-bridge consents declare.",
    "Renseignez-le dans le DUI ; si tous les usagers de l'établissement l'ont été : dui-bridge consents declare.",
    Who.DUI,
    "CSP L1111-15, R1111-47",
)
CONSENT_REFUSED: Final = policy_rule(
    44,
    "the person refused sharing beyond the team.",
    "la personne a refusé le partage hors de l'équipe.",
    "Nothing, unless the person consents; then record it in the DUI.",
    "Rien, sauf accord de la personne, à renseigner dans le DUI.",
    Who.NOBODY,
    "CSP L1110-4",
)
CONSENT_UNKNOWN: Final = policy_rule(
    45,
    "the recipient is not known to be of the team, and no consent to share beyond it is recorded.",
    "rien ne dit que le destinataire est de l'équipe, et aucun accord de partage hors équipe n'est enregistré.",
    "Record the consent, or the member of the team, in the DUI.",
    "Renseignez l'accord, ou le membre de l'équipe, dans le DUI.",
    Who.DUI,
    "CSP L1110-4",
)

# --- identity -------------------------------------------------------------------------------------------------------

INS_NOT_QUALIFIED: Final = policy_rule(
    50,
    "the INS is not qualified: {reasons}.",
    "l'INS n'est pas qualifiée : {reasons_fr}.",
    "See what is missing (dui-bridge ins worklist) and qualify the identity; the document then leaves by itself.",
    "Voyez ce qui manque (dui-bridge ins worklist) et qualifiez l'identité ; le document partira alors de lui-même.",
    Who.IDENTITO,
    "RNIV; référentiel INS",
)
INS_NO_LONGER: Final = policy_rule(
    51,
    "the document carries an INS that is no longer qualified.",
    "le document porte une INS qui n'est plus qualifiée.",
    "Qualify the identity again; else the next reading makes a version without it.",
    "Requalifiez l'identité ; sinon la prochaine lecture produit une version sans INS.",
    Who.IDENTITO,
    "RNIV; référentiel INS",
)
WITHOUT_INS: Final = policy_rule(
    52,
    "the document was built without the INS, which is asked for here.",
    "le document a été produit sans l'INS, qui est exigée ici.",
    "Nothing if the identity was qualified since: the next reading makes a version with it; else: dui-bridge replay.",
    "Rien si l'identité vient d'être qualifiée : la prochaine lecture la portera ; sinon : dui-bridge replay.",
    Who.IT,
    "RNIV; référentiel INS",
)

# --- visibility -----------------------------------------------------------------------------------------------------

NO_REPRESENTATIVES: Final = policy_rule(
    60,
    "hidden from legal representatives, but the person is not known to be a minor nor to have one.",
    "masqué aux représentants légaux, or rien ne dit que la personne est mineure ou en a un.",
    "Correct the visibility, the birth date or the legal protection in the DUI.",
    "Corrigez la visibilité, la date de naissance ou la protection juridique dans le DUI.",
    Who.DUI,
    "JDV_J08: INVISIBLE_REPRESENTANTS_LEGAUX",
)
HIDDEN_FROM_ADDRESSEE: Final = policy_rule(
    61,
    "a document hidden from the person or from the legal representatives does not go to the person's mailbox.",
    "un document masqué à la personne ou à ses représentants légaux ne va pas dans sa messagerie.",
    "Nothing until its visibility changes in the DUI.",
    "Rien tant que sa visibilité ne change pas dans le DUI.",
    Who.NOBODY,
    "JDV_J08: INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX",
)
NOBODY_SEES: Final = policy_rule(
    62,
    "masked from professionals and hidden from the person at once: hardly anybody could read it.",
    "masqué aux professionnels et à la personne à la fois : presque personne ne pourrait le lire.",
    "Choose one of both in the DUI.",
    "Choisissez l'un ou l'autre dans le DUI.",
    Who.DUI,
    "JDV_J08: MASQUE_PS, INVISIBLE_PATIENT",
)
MASKED: Final = policy_rule(
    63,
    "the person had it masked from professionals: it goes to none of them by mail.",
    "la personne l'a fait masquer aux professionnels : il n'est adressé à aucun d'eux.",
    "Nothing until its visibility changes in the DUI.",
    "Rien tant que sa visibilité ne change pas dans le DUI.",
    Who.NOBODY,
    "JDV_J08: MASQUE_PS; ANS, transmission of a CDA document, rules of MSSanté",
)
ASK_HIDDEN: Final = policy_rule(
    64,
    "the patient does not see it yet: somebody must undertake, by name, to make it visible.",
    "le patient ne le voit pas encore : une personne doit s'engager, nommément, à le rendre visible.",
    "Decide with dui-bridge review (--by): the one named there tells the person, then makes it visible in the DMP.",
    "Décidez avec dui-bridge review (--by) : qui y est nommé fait l'annonce, puis le rend visible dans le DMP.",
    Who.DUI,
    "JDV_J08: INVISIBLE_PATIENT; DMP: such a document is fed by a named professional, who releases it",
)
SECRET_OF_ADULT: Final = policy_rule(
    65,
    "made under a secret connection, but the person is not known to be a minor.",
    "établi en connexion secrète, or rien ne dit que la personne est mineure.",
    "Correct the birth date or the secret connection in the DUI.",
    "Corrigez la date de naissance ou la connexion secrète dans le DUI.",
    Who.DUI,
    "Guide d'intégration DMP, EX_0.1-1100; CSP L1111-5",
)

# --- a policy file --------------------------------------------------------------------------------------------------


def _written(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, severity: Severity) -> Rule:
    return Rule(f"POL-{number:03}", severity, Scope.RUN, en, fr, remedy_en, remedy_fr, Who.MAPPING)


TOO_PERMISSIVE: Final = _written(
    101,
    "'{chosen}' is not possible for {type} on {channel} ({where}): at most '{limit}'",
    "'{chosen}' est impossible pour {type_fr} sur {channel} ({where}) : au plus '{limit}'",
    "A site may be stricter than the defaults, or choose within them (docs/policy.md).",
    "Un site peut être plus strict que les défauts, ou choisir dans ce qu'ils permettent (docs/policy.md).",
    Severity.ERROR,
)
BOUNDED: Final = _written(
    102,
    "'{chosen}' for {type} on {channel} holds only where it may: for {where} it stays '{limit}'",
    "'{chosen}' pour {type_fr} sur {channel} ne vaut que là où c'est permis : pour {where}, cela reste '{limit}'",
    "",
    "",
    Severity.WARNING,
)
