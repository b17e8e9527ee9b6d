"""Named, typed conversions: what `as:` may say. Pure; the tables of the three families are joined here.

A conversion is bound once, when the mapping is compiled, to the settings written in the mapping and to the field that
takes its result; the bound function turns one text, trimmed and not blank, into a value or raises `Rejected`.
"""

from __future__ import annotations

from dui_bridge.mappings import conversions_dates, conversions_fr, conversions_text
from dui_bridge.mappings.conversion import Conversion

CONVERSIONS: dict[str, Conversion] = {
    conversion.name: conversion
    for family in (conversions_text.CONVERSIONS, conversions_dates.CONVERSIONS, conversions_fr.CONVERSIONS)
    for conversion in family
}
"""Name → conversion, in the order of the documentation."""

PARAMETERS: frozenset[str] = frozenset(
    parameter.name for conversion in CONVERSIONS.values() for parameter in conversion.parameters
)
"""Every parameter that some conversion takes."""
