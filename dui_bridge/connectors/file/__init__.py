"""The `file` destination: documents in a folder, for another program or an archive to take."""

from dui_bridge.connectors.file.client import FileDestination
from dui_bridge.connectors.file.settings import FileSettings
from dui_bridge.connectors.ports import Means
from dui_bridge.model.exchange import Channel

__all__ = ["FileDestination", "FileSettings", "channel_of", "open_destination"]


def open_destination(settings: FileSettings, source: str, means: Means) -> FileDestination:
    """The destination of one source."""
    return FileDestination(settings.path, source)


def channel_of(settings: FileSettings) -> Channel:
    """The site's own folder."""
    return Channel.LOCAL
