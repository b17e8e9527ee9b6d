"""CSV source: a vendor's export as several CSV files, joined into one record per usager in bounded memory."""

from dui_bridge.connectors.csv.client import CsvSource
from dui_bridge.connectors.csv.declaration import parse_settings
from dui_bridge.connectors.csv.settings import CsvFile, CsvSettings

__all__ = ["CsvFile", "CsvSettings", "CsvSource", "parse_settings"]
