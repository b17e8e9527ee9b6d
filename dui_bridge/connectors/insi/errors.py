"""What can be wrong with a call to the téléservice INSi: TSI-3nn. `FAULTS` says which fault of the service is which.

No text shows a trait or a number of a person: the words of the service are given without what was asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from dui_bridge.connectors.wire.soap import Fault
from dui_bridge.errors import AskService, DuiBridgeError, FixConfiguration, FixData, Retry
from dui_bridge.findings import Who


class Unanswered(Retry):
    """No answer came, or that of a machine on the way. A search changes nothing: it may be made again."""

    code = "TSI-301"
    en = "INSi gave no answer: {reason}"
    fr = "INSi n'a pas répondu : {reason_fr}"
    action_en = "Nothing is lost: the search is made again. Check the network if it lasts."
    action_fr = "Rien n'est perdu : la recherche sera refaite. Si cela dure, vérifiez le réseau."


class Unavailable(Retry):
    """siram_40: the service is down for now."""

    code = "TSI-302"
    en = "INSi is not available for now ({fault})"
    fr = "INSi est temporairement indisponible ({fault})"
    action_en = "Nothing is lost: the search is made again later."
    action_fr = "Rien n'est perdu : la recherche sera refaite plus tard."


class TechnicalError(Unavailable):
    """insi_102: the search itself failed inside the service."""

    code = "TSI-303"
    en = "INSi failed while it searched ({fault})"
    fr = "INSi a échoué pendant la recherche ({fault})"
    action_en = "The search is made again later. The national test base answers so for some unknown persons too."
    action_fr = "La recherche sera refaite. La base de test nationale répond aussi cela pour des inconnus."


class SoftwareRefused(FixConfiguration):
    """siram_100: this software may not use the service."""

    code = "TSI-310"
    who = Who.VENDOR
    en = "INSi does not let this software in ({fault}): {words}"
    fr = "INSi refuse l'accès à ce logiciel ({fault}) : {words}"
    action_en = "Give the vendor this code: the authorisation of the software must be looked at."
    action_fr = "Donnez ce code à l'éditeur : l'autorisation du logiciel est à revoir."


class IdamUnknown(SoftwareRefused):
    """desir_550: the authorisation number is not known."""

    code = "TSI-311"
    en = "INSi does not know the authorisation number of the software ({fault})"
    fr = "INSi ne connaît pas le numéro d'autorisation du logiciel ({fault})"
    action_en = "Check software.insi_idam: a number is good for one environment (test or production) only."
    action_fr = "Vérifiez software.insi_idam : un numéro ne vaut que pour un environnement (test ou production)."


class CertificateLevel(FixConfiguration):
    """desir_560: the certificate is not one for INSi."""

    code = "TSI-312"
    en = "INSi finds the certificate's level of access insufficient ({fault})"
    fr = "INSi juge insuffisant le niveau d'accès du certificat ({fault})"
    action_en = "The common name of the certificate must be exactly INSI-AUTO or INSI-MANU: order one for INSi."
    action_fr = "Le nom (CN) du certificat doit être exactement INSI-AUTO ou INSI-MANU : commandez-en un pour INSi."


class FaultUnknown(AskService):
    """A fault that no public document names."""

    code = "TSI-320"
    en = "INSi refused with an unknown fault ({fault}): {words}"
    fr = "INSi a refusé avec une erreur inconnue ({fault}) : {words}"
    action_en = "Ask the support of the service, with this code and the time of the call."
    action_fr = "Interrogez l'assistance du service, avec ce code et l'heure de l'appel."


class AnswerUnreadable(AskService):
    """An answer that is not as the contract says."""

    code = "TSI-321"
    en = "the answer of INSi is not as its contract says: {reason}"
    fr = "la réponse d'INSi n'est pas conforme à son contrat : {reason_fr}"
    action_en = "Capture the exchange and give it to the vendor; the person waits."
    action_fr = "Capturez l'échange et donnez-le à l'éditeur ; la personne reste en attente."


class AnswerToAnother(AskService):
    """The answer relates to another message."""

    code = "TSI-322"
    en = "INSi answered another request than ours: the answer was put aside"
    fr = "INSi a répondu à une autre demande que la nôtre : la réponse a été écartée"
    action_en = "Make the search again; if it happens twice, a machine on the way keeps answers: stop and ask."
    action_fr = "Refaites la recherche ; si cela se répète, une machine intermédiaire garde des réponses : arrêtez."


class NotTheService(FixConfiguration):
    """Something else than INSi answers at its address."""

    code = "TSI-323"
    en = "what answers at the address of INSi is not INSi (status {status}): {reason}"
    fr = "ce qui répond à l'adresse d'INSi n'est pas INSi (statut {status}) : {reason_fr}"
    action_en = "Check the address, and whether a proxy of the site answers in its place."
    action_fr = "Vérifiez l'adresse, et si un proxy du site répond à sa place."


class VerificationOff(FixConfiguration):
    """The unit verification is not configured."""

    code = "TSI-330"
    who = Who.MAPPING
    en = "the verification of an INS is not configured"
    fr = "la vérification d'INS n'est pas configurée"
    action_en = "No public contract describes it: fill in insi.verification from the vendor's copy of the WSDL."
    action_fr = "Aucun contrat public ne la décrit : remplissez insi.verification d'après le WSDL de l'éditeur."


class AddressOfOtherProfile(FixConfiguration):
    """The profiles are never mixed."""

    code = "TSI-331"
    who = Who.MAPPING
    en = "INSi at {host} may not be called with the profile {profile}"
    fr = "INSi à l'adresse {host} ne peut pas être appelé avec le profil {profile}"
    action_en = "Leave insi.url out: the profile knows its address. The sandbox calls this machine only."
    action_fr = "Retirez insi.url : le profil connaît son adresse. Le bac à sable n'appelle que cette machine."


class CertificateName(FixConfiguration):
    """Our certificate is not one for INSi: known before any call."""

    code = "TSI-332"
    en = "the certificate for INSi is named '{name}': INSi wants exactly INSI-AUTO or INSI-MANU, and its structure (OU)"
    fr = (
        "le certificat pour INSi s'appelle '{name}' : INSi veut exactement INSI-AUTO ou INSI-MANU, et la structure (OU)"
    )
    action_en = "Order a certificate ORG AUTH_CLI with this name from the ANS, for the legal entity."
    action_fr = "Commandez à l'ANS un certificat ORG AUTH_CLI de ce nom, pour l'entité juridique."


class BulkSearch(FixConfiguration):
    """Everybody was to be searched, with a real service."""

    code = "TSI-333"
    who = Who.MAPPING
    en = "insi.call_on: 'any' is refused with the profile {profile}: INSi may not be asked for everybody"
    fr = "insi.call_on : 'any' est refusé avec le profil {profile} : INSi ne s'interroge pas pour tout le monde"
    action_en = "Name the events: admission, stay, corrected, document. Only the sandbox's stand-in takes 'any'."
    action_fr = "Nommez les événements : admission, stay, corrected, document. Seul le simulateur accepte 'any'."


class TraitRefused(FixData):
    """A trait cannot be sent as it is; nothing was sent."""

    code = "TSI-340"
    en = "{trait} holds what INSi does not take: nothing was sent"
    fr = "{trait} contient ce qu'INSi n'accepte pas : rien n'a été envoyé"
    action_en = "Correct it in the DUI."
    action_fr = "Corrigez-le dans le DUI."


FAULTS: Final[Mapping[str, type[DuiBridgeError]]] = {
    "insi_102": TechnicalError,
    "desir_550": IdamUnknown,
    "desir_560": CertificateLevel,
    "siram_40": Unavailable,
    "siram_100": SoftwareRefused,
}
"""`Detail/siram:Erreur/@code`, or the subcode of the fault, in lower case → our error. The detail counts first."""

_SIRAM_ERROR: Final = "{urn:siram}Erreur"
_LONGEST: Final = 300
_NUMBERS: Final = re.compile(r"\d[\dAB ./-]{3,}\d", re.IGNORECASE)


def codes_of(fault: Fault) -> tuple[str, ...]:
    """The codes of a fault, the most precise one first: those of its detail, then its subcodes."""
    details = () if fault.detail is None else tuple(fault.detail.iter(_SIRAM_ERROR))
    return (*(one.get("code", "") for one in details if one.get("code")), *reversed(fault.subcodes))


def error_of(fault: Fault, asked: Iterable[str] = ()) -> DuiBridgeError:
    """Our error for a fault of the service.

    Args:
        asked: the values of the request, which the words of the service are given without.
    """
    codes = codes_of(fault)
    kind = next((FAULTS[code.lower()] for code in codes if code.lower() in FAULTS), FaultUnknown)
    return kind(fault="/".join(reversed(codes)) or fault.code or "?", words=_words(fault, asked))


def _words(fault: Fault, asked: Iterable[str]) -> str:
    details = () if fault.detail is None else fault.detail.iter(_SIRAM_ERROR)
    text = " ".join(filter(None, [fault.reason, *((one.text or "").strip() for one in details)]))
    for word in sorted({word for value in asked for word in (value, *value.split())}, key=len, reverse=True):
        if len(word) > 1:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return _NUMBERS.sub("…", text)[:_LONGEST] or "—"
