"""What can be wrong with Pro Santé Connect: PSC-0nn. `REFUSALS` says which error code of the service is which.

No text shows a token, a code, a secret, or a word of the service: it may hold the name of the person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from dui_bridge.errors import AskService, DuiBridgeError, FixConfiguration, FixData, Retry
from dui_bridge.findings import Who


class Unanswered(Retry):
    """No answer came, or that of a machine on the way."""

    code = "PSC-001"
    en = "Pro Santé Connect gave no answer: {reason}"
    fr = "Pro Santé Connect n'a pas répondu : {reason_fr}"
    action_en = "Sign in again in a while. Check the network if it lasts."
    action_fr = "Reconnectez-vous dans un moment. Si cela dure, vérifiez le réseau."


class Unavailable(Retry):
    """The service says that it is down for now."""

    code = "PSC-002"
    en = "Pro Santé Connect is not available for now ({answer})"
    fr = "Pro Santé Connect est temporairement indisponible ({answer})"
    action_en = "Sign in again later."
    action_fr = "Reconnectez-vous plus tard."


class NotApproved(Retry):
    """The person did not answer in time."""

    code = "PSC-003"
    who = Who.DUI
    en = "the professional did not approve in time on the e-CPS or in the browser"
    fr = "le professionnel n'a pas validé à temps sur son e-CPS ou dans le navigateur"
    action_en = "Sign in again, with the telephone at hand."
    action_fr = "Reconnectez-vous, le téléphone à portée de main."


class AddressOfOtherProfile(FixConfiguration):
    """The profiles are never mixed."""

    code = "PSC-010"
    who = Who.MAPPING
    en = "Pro Santé Connect at {host} may not be called with the profile {profile}"
    fr = "Pro Santé Connect à l'adresse {host} ne peut pas être appelé avec le profil {profile}"
    action_en = "Leave psc.issuer out: the profile knows it. The sandbox calls this machine only, always by https."
    action_fr = "Retirez psc.issuer : le profil le connaît. Le bac à sable n'appelle que cette machine, en https."


class SecretMissing(FixConfiguration):
    """What the chosen authentication of the bridge needs is not there."""

    code = "PSC-011"
    en = "Pro Santé Connect: {authentication} needs {what}, which is not configured"
    fr = "Pro Santé Connect : {authentication} demande {what_fr}, qui n'est pas configuré"
    action_en = "Give the secret or the certificate, or choose another psc.authentication."
    action_fr = "Donnez le secret ou le certificat, ou choisissez un autre psc.authentication."


class DiscoveryWrong(FixConfiguration):
    """What the service publishes of itself cannot be used."""

    code = "PSC-012"
    en = "what Pro Santé Connect publishes of itself cannot be used: {reason}"
    fr = "ce que Pro Santé Connect publie de lui-même est inutilisable : {reason_fr}"
    action_en = "Check psc.issuer and psc.discovery, and whether a proxy of the site answers in its place."
    action_fr = "Vérifiez psc.issuer et psc.discovery, et si un proxy du site répond à sa place."


class OtherIssuer(DiscoveryWrong):
    """The description is that of another service."""

    code = "PSC-013"
    en = "the service that answers is not the one that is configured: it names another issuer"
    fr = "le service qui répond n'est pas celui qui est configuré : il nomme un autre émetteur"


class ClientRefused(FixConfiguration):
    """The service does not let the bridge in."""

    code = "PSC-014"
    en = "Pro Santé Connect does not let the bridge in ({answer})"
    fr = "Pro Santé Connect refuse l'accès au pont ({answer})"
    action_en = "Check psc.client_id, the secret or certificate, the return address and what the ANS opened for them."
    action_fr = "Vérifiez psc.client_id, le secret ou le certificat, l'adresse de retour et ce que l'ANS leur a ouvert."


class RequestRefused(FixConfiguration):
    """The service does not take the request as it is made."""

    code = "PSC-015"
    who = Who.VENDOR
    en = "Pro Santé Connect does not take the request ({answer})"
    fr = "Pro Santé Connect n'accepte pas la demande ({answer})"
    action_en = "Check psc.scope and psc.acr; else give the vendor this code."
    action_fr = "Vérifiez psc.scope et psc.acr ; sinon donnez ce code à l'éditeur."


class RedirectTaken(FixConfiguration):
    """The port on which the browser comes back cannot be had."""

    code = "PSC-016"
    en = "the port {port}, on which the browser comes back, cannot be used"
    fr = "le port {port}, sur lequel le navigateur revient, est inutilisable"
    action_en = "Choose another psc.code.port, that is registered with the service too, or stop what uses it."
    action_fr = "Choisissez un autre psc.code.port, déclaré aussi auprès du service, ou arrêtez ce qui l'occupe."


class RedirectElsewhere(FixConfiguration):
    """The browser comes back to the DUI, which has to begin and to finish the sign-in."""

    code = "PSC-017"
    who = Who.MAPPING
    en = "the browser would come back to the DUI, not here: this command cannot sign anybody in"
    fr = "le navigateur reviendrait au DUI, pas ici : cette commande ne peut connecter personne"
    action_en = "Sign in from the DUI, or leave psc.code.redirect_uri out."
    action_fr = "Connectez-vous depuis le DUI, ou retirez psc.code.redirect_uri."


class TokenRefused(AskService):
    """The identity token is not to be believed: nobody is signed in."""

    code = "PSC-020"
    who = Who.VENDOR
    en = "the identity token of Pro Santé Connect is refused: {reason}"
    fr = "le jeton d'identité de Pro Santé Connect est refusé : {reason_fr}"
    action_en = "Nobody is signed in. Check the clock of the machine; if it happens again, give the vendor this code."
    action_fr = (
        "Personne n'est connecté. Vérifiez l'heure de la machine ; si cela se répète, donnez ce code à l'éditeur."
    )


class KeyUnknown(TokenRefused):
    """Signed with a key that the service does not publish."""

    code = "PSC-021"
    en = "the identity token is signed with a key that Pro Santé Connect does not publish"
    fr = "le jeton d'identité est signé avec une clé que Pro Santé Connect ne publie pas"


class LevelTooLow(TokenRefused):
    """The person was not authenticated as was asked."""

    code = "PSC-022"
    who = Who.DUI
    en = "the professional was not authenticated at the level that is asked for"
    fr = "le professionnel n'a pas été authentifié au niveau demandé"
    action_en = "Sign in again with the e-CPS or the CPS card."
    action_fr = "Reconnectez-vous avec l'e-CPS ou la carte CPS."


class AnswerUnreadable(AskService):
    """An answer that is not as its standard says."""

    code = "PSC-023"
    who = Who.VENDOR
    en = "the answer of Pro Santé Connect is not as its standard says: {reason}"
    fr = "la réponse de Pro Santé Connect n'est pas conforme à la norme : {reason_fr}"
    action_en = "Sign in again; if it lasts, check whether a proxy of the site answers in its place."
    action_fr = "Reconnectez-vous ; si cela dure, vérifiez si un proxy du site répond à sa place."


class RefusalUnknown(AskService):
    """An error code that no standard names."""

    code = "PSC-024"
    en = "Pro Santé Connect refused with an unknown error ({answer})"
    fr = "Pro Santé Connect a refusé avec une erreur inconnue ({answer})"
    action_en = "Ask the support of the service, with this code and the time of the call."
    action_fr = "Interrogez l'assistance du service, avec ce code et l'heure de l'appel."


class Denied(AskService):
    """The person said no."""

    code = "PSC-030"
    who = Who.DUI
    en = "the professional refused on the e-CPS or in the browser ({answer})"
    fr = "le professionnel a refusé sur son e-CPS ou dans le navigateur ({answer})"
    action_en = "If they did not ask for it, somebody else typed their number: find out who. Else sign in again."
    action_fr = "S'il n'a rien demandé, quelqu'un a saisi son numéro : cherchez qui. Sinon, reconnectez-vous."


class PersonUnknown(FixData):
    """The service does not know the person, or they have no e-CPS."""

    code = "PSC-031"
    en = "Pro Santé Connect does not know this professional, or they have no e-CPS ({answer})"
    fr = "Pro Santé Connect ne connaît pas ce professionnel, ou il n'a pas d'e-CPS ({answer})"
    action_en = "Check the national number in the DUI; the e-CPS is activated by the professional."
    action_fr = "Vérifiez le numéro national dans le DUI ; l'e-CPS s'active par le professionnel."


class GrantRefused(AskService):
    """The code or the request is used up, expired or not ours."""

    code = "PSC-032"
    who = Who.DUI
    en = "this sign-in cannot be finished: it was used already, or is too old ({answer})"
    fr = "cette connexion ne peut pas aboutir : déjà utilisée, ou trop ancienne ({answer})"
    action_en = "Sign in again. If nobody finished it, tell IT: somebody may have used it first."
    action_fr = "Reconnectez-vous. Si personne ne l'a terminée, prévenez l'informatique : un tiers a pu l'utiliser."


class StateWrong(GrantRefused):
    """What came back is not the answer to what was asked."""

    code = "PSC-033"
    en = "the browser came back with an answer to another request: nobody is signed in"
    fr = "le navigateur est revenu avec la réponse à une autre demande : personne n'est connecté"


class OtherPerson(TokenRefused):
    """The person told by the service is not the one who was asked for, or not the one of the token."""

    code = "PSC-034"
    who = Who.DUI
    en = "Pro Santé Connect answered about another person than the one who was asked"
    fr = "Pro Santé Connect a répondu au sujet d'une autre personne que celle demandée"
    action_en = "Nobody is signed in: check the national number that was given, then sign in again."
    action_fr = "Personne n'est connecté : vérifiez le numéro national donné, puis reconnectez-vous."


class ProfessionalIncomplete(AskService):
    """What the service tells of the person is not enough to call in their name."""

    code = "PSC-040"
    who = Who.DUI
    en = "what Pro Santé Connect tells of the professional is not enough: {reason}"
    fr = "ce que Pro Santé Connect dit du professionnel ne suffit pas : {reason_fr}"
    action_en = "The professional has it corrected at their order or by the authority that registers them (RPPS)."
    action_fr = "Le professionnel le fait corriger auprès de son ordre ou de l'autorité d'enregistrement (RPPS)."


class SituationAmbiguous(FixData):
    """Several practice situations, and which one counts is not told."""

    code = "PSC-041"
    en = "the professional has several practice situations: which one counts is not told"
    fr = "le professionnel a plusieurs situations d'exercice : laquelle compte n'est pas indiqué"
    action_en = "Tell which one: its number is counted from 1, in the order in which the service gives them."
    action_fr = "Indiquez laquelle : son numéro se compte à partir de 1, dans l'ordre où le service les donne."


REFUSALS: Final[Mapping[str, type[DuiBridgeError]]] = {
    # RFC 6749 §4.1.2.1 and §5.2
    "invalid_request": RequestRefused,
    "invalid_client": ClientRefused,
    "invalid_grant": GrantRefused,
    "unauthorized_client": ClientRefused,
    "unsupported_grant_type": ClientRefused,
    "unsupported_response_type": ClientRefused,
    "invalid_scope": RequestRefused,
    "access_denied": Denied,
    "server_error": Unavailable,
    "temporarily_unavailable": Unavailable,
    # OpenID Connect Core §3.1.2.6 and "unmet authentication requirements"
    "interaction_required": NotApproved,
    "login_required": NotApproved,
    "account_selection_required": NotApproved,
    "consent_required": NotApproved,
    "invalid_request_uri": RequestRefused,
    "invalid_request_object": RequestRefused,
    "request_not_supported": RequestRefused,
    "request_uri_not_supported": RequestRefused,
    "registration_not_supported": RequestRefused,
    "unmet_authentication_requirements": LevelTooLow,
    # CIBA §11 and §13
    "expired_token": NotApproved,
    "transaction_failed": Unavailable,
    "unknown_user_id": PersonUnknown,
    "expired_login_hint_token": RequestRefused,
    "missing_user_code": RequestRefused,
    "invalid_user_code": RequestRefused,
    "invalid_binding_message": RequestRefused,
    # RFC 6750 §3.1
    "invalid_token": GrantRefused,
    "insufficient_scope": ClientRefused,
}
"""`error` of an answer → ours. What is still going on (`authorization_pending`, `slow_down`) is no refusal."""

_CODE: Final = re.compile(r"[a-z_]{1,60}", re.ASCII)


def refusal(code: object, status: int | None = None) -> DuiBridgeError:
    """Our error for an `error` of the service; what has not the form of one is not repeated."""
    said = code if isinstance(code, str) and _CODE.fullmatch(code) else "?"
    if said not in REFUSALS and status is not None and status >= 500:
        return Unavailable(answer=str(status))
    return REFUSALS.get(said, RefusalUnknown)(answer=said)
