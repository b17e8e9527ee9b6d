"""What the pipeline asks of a connector."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeVar, runtime_checkable

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import BuiltDocument, Outcome, Record
from dui_bridge.model.insi import Demande, MatriculeIns, Reponse, Verification
from dui_bridge.model.profile import Profile

if TYPE_CHECKING:
    from dui_bridge.connectors.wire.certificates import Material
    from dui_bridge.connectors.wire.tls import Trust
    from dui_bridge.ins.gate import QualifiedIns
    from dui_bridge.xds.entries import Mask

Thing = TypeVar("Thing")


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
    files: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is written to. `name` is shown beside the mailbox; it may be empty."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What a delivery needs besides its document.

    Args:
        ins: what the gate let through, as the document carries it; None: it carries none.
        masks: who is not to see it.
        replaces: uniqueId of the version that the destination has; None for a first one.
        earlier_masks: who is not to see the version that it replaces, as far as it is known here; None: it is not.
        released_by: who, by name, undertook to make a document visible that the patient does not see yet; empty for
            nobody. It is not sent.
        secret_access: "connexion secrète" of a minor.
        recipients: of a mail to professionals; of one to the person nobody: that address is made from the INS.
        at: of a mail: when this sending was first tried, aware: made with the same one, what is tried again is the same
            to the byte.
        tried_at: when its last try began, aware; None before the first. It is not sent.
        sending: of a mail: what tells this sending from others of the same version; empty for the first one.
        replaced: reference of the mail that brought what it replaces; empty when it is not known.
    """

    ins: QualifiedIns | None = field(default=None, repr=False)
    masks: frozenset[Mask] = frozenset()
    replaces: str | None = None
    earlier_masks: frozenset[Mask] | None = None
    released_by: str = field(default="", repr=False)
    secret_access: bool = False
    recipients: tuple[Addressee, ...] = field(default=(), repr=False)
    at: datetime | None = None
    tried_at: datetime | None = None
    sending: str = ""
    replaced: str = ""


Usage = Literal["insi", "dmp", "sign", "mssante", "psc"]
"""What a certificate of a site is for."""


class Means(Protocol):
    """What a site gives to the destinations that call a service.

    Every method raises FixConfiguration for what the site file does not declare, or cannot be read.
    """

    @property
    def profile(self) -> Profile:
        """Never mixed with another."""

    @property
    def system(self) -> str:
        """OID of the system that sends: the same for one site, always."""

    @property
    def establishments(self) -> Sequence[Establishment]:
        """Of the site."""

    def software(self) -> tuple[str, str]:
        """Name and version as they were declared to the national services."""

    def homologation(self) -> str:
        """The number that the DMP homologation gave: a secret."""

    def nil(self) -> str:
        """The reference of the software for MSSanté (NIL)."""

    def mailboxes(self) -> Mapping[str, str]:
        """MSSanté mailbox by FINESS, of the establishments that have one."""

    def mailbox_secret(self, address: str) -> Callable[[], str] | None:
        """What reads the password or access token of a mailbox; None for one that needs none."""

    def recorded(self, message_id: str, recipients: Collection[str], since: datetime | None) -> bool:
        """Whether it was recorded, later than `since`, that the mail arrived at one of these addresses."""

    def keep(self, about: str, exchange: bytes, at: datetime) -> None:
        """Keeps an exchange about a document of ours, sealed with all that is kept of the person; nothing of others.

        Args:
            about: uniqueId of the document.
            at: when it took place, aware.
        """

    def certificate(self, usage: Usage) -> Material:
        """The certificate of a usage, with its key."""

    def trust(self) -> Trust:
        """Whom to accept."""

    def lists(self) -> Sequence[Path]:
        """Revocation lists."""

    def stand_in(self, name: str) -> str:
        """The address of a stand-in of the sandbox profile, that runs."""

    def turn(self, what: str, per_second: float) -> float:
        """Takes a turn at what may be done so many times a second, evenly, by all processes of the site together.

        Args:
            what: that is counted (`dmp feeds`).
        Returns:
            0.0 when it was taken; else the seconds after which to ask again.
        """

    def once(self, make: Callable[[], Thing]) -> Thing:
        """What `make` gives, made at the first call: for a destination that serves all sources with one object."""


@dataclass(frozen=True)
class Rest:
    """A destination takes nothing more for now, and nothing is wrong: nothing is tried before.

    Args:
        until: aware.
        reason: in words.
    """

    until: datetime
    reason: DuiBridgeError


class Destination(Protocol):
    """Where built documents go. One object serves one source, in one thread at a time."""

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> Prepared:
        """Pure: what will be handed over.

        Raises:
            DuiBridgeError: it does not leave so.
        """

    def send(self, prepared: Prepared) -> Outcome:
        """Hands it over.

        Raises:
            Retry: transient, and certainly not taken.
            AnswerLost: it may have been taken.
            FixConfiguration: the destination cannot be used at all (folder, certificate); certainly not taken.
            FixEstablishment: nothing can be sent for the establishment of the document, the others go on; not taken.
        """

    def resolve(self, prepared: Prepared) -> Outcome | None:
        """Asks whether the destination has it: `ALREADY_THERE`, `ABSENT`, or None when it cannot be asked (mail).

        Raises:
            Retry, FixConfiguration: it could not be asked now.
        """

    def close(self) -> None:
        """Frees what it holds (connections). It may be called again."""


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
