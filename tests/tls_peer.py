"""A peer on this machine with real TLS, for tests of the wire: it answers each request with given bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dui_bridge.sandbox.pki import Holder, Pki

Talk = Callable[[socket.socket, bytes], None]
"""What the peer does with a connection and a whole request."""


def answering(body: bytes, status: str = "200 OK", headers: str = "") -> Talk:
    """Answers every request, and keeps the connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda connection, _: connection.sendall(head + body)


OK = answering(b"ok")


@dataclass
class Peer:
    """Where it listens, and what reached it."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)

    def url(self, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}/lps?ins=1010663220754"


def server_context(
    pki: Pki,
    holder: Holder | None = None,
    *,
    version: ssl.TLSVersion | None = None,
    asks: bool = False,
    crl: bool = False,
) -> ssl.SSLContext:
    """Of a server with the certificate of `holder`; `asks` for one of the client's, and looks it up in the list."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    holder = holder or pki.server
    context.load_cert_chain(holder.certificate, holder.key)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if asks:
        context.load_verify_locations(pki.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    if crl:
        context.load_verify_locations(pki.crl)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


@contextmanager
def peer(context: ssl.SSLContext | None, talk: Talk = OK) -> Iterator[Peer]:
    """Listens for the time of the block; without a context it does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        found = Peer(listener.getsockname()[1])
        stop = threading.Event()

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                with plain:
                    if stop.is_set():
                        return
                    found.connections += 1
                    try:
                        plain.settimeout(5)
                        if context is None:
                            talk(plain, plain.recv(65536))
                        else:
                            _converse(context.wrap_socket(plain, server_side=True), found, talk, stop)
                    except OSError:  # a refusal by either side is what the test looks at, from the other end
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", found.port)).close()
            thread.join(10)


def _converse(connection: ssl.SSLSocket, found: Peer, talk: Talk, stop: threading.Event) -> None:
    with connection:
        found.versions.add(connection.version() or "")
        while request := _request(connection, stop):
            found.requests.append(request)
            talk(connection, request)


def _request(connection: ssl.SSLSocket, stop: threading.Event) -> bytes:
    """One request with its body, empty when the client leaves or the test is over."""
    data = b""
    while not (whole := _whole(data)):
        connection.settimeout(0.02)
        try:
            block = connection.recv(65536)
        except TimeoutError:
            if stop.is_set():
                return b""
            continue
        finally:
            connection.settimeout(5)
        if not block:
            return b""
        data += block
    return whole


def _whole(data: bytes) -> bytes:
    """The request, empty as long as something of it is missing."""
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    return data if length is not None and len(body) >= length else b""
