"""Reads a list to its end although it moves: no object lost, none given twice.

Pages drift when the data change between two of them: an object that moves to the end shifts the others by one, and the
one at the seam is given twice or not at all. An object that is given twice in one sweep, an announced length that
changes or that is not reached, are the signs of it. The list is then swept again, and what the sweeps gave is united.
It is whole when a sweep had no such sign, or gave exactly what the one before gave: then it stands still, and what it
gives twice is the DUI's own mistake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.pages import Page
from dui_bridge.connectors.rest.settings import RestList
from dui_bridge.connectors.wire.json_text import NotJson, parse_json
from dui_bridge.connectors.wire.objects import raw_key
from dui_bridge.connectors.wire.spool import Spool

MOST_SWEEPS: Final = 4


class Kept(Protocol):
    """Holds the objects of one list by key."""

    def get(self, key: str) -> str | None: ...

    def add(self, key: str, number: int, text: str) -> None: ...

    def replace(self, key: str, text: str) -> None: ...


@dataclass
class KeptInMemory:
    """A short list."""

    objects: dict[str, tuple[int, str]] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        found = self.objects.get(key)
        return None if found is None else found[1]

    def add(self, key: str, number: int, text: str) -> None:
        self.objects[key] = (number, text)

    def replace(self, key: str, text: str) -> None:
        self.objects[key] = (self.objects[key][0], text)


@dataclass
class KeptAside:
    """A list of any length."""

    spool: Spool
    alias: str

    def get(self, key: str) -> str | None:
        found = self.spool.of(self.alias, key)
        return found[0][1] if found else None

    def add(self, key: str, number: int, text: str) -> None:
        self.spool.add(self.alias, number, key, text)

    def replace(self, key: str, text: str) -> None:
        self.spool.replace(self.alias, key, text)


@dataclass
class Swept:
    """What came of reading a list.

    Args:
        times: how often it was swept.
        again: objects given more than once in one sweep.
        began: the server's clock at the first page.
        unclear: keys of which nothing tells the newer of two versions.
    """

    times: int = 0
    again: int = 0
    began: datetime | None = None
    unclear: set[str] = field(default_factory=set)


def sweep(part: RestList, pages: Callable[[], Iterator[Page]], kept: Kept) -> Swept:
    """Puts every object of a list into `kept`, each once, in the order of their first coming.

    Raises:
        ListMoves: it was still moving at the last sweep. And the errors of `pages`: a page that fails leaves nothing
            that may be used.
    """
    swept = Swept()
    number = 0
    before = b""
    for swept.times in range(1, MOST_SWEEPS + 1):
        once: set[str] = set()
        differing: set[str] = set()
        given = hashlib.sha256()
        count, total, drifts = 0, None, False
        for page in pages():
            swept.began = swept.began or page.date
            if page.total is not None:
                drifts = drifts or total not in (None, page.total)
                total = page.total
            for text in page.texts:
                count += 1
                given.update(text.encode("utf-8", "surrogatepass") + b"\0")
                key = raw_key(text, part.key) or _nameless(text)
                known = kept.get(key)
                if known is None:
                    number += 1
                    kept.add(key, number, text)
                elif known != text:
                    if key in once:
                        differing.add(key)
                    _settle(part, key, known, text, kept, swept)
                swept.again += key in once
                drifts = drifts or key in once
                once.add(key)
        stands = given.digest() == before
        before = given.digest()
        if (total is None or total <= count) and (stands or not drifts):
            if stands and part.keep_last_by is None:
                swept.unclear |= differing
            return swept
    raise errors.ListMoves(what=part.label, times=str(MOST_SWEEPS))


def _nameless(text: str) -> str:
    # An object without a key is a fault that its reader tells; here it only must not be counted anew in each sweep.
    return "\0" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _settle(part: RestList, key: str, known: str, text: str, kept: Kept, swept: Swept) -> None:
    """Keeps the newer of two versions: by the declared column, else the one that was given later."""
    if part.keep_last_by is None:
        kept.replace(key, text)
        return
    old, new = _version(known, part.keep_last_by), _version(text, part.keep_last_by)
    if old is None or new is None or isinstance(old, int) is not isinstance(new, int):
        swept.unclear.add(key)
    elif new >= old:  # type: ignore[operator]
        # Equal: the DUI changed the object without saying so, and the later answer is the later state.
        kept.replace(key, text)


def _version(text: str, column: str) -> int | datetime | None:
    """A whole number, or a time with its offset."""
    try:
        value = parse_json(text)
    except NotJson:
        return None
    written = value.get(column) if isinstance(value, dict) else None
    if not isinstance(written, str):
        return None
    if written.isascii() and written.isdigit() and len(written) <= 18:
        return int(written)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
