"""Pieces of JSON Schema that sources have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": ["string", "number", "boolean"], "minLength": 1}
NAMES: Final[Schema] = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
BY_ALIAS: Final[Schema] = {"type": "object", "additionalProperties": NAMES}

SHARED: Final[Mapping[str, tuple[str, Schema]]] = {
    "columns": ("List → keys that its objects may have, when an export does not show them all.", BY_ALIAS),
    "ignored": ("List → keys that the mapping does not use. They count as content of an object.", BY_ALIAS),
    "forbidden": ("List → dotted paths that are dropped while parsing, and never enter a record.", BY_ALIAS),
    "repair": ("`double_utf8`: texts encoded twice in UTF-8 are repaired, and counted.", NAMES),
}
KEEP: Final[tuple[str, Schema]] = (
    "Of several objects of one key, which counts: `{last_by: KEY}`.",
    {"type": "object", "properties": {"last_by": TEXT}, "required": ["last_by"], "additionalProperties": False},
)


def form(keys: Mapping[str, tuple[str, Schema]], required: Iterable[str] = ()) -> Schema:
    """A map of known keys, each with what it means and its schema."""
    properties = {key: {**schema, "description": text} for key, (text, schema) in keys.items()}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def by_name(one: Schema) -> Schema:
    """A map by alias, or one text whose last word is the alias."""
    return {"anyOf": [TEXT, {"type": "object", "additionalProperties": {"anyOf": [TEXT, one]}}]}
