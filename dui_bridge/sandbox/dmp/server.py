"""The stand-in over HTTPS, on the loopback interface only, with the client's certificate required; its pages beside."""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final

from dui_bridge.sandbox.dmp.contract import Contract
from dui_bridge.sandbox.dmp.pages import page
from dui_bridge.sandbox.dmp.rights import Dossier
from dui_bridge.sandbox.dmp.service import Answer, Call, Service
from dui_bridge.sandbox.dmp.store import Store
from dui_bridge.sandbox.dmp.trouble import Cut, Trouble, Troubles, meant
from dui_bridge.sandbox.dmp.trust import Trust
from dui_bridge.sandbox.dmp.words import BASE_PATH, ROUTES
from dui_bridge.sandbox.pages import PagesListener
from dui_bridge.sandbox.pki import Holder, Pki
from dui_bridge.sandbox.tls import LOOPBACK, TlsListener, server_context, subject

_PATHS: Final = frozenset(route.path for route in ROUTES.values())
_BLOCK: Final = 65536
_LONGEST_BODY: Final = 200_000_000
_SILENCE: Final = 60.0
"""Seconds without a byte after which a connection is given up."""


class DmpServer:
    """Registry and repository of the DMP, as far as public texts tell. A context manager: it listens between the two.

    TLS 1.2 alone. A certificate of another authority, expired or revoked ends the handshake. What is kept in the folder
    is found again by the next stand-in there: `<uniqueId>.xml` as received, with `<uniqueId>.metadata.xml` (its
    `lcm:SubmitObjectsRequest`), no other `.xml`, and `dmp.sqlite`.

    Args:
        pki: the certificates: its clients are let in, the revoked one is not; its signers may sign.
        folder: where the documents are kept.
        dossiers: the state of the DMP of some persons, by the identifier `INS^^^&OID&ISO^NH`.
        default: of everybody else; open and authorised by default.
        homologations: numbers of software that are known; None for any.
        structures: the legal entity of each structure, by national ids: its certificates may act for the structure.
        troubles: failures to come.
        contract: the folder of the official schemas: requests are then checked with them too.
        needs_hash: whether a deposit must give the hash and the size of its documents.
        most: how many objects a query answers in full.
        holder: the server's certificate, when it is to be another than the good one.
        port: 0 takes a free one. pages_port: of the pages.
        clock: aware; the time by which assertions are judged.
    Raises:
        OSError: a file cannot be read or written, or a port is taken. FileUnusable: one of the schemas.
    """

    def __init__(
        self,
        pki: Pki,
        folder: Path,
        *,
        dossiers: Mapping[str, Dossier] | None = None,
        default: Dossier | None = None,
        homologations: Iterable[str] | None = None,
        structures: Mapping[str, str] | None = None,
        troubles: Iterable[Trouble] = (),
        contract: Path | None = None,
        needs_hash: bool = True,
        most: int = 1000,
        holder: Holder | None = None,
        port: int = 0,
        pages_port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = Store(folder)
        self.troubles = Troubles(troubles)
        self.service = Service(
            self.store,
            Trust(pki),
            self.troubles,
            dossiers=dossiers,
            default=default,
            homologations=None if homologations is None else frozenset(homologations),
            structures=structures,
            contract=None if contract is None else Contract(contract),
            needs_hash=needs_hash,
            most=most,
            clock=clock,
        )
        context = server_context(pki, holder or pki.server)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # the DMP's only one
        self._https = TlsListener(context, _handler(self.service, self.troubles, folder), port)
        self._pages = PagesListener((LOOPBACK, pages_port), partial(page, self.store))
        self._showing = threading.Thread(target=self._pages.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """What the paths of the services follow, without a slash at its end."""
        return f"https://localhost:{self._https.port}{BASE_PATH}"

    @property
    def pages_url(self) -> str:
        """The list of persons, for a browser."""
        return f"http://localhost:{self._pages.server_address[1]}/"

    @property
    def calls(self) -> list[Call]:
        """Every request that was read, in order."""
        return self.service.calls

    def __enter__(self) -> DmpServer:
        self._https.__enter__()
        self._showing.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._https.__exit__()
        self._pages.shutdown()
        self._pages.server_close()
        self._showing.join()
        self.store.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    raw_requestline: bytes
    timeout = _SILENCE

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests hold the identity of persons."""

    def _nothing(self, status: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _handler(service: Service, troubles: Troubles, folder: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        def parse_request(self) -> bool:
            path = (*self.raw_requestline.split(b" "), b"")[1].decode("latin-1")
            if troubles.next(meant(path), Cut.HEADERS) is not None:
                service.note(None, Cut.HEADERS)
                self.close_connection = True
                return False
            return super().parse_request()

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            known = length.isascii() and length.isdecimal() and int(length) <= _LONGEST_BODY
            if self.path not in _PATHS or not known:
                self.close_connection = True
                self._nothing(404 if self.path not in _PATHS else 413 if length.isdecimal() else 411)
                return
            content_type = self.headers.get("Content-Type", "")
            cut = troubles.next(meant(self.path, content_type), Cut.BODY)
            if cut is not None:
                self.rfile.read(int(length) // 2)
                service.note(None, Cut.BODY)
                self.close_connection = True
                return
            with _body(self.rfile, int(length), folder) as body:
                if body is None:
                    self.close_connection = True
                    return
                answer = service.answer(self.path, content_type, body, _unit(self.connection))
                self._give(answer)

        def _give(self, answer: Answer) -> None:
            trouble = answer.trouble or Trouble()
            time.sleep(trouble.delay)
            if trouble.cut in {Cut.UNDONE, Cut.DONE}:
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(answer.length))
            self.end_headers()
            left = answer.length // 2 if trouble.cut is Cut.ANSWER else answer.length
            for block in _blocks(answer):
                self.wfile.write(block[:left])
                left -= len(block[:left])
                if trouble.drip:
                    self.wfile.flush()
                    time.sleep(trouble.drip)
            self.close_connection = self.close_connection or trouble.cut is Cut.ANSWER

    return Handler


def _blocks(answer: Answer) -> Iterator[bytes]:
    if isinstance(answer.body, bytes):
        yield from (answer.body[start : start + _BLOCK] for start in range(0, len(answer.body), _BLOCK))
    else:
        yield from answer.body


@contextmanager
def _body(stream: Any, length: int, folder: Path) -> Iterator[mmap | bytes | None]:
    """The body of a request, in a file that nobody sees; None when it ended before its length."""
    with tempfile.TemporaryFile(dir=folder) as file:
        left = length
        while left and (block := stream.read(min(_BLOCK, left))):
            file.write(block)
            left -= len(block)
        file.flush()
        if left or not length:
            yield None if left else b""
            return
        with mmap(file.fileno(), 0, access=ACCESS_READ) as body:
            yield body


def _unit(connection: Any) -> str:
    return subject(connection).get("organizationalUnitName", "")
