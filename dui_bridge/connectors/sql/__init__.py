"""SQL source: a vendor's database, only read, one record per usager."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.sql.client import SqlSource
from dui_bridge.connectors.sql.declaration import parse_settings
from dui_bridge.connectors.sql.settings import Query, SqlSettings
from dui_bridge.connectors.sql.shape import shape_of

__all__ = ["Query", "SqlSettings", "SqlSource", "open_source", "parse_settings", "shape_of"]


def open_source(
    settings: SqlSettings, path: Path, used: Mapping[str, frozenset[str]] | None = None, *, as_is: bool = False
) -> SqlSource:
    """The source whose files stand at a path; `as_is` when the path is a golden case."""
    return SqlSource(settings, path, used, as_is=as_is)
