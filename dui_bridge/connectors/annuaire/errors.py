"""What can be wrong with a search in the Annuaire Santé: ANN-3nn; what can be said of its answer: ANN-1nn.

No text shows the key, nor the name of a professional. Source of the statuses: ANS, documentation of the FHIR API v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dui_bridge.errors import AskService, DuiBridgeError, FixConfiguration, FixData, Retry
from dui_bridge.findings import Rule, Scope, Severity, Who

UNKNOWN: Final = Rule(
    "ANN-101",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the Annuaire Santé knows nobody who fits",
    "l'Annuaire Santé ne connaît personne qui corresponde",
    "Check the RPPS or FINESS, or the spelling of the name.",
    "Vérifiez le RPPS ou le FINESS, ou l'orthographe du nom.",
)
NO_MAILBOX: Final = Rule(
    "ANN-102",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the Annuaire Santé knows who is looked for, but no MSSanté mailbox that can be used",
    "l'Annuaire Santé connaît qui est cherché, mais aucune boîte MSSanté utilisable",
    "Ask them for their MSSanté address; the structure may have one.",
    "Demandez-lui son adresse MSSanté ; sa structure en a peut-être une.",
)
SEVERAL_OWNERS: Final = Rule(
    "ANN-103",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{count} different professionals or structures fit: none is chosen",
    "{count} professionnels ou structures différents correspondent : aucun n'est choisi",
    "Give the RPPS or FINESS, or the place.",
    "Donnez le RPPS ou le FINESS, ou le lieu.",
)
SEVERAL_MAILBOXES: Final = Rule(
    "ANN-104",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{count} mailboxes of the same owner fit, and none is preferred: none is chosen",
    "{count} boîtes du même titulaire correspondent, sans préférence : aucune n'est choisie",
    "Choose by their descriptions, or give the structure; then record the address in the DUI.",
    "Choisissez d'après leurs descriptions, ou donnez la structure ; puis notez l'adresse dans le DUI.",
)
LEFT_OUT: Final = Rule(
    "ANN-105",
    Severity.WARNING,
    Scope.DOCUMENT,
    "{count} mailbox(es) left out: owner no longer active, red list, kind not wanted, or a mail came back",
    "{count} boîte(s) écartée(s) : titulaire inactif, liste rouge, type non voulu, ou message revenu",
    who=Who.NOBODY,
)
STALE: Final = Rule(
    "ANN-106",
    Severity.WARNING,
    Scope.DOCUMENT,
    "the Annuaire Santé does not answer now: this is its answer of {date}",
    "l'Annuaire Santé ne répond pas actuellement : ceci est sa réponse du {date}",
    "Ask again later (dui-bridge annuaire refresh).",
    "Redemandez plus tard (dui-bridge annuaire refresh).",
    who=Who.NOBODY,
)
INCOMPLETE: Final = Rule(
    "ANN-107",
    Severity.ERROR,
    Scope.DOCUMENT,
    "too many entries fit: not all were read, none is chosen",
    "trop d'entrées correspondent : toutes n'ont pas été lues, aucune n'est choisie",
    "Narrow the search: RPPS, FINESS, place or profession.",
    "Précisez la recherche : RPPS, FINESS, lieu ou profession.",
)
OTHER_NAME: Final = Rule(
    "ANN-109",
    Severity.ERROR,
    Scope.DOCUMENT,
    "only names that begin as the one given, or have more to them, were found: none is chosen",
    "seuls des noms qui commencent comme celui donné, ou plus longs, ont été trouvés : aucun n'est choisi",
    "Compare them; then give the RPPS or FINESS, or the whole name.",
    "Comparez-les ; puis donnez le RPPS ou le FINESS, ou le nom entier.",
)
PAPER: Final = Rule(
    "ANN-108",
    Severity.INFO,
    Scope.DOCUMENT,
    "the owner of this mailbox does not declare to do without paper",
    "le titulaire de cette boîte ne déclare pas accepter l'échange sans papier",
    "Send the paper too, if the usager's care needs it.",
    "Envoyez aussi le papier, si la prise en charge le demande.",
    who=Who.NOBODY,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class Unanswered(Retry):
    """No answer came. A search changes nothing: it may be made again."""

    code = "ANN-301"
    en = "the Annuaire Santé gave no answer: {reason}"
    fr = "l'Annuaire Santé n'a pas répondu : {reason_fr}"
    action_en = "Nothing is lost: search again later. Check the network if it lasts."
    action_fr = "Rien n'est perdu : recommencez plus tard. Si cela dure, vérifiez le réseau."


class Unavailable(Retry):
    """The service says that it cannot now, at every try."""

    code = "ANN-302"
    en = "the Annuaire Santé is not available for now (status {status})"
    fr = "l'Annuaire Santé est temporairement indisponible (statut {status})"
    action_en = "Search again later."
    action_fr = "Recommencez plus tard."


class TooManyCalls(Retry):
    """429: more calls than the key allows, of all who use it."""

    code = "ANN-303"
    en = "the Annuaire Santé takes no more calls of this key for now (status {status})"
    fr = "l'Annuaire Santé n'accepte plus d'appels de cette clé pour l'instant (statut {status})"
    action_en = "Search again later; if it lasts, lower annuaire.calls_per_second, or ask who else uses the key."
    action_fr = "Recommencez plus tard ; si cela dure, baissez annuaire.calls_per_second ou voyez qui utilise la clé."


class KeyRefused(FixConfiguration):
    """401 or 403."""

    code = "ANN-310"
    en = "the Annuaire Santé refuses the key (status {status})"
    fr = "l'Annuaire Santé refuse la clé (statut {status})"
    action_en = "Check the file of software.annuaire_key; a key is had on portal.api.esante.gouv.fr."
    action_fr = "Vérifiez le fichier de software.annuaire_key ; la clé s'obtient sur portal.api.esante.gouv.fr."


class KeyMalformed(FixConfiguration):
    """The key cannot stand in a header; nothing was sent."""

    code = "ANN-311"
    en = "the key of the Annuaire Santé is empty, or not one line of printable characters"
    fr = "la clé de l'Annuaire Santé est vide, ou n'est pas une ligne de caractères imprimables"
    action_en = "Check the file of software.annuaire_key: it holds the key alone."
    action_fr = "Vérifiez le fichier de software.annuaire_key : il ne contient que la clé."


class AddressOfOtherProfile(FixConfiguration):
    """The profiles are never mixed, and addresses of mailboxes come from the national directory alone."""

    code = "ANN-312"
    who = Who.MAPPING
    en = "the Annuaire Santé at {host} may not be called with the profile {profile}"
    fr = "l'Annuaire Santé à l'adresse {host} ne peut pas être appelé avec le profil {profile}"
    action_en = "Leave annuaire.url out: the profile knows it. The sandbox calls this machine only, always by https."
    action_fr = "Retirez annuaire.url : le profil la connaît. Le bac à sable n'appelle que cette machine, en https."


class NotThere(FixConfiguration):
    """Nothing answers at the address, or something that leads elsewhere."""

    code = "ANN-313"
    en = "the Annuaire Santé does not answer at its address (status {status})"
    fr = "l'Annuaire Santé ne répond pas à son adresse (statut {status})"
    action_en = "Check annuaire.url; a version of the API may have been withdrawn: tell the vendor."
    action_fr = "Vérifiez annuaire.url ; une version de l'API a pu être retirée : prévenez l'éditeur."


class RequestRefused(AskService):
    """The service does not accept the search."""

    code = "ANN-320"
    who = Who.VENDOR
    en = "the Annuaire Santé does not accept the search (status {status}): {words}"
    fr = "l'Annuaire Santé n'accepte pas la recherche (statut {status}) : {words}"
    action_en = "Give this message to the vendor: the API may have changed."
    action_fr = "Donnez ce message à l'éditeur : l'API a pu changer."


class AnswerUnreadable(AskService):
    """The answer is not a FHIR bundle of a search."""

    code = "ANN-321"
    en = "the answer of the Annuaire Santé cannot be read: {reason}"
    fr = "la réponse de l'Annuaire Santé est illisible : {reason_fr}"
    action_en = "Check whether a proxy of the site answers in its place; nothing of this answer was used."
    action_fr = "Vérifiez si un proxy du site répond à sa place ; rien de cette réponse n'a été utilisé."


class SearchMalformed(FixData):
    """A criterion has not the form of its kind; nothing was sent."""

    code = "ANN-330"
    en = "'{field}' has not the form that the Annuaire Santé expects: nothing was asked"
    fr = "« {field} » n'a pas la forme qu'attend l'Annuaire Santé : rien n'a été demandé"
    action_en = "RPPS: 11 digits; FINESS: 9 characters; postcode: 5 digits; profession, specialty: a code (10, SM26…)."
    action_fr = (
        "RPPS : 11 chiffres ; FINESS : 9 caractères ; code postal : 5 chiffres ; "
        "profession, spécialité : un code (10, SM26…)."
    )


class SearchTooWide(FixData):
    """Too little is given; nothing was sent."""

    code = "ANN-331"
    en = "too little is given to search the Annuaire Santé: nothing was asked"
    fr = "les critères sont trop larges pour l'Annuaire Santé : rien n'a été demandé"
    action_en = "Give an RPPS, a FINESS, a name, an address, or a profession or specialty with a postcode."
    action_fr = "Donnez un RPPS, un FINESS, un nom, une adresse, ou une profession ou spécialité avec un code postal."


_STATUSES: Final[Mapping[int, type[DuiBridgeError]]] = {
    401: KeyRefused,
    403: KeyRefused,
    404: NotThere,
    408: Unavailable,
    410: NotThere,
    425: Unavailable,
    429: TooManyCalls,
}


def error_of(status: int, words: str = "") -> DuiBridgeError:
    """Our error for a status other than 200. `words`: of the service, without what was asked."""
    if status in _STATUSES:
        kind = _STATUSES[status]
    elif status >= 500:
        kind = Unavailable
    else:
        kind = RequestRefused if status >= 400 else NotThere
    return kind(status=str(status), words=words or "—")
