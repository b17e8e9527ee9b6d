"""The JSON Schema of the `source.sql` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.sql.declaration import BY_ALIAS, QUERY_KEYS, URL, URL_KEYS
from dui_bridge.connectors.wire import schema_forms as forms
from dui_bridge.connectors.wire.schema_forms import KEEP, TEXT, Schema, form

_QUERY_FORMS: Final[dict[str, tuple[str, Schema]]] = {
    "query": ("One SELECT, or WITH … SELECT.", TEXT),
    "key": ("The column that identifies a row; for the usagers, the first one of the query by default.", TEXT),
    "of": ("The query above it: its rows are children.", TEXT),
    "on": ("The column that holds the key of the row above.", TEXT),
    "order": ("The column that orders the rows of one parent.", TEXT),
    "keep": KEEP,
}
QUERY: Final = {key: _QUERY_FORMS[key] for key in QUERY_KEYS}
"""Keys of one query, with what they mean and their form."""

_FORMS: Final[dict[str, tuple[str, Schema]]] = {
    **forms.SHARED,
    URL: (
        "Where the address of the database is read: `{file: PATH}` or `{env: NAME}`, never the address itself.",
        {
            "type": "object",
            "properties": dict.fromkeys(URL_KEYS, TEXT),
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ),
}
KEYS: Final = {key: _FORMS[key] for key in (URL, *BY_ALIAS)}
"""Keys of `source.sql`, with what they mean and their form; every other key is the alias of a query."""


def sql_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.sql`."""
    query = {**form(QUERY, ("query",)), "dependentRequired": {"of": ["on"], "on": ["of"]}}
    return {**form(KEYS, (URL,)), "additionalProperties": {"anyOf": [TEXT, query]}}
