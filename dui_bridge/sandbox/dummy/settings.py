"""What the dummy reads of its settings; the site declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from dui_bridge.model.exchange import Channel


class Settings(Protocol):
    """Percentages are texts as "20%", durations as "1s": the forms of a site file."""

    @property
    def path(self) -> Path:
        """Its store."""

    @property
    def plays(self) -> Channel:
        """The channel whose rules apply."""

    @property
    def asked(self) -> bool:
        """Whether it can be asked what it has."""

    @property
    def slow(self) -> str:
        """How often it answers after `delay`."""

    @property
    def delay(self) -> str:
        """How slow a slow answer is."""

    @property
    def transient(self) -> str:
        """How often it fails for now."""

    @property
    def permanent(self) -> str:
        """How many documents it refuses for good."""

    @property
    def cut_before(self) -> str:
        """How often the connection breaks before it takes anything."""

    @property
    def cut_after(self) -> str:
        """How often the connection breaks after it took the document."""

    @property
    def wrong(self) -> str:
        """How often it takes the document and answers what nobody can read."""

    @property
    def down(self) -> bool:
        """Whether it does not answer at all."""

    @property
    def seed(self) -> int:
        """Of the draws."""
