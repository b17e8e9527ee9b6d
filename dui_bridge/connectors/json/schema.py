"""The JSON Schema of the `source.json` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.json.declaration import ENCODINGS
from dui_bridge.connectors.wire.schema_forms import (
    COMPLETE,
    FOLDER,
    KEEP,
    LIST_PATH,
    SHARED,
    TEXT,
    Schema,
    by_name,
    encoding,
    form,
)

PART: Final[dict[str, tuple[str, Schema]]] = {
    "file": ("Its file; `documents/{id}.json` is one for each usager, none a list inside his own object.", TEXT),
    "each": ("The path of the list.", LIST_PATH),
    "key": ("The key that identifies an object.", TEXT),
    "on": ("For one file with the objects of all: the key that holds the usager's.", TEXT),
    "if_missing": ("`none`: a usager without a file of his own has an empty list.", {"enum": ["none", "refuse"]}),
    "keep": KEEP,
}
"""Keys of one list below the usagers, with what they mean and their form."""

KEYS: Final[dict[str, tuple[str, Schema]]] = {
    "encoding": encoding("The encoding of the files, utf-8 by default", ENCODINGS),
    "folder": FOLDER,
    "complete": COMPLETE,
    "file": ("The file of the usagers; by default the name of the list, with `.json`.", TEXT),
    "each": ("The path of the list with one object per usager; its last word is the name to use in `each`.", LIST_PATH),
    "key": ("The key that identifies a usager; `id` by default.", TEXT),
    "then": ("The lists below a usager.", by_name(form(PART))),
    **SHARED,
}
"""Keys of `source.json`, with what they mean and their form."""


def json_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.json`."""
    return form(KEYS, required=("each",))
