"""The characters that INSi takes in a name: what can be written in them without loss, and what is refused.

Only what says the same thing in another form is transliterated: case, accents, the ligatures Œ and Æ, typographic
apostrophes, hyphens and spaces, spaces at the ends or repeated. Anything else (a digit, a dot, a bracket, a letter that
French does not write) is refused and never taken away, so that no name of somebody else is ever asked for. Sources: GIE
SESAM-Vitale, SEL-MP-043, EF_INS01_03, EF_INS10_01 and EF_INS10_02.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from dui_bridge.findings import Rule
from dui_bridge.ins import rules

_BIRTH_NAME: Final = re.compile(r"[A-Z]+(?:(?:--?|[' ])[A-Z]+)*", re.ASCII)
_GIVEN_NAMES: Final = re.compile(r"[A-Z]+(?:[-' ][A-Z]+)*", re.ASCII)
_APOSTROPHES: Final = "'\u2019\u2018\u02bc\u2032\u00b4\u0060\u201b\uff07"
_HYPHENS: Final = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_SPACES: Final = " \t\n\r\u00a0\u2007\u2009\u202f"
SAME: Final = {
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys(_SPACES, " "),
    "Œ": "OE",
    "œ": "OE",
    "Æ": "AE",
    "æ": "AE",
}
"""Signs that stand for others without loss. Letters lose their accents apart from this table."""

_DAMAGE: Final = re.compile(r"[?\ufffd]|[ÃÂ][\u0080-\u00bf]|[ÃÂ][©¨ª«®¯´¶¹»¼§]")
"""What an accent becomes when a text was read in the wrong encoding."""


@dataclass(frozen=True, slots=True)
class Sendable:
    """A name as held, and as INSi may be asked for it.

    Args:
        original: the name, unaltered.
        text: in the lexicon of INSi; None when it is refused or blank.
        refusal: the rule that refuses it; None when it is blank or may be sent.
        refused: the characters refused, each once, in the order of the name.
    """

    original: str
    text: str | None
    refusal: Rule | None = None
    refused: str = ""


def sendable(text: str, *, birth_name: bool) -> Sendable:
    """A name in the lexicon of INSi, or why it is refused.

    Args:
        text: a birth name, or one or more given names with spaces between.
        birth_name: a birth name may hold the double hyphen of a double name.
    """
    letters = [(sign, plain_letter(sign)) for sign in unicodedata.normalize("NFC", text)]
    refused = "".join(dict.fromkeys(sign for sign, plain in letters if plain is None))
    if _DAMAGE.search(text):
        return Sendable(text, None, rules.NAME_DAMAGED, refused)
    if refused:
        digits = any(sign.isdigit() for sign in refused)
        return Sendable(text, None, rules.NAME_DIGITS if digits else rules.NAME_CHARACTERS, refused)
    plain = " ".join("".join(plain or "" for _, plain in letters).split())
    if not plain:
        return Sendable(text, None)
    if (_BIRTH_NAME if birth_name else _GIVEN_NAMES).fullmatch(plain) is None:
        return Sendable(text, None, rules.NAME_FORM)
    return Sendable(text, plain)


def plain_letter(sign: str) -> str | None:
    """One sign (composed form) as capital letters, apostrophe, hyphen or space; None for anything else."""
    if sign in SAME:
        return SAME[sign]
    decomposed = unicodedata.normalize("NFD", sign)
    base, marks = decomposed[:1], decomposed[1:]
    if not all("\u0300" <= mark <= "\u036f" for mark in marks):
        return None
    return base.upper() if base.isascii() and base.isalpha() else SAME.get(base)
