"""A destination that counts what it takes, and fails as often as it is told to."""

from __future__ import annotations

from dui_bridge.model.exchange import Channel
from dui_bridge.sandbox.dummy.client import DummyDestination
from dui_bridge.sandbox.dummy.draw import Chance, Draws, Expected, expected
from dui_bridge.sandbox.dummy.settings import Settings
from dui_bridge.sandbox.dummy.store import Counts, DummyStore

__all__ = [
    "Chance",
    "Counts",
    "Draws",
    "DummyDestination",
    "DummyStore",
    "Expected",
    "channel_of",
    "expected",
    "open_destination",
]


def open_destination(settings: Settings, source: str, means: object = None) -> DummyDestination:
    """The destination of one source; all sources share the store."""
    return DummyDestination(settings, source)


def channel_of(settings: Settings) -> Channel:
    """The channel that it plays."""
    return settings.plays
