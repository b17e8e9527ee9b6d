"""Calls to the national services: one POST over TLS, bounded, with an error that tells whether it may have been taken.

No redirection is followed, no proxy of the environment is asked, nothing is tried again: the caller knows whether its
message may go twice.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import httpx

from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.net_errors import AddressWrong, NoAnswer, NotReached
from dui_bridge.connectors.wire.tls_errors import tls_problem

# Both log whole addresses, which may hold numbers of persons.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one answer may take: bytes of its body once decompressed, and seconds until its last byte."""

    max_bytes: int = 20_000_000
    seconds: float = 120.0


_DEFAULT: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status: a SOAP fault comes with 500."""

    status: int
    headers: httpx.Headers
    body: bytes


_Answer = TypeVar("_Answer", bound=Answer)
Reader = Callable[[int, httpx.Headers, Iterator[bytes]], _Answer]
"""Makes an answer of its status, its headers and the blocks of its body, as they come."""


def client(
    context: ssl.SSLContext, *, timeout: float = 15.0, connect: float = 10.0, connections: int = 4
) -> httpx.Client:
    """A client of HTTP/1.1 that keeps its connections and uses them again; whoever asks for it closes it.

    Args:
        context: of `tls.client_context`.
        timeout: seconds without a byte, of the request or of the answer.
        connect: seconds to be connected, and to be given one of the connections.
        connections: at most so many at a time.
    """
    return httpx.Client(
        verify=context,
        timeout=httpx.Timeout(timeout, connect=connect, pool=connect),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "dui-bridge"},
    )


def post(
    client: httpx.Client,
    url: str,
    body: bytes | Iterable[bytes],
    *,
    service: str,
    headers: Mapping[str, str],
    bounds: Bounds = _DEFAULT,
    capture: Capture | None = None,
    shown: bytes | None = None,
) -> Answer:
    """One answer.

    Args:
        client: of this module, in one thread at a time or in several.
        url: an https address.
        body: the bytes, or a stream of them; a stream is sent in chunks unless `headers` hold its Content-Length.
        service: how errors call it.
        headers: of the request, Content-Type among them.
        capture: keeps the exchange, masked; of a stream `shown` is kept.
    Raises:
        AddressWrong: not an https address.
        TlsProblem: we refuse the server, or it refuses us; certainly not taken.
        NotReached: certainly not taken.
        NoAnswer: it may have been taken.
        FileUnusable: the capture of the request cannot be written; nothing was sent.
    """
    return exchange(
        client,
        url,
        body,
        _whole,
        service=service,
        headers=headers,
        bounds=bounds,
        capture=capture,
        shown=shown,
    )


def get(
    client: httpx.Client, url: str, *, service: str, headers: Mapping[str, str], bounds: Bounds = _DEFAULT
) -> Answer:
    """As `post`, of what is only read: nothing is captured."""
    return exchange(client, url, b"", _whole, service=service, headers=headers, bounds=bounds, method="GET")


def exchange(
    client: httpx.Client,
    url: str,
    body: bytes | Iterable[bytes],
    read: Reader[_Answer],
    *,
    service: str,
    headers: Mapping[str, str],
    bounds: Bounds = _DEFAULT,
    capture: Capture | None = None,
    shown: bytes | None = None,
    method: str = "POST",
    about: str = "",
) -> _Answer:
    """As `post`, for an answer that is read while it comes; also raises what `read` and the stream of `body` raise."""
    address = _https(url)
    if address is None:
        raise AddressWrong(service=service)
    number = capture.request(url, headers, body if isinstance(body, bytes) else shown, about) if capture else 0
    try:
        with client.stream(method, address, content=body, headers=dict(headers)) as response:
            answer = read(response.status_code, response.headers, _bounded(response, bounds))
    except _TooMuch as error:
        raise NoAnswer(service=service, reason=error.reason, reason_fr=error.reason_fr) from None
    except httpx.RequestError as error:
        connected = not isinstance(error, httpx.ConnectError)
        raise tls_problem(error, service, connected=connected) or _of_network(error, service) from None
    if capture:
        capture.answer(number, answer.status, answer.headers, answer.body)
    return answer


@lru_cache(maxsize=16)
def _https(url: str) -> httpx.URL | None:
    """An address, taken apart once; None when it is no https address."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parts if parts.scheme == "https" and parts.host else None


class _TooMuch(Exception):
    """An answer beyond its bounds; caught in this module."""

    def __init__(self, reason: str, reason_fr: str) -> None:
        self.reason, self.reason_fr = reason, reason_fr
        super().__init__(reason)


def _bounded(response: httpx.Response, bounds: Bounds) -> Iterator[bytes]:
    size, until = 0, time.monotonic() + bounds.seconds
    for block in response.iter_bytes():
        size += len(block)
        if size > bounds.max_bytes:
            most = bounds.max_bytes // 1_000_000
            raise _TooMuch(f"more than {most} MB", f"plus de {most} Mo")
        if time.monotonic() > until:
            raise _TooMuch("the answer takes too long", "la réponse dure trop longtemps")
        yield block


def _whole(status: int, headers: httpx.Headers, blocks: Iterator[bytes]) -> Answer:
    body = bytearray()
    for block in blocks:
        body += block
    return Answer(status, headers, bytes(body))


_BEFORE: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteTimeout,
    httpx.LocalProtocolError,
)
"""Not sent whole: a server does not act on a request that stops before its announced end."""


def _of_network(error: httpx.RequestError, service: str) -> NotReached | NoAnswer:
    kind = NotReached if isinstance(error, _BEFORE) else NoAnswer
    reason, reason_fr = _reason(error)
    return kind(service=service, reason=reason, reason_fr=reason_fr)


def _reason(error: httpx.RequestError) -> tuple[str, str]:
    if isinstance(error, httpx.PoolTimeout):
        return "all connections are in use", "toutes les connexions sont occupées"
    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time", "pas de réponse dans le délai"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "its name is unknown here (DNS)", "son nom est inconnu ici (DNS)"
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens there", "rien n'écoute à cette adresse"
        cause = cause.__cause__ or cause.__context__
    return "the connection was cut", "la connexion a été coupée"
