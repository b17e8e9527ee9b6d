"""dui-bridge: a headless bridge between an existing DUI and the French health exchange services."""

__version__ = "0.1.0"
