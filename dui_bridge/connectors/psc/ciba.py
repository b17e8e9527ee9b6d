"""The person is asked on their e-CPS, and the service is asked until they have answered.

Source: OpenID Connect CIBA Core 1.0 §7 (request), §10.1 (poll: the interval, five seconds more for each `slow_down`),
§11 (errors).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.connectors.psc.client import Granted, PscClient, Refusal, Session
from dui_bridge.connectors.psc.errors import AnswerUnreadable, NotApproved, Unanswered, Unavailable
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.errors import Retry

_GRANT: Final = "urn:openid:params:grant-type:ciba"
_SLOWER: Final = 5
_LONGEST_INTERVAL: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person was asked: every how many seconds the answer may be asked for, and until when (aware)."""

    request: Token
    national_id: str = field(repr=False)
    interval: int
    until: datetime


def ask(client: PscClient, national_id: str, binding_message: str | None = None) -> Asked:
    """Asks the person.

    Args:
        national_id: PS_IdNat of the person.
        binding_message: what is shown on both screens, so that the person knows which request they approve.
    Raises:
        PersonUnknown, RequestRefused, ClientRefused, Denied: the service says no.
        Unanswered, Unavailable: nobody was asked, or it is not known.
    """
    settings = client.settings
    form = {"scope": settings.scope, "login_hint": national_id, settings.acr_parameter: settings.acr}
    if binding_message is not None:
        form["binding_message"] = binding_message
    try:
        said = client.ask(client.provider().ciba, form)
    except Refusal as no:
        raise no.error() from None
    request, interval = said.get("auth_req_id"), said.get("interval")
    if not isinstance(request, str) or not request:
        raise AnswerUnreadable(reason="no auth_req_id", reason_fr="pas d'auth_req_id")
    if isinstance(interval, bool) or not isinstance(interval, int) or interval < 0:
        interval = settings.ciba.interval
    longest = client.now() + timedelta(seconds=settings.ciba.longest)
    until = client.after(said.get("expires_in"))
    return Asked(
        Token(request),
        national_id,
        min(max(interval, 1), _LONGEST_INTERVAL),
        longest if until is None else min(until, longest),
    )


def poll(client: PscClient, asked: Asked) -> Session | Asked:
    """One question: who is signed in, or how to go on asking.

    Raises:
        NotApproved: not in time. Denied: the person said no.
        Unanswered, Unavailable: it may be asked again.
        TokenRefused, AnswerUnreadable, ProfessionalIncomplete, DuiBridgeError: nobody is signed in.
    """
    found = _granted(client, asked)
    return found if isinstance(found, Asked) else client.session(found, national_id=asked.national_id)


def wait(client: PscClient, asked: Asked, *, sleep: Callable[[float], None] = time.sleep) -> Session:
    """Asks until the person has answered; an answer that does not come is asked for again. Raises as `poll`."""
    trouble: Retry | None = None
    while True:
        sleep(asked.interval)
        try:
            found = _granted(client, asked)
        except (Unanswered, Unavailable) as error:
            trouble = error
            continue
        except NotApproved:
            raise trouble or NotApproved() from None
        if isinstance(found, Granted):
            return client.session(found, national_id=asked.national_id)
        asked, trouble = found, None


def _granted(client: PscClient, asked: Asked) -> Granted | Asked:
    if client.now() >= asked.until:
        raise NotApproved
    try:
        return client.grant({"grant_type": _GRANT, "auth_req_id": asked.request.reveal()})
    except Refusal as no:
        if no.code == "authorization_pending":
            return asked
        if no.code == "slow_down" or no.status == 429:
            return replace(asked, interval=min(asked.interval + _SLOWER, _LONGEST_INTERVAL))
        raise no.error() from None
