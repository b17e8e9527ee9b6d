"""Conversions of French identifiers and codes."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from dui_bridge.ins.matricule import has_right_key, is_well_formed, key
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import (
    Conversion,
    Convert,
    Parameter,
    ParameterKind,
    Reading,
    Rejected,
    Remembered,
    Settings,
)
from dui_bridge.model.identite import Adresse, LieuNaissance
from dui_bridge.model.types import Code

SERAFIN_OID: Final = "1.2.250.1.213.3.3.60"
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f.-]+")
_FINESS: Final = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d{1,2}", re.ASCII)
_RPPS: Final = re.compile(r"\d{11}", re.ASCII)
_ADELI: Final = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
_COG: Final = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_POSTCODE_ONLY: Final = re.compile(r"\d\d000|750(?!56)\d\d", re.ASCII)
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}|0[1-9]\d{8}|1\d{1,2}|3\d{3}|1[01]\d{4}", re.ASCII)
_PHONE_BLANKS: Final = re.compile(r"[\s\u00a0\u202f().-]+")
_OVERSEAS: Final = {
    "0262": "262", "0263": "262", "0269": "262", "0639": "262", "0692": "262", "0693": "262",
    "0590": "590", "0690": "590", "0691": "590", "0594": "594", "0694": "594",
    "0596": "596", "0696": "596", "0697": "596",
}  # fmt: skip
"""First four digits of a national number → country code (French numbering plan: overseas departments)."""


def _finess(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        value = text.replace(" ", "").upper()
        if _FINESS.fullmatch(value):
            return value
        if _SCIENTIFIC.fullmatch(value):
            raise Rejected(rules.FINESS_PRECISION, value=text)
        if len(value) == 8 and value.isascii() and value.isdigit():
            repaired = f"0{value}"
            if repaired not in reading.finess:
                raise Rejected(rules.FINESS_LOST_ZERO, value=text, repaired=repaired)
            reading.flag(rules.FINESS_REPAIRED, value=text, repaired=repaired)
            return repaired
        raise Rejected(rules.NOT_FINESS, value=text)

    return convert


def has_luhn_key(digits: str) -> bool:
    """Whether the last digit is the Luhn key of the others (RPPS numbers carry one)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _rpps(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        value = _BLANKS.sub("", text)
        if len(value) == 12 and value[0] == "8" and _RPPS.fullmatch(value[1:]):
            reading.flag(rules.RPPS_PREFIX, value=text)
            value = value[1:]
        if _RPPS.fullmatch(value) is None:
            raise Rejected(rules.NOT_RPPS, value=text)
        if not has_luhn_key(value):
            # The published test identities break the key: said, never refused.
            reading.flag(rules.RPPS_KEY, value=text)
        return value

    return convert


def _adeli(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        value = _BLANKS.sub("", text).upper()
        if _ADELI.fullmatch(value) is None:
            raise Rejected(rules.NOT_ADELI, value=text)
        return value

    return convert


def _nir(settings: Settings) -> Convert:
    key_column = settings.one("key")

    def convert(text: str, reading: Reading) -> object:
        number = _BLANKS.sub("", text).upper()
        if len(number) == 13:
            number += reading.cell(key_column).zfill(2) if key_column and reading.cell(key_column) else ""
        if len(number) == 13 and is_well_formed(f"{number}00"):
            return f"{number}{key(number):02}"
        if not is_well_formed(number):
            raise Rejected(rules.NOT_NIR)
        if not has_right_key(number):
            raise Rejected(rules.NIR_KEY)
        return number

    return convert


def _matricule(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        number = _BLANKS.sub("", text).upper()
        if not is_well_formed(number):
            raise Rejected(rules.NOT_MATRICULE)
        if not has_right_key(number):
            raise Rejected(rules.MATRICULE_KEY)
        return number

    return convert


def _telephone(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        number = _PHONE_BLANKS.sub("", text.replace("(0)", "", 1))
        if number.startswith("00"):
            number = f"+{number[2:]}"
        if _PHONE.fullmatch(number) is None:
            raise Rejected(rules.NOT_PHONE, value=text)
        if len(number) == 10 and number[0] == "0":
            return f"+{_OVERSEAS.get(number[:4], '33')}{number[1:]}"
        return number

    return convert


def is_cog(text: str) -> bool:
    """Whether a text has the form of an INSEE code of a commune or country and is surely no postcode."""
    return _COG.fullmatch(text) is not None and _POSTCODE_ONLY.fullmatch(text) is None


def _cog(settings: Settings) -> Convert:
    def convert(text: str, reading: Reading) -> object:
        value = text.upper()
        if not is_cog(value):
            raise Rejected(rules.NOT_COG, value=text)
        return value

    return convert


def _birthplace(settings: Settings) -> Convert:
    cog_column, postcode_column = settings.one("cog"), settings.one("postcode")

    def convert(text: str, reading: Reading) -> object:
        cog = reading.cell(cog_column).upper() if cog_column else ""
        postcode = reading.cell(postcode_column) if postcode_column else ""
        if not (text or cog or postcode):
            return None
        if cog and (not is_cog(cog) or cog == postcode):
            reading.flag(rules.COG_IS_POSTCODE, cog_column, value=cog)
            cog = ""
        elif not cog:
            reading.flag(rules.COG_ABSENT, cog_column or None)
        return LieuNaissance(cog=cog or None, libelle=text or None, code_postal=postcode or None)

    return convert


def _address(settings: Settings) -> Convert:
    more = settings.given.get("more", ())
    postcode, city, country = settings.one("postcode"), settings.one("city"), settings.one("country")

    def convert(text: str, reading: Reading) -> object:
        written = [*text.splitlines(), *(line for column in more for line in reading.cell(column).splitlines())]
        parts = {
            "code_postal": reading.cell(postcode) if postcode else "",
            "localite": reading.cell(city) if city else "",
            "pays": reading.cell(country) if country else "",
        }
        lines = tuple(line.strip() for line in written if line.strip())
        if not lines and not any(parts.values()):
            return None
        return Adresse(
            lignes=lines,
            code_postal=parts["code_postal"] or None,
            localite=parts["localite"] or None,
            pays=parts["pays"] or None,
        )

    return convert


@cache
def serafin_codes() -> Mapping[str, tuple[str, Code]]:
    """Code → kind (`besoin`, `prestation`) and coded value. Source: NOS JDV_J282 to J285 (SERAFIN-PH)."""
    table = files("dui_bridge") / "data" / "tables" / "serafin.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines(), delimiter=";")
    return {
        row["code"]: (
            "besoin" if row["type"] == "besoin" else "prestation",
            Code(code=row["code"], libelle=row["libellé"], systeme=SERAFIN_OID),
        )
        for row in rows
    }


def _serafin(settings: Settings) -> Convert:
    kind = settings.kind

    def convert(text: str, reading: Reading) -> object:
        found = serafin_codes().get(text.rstrip("."))
        if found is None or (kind and found[0] != kind):
            raise Rejected(rules.NOT_SERAFIN, value=text, kind=kind or "SERAFIN-PH")
        return found[1]

    return Remembered(convert)


def _column(name: str, en: str, fr: str) -> Parameter:
    return Parameter(name, ParameterKind.COLUMN, en, fr)


CONVERSIONS: Final = (
    Conversion(
        "finess",
        (str,),
        _finess,
        "A FINESS of 9 characters. Eight digits are repaired only when the result is one of the site's.",
        "Un FINESS de 9 caractères. Huit chiffres ne sont réparés que si le résultat est un de ceux du site.",
    ),
    Conversion("rpps", (str,), _rpps, "An RPPS of 11 digits.", "Un RPPS de 11 chiffres."),
    Conversion("adeli", (str,), _adeli, "An ADELI number of 9 characters.", "Un numéro ADELI de 9 caractères."),
    Conversion(
        "nir",
        (str,),
        _nir,
        "A numéro de sécurité sociale: a missing key is computed, a wrong one is never replaced.",
        "Un numéro de sécurité sociale : une clé absente est calculée, une clé fausse n'est jamais remplacée.",
        (_column("key", "the column that holds the key", "la colonne qui porte la clé"),),
    ),
    Conversion(
        "matricule_ins",
        (str,),
        _matricule,
        "A matricule INS of 15 characters with its right key.",
        "Un matricule INS de 15 caractères, clé juste.",
    ),
    Conversion(
        "telephone",
        (str,),
        _telephone,
        "A French number becomes +33… (overseas: its own code); international and short ones stay.",
        "Un numéro français devient +33… (outre-mer : son indicatif) ; internationaux et courts restent.",
    ),
    Conversion(
        "cog",
        (str,),
        _cog,
        "The INSEE code of a commune or country (5 characters).",
        "Le code INSEE d'une commune ou d'un pays (5 caractères).",
    ),
    Conversion(
        "commune_naissance",
        (LieuNaissance,),
        _birthplace,
        "The place of birth: the text is kept; the INSEE code is taken when it has the form of one.",
        "Le lieu de naissance : le texte est gardé ; le code INSEE est pris s'il en a la forme.",
        (
            _column("cog", "the column of the INSEE code", "la colonne du code INSEE"),
            _column("postcode", "the column of the postcode", "la colonne du code postal"),
        ),
        reads_blank=True,
    ),
    Conversion(
        "address",
        (Adresse,),
        _address,
        "An address as written, line by line.",
        "Une adresse telle qu'écrite, ligne par ligne.",
        (
            Parameter("more", ParameterKind.COLUMNS, "columns of further lines", "colonnes des lignes suivantes"),
            _column("postcode", "the column of the postcode", "la colonne du code postal"),
            _column("city", "the column of the town", "la colonne de la localité"),
            _column("country", "the column of the country", "la colonne du pays"),
        ),
        reads_blank=True,
    ),
    Conversion("serafin", (Code,), _serafin, "A SERAFIN-PH code.", "Un code SERAFIN-PH."),
)
