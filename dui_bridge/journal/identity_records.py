"""What the journal gives and takes of identities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dui_bridge.journal.records import Json


class IdentityState(StrEnum):
    """What an identity waits for."""

    QUALIFIED = "qualified"
    TO_CALL = "to_call"  # INSi may be asked at the next visit
    TO_CHECK = "to_check"  # INSi knows it: a professional has to see an identity document
    TO_DECIDE = "to_decide"  # INSi's traits are not those of the DUI
    TO_VERIFY = "to_verify"  # qualified long ago: to be asked again, what it allows stays allowed
    BLOCKED = "blocked"  # the DUI's data has to change
    RETRY = "retry"  # the service did not answer


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """An identity as it stands. `record` is what `IdentityEntry` gave; `number` the dossier number of the DUI."""

    dossier_id: int
    source: str
    finess: str | None
    number: str
    statut: str
    state: IdentityState
    cause: str
    who: str
    since: datetime
    local: str
    record: Mapping[str, Json] = field(repr=False)
    called_at: datetime | None
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """What happened to an identity, and by whom. `detail` is sealed."""

    event: str
    before: str
    after: str
    by: str
    origin: str
    reason: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict, repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityEntry:
    """What is stored of an identity. `matricule` is only digested here; `record` (sealed) holds it."""

    statut: str
    state: IdentityState
    cause: str
    who: str
    local: str
    record: Mapping[str, Json] = field(repr=False)
    matricule: str | None = field(default=None, repr=False)
    called_at: datetime | None = None
    verified_at: datetime | None = None
    events: tuple[IdentityEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class EndedCall:
    """What was asked in a call and what came of it. `request`, `answer`: JSON of the values, as sent and received."""

    step: str
    code: str
    request: bytes = field(repr=False)
    answer: bytes | None = field(default=None, repr=False)
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class KnownCall:
    """One call of the service. `code` is empty while it lasts, or when the process died during it."""

    id: int
    run: str
    step: str
    by: str
    at: datetime
    ended_at: datetime | None
    code: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Deposited:
    """A document that carries the INS of a person, and where it was delivered."""

    unique_id: str
    doc_type: str
    destination: str
    settled_at: datetime | None
    delivery_id: int
