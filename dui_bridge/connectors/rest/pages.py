"""Where lists and files come from: a DUI that answers, or a folder in which its answers were saved."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn, Protocol
from urllib.parse import quote

import httpx

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.access import MAX_FILE, Access
from dui_bridge.connectors.rest.http import Answer
from dui_bridge.connectors.rest.settings import LINK, Paging, RestList, RestSettings
from dui_bridge.connectors.wire.export_folder import Export
from dui_bridge.connectors.wire.export_rules import FileMissing, PathAbsent
from dui_bridge.connectors.wire.json_stream import Broken, JsonList
from dui_bridge.connectors.wire.json_text import NotJson, parse_json
from dui_bridge.connectors.wire.objects import raw_key
from dui_bridge.connectors.wire.template import fill
from dui_bridge.model.exchange import Cell

_MAX_PAGES: Final = 100_000
_PARENT: Final = "residentId"


@dataclass(frozen=True)
class Page:
    """Some objects of a list, as texts; `total` is the length that the whole list says it has, `date` the server's
    clock."""

    texts: tuple[str, ...]
    total: int | None = None
    date: datetime | None = None


class Pages(Protocol):
    """Gives lists and files. Every method raises the errors of `Access`."""

    def sign_in(self) -> None:
        """Sees whether the DUI lets us in."""

    def pages(self, part: RestList, cells: Mapping[str, Cell], since: str | None = None) -> Iterator[Page]:
        """The pages of a list, of a usager when its path says so. Raises Unfillable too."""

    def file(self, address: str) -> bytes | None:
        """The bytes of a file; None when its address is no longer good."""

    def close(self) -> None:
        """Frees the connections."""


class Online:
    """A DUI that answers."""

    def __init__(self, settings: RestSettings, access: Access) -> None:
        self._settings, self._access = settings, access

    def sign_in(self) -> None:
        self._access.sign_in()

    def pages(self, part: RestList, cells: Mapping[str, Cell], since: str | None = None) -> Iterator[Page]:
        paging = self._settings.page
        path = fill(part.path, cells, lambda value: quote(value, safe=""))
        fixed: dict[str, str] = {}
        if paging.size is not None and part is self._settings.root:
            fixed[paging.size_as] = str(paging.size)
        if since is not None and self._settings.cursor is not None:
            fixed[self._settings.cursor] = since
        url = self._access.url(path, fixed)
        asked = {url}
        for _ in range(_MAX_PAGES):
            answer = self._access.get(url, part.label)
            page, following = _page(answer, part, paging)
            yield page
            if following is None:
                return
            if following.startswith(("/", "http://", "https://")):
                url = self._access.next_url(following, url, part.label)
            else:
                url = self._access.url(path, {**fixed, paging.send_as: following})
            if url in asked:
                break
            asked.add(url)
        reason, reason_fr = "its pages never end", "ses pages ne finissent jamais"
        raise errors.AnswerUnreadable(what=part.label, reason=reason, reason_fr=reason_fr)

    def file(self, address: str) -> bytes | None:
        content = self._settings.content
        return self._access.file(address, content.hosts if content is not None else frozenset(), "GET file")

    def close(self) -> None:
        self._access.close()


class Saved:
    """Answers saved in a folder: `residents.json`; `documents/<key of the usager>.json`, or `documents.json` with the
    `residentId` of each; the files that these name by their path. The golden cases of a mapping are read so."""

    def __init__(self, settings: RestSettings, folder: Path) -> None:
        self._settings, self._export = settings, Export(folder)

    def sign_in(self) -> None:
        """There is no one to ask."""

    def pages(self, part: RestList, cells: Mapping[str, Cell], since: str | None = None) -> Iterator[Page]:
        whole = f"{part.alias}.json"
        if part is self._settings.root:
            yield self._page(self._export.path(whole).read_bytes(), part)
            return
        key = fill(f"{{{self._settings.root.key}}}", cells)
        try:
            page = self._page(self._export.path(whole).read_bytes(), part)
        except FileMissing:
            with suppress(PathAbsent), self._export.open(f"{part.alias}/{key}.json") as stream:
                yield self._page(stream.read(), part)
            return
        yield Page(tuple(text for text in page.texts if raw_key(text, _PARENT) == key))

    def _page(self, data: bytes, part: RestList) -> Page:
        return _page(Answer(200, httpx.Headers(), data), part, self._settings.page)[0]

    def file(self, address: str) -> bytes | None:
        with self._export.open(address) as stream:
            return stream.read(MAX_FILE)

    def close(self) -> None:
        """There is no connection."""


def _page(answer: Answer, part: RestList, paging: Paging) -> tuple[Page, str | None]:
    """The objects of an answer, and where the list goes on; None at its end."""
    try:
        text = answer.body.decode("utf-8-sig", "surrogateescape")
        items = JsonList(io.StringIO(text), part.items, or_bare=True)
        texts = tuple(items)
        beside = {name: parse_json(raw) if raw else "" for name, raw in items.beside.items()}
    except Broken as error:
        raise errors.AnswerUnreadable(what=part.label, reason=error.reason, reason_fr=error.reason_fr) from None
    except NotJson:
        raise errors.AnswerUnreadable(what=part.label, reason="not JSON", reason_fr="ce n'est pas du JSON") from None
    link = _link(answer)
    known = {paging.cursor.partition(".")[0], paging.total.partition(".")[0], *paging.ignored}
    unknown = sorted(name for name in beside if name not in known)
    if link is not None and paging.cursor != LINK:
        unknown.append("Link: rel=next")
    if unknown:
        raise errors.AnswerUnknown(what=part.label, names=", ".join(unknown))
    following = link if paging.cursor == LINK else _plain(beside, paging.cursor, part)
    total = _plain(beside, paging.total, part)
    if total is not None and not (total.isascii() and total.isdigit() and len(total) < 10):
        _refuse(paging.total, part)
    return Page(texts, int(total) if total is not None else None, answer.date), following


def _link(answer: Answer) -> str | None:
    """The address of the next page in the header (RFC 8288)."""
    for value in answer.headers.get_list("Link"):
        for one in value.split(","):
            address, _, parameters = one.partition(";")
            if 'rel="next"' in parameters or "rel=next" in parameters:
                return address.strip().strip("<>")
    return None


def _plain(beside: Mapping[str, object], path: str, part: RestList) -> str | None:
    """The text at a path beside the list; None when it is missing, null or blank."""
    value: object = beside
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            _refuse(path, part)
        value = value.get(name)
    if value is not None and not isinstance(value, str):
        _refuse(path, part)
    return value or None


def _refuse(path: str, part: RestList) -> NoReturn:
    reason, reason_fr = f"{path} is not what is expected", f"{path} n'est pas ce qui est attendu"
    raise errors.AnswerUnreadable(what=part.label, reason=reason, reason_fr=reason_fr)
