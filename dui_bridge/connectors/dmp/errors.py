"""What can be wrong with a call to the DMP: DMP-0nn; `refusals` says which answer is which."""

from __future__ import annotations

from dui_bridge.errors import (
    AnswerLost,
    AskService,
    DuiBridgeError,
    FixConfiguration,
    FixData,
    FixEstablishment,
    Retry,
    ServiceUnreachable,
)
from dui_bridge.findings import Who


class Unanswered(ServiceUnreachable):
    """A question had no answer, or that of a machine on the way: it may be asked again."""

    code = "DMP-001"
    en = "the DMP gave no answer: {reason}"
    fr = "le DMP n'a pas répondu : {reason_fr}"
    action_en = "Nothing is lost: it is tried again. Check the network if it lasts."
    action_fr = "Rien n'est perdu : un nouvel essai suivra. Si cela dure, vérifiez le réseau."


class Busy(Retry):
    """The registry or the repository is busy or down for now; it took nothing."""

    code = "DMP-002"
    en = "the DMP is not available for now ({answer})"
    fr = "le DMP est momentanément indisponible ({answer})"
    action_en = "Nothing is lost: it is tried again later."
    action_fr = "Rien n'est perdu : un nouvel essai suivra."


class ReplacedMeanwhile(Retry):
    """XDSRegistryDeprecatedDocumentError: what was to be replaced has changed since it was looked up."""

    code = "DMP-003"
    en = "the document to replace changed at the DMP while the new one was sent ({answer})"
    fr = "le document à remplacer a changé au DMP pendant l'envoi du nouveau ({answer})"
    action_en = "Nothing is lost: it is looked up again before the next try."
    action_fr = "Rien n'est perdu : il sera recherché de nouveau avant le prochain essai."


class Undecided(AnswerLost):
    """An answer that does not say whether the document was taken.

    `refusal`: what it says of what it did not take, which is that of the document when it turns out not to be there.
    """

    refusal: DuiBridgeError | None = None
    code = "DMP-004"
    en = "the answer of the DMP does not say whether the document was taken ({answer}): {words}"
    fr = "la réponse du DMP ne dit pas si le document a été pris ({answer}) : {words}"
    action_en = "Nothing to do yet: the DMP is asked whether it has it before anything is sent again."
    action_fr = "Rien à faire pour l'instant : le DMP est interrogé avant tout nouvel envoi."


class PatientUnknown(FixData):
    """XDSUnknownPatientId: the DMP has no active record for this INS."""

    code = "DMP-010"
    who = Who.IDENTITO
    en = "the DMP has no active record for this person ({answer})"
    fr = "le DMP n'a pas de dossier actif pour cette personne ({answer})"
    action_en = (
        "Check the INS of the person: the DMP may be closed or not yet open. Once it is open: "
        "dui-bridge replay start --cause DMP-010 --yes"
    )
    action_fr = (
        "Vérifiez l'INS de la personne : le DMP peut être fermé ou pas encore ouvert. Une fois ouvert : "
        "dui-bridge replay start --cause DMP-010 --yes"
    )


class NoDmp(FixData):
    """TD0.2: this person has no DMP."""

    code = "DMP-011"
    who = Who.NOBODY
    en = "this person has no DMP: nothing was sent"
    fr = "cette personne n'a pas de DMP : rien n'a été envoyé"
    action_en = (
        "The person can open one in Mon espace santé. Once it is open: dui-bridge replay start --cause DMP-011 --yes"
    )
    action_fr = (
        "La personne peut l'ouvrir dans Mon espace santé. Une fois ouvert : "
        "dui-bridge replay start --cause DMP-011 --yes"
    )


class DmpClosed(FixData):
    """TD0.2: the DMP of this person is closed."""

    code = "DMP-012"
    who = Who.NOBODY
    en = "the DMP of this person is closed: nothing was sent"
    fr = "le DMP de cette personne est fermé : rien n'a été envoyé"
    action_en = (
        "Nothing to do: the person has closed it, or had it closed. If it opens again: "
        "dui-bridge replay start --cause DMP-012 --yes"
    )
    action_fr = (
        "Rien à faire : la personne l'a fermé ou fait fermer. S'il rouvre : "
        "dui-bridge replay start --cause DMP-012 --yes"
    )


class FeedOpposed(FixData):
    """TD0.2: the person is opposed to being fed."""

    code = "DMP-013"
    en = "the person is opposed to documents in the DMP: nothing was sent"
    fr = "la personne s'oppose à l'alimentation de son DMP : rien n'a été envoyé"
    action_en = (
        "Record the opposition in the DUI. If the person changes their mind: "
        "dui-bridge replay start --cause DMP-013 --yes"
    )
    action_fr = (
        "Notez l'opposition dans le DUI. Si la personne change d'avis : dui-bridge replay start --cause DMP-013 --yes"
    )


class InsNotQualified(FixData):
    """Only a qualified INS goes to the DMP."""

    code = "DMP-014"
    who = Who.IDENTITO
    en = "the identity is not qualified: nothing is sent to the DMP"
    fr = "l'identité n'est pas qualifiée : rien n'est envoyé au DMP"
    action_en = "Qualify the identity (INSi, and a document of identity)."
    action_fr = "Qualifiez l'identité (INSi et pièce d'identité)."


class NotYetVisible(FixData):
    """A document that the patient does not see yet, and nobody who will make it visible."""

    code = "DMP-015"
    en = "the document would be invisible to the patient, and nobody is named who will make it visible: it was not sent"
    fr = (
        "le document serait invisible au patient, et personne n'est désigné pour le rendre visible : il n'a "
        "pas été envoyé"
    )
    action_en = (
        "Have it announced to the patient, or name who will release it. Where the version at the DMP is hidden: "
        "dui-bridge dmp unhide UNIQUE_ID --professional RPPS, with the unique id of that version. Then: "
        "dui-bridge replay start --cause DMP-015 --yes"
    )
    action_fr = (
        "Faites l'annonce au patient, ou désignez qui le rendra visible. Si c'est la version déjà au DMP qui est "
        "masquée : dui-bridge dmp unhide IDENTIFIANT --professional RPPS, avec l'identifiant unique de cette version. "
        "Ensuite : dui-bridge replay start --cause DMP-015 --yes"
    )


class TooLarge(FixData):
    """A document beyond the limit of the settings, or of the DMP (HTTP 413)."""

    code = "DMP-016"
    en = "the document is larger than {most}: it was not deposited"
    fr = "le document dépasse {most_fr} : il n'a pas été déposé"
    action_en = "Make its annexes smaller, or raise max_megabytes when the DMP takes more."
    action_fr = "Réduisez ses annexes, ou augmentez max_megabytes si le DMP en accepte plus."


class PatientMismatch(FixData):
    """XDSPatientIdDoesNotMatch: document, lot and assertion do not name the same person."""

    code = "DMP-017"
    who = Who.VENDOR
    en = "the DMP finds different persons in the document and around it ({answer})"
    fr = "le DMP trouve des personnes différentes dans le document et autour ({answer})"
    action_en = "Stop: this is a fault of the software. Give the vendor this code and the time."
    action_fr = "Arrêtez : c'est un défaut du logiciel. Donnez ce code et l'heure à l'éditeur."


class OtherContent(FixData):
    """XDSNonIdenticalHash: the DMP has another content under the id of the document."""

    code = "DMP-018"
    who = Who.VENDOR
    en = "the DMP has another content under the id of this document: nothing was changed there"
    fr = "le DMP a un autre contenu sous l'identifiant de ce document : rien n'y a été modifié"
    action_en = "Find out who deposited it; the document must be made again under a new id."
    action_fr = "Cherchez qui l'a déposé ; le document doit être refait sous un nouvel identifiant."


class IdsWrong(FixData):
    """XDSDocumentUniqueIdError and the like: the ids of message and documents do not go together."""

    code = "DMP-019"
    who = Who.VENDOR
    en = "the DMP refuses the identifiers of the message ({answer}): {words}"
    fr = "le DMP refuse les identifiants du message ({answer}) : {words}"
    action_en = "Do not send it again as it is: give the vendor this code and the time."
    action_fr = "Ne le renvoyez pas tel quel : donnez ce code et l'heure à l'éditeur."


class MetadataRefused(FixData):
    """XDSRegistryMetadataError, XDSRepositoryMetadataError: the DMP refuses the metadata."""

    code = "DMP-020"
    en = "the DMP refuses the metadata of the document ({answer}): {words}"
    fr = "le DMP refuse les métadonnées du document ({answer}) : {words}"
    action_en = (
        "Correct what it names (`dui-bridge trace` gives its words), in the dossier or in the settings; it is not sent "
        "again as it is."
    )
    action_fr = (
        "Corrigez ce qu'il nomme (`dui-bridge trace` donne ses mots), dans le dossier ou la configuration ; il n'est "
        "pas renvoyé tel quel."
    )


class ReplacedMissing(FixData):
    """The version to replace is not at the DMP."""

    code = "DMP-021"
    en = "the version that this document replaces is not in the DMP: nothing was sent"
    fr = "la version que ce document remplace n'est pas dans le DMP : rien n'a été envoyé"
    action_en = (
        "Somebody deleted it there. Where this version is to go all the same, as a new document: "
        "dui-bridge dmp deposit ID --as-new, with its number (document-34); else: dui-bridge review cancel ID"
    )
    action_fr = (
        "Quelqu'un l'y a supprimée. Si cette version doit tout de même y aller, comme nouveau document : "
        "dui-bridge dmp deposit NUMÉRO --as-new, avec son numéro (document-34) ; sinon : dui-bridge review cancel "
        "NUMÉRO"
    )


class NotAllowed(FixConfiguration):
    """The matrix of rights does not allow it in this mode."""

    code = "DMP-030"
    en = "{transaction} is not allowed in the mode {mode}: nothing was sent"
    fr = "{transaction} n'est pas permise en mode {mode} : rien n'a été envoyé"
    action_en = "A professional must be authenticated for it (Pro Santé Connect)."
    action_fr = "Il faut pour cela un professionnel authentifié (Pro Santé Connect)."


class NotOwn(FixConfiguration):
    """It may be done to documents of the own structure only."""

    code = "DMP-031"
    en = "{transaction} is for documents of the own structure only: nothing was sent"
    fr = "{transaction} ne vaut que pour les documents de la structure : rien n'a été envoyé"
    action_en = "Ask the structure that deposited the document."
    action_fr = "Adressez-vous à la structure qui a déposé le document."


class AddressOfOtherProfile(FixConfiguration):
    """The profiles are never mixed."""

    code = "DMP-032"
    who = Who.MAPPING
    en = "the DMP at {host} may not be called with the profile {profile}"
    fr = "le DMP à l'adresse {host} ne peut pas être appelé avec le profil {profile}"
    action_en = "Check destinations.dmp.base: sandbox calls this machine, qualification <env>.lps2.dmp.gouv.fr."
    action_fr = (
        "Vérifiez destinations.dmp.base : le bac à sable est cette machine, la qualification <env>.lps2.dmp.gouv.fr."
    )


class CertificateRefused(FixConfiguration):
    """DMPInvalidCertificate: our signature certificate is refused."""

    code = "DMP-033"
    en = "the DMP refuses the signature certificate ({answer}): {words}"
    fr = "le DMP refuse le certificat de signature ({answer}) : {words}"
    action_en = "certificates.sign must be an ORG_SIGN certificate of the structure, valid and not revoked."
    action_fr = "certificates.sign doit être un certificat ORG_SIGN de la structure, valide et non révoqué."


class StructureRefused(FixEstablishment):
    """The DMP does not know the structure, or not with this certificate."""

    code = "DMP-034"
    en = "the DMP does not accept the structure that calls ({answer}): {words}"
    fr = "le DMP n'accepte pas la structure appelante ({answer}) : {words}"
    action_en = (
        "Check the geographic FINESS of the establishment, and that the certificate is that of its legal entity."
    )
    action_fr = "Vérifiez le FINESS géographique, et que le certificat est celui de son entité juridique."


class CallerRefused(FixEstablishment):
    """The DMP does not accept the person or the role of the assertion."""

    code = "DMP-035"
    en = "the DMP does not accept who calls ({answer}): {words}"
    fr = "le DMP n'accepte pas l'appelant ({answer}) : {words}"
    action_en = (
        "Check the person responsible for the establishment, and the role and the specialty that the settings give."
    )
    action_fr = (
        "Vérifiez le responsable de l'établissement, ainsi que le rôle et la spécialité que donne la configuration."
    )


class DailyLimit(Retry):
    """So many documents were deposited today that the others wait; none is tried before."""

    code = "DMP-036"
    who = Who.NOBODY
    en = "{taken} documents went to the DMP today, which takes {most} a day: the others leave tomorrow, from midnight"
    fr = (
        "{taken} documents sont partis au DMP aujourd'hui, qui en prend {most} par jour : les autres partiront demain, "
        "à partir de minuit"
    )
    action_en = "Nothing to do: they leave by themselves."
    action_fr = "Rien à faire : ils partiront d'eux-mêmes."


class NotTheService(FixConfiguration):
    """Something else than the DMP answers at its address; nothing was taken."""

    code = "DMP-037"
    en = "what answers at the address of the DMP is not the DMP (status {status}): {reason}"
    fr = "ce qui répond à l'adresse du DMP n'est pas le DMP (statut {status}) : {reason_fr}"
    action_en = "Check the address, and whether a proxy of the site answers in its place."
    action_fr = "Vérifiez l'adresse, et si un proxy du site répond à sa place."


class EstablishmentUnknown(FixEstablishment):
    """A document of an establishment that is not set up for the DMP."""

    code = "DMP-038"
    who = Who.MAPPING
    en = "the establishment {finess} is not set up for the DMP: nothing was sent"
    fr = "l'établissement {finess} n'est pas configuré pour le DMP : rien n'a été envoyé"
    action_en = "Give it a person responsible in the site file."
    action_fr = "Indiquez-lui un responsable dans le fichier du site."


class NotInRegistry(FixConfiguration):
    """An entry that does not come from the registry cannot be updated or read."""

    code = "DMP-039"
    en = "this document was not looked up at the DMP: nothing was sent"
    fr = "ce document n'a pas été recherché au DMP : rien n'a été envoyé"
    action_en = "Search it again, then do it with what was found."
    action_fr = "Recherchez-le de nouveau, puis agissez sur ce qui est trouvé."


class WebUnknown(FixConfiguration):
    """The site of the DMP for professionals is not configured, or not for a call in AIR."""

    code = "DMP-040"
    who = Who.MAPPING
    en = "the site of the DMP for professionals is not configured for this: {reason}"
    fr = "le site du DMP pour les professionnels n'est pas configuré pour cela : {reason_fr}"
    action_en = "Fill it in from the vendor's copy of the integration guide of the DMP: no public text gives it."
    action_fr = "Renseignez-le d'après le guide d'intégration du DMP de l'éditeur : aucun texte public ne le donne."


class AccessDenied(AskService):
    """DMPAccessDeniedByRightsService: this may not be done to this record, or not by us."""

    code = "DMP-050"
    who = Who.DUI
    en = "the DMP does not allow it ({answer}): {words}"
    fr = "le DMP ne le permet pas ({answer}) : {words}"
    action_en = "The authorisation, the mode of access or the state of the record does not allow it: ask the person."
    action_fr = "L'autorisation, le mode d'accès ou l'état du dossier ne le permet pas : voyez avec la personne."


class Refused(AskService):
    """A refusal with a code that no public list has, or one that says nothing by itself."""

    code = "DMP-051"
    en = "the DMP refused ({answer}): {words}"
    fr = "le DMP a refusé ({answer}) : {words}"
    action_en = (
        "Read its words (`dui-bridge trace`); ask the support of the DMP with this code and the time of the call."
    )
    action_fr = (
        "Lisez ses mots (`dui-bridge trace`) ; interrogez l'assistance du DMP avec ce code et l'heure de l'appel."
    )


class TooManyResults(AskService):
    """XDSTooManyResults."""

    code = "DMP-052"
    who = Who.DUI
    en = "the DMP found too many documents"
    fr = "le DMP a trouvé trop de documents"
    action_en = "Search a shorter period, or one type of document."
    action_fr = "Cherchez sur une période plus courte, ou un seul type de document."


class QueryRefused(AskService):
    """The registry does not take the query."""

    code = "DMP-053"
    who = Who.VENDOR
    en = "the DMP refuses the query ({answer}): {words}"
    fr = "le DMP refuse la requête ({answer}) : {words}"
    action_en = "This is a fault of the software: give the vendor this code."
    action_fr = "C'est un défaut du logiciel : donnez ce code à l'éditeur."


class AnswerUnreadable(AskService):
    """An answer that is not as its standard says."""

    code = "DMP-054"
    who = Who.VENDOR
    en = "the answer of the DMP is not as its contract says: {reason}"
    fr = "la réponse du DMP n'est pas conforme à son contrat : {reason_fr}"
    action_en = "Capture the exchange and give it to the vendor."
    action_fr = "Capturez l'échange et donnez-le à l'éditeur."


class DocumentAltered(AskService):
    """What was retrieved is not what was registered; nothing was kept."""

    code = "DMP-055"
    en = "the document that came is not the one that was registered ({reason}): it was not kept"
    fr = "le document reçu n'est pas celui qui est enregistré ({reason_fr}) : il n'a pas été gardé"
    action_en = "Try again; if it happens twice, ask the support of the DMP."
    action_fr = "Réessayez ; si cela se répète, interrogez l'assistance du DMP."


class DocumentNotGiven(AskService):
    """The repository answered without the document."""

    code = "DMP-056"
    who = Who.DUI
    en = "the DMP answered without the document"
    fr = "le DMP a répondu sans le document"
    action_en = "It may have been deleted or masked meanwhile: search it again."
    action_fr = "Il a pu être supprimé ou masqué entre-temps : recherchez-le de nouveau."


class AlreadyThere(AskService):
    """XDSDuplicateUniqueIdInRegistry: the DMP has a document with this id; whether it is ours is asked."""

    code = "DMP-057"
    who = Who.NOBODY
    en = "the DMP already has a document with this identifier ({answer})"
    fr = "le DMP a déjà un document de cet identifiant ({answer})"
    action_en = "Nothing to do: it is compared with ours."
    action_fr = "Rien à faire : il est comparé au nôtre."
