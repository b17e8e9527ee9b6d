"""A Pro Santé Connect that asks nobody: its invented professionals approve on an e-CPS that is not there."""

from dui_bridge.sandbox.psc.persons import PROFESSIONALS, Professional
from dui_bridge.sandbox.psc.server import CLIENT, SECRET, PscServer

__all__ = ["CLIENT", "PROFESSIONALS", "SECRET", "Professional", "PscServer"]
