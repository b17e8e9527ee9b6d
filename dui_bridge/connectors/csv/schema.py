"""The JSON Schema of the `source.csv` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.csv.declaration import _ENCODINGS, _FILE_KEYS, _KEYS

_TEXT: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"], "minLength": 1}
_NAMES: Final[dict[str, Any]] = {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]}
_BY_ALIAS: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _NAMES}

KEYS: Final[dict[str, str]] = {
    "encoding": f"The encoding of the files: {', '.join(_ENCODINGS)}.",
    "separator": "One character, or `tab`; `;` by default.",
    "quote": 'One character, or `none`; `"` by default.',
    "folder": "The pattern of dated sub-folders (`AAAAMMJJ`): the newest complete one is read.",
    "complete": "When an export may be read: an end marker, or no change for a while.",
    "files": "Alias → file of the export.",
    "ignored": "Alias → columns that the mapping does not use. They count as content of a row.",
    "forbidden": "Alias → columns that are dropped while parsing, and never enter a record.",
}
"""Keys of `source.csv`, with what they mean."""

FILE_KEYS: Final[dict[str, str]] = {
    "file": "Its name in the export folder.",
    "key": "The column, or columns, that identify a row.",
    "of": "The file above it: its rows are children.",
    "on": "The column, or columns, that hold the key of the row above, in its order.",
    "order": "The column that orders the rows of one parent.",
    "group": "A long table folded: the columns whose values make one row.",
    "pivot": "With `group`: `{ITEM: VALUE}`, the columns of the pairs, which stand under `items`.",
    "keep": "Of several rows of one key, which counts: `{last_by: COLUMN}`, the highest number.",
    "columns": "The header, when it is to be checked without an export.",
}
"""Keys of one file, with what they mean."""

COMPLETE_KEYS: Final[dict[str, str]] = {
    "file": "The end marker.",
    "or_stable_for": "Or nothing in the folder has changed for this long: `30s`, `15min`, `2h`, `1d`.",
}
"""Keys of `complete`, with what they mean."""


def csv_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.csv`."""
    forms: dict[str, Any] = {
        "encoding": {"type": "string", "examples": list(_ENCODINGS)},
        "separator": {"anyOf": [{"type": ["string", "number"], "maxLength": 1, "minLength": 1}, {"const": "tab"}]},
        "quote": {"anyOf": [{"type": ["string", "number"], "maxLength": 1, "minLength": 1}, {"const": "none"}]},
        "folder": {"type": "string", "pattern": "^[^/\\\\]*AAAA[^/\\\\]*$", "examples": ["AAAAMMJJ"]},
        "complete": {**_map(COMPLETE_KEYS, _complete()), "minProperties": 1},
        "files": {"type": "object", "minProperties": 1, "additionalProperties": _file()},
        "ignored": _BY_ALIAS,
        "forbidden": _BY_ALIAS,
    }
    return _map({key: KEYS[key] for key in _KEYS}, forms, required=("encoding", "files"))


def _file() -> dict[str, Any]:
    forms: dict[str, Any] = {
        "file": _TEXT,
        "key": _NAMES,
        "of": _TEXT,
        "on": _NAMES,
        "order": _TEXT,
        "group": _NAMES,
        "pivot": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": _TEXT},
        "keep": {
            "type": "object",
            "properties": {"last_by": _TEXT},
            "required": ["last_by"],
            "additionalProperties": False,
        },
        "columns": _NAMES,
    }
    made = _map({key: FILE_KEYS[key] for key in _FILE_KEYS}, forms, required=("file",))
    made["dependentRequired"] = {"of": ["on"], "on": ["of"], "group": ["pivot", "of"], "pivot": ["group"]}
    return made


def _complete() -> dict[str, Any]:
    return {"file": _TEXT, "or_stable_for": {"type": "string", "pattern": r"^\d{1,6} ?(s|min|h|d)$"}}


def _map(texts: dict[str, str], forms: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {key: {**forms[key], "description": text} for key, text in texts.items()}
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made
