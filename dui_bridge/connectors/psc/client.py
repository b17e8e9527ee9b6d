"""The calls to the service: what it is, its keys, tokens, and who the person is.

There is no capture of these calls, on purpose: all of them carry secrets. Nothing is kept but the description of the
service and its keys. Sources: RFC 6749 §2.3.1 and §5; OpenID Connect Core 1.0 §5.3 (the subject of userinfo is that of
the token); RFC 6750 §2.1; RFC 8705 §2.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

import httpx
from joserfc.jwk import KeySet

from dui_bridge.connectors.psc.errors import AnswerUnreadable, KeyUnknown, OtherPerson, Unanswered, refusal
from dui_bridge.connectors.psc.identity import Identity, read_identity, read_keys
from dui_bridge.connectors.psc.professional import Professional, read_professional
from dui_bridge.connectors.psc.provider import Issuer, Provider, json_object, read_provider
from dui_bridge.connectors.psc.settings import Authentication, PscSettings
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.connectors.wire.http import Answer, Bounds, get, post
from dui_bridge.connectors.wire.net_errors import NoAnswer, NotReached
from dui_bridge.errors import DuiBridgeError

_SERVICE: Final = "Pro Santé Connect"
_BOUNDS: Final = Bounds(max_bytes=1_000_000, seconds=60.0)
_KEPT: Final = timedelta(hours=1)
_FORM: Final = "application/x-www-form-urlencoded"


class Refusal(Exception):
    """The service said no: whoever asked knows whether that ends it, and then raises `error()`.

    Attributes:
        code: `error` of the answer, if it has one. status: of HTTP.
    """

    def __init__(self, code: object, status: int) -> None:
        self.code, self.status = code, status
        super().__init__("the service said no")

    def error(self) -> DuiBridgeError:
        """Ours."""
        return refusal(self.code, self.status)


@dataclass(frozen=True, slots=True)
class Granted:
    """What the token endpoint gave; `until`: how long the access token is good, when it is told."""

    access: Token
    identity: Token
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A professional who is signed in.

    Args:
        authenticated_at: aware. acr: at which level.
        access: good until `until` (None: not told), for services that want it.
    """

    professional: Professional
    authenticated_at: datetime
    acr: str
    access: Token
    until: datetime | None


class PscClient:
    """The service, for one site; `close` it. It may be used by several threads.

    Args:
        http: of `wire.http.client`.
        secret: of the bridge; None when its certificate makes it known.
        now: aware.
    """

    def __init__(
        self,
        http: httpx.Client,
        settings: PscSettings,
        issuer: Issuer,
        secret: Token | None,
        now: Callable[[], datetime],
    ) -> None:
        self._http, self.settings, self.issuer, self.now = http, settings, issuer, now
        self._secret = secret
        self._provider: tuple[datetime, Provider] | None = None
        self._keys: KeySet | None = None

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def provider(self) -> Provider:
        """What the service publishes of itself, read again every hour. Raises as `read_provider`, and Unanswered."""
        known, now = self._provider, self.now()
        if known is None or now - known[0] > _KEPT:
            answer = self._get(self.issuer.discovery, {})
            if answer.status >= 500:
                raise refusal(None, answer.status)
            known = (now, read_provider(answer.body, self.issuer, self.settings))
            self._provider = known
        return known[1]

    def ask(self, address: str, form: Mapping[str, str]) -> Mapping[str, object]:
        """The answer to a form, sent as this bridge.

        Raises:
            Unanswered, AnswerUnreadable.
            Refusal: the service says no; the code is `code`.
        """
        answer = self._post(address, form)
        try:
            said = json_object(answer.body)
        except AnswerUnreadable:
            if answer.status == 200:
                raise
            raise Refusal(None, answer.status) from None
        if answer.status != 200:
            raise Refusal(said.get("error"), answer.status)
        return said

    def grant(self, form: Mapping[str, str]) -> Granted:
        """Tokens, for what was granted. Raises as `ask`."""
        said = self.ask(self.provider().token, form)
        access, identity, kind = (said.get(name) for name in ("access_token", "id_token", "token_type"))
        if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
            raise AnswerUnreadable(reason="no access token", reason_fr="pas de jeton d'accès")
        if not isinstance(identity, str) or not identity.isascii():
            raise AnswerUnreadable(reason="no identity token", reason_fr="pas de jeton d'identité")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise AnswerUnreadable(reason="another kind of token", reason_fr="un autre type de jeton")
        return Granted(Token(access), Token(identity), self.after(said.get("expires_in")))

    def after(self, seconds: object) -> datetime | None:
        """The time so many seconds from now, at most a day; None for what is no number of seconds."""
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
            return None
        return self.now() + timedelta(seconds=min(seconds, 86_400))

    def session(self, granted: Granted, *, nonce: str | None = None, national_id: str | None = None) -> Session:
        """Who is signed in.

        Args:
            nonce: that of the request. national_id: who was asked for.
        Raises:
            TokenRefused: the tokens are not to be believed, or are another person's.
            ProfessionalIncomplete, AnswerUnreadable, Unanswered.
        """
        identity = self._identity(granted, nonce)
        claims = self._userinfo(granted.access)
        if claims.get("sub") != identity.subject:
            raise OtherPerson
        professional = read_professional(claims, self.settings.national_id)
        if national_id is not None and professional.national_id != national_id:
            raise OtherPerson
        return Session(professional, identity.authenticated_at, identity.acr, granted.access, granted.until)

    def _identity(self, granted: Granted, nonce: str | None) -> Identity:
        kept = self._keys
        if kept is not None:
            try:
                return self._read(granted, kept, nonce)
            except KeyUnknown:
                self._keys = None  # the service may have changed its keys
        keys = self._keys = read_keys(self._whole(self._get(self.provider().jwks, {})))
        return self._read(granted, keys, nonce)

    def _read(self, granted: Granted, keys: KeySet, nonce: str | None) -> Identity:
        return read_identity(
            granted.identity,
            keys,
            self.settings,
            self.issuer.url,
            now=self.now(),
            nonce=nonce,
            access=granted.access,
        )

    def _userinfo(self, access: Token) -> Mapping[str, object]:
        headers = {"Authorization": f"Bearer {access.reveal()}"}
        return json_object(self._whole(self._get(self.provider().userinfo, headers)))

    def _whole(self, answer: Answer) -> bytes:
        if answer.status in {401, 403}:
            raise refusal("invalid_token" if answer.status == 401 else "insufficient_scope")
        if answer.status != 200:
            raise refusal(None, answer.status)
        return answer.body

    def _get(self, address: str, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept": "application/json", **headers}
        try:
            return get(self._http, address, service=_SERVICE, headers=sent, bounds=_BOUNDS)
        except (NoAnswer, NotReached) as error:
            raise Unanswered(**error.values) from None

    def _post(self, address: str, form: Mapping[str, str]) -> Answer:
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        own = dict(form)
        if self._secret is not None and self.settings.authentication is Authentication.BASIC:
            # RFC 6749 §2.3.1: both are form-encoded before they are put in the header.
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(self._secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            own["client_id"] = self.settings.client_id
            if self._secret is not None:
                own["client_secret"] = self._secret.reveal()
        body = urlencode(own).encode()
        try:
            return post(self._http, address, body, service=_SERVICE, headers=headers, bounds=_BOUNDS)
        except (NoAnswer, NotReached) as error:
            raise Unanswered(**error.values) from None
