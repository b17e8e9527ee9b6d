"""The JSON Schema of a mapping, for editors; generated from the tables that the compiler uses.

It knows keys, nesting, conversions with their parameters and closed lists of values. What only the export or the whole
file tells (columns, aliases, names of tables, safety fields) is for `mapping check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dui_bridge.mappings import keywords
from dui_bridge.mappings.document import _BASE, TOP_KEYS
from dui_bridge.mappings.fields import TARGETS
from dui_bridge.mappings.golden import _KEYS as _TEST_KEYS
from dui_bridge.mappings.outcomes import _CSV_KEYS, _JSON_KEYS, _REST_KEYS
from dui_bridge.mappings.outcomes import SOURCES as _OUTCOMES
from dui_bridge.mappings.schema_parts import NAMED, Definitions, Schema, choose, closed_map, described, summary


def mapping_json_schema(sources: Mapping[str, Schema]) -> Schema:
    """The schema (draft 2020-12) of a mapping.

    Args:
        sources: what may stand under `source`: name of the kind → schema, made by the connector that reads it.
    """
    defs = Definitions()
    forms: Schema = {
        "mapping": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"},
        "version": {"type": ["integer", "string"], "minimum": 0, "pattern": r"^\d{1,6}$"},
        "base": {"type": ["string", "null"], "pattern": _pattern(_BASE)},
        "source": closed_map(sources),
        "tables": {"type": ["object", "null"], "additionalProperties": defs.ref("table")},
        "usager": defs.usager(),
        "outcomes": _outcomes(),
        "tests": {"type": ["array", "null"], "items": _test()},
        **{name: defs.target(field) for name, field in TARGETS.items() if field.is_list},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping of dui-bridge",
        "description": "From a DUI's export to the model. `dui-bridge mapping check FILE` checks the rest.",
        **closed_map(described(TOP_KEYS, forms, top_texts()), required=("mapping", "version")),
        "$defs": dict(sorted(defs.made.items())),
    }


def top_texts() -> dict[str, str]:
    """Key at the top of a mapping → what it means; a list of the model is told by its class."""
    lists = {name: summary(field.model) for name, field in TARGETS.items() if field.model is not None}
    return {**lists, **keywords.TOP}


def _pattern(pattern: re.Pattern[str]) -> str:
    """The whole text, in the regular expressions of JSON Schema, which name no group."""
    return f"^(?:{re.sub(r'[?]P<[a-z]+>', '?:', pattern.pattern)})$"


def _test() -> Schema:
    forms = {key: {"type": "array", "items": NAMED} if key == "establishments" else NAMED for key in _TEST_KEYS}
    one = {"oneOf": [{"required": ["expect"]}, {"required": ["finding"]}]}
    return {**closed_map(described(_TEST_KEYS, forms, keywords.TEST), required=("name", "export")), **one}


def _outcomes() -> Schema:
    source = {"enum": list(_OUTCOMES)}
    coded = closed_map({"from": source, "table": NAMED}, required=("from",))
    fields: Schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": choose([({"type": "object"}, coded)], source),
    }
    forms: Schema = {
        "file": {"type": "string", "pattern": r"^[^/\\.][^/\\]*$"},
        "encoding": NAMED,
        "separator": {"enum": [";", ",", "|", "tab", "\t"]},
        "columns": fields,
        "lines": {"enum": [True, False, "true", "false"]},
        "fields": fields,
        "post": {"type": "string", "pattern": "^/"},
        "batch": {"type": ["integer", "string"], "minimum": 1, "maximum": 1000, "pattern": r"^[1-9]\d{0,3}$"},
    }
    kinds = {
        "csv": closed_map(described(_CSV_KEYS, forms, keywords.OUTCOMES), required=("file", "columns")),
        "json": closed_map(described(_JSON_KEYS, forms, keywords.OUTCOMES_JSON), required=("file", "fields")),
        "rest": closed_map(described(_REST_KEYS, forms, keywords.OUTCOMES_REST), required=("post", "fields")),
    }
    return {**closed_map(kinds), "minProperties": 1, "maxProperties": 1}
