"""Rules of identities. INS-1xx: what stands in the way of a call of INSi, found before it is made.

An error forbids the call; a warning makes a failure likely; an information is only worth knowing.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_RNIV: Final = "RNIV"
_GUIDE: Final = "Guide d'implémentation de l'INS"
_LEXICON: Final = "GIE SESAM-Vitale, SEL-MP-043, EF_INS01_03 and EF_INS10_01"
_WS_INS2: Final = "INSi, WS_INS2, RECSANSVITALE"
_COG: Final = "INSEE, Code officiel géographique"
_NIR: Final = "INSEE, description of the NIR"


def _rule(
    number: int,
    severity: Severity,
    en: str,
    fr: str,
    remedy_en: str,
    remedy_fr: str,
    *,
    who: Who = Who.DUI,
    source: str = "",
) -> Rule:
    return Rule(f"INS-{number}", severity, Scope.DOSSIER, en, fr, remedy_en, remedy_fr, who, source)


# What forbids the call.

ANONYMOUS: Final = _rule(
    101,
    Severity.ERROR,
    "The dossier is anonymous: INSi is not called.",
    "Le dossier est anonyme : INSi n'est pas appelé.",
    "Nothing to do, unless the dossier was marked by mistake.",
    "Rien à faire, sauf si le dossier a été marqué par erreur.",
    who=Who.NOBODY,
    source=_RNIV,
)
DOUBTFUL: Final = _rule(
    102,
    Severity.ERROR,
    "The identity is marked doubtful: INSi may not be called.",
    "L'identité porte l'attribut « identité douteuse » : l'appel à INSi est interdit.",
    "Settle the doubt with an identity document, then take the mark away in the DUI.",
    "Levez le doute avec une pièce d'identité, puis retirez l'attribut dans le DUI.",
    who=Who.IDENTITO,
    source=f"{_GUIDE}, EXI SI 09, EXI ID 24",
)
FICTITIOUS: Final = _rule(
    103,
    Severity.ERROR,
    "The identity is marked fictitious: INSi may not be called.",
    "L'identité porte l'attribut « identité fictive » : l'appel à INSi est interdit.",
    "Enter the true identity when it is known.",
    "Saisissez l'identité réelle dès qu'elle est connue.",
    who=Who.IDENTITO,
    source=f"{_GUIDE}, EXI SI 09, EXI ID 26",
)
PRESUMED: Final = _rule(
    104,
    Severity.ERROR,
    "{trait_en} is only presumed (taken from another field): it is never sent unconfirmed.",
    "{trait_fr} n'est que présumé (repris d'un autre champ) : il n'est jamais envoyé sans confirmation.",
    "Enter it in its own field of the DUI, from the identity document.",
    "Saisissez-le dans son propre champ du DUI, d'après la pièce d'identité.",
    source=_RNIV,
)
MISSING: Final = _rule(
    105,
    Severity.ERROR,
    "{trait_en} is blank: INSi cannot be asked.",
    "{trait_fr} n'est pas renseigné : INSi ne peut pas être interrogé.",
    "Complete the identity in the DUI, from the identity document.",
    "Complétez l'identité dans le DUI, d'après la pièce d'identité.",
    source=_WS_INS2,
)
SEX_INDETERMINATE: Final = _rule(
    106,
    Severity.ERROR,
    "The sex is indeterminate: INSi knows M and F only.",
    "Le sexe est indéterminé : INSi ne connaît que M et F.",
    "Enter the sex that the identity document shows.",
    "Saisissez le sexe porté sur la pièce d'identité.",
    source=_WS_INS2,
)
PARTIAL_DATE: Final = _rule(
    107,
    Severity.ERROR,
    'Of the birth date only "{value}" is known: INSi takes a whole date.',
    "La date de naissance n'est connue qu'en partie (« {value} ») : INSi demande une date complète.",
    "Enter the whole date. If the document gives no more, the date interpreted by rule serves in the DUI only.",
    "Saisissez la date complète. Si la pièce n'en dit pas plus, la date interprétée ne sert que dans le DUI.",
    source=f"{_GUIDE}, EXI ID 11",
)
NOT_A_DATE: Final = _rule(
    108,
    Severity.ERROR,
    'The birth date "{value}" is in no calendar.',
    "La date de naissance « {value} » n'existe pas au calendrier.",
    "Correct the date in the DUI. Enter a date of another calendar as the identity document writes it.",
    "Corrigez la date dans le DUI. Une date d'un autre calendrier se saisit comme la pièce d'identité l'écrit.",
    source=_WS_INS2,
)
LUNAR_DATE: Final = _rule(
    109,
    Severity.ERROR,
    'The birth date "{value}" has the form of a lunar date, or is a typing error: it is not sent.',
    "La date de naissance « {value} » a la forme d'une date lunaire, ou est une faute de frappe : elle n'est pas "
    "envoyée.",
    "Check it against the identity document; a true lunar date is asked of INSi by hand.",
    "Vérifiez-la sur la pièce d'identité ; une vraie date lunaire se recherche à la main dans INSi.",
    who=Who.IDENTITO,
    source="IHE PAM France, ZFD-1",
)
FUTURE_DATE: Final = _rule(
    110,
    Severity.ERROR,
    'The birth date "{value}" is still to come.',
    "La date de naissance « {value} » est dans le futur.",
    "Correct the date in the DUI.",
    "Corrigez la date dans le DUI.",
)
NAME_DIGITS: Final = _rule(
    111,
    Severity.ERROR,
    "{trait_en} holds digits or other signs that no name has: {refused}",
    "{trait_fr} contient des chiffres ou d'autres signes étrangers à un nom : {refused}",
    "Correct it in the DUI: nothing is taken away in your place.",
    "Corrigez-le dans le DUI : rien n'est retiré à votre place.",
    source=_LEXICON,
)
NAME_CHARACTERS: Final = _rule(
    112,
    Severity.ERROR,
    "{trait_en} holds signs that INSi does not take: {refused}",
    "{trait_fr} contient des signes qu'INSi n'accepte pas : {refused}",
    "Write it as the French identity document or civil status record does.",
    "Écrivez-le comme la pièce d'identité ou l'état civil français.",
    source=_LEXICON,
)
NAME_DAMAGED: Final = _rule(
    113,
    Severity.ERROR,
    "{trait_en} has lost letters on the way (an accent read in the wrong encoding).",
    "{trait_fr} a perdu des lettres en route (un accent mal lu à l'export).",
    "Retype it in the DUI; if many dossiers are so, correct the encoding of the export.",
    "Ressaisissez-le dans le DUI ; si beaucoup de dossiers sont touchés, corrigez l'encodage de l'export.",
    source=_LEXICON,
)
NAME_FORM: Final = _rule(
    114,
    Severity.ERROR,
    "{trait_en} begins or ends with a hyphen or apostrophe, or has two such signs side by side.",
    "{trait_fr} commence ou finit par un tiret ou une apostrophe, ou en a deux à la suite.",
    "Correct it in the DUI, from the identity document.",
    "Corrigez-le dans le DUI, d'après la pièce d'identité.",
    source=_LEXICON,
)
TWO_NAMES_IN_ONE: Final = _rule(
    115,
    Severity.ERROR,
    'The birth name field holds the married name too ("{word}").',
    "Le champ du nom de naissance contient aussi le nom d'usage (« {word} »).",
    "Keep the birth name alone in this field, the used name in its own.",
    "Gardez dans ce champ le seul nom de naissance, et le nom utilisé dans le sien.",
    source=_RNIV,
)
NO_NAME: Final = _rule(
    116,
    Severity.ERROR,
    '{trait_en} is a word that stands for no name ("{word}").',
    "{trait_fr} est un mot mis faute de nom (« {word} »).",
    "Enter the true name; until then the identity stays provisional.",
    "Saisissez le vrai nom ; d'ici là l'identité reste provisoire.",
    source=_RNIV,
)

# What makes a failure likely.

MARRIED_NAME: Final = _rule(
    120,
    Severity.WARNING,
    "The birth name may be the married name: {why_en}.",
    "Le nom de naissance est peut-être le nom d'usage : {why_fr}.",
    "Check the birth name on the identity document (it stands first on a French one).",
    "Vérifiez le nom de naissance sur la pièce d'identité (il y figure en premier).",
    source=_RNIV,
)
NAMES_IN_WRONG_FIELD: Final = _rule(
    121,
    Severity.WARNING,
    "A given name stands in the birth name, or the birth name among the given names.",
    "Un prénom figure dans le nom de naissance, ou le nom de naissance parmi les prénoms.",
    "Check both fields in the DUI.",
    "Vérifiez les deux champs dans le DUI.",
    source=_RNIV,
)
JOINED_NAMES: Final = _rule(
    122,
    Severity.WARNING,
    "Several given names seem to be written as one.",
    "Plusieurs prénoms semblent écrits en un seul.",
    "Separate them by spaces; keep the hyphen of a compound name only.",
    "Séparez-les par des espaces ; ne gardez que le tiret d'un prénom composé.",
    source=f"{_GUIDE}, EXI ID 10",
)
FIRST_NAME_NOT_FIRST: Final = _rule(
    123,
    Severity.WARNING,
    "The first given name is not the beginning of the list of given names.",
    "Le premier prénom n'est pas le début de la liste des prénoms.",
    "Check both fields in the DUI, from the identity document.",
    "Vérifiez les deux champs dans le DUI, d'après la pièce d'identité.",
    source=f"{_GUIDE}, EXI ID 10",
)
CIVILITY: Final = _rule(
    124,
    Severity.WARNING,
    "The title and the sex do not agree.",
    "La civilité et le sexe ne concordent pas.",
    "Check the sex on the identity document.",
    "Vérifiez le sexe sur la pièce d'identité.",
)
VERY_OLD: Final = _rule(
    125,
    Severity.WARNING,
    "By the birth date the person is {age} years old.",
    "D'après la date de naissance, la personne a {age} ans.",
    "Check the century of the birth date.",
    "Vérifiez le siècle de la date de naissance.",
)
ROUND_DATE: Final = _rule(
    126,
    Severity.INFO,
    "The birth date is a 1 January or a 31 December: it may stand for an unknown day.",
    "La date de naissance est un 1er janvier ou un 31 décembre : elle remplace peut-être un jour inconnu.",
    "Check it on the identity document if INSi finds nobody.",
    "Vérifiez-la sur la pièce d'identité si INSi ne trouve personne.",
    source=f"{_GUIDE}, EXI ID 11",
)

# The place of birth: INSi is asked without it first, and with it when it finds several persons.

NO_PLACE: Final = _rule(
    130,
    Severity.INFO,
    "The code of the place of birth is blank: two persons of the same name could not be told apart.",
    "Le code du lieu de naissance n'est pas renseigné : deux homonymes ne pourraient pas être départagés.",
    "Enter the INSEE code of the place of birth.",
    "Saisissez le code INSEE du lieu de naissance.",
    source=_WS_INS2,
)
PLACE_IS_POSTCODE: Final = _rule(
    131,
    Severity.WARNING,
    "The code of the place of birth ({value}) is a postcode: it is not sent.",
    "Le code du lieu de naissance ({value}) est un code postal : il n'est pas envoyé.",
    "Enter the INSEE code; a postcode serves several communes.",
    "Saisissez le code INSEE ; un code postal sert à plusieurs communes.",
    source=_COG,
)
PLACE_FORM: Final = _rule(
    132,
    Severity.WARNING,
    'The code of the place of birth ("{value}") has not the form of an INSEE code: it is not sent.',
    "Le code du lieu de naissance (« {value} ») n'a pas la forme d'un code INSEE : il n'est pas envoyé.",
    "Five characters: a commune, or 99 and the country.",
    "Cinq caractères : une commune, ou 99 suivi du pays.",
    source=_COG,
)
PLACE_UNKNOWN: Final = _rule(
    133,
    Severity.WARNING,
    "The code of the place of birth ({value}) stands for an unknown place: it is not sent.",
    "Le code du lieu de naissance ({value}) désigne un lieu inconnu : il n'est pas envoyé.",
    "Enter the commune, or the country for a birth abroad.",
    "Saisissez la commune, ou le pays pour une naissance à l'étranger.",
    source=_COG,
)
PLACE_NOT_LISTED: Final = _rule(
    134,
    Severity.WARNING,
    "No commune or country has the code {value}.",
    "Aucune commune ni aucun pays n'a le code {value}.",
    "Check the code of the place of birth.",
    "Vérifiez le code du lieu de naissance.",
    source=_COG,
)
PLACE_AT_BIRTH: Final = _rule(
    135,
    Severity.WARNING,
    "The code {value} was not in use at the birth.",
    "Le code {value} n'était pas en usage à la naissance.",
    "Enter the code in use at the birth; a wrong code may also tell a wrong birth date.",
    "Saisissez le code en usage à la naissance ; un code faux peut aussi trahir une date fausse.",
    source=_COG,
)
PLACE_NAME: Final = _rule(
    136,
    Severity.WARNING,
    'The code {value} is that of {known}; the dossier says "{label}".',
    "Le code {value} est celui de {known} ; le dossier indique « {label} ».",
    "Correct the code or the name of the place of birth.",
    "Corrigez le code ou le nom du lieu de naissance.",
    source=_COG,
)

# The social security number that the dossier holds: never the INS, only a witness.

NIR_DISAGREES: Final = _rule(
    140,
    Severity.WARNING,
    "The social security number of the dossier tells another {what_en}: it may be that of somebody else.",
    "Le numéro de sécurité sociale du dossier ne concorde pas ({what_fr}) : c'est peut-être celui d'un tiers.",
    "Check the identity and the number; a child or spouse may be insured under another's.",
    "Vérifiez l'identité et le numéro ; un enfant ou un conjoint peut être rattaché à un autre assuré.",
    source=_NIR,
)
