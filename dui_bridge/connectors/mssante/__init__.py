"""MSSanté: mails with documents to professionals and citizens of the trusted space, and what comes back.

`opening.open_mssante` gives a `Destination` that sends, `imap.open_mailbox` reads a mailbox, `reading.read_mail` tells
what a mail is, `receipts.answer` answers one, `decode.decode` tells one to a person. Only the settings are loaded from
here: a site file is read without a network library.
"""

from __future__ import annotations

from dui_bridge.connectors.mssante.settings import Audience, MssanteSettings
from dui_bridge.connectors.ports import Destination, Means
from dui_bridge.model.exchange import Channel

__all__ = ["MssanteSettings", "channel_of", "open_destination"]


def open_destination(settings: MssanteSettings, source: str, means: Means) -> Destination:
    """The destination; all sources share it, and its connections. Raises FixConfiguration."""
    from dui_bridge.connectors.mssante.opening import open_of_site

    return means.once(lambda: open_of_site(settings, means))


def channel_of(settings: MssanteSettings) -> Channel:
    """Professionals and the usager have consents and oppositions of their own."""
    return Channel.MSSANTE_USAGER if settings.audience is Audience.USAGER else Channel.MSSANTE_PRO
