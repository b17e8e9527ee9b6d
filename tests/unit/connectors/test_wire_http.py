"""One POST to a service: the answer whatever its status, and errors that tell whether it may have been taken."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tls_peer import OK, Talk, answering, peer, server_context

from dui_bridge.connectors.wire import http
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.http import Bounds
from dui_bridge.connectors.wire.net_errors import AddressWrong, NoAnswer, NotReached
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.connectors.wire.tls_errors import TlsProblem
from dui_bridge.errors import AnswerLost, DuiBridgeError, Retry
from dui_bridge.sandbox.pki import Pki, make_pki

LARGE = Bounds()


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def theirs(pki: Pki) -> ssl.SSLContext:
    return server_context(pki)


@pytest.fixture
def client(pki: Pki) -> Iterator[httpx.Client]:
    with http.client(client_context(None, Trust((pki.ca,))), timeout=5, connect=5) as client:
        yield client


@pytest.fixture
def hasty(pki: Pki) -> Iterator[httpx.Client]:
    with http.client(client_context(None, Trust((pki.ca,))), timeout=0.4, connect=5) as client:
        yield client


def post(client: httpx.Client, url: str, body: bytes = b"<a/>", bounds: Bounds = LARGE) -> http.Answer:
    return http.post(client, url, body, service="INSi", headers={"Content-Type": "text/xml"}, bounds=bounds)


def failure(
    client: httpx.Client, theirs: ssl.SSLContext, talk: Talk, body: bytes = b"<a/>", bounds: Bounds = LARGE
) -> DuiBridgeError:
    """How a call ends, once it is sure that the words show nothing of the address."""
    with peer(theirs, talk) as server, pytest.raises(DuiBridgeError) as caught:
        post(client, server.url(), body, bounds)
    for language in ("fr", "en"):
        text = caught.value.message(language)
        assert "INSi" in text
        assert "1010663220754" not in text
        assert "localhost" not in text
    assert caught.value.message("fr") != caught.value.message("en")
    return caught.value


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error", "302 Found"])
def test_an_answer_is_given_whatever_its_status(client: httpx.Client, theirs: ssl.SSLContext, status: str) -> None:
    with peer(theirs, answering(b"<b/>", status, "Location: https://localhost:1/\r\n")) as server:
        answer = post(client, server.url())

    assert (answer.status, answer.body) == (int(status[:3]), b"<b/>")
    assert server.requests[0].startswith(b"POST /lps?")
    assert server.requests[0].endswith(b"\r\n\r\n<a/>")
    assert b"Content-Type: text/xml\r\n" in server.requests[0]


def test_calls_in_a_row_use_one_connection(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    with peer(theirs) as server:
        for _ in range(5):
            post(client, server.url())

    assert (server.connections, len(server.requests)) == (1, 5)


def test_a_stream_of_known_length_is_not_chunked(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    with peer(theirs) as server:
        parts = iter([b"<a>", b"</a>"])
        http.post(client, server.url(), parts, service="DMP", headers={"Content-Length": "7"})

    assert server.requests[0].endswith(b"\r\n\r\n<a></a>")
    assert b"chunked" not in server.requests[0].lower()


def test_the_proxies_of_the_environment_are_not_asked(
    pki: Pki, theirs: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    with http.client(client_context(None, Trust((pki.ca,)))) as client, peer(theirs) as server:
        assert post(client, server.url()).status == 200


@pytest.mark.parametrize("url", ["http://localhost/", "https://", "ftp://localhost/", "https://[::1", "localhost"])
def test_only_https_addresses_are_called(client: httpx.Client, url: str, tmp_path: Path) -> None:
    with pytest.raises(AddressWrong):
        http.post(client, url, b"", service="INSi", headers={}, capture=Capture(tmp_path))


def test_where_nothing_listens_nothing_was_taken(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NotReached, match="nothing listens there") as caught:
        post(client, f"https://localhost:{port}/")

    assert isinstance(caught.value, Retry)
    assert "rien n'écoute" in caught.value.message("fr")


def test_an_unknown_host_is_told_as_such(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(NotReached, match="DNS"):
        post(client, "https://insi.example/")


def test_a_handshake_that_does_not_end_leaves_nothing_taken(pki: Pki) -> None:
    context = client_context(None, Trust((pki.ca,)))
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        http.client(context, connect=0.3) as impatient,
        pytest.raises(NotReached, match="in time"),
    ):
        post(impatient, f"https://localhost:{listener.getsockname()[1]}/")


def test_a_connection_that_is_cut_in_the_handshake_leaves_nothing_taken(client: httpx.Client) -> None:
    with peer(None, lambda connection, _: connection.close()) as server, pytest.raises(NotReached, match="cut"):
        post(client, server.url())


def test_a_request_that_cannot_leave_whole_is_not_taken(hasty: httpx.Client, pki: Pki) -> None:
    release = threading.Event()

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def handshake_only() -> None:
            plain, _ = listener.accept()
            with server_context(pki).wrap_socket(plain, server_side=True):
                release.wait(5)

        thread = threading.Thread(target=handshake_only)
        thread.start()
        with pytest.raises(NotReached, match="in time"):
            post(hasty, f"https://localhost:{listener.getsockname()[1]}/", b"x" * 30_000_000)
        release.set()
        thread.join()


def test_all_connections_in_use_leave_nothing_taken(pki: Pki, theirs: ssl.SSLContext) -> None:
    reached, release = threading.Event(), threading.Event()

    def wait(connection: socket.socket, request: bytes) -> None:
        reached.set()
        release.wait(5)
        OK(connection, request)

    context = client_context(None, Trust((pki.ca,)))
    with http.client(context, connect=0.2, connections=1) as client, peer(theirs, wait) as server:
        first = threading.Thread(target=post, args=(client, server.url()))
        first.start()
        reached.wait(5)
        with pytest.raises(NotReached, match="in use"):
            post(client, server.url())
        release.set()
        first.join()


def test_no_answer_in_time_may_have_been_taken(hasty: httpx.Client, theirs: ssl.SSLContext) -> None:
    error = failure(hasty, theirs, lambda *_: time.sleep(0.7))

    assert isinstance(error, NoAnswer)
    assert isinstance(error, AnswerLost)
    assert "in time" in error.message("en")


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"220 mail.example ESMTP\r\n"]
)
def test_an_answer_that_is_cut_or_no_http_may_have_been_taken(
    client: httpx.Client, theirs: ssl.SSLContext, said: bytes
) -> None:
    def cut(connection: socket.socket, _: bytes) -> None:
        connection.sendall(said)
        connection.close()

    assert isinstance(failure(client, theirs, cut), NoAnswer)


def test_a_garbled_answer_may_have_been_taken(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    def garble(connection: socket.socket, _: bytes) -> None:
        with socket.socket(fileno=os.dup(connection.fileno())) as below:
            below.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    assert isinstance(failure(client, theirs, garble), NoAnswer)


def test_a_connection_reset_after_the_request_may_have_been_taken(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    def reset(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    assert isinstance(failure(client, theirs, reset), NoAnswer)


def test_an_answer_is_bounded_even_when_it_unfolds(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    bomb = gzip.compress(b" " * 5_000_000)

    for talk in (answering(b" " * 2_000_001), answering(bomb, headers="Content-Encoding: gzip\r\n")):
        error = failure(client, theirs, talk, bounds=Bounds(max_bytes=2_000_000))
        assert isinstance(error, NoAnswer)
        assert "2 MB" in error.message("en")


def test_an_answer_that_drips_does_not_hold_for_ever(client: httpx.Client, theirs: ssl.SSLContext) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(20):
            connection.sendall(b".")
            time.sleep(0.05)

    error = failure(client, theirs, drip, bounds=Bounds(seconds=0.2))

    assert isinstance(error, NoAnswer)
    assert "trop longtemps" in error.message("fr")


def test_a_refusal_of_tls_is_not_a_matter_of_the_network(client: httpx.Client, pki: Pki) -> None:
    assert isinstance(failure(client, server_context(pki, pki.holder("server-expired")), OK), TlsProblem)


def test_a_large_request_is_told_of_the_refusal_that_came_meanwhile(client: httpx.Client, pki: Pki) -> None:
    theirs = server_context(pki, version=ssl.TLSVersion.TLSv1_3, asks=True)

    assert isinstance(failure(client, theirs, OK, b"x" * 3_000_000), TlsProblem)


def test_an_exchange_is_captured_when_asked(client: httpx.Client, theirs: ssl.SSLContext, tmp_path: Path) -> None:
    with peer(theirs, answering(b"<r>DUPONT</r>")) as server:
        http.post(client, server.url(), b"<q>DURAND</q>", service="INSi", headers={}, capture=Capture(tmp_path))

    assert b"<q>XXXXXX</q>" in (tmp_path / "0001-request.xml").read_bytes()
    assert b"<r>XXXXXX</r>" in (tmp_path / "0001-answer.xml").read_bytes()
