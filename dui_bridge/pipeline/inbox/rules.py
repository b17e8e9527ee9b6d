"""Why a mail with documents is refused, or waits for a person: INB-0nn, each with the code that the sender is answered.

Codes: ANS, volet "Transmission au LPS d'un document CDA par courriel MSS" (900 to 906).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_VERSION: Final = "900"
_AUTHOR: Final = "901"
_UNKNOWN: Final = "902"
_NO_INS: Final = "903"
_OTHER_INS: Final = "904"
_PARTIAL_INS: Final = "905"
_OTHER: Final = "906"
_ANSWERS: Final[dict[str, str]] = {}

_ANSWERED: Final = (
    "Nothing of it was taken; its sender is told, where that is allowed.",
    "Rien n'en a été pris ; l'émetteur en est informé, quand c'est permis.",
)
_LOOK: Final = (
    "Compare the identity of the document with the dossier, then file it or refuse it.",
    "Comparez l'identité du document avec le dossier, puis classez-le ou refusez-le.",
)


def _refused(number: int, answer: str, en: str, fr: str, who: Who = Who.NOBODY) -> Rule:
    rule = Rule(f"INB-{number:03d}", Severity.ERROR, Scope.DOCUMENT, en, fr, *_ANSWERED, who)
    _ANSWERS[rule.id] = answer
    return rule


def _review(number: int, en: str, fr: str, who: Who = Who.DUI) -> Rule:
    return Rule(f"INB-{number:03d}", Severity.WARNING, Scope.DOCUMENT, en, fr, *_LOOK, who)


UNREADABLE = _refused(
    1,
    _OTHER,
    "the documents of the mail could not be read: {reason}",
    "les documents du courriel n'ont pas pu être lus : {reason_fr}",
)
SENDER = _refused(
    2,
    _AUTHOR,
    "the sender is not of the trusted space of MSSanté",
    "l'émetteur n'est pas de l'espace de confiance MSSanté",
)
INVALID = _refused(
    3,
    _OTHER,
    "a document is not a valid CDA: {message}",
    "un document n'est pas un CDA valide : {message}",
)
SEVERAL_PERSONS = _refused(
    4, _OTHER, "the documents of the mail are about several persons", "les documents concernent plusieurs personnes"
)
INS_DIFFERS = _refused(
    5,
    _OTHER_INS,
    "the INS of a document is not that of the metadata",
    "l'INS d'un document n'est pas celle des métadonnées",
)
OLDER = _refused(
    6,
    _VERSION,
    "a newer version of the document is already here",
    "une version plus récente du document est déjà ici",
)
UNKNOWN = _refused(7, _UNKNOWN, "nobody here has this identity", "personne ici n'a cette identité")
NO_INS = _refused(
    8,
    _NO_INS,
    "the document has no INS, and nobody here has its traits",
    "le document n'a pas d'INS, et personne ici n'a ses traits",
)
PARTIAL_INS = _refused(
    9,
    _PARTIAL_INS,
    "the INS of the document is incomplete, and nobody here has its traits",
    "l'INS du document est incomplète, et personne ici n'a ses traits",
)
BY_PERSON = _refused(10, _OTHER, "a person refused it: {reason}", "une personne l'a refusé : {reason}")

NOT_QUALIFIED_HERE = _review(
    20,
    "the identity is known here, and is not qualified",
    "l'identité est connue ici, et n'est pas qualifiée",
    Who.IDENTITO,
)
NOT_QUALIFIED_THERE = _review(
    21,
    "the sender says that the identity is not qualified",
    "l'émetteur indique que l'identité n'est pas qualifiée",
)
TRAITS_DIFFER = _review(
    22,
    "the INS is known here, with other traits",
    "l'INS est connue ici, avec d'autres traits",
    Who.IDENTITO,
)
BY_TRAITS = _review(
    23,
    "only the traits are those of a dossier here",
    "seuls les traits sont ceux d'un dossier d'ici",
)
SEVERAL_DOSSIERS = _review(
    24, "several dossiers have this identity", "plusieurs dossiers ont cette identité", Who.IDENTITO
)
CONFLICT = _review(
    25,
    "another document with the same identifier or version is already here",
    "un autre document de même identifiant ou version est déjà ici",
)
OTHER_DOSSIER = _review(
    26,
    "it replaces or cancels a document of another dossier",
    "il remplace ou annule un document d'un autre dossier",
)
OTHER_SENDER = _review(
    27,
    "it replaces or cancels a document that somebody else sent",
    "il remplace ou annule un document envoyé par quelqu'un d'autre",
)
NOTHING_TO_CANCEL = _review(
    28,
    "it cancels a document that is not here",
    "il annule un document qui n'est pas ici",
)
WAITING = _review(29, "the same document already waits for a person", "le même document attend déjà une personne")
INS_ONCE = _review(
    30,
    "only one of the document and its metadata names the INS",
    "l'INS n'est que dans le document, ou que dans ses métadonnées",
)
CITIZEN = _review(
    31,
    "a citizen sent it, not a professional",
    "un citoyen l'a envoyé, et non un professionnel",
)

ANSWERS: Final[Mapping[str, str]] = _ANSWERS
"""Rule of a refusal → the code that the sender is answered."""
