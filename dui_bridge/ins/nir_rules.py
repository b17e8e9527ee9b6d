"""Rules of numbers: what the characters of a NIR or NIA say, INS-150 to INS-158."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_NIR: Final = "INSEE, description of the NIR; CNAM, validation rules of the NIR"


def _wrong(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str) -> Rule:
    return Rule(f"INS-{number}", Severity.ERROR, Scope.VALUE, en, fr, remedy_en, remedy_fr, Who.DUI, _NIR)


def _worth_knowing(number: int, en: str, fr: str, source: str = _NIR) -> Rule:
    return Rule(f"INS-{number}", Severity.INFO, Scope.VALUE, en, fr, who=Who.NOBODY, source=source)


NIR_LENGTH: Final = _wrong(
    150,
    "The number has {count} characters: 13 are expected, or 15 with the key.",
    "Le numéro a {count} caractères : il en faut 13, ou 15 avec la clé.",
    "Check what was typed.",
    "Vérifiez la saisie.",
)
NIR_CHARACTERS: Final = _wrong(
    151,
    "Only digits are expected, and A or B as the seventh character (Corsica).",
    "Seuls des chiffres sont attendus, et A ou B en septième caractère (Corse).",
    "Check what was typed.",
    "Vérifiez la saisie.",
)
NIR_MONTH: Final = _wrong(
    152,
    "The month {month} does not exist: 01 to 12, or 20 to 99 for an unknown one.",
    "Le mois {month} n'existe pas : 01 à 12, ou 20 à 99 s'il est inconnu.",
    "Check what was typed.",
    "Vérifiez la saisie.",
)
NIR_KEY: Final = _wrong(
    153,
    "The key does not go with the number: {expected} is expected.",
    "La clé ne correspond pas au numéro : {expected} est attendue.",
    "Check what was typed. A number answered by INSi is kept whatever its key.",
    "Vérifiez la saisie. Un numéro répondu par INSi est gardé quelle que soit sa clé.",
)
NIR_FIRST_DIGIT: Final = _wrong(
    154,
    "The first digit is {digit}: 1 or 2 is expected (3, 4, 7 and 8 begin provisional numbers, which are no INS).",
    "Le premier chiffre est {digit} : il faut 1 ou 2 (3, 4, 7 et 8 : numéros provisoires, qui ne sont pas une INS).",
    "Ask INSi for the INS.",
    "Interrogez INSi pour obtenir l'INS.",
)
NIR_MONTH_UNKNOWN: Final = _worth_knowing(
    155,
    "The month {month} stands for a month of birth that was unknown at the registration.",
    "Le mois {month} indique un mois de naissance inconnu à l'immatriculation.",
)
NIR_NO_KEY: Final = _worth_knowing(
    156,
    "The number is given without its key, which is {expected}.",
    "Le numéro est donné sans sa clé, qui est {expected}.",
)
NIR_TEST: Final = _worth_knowing(
    157,
    "The number belongs to nobody: invented (order number 000) or a published test matricule.",
    "Le numéro n'appartient à personne : inventé (numéro d'ordre 000) ou matricule de test publié.",
    "Published test identities; INSEE attributes no order number 000",
)
NIR_OR_NIA: Final = _worth_knowing(
    158,
    "The number itself does not tell a NIR from a NIA: the OID does.",
    "Le numéro seul ne distingue pas un NIR d'un NIA : c'est l'OID qui le dit.",
    "Référentiel INS",
)
