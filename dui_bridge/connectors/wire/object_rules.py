"""What can be wrong with objects of a source (OBJ-1nn) and with their declaration (OBJ-0nn)."""

from __future__ import annotations

from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"OBJ-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


UNKNOWN_ALIAS = _declared(
    1,
    "'{name}' is no file or list declared here{near}",
    "'{name}' n'est ni un fichier ni une liste déclarés ici{near_fr}",
)
RESERVED_ALIAS = _declared(
    2,
    "'{alias}' cannot name a file or a list here",
    "'{alias}' ne peut pas nommer un fichier ou une liste ici",
    "Choose another name.",
    "Choisissez un autre nom.",
)
FORBIDDEN_USED = _declared(
    3,
    "{column} of {alias} is forbidden, it cannot be used here",
    "{column} de {alias} est interdit, il ne peut pas servir ici",
)
LIST_PATH = _declared(
    4,
    "'{text}' is not the path of a list",
    "'{text}' n'est pas le chemin d'une liste",
    "Write for instance residents[], data.residents[], or [] when the file is the list.",
    "Écrivez par exemple residents[], data.residents[], ou [] quand le fichier est la liste.",
)
REPAIR = _declared(
    5,
    "'{name}' is not a repair: the only one is double_utf8",
    "'{name}' n'est pas une réparation : il n'y a que double_utf8",
)
TEMPLATE = _declared(
    6,
    "'{text}': {{column}} stands for one column of the parent, with nothing else between the braces",
    "'{text}' : {{colonne}} désigne une colonne du parent, sans rien d'autre entre les accolades",
)
OF_AND_ON = _declared(7, "`of` and `on` go together", "`of` et `on` vont ensemble")


def _row(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who = Who.VENDOR) -> Rule:
    return Rule(f"OBJ-{number:03}", Severity.ERROR, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who=who)


_FIX_EXPORT = ("Have the vendor correct the export.", "Faites corriger l'export par l'éditeur.")
_FIX_TEXT = ("Type the text again in the DUI.", "Ressaisissez le texte dans le DUI.")

KEY_REPEATED = _row(
    101,
    "the key {name} stands twice in one object: neither value can be believed",
    "la clé {name} figure deux fois dans un objet : aucune des deux valeurs n'est sûre",
    *_FIX_EXPORT,
)
NOT_A_NUMBER = _row(102, "NaN or Infinity is no JSON value", "NaN ou Infinity n'est pas une valeur JSON", *_FIX_EXPORT)
TOO_DEEP = _row(103, "nested deeper than {limit} levels", "imbrication de plus de {limit} niveaux", *_FIX_EXPORT)
UNDECODABLE = _row(
    104,
    "the text holds bytes or surrogates that are no characters",
    "le texte contient des octets ou des demi-codes qui ne sont pas des caractères",
    "Check the declared encoding; if it is right, type the text again in the DUI.",
    "Vérifiez l'encodage déclaré ; s'il est juste, ressaisissez le texte dans le DUI.",
)
TOO_LONG = _row(
    105,
    "a text longer than {limit} characters",
    "un texte de plus de {limit} caractères",
    "Shorten the text in the DUI.",
    "Raccourcissez le texte dans le DUI.",
    Who.DUI,
)
DOUBLE_UTF8 = _row(
    106,
    '"{value}" was encoded twice in UTF-8: "{meant}" was probably meant',
    "« {value} » a été encodé deux fois en UTF-8 : il faut sans doute lire « {meant} »",
    "Type the text again in the DUI; if many have it, declare repair: [double_utf8].",
    "Ressaisissez le texte dans le DUI ; si beaucoup l'ont, déclarez repair: [double_utf8].",
    Who.DUI,
)
NOT_AN_OBJECT = _row(107, "the element is not an object", "l'élément n'est pas un objet", *_FIX_EXPORT)
NO_KEY = _row(
    108,
    "the key {column} is missing, blank or not a plain value",
    "la clé {column} manque, est vide ou n'est pas une valeur simple",
    *_FIX_EXPORT,
)
KEY_TWICE = _row(
    109,
    "the key {key} stands on {count} objects of {file}",
    "la clé {key} figure sur {count} objets de {file}",
    "Remove the duplicate in the DUI.",
    "Supprimez le doublon dans le DUI.",
    Who.DUI,
)
NOT_JSON = _row(110, "the element is not JSON: {reason}", "l'élément n'est pas du JSON : {reason}", *_FIX_EXPORT)
CHILDREN_UNREADABLE = _row(
    111,
    "its list {alias} could not be read: {reason}",
    "sa liste {alias} n'a pas pu être lue : {reason_fr}",
    "Nothing of this record is used until its list is complete.",
    "Rien de cet enregistrement n'est utilisé tant que sa liste n'est pas complète.",
)
ORPHAN = Rule(
    "OBJ-112",
    Severity.WARNING,
    Scope.VALUE,
    "orphan: no record has the key {key}. The object is not used.",
    "orphelin : aucun enregistrement n'a la clé {key}. L'objet n'est pas utilisé.",
    "Correct {column} in the DUI, or have the export give both lists from the same moment.",
    "Corrigez {column} dans le DUI, ou faites sortir les deux listes du même instant.",
)
UNKNOWN_COLUMNS = Rule(
    "OBJ-120",
    Severity.WARNING,
    Scope.RUN,
    "keys of {alias} neither used nor ignored: {columns}",
    "clés de {alias} ni utilisées ni ignorées : {columns}",
    "Use them in the mapping, or list them under `ignored` or `forbidden`.",
    "Utilisez-les dans le mapping, ou listez-les sous `ignored` ou `forbidden`.",
    who=Who.MAPPING,
)
NOWHERE = Rule(
    "OBJ-121",
    Severity.WARNING,
    Scope.RUN,
    "the {what} key {column} is in no object of {alias}{near}",
    "la clé {column} ({what_fr}) n'est dans aucun objet de {alias}{near_fr}",
    "Check its spelling, and whether the export has renamed it.",
    "Vérifiez son orthographe, et si l'export l'a renommée.",
    who=Who.MAPPING,
)
REPAIRED = Rule(
    "OBJ-122",
    Severity.WARNING,
    Scope.VALUE,
    "{count} text(s) of {alias} encoded twice in UTF-8 were repaired, as the mapping asks; the first here",
    "{count} texte(s) de {alias} encodés deux fois en UTF-8 ont été réparés, comme le mapping le demande ; le premier"
    " ici",
    "Have the vendor correct the export.",
    "Faites corriger l'export par l'éditeur.",
    who=Who.VENDOR,
)
MORE = Rule(
    "OBJ-123",
    Severity.WARNING,
    Scope.VALUE,
    "{count} more finding(s) {rule} in this list",
    "{count} autre(s) constat(s) {rule} dans cette liste",
    who=Who.NOBODY,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
