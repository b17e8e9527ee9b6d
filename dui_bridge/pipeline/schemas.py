"""The JSON Schemas of the two YAML files that a user writes: the parts that each room knows, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dui_bridge.connectors.csv.schema import csv_json_schema
from dui_bridge.mappings.schema import mapping_json_schema as schema_of_mapping
from dui_bridge.site.schema import site_json_schema


def mapping_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a mapping, with every source that this package reads."""
    return schema_of_mapping({"csv": csv_json_schema()})


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {"site": site_json_schema, "mapping": mapping_json_schema}
"""Kind of file → what makes its schema."""
