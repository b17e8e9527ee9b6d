"""One HTTP request with its tries: transient failures are tried again, bounded in number, time and size."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from dui_bridge.connectors.rest import errors

TRIES: Final = 5
LONGEST_WAIT: Final = 120.0
"""Seconds; a server that asks for more is left to the next run."""

LONGEST_ANSWER: Final = 300.0
"""Seconds for one whole answer, however slowly it drips."""

_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})

# httpx logs whole addresses, with their parameters: ids of usagers, signatures of files.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, and how to wait; given so that tests need not."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Answer:
    """A whole answer that is not a transient failure."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def date(self) -> datetime | None:
        """The server's clock, when it tells."""
        return _date(self.headers.get("Date"))


class _TooLarge(Exception):
    """An answer beyond the bound; caught in this module."""


class Http:
    """Sends requests. Redirections are not followed; certificates are verified.

    Args:
        is_local: whether the server is this machine: the proxies of the environment are then not asked.
        timing: the clock.
    """

    def __init__(self, *, is_local: bool = False, timing: Timing | None = None) -> None:
        self._timing = timing or Timing()
        self._client = httpx.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=not is_local,
            headers={"Accept-Encoding": "gzip", "User-Agent": "dui-bridge"},
        )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        what: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        content: bytes | None = None,
        tries: int = TRIES,
    ) -> Answer:
        """One answer.

        Args:
            what: how errors call the request.
            limit: the most bytes of a body.
            form, content: the body of the request, as a form or as it is.
            tries: at most so many.
        Raises:
            Unavailable: it failed at every try, or the server asks for a longer wait than is worth it.
            TlsRefused: the server's certificate is not accepted.
            AnswerUnreadable: the answer is larger than the limit.
        """
        reason = ""
        for attempt in range(1, tries + 1):
            wait = float(2 ** (attempt - 1))
            try:
                answer = self._once(method, url, limit, dict(headers or {}), form, auth, content)
            except _TooLarge:
                size = f"{limit // 1_000_000} MB"
                raise errors.AnswerUnreadable(
                    what=what, reason=f"the answer is larger than {size}", reason_fr=f"la réponse dépasse {size}"
                ) from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
                    raise errors.NotThere(what=what, status="—") from None
                if _is_certificate(error):
                    raise errors.TlsRefused(what=what) from None
                reason = type(error).__name__
            else:
                if answer.status not in _TRANSIENT:
                    return answer
                reason = f"status {answer.status}"
                asked = _retry_after(answer)
                if asked is not None and asked > LONGEST_WAIT:
                    raise errors.Unavailable(what=what, tries=str(attempt), reason=f"{reason}, wait {asked:.0f} s")
                wait = max(wait, asked or 0.0)
            if attempt < tries:
                self._timing.sleep(wait)
        raise errors.Unavailable(what=what, tries=str(tries), reason=reason)

    def _once(
        self,
        method: str,
        url: str,
        limit: int,
        headers: dict[str, str],
        form: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
        content: bytes | None,
    ) -> Answer:
        until = self._timing.monotonic() + LONGEST_ANSWER
        body = bytearray()
        credentials = httpx.BasicAuth(*auth) if auth is not None else None
        with self._client.stream(
            method, url, headers=headers, data=form, content=content, auth=credentials
        ) as response:
            for block in response.iter_bytes():
                body += block
                if len(body) > limit:
                    raise _TooLarge
                if self._timing.monotonic() > until:
                    raise httpx.ReadTimeout("the answer takes too long")
            return Answer(response.status_code, response.headers, bytes(body))


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after(answer: Answer) -> float | None:
    """Seconds to wait, given as such or as a date (RFC 9110 §10.2.3), by the server's own clock."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until, now = _date(text), answer.date
    if until is None:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
