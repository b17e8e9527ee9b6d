"""What can go wrong when documents are written to a folder."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from dui_bridge.errors import FileUnusable
from dui_bridge.findings import Rule, Scope, Severity, Who

OTHER_CONTENT = Rule(
    "FIL-001",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{file} is already there with another content: it was left as it is",
    "{file} existe déjà avec un autre contenu : il a été laissé tel quel",
    "Find out who changed or wrote it; move it away, then run again.",
    "Cherchez qui l'a modifié ou écrit ; déplacez-le, puis relancez.",
    who=Who.IT,
)

_REASONS: Final = {
    errno.EACCES: ("this user may not write there", "cet utilisateur n'a pas le droit d'y écrire"),
    errno.EPERM: ("this user may not write there", "cet utilisateur n'a pas le droit d'y écrire"),
    errno.EROFS: ("the disk is read-only", "le disque est en lecture seule"),
    errno.ENOSPC: ("the disk is full", "le disque est plein"),
    errno.EDQUOT: ("the quota of this user is used up", "le quota de cet utilisateur est épuisé"),
    errno.ENOTDIR: ("a file stands where a folder should", "un fichier est à la place d'un dossier"),
    errno.EEXIST: ("a file stands where a folder should", "un fichier est à la place d'un dossier"),
    errno.EISDIR: ("a folder stands where a file should", "un dossier est à la place d'un fichier"),
    errno.ENAMETOOLONG: ("the path is too long", "le chemin est trop long"),
    errno.EIO: ("the disk does not work", "le disque est en panne"),
}


class FolderUnusable(FileUnusable):
    """Documents cannot be written to, or looked up in, the folder of a destination."""

    code = "CFG-010"
    en = "{file}: documents cannot be handed over: {reason}"
    fr = "{file} : les documents ne peuvent pas être remis : {reason_fr}"
    action_en = "Nothing is lost and nothing is half written. Correct it, then run again."
    action_fr = "Rien n'est perdu, rien n'est écrit à moitié. Corrigez, puis relancez."


def folder_unusable(path: Path, error: OSError) -> FolderUnusable:
    """The error of ours for one of the system."""
    en, fr = _REASONS.get(error.errno or 0, ("the system refuses", "le système refuse"))
    return FolderUnusable(file=str(path), reason=en, reason_fr=fr)
