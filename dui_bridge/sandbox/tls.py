"""The side of a stand-in that listens over TLS."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

from dui_bridge.sandbox.pki import Holder, Pki

LOOPBACK: Final = "127.0.0.1"


class TlsListener(ThreadingHTTPServer):
    """HTTP over TLS on the loopback interface. A context manager: it listens from enter to exit.

    The handshake is done in the thread of each connection, so that one silent client does not stop the others.

    Args:
        context: of `server_context`.
        port: 0 takes a free one.
    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__((LOOPBACK, port), handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a handshake that was refused, or a client that went away, is no event of the stand-in."""


def server_context(pki: Pki, holder: Holder, *, asks: bool = True) -> ssl.SSLContext:
    """TLS 1.2 or later, with this certificate; a client of another authority, expired or revoked, does not get in.

    Args:
        asks: for the client's certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(holder.certificate, holder.key)
    if not asks:
        return context
    context.load_verify_locations(pki.ca)
    context.load_verify_locations(pki.crl)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    return context


def subject(connection: Any) -> dict[str, str]:
    """The parts of the name in the client's certificate, by their long names; none before the handshake."""
    certificate = connection.getpeercert() or {}
    return {name: value for part in certificate.get("subject", ()) for name, value in part}
