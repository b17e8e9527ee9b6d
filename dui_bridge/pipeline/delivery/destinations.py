"""The kinds of destination that are installed, found by entry points, and those of a site, opened.

A vendor ships its own kind as a separate package: nothing changes here. An entry point whose module has the two
functions of `DestinationKind` is a destination, and its name is the `kind` in a site file. Stand-ins have their own
group, and only the sandbox profile opens them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, runtime_checkable

from dui_bridge.connectors.ports import Destination, Means, Rest
from dui_bridge.findings import Rule
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.delivery.rules import NOT_CONFIGURED, NOT_INSTALLED, SANDBOX_ONLY
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.site.declaration import DestinationSettings
from dui_bridge.site.settings import Site

CONNECTORS: Final = "dui_bridge.connectors"
SANDBOXES: Final = "dui_bridge.sandboxes"


@runtime_checkable
class DestinationKind(Protocol):
    """The module of a kind of destination. Settings are its own business."""

    def open_destination(self, settings: Any, source: str, means: Means) -> Destination:
        """The destination for one source; nothing is called before its first use.

        Raises:
            FixConfiguration: what it needs is not declared, or cannot be read.
        """

    def channel_of(self, settings: Any) -> Channel:
        """By what right something reaches it."""


@runtime_checkable
class RestingKind(Protocol):
    """A kind that takes only so much in a time. It is also a `DestinationKind`."""

    def rest_of(
        self, settings: Any, profile: Profile, taken_between: Callable[[datetime, datetime], int], now: datetime
    ) -> Rest | None:
        """Until when it takes nothing more; None: it takes.

        Args:
            taken_between: how many documents it took, or may have taken, from a time to before another.
        """


@dataclass(frozen=True)
class OpenDestination:
    """A destination of the site that can be spoken to."""

    name: str
    kind: str
    channel: Channel
    settings: DestinationSettings
    module: DestinationKind
    site: Site

    def means(self, journal: Journal) -> SiteMeans:
        """What the site gives to it."""
        take = partial(journal.brakes.take, burst=1.0)
        return SiteMeans(self.site, self.name, journal.receipts.recorded, journal.exchanges.keep, take)

    def rest(self, journal: Journal, now: datetime) -> Rest | None:
        """Until when it takes nothing more although nothing is wrong; None: it takes."""
        if self._resting is None:
            return None
        taken_between = partial(journal.deliveries.taken_between, self.name)
        return self._resting.rest_of(self.settings, self.site.profile, taken_between, now)

    @cached_property
    def _resting(self) -> RestingKind | None:
        return self.module if isinstance(self.module, RestingKind) else None

    def for_source(self, source: str, means: Means) -> Destination:
        """What takes the documents of a source: to be used in one thread at a time. Raises FixConfiguration."""
        return self.module.open_destination(self.settings, source, means)


def open_destinations(site: Site) -> dict[str, OpenDestination]:
    """Those that can be spoken to, by name, in the order of the site file; for the others see `closed`."""
    found = {}
    for name, settings in site.destinations.items():
        if closed(site, name) is None:
            module = _module(settings.kind)
            found[name] = OpenDestination(name, settings.kind, module.channel_of(settings), settings, module, site)
    return found


def closed(site: Site, name: str) -> Rule | None:
    """Why a destination cannot be spoken to at all, or None."""
    settings = site.destinations.get(name)
    if settings is None:
        return NOT_CONFIGURED
    if settings.kind not in _points(CONNECTORS) and settings.kind in _points(SANDBOXES):
        return None if site.profile is Profile.SANDBOX else SANDBOX_ONLY
    if settings.kind not in _points(CONNECTORS) or not isinstance(_module(settings.kind), DestinationKind):
        return NOT_INSTALLED
    return None


@cache
def _module(kind: str) -> Any:
    return (_points(SANDBOXES) | _points(CONNECTORS))[kind].load()


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}
