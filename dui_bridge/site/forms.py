"""What a text of a site file must look like, as annotations of the declaration's fields.

Each annotation refuses with a rule of ours and gives the same constraint to the JSON Schema. A value of another shape
(a list, a map) is left to the field's own type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from dui_bridge.data.codes import codes, rows
from dui_bridge.declared.problems import EXPECTED
from dui_bridge.findings import Rule
from dui_bridge.site.rules import UNKNOWN_VALUE, unknown_value

MAX_OID: Final = 64
"""Longest OID that a CDA or XDS carries (IHE ITI TF-3, 4.2.3.1.2)."""


def refusal(rule: Rule, values: dict[str, str] | None = None) -> PydanticCustomError:
    """A refusal that names our rule; its text is formatted from the rule, never from here."""
    return PydanticCustomError(rule.id, "refused", values)


@dataclass(frozen=True, slots=True)
class Form:
    """A text that matches a pattern as a whole. `what` completes "expected …"."""

    pattern: str
    what: str
    what_fr: str
    longest: int | None = None

    def _check(self, value: object) -> object:
        if isinstance(value, str) and (
            re.fullmatch(self.pattern, value) is None or (self.longest is not None and len(value) > self.longest)
        ):
            raise refusal(EXPECTED, {"what": self.what, "what_fr": self.what_fr})
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        made["pattern"] = f"^(?:{self.pattern})$"
        if self.longest is not None:
            made["maxLength"] = self.longest
        return made


@dataclass(frozen=True, slots=True)
class Known:
    """One of a known set of texts. `listed`: the set is short enough to be shown whole."""

    names: Callable[[], frozenset[str]]
    what: str
    what_fr: str
    listed: bool = True

    def _check(self, value: object) -> object:
        if isinstance(value, str) and value not in self.names():
            raise refusal(
                UNKNOWN_VALUE, unknown_value(value, self.names(), self.what, self.what_fr, listed=self.listed)
            )
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        if self.listed:
            made["enum"] = sorted(self.names())
        return made


@cache
def categories() -> frozenset[str]:
    """The categories of establishment that a site may name: the first column of `categories.csv`."""
    return frozenset(row["category"] for row in rows("categories"))


@cache
def _facility_types() -> frozenset[str]:
    return frozenset(codes("facility_types"))


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


SiteId = Annotated[
    str,
    Form(
        r"[a-z0-9]+(-[a-z0-9]+)*",
        "a short name of lower-case letters, digits and hyphens (at most 64)",
        "un nom court en minuscules, chiffres et tirets (64 au plus)",
        longest=64,
    ),
]
Name = Annotated[
    str,
    Form(
        r"[a-z0-9]+([_-][a-z0-9]+)*",
        "a name of lower-case letters, digits, hyphens and underscores (at most 64)",
        "un nom en minuscules, chiffres, tirets et tirets bas (64 au plus)",
        longest=64,
    ),
]
Finess = Annotated[
    str,
    Form(
        r"([0-9]{2}|2[AB])[0-9]{7}",
        "a FINESS number: 9 characters, digits (2A or 2B in Corsica), leading zero kept",
        "un numéro FINESS : 9 caractères, des chiffres (2A ou 2B en Corse), zéro initial compris",
    ),
]
Oid = Annotated[
    str,
    Form(
        r"([01](\.(0|[1-9]|[1-3][0-9]))|2(\.(0|[1-9][0-9]*)))(\.(0|[1-9][0-9]*))+",
        "an OID: numbers without leading zeros, joined by dots, 64 characters at most",
        "un OID : des nombres sans zéro initial, séparés par des points, 64 caractères au plus",
        longest=MAX_OID,
    ),
]
OidRoot = Annotated[
    str,
    Form(
        r"([01](\.(0|[1-9]|[1-3][0-9]))|2(\.(0|[1-9][0-9]*)))(\.(0|[1-9][0-9]*))+",
        "an OID of 24 characters at most, so that ids made under it stay below 64",
        "un OID de 24 caractères au plus, pour que les identifiants formés dessous restent sous 64",
        longest=MAX_OID - 40,
    ),
]
Rpps = Annotated[str, Form(r"[0-9]{11}", "an RPPS number: 11 digits", "un numéro RPPS : 11 chiffres")]
Mailbox = Annotated[str, Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "a mail address", "une adresse de messagerie")]
Phone = Annotated[str, Form(r"\+?[0-9][0-9 .()-]{3,24}", "a telephone number", "un numéro de téléphone")]
Url = Annotated[str, Form(r"https?://[^\s/]+\S*", "an address that starts with https://", "une adresse en https://")]
Variable = Annotated[
    str,
    Form(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable", "le nom d'une variable d'environnement"),
]
TimeOfDay = Annotated[str, Form(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'a time as "06:00"', 'une heure comme "06:00"')]
Cron = Annotated[
    str,
    Form(r"[0-9*/,-]+( [0-9A-Za-z*/,-]+){4}", 'a cron line as "0 2 * * *"', 'une ligne cron comme "0 2 * * *"'),
]
Duration = Annotated[
    str, Form(r"[1-9][0-9]*(s|min|h|d)", "a duration as 30s, 15min, 2h or 30d", "une durée : 30s, 15min, 2h ou 30d")
]
Port = Annotated[str, Form(r"[1-9][0-9]{0,4}", "a port number", "un numéro de port")]
Rate = Annotated[str, Form(r"[1-9][0-9]*/(s|min|h)", "a rate as 2/s, 30/min or 500/h", "un débit : 2/s, 30/min, 500/h")]
Percent = Annotated[str, Form(r"[0-9]{1,3}%", "a percentage as 5%", "un pourcentage comme 5%")]
Factor = Annotated[str, Form(r"x[1-9][0-9]*", 'a factor as "x3"', 'un facteur comme "x3"')]
FacilityType = Annotated[
    str, Known(_facility_types, "a code of JDV_J02 as SA16", "un code du JDV_J02 comme SA16", listed=False)
]
Category = Annotated[
    str, Known(categories, "a known category of establishment", "une catégorie d'établissement connue")
]
TimeZone = Annotated[str, Known(_time_zones, "a known time zone", "un fuseau horaire connu", listed=False)]

_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """The seconds of a `Duration`."""
    number = duration.rstrip("smindh")
    return int(number) * _SECONDS[duration[len(number) :]]


def per_second(rate: str) -> float:
    """How many a second a `Rate` allows."""
    number, _, unit = rate.partition("/")
    return int(number) / _SECONDS[unit]


def part(percent: str) -> float:
    """A `Percent` as a part of one."""
    return int(percent.rstrip("%")) / 100


def factor(text: str) -> int:
    """The number of a `Factor`."""
    return int(text.lstrip("x"))
