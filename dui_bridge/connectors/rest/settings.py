"""What a mapping declares of a DUI that answers by REST, typed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dui_bridge.connectors.rest.errors import SecretMissing
from dui_bridge.findings import Place

_LONGEST_SECRET: Final = 4096
LINK: Final = "link"
"""The value of `page: {cursor: …}` for servers that name the next page in the `Link` header (RFC 8288)."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret stands: an environment variable or a file. It never holds the secret itself."""

    env: str | None = None
    file: Path | None = None

    def read(self) -> str:
        """The secret, without surrounding blanks. Raises SecretMissing."""
        shown = f"${self.env}" if self.env is not None else str(self.file)
        try:
            if self.file is not None:
                with self.file.open("rb") as stream:
                    text = stream.read(_LONGEST_SECRET).decode("utf-8").strip()
            else:
                text = os.environ.get(self.env or "", "").strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        if not text:
            raise SecretMissing(source=shown)
        return text


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749 §4.4). `token_url`: an address, or a path below the base address."""

    token_url: str
    client_id: SecretRef
    client_secret: SecretRef
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list goes on.

    Args:
        cursor: path of the key of an answer that holds the cursor or address of the next page; `link` for the header.
        send_as: the parameter that takes the cursor.
        size, size_as: objects of a page, and the parameter that asks for as many; no size asks for none.
        total: path of the key with the number of objects of the whole list, when the answer has it.
        ignored: other keys of an answer that say nothing of the list.
    """

    cursor: str = "suivant"
    send_as: str = "curseur"
    size: int | None = 200
    size_as: str = "taille"
    total: str = "total"
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Deleted:
    """Which objects are deleted: those whose column has one of the values; without values, those where it is `true` or
    a date."""

    column: str
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class RestList:
    """One list of objects.

    Args:
        alias: the name that the mapping gives it.
        place: where the mapping declares it.
        path: below the base address; `{column}` stands for a column of the usager.
        items: the keys of an answer that lead to the list.
        key: the column that identifies an object.
        keep_last_by: the column that tells the newer of two versions of one object.
        deleted: which objects are deleted softly.
        columns, ignored, forbidden: as in every source.
    """

    alias: str
    place: Place
    path: str
    items: tuple[str, ...]
    key: str
    keep_last_by: str | None = None
    deleted: Deleted | None = None
    columns: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """How findings and errors call it: no value of a usager stands in it."""
        return f"GET {self.path}"

    @property
    def structure(self) -> frozenset[str]:
        """The top-level keys that the source itself needs."""
        deleted = self.deleted.column if self.deleted is not None else None
        return frozenset(column for column in (self.key, self.keep_last_by, deleted) if column is not None)


@dataclass(frozen=True, slots=True)
class Content:
    """The files of documents.

    Args:
        alias: of the list whose objects name them.
        url, sha256: keys that lead to the address and to the digest in hexadecimal; None when none is given.
        hosts: other hosts that may serve them, as `host` or `host:port`.
    """

    alias: str
    url: tuple[str, ...]
    sha256: tuple[str, ...] | None
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RestSettings:
    """The `source.rest` part of a mapping.

    Args:
        base: the address that paths stand below; None when the site gives it.
        auth: None when the site gives it.
        root: the list with one object per usager.
        parts: the lists below it, by alias.
        page: how every list goes on.
        cursor: the parameter that asks for what was modified since a time; None reads everything every time.
        full_every: the day of the week on which everything is read all the same; `day` for every day.
        content: the files; None when there are none.
        repair: whether double UTF-8 is repaired, and counted.
    """

    base: str | None
    auth: ClientCredentials | None
    root: RestList
    parts: Mapping[str, RestList] = field(default_factory=dict)
    page: Paging = field(default_factory=Paging)
    cursor: str | None = None
    full_every: str = "sunday"
    content: Content | None = None
    repair: bool = False

    def content_keys(self, alias: str) -> frozenset[str]:
        """The top-level keys of a list that lead to files."""
        content = self.content
        if content is None or content.alias != alias:
            return frozenset()
        return frozenset({content.url[0], *(content.sha256 or ())[:1]})
