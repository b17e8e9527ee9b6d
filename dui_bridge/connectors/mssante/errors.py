"""What can be wrong with a mail that is sent: MSS-0nn; `replies` says which answer of a server is which."""

from __future__ import annotations

from dui_bridge.errors import (
    AnswerLost,
    AskService,
    FixConfiguration,
    FixData,
    FixEstablishment,
    Retry,
    ServiceUnreachable,
)
from dui_bridge.findings import Who


class Unreachable(ServiceUnreachable):
    """No connection, or one that was cut before the mail was handed over whole."""

    code = "MSS-001"
    en = "the MSSanté operator could not be reached: {reason}"
    fr = "l'opérateur MSSanté est injoignable : {reason_fr}"
    action_en = "Nothing is lost: it is tried again. Check the network if it lasts."
    action_fr = "Rien n'est perdu : un nouvel essai suivra. Si cela dure, vérifiez le réseau."


class Busy(Retry):
    """An answer 4xx: not now."""

    code = "MSS-002"
    en = "the MSSanté operator does not take the mail for now ({answer}): {words}"
    fr = "l'opérateur MSSanté ne prend pas le message pour l'instant ({answer}) : {words}"
    action_en = "Nothing is lost: it is tried again later."
    action_fr = "Rien n'est perdu : un nouvel essai suivra."


class MaybeSent(AnswerLost):
    """The mail was handed over whole and no answer came, or one that nobody can read."""

    code = "MSS-003"
    en = "the mail left, and the operator did not say whether it took it: {reason}"
    fr = "le message est parti, et l'opérateur n'a pas dit s'il l'a pris : {reason_fr}"
    action_en = "Look for it among the mails sent, or ask the recipient, then say whether it arrived."
    action_fr = "Cherchez-le parmi les messages envoyés, ou interrogez le destinataire, puis dites s'il est arrivé."


class NoRecipient(FixData):
    """Nobody to write to."""

    code = "MSS-010"
    en = "the mail has no recipient: nothing was sent"
    fr = "le message n'a pas de destinataire : rien n'a été envoyé"
    action_en = "Give the MSSanté address of the professional, in the DUI or by the directory."
    action_fr = "Renseignez l'adresse MSSanté du professionnel, dans le DUI ou par l'annuaire."


class AddressMalformed(FixData):
    """An address that no mail can go to."""

    code = "MSS-011"
    en = "an address of a recipient is malformed: {address}"
    fr = "l'adresse d'un destinataire est mal formée : {address}"
    action_en = "Correct it in the DUI: nothing was sent."
    action_fr = "Corrigez-la dans le DUI : rien n'a été envoyé."


class OutsideTrust(FixData):
    """A domain that is not of the trusted space."""

    code = "MSS-012"
    en = "{domain} is not a domain of MSSanté: nothing was sent"
    fr = "{domain} n'est pas un domaine de MSSanté : rien n'a été envoyé"
    action_en = "Look for the MSSanté address of the recipient in the directory; health data never go by ordinary mail."
    action_fr = (
        "Cherchez l'adresse MSSanté du destinataire dans l'annuaire ; une donnée de santé ne part jamais par "
        "messagerie ordinaire."
    )


class CitizenAmongProfessionals(FixData):
    """A citizen is written to in a mail of its own, at an address made from a qualified INS."""

    code = "MSS-013"
    en = "a citizen's address stands among the recipients of a mail to professionals: nothing was sent"
    fr = "une adresse de citoyen figure parmi les destinataires d'un message à des professionnels : rien n'a été envoyé"
    action_en = "Take it out: the usager is written to by a destination with `audience: usager`."
    action_fr = "Retirez-la : on écrit à l'usager par une destination avec `audience: usager`."


class InsNotQualified(FixData):
    """No INS leaves unless it is qualified, and no mail goes to a citizen without one."""

    code = "MSS-014"
    who = Who.IDENTITO
    en = "the identity is not qualified: {reason}; nothing was sent"
    fr = "l'identité n'est pas qualifiée : {reason_fr} ; rien n'a été envoyé"
    action_en = "Qualify the identity (INSi, and a document of identity)."
    action_fr = "Qualifiez l'identité (INSi et pièce d'identité)."


class HiddenFromRecipient(FixData):
    """The masks of the document and who it would go to contradict each other."""

    code = "MSS-015"
    en = "the document is masked to {whom}: it was not sent to them"
    fr = "le document est masqué à {whom_fr} : il ne leur a pas été envoyé"
    action_en = "Lift the mask in the DUI, or send it to somebody else."
    action_fr = "Levez le masque dans le DUI, ou envoyez-le à quelqu'un d'autre."


class TooLarge(FixData):
    """A mail beyond the limit of the settings or of the server."""

    code = "MSS-016"
    en = "the mail is larger than {most}: it was not sent"
    fr = "le message dépasse {most} : il n'a pas été envoyé"
    action_en = "Make the annexes smaller, or send fewer documents at a time."
    action_fr = "Réduisez les annexes, ou envoyez moins de documents à la fois."


class PdfMissing(FixData):
    """A document that has no PDF to go beside it."""

    code = "MSS-017"
    who = Who.VENDOR
    en = "the document has no PDF to be attached: nothing was sent"
    fr = "le document n'a pas de PDF à joindre : rien n'a été envoyé"
    action_en = "Have the document made again, or set message.pdf to false."
    action_fr = "Faites refaire le document, ou mettez message.pdf à false."


class HeadersWrong(FixData):
    """What would be written among the headers of a mail is not what is meant to stand there."""

    code = "MSS-019"
    who = Who.VENDOR
    en = "the headers of the mail would not be read as they are meant: nothing was sent"
    fr = "les en-têtes du message ne seraient pas lus comme prévu : rien n'a été envoyé"
    action_en = "Stop: this is a fault of the software. Give the vendor this code and the time."
    action_fr = "Arrêtez : c'est un défaut du logiciel. Donnez ce code et l'heure à l'éditeur."


class RecipientUnknown(FixData):
    """5.1.1, 5.1.6, 5.2.1…: the mailbox does not exist, has moved or is closed."""

    code = "MSS-020"
    en = "the mailbox of the recipient does not exist or is closed ({answer}): {words}"
    fr = "la boîte du destinataire n'existe pas ou est fermée ({answer}) : {words}"
    action_en = "Look for another MSSanté address of the recipient in the directory."
    action_fr = "Cherchez une autre adresse MSSanté du destinataire dans l'annuaire."


class DomainRefused(FixData):
    """5.1.2: the operator does not find the domain in the trusted space."""

    code = "MSS-021"
    en = "the operator does not send to this domain: it is not of the trusted space ({answer}): {words}"
    fr = "l'opérateur n'envoie pas vers ce domaine : il n'est pas dans l'espace de confiance ({answer}) : {words}"
    action_en = "Look for the MSSanté address of the recipient in the directory."
    action_fr = "Cherchez l'adresse MSSanté du destinataire dans l'annuaire."


class MailboxFull(FixData):
    """5.2.2: the recipient has no room left."""

    code = "MSS-022"
    en = "the mailbox of the recipient is full ({answer}): {words}"
    fr = "la boîte du destinataire est pleine ({answer}) : {words}"
    action_en = "Tell the recipient by other means, then send it again, or use another mailbox."
    action_fr = "Prévenez le destinataire par un autre moyen, puis renvoyez, ou utilisez une autre boîte."


class SizeRefused(FixData):
    """5.3.4, 5.2.3: larger than the operator or the recipient takes."""

    code = "MSS-023"
    en = "the mail is too large for the operator or the recipient ({answer}): {words}"
    fr = "le message est trop gros pour l'opérateur ou le destinataire ({answer}) : {words}"
    action_en = "Make the annexes smaller, or send fewer documents at a time."
    action_fr = "Réduisez les annexes, ou envoyez moins de documents à la fois."


class AddressOfOtherProfile(FixConfiguration):
    """The profiles are never mixed."""

    code = "MSS-030"
    who = Who.MAPPING
    en = "the operator at {host} may not be called with the profile {profile}"
    fr = "l'opérateur à l'adresse {host} ne peut pas être appelé avec le profil {profile}"
    action_en = "Check destinations.mssante.host: the sandbox calls this machine, and no other profile does."
    action_fr = (
        "Vérifiez destinations.mssante.host : seul le bac à sable appelle cette machine, et il n'appelle qu'elle."
    )


class TlsNotOffered(FixConfiguration):
    """The server does not offer STARTTLS: nothing is said to it in clear."""

    code = "MSS-031"
    en = "the server {host} does not offer STARTTLS: nothing was sent"
    fr = "le serveur {host} ne propose pas STARTTLS : rien n'a été envoyé"
    action_en = (
        "Check the port (587 with STARTTLS; 465 with `tls: implicit`); a machine on the way may have cut it out."
    )
    action_fr = (
        "Vérifiez le port (587 avec STARTTLS ; 465 avec `tls: implicit`) ; une machine intermédiaire a pu le retirer."
    )


class CredentialsMissing(FixEstablishment):
    """A mailbox that is opened with a password or a token has none."""

    code = "MSS-032"
    en = "the mailbox {mailbox} has no password or access token"
    fr = "la boîte {mailbox} n'a ni mot de passe ni jeton d'accès"
    action_en = "Give where it stands (file or environment), or set `auth: external` or `none`."
    action_fr = "Indiquez où il se trouve (fichier ou environnement), ou mettez `auth: external` ou `none`."


class AuthRefused(FixEstablishment):
    """The operator does not open the mailbox to us."""

    code = "MSS-033"
    en = "the operator does not open the mailbox {mailbox} ({answer}): {words}"
    fr = "l'opérateur n'ouvre pas la boîte {mailbox} ({answer}) : {words}"
    action_en = "Check `auth`, the user and the password, or that the certificate is the one known to the operator."
    action_fr = "Vérifiez `auth`, l'utilisateur et le mot de passe, ou que le certificat est bien connu de l'opérateur."


class SenderRefused(FixEstablishment):
    """The operator does not let this mailbox send."""

    code = "MSS-034"
    en = "the operator refuses {mailbox} as a sender ({answer}): {words}"
    fr = "l'opérateur refuse {mailbox} comme expéditeur ({answer}) : {words}"
    action_en = "The mailbox must be the one of the certificate or of the user; check establishments.mailbox."
    action_fr = "La boîte doit être celle du certificat ou de l'utilisateur ; vérifiez establishments.mailbox."


class EstablishmentUnknown(FixEstablishment):
    """No mailbox is configured for the establishment of the document."""

    code = "MSS-035"
    who = Who.MAPPING
    en = "the establishment {finess} has no MSSanté mailbox: nothing was sent"
    fr = "l'établissement {finess} n'a pas de boîte MSSanté : rien n'a été envoyé"
    action_en = "Give it one: establishments.mailbox."
    action_fr = "Donnez-lui-en une : establishments.mailbox."


class WhiteListUnreadable(FixConfiguration):
    """The national list of domains cannot be read."""

    code = "MSS-036"
    en = "{file}: not the national list of the domains of MSSanté"
    fr = "{file} : ce n'est pas la liste nationale des domaines MSSanté"
    action_en = "Fetch it again (listeblanchemssante.xml), or remove `white_list`."
    action_fr = "Récupérez-la de nouveau (listeblanchemssante.xml), ou retirez `white_list`."


class NilMissing(FixConfiguration):
    """X-MSS-NIL goes with every mail."""

    code = "MSS-037"
    en = "the NIL number of the software is missing: no mail may leave without it"
    fr = "le numéro NIL du logiciel manque : aucun message ne peut partir sans lui"
    action_en = "Give the reference that the software was given: software.mssante_nil."
    action_fr = "Indiquez la référence attribuée au logiciel : software.mssante_nil."


class CiphersWrong(FixConfiguration):
    """Suites that OpenSSL does not know."""

    code = "MSS-038"
    en = "`ciphers` names no suite that is known here"
    fr = "`ciphers` ne nomme aucune suite connue ici"
    action_en = "Write them in OpenSSL's words, as ECDHE+AESGCM, or remove the setting."
    action_fr = "Écrivez-les dans les mots d'OpenSSL, comme ECDHE+AESGCM, ou retirez ce réglage."


class MailboxMalformed(FixConfiguration):
    """The address of a mailbox of ours is none."""

    code = "MSS-039"
    who = Who.MAPPING
    en = "{mailbox} is not an address that mails can be sent from"
    fr = "{mailbox} n'est pas une adresse depuis laquelle on peut écrire"
    action_en = "Correct establishments.mailbox, or the `reply_to` of the mailbox."
    action_fr = "Corrigez establishments.mailbox, ou le `reply_to` de la boîte."


class FolderMissing(FixConfiguration):
    """A folder of the mailbox that the settings name cannot be opened."""

    code = "MSS-045"
    en = "the folder {folder} of the mailbox {mailbox} cannot be opened: {words}"
    fr = "le dossier {folder} de la boîte {mailbox} ne peut pas être ouvert : {words}"
    action_en = "Check imap.folder, imap.treated and imap.failed: their names are those that the operator shows."
    action_fr = "Vérifiez imap.folder, imap.treated et imap.failed : ce sont les noms que montre l'opérateur."


class Refused(AskService):
    """A refusal 5xx that says nothing precise by itself."""

    code = "MSS-050"
    en = "the operator refused the mail ({answer}): {words}"
    fr = "l'opérateur a refusé le message ({answer}) : {words}"
    action_en = "Read its words; ask the support of the operator with this code and the time."
    action_fr = "Lisez ses mots ; interrogez l'assistance de l'opérateur avec ce code et l'heure."
