"""Why a mail did not arrive or was not integrated: MSS-110 to MSS-138; `failure_codes` says which code is which.

A mail that comes back for what a server could have refused at once has the cause of that refusal (see `errors`).

Sources: RFC 3463 (statuses); ANS, volet "Transmission au LPS d'un document CDA par courriel MSS" (integration codes);
CNAM, messagerie de Mon espace santé v1.3 (kinds of bounces).
"""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_ENHANCED: Final = "RFC 3463"
_LPS: Final = "ANS, volet Transmission au LPS d'un document CDA par courriel MSS"
_MES: Final = "CNAM, messagerie de Mon espace santé v1.3"


def _row(
    number: int,
    texts: tuple[str, str],
    actions: tuple[str, str],
    *,
    source: str,
    who: Who = Who.DUI,
    severity: Severity = Severity.ERROR,
) -> Rule:
    return Rule(f"MSS-{number}", severity, Scope.DOCUMENT, *texts, *actions, who, source)


_OTHER_WAY: Final = (
    "Nothing more to do by mail: tell the person, and give the document another way.",
    "Rien de plus par messagerie : prévenez la personne et remettez-lui le document autrement.",
)
_RECEIVER: Final = (
    "Ask the recipient's structure what its software refuses; send it again once that is settled.",
    "Voyez avec la structure destinataire ce que son logiciel refuse ; renvoyez une fois que c'est réglé.",
)
_IDENTITY: Final = (
    "Compare the identity with the recipient's; if ours is right, they must integrate it by hand.",
    "Comparez l'identité avec celle du destinataire ; si la nôtre est juste, il doit intégrer à la main.",
)

GIVEN_UP: Final = _row(
    110,
    (
        "the mail could not be carried to the recipient, and is no longer tried ({answer}): {words}",
        "le courriel n'a pas pu être acheminé au destinataire, et les essais ont cessé ({answer}) : {words}",
    ),
    (
        "Send it again later; if it happens twice, ask the operator.",
        "Renvoyez plus tard ; si cela se répète, voyez l'opérateur.",
    ),
    source=_ENHANCED,
    who=Who.IT,
)
DELAYED: Final = _row(
    111,
    (
        "the mail has not arrived yet ({answer}): it is still tried",
        "le courriel n'est pas encore arrivé ({answer}) : les essais continuent",
    ),
    ("Nothing to do for now.", "Rien à faire pour l'instant."),
    source="RFC 3464 §2.3.3",
    who=Who.NOBODY,
    severity=Severity.INFO,
)

CITIZEN_CLOSED: Final = _row(
    120,
    (
        "the person's messaging of Mon espace santé is closed",
        "la messagerie Mon espace santé de la personne est fermée",
    ),
    _OTHER_WAY,
    source=_MES,
)
CITIZEN_UNKNOWN: Final = _row(
    121,
    ("Mon espace santé does not know this person", "Mon espace santé ne trouve pas cette personne"),
    _OTHER_WAY,
    source=_MES,
)
CITIZEN_INVALID: Final = _row(
    122,
    ("Mon espace santé says that the address is not valid", "Mon espace santé indique une adresse invalide"),
    (
        "Check the INS of the person: the address is made of it.",
        "Vérifiez l'INS de la personne : l'adresse en est formée.",
    ),
    source=_MES,
    who=Who.IDENTITO,
)

INTEGRATION_VERSION: Final = _row(
    130,
    ("not integrated: wrong version ({answer})", "non intégré : version incorrecte ({answer})"),
    _RECEIVER,
    source=_LPS,
)
INTEGRATION_AUTHOR: Final = _row(
    131,
    ("not integrated: the author is not allowed ({answer})", "non intégré : auteur non autorisé ({answer})"),
    _RECEIVER,
    source=_LPS,
)
INTEGRATION_UNKNOWN: Final = _row(
    132,
    (
        "not integrated: the recipient does not know the patient ({answer})",
        "non intégré : patient inconnu du destinataire ({answer})",
    ),
    (
        "Check that this is the right recipient, then the identity.",
        "Vérifiez qu'il s'agit du bon destinataire, puis l'identité.",
    ),
    source=_LPS,
)
INTEGRATION_NO_INS: Final = _row(
    133,
    ("not integrated: no INS in the document ({answer})", "non intégré : pas d'INS dans le document ({answer})"),
    ("Qualify the identity, then send it again.", "Qualifiez l'identité, puis renvoyez."),
    source=_LPS,
    who=Who.IDENTITO,
)
INTEGRATION_OTHER_INS: Final = _row(
    134,
    ("not integrated: the INS differs ({answer})", "non intégré : INS différente ({answer})"),
    _IDENTITY,
    source=_LPS,
    who=Who.IDENTITO,
)
INTEGRATION_PARTIAL_INS: Final = _row(
    135,
    ("not integrated: the INS is incomplete ({answer})", "non intégré : INS incomplète ({answer})"),
    _IDENTITY,
    source=_LPS,
    who=Who.IDENTITO,
)
INTEGRATION_OTHER: Final = _row(
    136,
    ("not integrated by the recipient ({answer}): {words}", "non intégré par le destinataire ({answer}) : {words}"),
    _RECEIVER,
    source=_LPS,
)
INTEGRATION_TECHNICAL: Final = _row(
    137,
    (
        "not integrated: the recipient's software could not read the message ({answer}): {words}",
        "non intégré : le logiciel du destinataire n'a pas pu lire le message ({answer}) : {words}",
    ),
    _RECEIVER,
    source=_LPS,
    who=Who.VENDOR,
)
WITH_WARNING: Final = _row(
    138,
    (
        "the recipient's software took it with a warning: {words}",
        "le logiciel du destinataire l'a pris avec un avertissement : {words}",
    ),
    (
        "Nothing has to be sent again; if the words say that something is missing there, tell the recipient.",
        "Rien n'est à renvoyer ; si le texte dit qu'il y manque quelque chose, prévenez le destinataire.",
    ),
    source="RFC 8098 §3.2.6.3",
    who=Who.NOBODY,
    severity=Severity.INFO,
)
