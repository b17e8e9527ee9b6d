"""The stand-in over HTTPS, on the loopback interface only; it shows a certificate and wants a key, as the gateway."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from secrets import token_urlsafe
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from dui_bridge.sandbox.annuaire.holders import Holders, invented_holders
from dui_bridge.sandbox.annuaire.query import TYPES, Json, Pairs, Refused, linked, matching
from dui_bridge.sandbox.annuaire.resources import resources
from dui_bridge.sandbox.annuaire.trouble import Trouble, Troubles
from dui_bridge.sandbox.pki import Holder, Pki
from dui_bridge.sandbox.tls import TlsListener, server_context

KEY: Final = "cle-bac-a-sable"
"""The key that the stand-in takes unless told others."""

_BASE: Final = "/fhir/v2"
_HEADER: Final = "ESANTE-API-KEY"
_FHIR: Final = "application/fhir+json;charset=UTF-8"
_PAGE: Final = 50
_SILENCE: Final = 60.0
"""Seconds without a byte after which a connection is given up."""
_GATEWAY: Final = {401: "Unauthorized", 429: "Rate limit exceeded"}


@dataclass(frozen=True, slots=True)
class Call:
    """One GET that came through TLS: its type of resource, its parameters, the status that it got."""

    kind: str
    parameters: Pairs
    status: int


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    trouble: Trouble | None = None


class AnnuaireServer:
    """The FHIR API v2 of the Annuaire Santé, read only. A context manager: it listens from enter to exit.

    Args:
        pki: the certificate of the server.
        holders: whom it knows besides the invented ones.
        keys: those that it takes.
        per_second: calls a second of one key; more are answered 429.
        troubles: failures to come.
        holder: the server's certificate, when it is to be another than the good one.
        port: 0 takes a free one.
    Raises:
        OSError: a file cannot be read or the port is taken.
    """

    def __init__(
        self,
        pki: Pki,
        holders: Holders | None = None,
        *,
        keys: Iterable[str] = (KEY,),
        per_second: int = 17,
        troubles: Iterable[Trouble] = (),
        holder: Holder | None = None,
        port: int = 0,
    ) -> None:
        known = (invented_holders(), *([holders] if holders is not None else []))
        self.resources: list[Json] = [one for each in known for one in resources(each)]
        self.troubles = Troubles(troubles)
        self.calls: list[Call] = []
        self._keys = frozenset(keys)
        self._per_second = per_second
        self._recent: deque[float] = deque()
        self._pages: dict[str, tuple[str, Pairs, int]] = {}
        self._lock = threading.Lock()
        self._http = TlsListener(server_context(pki, holder or pki.server, asks=False), self._handler(), port)

    @property
    def url(self) -> str:
        """What the types of resources follow."""
        return f"https://localhost:{self._http.port}{_BASE}"

    def __enter__(self) -> AnnuaireServer:
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()

    def _answer(self, target: str, key: str | None) -> _Answer:
        parts = urlsplit(target)
        pairs: Pairs = parse_qsl(parts.query, keep_blank_values=True)
        kind = parts.path.removeprefix(_BASE).strip("/")
        with self._lock:
            turned = self._pages.get(dict(pairs).get("_getpages", "")) if not kind else None
        kind, pairs, start = turned or (kind, pairs, 0)
        answer = self._decide(kind, pairs, start, key if parts.path.startswith(_BASE) else None)
        with self._lock:
            self.calls.append(Call(kind, pairs, answer.status))
        return answer

    def _decide(self, kind: str, pairs: Pairs, start: int, key: str | None) -> _Answer:
        if key not in self._keys:
            return _gateway(401)
        if not self._has_room():
            return _gateway(429)
        trouble = self.troubles.next(kind)
        if trouble is not None and (trouble.status != 200 or trouble.body is not None):
            own = _gateway(trouble.status) if trouble.status in _GATEWAY else _outcome(trouble.status, "asked for")
            return _Answer(trouble.status, own.body if trouble.body is None else trouble.body, trouble)
        if kind not in TYPES:
            return _outcome(400, f"HAPI-0302: Unknown resource type '{kind}' - Server knows how to handle: {TYPES}")
        try:
            return _Answer(200, self._page(kind, pairs, start, trouble), trouble)
        except Refused as refused:
            return _outcome(400, str(refused))

    def _has_room(self) -> bool:
        now = time.monotonic()
        with self._lock:
            while self._recent and self._recent[0] <= now - 1:
                self._recent.popleft()
            if len(self._recent) >= self._per_second:
                return False
            self._recent.append(now)
            return True

    def _page(self, kind: str, pairs: Pairs, start: int, trouble: Trouble | None) -> bytes:
        asked = dict(pairs)
        count = int(asked.get("_count", "")) if asked.get("_count", "").isdecimal() else _PAGE
        every = matching(self.resources, kind, pairs)
        shown = every[start : start + count]
        links = [{"relation": "self", "url": f"{self.url}/{kind}"}]
        further = trouble.next if trouble is not None else ""
        if len(every) > start + count:
            token = token_urlsafe(12)
            with self._lock:
                self._pages[token] = (kind, pairs, start + count)
            further = further or f"{self.url}?_getpages={token}"
        if further:
            links.append({"relation": "next", "url": further})
        told = not every or asked.get("_total") == "accurate"
        bundle = {
            "resourceType": "Bundle",
            "type": "searchset",
            **({"total": len(every)} if told else {}),
            "link": links,
            "entry": [
                *(self._entry(one, "match") for one in shown),
                *(self._entry(one, "include") for one in linked(self.resources, shown, pairs)),
            ],
        }
        return _json(bundle)

    def _entry(self, resource: Json, mode: str) -> Json:
        full = f"{self.url}/{resource['resourceType']}/{resource['id']}"
        return {"fullUrl": full, "resource": resource, "search": {"mode": mode}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16
            timeout = _SILENCE

            def do_GET(self) -> None:
                answer = server._answer(self.path, self.headers.get(_HEADER))
                trouble = answer.trouble or Trouble()
                time.sleep(trouble.delay)
                self.close_connection = self.close_connection or trouble.cut or trouble.half
                if not trouble.cut:
                    self._send(answer, trouble)

            def _send(self, answer: _Answer, trouble: Trouble) -> None:
                self.send_response_only(answer.status)
                self.send_header("Content-Type", _FHIR)
                self.send_header("Content-Length", str(len(answer.body)))
                if trouble.retry_after is not None:
                    self.send_header("Retry-After", str(trouble.retry_after))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if trouble.half else answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: requests name professionals."""

        return Handler


def _gateway(status: int) -> _Answer:
    """As the gateway in front of the API answers, not in FHIR."""
    return _Answer(status, _json({"message": _GATEWAY[status], "http_status_code": status}))


def _outcome(status: int, diagnostics: str) -> _Answer:
    issue = {"severity": "error", "code": "processing", "diagnostics": diagnostics}
    return _Answer(status, _json({"resourceType": "OperationOutcome", "issue": [issue]}))


def _json(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")
