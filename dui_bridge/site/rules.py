"""The checks of a site file: one row each. Shapes, unknown and missing keys are the rules of every declared file."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who, did_you_mean


def _rule(
    number: int,
    en: str,
    fr: str,
    remedy_en: str = "",
    remedy_fr: str = "",
    *,
    severity: Severity = Severity.ERROR,
    who: Who = Who.MAPPING,
) -> Rule:
    return Rule(f"SIT-{number:03}", severity, Scope.RUN, en, fr, remedy_en, remedy_fr, who)


UNKNOWN_VALUE = _rule(1, "'{value}' is not {what}{near}", "'{value}' n'est pas {what_fr}{near_fr}")
EMPTY = _rule(2, "the value is empty", "la valeur est vide")
LITERAL_SECRET = _rule(
    3,
    "a secret is never written in this file",
    "un secret ne s'écrit jamais dans ce fichier",
    "Name the file that holds it (file: PATH) or the environment variable (env: NAME), and change the secret.",
    "Nommez le fichier qui le contient (file: CHEMIN) ou la variable d'environnement (env: NOM), et changez le secret.",
)
SECRET_SOURCE = _rule(
    4,
    "a secret stands in a file or in the environment: give either 'file' or 'env'",
    "un secret se trouve dans un fichier ou dans l'environnement : donnez soit 'file', soit 'env'",
)
INBOX_WAY = _rule(
    6,
    "documents that came are laid in a folder or posted to an API: give either 'path' or 'rest'",
    "les documents reçus sont déposés dans un dossier ou envoyés à une API : donnez soit 'path', soit 'rest'",
)
UNPRINTABLE = _rule(
    5,
    "the value holds a line break or a control character",
    "la valeur contient un saut de ligne ou un caractère de contrôle",
)
FINESS_TWICE = _rule(
    10,
    "FINESS {finess} stands twice (first at line {line})",
    "le FINESS {finess} figure deux fois (d'abord ligne {line})",
)
LOCAL_CODE_TWICE = _rule(
    11,
    "local code '{code}' stands twice (first at line {line}): it must name one establishment",
    "le code local '{code}' figure deux fois (d'abord ligne {line}) : il doit désigner un seul établissement",
)
NO_DEFAULT_AUTHOR = _rule(
    12,
    "establishment {finess} has no default author: a document that names no author cannot be built",
    "l'établissement {finess} n'a pas d'auteur par défaut : un document sans auteur ne pourra pas être produit",
    severity=Severity.WARNING,
)
AUTHOR_WITHOUT_ID = _rule(
    13,
    "a person here needs an RPPS number (rpps) or a code of the establishment (code_local)",
    "cette personne doit avoir un numéro RPPS (rpps) ou un code propre à l'établissement (code_local)",
)
SECRET_UNREADABLE = _rule(20, "the secret file {path} {reason}", "le fichier de secret {path} {reason_fr}", who=Who.IT)
VARIABLE_MISSING = _rule(
    21,
    "environment variable {name} is not set",
    "la variable d'environnement {name} n'est pas définie",
    who=Who.IT,
)
NOT_A_KEY = _rule(
    22,
    "{source} does not hold a key of 32 bytes, in hexadecimal or base64",
    "{source} ne contient pas une clé de 32 octets, en hexadécimal ou en base64",
    "Make one with: openssl rand -hex 32",
    "Créez-en une avec : openssl rand -hex 32",
    who=Who.IT,
)
DEMO_KEY = _rule(
    23,
    "{source} holds the published demo key: everyone knows it, only the profile 'sandbox' accepts it",
    "{source} contient la clé publiée de démonstration : elle est connue de tous, seul le profil 'sandbox' l'accepte",
    "Make a key with: openssl rand -hex 32",
    "Créez une clé avec : openssl rand -hex 32",
    who=Who.IT,
)
WIDE_PERMISSIONS = _rule(
    24,
    "the secret file {path} can be read by others (mode {mode})",
    "le fichier de secret {path} est lisible par d'autres (mode {mode})",
    "chmod 600 {path}",
    "chmod 600 {path}",
    severity=Severity.WARNING,
    who=Who.IT,
)
PATH_MISSING = _rule(30, "{path} does not exist", "{path} n'existe pas", severity=Severity.WARNING, who=Who.IT)
MAPPING_MISSING = _rule(31, "the mapping {path} does not exist", "le mapping {path} n'existe pas")
NOT_A_FOLDER = _rule(32, "{path} is not a folder", "{path} n'est pas un dossier", who=Who.IT)
NOT_A_FILE = _rule(33, "{path} is not a file", "{path} n'est pas un fichier", who=Who.IT)
INSI_REFUSED = _rule(
    34,
    "{message}",
    "{message_fr}",
    "Leave `insi.url` out (the profile knows its address), and name the events that allow a search.",
    "Retirez `insi.url` (le profil connaît son adresse), et nommez les événements qui permettent une recherche.",
)
NEEDS_KEY = _rule(
    35,
    "'{key}' is needed by {what}",
    "'{key}' est nécessaire à {what}",
    "Declare it (docs/configuration.md).",
    "Déclarez-le (docs/configuration.md).",
)
DMP_REFUSED = _rule(
    36,
    "{message}",
    "{message_fr}",
    "Leave `base` out in production; in qualification give the address of the test platform.",
    "Retirez `base` en production ; en qualification, indiquez l'adresse de la plateforme de test.",
)
NOBODY_ANSWERS = _rule(
    37,
    "nobody answers for what {finess} sends to {what}: nothing of it can be deposited",
    "personne ne répond de ce que {finess} envoie à {what} : rien ne peut en être déposé",
    "Give it a `legal_authenticator` or a `default_author` with an RPPS or a `code_local`.",
    "Donnez-lui un `legal_authenticator` ou un `default_author` avec un RPPS ou un `code_local`.",
    severity=Severity.WARNING,
)
PSC_REFUSED = _rule(
    38,
    "{message}",
    "{message_fr}",
    "Leave `psc.issuer` out: the profile knows it.",
    "Retirez `psc.issuer` : le profil le connaît.",
)
HOLDER_OF_OTHER = _rule(
    39,
    "the certificate is of FINESS {holder}, which is not declared for {finess}: {what} refuses what these send",
    "le certificat est au FINESS {holder}, qui n'est pas déclaré pour {finess} : {what} refuse ce que ceux-ci envoient",
    "Give `finess_ej` where it is missing; establishments of another legal entity need a site with its certificates.",
    "Indiquez `finess_ej` s'il manque ; les établissements d'une autre entité juridique ont besoin d'un site avec ses "
    "certificats.",
    severity=Severity.WARNING,
    who=Who.IT,
)
ROLE_UNKNOWN = _rule(
    41,
    "role '{role}' of `automate`, with its system, is not in the value set of authors (JDV_J01): {what} may refuse it",
    "le rôle '{role}' de `automate` n'est pas, avec ce système, dans le jeu de valeurs des auteurs (JDV_J01) : {what} "
    "peut le refuser",
    "Leave `automate` out, or give the code and the code system as published.",
    "Retirez `automate`, ou indiquez le code et le système publiés.",
    severity=Severity.WARNING,
)
NO_EFFECT = _rule(
    40,
    "'{key}' has no effect yet: {part} is not in this version",
    "'{key}' est sans effet pour l'instant : {part_fr} n'est pas dans cette version",
    severity=Severity.INFO,
    who=Who.NOBODY,
)

_REASONS: Final = {
    errno.ENOENT: ("does not exist", "n'existe pas"),
    errno.ENOTDIR: ("does not exist (a file stands for a folder)", "n'existe pas (un fichier tient lieu de dossier)"),
    errno.EACCES: ("cannot be read by this user", "n'est pas lisible par cet utilisateur"),
    errno.EISDIR: ("is a folder", "est un dossier"),
}  # fmt: skip


def reasons(error: OSError) -> dict[str, str]:
    """Why a file could not be read, as the placeholders `reason` and `reason_fr`; never what it holds."""
    en, fr = _REASONS.get(error.errno or 0, ("cannot be read", "est illisible"))
    return {"reason": en, "reason_fr": fr}


def unknown_value(value: str, known: Iterable[str], what: str, what_fr: str, *, listed: bool) -> dict[str, str]:
    """The placeholders of UNKNOWN_VALUE: the nearest known value, else, when `listed`, all of them."""
    names = sorted(known)
    near, near_fr = did_you_mean(value, names, "en"), did_you_mean(value, names, "fr")
    if not near and listed:
        near, near_fr = f" ({', '.join(names)})", f" ({', '.join(names)})"
    return {"value": value, "what": what, "what_fr": what_fr, "near": near, "near_fr": near_fr}
