"""The DMP: deposits, replacements, queries, retrieval and updates (XDS.b), each call with an assertion of its own.

`opening.open_dmp` gives a `Destination` that feeds, `opening.open_client` the transactions of a named professional,
`decode.decode` reads a captured message. Only the settings are loaded from here: a site file is read without a network
library.
"""

from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.model.exchange import Channel

__all__ = ["DmpSettings", "channel_of"]


def channel_of(settings: DmpSettings) -> Channel:
    """The DMP has consents and oppositions of its own."""
    return Channel.DMP
