"""The HTTP side: a token, pages of residents, documents, files at addresses that expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from dui_bridge.sandbox.dui_rest.quirks import Fault, Quirks
from dui_bridge.sandbox.dui_rest.store import Json, Store

_LOOPBACK: Final = "127.0.0.1"
_LONGEST_BODY: Final = 64_000_000

_HANDED: Final = "/documents-recus"

# Answer of a route: status, body (JSON or bytes).
Answer = tuple[int, "Json | bytes"]


@dataclass(frozen=True)
class Handed:
    """One request with documents that was taken.

    Args:
        key: `Idempotency-Key`. again: of a request that was taken before. attempt: `Dui-Bridge-Attempt`.
    """

    key: str
    attempt: str
    documents: list[Json]
    again: bool


class DuiRestServer:
    """A server for one folder. A context manager: it listens from `__enter__` to `__exit__`.

    | request | answer |
    |---|---|
    | POST /oauth/token | `access_token`, `expires_in`; client credentials by Basic or in the form |
    | GET /residents?curseur&taille&modifieDepuis | `{residents, suivant, total}` |
    | GET /residents/{id}/documents | `{documents}`; `contenu.url` is an address good for `url_lifetime` |
    | GET /contenus/{document}?expire&signature | the file; 403 when the address has expired |
    | POST /retours, /residents/{id}/retours | 201; what became of documents, as an array or an object, in `outcomes` |
    | POST /documents-recus | 201; documents that came by mail, in `handed`; 422 without their number and content |

    Args:
        folder: see `Store`.
        client_id, client_secret: what the token asks for.
        quirks: the server's habits.
        clock: seconds since 1970.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        client_id: str = "bac-a-sable",
        client_secret: str = "secret-du-bac-a-sable",  # noqa: S107 - published, good for nothing but this server
        quirks: Quirks | None = None,
        clock: Callable[[], float] = time.time,
        port: int = 0,
    ) -> None:
        self.store = Store(folder)
        self.quirks = quirks or Quirks()
        self.requests: list[str] = []
        self.outcomes: list[Json] = []
        self.handed: list[Handed] = []
        self.clock = clock
        self._client = (client_id, client_secret)
        self._tokens: dict[str, float] = {}
        self._outcome_keys: set[str] = set()
        self._key = secrets.token_bytes(32)
        self._http = ThreadingHTTPServer((_LOOPBACK, port), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://{_LOOPBACK}:{self._http.server_address[1]}"

    def __enter__(self) -> DuiRestServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def revoke_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self._tokens.clear()

    def change(self, resident: str, **values: Any) -> None:
        """Modifies a resident now."""
        self.store.change(resident, self._now(), **values)

    def delete(self, resident: str) -> None:
        """Deletes a resident softly: he stays in the list, marked."""
        self.change(resident, supprime=True)

    def answer(self, method: str, target: str, authorization: str, form: str) -> Answer:
        """Routes one request."""
        url = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        if method == "POST" and parts == ["oauth", "token"]:
            return self._token(authorization, parse_qs(form))
        if method == "GET" and parts[0] == "contenus" and len(parts) == 2:
            return self._content(parts[1], query)
        if not self._is_let_in(authorization):
            return 401, {"erreur": "jeton absent ou expiré"}
        if method == "GET" and parts == ["residents"]:
            return self._residents(query)
        if method == "GET" and parts[0] == "residents" and len(parts) == 3 and parts[2] == "documents":
            return self._documents(parts[1])
        return 404, {"erreur": "adresse inconnue"}

    def receive(self, target: str, authorization: str, body: str, key: str) -> Answer:
        """Takes outcome rows, once for each key (`Idempotency-Key`). An unknown resident is 404, any other form 422."""
        parts = [unquote(part) for part in urlsplit(target).path.strip("/").split("/")]
        if not self._is_let_in(authorization):
            return 401, {"erreur": "jeton absent ou expiré"}
        if parts[-1] != "retours" or parts[:-1] not in ([], ["residents", *parts[1:2]]):
            return 404, {"erreur": "adresse inconnue"}
        if len(parts) == 3 and self.store.documents(parts[1]) is None:
            return 404, {"erreur": "résident inconnu"}
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        rows = given if isinstance(given, list) else [given]
        if not all(isinstance(row, dict) and row for row in rows):
            return 422, {"erreur": "un objet ou un tableau d'objets est attendu"}
        if not key or key not in self._outcome_keys:
            self._outcome_keys.add(key)
            self.outcomes.extend(rows)
        return 201, {"reçus": len(rows)}

    def take(self, authorization: str, body: str, key: str, attempt: str) -> Answer:
        """Takes documents that came by mail; each key once, whatever is sent under it later."""
        if not self._is_let_in(authorization):
            return 401, {"erreur": "jeton absent ou expiré"}
        try:
            documents = json.loads(body)["documents"]
            complete = bool(key) and all(one["document"]["unique_id"] and one["dossier"]["number"] for one in documents)
        except (ValueError, KeyError, TypeError):
            complete = False
        if not complete:
            return 422, {"erreur": "documents incomplets"}
        again = any(one.key == key for one in self.handed)
        self.handed.append(Handed(key, attempt, documents, again))
        return 201, {"reçus": 0 if again else len(documents)}

    def _is_let_in(self, authorization: str) -> bool:
        return self._tokens.get(authorization.removeprefix("Bearer "), 0.0) > self.clock()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def _token(self, authorization: str, form: dict[str, list[str]]) -> Answer:
        given = (form.get("client_id", [""])[0], form.get("client_secret", [""])[0])
        if authorization.startswith("Basic "):
            user, _, password = base64.b64decode(authorization[6:]).decode().partition(":")
            given = (unquote(user), unquote(password))
        if form.get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        if given != self._client:
            return 401, {"error": "invalid_client"}
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.clock() + self.quirks.token_lifetime
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.quirks.token_lifetime}

    def _residents(self, query: dict[str, str]) -> Answer:
        try:
            since = datetime.fromisoformat(query["modifieDepuis"]) if "modifieDepuis" in query else None
            start = int(base64.urlsafe_b64decode(query["curseur"])) if "curseur" in query else 0
            size = min(int(query.get("taille", self.quirks.page_size)), self.quirks.page_size)
        except ValueError:
            return 400, {"erreur": "paramètre invalide"}
        found = self.store.residents(since if since is None or since.tzinfo else since.replace(tzinfo=UTC))
        page, end = found[start : start + size], start + size
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(found) else None
        body = {"residents": [dict(one) for one in page], "suivant": following, "total": len(found)}
        if page and self.quirks.takes_drift():
            self.change(str(page[0]["id"]))
        return 200, body

    def _documents(self, resident: str) -> Answer:
        documents = self.store.documents(resident)
        if documents is None:
            return 404, {"erreur": "résident inconnu"}
        for one in documents:
            content = one.get("contenu")
            if isinstance(content, dict) and content.get("url"):
                one["contenu"] = {**content, "url": self._address(str(one["id"]))}
        return 200, {"documents": documents}

    def _address(self, document: str) -> str:
        expire = str(int(self.clock() + self.quirks.url_lifetime))
        return (
            f"{self.url}/contenus/{quote(document, safe='')}?expire={expire}&signature={self._sign(document, expire)}"
        )

    def _sign(self, document: str, expire: str) -> str:
        return hmac.new(self._key, f"{document}|{expire}".encode(), hashlib.sha256).hexdigest()

    def _content(self, document: str, query: dict[str, str]) -> Answer:
        expire, signature = query.get("expire", ""), query.get("signature", "")
        if not hmac.compare_digest(signature, self._sign(document, expire)) or int(expire) <= self.clock():
            return 403, {"erreur": "adresse expirée"}
        data = self.store.file(document)
        if data is None:
            return 404, {"erreur": "fichier absent"}
        return 200, data + b"\n% un autre fichier" if document in self.quirks.wrong_sha256 else data

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length", 0)), _LONGEST_BODY)
                self._serve(self.rfile.read(length).decode("utf-8", "replace"))

            def _serve(self, form: str) -> None:
                server.requests.append(f"{self.command} {self.path}")
                fault = server.quirks.next_fault(urlsplit(self.path).path)
                if fault is not None and fault.delay:
                    time.sleep(fault.delay)
                if fault is not None and fault.status is not None:
                    self._send(fault.status, fault.body, fault)
                    return
                authorization = self.headers.get("Authorization", "")
                if self.command == "POST" and urlsplit(self.path).path != "/oauth/token":
                    key = self.headers.get("Idempotency-Key", "")
                    if urlsplit(self.path).path == _HANDED:
                        attempt = self.headers.get("Dui-Bridge-Attempt", "")
                        status, body = server.take(authorization, form, key, attempt)
                    else:
                        status, body = server.receive(self.path, authorization, form, key)
                else:
                    status, body = server.answer(self.command, self.path, authorization, form)
                self._send(status, body, fault)

            def _send(self, status: int, body: Json | bytes, fault: Fault | None) -> None:
                data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
                self.send_response_only(status)
                self.send_header("Date", format_datetime(server._now(), usegmt=True))
                self.send_header("Content-Type", "application/json" if isinstance(body, dict) else "application/pdf")
                self.send_header("Content-Length", str(len(data)))
                if fault is not None and fault.retry_after is not None:
                    self.send_header("Retry-After", fault.retry_after)
                self.end_headers()
                if fault is not None and fault.cut:
                    self.wfile.write(data[: len(data) // 2])
                    self.close_connection = True
                    return
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: an address may carry a signature."""

        return Handler
