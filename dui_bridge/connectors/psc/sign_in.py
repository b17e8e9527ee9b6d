"""A professional signs in at this machine, in the way that the settings say."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from dui_bridge.connectors.psc import ciba, code_flow
from dui_bridge.connectors.psc.client import PscClient, Session
from dui_bridge.connectors.psc.errors import RedirectElsewhere
from dui_bridge.connectors.psc.redirect import Loopback
from dui_bridge.connectors.psc.settings import Flow


def sign_in(
    client: PscClient,
    national_id: str,
    show: Callable[[Flow, str], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Session:
    """Who has signed in.

    Args:
        national_id: PS_IdNat of the person; nobody else is taken.
        show: shows the person what they need: of CIBA the two digits that their e-CPS shows too, of a browser the
            address to open. Neither is a secret of ours, but the address is good for one sign-in: it goes in no log.
    Raises:
        RedirectElsewhere, RedirectTaken: the browser cannot come back here.
        DuiBridgeError: as of `ciba.wait` and `code_flow.finish`.
    """
    settings = client.settings
    if settings.flow is Flow.CIBA:
        digits = f"{secrets.randbelow(100):02}"
        asked = ciba.ask(client, national_id, digits)
        show(Flow.CIBA, digits)
        return ciba.wait(client, asked, sleep=sleep)
    if settings.code.redirect_uri is not None:
        raise RedirectElsewhere
    with Loopback(settings.code) as port:
        started = code_flow.begin(client, port.redirect_uri)
        show(Flow.CODE, started.url)
        query = port.wait(started, settings.code.longest)
    return code_flow.finish(client, started, query, national_id=national_id)
