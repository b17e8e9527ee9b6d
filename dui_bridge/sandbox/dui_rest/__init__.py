"""A DUI that answers by REST, on the loopback interface only, from a folder of JSON files."""

from dui_bridge.sandbox.dui_rest.quirks import Fault, Quirks
from dui_bridge.sandbox.dui_rest.server import DuiRestServer, Handed

__all__ = ["DuiRestServer", "Fault", "Handed", "Quirks"]
