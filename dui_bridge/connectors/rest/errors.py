"""What can be wrong with a REST source: RST-0nn the declaration, RST-1nn findings, RST-3nn errors.

Objects have their own table, `connectors.wire.object_rules`. No text shows a secret, a token, a value of a dossier or
an address with its parameters: `{what}` is the declared path.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable, FileUnusable, FixConfiguration, Retry
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"RST-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


ADDRESS = _declared(
    1,
    "'{url}' is not an https address (http is for this machine only), or it holds a user name",
    "'{url}' n'est pas une adresse https (http ne vaut que pour cette machine), ou elle contient un nom d'utilisateur",
)
PATH = _declared(
    2, "'{path}' must begin with / and have no parameters", "'{path}' doit commencer par / et être sans paramètres"
)
DAY = _declared(3, "unknown day '{name}'{near}", "jour inconnu '{name}'{near_fr}")
SECRET = _declared(
    4,
    "a secret is never written here: give env: NAME or file: /an/absolute/path",
    "un secret ne s'écrit jamais ici : donnez env: NOM ou file: /un/chemin/absolu",
)
CONTENT_OF = _declared(
    5, "say whose files these are: of, one of {known}", "dites de qui sont ces fichiers : of, l'un de {known}"
)
SIZE = _declared(
    6, "'{text}' is not a number of objects from 1 to 10000", "'{text}' n'est pas un nombre d'objets de 1 à 10000"
)

VERSIONS_UNCLEAR = Rule(
    "RST-101",
    Severity.ERROR,
    Scope.DOCUMENT,
    "given twice with different content, and nothing tells which is newer",
    "donné deux fois avec des contenus différents, et rien ne dit lequel est le plus récent",
    "Have the vendor number the versions, or date them with an offset, and declare keep: {last_by: ...}.",
    "Faites numéroter les versions par l'éditeur, ou dater avec décalage horaire, et déclarez keep: {last_by: ...}.",
    who=Who.VENDOR,
)
DELETED = Rule(
    "RST-102",
    Severity.INFO,
    Scope.VALUE,
    "{key} of {alias} is deleted in the DUI: it is not read, and nothing that left before is deleted",
    "{key} de {alias} est supprimé dans le DUI : il n'est pas lu, et rien de ce qui est déjà parti n'est supprimé",
    who=Who.NOBODY,
)
DELETED_UNCLEAR = Rule(
    "RST-103",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{column} does not tell whether this is deleted: neither true, false, a date nor blank",
    "{column} ne dit pas si ceci est supprimé : ni true, ni false, ni une date, ni vide",
    "Say in the mapping which values mean deleted.",
    "Dites dans le mapping quelles valeurs signifient supprimé.",
    who=Who.MAPPING,
)
MOVED = Rule(
    "RST-104",
    Severity.INFO,
    Scope.RUN,
    "the list moved while it was read: read {times} times, {again} object(s) given again, the newer version counts",
    "la liste a bougé pendant sa lecture : lue {times} fois, {again} objet(s) redonné(s), la plus récente compte",
    who=Who.NOBODY,
)
INCOMPLETE = Rule(
    "RST-105",
    Severity.WARNING,
    Scope.RUN,
    "{count} answer(s) could not be had: the next run reads again everything since the last complete one",
    "{count} réponse(s) n'ont pas pu être obtenues : la prochaine exécution relira tout depuis la dernière complète",
    who=Who.NOBODY,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class NoAddress(FixConfiguration):
    """Neither the mapping nor the site says where the DUI answers."""

    code = "RST-301"
    en = "the address of the DUI is given neither by the mapping (base) nor by the site, or is not https"
    fr = "l'adresse du DUI n'est donnée ni par le mapping (base) ni par le site, ou n'est pas en https"
    action_en = "Write the base address, for instance https://dui.example/api."
    action_fr = "Écrivez l'adresse de base, par exemple https://dui.example/api."


class NoAccess(FixConfiguration):
    """Neither the mapping nor the site says how to be let in."""

    code = "RST-302"
    en = "neither the mapping nor the site gives the client credentials (auth)"
    fr = "ni le mapping ni le site ne donne les identifiants du client (auth)"
    action_en = "Give `auth` to the source in the site file; a secret is never written there, only where it stands."
    action_fr = "Donnez `auth` à la source dans le fichier de site ; jamais le secret lui-même, seulement où il est."


class SecretMissing(FixConfiguration):
    """A secret is not where the configuration says."""

    code = "RST-303"
    en = "{source}: no secret there"
    fr = "{source} : pas de secret à cet endroit"
    action_en = "Set the variable, or write the file and let this user read it."
    action_fr = "Définissez la variable, ou écrivez le fichier et donnez-en la lecture à cet utilisateur."


class CredentialsRefused(FixConfiguration):
    """The DUI does not accept the client, or a token that it has just given."""

    code = "RST-304"
    en = "{what}: the DUI refuses the client credentials (status {status})"
    fr = "{what} : le DUI refuse les identifiants du client (statut {status})"
    action_en = "Check the client id and secret with the vendor; they may have expired."
    action_fr = "Vérifiez l'identifiant et le secret du client avec l'éditeur ; ils ont pu expirer."


class AccessRefused(FixConfiguration):
    """The client is known and may not read this."""

    code = "RST-305"
    en = "{what}: the DUI does not allow this client to read it (status 403)"
    fr = "{what} : le DUI n'autorise pas ce client à lire ceci (statut 403)"
    action_en = "Ask the vendor to give the client this right."
    action_fr = "Demandez à l'éditeur de donner ce droit au client."


class NotThere(FixConfiguration):
    """Nothing answers at this path."""

    code = "RST-306"
    en = "{what}: nothing is there (status {status})"
    fr = "{what} : il n'y a rien à cette adresse (statut {status})"
    action_en = "Check the base address and the paths that the mapping declares."
    action_fr = "Vérifiez l'adresse de base et les chemins que le mapping déclare."


class RequestRefused(FixConfiguration):
    """The DUI does not accept the request."""

    code = "RST-307"
    en = "{what}: the DUI does not accept the request (status {status})"
    fr = "{what} : le DUI n'accepte pas la requête (statut {status})"
    action_en = "Check the parameters that the mapping declares (page, cursor) with the vendor's documentation."
    action_fr = "Vérifiez les paramètres déclarés dans le mapping (page, cursor) avec la documentation de l'éditeur."


class TlsRefused(FixConfiguration):
    """The server does not prove who it is."""

    code = "RST-308"
    en = "{what}: the certificate of the server is not accepted"
    fr = "{what} : le certificat du serveur n'est pas accepté"
    action_en = "Check the address, the clock of this machine, and its list of certification authorities."
    action_fr = "Vérifiez l'adresse, l'heure de cette machine et sa liste d'autorités de certification."


class Unavailable(Retry):
    """The DUI does not answer, or answers that it cannot now, after all tries."""

    code = "RST-309"
    en = "{what}: no usable answer after {tries} tries ({reason})"
    fr = "{what} : pas de réponse utilisable après {tries} essais ({reason})"
    action_en = "Nothing is lost: the next run goes on from there."
    action_fr = "Rien n'est perdu : la prochaine exécution reprendra de là."


class ListMoves(Retry):
    """A list changes faster than it can be read: what was read may lack objects, so nothing of it is used."""

    code = "RST-310"
    en = "{what}: the list changes while it is read, or is not as long as it says; read {times} times in vain"
    fr = (
        "{what} : la liste change pendant sa lecture, ou n'a pas la longueur qu'elle annonce ; lue {times} fois en vain"
    )
    action_en = "Run it at a quieter hour; if it lasts, the vendor must correct the paging."
    action_fr = "Lancez-la à une heure plus calme ; si cela dure, l'éditeur doit corriger la pagination."


class AnswerUnreadable(ExportUnreadable):
    """The answer is not what the mapping describes."""

    code = "RST-311"
    en = "{what}: {reason}"
    fr = "{what} : {reason_fr}"
    action_en = "Check `items` and `page` in the mapping, then with the vendor; nothing of this list was used."
    action_fr = "Vérifiez `items` et `page` dans le mapping, puis avec l'éditeur ; rien de cette liste n'a été utilisé."


class AnswerUnknown(FixConfiguration):
    """The answer says more than the mapping knows: perhaps that the list goes on."""

    code = "RST-312"
    who = Who.MAPPING
    en = "{what}: the answer has {names}, of which the mapping says nothing: the list may go on there"
    fr = "{what} : la réponse contient {names}, dont le mapping ne dit rien : la liste continue peut-être là"
    action_en = "Name it in `page` as cursor or total, or under `page: {ignored: [...]}`."
    action_fr = "Nommez-le dans `page` comme cursor ou total, ou sous `page: {ignored: [...]}`."


class ReportRefused(FixConfiguration):
    """The DUI does not take what it is told."""

    code = "RST-313"
    who = Who.VENDOR
    en = "{what}: the DUI does not take the outcome (status {status})"
    fr = "{what} : le DUI n'accepte pas le résultat (statut {status})"
    action_en = "Check `outcomes` in the mapping with the vendor's documentation, and the rights of this client."
    action_fr = "Vérifiez `outcomes` dans le mapping avec la documentation de l'éditeur, et les droits de ce client."


class DocumentsRefused(FixConfiguration):
    """The DUI is there, and does not take these documents."""

    code = "RST-314"
    who = Who.VENDOR
    en = "{what}: the DUI does not take the documents (status {status})"
    fr = "{what} : le DUI n'accepte pas les documents (statut {status})"
    action_en = "Ask the vendor why; then hand them over again: dui-bridge inbox file."
    action_fr = "Demandez la raison à l'éditeur ; puis remettez-les à nouveau : dui-bridge inbox file."


class TakesNoDocuments(FixConfiguration):
    """Nothing takes documents at this address, or this client may not hand any over."""

    code = "RST-315"
    en = "{what}: documents are not taken there (status {status})"
    fr = "{what} : aucun document n'est accepté à cette adresse (statut {status})"
    action_en = "Check `inbox.rest` in the site file, and the rights of this client; the mails wait, nothing is lost."
    action_fr = "Vérifiez `inbox.rest` dans le fichier de site, et les droits du client ; rien n'est perdu."


class FileAddressRefused(FileUnusable):
    """An object names a file on a host that is neither the DUI's nor one of those listed."""

    code = "RST-321"
    who = Who.VENDOR
    en = "the address of the file is on another host than the DUI's"
    fr = "l'adresse du fichier est sur un autre hôte que celui du DUI"
    action_en = "If the vendor confirms that host, list it under content: {hosts: [...]}."
    action_fr = "Si l'éditeur confirme cet hôte, listez-le sous content: {hosts: [...]}."


class FileUnavailable(FileUnusable):
    """The file cannot be had, although its address was asked for again."""

    code = "RST-322"
    who = Who.VENDOR
    en = "the file could not be had from the DUI: {reason}"
    fr = "le fichier n'a pas pu être obtenu du DUI : {reason_fr}"
    action_en = "The document waits for a next run; if it lasts, attach the file again in the DUI."
    action_fr = "Le document attend une prochaine exécution ; si cela dure, rattachez le fichier dans le DUI."


class FileDamaged(FileUnusable):
    """The bytes are not those that the object announces."""

    code = "RST-323"
    who = Who.VENDOR
    en = "the file is not the one announced: its SHA-256 differs"
    fr = "le fichier n'est pas celui qui est annoncé : son SHA-256 diffère"
    action_en = "Attach the file again in the DUI; if it lasts, tell the vendor."
    action_fr = "Rattachez le fichier dans le DUI ; si cela dure, prévenez l'éditeur."


class NoDigest(FileUnusable):
    """The object announces no SHA-256, and the mapping says that it does."""

    code = "RST-324"
    who = Who.VENDOR
    en = "no SHA-256 is announced for the file, so it cannot be trusted"
    fr = "aucun SHA-256 n'est annoncé pour le fichier : rien ne permet de s'y fier"
