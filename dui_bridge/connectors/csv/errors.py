"""What can be wrong with a CSV export or its declaration: findings as a table, errors as classes.

CSV-0nn the declaration, CSV-1nn rows and columns, CSV-3nn errors that stop the reading. No error text shows a cell.
The folder of the export has its own table, `connectors.wire.export_rules`.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"CSV-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


ONE_CHARACTER = _declared(
    2,
    "'{name}' must be exactly one character, not a line end",
    "'{name}' doit être un seul caractère, pas une fin de ligne",
)
SAME_CHARACTER = _declared(
    3, "the quote and the separator are the same character", "le guillemet et le séparateur sont le même caractère"
)
CYCLE = _declared(8, "'{alias}' is its own ancestor by `of`", "'{alias}' est son propre ancêtre par `of`")
PARENT_KEY = _declared(
    9,
    "its parent {alias} has {have} key column(s), `on` names {want}",
    "son parent {alias} a {have} colonne(s) de clé, `on` en nomme {want}",
    "`on` names, in the same order, the columns that hold the parent's `key`.",
    "`on` nomme, dans le même ordre, les colonnes qui contiennent la clé (`key`) du parent.",
)
GROUP_AND_PIVOT = _declared(
    11,
    "`group` and `pivot` go together, on a child file without `key` nor children of its own",
    "`group` et `pivot` vont ensemble, sur un fichier enfant sans `key` ni enfants",
)
PIVOT_PAIR = _declared(
    12, "`pivot` is one pair, item column: value column", "`pivot` est une paire, colonne item: colonne valeur"
)
KEEP = _declared(
    13,
    "`keep` needs a `key`, and is for the usagers and their children, not for a reference",
    "`keep` demande une clé (`key`), et vaut pour les usagers et leurs enfants, pas pour une référence",
)
NO_ROOT = _declared(
    14,
    "cannot tell which file has one row per usager{choice}",
    "impossible de dire quel fichier a une ligne par usager{choice_fr}",
    "It is the file that `each` names under `usager`; it needs a `key` and no `of`.",
    "C'est le fichier que nomme `each` sous `usager` ; il lui faut une clé (`key`) et pas de `of`.",
)
NOT_IN_COLUMNS = _declared(
    16,
    "unknown column {name} in {alias}{near}",
    "colonne inconnue {name} dans {alias}{near_fr}",
)

TOO_MANY_CELLS = Rule(
    "CSV-101",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{found} cells where the header has {expected}: probably a separator '{separator}' in a text that is not quoted."
    " The row is not used.",
    "{found} cellules là où l'en-tête en a {expected} : sans doute un séparateur '{separator}' dans un texte sans"
    " guillemets. La ligne n'est pas utilisée.",
    "Remove the separator from the text in the DUI, or have the export quote its texts.",
    "Retirez le séparateur du texte dans le DUI, ou faites mettre les textes entre guillemets à l'export.",
)
TOO_FEW_CELLS = Rule(
    "CSV-102",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{found} cells where the header has {expected}: probably a line break in a text that is not quoted."
    " The row is not used.",
    "{found} cellules là où l'en-tête en a {expected} : sans doute un retour à la ligne dans un texte sans guillemets."
    " La ligne n'est pas utilisée.",
    "Remove the line break from the text in the DUI, or have the export quote its texts.",
    "Retirez le retour à la ligne du texte dans le DUI, ou faites mettre les textes entre guillemets à l'export.",
)
STRAY_QUOTE = Rule(
    "CSV-103",
    Severity.ERROR,
    Scope.DOCUMENT,
    "a quotation mark is opened and not closed, or stands alone inside a text. The row is not used.",
    "un guillemet est ouvert sans être fermé, ou figure seul dans un texte. La ligne n'est pas utilisée.",
    "Remove it from the text in the DUI, or have the export double the quotation marks of its texts.",
    "Retirez-le du texte dans le DUI, ou faites doubler les guillemets des textes à l'export.",
)
NUL = Rule(
    "CSV-104",
    Severity.ERROR,
    Scope.DOCUMENT,
    "NUL bytes: the file was damaged, or is not {encoding} text. The row is not used.",
    "octets nuls : le fichier a été abîmé, ou n'est pas du texte {encoding}. La ligne n'est pas utilisée.",
    "Make the export again.",
    "Refaites l'export.",
    who=Who.IT,
)
UNDECODABLE = Rule(
    "CSV-105",
    Severity.ERROR,
    Scope.DOCUMENT,
    "byte {offset} of this row is no {encoding} character (0x{byte}). The row is not used.",
    "l'octet {offset} de cette ligne n'est pas un caractère {encoding} (0x{byte}). La ligne n'est pas utilisée.",
    "Check the encoding declared in the mapping; if it is right, type the text again in the DUI.",
    "Vérifiez l'encodage déclaré dans le mapping ; s'il est juste, ressaisissez le texte dans le DUI.",
)
CELL_TOO_LONG = Rule(
    "CSV-106",
    Severity.ERROR,
    Scope.DOCUMENT,
    "a cell or line longer than {limit} characters. The row is not used.",
    "une cellule ou une ligne de plus de {limit} caractères. La ligne n'est pas utilisée.",
    "Shorten the text in the DUI, or look for a quotation mark left open.",
    "Raccourcissez le texte dans le DUI, ou cherchez un guillemet resté ouvert.",
)
WRONG_CHARACTERS = Rule(
    "CSV-107",
    Severity.WARNING,
    Scope.VALUE,
    "the text shows signs of a wrong encoding",
    "le texte porte les traces d'un mauvais encodage",
    "Type the text again in the DUI; if many rows have it, check the encoding declared in the mapping.",
    "Ressaisissez le texte dans le DUI ; si beaucoup de lignes l'ont, vérifiez l'encodage déclaré dans le mapping.",
)
KEY_TWICE = Rule(
    "CSV-108",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the key {key} stands on {count} rows of {file} (rows {first} to {last})",
    "la clé {key} figure sur {count} lignes de {file} (lignes {first} à {last})",
    "Remove the duplicate in the DUI, or say in the mapping which row counts (keep).",
    "Supprimez le doublon dans le DUI, ou dites dans le mapping quelle ligne compte (keep).",
)
NO_KEY = Rule(
    "CSV-109",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the key ({columns}) is blank",
    "la clé ({columns}) est vide",
    "Give the record a number in the DUI.",
    "Donnez un numéro à l'enregistrement dans le DUI.",
)
ORPHAN = Rule(
    "CSV-110",
    Severity.WARNING,
    Scope.VALUE,
    "orphan: {parent} has no row {key}. The row is not used.",
    "orphelin : {parent} n'a pas de ligne {key}. La ligne n'est pas utilisée.",
    "Correct {columns} in the DUI, or have the export give both files from the same moment.",
    "Corrigez {columns} dans le DUI, ou faites sortir les deux fichiers du même instant.",
)
ITEM_TWICE = Rule(
    "CSV-111",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the item {item} stands twice in this group (rows {first} and {second})",
    "l'item {item} figure deux fois dans ce groupe (lignes {first} et {second})",
    "Remove one of the two in the DUI.",
    "Supprimez l'un des deux dans le DUI.",
)
GROUP_DISAGREES = Rule(
    "CSV-112",
    Severity.ERROR,
    Scope.DOCUMENT,
    "column {column} differs between rows {first} and {second} of this group",
    "la colonne {column} diffère entre les lignes {first} et {second} de ce groupe",
    "Correct it in the DUI, or add the column to `group`.",
    "Corrigez-la dans le DUI, ou ajoutez la colonne à `group`.",
)
UNKNOWN_COLUMNS = Rule(
    "CSV-113",
    Severity.WARNING,
    Scope.RUN,
    "columns neither used nor ignored: {columns}",
    "colonnes ni utilisées ni ignorées : {columns}",
    "Use them in the mapping, or list them under `ignored` or `forbidden`.",
    "Utilisez-les dans le mapping, ou listez-les sous `ignored` ou `forbidden`.",
    who=Who.MAPPING,
)
FORBIDDEN_ABSENT = Rule(
    "CSV-114",
    Severity.WARNING,
    Scope.RUN,
    "the forbidden column {column} is not in the header{near}",
    "la colonne interdite {column} n'est pas dans l'en-tête{near_fr}",
    "Check its spelling: a column under another name is not dropped.",
    "Vérifiez son orthographe : une colonne d'un autre nom n'est pas écartée.",
    who=Who.MAPPING,
)
BLANK_ROWS = Rule(
    "CSV-115",
    Severity.INFO,
    Scope.VALUE,
    "{count} row(s) with only blank cells, the first here",
    "{count} ligne(s) aux cellules toutes vides, la première ici",
    who=Who.NOBODY,
)
MORE = Rule(
    "CSV-116",
    Severity.WARNING,
    Scope.VALUE,
    "{count} more finding(s) {rule} in this file",
    "{count} autre(s) constat(s) {rule} dans ce fichier",
    who=Who.NOBODY,
)
LOOKS_LIKE_ROWS = Rule(
    "CSV-117",
    Severity.WARNING,
    Scope.VALUE,
    "a quoted text goes on to line {last} and holds lines that look like rows of this file",
    "un texte entre guillemets va jusqu'à la ligne {last} et contient des lignes qui ressemblent à des lignes du"
    " fichier",
    "Check in the DUI that no quotation mark was left open; the rows inside the text are not read.",
    "Vérifiez dans le DUI qu'aucun guillemet n'est resté ouvert ; les lignes prises dans le texte ne sont pas lues.",
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class FileCut(ExportUnreadable):
    """A file ends inside a row: the rows after it are missing without a trace, so nothing of the export is used."""

    code = "CSV-302"
    en = "{file}:{row}: the file ends in the middle of this row, it was half written"
    fr = "{file}:{row} : le fichier s'arrête au milieu de cette ligne, il a été écrit à moitié"
    action_en = "Wait for the end of the export, or make it again; nothing was read."
    action_fr = "Attendez la fin de l'export, ou refaites-le ; rien n'a été lu."


class HeaderInvalid(ExportUnreadable):
    """The header line cannot be used."""

    code = "CSV-303"
    en = "{file}:1: {reason}"
    fr = "{file}:1 : {reason_fr}"
    action_en = "Check the separator and the encoding declared in the mapping, then the export; nothing was read."
    action_fr = "Vérifiez le séparateur et l'encodage déclarés dans le mapping, puis l'export ; rien n'a été lu."


class WrongEncoding(ExportUnreadable):
    """The bytes are not in the declared encoding."""

    code = "CSV-304"
    who = Who.MAPPING
    en = "{file}:{row}: byte {offset} of the file shows that it is not {encoding} text{near}"
    fr = "{file}:{row} : l'octet {offset} du fichier montre que ce n'est pas du texte {encoding}{near_fr}"
    action_en = "Declare in the mapping the encoding that the DUI writes; nothing was read."
    action_fr = "Déclarez dans le mapping l'encodage que le DUI écrit ; rien n'a été lu."


class ColumnsMissing(ExportUnreadable):
    """Columns that the mapping uses are not in the header."""

    code = "CSV-305"
    who = Who.MAPPING
    en = "{file}:1: missing column(s): {columns}{near}"
    fr = "{file}:1 : colonne(s) absente(s) : {columns}{near_fr}"
    action_en = "Correct the mapping, or have the DUI export them; nothing was read."
    action_fr = "Corrigez le mapping, ou faites-les exporter par le DUI ; rien n'a été lu."
