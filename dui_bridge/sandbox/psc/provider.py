"""What the stand-in answers: its description, its keys, a sign-in by CIBA, and who the person is.

Sources: OpenID Connect Discovery 1.0 §3, Core 1.0 §2 and §5.3, CIBA Core 1.0 §7 to §11; RFC 6749 §2.3.1 and §5;
RFC 6750 §3.
"""

from __future__ import annotations

import binascii
import secrets
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.jwk import RSAKey

from dui_bridge.sandbox.psc.persons import Professional

GRANT: Final = "urn:openid:params:grant-type:ciba"
_KEY: Final = "bac-a-sable"
_LIVES: Final = 120
"""Seconds that a request and a token are good."""

Reply = tuple[int, Mapping[str, object]]
"""HTTP status, and the object of the answer."""


@dataclass(slots=True)
class _Asked:
    """A person who was asked: in how many questions they will have answered, and until when it counts."""

    person: Professional
    waits: int
    until: float


class Provider:
    """The service, without its network. Nothing of it outlives the process.

    Args:
        clients: secret by identifier of those who may ask.
        waits: how many questions are answered with "not yet", before the person has answered.
        now: aware.
    """

    def __init__(
        self, persons: Iterable[Professional], clients: Mapping[str, str], waits: int, now: Callable[[], datetime]
    ) -> None:
        self._persons = {one.national_id: one for one in persons}
        self._clients, self._waits, self._now = dict(clients), waits, now
        self._asked: dict[str, _Asked] = {}
        self._signed_in: dict[str, tuple[Professional, float]] = {}
        self._lock = threading.Lock()

    @cached_property
    def _key(self) -> RSAKey:
        """Made when it is first needed: most who start the stand-ins sign nobody in."""
        return RSAKey.generate_key(2048, {"kid": _KEY, "use": "sig", "alg": "RS256"})

    def keys(self) -> Reply:
        """What signs identity tokens."""
        return 200, {"keys": [self._key.as_dict(private=False)]}

    def ask(self, form: Mapping[str, str], authorization: str) -> Reply:
        """A request by CIBA: the person of `login_hint` is asked."""
        if self._client(form, authorization) is None:
            return _refused("invalid_client", 401)
        if "openid" not in form.get("scope", "").split():
            return _refused("invalid_scope")
        person = self._persons.get(form.get("login_hint", ""))
        if person is None:
            return _refused("unknown_user_id")
        request = secrets.token_urlsafe(24)
        with self._lock:
            self._asked[request] = _Asked(person, self._waits, self._moment() + _LIVES)
        return 200, {"auth_req_id": request, "expires_in": _LIVES, "interval": 1}

    def token(self, form: Mapping[str, str], authorization: str, issuer: str) -> Reply:
        """The tokens of a person who has approved; `issuer` as it names itself."""
        client = self._client(form, authorization)
        if client is None:
            return _refused("invalid_client", 401)
        if form.get("grant_type") != GRANT:
            return _refused("unsupported_grant_type")
        request = form.get("auth_req_id", "")
        with self._lock:
            asked = self._asked.get(request)
            if asked is None:
                return _refused("invalid_grant")
            if asked.until <= self._moment():
                del self._asked[request]
                return _refused("expired_token")
            if asked.waits > 0:
                asked.waits -= 1
                return _refused("authorization_pending")
            del self._asked[request]
            if not asked.person.approves:
                return _refused("access_denied")
            access = secrets.token_urlsafe(24)
            self._signed_in[access] = (asked.person, self._moment() + _LIVES)
        identity = self._identity(asked.person, issuer, client)
        return 200, {"access_token": access, "id_token": identity, "token_type": "Bearer", "expires_in": _LIVES}

    def userinfo(self, authorization: str) -> Reply:
        """Who the person of an access token is."""
        kind, _, access = authorization.partition(" ")
        with self._lock:
            person, until = self._signed_in.get(access, (None, 0.0))
        if kind != "Bearer" or person is None or until <= self._moment():
            return _refused("invalid_token", 401)
        return 200, person.userinfo()

    def _identity(self, person: Professional, issuer: str, client: str) -> str:
        moment = int(self._moment())
        claims = {
            "iss": issuer,
            "aud": client,
            "sub": person.userinfo()["sub"],
            "iat": moment,
            "auth_time": moment,
            "exp": moment + _LIVES,
            "acr": "eidas1",
        }
        return jwt.encode({"alg": "RS256", "kid": _KEY}, claims, self._key)

    def _client(self, form: Mapping[str, str], authorization: str) -> str | None:
        """Who asks, by either of the two ways in which a secret is told; None: nobody who may."""
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.startswith("Basic "):
            name, secret = _basic(authorization.removeprefix("Basic "))
        known = self._clients.get(name)
        return name if known is not None and secrets.compare_digest(known.encode(), secret.encode()) else None

    def _moment(self) -> float:
        return self._now().timestamp()


def _basic(written: str) -> tuple[str, str]:
    try:
        name, _, secret = b64decode(written, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _refused(code: str, status: int = 400) -> Reply:
    return status, {"error": code}
