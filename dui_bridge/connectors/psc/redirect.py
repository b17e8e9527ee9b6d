"""A port of this machine on which the browser comes back; it listens for one sign-in and no longer.

Source: RFC 8252 §7.3 and §8.3 (loopback address, listening only while it is waited for).
"""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from dui_bridge.connectors.psc.code_flow import Started
from dui_bridge.connectors.psc.errors import NotApproved, RedirectTaken
from dui_bridge.connectors.psc.settings import CodeSettings

_PATIENCE: Final = 2.0
"""Seconds for one request, so that a connection on which nothing comes does not keep the browser out."""

_PAGE: Final = (
    "<!doctype html><html lang='fr'><meta charset='utf-8'><title>Pro Santé Connect</title>"
    "<p>Vous pouvez fermer cette page. <span lang='en'>You may close this page.</span></p></html>"
)


class _Server(HTTPServer):
    path: str
    is_ours: Callable[[str], bool]
    query: str | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks off is the browser's affair: nothing of it is shown."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE
    server_version = "dui-bridge"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        ours = parts.path == self.server.path and self.server.is_ours(parts.query)
        if ours:
            self.server.query = parts.query
        body = _PAGE.encode() if ours else b""
        self.send_response(200 if ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The address holds the code: it is written nowhere."""


class Loopback:
    """Listens from enter to exit.

    Attributes:
        redirect_uri: where the browser comes back.

    Raises:
        RedirectTaken: the port cannot be had.
    """

    def __init__(self, settings: CodeSettings) -> None:
        try:
            self._server = _Server(("127.0.0.1", settings.port), _Handler)
        except OSError:
            raise RedirectTaken(port=str(settings.port)) from None
        self._server.path = settings.path
        self.redirect_uri = f"http://{settings.host}:{self._server.server_port}{settings.path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.server_close()

    def wait(self, started: Started, seconds: float) -> str:
        """With what the browser came back, for `code_flow.finish`; what answers another sign-in is turned away.

        Raises:
            NotApproved: not in time.
        """
        until = monotonic() + seconds
        self._server.is_ours = started.is_of
        while self._server.query is None:
            left = until - monotonic()
            if left <= 0:
                raise NotApproved
            self._server.timeout = left
            self._server.handle_request()
        return self._server.query
