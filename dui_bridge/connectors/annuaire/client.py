"""Calls the FHIR API of the Annuaire Santé: one search with its pages, no faster than is allowed, tried again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpx

from dui_bridge.connectors.annuaire.errors import AnswerUnreadable, Unanswered, error_of
from dui_bridge.connectors.annuaire.fhir import Page, Resource, problem, read_page
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.connectors.wire.http import Answer, Bounds, get
from dui_bridge.connectors.wire.net_errors import NoAnswer, NotReached
from dui_bridge.errors import Retry

_SERVICE: Final = "Annuaire Santé"
_BOUNDS: Final = Bounds(max_bytes=30_000_000, seconds=90.0)
_LONGEST_WAIT: Final = 30.0
"""Seconds; a service that asks for more is left to another time."""
_LONGEST_WORDS: Final = 200

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that pass, and how to wait for them; given so that tests need not."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


@dataclass(frozen=True, slots=True)
class Answered:
    """Resources that fit, those that come with them, and whether that is all."""

    matches: tuple[Resource, ...]
    included: tuple[Resource, ...]
    complete: bool


class AnnuaireClient:
    """Searches. One object in one thread at a time; `close` it.

    Args:
        http: of `wire.http.client`; closed with this object.
        base: where the types of resources stand below.
        key: a secret; it goes to the host of `base` only.
    """

    def __init__(
        self, http: httpx.Client, base: str, key: str, settings: AnnuaireSettings, clock: Clock | None = None
    ) -> None:
        self._http, self._base, self._settings = http, base.rstrip("/"), settings
        self._headers = {"Accept": "application/fhir+json", settings.header: key}
        self._clock = clock or Clock()
        self._next = 0.0

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def search(self, kind: str, parameters: Parameters) -> Answered:
        """All that fits, as far as `most` entries.

        Args:
            kind: type of resource. parameters: names with modifiers, and values as `escaped` makes them.
        Raises:
            Unanswered, Unavailable, TooManyCalls: at every try.
            KeyRefused, NotThere, RequestRefused, AnswerUnreadable, TlsProblem.
        """
        given = (*parameters, ("_count", str(self._settings.page)))
        url = f"{self._base}/{kind}?{urlencode(given)}"
        matches: list[Resource] = []
        included: list[Resource] = []
        seen: set[str] = set()
        while url and len(matches) < self._settings.most:
            seen.add(url)
            page = self._page(url, parameters)
            matches += page.matches
            included += page.included
            url = page.next
            if url in seen or (url and not self._is_own(url)):
                reason, reason_fr = "the next page is not one of this search", "la page suivante n'est pas la bonne"
                raise AnswerUnreadable(reason=reason, reason_fr=reason_fr)
        return Answered(tuple(matches), tuple(included), not url)

    def _is_own(self, url: str) -> bool:
        """Whether an address is below the base: the key goes nowhere else."""
        base = urlsplit(self._base)
        try:
            parts = urlsplit(url)
            same = (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port)
        except ValueError:
            return False
        return same and "@" not in parts.netloc and (parts.path == base.path or parts.path.startswith(f"{base.path}/"))

    def _page(self, url: str, parameters: Parameters) -> Page:
        tried = 0
        while True:
            try:
                return read_page(self._called(url, parameters).body)
            except _Passing as passing:
                tried += 1
                wait = passing.wait or 0.0
                if tried == self._settings.tries or wait > _LONGEST_WAIT:
                    raise passing.error from None
                self._clock.sleep(max(float(2 ** (tried - 1)), wait))

    def _called(self, url: str, parameters: Parameters) -> Answer:
        self._pause()
        try:
            answer = get(self._http, url, service=_SERVICE, headers=self._headers, bounds=_BOUNDS)
        except (NoAnswer, NotReached) as error:
            raise _Passing(Unanswered(**error.values)) from None
        if answer.status == 200:
            return answer
        refused = error_of(answer.status, _words(answer.body, parameters))
        if isinstance(refused, Retry):
            raise _Passing(refused, _seconds(answer.headers.get("Retry-After", "")))
        raise refused

    def _pause(self) -> None:
        """Waits until one more call is allowed."""
        now = self._clock.monotonic()
        if self._next > now:
            self._clock.sleep(self._next - now)
        self._next = max(self._next, now) + 1 / self._settings.calls_per_second


class _Passing(Exception):
    """A failure that may be over at the next try, and how long the service asks to wait; caught in this module."""

    def __init__(self, error: Retry, wait: float | None = None) -> None:
        self.error, self.wait = error, wait
        super().__init__("tried again")


def escaped(value: str) -> str:
    """A value as it stands for itself in a search (FHIR R4, 3.1.1.4.0.4)."""
    for sign in "\\,|$":
        value = value.replace(sign, f"\\{sign}")
    return value


def _seconds(text: str) -> float | None:
    return float(text[:9]) if text.isascii() and text.isdigit() else None


def _words(body: bytes, parameters: Parameters) -> str:
    """What the service says, without what was asked of it."""
    words = problem(body)
    asked = {value for name, value in parameters if len(value) > 1 and not name.startswith("_")}
    for value in sorted(asked, key=len, reverse=True):
        words = words.replace(value, "…")
    return words[:_LONGEST_WORDS]
