"""The files of the usager who is being read: fetched when opened, checked, asked for again when an address expired."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final
from urllib.parse import quote

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.pages import Pages
from dui_bridge.connectors.rest.settings import Content, RestList
from dui_bridge.connectors.wire.json_text import NotJson, parse_json
from dui_bridge.connectors.wire.objects import key_of, raw_key
from dui_bridge.errors import DuiBridgeError, FileUnusable, FixData
from dui_bridge.model.exchange import Cell, Row

_MOST_KEPT: Final = 64_000_000
"""Bytes of one usager's files that are kept while he is read: a file is opened to be compared, then to be carried."""


@dataclass(frozen=True)
class _Named:
    """A file as an object names it, and where to ask for its address again."""

    address: str
    sha256: str | None
    part: RestList
    key: str
    parent: Mapping[str, Cell]


class Files:
    """Addresses in rows are replaced by references that stay the same from run to run: an address that changes at every
    answer would make every document look changed.

    Args:
        failed: told of each failure that may pass (False) and of each success (True); may raise.
    """

    def __init__(self, content: Content, pages: Pages, failed: Callable[[errors.Unavailable | None], None]) -> None:
        self._content, self._pages, self._told = content, pages, failed
        self._named: dict[str, _Named | None] = {}
        self._had: dict[str, bytes | DuiBridgeError] = {}

    def start(self) -> None:
        """Another usager: what was kept of the one before is dropped."""
        self._named.clear()
        self._had.clear()

    def point(self, parent: Row, part: RestList, key: str, row: Row) -> None:
        """Notes the file that a row names, and puts the reference in the place of its address."""
        own = key_of(row.cells, part.key)
        *above, last = self._content.url
        cells: Cell = row.cells  # type: ignore[assignment]
        for name in above:
            cells = cells.get(name) if isinstance(cells, dict) else None
        address = cells.get(last) if isinstance(cells, dict) else None
        if not isinstance(cells, dict) or not isinstance(address, str) or not address.strip() or own is None:
            return
        digest = _dig(row.cells, self._content.sha256) if self._content.sha256 is not None else None
        ref = "/".join((parent.alias, quote(key, safe=""), part.alias, quote(own, safe="")))
        # Two rows of one key: neither can be told from the other, and the engine holds both.
        twice = ref in self._named
        self._named[ref] = None if twice else _Named(address.strip(), digest, part, own, parent.cells)
        cells[last] = ref

    def open(self, ref: str) -> BinaryIO:
        """The checked bytes of a reference. Raises FileUnusable, and what `failed` raises."""
        named = self._named.get(ref)
        if named is None:
            raise _unavailable("no object of this usager names it", "aucun objet de cet usager ne le nomme")
        had = self._had.get(ref)
        if had is None:
            try:
                had = self._get(named)
            except FileUnusable as error:
                had = error
            # A failure is kept too: the file must be the same for all who open it.
            if isinstance(had, DuiBridgeError) or self._kept() + len(had) <= _MOST_KEPT:
                self._had[ref] = had
        if isinstance(had, DuiBridgeError):
            raise had
        return BytesIO(had)

    def _kept(self) -> int:
        return sum(len(data) for data in self._had.values() if isinstance(data, bytes))

    def _get(self, named: _Named) -> bytes:
        if self._content.sha256 is not None and named.sha256 is None:
            raise errors.NoDigest
        try:
            data = self._pages.file(named.address)
            if data is None:
                address = self._address_again(named)
                data = self._pages.file(address) if address is not None else None
        except errors.Unavailable as error:
            self._told(error)
            raise _unavailable("no answer after all tries", "pas de réponse après tous les essais") from None
        except (errors.RequestRefused, errors.NotThere, FixData):
            raise _unavailable("the DUI does not give it", "le DUI ne le donne pas") from None
        self._told(None)
        if data is None:
            raise _unavailable("its address is not good", "son adresse n'est pas valable")
        if named.sha256 is not None and hashlib.sha256(data).hexdigest() != named.sha256.lower():
            raise errors.FileDamaged
        return data

    def _address_again(self, named: _Named) -> str | None:
        """The address that the DUI gives now for the same object."""
        for page in self._pages.pages(named.part, named.parent):
            for text in page.texts:
                if raw_key(text, named.part.key) == named.key:
                    try:
                        return _dig(parse_json(text), self._content.url)
                    except NotJson:
                        return None
        return None


def _dig(value: object, path: tuple[str, ...]) -> str | None:
    """The trimmed text at a path; None when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value.strip() or None if isinstance(value, str) else None


def _unavailable(reason: str, reason_fr: str) -> errors.FileUnavailable:
    return errors.FileUnavailable(reason=reason, reason_fr=reason_fr)
