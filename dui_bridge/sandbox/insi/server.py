"""The stand-in over HTTPS, on the loopback interface only, with the client's certificate required."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from dui_bridge.sandbox.insi.answers import FAULTS, contract_fault, fault, result
from dui_bridge.sandbox.insi.persons import Person, found, official_persons
from dui_bridge.sandbox.insi.request import Contract, Request, Search, read_request
from dui_bridge.sandbox.insi.trouble import Trouble, Troubles, injected
from dui_bridge.sandbox.pki import Holder, Pki
from dui_bridge.sandbox.tls import TlsListener, server_context, subject

IDAM: Final = "IDAM-BAC-A-SABLE"
"""The software's authorisation number that the stand-in knows unless told others."""

_PATH: Final = "/lps"
_NAMES: Final = frozenset({"INSI-AUTO", "INSI-MANU"})
_LONGEST_BODY: Final = 1_000_000
_SILENCE: Final = 60.0
"""Seconds without a byte after which a connection is given up."""


@dataclass(frozen=True, slots=True)
class Call:
    """One POST that came through TLS: its number (from 1), who called, what was asked, what was answered.

    `answer` is `00`, `01`, `02`, the name of a fault, `contract`, `injected`, or what a `Trouble` did.
    """

    number: int
    certificate: str
    search: Search | None
    answer: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Peer:
    """The subject of the client's certificate."""

    name: str
    unit: str


class InsiServer:
    """The téléservice INSi, as far as its contract is public. A context manager: it listens from enter to exit.

    A certificate of another authority, expired or revoked ends the handshake; a common name that is not INSI-AUTO or
    INSI-MANU is answered desir_560; an authorisation number that is not known, desir_550.

    Args:
        pki: the certificates: its clients are let in, the revoked one is not.
        persons: whom it knows besides the official test identities.
        idams: the software authorisation numbers that it knows.
        troubles: failures to come.
        folder: answers to inject, see `trouble.injected`; read at each call.
        contract: the folder of the official WSDL: requests are then checked with its schemas too.
        holder: the server's certificate, when it is to be another than the good one.
        port: 0 takes a free one.
    Raises:
        OSError: a file cannot be read or the port is taken.
    """

    def __init__(
        self,
        pki: Pki,
        *,
        persons: Iterable[Person] = (),
        idams: Iterable[str] = (IDAM,),
        troubles: Iterable[Trouble] = (),
        folder: Path | None = None,
        contract: Path | None = None,
        holder: Holder | None = None,
        port: int = 0,
    ) -> None:
        self.persons = (*official_persons(), *persons)
        self.troubles = Troubles(troubles)
        self.calls: list[Call] = []
        self._idams = frozenset(idams)
        self._folder = folder
        self._contract = None if contract is None else Contract(contract)
        self._lock = threading.Lock()
        self._count = 0
        self._http = TlsListener(server_context(pki, holder or pki.server), self._handler(), port)

    @property
    def url(self) -> str:
        """Where searches are posted."""
        return f"https://localhost:{self._http.port}{_PATH}"

    def __enter__(self) -> InsiServer:
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()

    def answer(self, data: bytes, content_type: str, peer: _Peer) -> tuple[int, bytes, Trouble | None]:
        """HTTP status and body for one POST, and the failure that goes with it."""
        with self._lock:
            self._count += 1
            number = self._count
        request = read_request(data, content_type, self._contract)
        if request.emitters != {peer.unit}:
            request = replace(request, faults=(*request.faults, "Emetteur is not the OU of the certificate"))
        status, body, name, trouble = self._decide(request, peer, number)
        with self._lock:
            self.calls.append(Call(number, peer.name, request.search, name, request.faults))
        return status, body, trouble

    def _decide(self, request: Request, peer: _Peer, number: int) -> tuple[int, bytes, str, Trouble | None]:
        refusal = self._refusal(request, peer)
        if refusal:
            return 500, fault(FAULTS[refusal], request.message_id), refusal, None
        if request.faults or request.search is None:
            return 500, fault(contract_fault(request.faults), request.message_id), "contract", None
        given = None if self._folder is None else injected(self._folder, number, request.search)
        if given is not None:
            return 500 if b"Fault>" in given else 200, given, "injected", None
        trouble = self.troubles.next(request.search)
        if trouble is not None and trouble.fault:
            return 500, fault(FAULTS[trouble.fault], request.message_id), trouble.fault, trouble
        if trouble is not None and trouble.status is not None:
            return trouble.status, trouble.body, str(trouble.status), trouble
        persons = found(request.search, self.persons)
        code = {0: "01", 1: "00"}.get(len(persons), "02")
        return 200, result(persons), code, trouble

    def _refusal(self, request: Request, peer: _Peer) -> str:
        if peer.name not in _NAMES:
            return "desir_560"
        return "" if request.idam in self._idams else "desir_550"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16
            timeout = _SILENCE

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                if self.path != _PATH or length > _LONGEST_BODY:
                    self.close_connection = True
                    self._send(404 if self.path != _PATH else 413, "text/plain", b"")
                    return
                data = self.rfile.read(length)
                content_type = self.headers.get("Content-Type", "")
                status, body, trouble = server.answer(data, content_type, _peer(self.connection))
                if trouble is not None:
                    time.sleep(trouble.delay)
                    if trouble.cut:
                        self.close_connection = True
                        return
                html = trouble is not None and trouble.status is not None
                self._send(status, "text/html" if html else "application/soap+xml;charset=UTF-8", body)

            def _send(self, status: int, media: str, body: bytes) -> None:
                self.send_response_only(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: requests hold the traits of persons."""

        return Handler


def _peer(connection: Any) -> _Peer:
    named = subject(connection)
    return _Peer(named.get("commonName", ""), named.get("organizationalUnitName", ""))
