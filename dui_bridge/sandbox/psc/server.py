"""The stand-in over HTTPS, on the loopback interface only; who calls is known by a secret, not by a certificate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import parse_qsl

from dui_bridge.sandbox.pki import Pki
from dui_bridge.sandbox.psc.persons import PROFESSIONALS, Professional
from dui_bridge.sandbox.psc.provider import GRANT, Provider, Reply
from dui_bridge.sandbox.tls import TlsListener, server_context

CLIENT: Final = "dui-bridge"
SECRET: Final = "secret-du-bac-a-sable"  # noqa: S105 - published: it opens this stand-in and nothing else
"""Who may ask, unless others are given."""

_REALM: Final = "/auth/realms/esante-wallet"
_OPENID: Final = f"{_REALM}/protocol/openid-connect"
_DISCOVERY: Final = frozenset({f"{_REALM}/.well-known/{one}-configuration" for one in ("wallet-openid", "openid")})
_LONGEST: Final = 100_000
_SILENCE: Final = 60.0
"""Seconds without a byte after which a connection is given up."""


class PscServer(TlsListener):
    """Pro Santé Connect, as far as a sign-in on an e-CPS (CIBA, poll) goes; nobody is asked in a browser.

    A context manager: it listens from enter to exit.

    Args:
        pki: the certificate of the server.
        persons: whom it knows.
        clients: secret by identifier of those who may ask.
        waits: how many questions are answered with "not yet".
        port: 0 takes a free one.
        clock: aware.
    Raises:
        OSError: a file cannot be read or the port is taken.
    """

    def __init__(
        self,
        pki: Pki,
        *,
        persons: Iterable[Professional] = PROFESSIONALS,
        clients: Mapping[str, str] | None = None,
        waits: int = 1,
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.provider = Provider(persons, {CLIENT: SECRET} if clients is None else clients, waits, clock)
        super().__init__(server_context(pki, pki.server, asks=False), _Handler, port)

    @property
    def url(self) -> str:
        """The issuer."""
        return f"https://localhost:{self.port}{_REALM}"

    def answer(self, method: str, path: str, form: Mapping[str, str], authorization: str) -> Reply:
        """HTTP status and object for one request."""
        match method, path:
            case "GET", found if found in _DISCOVERY:
                return 200, self._description()
            case "GET", found if found == f"{_OPENID}/certs":
                return self.provider.keys()
            case "GET", found if found == f"{_OPENID}/userinfo":
                return self.provider.userinfo(authorization)
            case "POST", found if found == f"{_OPENID}/token":
                return self.provider.token(form, authorization, self.url)
            case "POST", found if found == f"{_OPENID}/ext/ciba/auth":
                return self.provider.ask(form, authorization)
        return 404, {"error": "not_found"}

    def _description(self) -> Mapping[str, object]:
        base = self.url.removesuffix(_REALM) + _OPENID
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/certs",
            "backchannel_authentication_endpoint": f"{base}/ext/ciba/auth",
            "backchannel_token_delivery_modes_supported": ["poll"],
            "grant_types_supported": [GRANT],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _SILENCE

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        told = self.headers.get("Content-Length", "")
        if not told.isdecimal() or int(told) > _LONGEST:
            self.close_connection = True
            self._send(413, {"error": "invalid_request"})
            return
        self._answer(dict(parse_qsl(self.rfile.read(int(told)).decode("utf-8", "replace"))))

    def _answer(self, form: Mapping[str, str]) -> None:
        if isinstance(self.server, PscServer):
            self._send(*self.server.answer(self.command, self.path, form, self.headers.get("Authorization", "")))

    def _send(self, status: int, said: Mapping[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests hold the number of a person."""
