"""What can be wrong with a TLS connection: TLS-00n our own files, TLS-02n we refuse the service, TLS-03n it refuses us.

All say that nothing was sent, or that what was sent was certainly not taken: a handshake that is refused comes before
any message. `{service}` is the name that the configuration gives.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Final

from dui_bridge.errors import FixConfiguration


class TlsProblem(FixConfiguration):
    """A certificate, an authority or a setting of TLS must change."""

    code = "TLS-000"


class CertificateFileWrong(TlsProblem):
    """The file is not of the form that the configuration says."""

    code = "TLS-001"
    en = "{file} is not a readable {form} file"
    fr = "{file} n'est pas un fichier {form} lisible"
    action_en = "Give pkcs12 for a .p12 or .pfx file, pem for a text file; if it is the right one, fetch it again."
    action_fr = (
        "Donnez pkcs12 pour un .p12 ou .pfx, pem pour un fichier texte ; si c'est le bon, récupérez-le de nouveau."
    )


class PasswordWrong(TlsProblem):
    """The password does not open the file, or the file is damaged."""

    code = "TLS-002"
    en = "the password does not open {file}"
    fr = "le mot de passe n'ouvre pas {file}"
    action_en = "Give the password chosen when the certificate was withdrawn; if it is right, the file is damaged."
    action_fr = "Donnez le mot de passe choisi au retrait du certificat ; s'il est bon, le fichier est endommagé."


class CertificateUnusable(TlsProblem):
    """TLS itself does not take our certificate: a short key, an old signature, an unknown algorithm."""

    code = "TLS-003"
    en = "the certificate {file} cannot be used for TLS ({reason})"
    fr = "le certificat {file} est inutilisable pour TLS ({reason})"
    action_en = "Order a certificate with a key and a signature of today (RSA 2048 bits or more, SHA-256)."
    action_fr = "Commandez un certificat avec une clé et une signature actuelles (RSA 2048 bits au moins, SHA-256)."


class KeyMissing(TlsProblem):
    """The file holds no private key."""

    code = "TLS-004"
    en = "{file} holds no private key"
    fr = "{file} ne contient pas de clé privée"
    action_en = "Export the certificate again, with its private key."
    action_fr = "Exportez de nouveau le certificat, avec sa clé privée."


class KeyOfAnother(TlsProblem):
    """No certificate of the file belongs to the key."""

    code = "TLS-005"
    en = "{file} holds no certificate of that private key"
    fr = "{file} ne contient pas le certificat de cette clé privée"
    action_en = "Put the certificate and the key of one same order together."
    action_fr = "Réunissez le certificat et la clé d'une même commande."


class CertificateExpired(TlsProblem):
    """Our certificate is over."""

    code = "TLS-006"
    en = "the certificate {file} expired on {date}"
    fr = "le certificat {file} a expiré le {date}"
    action_en = "Order a new certificate and put it in place; what waits leaves afterwards."
    action_fr = "Commandez un nouveau certificat et mettez-le en place ; ce qui attend partira ensuite."


class CertificateNotYetValid(TlsProblem):
    """Our certificate is for later."""

    code = "TLS-007"
    en = "the certificate {file} is valid from {date} only"
    fr = "le certificat {file} n'est valable qu'à partir du {date}"
    action_en = "Check the clock of this machine; else keep the former certificate until that day."
    action_fr = "Vérifiez l'horloge de cette machine ; sinon gardez l'ancien certificat jusqu'à ce jour."


class UsageWrong(TlsProblem):
    """Our certificate is not for authentication: a signature certificate was given."""

    code = "TLS-008"
    en = "the certificate {file} is not made to authenticate a client"
    fr = "le certificat {file} n'est pas fait pour authentifier un client"
    action_en = "Give the authentication certificate (ORG AUTH_CLI), not the signature one (ORG SIGN)."
    action_fr = "Donnez le certificat d'authentification (ORG AUTH_CLI), pas celui de signature (ORG SIGN)."


class TrustMissing(TlsProblem):
    """No authority is given."""

    code = "TLS-009"
    en = "no certification authority is given, so that no server could be trusted"
    fr = "aucune autorité de certification n'est donnée : aucun serveur ne pourrait être reconnu"
    action_en = "Give the certificates of the authorities of the service (root and intermediate) under trust."
    action_fr = "Donnez sous trust les certificats des autorités du service (racine et intermédiaire)."


class CrlUnreadable(TlsProblem):
    """A revocation list is not one."""

    code = "TLS-010"
    en = "{file} is not a revocation list (CRL)"
    fr = "{file} n'est pas une liste de révocation (CRL)"
    action_en = "Fetch the list of the authority again."
    action_fr = "Récupérez de nouveau la liste de l'autorité."


class NotForSigning(TlsProblem):
    """Our certificate is not for signatures: an authentication certificate was given."""

    code = "TLS-011"
    en = "the certificate {file} is not made to sign"
    fr = "le certificat {file} n'est pas fait pour signer"
    action_en = "Give the signature certificate (ORG SIGN, RSA), not the authentication one (ORG AUTH_CLI)."
    action_fr = "Donnez le certificat de signature (ORG SIGN, RSA), pas celui d'authentification (ORG AUTH_CLI)."


class ServerUnknown(TlsProblem):
    """The server's certificate does not come from an authority that the configuration trusts."""

    code = "TLS-020"
    en = "{service} shows a certificate of an authority that is not trusted here: nothing was sent"
    fr = "{service} présente un certificat d'une autorité non reconnue ici : rien n'a été envoyé"
    action_en = "Check the address; then add the authority of the service to trust, from its official site only."
    action_fr = (
        "Vérifiez l'adresse ; puis ajoutez l'autorité du service sous trust, depuis son site officiel seulement."
    )


class ServerExpired(TlsProblem):
    """The server's certificate, or that of its authority, is over."""

    code = "TLS-021"
    en = "{service} shows a certificate that has expired: nothing was sent"
    fr = "{service} présente un certificat expiré : rien n'a été envoyé"
    action_en = "Check the clock of this machine; else tell the operator of the service."
    action_fr = "Vérifiez l'horloge de cette machine ; sinon prévenez l'exploitant du service."


class ServerNotYetValid(TlsProblem):
    """The server's certificate is for later."""

    code = "TLS-022"
    en = "{service} shows a certificate that is not valid yet: nothing was sent"
    fr = "{service} présente un certificat qui n'est pas encore valable : rien n'a été envoyé"
    action_en = "Check the clock of this machine; else tell the operator of the service."
    action_fr = "Vérifiez l'horloge de cette machine ; sinon prévenez l'exploitant du service."


class ServerRevoked(TlsProblem):
    """The server's certificate is on the revocation list of its authority."""

    code = "TLS-023"
    en = "{service} shows a certificate that its authority has revoked: nothing was sent"
    fr = "{service} présente un certificat révoqué par son autorité : rien n'a été envoyé"
    action_en = "Do not go round it: someone may stand in for the service. Ask its operator."
    action_fr = "Ne contournez pas : quelqu'un peut se faire passer pour le service. Interrogez son exploitant."


class ServerOtherName(TlsProblem):
    """The server's certificate is for another host."""

    code = "TLS-024"
    en = "{service} shows the certificate of another host: nothing was sent"
    fr = "{service} présente le certificat d'un autre hôte : rien n'a été envoyé"
    action_en = "Check the host in the address, letter by letter; an address in numbers is seldom accepted."
    action_fr = "Vérifiez l'hôte de l'adresse, lettre par lettre ; une adresse en chiffres est rarement acceptée."


class CrlMissing(TlsProblem):
    """Revocation is checked, and there is no list of the server's authority."""

    code = "TLS-025"
    en = "no revocation list (CRL) of the authority of {service} is given: nothing was sent"
    fr = "aucune liste de révocation (CRL) de l'autorité de {service} n'est donnée : rien n'a été envoyé"
    action_en = "Fetch the list of that authority, or stop giving lists."
    action_fr = "Récupérez la liste de cette autorité, ou ne donnez plus de liste."


class CrlExpired(TlsProblem):
    """The revocation list of the server's authority is too old."""

    code = "TLS-026"
    en = "the revocation list (CRL) of the authority of {service} has expired: nothing was sent"
    fr = "la liste de révocation (CRL) de l'autorité de {service} est périmée : rien n'a été envoyé"
    action_en = "Fetch the list again; check the task that does so."
    action_fr = "Récupérez de nouveau la liste ; vérifiez la tâche qui s'en charge."


class ServerRefused(TlsProblem):
    """The server's certificate is not acceptable, for a rarer reason."""

    code = "TLS-027"
    en = "{service} shows a certificate that cannot be accepted ({reason}): nothing was sent"
    fr = "{service} présente un certificat inacceptable ({reason}) : rien n'a été envoyé"
    action_en = "Give this message to the operator of the service."
    action_fr = "Transmettez ce message à l'exploitant du service."


class CertificateWanted(TlsProblem):
    """The service wants a client certificate, and none was shown."""

    code = "TLS-030"
    en = "{service} wants a client certificate and none was shown"
    fr = "{service} exige un certificat client et aucun n'a été présenté"
    action_en = "Give the certificate of this service under certificates."
    action_fr = "Donnez le certificat de ce service sous certificates."


class RefusedAuthority(TlsProblem):
    """The service does not know the authority of our certificate."""

    code = "TLS-031"
    en = "{service} does not accept the authority of our certificate"
    fr = "{service} n'accepte pas l'autorité de notre certificat"
    action_en = "A test certificate goes to test services only, and the reverse: check the profile and the certificate."
    action_fr = (
        "Un certificat de test ne vaut que pour un service de test, et inversement : vérifiez profil et certificat."
    )


class RefusedExpired(TlsProblem):
    """The service says that our certificate is over."""

    code = "TLS-032"
    en = "{service} says that our certificate has expired"
    fr = "{service} répond que notre certificat a expiré"
    action_en = "Order a new certificate; if it is still valid here, check the clock of this machine."
    action_fr = "Commandez un nouveau certificat ; s'il est encore valable ici, vérifiez l'horloge de cette machine."


class RefusedRevoked(TlsProblem):
    """The service says that our certificate is revoked."""

    code = "TLS-033"
    en = "{service} says that our certificate is revoked"
    fr = "{service} répond que notre certificat est révoqué"
    action_en = "Ask who revoked it and why, then order a new one; never use this one again."
    action_fr = "Demandez qui l'a révoqué et pourquoi, puis commandez-en un nouveau ; n'utilisez plus celui-ci."


class RefusedCertificate(TlsProblem):
    """The service does not accept our certificate, without saying more."""

    code = "TLS-034"
    en = "{service} does not accept our certificate ({reason})"
    fr = "{service} n'accepte pas notre certificat ({reason})"
    action_en = "Check that it was ordered for this service (product, structure, name), and that it is not revoked."
    action_fr = "Vérifiez qu'il a été commandé pour ce service (produit, structure, nom) et qu'il n'est pas révoqué."


class HandshakeRefused(TlsProblem):
    """The service ends the handshake: up to TLS 1.2, also how it asks for a certificate that is missing."""

    code = "TLS-035"
    en = "{service} ends the handshake: no client certificate was shown, or no cipher is shared"
    fr = "{service} interrompt la négociation : aucun certificat client présenté, ou aucun chiffrement en commun"
    action_en = "Give the certificate of this service under certificates; else tell its operator the time of the call."
    action_fr = (
        "Donnez le certificat de ce service sous certificates ; sinon donnez l'heure de l'appel à son exploitant."
    )


class VersionRefused(TlsProblem):
    """No version of TLS is shared."""

    code = "TLS-036"
    en = "{service} and the bridge share no version of TLS"
    fr = "{service} et le pont n'ont aucune version de TLS en commun"
    action_en = "Check the address: a service that knows neither TLS 1.2 nor 1.3 is not the one of the documentation."
    action_fr = "Vérifiez l'adresse : un service sans TLS 1.2 ni 1.3 n'est pas celui de la documentation."


class CertificateOfOtherProfile(FixConfiguration):
    """Our certificate, or an authority that is trusted, is one of another profile: known before any call."""

    code = "TLS-038"
    en = "{file}: a certificate of {family} may not be used with the profile {profile}"
    fr = "{file} : un certificat {family_fr} ne peut pas servir avec le profil {profile}"
    action_en = (
        "Give certificates of this profile; those of the national tests have issuers whose names begin with TEST."
    )
    action_fr = "Donnez des certificats de ce profil ; ceux des tests nationaux ont des émetteurs nommés TEST…"


class NotTls(TlsProblem):
    """Something answers there, without TLS."""

    code = "TLS-037"
    en = "what answers at the address of {service} does not speak TLS"
    fr = "ce qui répond à l'adresse de {service} ne parle pas TLS"
    action_en = "Check the port of the address, and whether a proxy stands between."
    action_fr = "Vérifiez le port de l'adresse, et si un proxy s'interpose."


_VERIFICATION: Final[Mapping[int, type[TlsProblem]]] = {
    2: ServerUnknown,
    3: CrlMissing,
    9: ServerNotYetValid,
    10: ServerExpired,
    12: CrlExpired,
    18: ServerUnknown,
    19: ServerUnknown,
    20: ServerUnknown,
    21: ServerUnknown,
    23: ServerRevoked,
    62: ServerOtherName,
    64: ServerOtherName,
}
"""Code of OpenSSL (`X509_V_ERR_…` of x509_vfy.h) → what it means here."""

_ALERTS: Final[Mapping[str, type[TlsProblem]]] = {
    "HANDSHAKE_FAILURE": HandshakeRefused,
    "INSUFFICIENT_SECURITY": HandshakeRefused,
    "NO_CERTIFICATE": CertificateWanted,
    "CERTIFICATE_REQUIRED": CertificateWanted,
    "UNKNOWN_CA": RefusedAuthority,
    "CERTIFICATE_EXPIRED": RefusedExpired,
    "CERTIFICATE_REVOKED": RefusedRevoked,
    "BAD_CERTIFICATE": RefusedCertificate,
    "UNSUPPORTED_CERTIFICATE": RefusedCertificate,
    "CERTIFICATE_UNKNOWN": RefusedCertificate,
    "ACCESS_DENIED": RefusedCertificate,
    "PROTOCOL_VERSION": VersionRefused,
}
"""Alert of the peer (RFC 8446 §6.2) → what it means here."""

_LOCAL: Final[Mapping[str, type[TlsProblem]]] = {
    "UNSUPPORTED_PROTOCOL": VersionRefused,
    "NO_PROTOCOLS_AVAILABLE": VersionRefused,
    "WRONG_SSL_VERSION": VersionRefused,
    "WRONG_VERSION_NUMBER": NotTls,
    "HTTP_REQUEST": NotTls,
    "RECORD_LAYER_FAILURE": NotTls,
}
"""Reason of OpenSSL for a handshake that our side ends → what it means here."""

_ALERT: Final = re.compile(r"ALERT_([A-Z_]+)\Z")


def tls_problem(error: BaseException, service: str, *, connected: bool = False) -> TlsProblem | None:
    """What an error of a connection means when it is a matter of TLS, else None: a matter of the network.

    With TLS 1.3 the handshake of a client is over before the server has looked at its certificate, so that the
    refusal comes at the first read: give this function the errors of reads too.

    Args:
        error: any error of `ssl`, or one that was raised because of it (httpx, imaplib, smtplib).
        service: how the message calls the peer.
        connected: the handshake is over for our side: a stream that is garbled then is a matter of the network, and
            only what the peer says counts.
    """
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            found = _VERIFICATION.get(one.verify_code, ServerRefused)
            return found(service=service, reason=one.verify_message)
        if isinstance(one, ssl.SSLError):
            reason = getattr(one, "reason", None) or ""  # those that Python makes itself have none
            alert = _ALERT.search(reason)
            kinds, name = (_ALERTS, alert[1]) if alert is not None else ({} if connected else _LOCAL, reason)
            kind = kinds.get(name)
            if kind is not None:
                return kind(service=service, reason=in_words(reason.rpartition("ALERT_")[2]))
    return None


def in_words(reason: str | None) -> str:
    """A reason of OpenSSL (`EE_KEY_TOO_SMALL`) as a message shows it."""
    return (reason or "?").lower().replace("_", " ")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
