"""The JSON Schema of the `source.csv` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.csv.declaration import ENCODINGS
from dui_bridge.connectors.wire.schema_forms import (
    BY_ALIAS,
    COMPLETE,
    FOLDER,
    KEEP,
    NAMES,
    TEXT,
    Schema,
    by_alias,
    encoding,
    form,
)

_CHARACTER: Final[Schema] = {"type": ["string", "number"], "maxLength": 1, "minLength": 1}

FILE_KEYS: Final[dict[str, tuple[str, Schema]]] = {
    "file": ("Its name in the export folder.", TEXT),
    "key": ("The column, or columns, that identify a row.", NAMES),
    "of": ("The file above it: its rows are children.", TEXT),
    "on": ("The column, or columns, that hold the key of the row above, in its order.", NAMES),
    "order": ("The column that orders the rows of one parent.", TEXT),
    "group": ("A long table folded: the columns whose values make one row.", NAMES),
    "pivot": (
        "With `group`: `{ITEM: VALUE}`, the columns of the pairs, which stand under `items`.",
        {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": TEXT},
    ),
    "keep": KEEP,
    "columns": ("The header, when it is to be checked without an export.", NAMES),
}
"""Keys of one file, with what they mean and their form."""

_FILE: Final[Schema] = {
    **form(FILE_KEYS, ("file",)),
    "dependentRequired": {"of": ["on"], "on": ["of"], "group": ["pivot", "of"], "pivot": ["group"]},
}

KEYS: Final[dict[str, tuple[str, Schema]]] = {
    "encoding": encoding("The encoding of the files", ENCODINGS),
    "separator": ("One character, or `tab`; `;` by default.", {"anyOf": [_CHARACTER, {"const": "tab"}]}),
    "quote": ('One character, or `none`; `"` by default.', {"anyOf": [_CHARACTER, {"const": "none"}]}),
    "folder": FOLDER,
    "complete": COMPLETE,
    "files": ("Alias → file of the export.", {**by_alias(_FILE), "minProperties": 1}),
    "ignored": ("Alias → columns that the mapping does not use. They count as content of a row.", BY_ALIAS),
    "forbidden": ("Alias → columns that are dropped while parsing, and never enter a record.", BY_ALIAS),
}
"""Keys of `source.csv`, with what they mean and their form."""


def csv_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.csv`."""
    return form(KEYS, required=("encoding", "files"))
