"""The DUI's own address and token: what is sent where, and what each status means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.http import TRIES, Answer, Http
from dui_bridge.connectors.rest.settings import ClientCredentials
from dui_bridge.model.profile import LOOPBACK

MAX_LIST: Final = 64_000_000
"""Bytes of one answer with objects."""

MAX_FILE: Final = 64_000_000
"""Bytes of one file."""

_MAX_TOKEN: Final = 100_000
_COLLAPSED: Final = re.compile(r"(https?):/+(.*)", re.DOTALL)


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in LOOPBACK


def is_safe(url: str) -> bool:
    """Whether an address may be asked: https, or http on this machine; no user name in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if not host or not has_port or "@" in parts.netloc or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def is_path(text: str) -> bool:
    """Whether a text is a path below the base address, without parameters."""
    return text.startswith("/") and not text.startswith("//") and not set(text) & set("?# \\") and text.isprintable()


def address_in(path: str) -> str | None:
    """The address that the site gives as the path of the source; None when it is an ordinary path.

    A path that was made absolute (`/site/https:/dui.example/api`) has lost a slash and gained a folder.
    """
    found = _COLLAPSED.search(path)
    return f"{found[1]}://{found[2]}" if found is not None else None


class Access:
    """Requests to one DUI.

    Args:
        http: sends them.
        base: the address that paths stand below.
        auth: how a token is had. The token is kept here, in memory, and goes to the DUI's own host only.
    """

    def __init__(self, http: Http, base: str, auth: ClientCredentials) -> None:
        self._http, self._base, self._auth = http, base.rstrip("/"), auth
        self._token: str | None = None

    def sign_in(self, tries: int = TRIES) -> None:
        """Asks for a token. Raises SecretMissing, CredentialsRefused, NotThere, Unavailable, AnswerUnreadable."""
        auth, what = self._auth, "POST token"
        form = {"grant_type": "client_credentials", **({"scope": auth.scope} if auth.scope else {})}
        # RFC 6749 §2.3.1: both are form-encoded before they are put in the Basic header.
        client = (quote(auth.client_id.read(), safe=""), quote(auth.client_secret.read(), safe=""))
        url = f"{self._base}{auth.token_url}" if auth.token_url.startswith("/") else auth.token_url
        answer = self._http.send("POST", url, what, limit=_MAX_TOKEN, form=form, auth=client, tries=tries)
        if answer.status in (400, 401, 403):
            raise errors.CredentialsRefused(what=what, status=str(answer.status))
        _check(answer, what)
        try:
            token = json.loads(answer.body)["access_token"]
        except (ValueError, KeyError, TypeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise errors.AnswerUnreadable(what=what, reason="no access_token", reason_fr="pas d'access_token")
        self._token = token

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """The address of a path."""
        return f"{self._base}{path}" + (f"?{urlencode(parameters)}" if parameters else "")

    def next_url(self, link: str, after: str, what: str) -> str:
        """The address of a next page that an answer gives. Raises AnswerUnreadable when it leads elsewhere."""
        url = urljoin(after, link)
        if not self.is_own(url):
            reason, reason_fr = "the next page is on another host", "la page suivante est sur un autre hôte"
            raise errors.AnswerUnreadable(what=what, reason=reason, reason_fr=reason_fr)
        return url

    def is_own(self, url: str) -> bool:
        """Whether an address is on the DUI's own scheme, host and port."""
        return is_safe(url) and _origin(url) == _origin(self._base)

    def get(self, url: str, what: str) -> Answer:
        """An answer with objects; a token that is refused is replaced once.

        Raises:
            CredentialsRefused, AccessRefused, NotThere, RequestRefused: the DUI says no.
            Unavailable, TlsRefused, AnswerUnreadable, SecretMissing.
        """
        answer = self._with_token(lambda own: self._http.send("GET", url, what, limit=MAX_LIST, headers=own))
        _check(answer, what)
        return answer

    def post(self, path: str, content: bytes, headers: Mapping[str, str], what: str) -> Answer:
        """The answer to one try, whatever its status but 401; a token that is refused is replaced once.

        Raises:
            CredentialsRefused, SecretMissing, TlsRefused, Unavailable, AnswerUnreadable, NotThere (no such host).
        """
        answer = self._with_token(
            lambda own: self._http.send(
                "POST", self.url(path, {}), what, limit=MAX_LIST, headers={**own, **headers}, content=content, tries=1
            ),
            tries=1,
        )
        if answer.status == 401:
            _check(answer, what)
        return answer

    def _with_token(self, ask: Callable[[Mapping[str, str]], Answer], tries: int = TRIES) -> Answer:
        while True:
            fresh = self._token is None
            if fresh:
                self.sign_in(tries)
            answer = ask({"Authorization": f"Bearer {self._token}", "Accept": "application/json"})
            if answer.status != 401 or fresh:
                return answer
            self._token = None

    def file(self, address: str, hosts: frozenset[str], what: str) -> bytes | None:
        """The bytes at the address of a file; None when the DUI says that the address is no longer good.

        The token goes to the DUI's own host only; an address elsewhere carries its own signature.

        Raises:
            FileAddressRefused: it is on another host than the DUI's and those listed.
            Unavailable, TlsRefused, AnswerUnreadable, RequestRefused.
        """
        url = urljoin(f"{self._base}/", address)
        own = self.is_own(url)
        if not own and not (is_safe(url) and urlsplit(url).netloc.lower() in hosts):
            raise errors.FileAddressRefused
        headers = {"Authorization": f"Bearer {self._token}"} if own and self._token is not None else {}
        answer = self._http.send("GET", url, what, limit=MAX_FILE, headers=headers)
        if answer.status in (401, 403, 404, 410):
            return None
        _check(answer, what)
        return answer.body


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _check(answer: Answer, what: str) -> None:
    status = str(answer.status)
    if answer.status == 200:
        return
    if answer.status == 401:
        raise errors.CredentialsRefused(what=what, status=status)
    if answer.status == 403:
        raise errors.AccessRefused(what=what)
    if answer.status in (404, 410) or 300 <= answer.status < 400:
        raise errors.NotThere(what=what, status=status)
    if 400 <= answer.status < 500:
        raise errors.RequestRefused(what=what, status=status)
    reason, reason_fr = f"unexpected status {status}", f"statut inattendu {status}"
    raise errors.AnswerUnreadable(what=what, reason=reason, reason_fr=reason_fr)
