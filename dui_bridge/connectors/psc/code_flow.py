"""The person is asked in their browser, which comes back with a code that is good once and for this bridge alone.

Sources: OpenID Connect Core 1.0 §3.1; RFC 7636 (PKCE, S256); RFC 6749 §4.1 and §3.1 (no parameter twice); RFC 9700
§2.1; RFC 9207 (the answer names its issuer).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from dui_bridge.connectors.psc.client import PscClient, Refusal, Session
from dui_bridge.connectors.psc.errors import NotApproved, StateWrong, refusal
from dui_bridge.connectors.psc.tokens import Token

_BYTES = 32


@dataclass(slots=True)
class Started:
    """A sign-in that waits for its browser; it is finished once.

    Args:
        url: what the browser opens.
        until: how long it may last; aware.
    """

    url: str = field(repr=False)
    redirect_uri: str
    until: datetime
    state: Token
    nonce: Token
    verifier: Token
    finished: bool = False

    def is_of(self, query: str) -> bool:
        """Whether what came back (the part after `?`) answers this sign-in."""
        told = _parameters(query).get("state", "")
        return hmac.compare_digest(told.encode(), self.state.reveal().encode())


def begin(client: PscClient, redirect_uri: str, *, random: Callable[[int], str] = secrets.token_urlsafe) -> Started:
    """A new sign-in; the browser of the person opens its `url`.

    Args:
        redirect_uri: where the browser comes back, as it is registered with the service.
        random: of so many bytes, as a text for an address.
    Raises:
        DiscoveryWrong, AddressOfOtherProfile, Unanswered: of `PscClient.provider`.
    """
    settings = client.settings
    state, nonce, verifier = (random(_BYTES) for _ in range(3))
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scope,
        settings.acr_parameter: settings.acr,
        "state": state,
        "nonce": nonce,
        "code_challenge": urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if settings.max_age is not None:
        asked["max_age"] = str(settings.max_age)
    address = client.provider().authorization
    return Started(
        f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}",
        redirect_uri,
        client.now() + timedelta(seconds=settings.code.longest),
        Token(state),
        Token(nonce),
        Token(verifier),
    )


def finish(client: PscClient, started: Started, query: str, *, national_id: str | None = None) -> Session:
    """Who is signed in.

    Args:
        query: with what the browser came back: the part of the address after `?`.
        national_id: PS_IdNat of the only person who is taken, if one is.
    Raises:
        StateWrong: it answers another request, another service made it, or it was used already.
        NotApproved: too late. Denied: the person said no.
        GrantRefused: the service does not take the code: expired, or used by somebody.
        TokenRefused, AnswerUnreadable, ProfessionalIncomplete, DuiBridgeError: nobody is signed in.
    """
    if started.finished or not started.is_of(query):
        raise StateWrong(answer="state")
    started.finished = True
    if client.now() >= started.until:
        raise NotApproved
    told = _parameters(query)
    issuer = told.get("iss")
    if issuer != client.issuer.url and (issuer is not None or client.provider().says_issuer):
        raise StateWrong(answer="iss")
    if "error" in told:
        raise refusal(told["error"])
    if "code" not in told:
        raise StateWrong(answer="code")
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": started.redirect_uri,
        "code_verifier": started.verifier.reveal(),
    }
    try:
        granted = client.grant(form)
    except Refusal as no:
        raise no.error() from None
    return client.session(granted, nonce=started.nonce.reveal(), national_id=national_id)


def _parameters(query: str) -> Mapping[str, str]:
    """Those that stand once."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}
