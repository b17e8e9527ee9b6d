"""The JSON Schemas of the YAML files that a user writes: the parts that each room knows, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dui_bridge.connectors.csv.schema import csv_json_schema
from dui_bridge.connectors.json.schema import json_json_schema
from dui_bridge.connectors.rest.schema import rest_json_schema
from dui_bridge.connectors.sql.schema import sql_json_schema
from dui_bridge.connectors.xml.schema import xml_json_schema
from dui_bridge.mappings.schema import mapping_json_schema as schema_of_mapping
from dui_bridge.pipeline.policy.schema import policy_json_schema
from dui_bridge.pipeline.sources import installed
from dui_bridge.site.schema import site_json_schema as schema_of_site

_SOURCES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "csv": csv_json_schema,
    "json": json_json_schema,
    "rest": rest_json_schema,
    "sql": sql_json_schema,
    "xml": xml_json_schema,
}


def mapping_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a mapping, with every source that this package reads."""
    # A kind that another package brings has no schema here: its keys are checked by `mapping check`.
    others = {name: {"type": "object"} for name in installed() if name not in _SOURCES}
    return schema_of_mapping({**{name: make() for name, make in _SOURCES.items()}, **others})


def site_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a site file, as an editor needs it: what it reads as a number is a text to us."""
    schema: dict[str, Any] = _any_scalar(schema_of_site())
    return schema


def _any_scalar(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_any_scalar(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _any_scalar(value) for key, value in schema.items()}
    if made.get("type") == "string" and "enum" not in made and "const" not in made:
        made["type"] = ["string", "number", "boolean"]
    if made.get("type") == "integer":
        made |= {"type": ["integer", "string"], "pattern": "^[0-9]+$"}
    return made


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "site": site_json_schema,
    "mapping": mapping_json_schema,
    "policy": policy_json_schema,
}
"""Kind of file → what makes its schema."""
