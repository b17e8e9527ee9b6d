"""What the pipeline asks of a connector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from dui_bridge.findings import Finding
from dui_bridge.model.exchange import BuiltDocument, Outcome, Record
from dui_bridge.model.insi import Demande, MatriculeIns, Reponse, Verification


@dataclass(frozen=True)
class Ready:
    """An export that can be read. `records` is a count for progress, None when unknown."""

    name: str
    records: int | None = None


@dataclass(frozen=True)
class Waiting:
    """No complete export yet: the findings say for what the run waits."""

    findings: tuple[Finding, ...]


class Source(Protocol):
    """One export of one vendor."""

    def prepare(self, now: datetime) -> Ready | Waiting:
        """Chooses the export to read. Raises ExportUnreadable or FileUnusable."""

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Columns by alias, read from the header lines only."""

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        """One record per usager, children joined; of an `Incremental` source those that changed since the cursor.

        Raises:
            ExportUnreadable.
        """

    def findings(self) -> Sequence[Finding]:
        """What was found so far that belongs to no record (orphans, unknown columns); complete after `records`."""

    def open(self, ref: str) -> BinaryIO:
        """A file that a row names, by a path relative to the export. Raises FileUnusable."""

    def close(self) -> None:
        """Frees the join index."""


@runtime_checkable
class Incremental(Protocol):
    """A source that can give only what changed since a cursor. It is also a `Source`."""

    def reads_whole(self, cursor: str | None) -> bool:
        """After `prepare`: whether `records` from this cursor gives all that the source holds, and not changes only."""

    def is_complete(self) -> bool:
        """After `records`: whether it gave all that it was to give."""

    def next_cursor(self) -> str | None:
        """After `records`: what the next reading is to be given; None when this one was not complete, or when the
        source cannot tell changes."""


@dataclass(frozen=True)
class Prepared:
    """What will be written or sent, exactly: name → bytes."""

    built: BuiltDocument
    files: dict[str, bytes]


class Destination(Protocol):
    """Where built documents go. One object serves one source, in one thread at a time."""

    def prepare(self, built: BuiltDocument) -> Prepared:
        """Pure: what will be handed over."""

    def send(self, prepared: Prepared) -> Outcome:
        """Hands it over.

        Raises:
            Retry: transient, and certainly not taken.
            AnswerLost: it may have been taken.
            FixConfiguration: the destination cannot be used at all (folder, certificate); certainly not taken.
        """

    def resolve(self, prepared: Prepared) -> Outcome | None:
        """Asks whether the destination has it: `ALREADY_THERE`, `ABSENT`, or None when it cannot be asked (mail).

        Raises:
            Retry, FixConfiguration: it could not be asked now.
        """


class IdentityService(Protocol):
    """Who knows the INS of persons: the téléservice INSi, or what stands for it. Calls change nothing there.

    Both raise:
        Retry: no answer, or the service is down for now.
        FixConfiguration: the service cannot be used at all (certificate, authorisation, address).
        FixData: a trait that cannot be sent; nothing was sent.
        AskService: a refusal or an answer that nobody here understands.
    """

    def search(self, demande: Demande) -> Reponse:
        """One search by traits, one call."""

    def verify(self, demande: Demande, number: MatriculeIns) -> Verification:
        """Whether a number and traits belong together; FixConfiguration when verification is off."""
