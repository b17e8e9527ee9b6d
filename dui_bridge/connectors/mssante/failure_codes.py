"""Which cause the codes and words of reports, bounces and integration errors mean.

Sources: RFC 3463 and 5248 (enhanced status codes), RFC 5321 §4.2 (reply codes); ANS, volets "Transmission de document
CDA en HL7 v2" and "Transmission au LPS d'un document CDA par courriel MSS" (codes of integration). Which reply code
stands for a status without one is our choice. The wording of the bounces of Mon espace santé was not seen, so that
words are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dui_bridge.connectors.mssante.errors import DomainRefused, MailboxFull, RecipientUnknown, Refused, SizeRefused
from dui_bridge.connectors.mssante.failures import (
    CITIZEN_CLOSED,
    CITIZEN_INVALID,
    CITIZEN_UNKNOWN,
    GIVEN_UP,
    INTEGRATION_AUTHOR,
    INTEGRATION_NO_INS,
    INTEGRATION_OTHER,
    INTEGRATION_OTHER_INS,
    INTEGRATION_PARTIAL_INS,
    INTEGRATION_TECHNICAL,
    INTEGRATION_UNKNOWN,
    INTEGRATION_VERSION,
)
from dui_bridge.connectors.mssante.replies import kind_of, rule_of
from dui_bridge.findings import Rule
from dui_bridge.ins.carriers import CITIZEN_MAIL

SUSPECT: Final = frozenset(
    (RecipientUnknown.code, DomainRefused.code, CITIZEN_CLOSED.id, CITIZEN_UNKNOWN.id, CITIZEN_INVALID.id)
)
"""Causes after which the recipient's address is suspect: nothing more is sent there before somebody has looked."""

INTEGRATION: Final[Mapping[str, Rule]] = {
    "900": INTEGRATION_VERSION,
    "901": INTEGRATION_AUTHOR,
    "902": INTEGRATION_UNKNOWN,
    "903": INTEGRATION_NO_INS,
    "904": INTEGRATION_OTHER_INS,
    "905": INTEGRATION_PARTIAL_INS,
    "906": INTEGRATION_OTHER,
    **dict.fromkeys(
        ("100", "101", "102", "103", "198", "199", "200", "201", "202", "203", "207"), INTEGRATION_TECHNICAL
    ),
}
"""Code of an integration error → what it means."""

LABELS: Final[Mapping[str, str]] = {
    "900": "Version incorrecte",
    "901": "Auteur non autorisé",
    "902": "Identifiant de patient inconnu",
    "903": "Pas d'INS dans le document",
    "904": "INS différente",
    "905": "INS incomplète",
    "906": "Autre erreur",
}
"""The codes that the bridge answers with, in the words that stand beside them."""

_REPLIES: Final[Sequence[tuple[str, str]]] = (
    ("2.", "250"),
    ("4.2.", "450"),
    ("4.", "451"),
    ("5.1.0", "510"),
    ("5.1.2", "512"),
    ("5.1.3", "510"),
    ("5.1.", "550"),
    ("5.2.1", "550"),
    ("5.2.2", "552"),
    ("5.2.3", "523"),
    ("5.3.4", "523"),
    ("5.7.", "550"),
    ("5.5.", "503"),
    ("5.", "554"),
)
"""First characters of a status → the reply code that stands for it, when the report gives none (our choice)."""

_CITIZEN: Final[Mapping[str, Rule]] = {
    "5.1.1": CITIZEN_UNKNOWN,
    "5.1.3": CITIZEN_INVALID,
    "5.2.1": CITIZEN_CLOSED,
}
"""Status of a report of Mon espace santé whose words say nothing → what it means."""

_OF_CITIZENS: Final = (CITIZEN_CLOSED, CITIZEN_UNKNOWN, CITIZEN_INVALID)
_REPLY: Final = re.compile(r"\A\s*(?:[A-Za-z-]{1,20}\s{0,9};\s{0,9})?([2-5]\d\d)(?![\d.])")
_REPLY_WITHIN: Final = re.compile(r"(?<![\d.])([45]\d\d)[ -]#?[45]\.\d{1,3}\.\d{1,3}(?!\d)")
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


@dataclass(frozen=True, slots=True)
class BounceWords:
    """Words of a bounce that has no report; a text is searched in lower case and `plain`."""

    words: re.Pattern[str]
    rule: Rule
    code: str


def _words(pattern: str, rule: Rule, code: str) -> BounceWords:
    return BounceWords(re.compile(pattern), rule, code)


_ENDED: Final = r"\b.{0,80}\b(?:fermee?|clo[st]e?|cloturee?|desactivee?|resiliee?|closed)\b"
_BUT_NOT: Final = (
    r"\b.{0,80}\b(?:non (?:trouvee?|identifiee?|reconnue?)|introuvable|inconnue?|n'existe (?:pas|plus)|"
    r"(?:n'a|n'est|n'a pu|n'a pas pu) (?:pas )?(?:ete |etre )?(?:trouvee?|identifiee?|reconnue?|connue?))\b"
)

BOUNCE_WORDS: Final[Sequence[BounceWords]] = (
    _words(rf"\b(?:messagerie|profil|espace sante|compte){_ENDED}|\bferme sa messagerie\b", CITIZEN_CLOSED, "550"),
    _words(
        rf"\b(?:patient|usager|personne|profil){_BUT_NOT}|\baucune? (?:profil|compte|patient|usager|messagerie)\b|"
        r"\bpas (?:d'|de mon |de )espace sante\b|\bn'a pas (?:encore )?de (?:compte|messagerie|profil)\b|"
        r"\b(?:n'a|n'est) pas (?:encore )?(?:active|cree|ouvert)e?\b|\bnot activated\b",
        CITIZEN_UNKNOWN,
        "550",
    ),
    _words(r"\badresse\b.{0,80}\b(?:(?:in|non |pas )valide|incorrecte|erronee)\b", CITIZEN_INVALID, "510"),
    _words(
        r"\btrop (?:gros|lourd|grand|volumineux|volumineuse)e?\b|\btaille maximale\b|"
        r"\b(?:depass|exced)\w{1,4} (?:la taille|\d+ ?mo)\b|"
        r"\btaille\b.{0,80}\b(?:depass|exced|superieur|limite)\w{0,4}\b|"
        r"\b(?:message|mail) (?:is )?too (?:large|big)\b|\bsize limit\b|\bsize exceeds\b|\bexceeds the maximum\b",
        rule_of(SizeRefused),
        "523",
    ),
    _words(r"\bquota\b|\bmailbox (?:is )?full\b|\bboite\b.{0,40}\bpleine\b", rule_of(MailboxFull), "552"),
    _words(r"\bliste blanche\b|\bwhite ?list\b|\bespace de confiance\b", rule_of(DomainRefused), "512"),
    _words(
        r"\buser unknown\b|\bunknown user\b|\bno such user\b|\bdoes not exist\b|\bmailbox unavailable\b|"
        rf"\brecipient (?:address )?rejected\b|\b(?:utilisateur|destinataire|adresse|boite){_BUT_NOT}",
        rule_of(RecipientUnknown),
        "550",
    ),
)
"""In the order in which they are looked for."""


def status_in(text: str) -> str:
    """The first enhanced status code in a text; empty without any."""
    found = _STATUS.search(text)
    return found[1] if found is not None else ""


def reply_code(status: str, diagnostic: str) -> str:
    """The reply code of three digits of a report.

    Args:
        status: `5.1.1`, or empty.
        diagnostic: a Diagnostic-Code, as `smtp; 550 5.1.1 mailbox closed`, or the words of a bounce.
    Returns:
        that of the diagnostic, else the one that stands for the status; empty when neither says.
    """
    found = _REPLY.match(diagnostic) or _REPLY_WITHIN.search(diagnostic)
    if found is not None:
        return found[1]
    return next((code for begin, code in _REPLIES if status.startswith(begin)), "")


def cause_of(status: str, code: str) -> Rule:
    """What a failure for good means, by its status and its reply code; either may be empty."""
    if status.startswith("4.") or (not status and code.startswith("4")):
        return GIVEN_UP
    return rule_of(kind_of(int(code or 0), status))


def cause_at(recipient: str, status: str, code: str, words: str) -> Rule:
    """What a failure for good means at this recipient: Mon espace santé has causes of its own.

    Args:
        words: of the report, in lower case and `plain`.
    """
    if not recipient.lower().endswith(CITIZEN_MAIL):
        told, sized = cause_of(status, code), rule_of(SizeRefused)
        # 552 is a full mailbox or a mail that is too large, and many say the latter under a status that says nothing.
        vague = told.id == Refused.code or (told.id == MailboxFull.code and not status.startswith("5.2."))
        known = bounce_words(words, citizens=False) if vague else None
        return sized if known is not None and known.rule == sized else told
    known = bounce_words(words, citizens=True)
    return known.rule if known is not None else _CITIZEN.get(status) or cause_of(status, code)


def integration_cause(code: str) -> Rule:
    """What an integration error means; a code that no public list has is told as an unknown one."""
    return INTEGRATION.get(code, INTEGRATION_OTHER)


def bounce_words(text: str, *, citizens: bool) -> BounceWords | None:
    """The first words of a bounce that are found in a text in lower case and `plain`.

    Args:
        citizens: it comes from Mon espace santé, or is about a mailbox of it: a medical practice is closed too.
    """
    return next(
        (one for one in BOUNCE_WORDS if (citizens or one.rule not in _OF_CITIZENS) and one.words.search(text)), None
    )
