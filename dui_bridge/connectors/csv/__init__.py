"""CSV source: a vendor's export as several CSV files, joined into one record per usager in bounded memory."""

from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.csv.client import CsvSource
from dui_bridge.connectors.csv.declaration import parse_settings
from dui_bridge.connectors.csv.settings import CsvFile, CsvSettings
from dui_bridge.connectors.csv.shape import shape_of

__all__ = ["CsvFile", "CsvSettings", "CsvSource", "open_source", "parse_settings", "shape_of"]


def open_source(
    settings: CsvSettings, path: Path, used: Mapping[str, frozenset[str]], *, as_is: bool = False
) -> CsvSource:
    """The source at a path. `as_is`: the path is itself one complete export."""
    return CsvSource(settings, path, used, as_is=as_is)
