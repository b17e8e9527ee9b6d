"""What the directors of the demo declared: in some of its establishments everybody was informed of the exchanges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from dui_bridge.demo.mails import DEMO
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.actions.consents import declare
from dui_bridge.pipeline.actions.desk import Desk
from dui_bridge.site.settings import Site

ESTABLISHMENTS: Final = ("010000024", "630000032", "420000044")
"""The other ones of the demo show what waits for that information."""
CHANNELS: Final = (Channel.DMP, Channel.MSSANTE_PRO)

_EVIDENCE: Final = "courrier d'information, invention de la démonstration"


def declare_informed(site: Site, journal: Journal) -> tuple[str, ...]:
    """Declares it, once; gives the names of the establishments. Raises DuiBridgeError."""
    now = datetime.now(UTC)
    desk = Desk(site, journal, DEMO, now)
    known = {one.finess for one in journal.decisions.informations(withdrawn=True)}
    names = []
    for finess in ESTABLISHMENTS:
        establishment = site.establishment(finess)
        if establishment is None or finess in known:
            continue
        for channel in CHANNELS:
            declare(desk, finess, channel, now.astimezone(establishment.timezone).date(), _EVIDENCE)
        names.append(establishment.name)
    return tuple(names)
