"""What can be wrong with the folder of an export: EXP-0nn the declaration, EXP-2nn the wait, EXP-3nn what stops.

No error text shows a path that a row names: it may hold a person's name.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable, FileUnusable
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"EXP-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


FOLDER = _declared(
    1,
    "'{pattern}' is not a pattern of dated folders",
    "'{pattern}' n'est pas un modèle de dossiers datés",
    "Write AAAA, MM and JJ once each, for instance AAAAMMJJ.",
    "Écrivez AAAA, MM et JJ une fois chacun, par exemple AAAAMMJJ.",
)
DURATION = _declared(
    2,
    "'{text}' is not a duration",
    "'{text}' n'est pas une durée",
    "Write for instance 30s, 15min, 2h or 1d.",
    "Écrivez par exemple 30s, 15min, 2h ou 1d.",
)
ESCAPES = _declared(
    3,
    "'{path}' must be a path inside the export folder, without '..' nor drive letter",
    "'{path}' doit être un chemin dans le dossier de l'export, sans '..' ni lettre de lecteur",
)
ENCODING = _declared(4, "unknown encoding '{name}'{near}", "encodage inconnu '{name}'{near_fr}")
NO_EXPORT = Rule(
    "EXP-201",
    Severity.WARNING,
    Scope.RUN,
    "no folder named {pattern} in {folder} yet",
    "pas encore de dossier nommé {pattern} dans {folder}",
    "Check that the DUI exports there.",
    "Vérifiez que le DUI exporte bien à cet endroit.",
    who=Who.IT,
)
NO_MARKER = Rule(
    "EXP-202",
    Severity.WARNING,
    Scope.RUN,
    "export {folder} is not complete: waiting for {marker}",
    "l'export {folder} n'est pas complet : en attente de {marker}",
    "Check that the DUI's export has ended.",
    "Vérifiez que l'export du DUI s'est terminé.",
    who=Who.IT,
)
NOT_STABLE = Rule(
    "EXP-203",
    Severity.WARNING,
    Scope.RUN,
    "export {folder} is not complete: {marker}{file} changed {age} ago, waiting until nothing has changed for {wait}",
    "l'export {folder} n'est pas complet : {marker_fr}{file} a changé il y a {age}, en attente de {wait} sans"
    " changement",
    who=Who.NOBODY,
)
OLDER_READ = Rule(
    "EXP-204",
    Severity.WARNING,
    Scope.RUN,
    "export {newer} is not complete yet: {folder} is read",
    "l'export {newer} n'est pas encore complet : {folder} est lu",
    who=Who.NOBODY,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class FileMissing(ExportUnreadable):
    """A declared file is not in the export."""

    code = "EXP-301"
    en = "{file}: not in the export {folder}{near}"
    fr = "{file} : absent de l'export {folder}{near_fr}"
    action_en = "Have the DUI export it, or correct its name in the mapping; nothing was read."
    action_fr = "Faites-le exporter par le DUI, ou corrigez son nom dans le mapping ; rien n'a été lu."


class FileDenied(FileUnusable):
    """The operating system refuses a file or folder of the export."""

    code = "EXP-302"
    en = "{file}: cannot be read ({reason})"
    fr = "{file} : lecture impossible ({reason_fr})"


class NotAFile(FileUnusable):
    """A folder, a pipe or a device stands where a file is expected, or a file where a folder is."""

    code = "EXP-303"
    en = "{file}: is not an ordinary {expected}"
    fr = "{file} : n'est pas un {expected_fr} ordinaire"


class PathRefused(FileUnusable):
    """A row names a path that leaves the export folder, or is not a relative path."""

    code = "EXP-304"
    who = Who.DUI
    en = "the path named by the row is not inside the export folder"
    fr = "le chemin nommé par la ligne n'est pas dans le dossier de l'export"
    action_en = "Name the file by a path relative to the export folder."
    action_fr = "Nommez le fichier par un chemin relatif au dossier de l'export."


class PathNotFound(FileUnusable):
    """A row names a file that is not there, or a folder, or a name that several files answer to."""

    code = "EXP-305"
    who = Who.DUI
    en = "the file named by the row {reason}"
    fr = "le fichier nommé par la ligne {reason_fr}"
    action_en = "Attach the file again in the DUI, or have the DUI export it."
    action_fr = "Rattachez le fichier dans le DUI, ou faites-le exporter par le DUI."


class PathAbsent(PathNotFound):
    """A row names a file of which the export has no trace."""

    code = "EXP-306"
    en = "the file named by the row is not in the export"
    fr = "le fichier nommé par la ligne n'est pas dans l'export"
