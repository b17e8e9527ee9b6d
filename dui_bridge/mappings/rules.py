"""Every check of the mapping engine: MAP-0xx about the mapping file itself, MAP-1xx about a row of an export.

The text of a MAP-1xx rule ends with the mapping line and with what the finding stops, both filled when it is made.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_CORRECT: Final = ("Correct it in the DUI.", "À corriger dans le DUI.")
_MAP_IT: Final = ("Add it to the table of the mapping.", "À ajouter à la table du mapping.")


def _check(number: int, en: str, fr: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(f"MAP-{number:03}", severity, Scope.RUN, en, fr, who=Who.MAPPING)


def _row(
    number: int,
    en: str,
    fr: str,
    severity: Severity = Severity.ERROR,
    remedy: tuple[str, str] = _CORRECT,
    who: Who = Who.DUI,
    source: str = "",
) -> Rule:
    tail_en, tail_fr = " ({mapping}).{effect}", " ({mapping_fr}).{effect_fr}"
    return Rule(f"MAP-{number:03}", severity, Scope.VALUE, en + tail_en, fr + tail_fr, *remedy, who, source)


# --- the mapping file ---------------------------------------------------------------------------------------------
UNKNOWN_COLUMN = _check(
    1, "unknown column {column} in {alias}{near}", "colonne {column} inconnue dans {alias}{near_fr}"
)
AMBIGUOUS = _check(
    2,
    "'{text}' is both a value of {field} and a column of {alias}: write {{from: {text}}} or {{value: {text}}}",
    "'{text}' est à la fois une valeur de {field} et une colonne de {alias} : écrivez {{from: {text}}} ou "
    "{{value: {text}}}",
)
EXPRESSION_SYNTAX = _check(
    3,
    "expression does not parse: {expression}   (position {position})",
    "expression illisible : {expression}   (position {position})",
)
EXPRESSION_REFUSED = _check(4, "{what} in an expression: {instead}", "{what_fr} dans une expression : {instead_fr}")
UNKNOWN_NAME = _check(5, "unknown {kind} '{name}'{near}", "{kind_fr} '{name}'{near_fr}")
WRONG_TYPE = _check(
    6,
    "conversion '{conversion}' does not give what {field} takes ({takes})",
    "la conversion '{conversion}' ne donne pas ce qu'attend {field} ({takes_fr})",
)
NOT_A_VALUE = _check(
    7,
    "'{value}' is not a value of {field}{near} (values: {choices})",
    "'{value}' n'est pas une valeur de {field}{near_fr} (valeurs : {choices})",
)
NEEDED_FIELD = _check(
    8, "a {document} needs {field}, which is not mapped", "un {document} exige {field}, qui n'est pas renseigné"
)
SAFETY_FIELD = _check(
    9,
    '{field} is a safety field: map it, or declare it by {{absent: "why"}}',
    '{field} est un champ de sécurité : renseignez-le, ou déclarez {{absent: "pourquoi"}}',
)
COLUMN_UNUSED = _check(
    10,
    "column {column} of {file} ({alias}) is neither used nor listed under ignored",
    "la colonne {column} de {file} ({alias}) n'est ni utilisée ni citée sous ignored",
)
TABLE_UNUSED = _check(11, "table '{name}' is not used", "la table '{name}' n'est pas utilisée", Severity.WARNING)
FORBIDDEN_USED = _check(
    12, "column {column} of {alias} is forbidden: it is never read", "la colonne {column} de {alias} est interdite"
)
IGNORED_USED = _check(
    13,
    "column {column} of {alias} is listed under ignored, but used here",
    "la colonne {column} de {alias} est citée sous ignored, mais utilisée ici",
    Severity.WARNING,
)
BASE_UNKNOWN = _check(14, "unknown base '{base}'{near}", "base inconnue : '{base}'{near_fr}")
BASE_VERSION = _check(
    15,
    "base {base} is installed in version {installed}, the mapping asks for {asked}",
    "la base {base} est installée en version {installed}, le mapping demande la version {asked}",
)
TABLE_FILE = _check(16, "table file {file}: {reason}", "fichier de table {file} : {reason_fr}")
ABSENT_NOT_HERE = _check(
    17,
    "absent is for safety fields; leave the line out instead",
    "absent est réservé aux champs de sécurité ; omettez plutôt la ligne",
)
INS_INCOMPLETE = _check(
    18,
    'usager.ins needs {what}: map it, or declare usager.ins by {{absent: "why"}}',
    'usager.ins exige {what_fr} : renseignez-le, ou déclarez usager.ins par {{absent: "pourquoi"}}',
)
LISTED_UNKNOWN = _check(
    19,
    "{alias} has no column {column} (listed under {list}){near}",
    "{alias} n'a pas de colonne {column} (citée sous {list}){near_fr}",
    Severity.WARNING,
)
MISUSE = _check(20, "{reason}", "{reason_fr}")
NOT_BELOW = _check(
    21,
    "'{name}' is not below {alias}: {known}",
    "'{name}' n'est pas sous {alias} : {known}",
)
REQUIRED_FIELD = _check(22, "{field} is missing in this item", "{field} manque dans cet élément")

# --- a row --------------------------------------------------------------------------------------------------------
NOT_A_DATE = _row(101, '"{value}" is not a date', '"{value}" n\'est pas une date')
PARTIAL_DATE = _row(102, '"{value}" is not a full date', '"{value}" n\'est pas une date complète')
CENTURY = _row(
    103,
    'the century of "{value}" cannot be told: {years} both fit',
    'le siècle de "{value}" est indécidable : {years} conviennent',
)
NO_CENTURY = _row(104, 'no century makes "{value}" possible', 'aucun siècle ne rend "{value}" possible')
BORN_LATER = _row(105, '"{value}" is in the future', '"{value}" est dans le futur')
NOT_YES_NO = _row(110, '"{value}" is neither yes nor no', '"{value}" n\'est ni oui ni non')
UNKNOWN_CODE = _row(
    111,
    'code "{value}" is not in table {table}',
    'le code "{value}" n\'est pas dans la table {table}',
    remedy=_MAP_IT,
    who=Who.MAPPING,
)
UNKNOWN_CODE_FLAGGED = _row(
    112,
    'code "{value}" is not in table {table}: taken as absent',
    'le code "{value}" n\'est pas dans la table {table} : pris comme absent',
    Severity.WARNING,
    _MAP_IT,
    Who.MAPPING,
)
NOT_A_CHOICE = _row(113, '"{value}" is not one of {choices}', '"{value}" n\'est pas parmi {choices}')
FINESS_REPAIRED = _row(
    120,
    '"{value}" has 8 digits: the leading zero was probably lost by a spreadsheet; {repaired} is one of your '
    "establishments: repaired, flagged",
    '"{value}" a 8 chiffres : un tableur a sans doute perdu le zéro initial ; {repaired} est un de vos '
    "établissements : réparé, signalé",
    Severity.WARNING,
)
FINESS_LOST_ZERO = _row(
    121,
    '"{value}" has 8 digits: the leading zero was probably lost by a spreadsheet, but {repaired} is not one of your '
    "establishments",
    '"{value}" a 8 chiffres : un tableur a sans doute perdu le zéro initial, mais {repaired} n\'est pas un de vos '
    "établissements",
)
FINESS_PRECISION = _row(
    122,
    '"{value}" was rewritten by a spreadsheet in scientific notation: the last digits are lost and cannot be recovered',
    '"{value}" a été réécrit par un tableur en notation scientifique : les derniers chiffres sont perdus, sans recours',
    remedy=("Export it again as text.", "À exporter de nouveau comme texte."),
    who=Who.VENDOR,
)
NOT_FINESS = _row(123, '"{value}" is not a FINESS (9 characters)', '"{value}" n\'est pas un FINESS (9 caractères)')
ESTABLISHMENT_UNKNOWN = _row(
    124,
    "no establishment of the site has FINESS {finess} or local code {code}",
    "aucun établissement du site n'a le FINESS {finess} ni le code local {code}",
    remedy=(
        "Add it to the establishments of the site, or its code to local_codes.",
        "À ajouter aux établissements du site, ou son code à local_codes.",
    ),
    who=Who.MAPPING,
)
FINESS_BY_CODE = _row(
    125,
    'FINESS "{value}" is not one of the site: the local code {code} was used',
    'le FINESS "{value}" n\'est pas du site : le code local {code} a servi',
    Severity.WARNING,
)
NOT_RPPS = _row(130, '"{value}" is not an RPPS (11 digits)', '"{value}" n\'est pas un RPPS (11 chiffres)')
RPPS_KEY = _row(
    131,
    'the last digit of RPPS "{value}" is not its key: a typing error is likely',
    'le dernier chiffre du RPPS "{value}" n\'est pas sa clé : sans doute une faute de frappe',
    Severity.WARNING,
)
RPPS_PREFIX = _row(
    132,
    '"{value}" carries the prefix 8 of the national identifier: removed',
    '"{value}" porte le préfixe 8 de l\'identifiant national : retiré',
    Severity.INFO,
)
NOT_ADELI = _row(133, '"{value}" is not an ADELI number', '"{value}" n\'est pas un numéro ADELI')
NOT_NIR = _row(
    140,
    "not a numéro de sécurité sociale (13 characters, with or without the key)",
    "ce n'est pas un numéro de sécurité sociale (13 caractères, avec ou sans clé)",
)
NIR_KEY = _row(
    141,
    "the key of the numéro de sécurité sociale is wrong (never replaced: the number itself may be)",
    "la clé du numéro de sécurité sociale est fausse (jamais remplacée : le numéro peut l'être)",
)
NOT_MATRICULE = _row(
    142, "not a matricule INS (15 characters)", "ce n'est pas un matricule INS (15 caractères)", who=Who.IDENTITO
)
MATRICULE_KEY = _row(
    143, "the key of the matricule INS is wrong", "la clé du matricule INS est fausse", who=Who.IDENTITO
)
NOT_PHONE = _row(150, '"{value}" is not a telephone number', '"{value}" n\'est pas un numéro de téléphone')
NOT_MAIL = _row(151, '"{value}" is not a mail address', '"{value}" n\'est pas une adresse de courriel')
NAMES_MIXED = _row(
    152,
    'given names "{value}" mix separators: read as "{read}"',
    'les prénoms "{value}" mêlent les séparateurs : lus "{read}"',
    Severity.INFO,
)
ACCENTS_LOST = _row(
    153,
    '"{value}" has lost its accents (a ? or foreign signs inside a word)',
    '"{value}" a perdu ses accents (un ? ou des signes étrangers dans un mot)',
)
MARKED = _row(
    156,
    "{field} was taken from a fallback: marked {mark}",
    "{field} vient d'une valeur de repli : marqué {mark}",
    Severity.WARNING,
)
CONTROL_CHARACTERS = _row(154, '"{value}" holds control characters', '"{value}" contient des caractères de contrôle')
BAD_PATH = _row(
    155,
    '"{value}" is not a path inside the export folder',
    "\"{value}\" n'est pas un chemin à l'intérieur du dossier d'export",
    who=Who.VENDOR,
)
NOT_COG = _row(160, '"{value}" is not an INSEE code of a commune or country', '"{value}" n\'est pas un code INSEE')
COG_IS_POSTCODE = _row(
    161,
    '"{value}" looks like a postcode, not like the INSEE code of the commune of birth: taken as absent',
    '"{value}" semble un code postal, non le code INSEE de la commune de naissance : pris comme absent',
    Severity.WARNING,
)
COG_ABSENT = _row(
    162,
    "the INSEE code of the place of birth is not known",
    "le code INSEE du lieu de naissance n'est pas connu",
    Severity.INFO,
)
NOT_SERAFIN = _row(
    165,
    '"{value}" is not a SERAFIN-PH code of this kind ({kind})',
    '"{value}" n\'est pas un code SERAFIN-PH de ce genre ({kind})',
)
NOT_TEXT = _row(170, "a single text was expected here", "un texte unique était attendu ici", who=Who.MAPPING)
NOT_INTEGER = _row(171, '"{value}" is not a whole number', '"{value}" n\'est pas un nombre entier')
NOT_DECIMAL = _row(172, '"{value}" is not a number', '"{value}" n\'est pas un nombre')
REQUIRED_BLANK = _row(180, "{field} is blank", "{field} est vide")
MISSING_ROW = _row(
    181, 'no row "{value}" in {alias}', 'aucune ligne "{value}" dans {alias}', remedy=_CORRECT, who=Who.DUI
)
KEEP_NOT_INTEGER = _row(
    182,
    'of several rows "{key}" the last by {column} cannot be told: "{value}" is not a whole number',
    'de plusieurs lignes "{key}" la dernière par {column} est indécidable : "{value}" n\'est pas un entier',
)
KEEP_TIE = _row(
    183,
    'two rows "{key}" have the same {column} "{value}": which one counts cannot be told',
    'deux lignes "{key}" ont le même {column} "{value}" : laquelle compte est indécidable',
)
KEY_TWICE = _row(
    184,
    'the key {column} "{key}" stands on {count} rows: none of them is taken',
    'la clé {column} "{key}" figure sur {count} lignes : aucune n\'est retenue',
)
SEVERAL_HITS = _row(
    185, "{count} values found where one was expected", "{count} valeurs trouvées là où une seule était attendue"
)
DOES_NOT_FIT = _row(186, "{field} does not fit: {reason}", "{field} ne convient pas : {reason}")
NEEDED_BLANK = _row(187, "a {document} needs {field}, which is blank", "un {document} exige {field}, qui est vide")
EXPRESSION_FAILED = _row(
    188,
    "the expression cannot be computed on this row",
    "l'expression ne peut être calculée sur cette ligne",
    who=Who.MAPPING,
)
