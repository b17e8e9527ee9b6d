"""The DMP: deposits, replacements, queries, retrieval and updates (XDS.b), each call with an assertion of its own.

`opening.open_dmp` gives a `Destination` that feeds, `opening.open_client` the transactions of a named professional,
`decode.decode` reads a captured message. Only the settings are loaded from here: a site file is read without a network
library.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.ports import Destination, Means, Rest
from dui_bridge.model.exchange import Channel
from dui_bridge.model.profile import Profile

__all__ = ["DmpSettings", "channel_of", "open_destination", "rest_of"]


def open_destination(settings: DmpSettings, source: str, means: Means) -> Destination:
    """The destination; all sources share it, and its rate. Raises FixConfiguration."""
    from dui_bridge.connectors.dmp.opening import open_of_site

    return means.once(lambda: open_of_site(settings, means))


def channel_of(settings: DmpSettings) -> Channel:
    """The DMP has consents and oppositions of its own."""
    return Channel.DMP


def rest_of(
    settings: DmpSettings, profile: Profile, taken_between: Callable[[datetime, datetime], int], now: datetime
) -> Rest | None:
    """Until when it takes nothing more: so many documents a day, where there is such a limit."""
    from dui_bridge.connectors.dmp.pace import rest_of_day

    return rest_of_day(settings, profile, taken_between, now)
