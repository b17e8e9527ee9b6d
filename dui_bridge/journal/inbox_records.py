"""What the journal gives and takes of what comes back by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from dui_bridge.journal.records import Json
from dui_bridge.model.states import DeliveryEvent

CANDIDATES: Final = "candidates"
"""In the detail of a mail: the ids of the dossiers that may be meant; of one that is erased, none."""

HANDED: Final = "handed"
"""In the detail of a mail: under which key its documents were handed over, and how often that was begun."""


class MailState(StrEnum):
    """How a mail that came stands."""

    TO_TREAT = "to_treat"
    FILED = "filed"
    REVIEW = "review"  # a person must look
    REFUSED = "refused"
    TIED = "tied"  # a report, with the delivery that it is about
    IGNORED = "ignored"  # nothing to do


class AnswerState(StrEnum):
    """How the answer to a mail stands."""

    WAITING = "waiting"
    SENDING = "sending"  # committed before the first byte leaves
    SENT = "sent"
    DOUBTFUL = "doubtful"  # it may have left: it is not sent again
    GIVEN_UP = "given_up"
    NONE = "none"  # none may be sent to this mail


@dataclass(frozen=True, slots=True)
class CameMail:
    """A mail as it was fetched. `data`: None when it was too large to be. `cursor` is opaque."""

    mailbox: str
    folder: str
    cursor: str
    message_id: str
    size: int
    data: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A mail that came.

    Args:
        cursor: of its fetch.
        detail: what a person is shown of it; empty once it is purged or erased.
        kept: whether its bytes still are.
    """

    id: int
    mailbox: str
    cursor: str
    size: int
    kind: str
    code: str
    at: datetime
    state: MailState
    cause: str
    who: str
    since: datetime
    delivery_id: int | None
    dossier_id: int | None
    kept: bool
    detail: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document of a mail, as it is stored.

    Args:
        state: as `KeptDocument`.
        target: the earlier document that it replaces or cancels, and its state from now on.
    """

    unique_id: str
    sha256: str
    state: str
    sender: str
    set_id: str = ""
    version: int | None = None
    replaces: tuple[str, ...] = ()
    dossier_id: int | None = None
    name: str = ""
    target: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document that came. `received_id`: of its mail."""

    id: int
    received_id: int
    unique_id: str
    sha256: str
    state: str
    sender: str
    set_id: str
    version: int | None
    replaces: tuple[str, ...]
    dossier_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of a mail with documents, or of one that a person has to read.

    Args:
        code: of the answer; None: no answer is due.
        answered: why it may have been answered already, and is not answered again; empty when it was not.
        replies: whether it is the reply to `delivery_id`.
        detail: what a person is shown.
    """

    kind: str
    state: MailState
    cause: str = ""
    who: str = ""
    code: str | None = None
    answered: str = ""
    dossier_id: int | None = None
    delivery_id: int | None = None
    replies: bool = False
    detail: Mapping[str, Json] = field(default_factory=dict, repr=False)
    documents: tuple[DocumentEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """What a report says of one recipient.

    Args:
        original: Message-ID of the mail that it is about; empty when it does not say.
        delivery_id: None when no delivery is known of that mail.
        reference: stored as the delivery's when that has none.
        events: of the delivery, in their order; one that its state does not know changes nothing.
        suspect: address that nothing more is to be sent to before somebody has looked; empty for none.
    """

    original: str
    told: str
    code: str
    cause: str
    who: str
    recipient: str = field(repr=False)
    delivery_id: int | None = None
    reference: str = ""
    events: tuple[DeliveryEvent, ...] = ()
    suspect: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A report about a delivery.

    Args:
        received_id: of the mail that says it.
        recipient: digest of the mailbox that it is about (`Receipts.is_about`).
    """

    received_id: int
    delivery_id: int | None
    told: str
    code: str
    cause: str
    recipient: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """The answer to a mail."""

    id: int
    received_id: int
    mailbox: str
    code: str
    at: datetime
    state: AnswerState
    tries: int
    cause: str


@dataclass(frozen=True, slots=True)
class KnownMailbox:
    """How far a mailbox was read. `code`: of what kept it from being read the last time; empty when it was."""

    address: str
    folder: str
    cursor: str | None
    first_at: datetime
    read_at: datetime
    success_at: datetime | None
    code: str


@dataclass(frozen=True, slots=True)
class KnownSuspect:
    """An address that a mail came back from. `address` is empty once its dossier is erased."""

    id: int
    address: str = field(repr=False)
    since: datetime
    cause: str
    delivery_id: int


@dataclass(frozen=True, slots=True)
class Late:
    """Deliveries of which something did not come in time, the first first, and since when that was due."""

    deliveries: tuple[int, ...]
    oldest: datetime
