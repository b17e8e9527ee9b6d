"""Conversions of plain values: text, numbers, yes and no, paths, mail."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import (
    LONGEST_KEPT,
    Conversion,
    Convert,
    Parameter,
    ParameterKind,
    Reading,
    Rejected,
    Remembered,
    Settings,
    SettingsInvalid,
)

_MAX_PATH: Final = 1000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_STRICT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LOST: Final = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])|�|[ÃÂ][\u0080-\u00bf]")
maybe_lost: Final = re.compile("[?\ufffdÃÂ]").search
_LOST_STRICT: Final = re.compile(r"\?|�|[ÃÂ][\u0080-\u00bf]")
_SEPARATORS: Final = re.compile(r"\s*[,;/]\s*|\s+")
_INTEGER: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]+")
_MAIL: Final = re.compile(r"[^\s@<>,;\"]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_YES_NO: Final = {
    "o": True, "oui": True, "1": True, "true": True, "vrai": True, "y": True, "yes": True,
    "n": False, "non": False, "0": False, "false": False, "faux": False, "no": False,
}  # fmt: skip


def fold(text: str) -> str:
    """Without case, accents and doubled spaces: how tables with `match: folded` and yes/no compare."""
    return _fold(text) if len(text) > LONGEST_KEPT else _known_fold(text)


def _fold(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


_known_fold: Final = lru_cache(maxsize=1_024)(_fold)
"""The codes of tables are few, and the same in every row."""


def _text(settings: Settings) -> Convert:
    if not settings.strict:
        return free_text
    return _strict_text


def is_plain(text: str) -> bool:
    """A cheap test that nearly every text passes: what does is kept as it is, and nothing is to be said of it."""
    return text.isprintable() and not maybe_lost(text)


def free_text(text: str, reading: Reading) -> str:
    """Text on one or more lines that is no trait of identity. Raises Rejected for control characters."""
    if is_plain(text):
        return text
    if _CONTROL.search(text):
        raise Rejected(rules.CONTROL_CHARACTERS, value=text)
    if _LOST.search(text):
        reading.flag(rules.ACCENTS_LOST, value=text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strict_text(text: str, reading: Reading) -> str:
    if is_plain(text):
        return text
    if _CONTROL_STRICT.search(text):
        raise Rejected(rules.CONTROL_CHARACTERS, value=text)
    if _LOST_STRICT.search(text):
        raise Rejected(rules.ACCENTS_LOST, value=text)
    return text


def _given_names(settings: Settings) -> Convert:
    clean = _text(settings)

    def convert(text: str, reading: Reading) -> object:
        names = [name for name in _SEPARATORS.split(str(clean(text, reading))) if name]
        read = " ".join(names)
        kinds = {"," if "," in text else "", ";" if ";" in text else "", "/" if "/" in text else ""} - {""}
        if len(kinds) > 1 or (kinds and re.search(r"[^\s,;/]\s+[^\s,;/]", text)):
            reading.flag(rules.NAMES_MIXED, value=text, read=read)
        return read or None

    return convert


def _upper(settings: Settings) -> Convert:
    clean = _text(settings)
    return lambda text, reading: str(clean(text, reading)).upper()


def _yes_no(settings: Settings) -> Convert:
    as_text = settings.target is str

    def convert(text: str, reading: Reading) -> object:
        answer = _YES_NO.get(fold(text))
        if answer is None:
            raise Rejected(rules.NOT_YES_NO, value=text)
        if as_text:
            return "oui" if answer else "non"
        return answer

    return Remembered(convert)


def _integer(settings: Settings) -> Convert:
    as_text = settings.target is str

    def convert(text: str, reading: Reading) -> object:
        digits = _SPACES.sub("", text)
        if _INTEGER.fullmatch(digits) is None:
            raise Rejected(rules.NOT_INTEGER, value=text)
        return str(int(digits)) if as_text else int(digits)

    return Remembered(convert)


def _decimal(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        number = _SPACES.sub("", text)
        if _DECIMAL.fullmatch(number) is None:
            raise Rejected(rules.NOT_DECIMAL, value=text)
        return number.replace(",", ".")

    return convert


def _mail(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        if len(text) > 254 or _MAIL.fullmatch(text) is None:
            raise Rejected(rules.NOT_MAIL, value=text)
        return text

    return convert


def _relative_path(settings: Settings) -> Convert:
    shares = [share.replace("\\", "/").rstrip("/") + "/" for share in settings.given.get("share", ())]
    if "/" in shares:
        raise SettingsInvalid("share names a folder", "share nomme un dossier")

    def convert(text: str, reading: Reading) -> object:
        path = text.strip().replace("\\", "/")
        for share in shares:
            if path[: len(share)].casefold() == share.casefold():
                return relative_path(path[len(share) :])
        return relative_path(text)

    return convert if shares else relative_path


def relative_path(text: str, reading: Reading | None = None) -> str:
    """A path below the export folder, with `/`; raises Rejected for anything that could lead out of it."""
    path = text.replace("\\", "/")
    parts = [part.strip() for part in path.split("/")]
    kept = [part for part in parts if part not in ("", ".")]
    if (
        path.startswith("/")
        or _DRIVE.match(path)
        or ".." in parts
        or not kept
        or len(path) > _MAX_PATH
        or _CONTROL_STRICT.search(path)
    ):
        raise Rejected(rules.BAD_PATH, value=text)
    return "/".join(kept)


CONVERSIONS: Final = (
    Conversion(
        "text",
        (str,),
        _text,
        "Trimmed text. Control characters are refused; lost accents are flagged (refused in a strict trait).",
        "Texte sans blancs autour. Caractères de contrôle refusés ; accents perdus signalés (refusés dans un trait "
        "strict).",
    ),
    Conversion("upper", (str,), _upper, "Text in capitals.", "Texte en capitales."),
    Conversion(
        "given_names",
        (str,),
        _given_names,
        "Given names: `,` `;` `/` and spaces become single spaces; hyphens and apostrophes stay.",
        "Prénoms : `,` `;` `/` et blancs deviennent une espace ; traits d'union et apostrophes restent.",
    ),
    Conversion(
        "oui_non",
        (bool, str),
        _yes_no,
        "O/N, oui/non, 1/0, true/false, vrai/faux. Blank is absent.",
        "O/N, oui/non, 1/0, true/false, vrai/faux. Vide = absent.",
    ),
    Conversion("integer", (int, str), _integer, "A whole number.", "Un nombre entier."),
    Conversion("decimal", (str,), _decimal, "A number, comma or point.", "Un nombre, virgule ou point."),
    Conversion("courriel", (str,), _mail, "A mail address.", "Une adresse de courriel."),
    Conversion(
        "relative_path",
        (str,),
        _relative_path,
        "A path inside the export folder; `\\` becomes `/`; `..`, drives and absolute paths are refused.",
        "Un chemin à l'intérieur du dossier d'export ; `\\` devient `/` ; `..`, lecteurs et chemins absolus refusés.",
        (
            Parameter(
                "share",
                ParameterKind.TEXTS,
                "the network share of which the export folder is a copy, as paths name it",
                "le partage réseau dont le dossier d'export est la copie, tel que les chemins le nomment",
            ),
        ),
    ),
)
