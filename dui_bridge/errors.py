"""Errors, named after what must be done.

DuiBridgeError
  Retry                transient: the same call may succeed later
    ServiceUnreachable
  FixData              the record must be corrected in the DUI
    ExportUnreadable
  FixConfiguration     the mapping, the site file, a certificate or the machine must change
    DeclarationInvalid   a YAML file that a person wrote has findings
    PackUnusable, PackUnknown   official material
    FixEstablishment     of one establishment only: the others go on
    FileUnusable         a file or folder cannot be read or written
      FolderUnusable       of the file destination
    JournalUnusable
  AskService           refused or doubtful: the service or a person must say
    AnswerLost           something was sent and no usable answer came

Each class has a stable code, an English and a French message, the action and who acts. Exit codes of the command line
follow the family: 3 for `Retry`, 2 for the others (a usage or configuration error, or input that cannot be read).
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import ClassVar, Final

from dui_bridge.findings import Finding, Language, Who, fill


class DuiBridgeError(Exception):
    """The root. Subclasses give `code`, the two texts, the action and who acts as class data."""

    code: ClassVar[str] = "DUI-000"
    exit_code: ClassVar[int] = 2
    who: ClassVar[Who] = Who.IT
    en: ClassVar[str] = "the bridge could not go on"
    fr: ClassVar[str] = "le pont n'a pas pu continuer"
    action_en: ClassVar[str] = ""
    action_fr: ClassVar[str] = ""

    def __init__(self, **values: str) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: Language = "en") -> str:
        """What happened, for a person."""
        return fill(self.fr if language == "fr" else self.en, self.values)

    def action(self, language: Language = "en") -> str:
        """What to do, for a person."""
        return fill(self.action_fr if language == "fr" else self.action_en, self.values)


class Retry(DuiBridgeError):
    """Transient: the same call may succeed later."""

    code = "RTY-000"
    exit_code = 3


class ServiceUnreachable(Retry):
    """A service did not answer."""

    code = "RTY-001"
    en = "{service} could not be reached: {reason}"
    fr = "{service} est injoignable : {reason}"
    action_en = "Nothing is lost: it is tried again. Check the network if it lasts."
    action_fr = "Rien n'est perdu : un nouvel essai suivra. Si cela dure, vérifiez le réseau."


class FixData(DuiBridgeError):
    """The record must be corrected in the DUI."""

    code = "DAT-000"
    who = Who.DUI


class ExportUnreadable(FixData):
    """The export of a DUI cannot be read at all."""

    code = "DAT-001"
    who = Who.VENDOR
    en = "{file}: the export cannot be read: {reason}"
    fr = "{file} : l'export est illisible : {reason}"
    action_en = "Ask for a new export; nothing was changed."
    action_fr = "Demandez un nouvel export ; rien n'a été modifié."


class FixConfiguration(DuiBridgeError):
    """The mapping, the site file, a certificate or the machine must change."""

    code = "CFG-000"


class FixEstablishment(FixConfiguration):
    """What must change concerns one establishment of the site: nothing is wrong with the others."""

    code = "CFG-004"
    en = "nothing can be done for this establishment"
    fr = "rien n'est possible pour cet établissement"
    action_en = "Correct what the site file says of it; the other establishments go on."
    action_fr = "Corrigez ce que le fichier du site en dit ; les autres établissements continuent."


class DeclarationInvalid(FixConfiguration):
    """A YAML file that a person wrote has findings; they are in `findings`, in the order of the file."""

    code = "CFG-001"
    who = Who.MAPPING
    en = "{file}: {count} problem(s)"
    fr = "{file} : {count} problème(s)"
    action_en = "Correct the lines that are told, then try again: nothing was done."
    action_fr = "Corrigez les lignes indiquées, puis recommencez : rien n'a été fait."

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(file=file, count=str(len(findings)))


class FileUnusable(FixConfiguration):
    """A file or folder cannot be read or written."""

    code = "CFG-002"
    en = "{file}: {reason}"
    fr = "{file} : {reason_fr}"
    action_en = "Check that the path exists, that this user may use it, and that the disk is not full."
    action_fr = "Vérifiez que le chemin existe, que cet utilisateur y a droit, et que le disque n'est pas plein."

    def __init__(self, **values: str) -> None:
        super().__init__(**{"reason_fr": values.get("reason", ""), **values})


_OS_REASONS: Final = {
    errno.ENOENT: ("does not exist", "n'existe pas"),
    errno.ENOTDIR: ("a file stands where a folder should", "un fichier est à la place d'un dossier"),
    errno.EEXIST: ("a file stands where a folder should", "un fichier est à la place d'un dossier"),
    errno.EISDIR: ("a folder stands where a file should", "un dossier est à la place d'un fichier"),
    errno.EACCES: ("this user may not use it", "cet utilisateur n'y a pas droit"),
    errno.EPERM: ("this user may not use it", "cet utilisateur n'y a pas droit"),
    errno.EROFS: ("the disk is read-only", "le disque est en lecture seule"),
    errno.ENOSPC: ("the disk is full", "le disque est plein"),
    errno.EDQUOT: ("the quota of this user is used up", "le quota de cet utilisateur est épuisé"),
    errno.EFBIG: ("the file would be larger than allowed", "le fichier dépasserait la taille permise"),
    errno.ENAMETOOLONG: ("the path is too long", "le chemin est trop long"),
    errno.ELOOP: ("the links turn in a circle", "les liens tournent en rond"),
    errno.EIO: ("the disk does not work", "le disque est en panne"),
}


def os_reasons(error: OSError) -> dict[str, str]:
    """What the system answered, as the values `reason` and `reason_fr` of a `FileUnusable`."""
    en, fr = _OS_REASONS.get(error.errno or 0, ("the system refuses", "le système refuse"))
    return {"reason": en, "reason_fr": fr}


class JournalUnusable(FixConfiguration):
    """The journal cannot be used: locked, damaged, or made by a newer version."""

    code = "CFG-003"
    en = "the journal {file} cannot be used: {reason}"
    fr = "le journal {file} est inutilisable : {reason}"
    action_en = "Stop the other process, or restore a backup, or install the version that made it."
    action_fr = "Arrêtez l'autre processus, ou restaurez une sauvegarde, ou installez la version qui l'a créé."


class AskService(DuiBridgeError):
    """Refused or doubtful: the service or a person must say."""

    code = "ASK-000"


class AnswerLost(AskService):
    """Something was sent, and no answer, or one that says nothing, came back: it may or may not be there."""

    code = "ASK-001"
    en = "{service} gave no usable answer: {reason}"
    fr = "{service} n'a pas donné de réponse exploitable : {reason_fr}"
    action_en = "Nothing to do yet: the service is asked whether it has it before anything is sent again."
    action_fr = "Rien à faire pour l'instant : le service est interrogé avant tout nouvel envoi."
