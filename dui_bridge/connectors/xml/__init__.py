"""XML source: a vendor's export as XML files, streamed, mended as declared, one record per usager."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.xml.client import XmlSource
from dui_bridge.connectors.xml.declaration import parse_settings
from dui_bridge.connectors.xml.settings import XmlList, XmlSettings
from dui_bridge.connectors.xml.shape import shape_of

__all__ = ["XmlList", "XmlSettings", "XmlSource", "open_source", "parse_settings", "shape_of"]


def open_source(
    settings: XmlSettings, path: Path, used: Mapping[str, frozenset[str]] | None = None, *, as_is: bool = False
) -> XmlSource:
    """The source at a path; `as_is` when the path is itself a complete export."""
    return XmlSource(settings, path, used, as_is=as_is)
