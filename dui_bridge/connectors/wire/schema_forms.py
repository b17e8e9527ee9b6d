"""Pieces of JSON Schema that sources have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": ["string", "number", "boolean"], "minLength": 1}
NAMES: Final[Schema] = {"anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}]}


def form(keys: Mapping[str, tuple[str, Schema]], required: Iterable[str] = ()) -> Schema:
    """A map of known keys, each with what it means and its schema."""
    properties = {key: {**schema, "description": text} for key, (text, schema) in keys.items()}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def by_alias(one: Schema) -> Schema:
    """A map by alias."""
    return {"type": "object", "additionalProperties": one}


def by_name(one: Schema) -> Schema:
    """A map by alias, or one text whose last word is the alias."""
    return {"anyOf": [TEXT, by_alias({"anyOf": [TEXT, one]})]}


def encoding(what: str, known: Collection[str]) -> tuple[str, Schema]:
    """The encoding of files: those known, and their other names."""
    return f"{what}: {', '.join(known)}.", {"type": "string", "examples": list(known)}


BY_ALIAS: Final[Schema] = by_alias(NAMES)

SHARED: Final[Mapping[str, tuple[str, Schema]]] = {
    "columns": ("List → keys that its objects may have, when an export does not show them all.", BY_ALIAS),
    "ignored": ("List → keys that the mapping does not use. They count as content of an object.", BY_ALIAS),
    "forbidden": ("List → dotted paths that are dropped while parsing, and never enter a record.", BY_ALIAS),
    "repair": ("`double_utf8`: texts encoded twice in UTF-8 are repaired, and counted.", NAMES),
}
KEEP: Final[tuple[str, Schema]] = (
    "Of several of one key, which counts: `{last_by: COLUMN}`, the highest number.",
    form({"last_by": ("The column that holds the number.", TEXT)}, ("last_by",)),
)
FOLDER: Final[tuple[str, Schema]] = (
    "The pattern of dated sub-folders (`AAAAMMJJ`): the newest complete one is read.",
    {"type": "string", "pattern": r"^[^/\\]*AAAA[^/\\]*$", "examples": ["AAAAMMJJ"]},
)
COMPLETE_KEYS: Final[Mapping[str, tuple[str, Schema]]] = {
    "file": ("The end marker.", TEXT),
    "or_stable_for": (
        "Or nothing in the folder has changed for this long: `30s`, `15min`, `2h`, `1d`.",
        {"type": "string", "pattern": r"^\d{1,6} ?(s|min|h|d)$"},
    ),
}
"""Keys of `complete`, with what they mean and their form."""

COMPLETE: Final[tuple[str, Schema]] = (
    "When an export may be read: an end marker, or no change for a while.",
    {**form(COMPLETE_KEYS), "minProperties": 1},
)
LIST_PATH: Final[Schema] = {"type": "string", "pattern": r"\[\]$", "examples": ["residents[]", "data.residents[]"]}
