"""The HTTP endpoint of the resident process: `/health`, `/ready`, `/metrics`, on this machine only.

It answers what a monitoring tool asks, takes nothing, and shows no person and no number of a dossier.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from dui_bridge.errors import os_reasons
from dui_bridge.pipeline.serve.errors import PortTaken
from dui_bridge.pipeline.serve.metrics import CONTENT_TYPE

HOST: Final = "127.0.0.1"
_TEXT: Final = "text/plain; charset=utf-8"
_PATIENCE: Final = 5.0
"""Seconds for one request: a client that says nothing does not hold a thread."""


@dataclass(frozen=True)
class Answer:
    """What a path answers."""

    fine: bool
    text: str


class Endpoint:
    """Listens from `start` to `stop`.

    Args:
        pages: path → what makes its answer; called from several threads.
        port: 0 takes a free one.
    """

    def __init__(self, pages: dict[str, Callable[[], Answer]], port: int) -> None:
        handler = type("Handler", (_Handler,), {"pages": pages})
        try:
            self._server = _Server((HOST, port), handler)
        except OSError as error:
            raise PortTaken(port=str(port), **os_reasons(error)) from None
        except OverflowError:
            raise PortTaken(port=str(port), reason="no such port", reason_fr="ce port n'existe pas") from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # With it two processes would listen on one port, and each hear half of the questions.
    allow_reuse_port = False
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's business, and a stack trace nobody's reading."""


class _Handler(BaseHTTPRequestHandler):
    pages: dict[str, Callable[[], Answer]]
    timeout = _PATIENCE
    protocol_version = "HTTP/1.0"
    server_version, sys_version = "dui-bridge", ""

    def do_GET(self) -> None:
        page = self.pages.get(self.path.partition("?")[0])
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, _TEXT, "not found\n")
            return
        answer = page()
        status = HTTPStatus.OK if answer.fine else HTTPStatus.SERVICE_UNAVAILABLE
        metrics = self.path.partition("?")[0] == "/metrics"
        self._answer(status, CONTENT_TYPE if metrics and answer.fine else _TEXT, answer.text)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Who asks is not noted."""

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
