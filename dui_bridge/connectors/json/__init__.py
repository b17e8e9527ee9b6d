"""JSON source: a vendor's export as JSON files, streamed, one record per usager."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.json.client import JsonSource
from dui_bridge.connectors.json.declaration import parse_settings
from dui_bridge.connectors.json.settings import JsonPart, JsonSettings
from dui_bridge.connectors.json.shape import shape_of

__all__ = ["JsonPart", "JsonSettings", "JsonSource", "open_source", "parse_settings", "shape_of"]


def open_source(
    settings: JsonSettings, path: Path, used: Mapping[str, frozenset[str]] | None = None, *, as_is: bool = False
) -> JsonSource:
    """The source at a path; `as_is` when the path is itself a complete export."""
    return JsonSource(settings, path, used, as_is=as_is)
