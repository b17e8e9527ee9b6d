"""The nouns of the way from an export to a delivery (DESIGN: one way through)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from dui_bridge.findings import Finding
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.states import DocumentState

Cell: TypeAlias = "str | list[Cell] | dict[str, Cell] | None"
"""A value of an export: text from a CSV; nested from JSON or XML."""


@dataclass(slots=True)
class Row:
    """One row (or object) of an export with its children. Nobody changes one once it is made.

    It is not declared frozen because an export has millions, and making a frozen one takes three times as long.

    Args:
        alias: the name that the mapping gives to its file.
        file: the file's name.
        number: 1-based physical line where it starts (the header is 1).
        cells: column → value as read; forbidden columns never enter.
        children: alias → rows, in their declared order; the folded pairs of a `pivot` stand under `items`.
        findings: what is wrong with this row itself or with a child that could not be read.
    """

    alias: str
    file: str
    number: int
    cells: Mapping[str, Cell]
    children: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Record:
    """One usager's rows, joined. `lookup(alias, key)` resolves a reference, None when there is no such row."""

    key: str
    root: Row
    lookup: Callable[[str, str], Row | None]


@dataclass(frozen=True, slots=True)
class DocumentIds:
    """The identifiers of one version, minted before any byte is written.

    Args:
        unique_id: bare OID of this version.
        set_id: bare OID of the series.
        version: the journal's own counter, from 1.
        replaces: unique id of the latest earlier version that was handed over or may have been, or None.
        replaces_version: its version.
    """

    unique_id: str
    set_id: str
    version: int
    replaces: str | None = None
    replaces_version: int | None = None


@dataclass(frozen=True)
class Document:
    """What is to be produced."""

    type: TypeDocument
    key: str
    source: str
    dossier: str
    finess: str
    path: str
    state: DocumentState
    cause: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class BuiltDocument:
    """The bytes that were checked, hashed and will be handed over.

    `pdf` is the body of a level 1 document, kept so that it can be handed over beside the CDA.
    """

    document: Document
    ids: DocumentIds
    data: bytes = field(repr=False)
    media_type: str
    sha1: str
    sha256: str
    pdf: bytes | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.data)


class Channel(StrEnum):
    """By what right something reaches a destination: each has its own consents and oppositions."""

    LOCAL = "local"  # the site's own folder: nothing is shared
    DMP = "dmp"
    MSSANTE_PRO = "mssante_pro"
    MSSANTE_USAGER = "mssante_usager"


class Operation(StrEnum):
    """What a delivery does at its destination."""

    DEPOSIT = "deposit"
    REPLACE = "replace"
    DELETE = "delete"
    MASK = "mask"
    SEND = "send"


class Answer(StrEnum):
    """What a destination answered. `ABSENT` only when it was asked (`resolve`)."""

    DELIVERED = "delivered"
    ALREADY_THERE = "already_there"
    REFUSED = "refused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Untaken:
    """A recipient whom a destination did not take, while it took the same document for others.

    Args:
        address: as it was written to.
        finding: why; None: not now: the same may be taken later.
        code: the service's own.
        received: its raw answer.
    """

    address: str = field(repr=False)
    finding: Finding | None
    code: str = ""
    received: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Outcome:
    """The result of one send, or of asking whether a document is there.

    Args:
        answer: what it is.
        at: aware.
        reference: how the destination names it (a path, an id of the service); no person in it.
        code: the service's own code of a refusal, or the rule's id; empty otherwise.
        findings: why it was refused.
        received: the raw answer, kept encrypted in the journal; None when there is none.
        untaken: of what was delivered: the recipients who did not get it.
    """

    answer: Answer
    at: datetime
    reference: str = ""
    findings: tuple[Finding, ...] = ()
    code: str = ""
    received: bytes | None = None
    untaken: tuple[Untaken, ...] = ()
